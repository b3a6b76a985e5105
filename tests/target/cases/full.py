# SPDX-License-Identifier: GPL-2.0
"""The full feature phase when nothing is wrong: what the others build on."""
import pdu
from case import Case, Keeps, Wrong


def sequence(run):
    """ExpStatSN acknowledges all that came, CmdSN counts by one."""
    last = 0
    for got in run.case.log:
        if got.opcode not in (pdu.SCSI_CMD, pdu.DATA_OUT):
            continue
        acknowledged = got.word(28)
        if acknowledged < last:
            raise Wrong(f"ExpStatSN goes back from {last} to {acknowledged}")
        last = acknowledged


CASES = [
    Case("good-read", "nothing", Keeps(), check=sequence),
    Case("good-write", "nothing", Keeps(), io="write", check=sequence),
    Case("good-read-disk", "nothing", Keeps(), disk=True, check=sequence),
    Case("good-write-disk", "nothing", Keeps(), disk=True, io="write",
         check=sequence),
    Case("good-read-64k", "nothing", Keeps(), length=65536),
    Case("good-write-64k", "nothing", Keeps(), io="write", length=65536),
]
