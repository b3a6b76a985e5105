# SPDX-License-Identifier: GPL-2.0
"""Persistent reservations over several nexuses, SPC-5 5.14, where a target
refuses, or an answer is lost at the worst moment.

The sessions of a case are known by the order in which they come: 0, 1, 2.
"""
import struct
import threading
import time

import lu
import pdu
from case import HANG, Case, Keeps, Wrong
from cases.hooks import close
from initiator import N, SCALE, command

PR_IN, PR_OUT = 0x5e, 0x5f
REGISTER, RESERVE, RELEASE, PREEMPT, IGNORE = 0, 1, 2, 4, 6
APTPL, ALL_TG_PT, SPEC_I_PT = 1, 4, 8
REGISTRANTS = 5		# write exclusive, registrants only
KEY = 0xabc1
CONFLICT = 0x18
NO_ROOM = (5, 0x55, 4)		# INSUFFICIENT REGISTRATION RESOURCES
BAD_LIST = (5, 0x26, 0)
UNAVAILABLE = 0x0301		# login status: try again later
SETTINGS = {"NOP_INTERVAL": 100, "NOP_TIMEOUT": 400 * SCALE,
            "FENCE_MODE": N["FENCE_WAIT"], "FENCE_TIMEOUT": 60000,
            "NO_PATH_TIMEOUT": 60000}


class Seen:
    """One PERSISTENT RESERVE OUT, or a login (action "login")."""

    def __init__(self, nexus, action, data=b"", answer=None):
        self.nexus, self.action, self.data = nexus, action, data
        self.answer, self.time = answer, time.monotonic()

    @property
    def flags(self):
        return self.data[20]


class Unit:
    """What a case's target knows: who is who, keys, the reservation."""

    def __init__(self):
        self.isids = []		# by nexus
        self.conns = {}		# the present connection of a nexus
        self.keys = {}		# of registered nexuses
        self.holder = None
        self.closed = set()	# nexuses that may not log in
        self.refuses = {}	# (nexus, action): what is answered
        self.silent = set()	# (nexus, action): not answered, once
        self.seen = []
        self.lock = threading.Lock()

    def nexus(self, isid):
        if isid not in self.isids:
            self.isids.append(isid)
        return self.isids.index(isid)

    def login(self, conn, req):
        """False: it is not let in."""
        with self.lock:
            conn.nexus = self.nexus(req.lun[:6])
            refused = conn.nexus in self.closed
            self.seen.append(Seen(conn.nexus, "login", answer=refused))
            if not refused:
                self.conns[conn.nexus] = conn
        return not refused

    def out(self, nexus, cdb, data):
        """0, a SAM status, a sense triple, or None: no answer."""
        with self.lock:
            action = cdb[1] & 0x1f
            answer = self.refuses.get((nexus, action))
            if (nexus, action) in self.silent:
                self.silent.remove((nexus, action))
                answer = None
            elif answer is None:
                answer = self.act(nexus, action, data)
            self.seen.append(Seen(nexus, action, data, answer))
        return answer

    def act(self, nexus, action, data):
        key, new = struct.unpack(">QQ", data[:16])
        if data[20] & SPEC_I_PT and (len(data) < 28 or action != REGISTER):
            return BAD_LIST
        if action != IGNORE and self.keys.get(nexus, 0) != key:
            return CONFLICT
        if action in (REGISTER, IGNORE):
            self.keys[nexus] = new
            if not new:
                del self.keys[nexus]
        elif action == RESERVE:
            if self.holder not in (None, nexus):
                return CONFLICT
            self.holder = nexus
        elif action == RELEASE:
            if self.holder == nexus:
                self.holder = None
        elif action == PREEMPT:
            if self.holder is not None and self.keys[self.holder] == new:
                self.holder = nexus
            self.keys = {n: k for n, k in self.keys.items()
                         if k != new or n == nexus}
        else:
            return lu.ILLEGAL_REQUEST
        return 0

    def read(self, action):
        with self.lock:
            if action == 0:
                keys = struct.pack(f">{len(self.keys)}Q", *self.keys.values())
                return struct.pack(">II", 1, len(keys)) + keys
            if action == 1 and self.holder is not None:
                return struct.pack(">IIQ5xBxx", 1, 16, self.keys[self.holder],
                                   REGISTRANTS)
            if action == 1:
                return struct.pack(">II", 1, 0)
            return struct.pack(">HBBHxx", 8, 0, 0x80, 0)

    def said(self, nexus, action):
        with self.lock:
            return [s for s in self.seen
                    if (s.nexus, s.action) == (nexus, action)]


def login(conn, req, n):
    if n or conn.case.unit.login(conn, req):
        return False
    conn.login_response(req, status=UNAVAILABLE, flags=0)
    return True


def serve(conn, got):
    if got.opcode != pdu.SCSI_CMD or got.cdb[0] not in (PR_IN, PR_OUT):
        return False
    unit = conn.case.unit
    if got.cdb[0] == PR_IN:
        conn.read(got, unit.read(got.cdb[1] & 0x1f)[:got.length])
        return True
    answer = unit.out(conn.nexus, got.cdb, conn.unsolicited(got))
    if answer is None:
        conn.hold()
    elif isinstance(answer, tuple):
        conn.sense(got, *answer)
    else:
        conn.response(got, answer)
    return True


# --- the initiator's side

def pr_out(run, action, key, new=0, flags=0, more=b""):
    data = struct.pack(">QQ4xBxxx", key, new, flags) + more
    cdb = struct.pack(">BBBxxIx", PR_OUT, action,
                      REGISTRANTS if action != REGISTER else 0, len(data))
    result = command(run.device(), cdb, write=data, timeout=60000)
    return run.verdict(result) if result.host or result.status else "ok"


