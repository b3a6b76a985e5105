# SPDX-License-Identifier: GPL-2.0
"""Writes of a lost path that nothing can end, see kernel/multipath/fence.c.

The sessions of a case are known by the order in which they come: 0, 1.
"""
import os
import threading

import lu
import pdu
from case import HANG, Case
from cases.reserve import Disk, Says, Unit, login, wait_for
from initiator import SCALE
from target import is_magic

RESET, REFUSED = 5, 5
FOREVER = 0xffffffff
# Of tgt: nothing else has to be waited for before it is reset.
INQUIRY = bytes([lu.DISK, 0, 6, 2, 91, 0, 0, 2]) + \
    b"IET     VIRTUAL-DISK    0001".ljust(88, b"\0")


def serve(conn, got):
    """A WRITE is kept, and LOGICAL UNIT RESET refused."""
    case = conn.case
    if is_magic(got) and got.is_write and case.once():
        case.victim = conn.nexus
        case.kept.set()
        return True
    if got.opcode == pdu.TMF_REQ:
        conn.send(pdu.TMF_RSP, itt=got.itt, b2=REFUSED)
        return True
    return False


def removed(run):
    """The session of the write is removed, when its path has been lost."""
    case, box = run.case, []
    with Disk(run, 2) as disk:
        device = "/dev/" + os.path.basename(run.device())
        case.io = "write"
        writer = threading.Thread(
            target=lambda: box.append(run.disk_io(device)), daemon=True)
        writer.start()
        if not case.kept.wait(HANG * SCALE):
            return "no write"
        disk.unit.closed.add(case.victim)
        disk.cut(case.victim)
        wait_for(run, "LOGICAL UNIT RESET", lambda: any(
            p.opcode == pdu.TMF_REQ and p.flags & 127 == RESET
            for p in case.log))
        if box:
            return "not held: " + box[0]
        number = disk.ids.pop(case.victim)
        run.id = disk.ids[0]	# whoever ends the case ends that
        run.ini.delete(number)
        writer.join(HANG * SCALE)
    return box[0] if box else "held for ever"


class FenceCase(Case):
    def __init__(self, name, why, io, want):
        super().__init__("fence-" + name, why, Says(want), login=login,
                         serve=serve, io=io, multipath=True, disk=True,
                         lu={lu.INQUIRY: INQUIRY},
                         settings={"FENCE_TIMEOUT": 500,
                                   "TMF_TIMEOUT": 300 * SCALE,
                                   "NO_PATH_TIMEOUT": FOREVER})

    def start(self, number):
        super().start(number)
        self.unit, self.kept = Unit(), threading.Event()


CASES = [
    FenceCase("removed", "no reset, no login, and NoPathTimeout without end",
              removed, "errno 67"),
]
