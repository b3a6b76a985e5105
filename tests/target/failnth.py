#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""failnth.py IQN=ADDRESS:PORT: every allocation of the module fails once.

What runs in the caller's context (adding, showing, changing, removing a
session) by /proc/thread-self/fail-nth: the first, second, ... allocation below
the module fails until there is none left. What runs in works (login, scan,
first READ) and below them in TCP and the SCSI core by failslab and
fail_page_alloc, limited to calls from the module: in round k the k-th
allocation, until a round has fewer. Every operation has to succeed or to be
refused with a sentence, what was refused must work at the next try, and the
disk has to be there and readable in the end.

-k FIRST:STEP takes every STEP-th round of the works only. Needs a kernel with
fault injection and its stack trace filter that was booted for this; without it
says so with status 77.
"""
import argparse
import errno
import glob
import itertools
import os
import sys
import time

from initiator import N, SCALE, Initiator, disk_read
from netlink import Refused, attr, attrs

DEBUGFS = "/sys/kernel/debug"
KINDS = ("failslab", "fail_page_alloc")
ALL_KINDS = KINDS + ("fail_usercopy", "fail_make_request", "fail_io_timeout")
HANG = 20 * SCALE


def setting(kind, name, value):
    path = f"{DEBUGFS}/{kind}/{name}"
    if os.path.exists(path):
        with open(path, "w") as file:
            file.write(str(value))


def times_left(kind):
    with open(f"{DEBUGFS}/{kind}/times") as file:
        return int(file.read())


def module_text():
    """Start and end of the module's code."""
    places = []
    for line in open("/proc/kallsyms"):
        word = line.split()
        if word[3:] == ["[iscsi_mpio]"] and word[1] in "tT":
            places.append(int(word[0], 16))
    # the last function ends somewhere in the page after its start
    return min(places), max(places) + 4096


def limit_to_module():
    start, end = module_text()
    for kind in ALL_KINDS:
        setting(kind, "probability", 0)
        setting(kind, "verbose", 0)
        setting(kind, "task-filter", "N")
        setting(kind, "ignore-gfp-wait", "N")
        setting(kind, "min-order", 0)
        setting(kind, "stacktrace-depth", 32)
        setting(kind, "require-start", hex(start))
        setting(kind, "require-end", hex(end))


class FailNth:
    """with FailNth(n): the n-th allocation of this thread fails."""

    def __init__(self, n):
        self.n = n
        self.hit = False

    def __enter__(self):
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        os.write(self.fd, str(self.n).encode())
        return self

    def __exit__(self, *_):
        self.hit = int(os.pread(self.fd, 16, 0)) == 0
        os.write(self.fd, b"0")
        os.close(self.fd)


class OneFailure:
    """After arm(k) the k-th allocation fails.

    The kernel counts calls as long as there is something to fail and fails
    those whose count is a multiple of the interval. It stops at the failure,
    so the count is known when the next round starts. With an interval of 1 it
    does not count, so the very first k has to be more.
    """

    def __init__(self, kind):
        self.kind = kind
        self.count = 0

    def arm(self, k):
        self.count += k
        setting(self.kind, "interval", self.count)
        setting(self.kind, "times", 1)
        setting(self.kind, "probability", 100)

    def disarm(self):
        """True if it has failed; without that this must be the last round."""
        setting(self.kind, "probability", 0)
        return times_left(self.kind) == 0