def wait_for(run, what, found):
    end = time.monotonic() + HANG * SCALE
    while not found():
        if time.monotonic() > end:
            raise Wrong("no " + what)
        run.case.stop.wait(0.01)


class Disk:
    """A disk of so many paths, one for each session; a `with` ends them."""

    def __init__(self, run, count):
        self.run, self.unit, self.ids = run, run.case.unit, [run.id]
        self.count = count

    def __enter__(self):
        run = self.run
        try:
            while len(self.ids) < self.count:
                self.wait_ready(len(self.ids) - 1)
                self.ids.append(run.ini.add(run.case.iqn, run.address,
                                            run.case.settings,
                                            multipath=True))
            self.wait_ready(self.count - 1)
        except Wrong:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for number in self.ids[1:]:
            self.run.ini.delete(number)

    def state(self, nexus):
        states = self.run.ini.path_states(self.ids[nexus])
        return states[0][0] if states else None

    def wait_ready(self, nexus):
        wait_for(self.run, f"path {nexus}",
                 lambda: self.state(nexus) == N["PATH_READY"])

    def wait_lost(self, nexus):
        wait_for(self.run, f"loss of path {nexus}",
                 lambda: self.state(nexus) == N["PATH_RECOVERING"])

    def cut(self, nexus):
        close(self.unit.conns[nexus])

    def must(self, action, key, new=0, **more):
        found = pr_out(self.run, action, key, new, **more)
        if found != "ok":
            raise Wrong(f"PR OUT {action}: {found}")


def refused_for_good(run):
    """Its REGISTER is repeated less and less often; a new login is another
    matter."""
    with Disk(run, 1) as disk:
        unit = disk.unit
        disk.must(IGNORE, 0, KEY)
        unit.refuses[0, REGISTER] = NO_ROOM
        disk.cut(0)
        wait_for(run, "third refused REGISTER",
                 lambda: len(unit.said(0, REGISTER)) >= 3)
        first, second, third = (s.time for s in unit.said(0, REGISTER)[:3])
        if second - first < 0.8 or third - second < 1.6:
            return f"after {second - first:.1f} and {third - second:.1f} s"
        if disk.state(0) == N["PATH_READY"]:
            return "the path carries I/O"
        del unit.refuses[0, REGISTER]
        again = time.monotonic()
        disk.cut(0)
        disk.wait_ready(0)
        took = time.monotonic() - again
        return "ok" if took < 2 * SCALE else f"back after {took:.1f} s"


def refused_by_one(run):
    """What the other path has registered, with a list of further ports, is
    taken back, which needs no list."""
    with Disk(run, 2) as disk:
        unit = disk.unit
        unit.refuses[1, REGISTER] = NO_ROOM
        port = b"iqn.2026-11.org.test:x".ljust(24, b"\0")
        port = struct.pack(">BxH", 5, len(port)) + port
        found = pr_out(run, REGISTER, 0, KEY, SPEC_I_PT | APTPL,
                       struct.pack(">I", len(port)) + port)
        said = unit.said(0, REGISTER)
        if not said or said[0].flags != SPEC_I_PT | APTPL:
            return "path 0 was not asked as it was said"
        if unit.keys:
            return f"still registered, flags {[s.flags for s in said]}"
        return found


def lost_take_over(run):
    """The holder is away; the PREEMPT by which another path becomes the holder
    gets no answer. Nothing more is said by the third path before the second
    nexus is over."""
    with Disk(run, 3) as disk:
        unit = disk.unit
        disk.must(IGNORE, 0, KEY)
        disk.must(RESERVE, KEY)
        if unit.holder != 0 or len(unit.keys) != 3:
            return f"held by {unit.holder}, keys {unit.keys}"
        unit.closed.add(0)
        disk.cut(0)
        disk.wait_lost(0)
        unit.silent.add((1, PREEMPT))
        unit.closed.add(1)
        box = []
        release = threading.Thread(
            target=lambda: box.append(pr_out(run, RELEASE, KEY)))
        release.start()
        wait_for(run, "PREEMPT", lambda: unit.said(1, PREEMPT))
        start = time.monotonic()
        disk.wait_lost(1)
        disk.wait_ready(2)
        before = len(unit.said(1, "login"))
        wait_for(run, "logins to end nexus 1",
                 lambda: len(unit.said(1, "login")) >= before + 4)
        with unit.lock:
            early = [s.action for s in unit.seen if s.nexus == 2 and
                     s.action in (RELEASE, PREEMPT) and s.time > start]
            unit.closed.remove(1)
        release.join(HANG * SCALE)
        if early:
            return f"PR OUT {early} came before the old nexus was over"
        if not box or unit.holder is not None:
            return f"{box}, held by {unit.holder}"
        return box[0]


class PrCase(Case):
    """Any number of connections may be lost: what counts is what is said."""

    def __init__(self, name, why, io, want="ok"):
        super().__init__("pr-" + name, why, Says(want), login=login,
                         serve=serve, io=io, settings=SETTINGS,
                         multipath=True, kind=lu.DISK)

    def start(self, number):
        super().start(number)
        self.unit = Unit()


class Says(Keeps):
    def __init__(self, io):
        super().__init__(io)
        self.text = io

    def check(self, run):
        self.begin(run)
        found = run.do_io()
        if found != self.io:
            raise Wrong(found)


CASES = [
    PrCase("refused-for-good", "no room for a registration that was there",
           refused_for_good),
    PrCase("spec-i-pt", "REGISTER with SPEC_I_PT refused by one of two paths",
           refused_by_one, "sense 05/55/04"),
    PrCase("lost-take-over", "the holder is away, no answer to PREEMPT",
           lost_take_over),
]
