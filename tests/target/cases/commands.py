# SPDX-License-Identifier: GPL-2.0
"""The command window, RFC 7143 4.2.2.1, and long CDBs."""
import threading

import pdu
from case import HANG, LENGTH, Case, Keeps, limited
from cases.reads import DATA
from initiator import command
from target import is_magic

LONG_CDB = bytes([0x7f, 0, 0, 0, 0, 0, 0, 24]) + bytes(range(8, 32))


def window(size):
    """login hook: so many commands at a time from the first response on."""
    def login(conn, req, n):
        conn.window = size
        return False
    return login


def shut_then_open(conn, got):
    """The window closes with the last command of the scan and is opened by a
    NOP-In a moment later."""
    if is_magic(got) and conn.case.once():
        conn.window = 0
        conn.command(got)
        threading.Timer(0.3, lambda: (setattr(conn, "window", 4),
                                      conn.nop_in())).start()
        return True
    return False


def three_reads(run):
    """The second finds the window closed."""
    run.case.io = "read"
    return "; ".join({run.do_io() for _ in range(3)})


def window_kept(run):
    """No command came that the window did not allow, RFC 7143 4.2.2.1."""
    sent = [p.cmdsn for p in run.case.log if p.opcode == pdu.SCSI_CMD]
    assert sent == list(range(sent[0], sent[0] + len(sent))), \
        f"CmdSN not in sequence: {sent}"


def long_cdb(conn, got):
    """Bytes 16 to 31 of the CDB come in an AHS, RFC 7143 11.2.2.3."""
    if got.opcode != pdu.SCSI_CMD or got.cdb != LONG_CDB[:16]:
        return False
    if got.ahs != b"\0\x11\1\0" + LONG_CDB[16:]:
        raise ValueError(f"AHS {got.ahs.hex()}")
    conn.data_in(got, DATA, status=0)
    return True


def send_long_cdb(run):
    result = limited(HANG, command, run.device(), LONG_CDB, LENGTH)
    run.case.io = "read"	# for the verdict
    return run.verdict(result)


CASES = [
    Case("cdb-32", "nothing; the CDB has 32 bytes", Keeps(), "11.2.2.3",
         serve=long_cdb, io=send_long_cdb),
    Case("cdb-32-digests", "the same with digests", Keeps(), "11.2.2.3",
         serve=long_cdb, io=send_long_cdb, header_digest=1, data_digest=1,
         params={"HeaderDigest": "CRC32C", "DataDigest": "CRC32C"}),
    Case("window-one", "a window of one command", Keeps(), "4.2.2.1",
         login=window(1), check=window_kept),
    Case("window-one-disk", "a disk behind a window of one", Keeps(),
         "4.2.2.1", login=window(1), disk=True, check=window_kept),
    Case("window-shut", "a window shut until a NOP-In opens it", Keeps(),
         "4.2.2.1", login=window(1), serve=shut_then_open, io=three_reads,
         check=window_kept),
]