class Sweep:
    def __init__(self, where, first, step):
        self.ini = Initiator()
        self.iqn, portal = where.rsplit("=", 1)
        host, port = portal.rsplit(":", 1)
        self.address = (host, int(port))
        self.first, self.step = first, step
        self.bad = 0

    def result(self, good, sentence):
        print(("ok " if good else "not ok ") + sentence, flush=True)
        self.bad += not good

    def add(self, **options):
        return self.ini.add(self.iqn, self.address,
                            {"RECONNECT_DELAY_MIN": 10,
                             "RECONNECT_DELAY_MAX": 100},
                            multipath=True, **options)

    def sessions(self):
        """Numbers of all there are."""
        out = []
        for one in self.ini.family.call(N["CMD_SESSION_GET"], dump=True):
            session = dict(attrs(dict(one)[N["A_SESSION"]]))
            out.append(int.from_bytes(session[N["SA_ID"]], "little"))
        return out

    def delete_all(self):
        for number in self.sessions():
            self.ini.delete(number)

    # --- in the caller's context

    def in_caller(self, name, prepare, operation, least=1):
        """operation(prepare()) with each of its allocations failing in turn, of
        which there have to be `least`."""
        failed, silent, half, n = 0, set(), set(), 0
        while n < 1000:
            n += 1
            thing = prepare()
            before = len(self.sessions())
            refused = None
            with FailNth(n) as nth:
                try:
                    operation(thing)
                except (Refused, OSError) as error:
                    refused = error
                    failed += 1
                    if not getattr(error, "why", None):
                        silent.add(n)
            if isinstance(refused, Refused) and \
                    len(self.sessions()) != before:
                half.add(n)
            self.delete_all()
            if not nth.hit:
                break
        left = len(self.sessions())
        self.result(least < n < 1000 and not left and not silent and not half,
                    f"{name}: {n - 1} allocations failed in turn, {failed} "
                    f"refusals, without a sentence: {sorted(silent)}, "
                    f"carried out all the same: {sorted(half)}, "
                    f"{left} sessions left")

    def sweep_callers(self):
        def add(_):
            self.add(no_scan=True)

        def add_chap(_):
            self.add(no_scan=True, auth=2, chap_user="alice",
                     chap_secret=b"a secret of mine", policy=3,
                     chap_secret_in=b"a secret of target", record="r1")

        def change(session):
            self.ini.family.call(
                N["CMD_SESSION_SET"], attr(N["A_SESSION_ID"], session) +
                attr(N["A_SESSION"], {N["SA_RECORD"]: "deadbeef",
                                      N["SA_POLICY"]: 2}))

        def info(_):
            self.ini.family.call(N["CMD_INFO_GET"])
            self.ini.family.call(N["CMD_SETTING_GET"])

        def session():
            return self.add(no_scan=True)
        self.in_caller("add", lambda: None, add)
        self.in_caller("add with CHAP", lambda: None, add_chap)
        self.in_caller("show a session", session, self.ini.transitions)
        self.in_caller("show all", session, lambda _: self.sessions(),
                       0)		# the netlink core alone allocates for a dump
        self.in_caller("change", session, change)
        self.in_caller("show the module", lambda: None, info)
        self.in_caller("remove", session, self.ini.delete)

    # --- works

    def sweep_works(self, kind):
        one, bad, hits = OneFailure(kind), [], 0
        for k in itertools.chain([2], range(self.first, 3000, self.step)):
            one.arm(k)
            why = self.round()
            hit = one.disarm()
            if why:
                bad.append(f"round {k}: {why}")
                print(f"# {kind}: {bad[-1]}", flush=True)
            self.delete_all()
            if not hit:
                break
            hits += 1
        self.result(not bad and hits, f"login, scan and first READ, {kind}: "
                    f"{hits} allocations failed, up to the {k - 1}th, "
                    f"{len(bad)} went wrong")

    def round(self):
        """What went wrong, or None."""
        why = None
        for _ in range(2):
            try:
                return self.first_read(self.add())
            except Refused as error:
                why = str(error)
                if not why:
                    return "refused without a sentence"
        return f"not added at the second try: {why}"

    def first_read(self, session):
        # Asking the module would be more allocations, as many as it is slow.
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            for disk in glob.glob("/sys/block/sd*"):
                try:
                    if open(disk + "/size").read() == "0\n":
                        continue
                    disk_read("/dev/" + os.path.basename(disk), 0, 4096)
                    return None
                except OSError as error:
                    # on its way in, or not quite gone yet
                    if error.errno not in (errno.ENOENT, errno.ENXIO):
                        return f"READ: {error}"
            time.sleep(0.02)
        return f"no disk: {self.ini.transitions(session)[-2:]}"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-k", default="1:1")
    ap.add_argument("target")
    args = ap.parse_args()
    if not os.path.exists(f"{DEBUGFS}/failslab/require-start") or \
            not os.path.exists("/proc/self/fail-nth"):
        print("no fault injection")
        return 77
    limit_to_module()
    sweep = Sweep(args.target, *map(int, args.k.split(":")))
    sweep.sweep_callers()
    for kind in KINDS:
        sweep.sweep_works(kind)
    return 1 if sweep.bad else 0


if __name__ == "__main__":
    sys.exit(main())
