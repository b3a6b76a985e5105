# SPDX-License-Identifier: GPL-2.0
"""The command window, RFC 7143 4.2.2.1, and long CDBs."""
import threading

import pdu
from case import Case, Drops, Keeps
from cases.hooks import at_magic
from target import is_magic


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


CASES = [
    Case("window-one", "a window of one command", Keeps(), "4.2.2.1",
         login=window(1), check=window_kept),
    Case("window-one-disk", "a disk behind a window of one", Keeps(),
         "4.2.2.1", login=window(1), disk=True, check=window_kept),
    Case("window-shut", "a window shut until a NOP-In opens it", Keeps(),
         "4.2.2.1", login=window(1), serve=shut_then_open, io=three_reads,
         check=window_kept),
]
