#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""run.py [-j THREADS] [-g GOOD-IQN=ADDRESS:PORT] [PATTERN...]: cases against the
module, each followed by a clean login to the good target. One line a case:

  ok NAME: what the target does (RFC 7143 section): the reaction
  not ok NAME: what the target does: wanted reaction, found reaction

-l lists the cases, -n N goes through them N times. Status 0 if all are ok.
"""
import argparse
import fnmatch
import itertools
import queue
import sys
import threading
import time

from case import HANG, Run, Wrong, limited
from cases import CASES
from initiator import N, SCALE, Initiator
from netlink import Refused
from target import Server

GOOD_MS = 3000


class Good:
    """Clean logins to a target that is above suspicion."""

    def __init__(self, initiator, where):
        self.ini = initiator
        self.iqn, portal = where.rsplit("=", 1)
        host, port = portal.rsplit(":", 1)
        self.address = (host, int(port))
        self.worst = 0

    def check(self):
        start = time.monotonic()
        session = self.ini.add(self.iqn, self.address, multipath=True,
                               no_scan=True)
        up = self.ini.wait(session, lambda e: e.state ==
                           N["SESSION_LOGGED_IN"], GOOD_MS / 1000)[-1]
        took = int((time.monotonic() - start) * 1000)
        self.ini.delete(session)
        if up is None:
            raise Wrong(f"no clean login within {GOOD_MS * SCALE} ms after it")
        self.worst = max(self.worst, took)


def one(initiator, server, good, case, number):
    """Runs a case; None, or what was wrong."""
    case.start(number)
    server.add(case)
    run = Run(initiator, case, server.address)
    wrong = None
    try:
        run.run()
        if case.check:
            case.check(run)
    except (Wrong, Refused, OSError) as error:
        wrong = str(error)
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    try:
        if run.id:
            took = limited(HANG, initiator.delete, run.id)
            if took > case.leave:
                raise Wrong(f"the session goes after {took:.1f} s only")
        if good:
            good.check()
    except (Wrong, Refused, OSError) as error:
        wrong = (wrong + "; " if wrong else "") + str(error)
    server.remove(case)
    if case.broken:
        wrong = f"{wrong or ''}; the case is broken: {case.broken}"
    return wrong


def say(case, wrong, took):
    where = f" (RFC 7143 {case.rfc})" if case.rfc else ""
    if wrong:
        print(f"not ok {case.name}: {case.why}{where}: wanted "
              f"{case.expect.text}; found {wrong}", flush=True)
    else:
        print(f"ok {case.name}: {case.why}{where}: {case.expect.text}"
              f" [{took} ms]", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-j", type=int, default=6)
    ap.add_argument("-g", default="")
    ap.add_argument("-n", type=int, default=1)
    ap.add_argument("-l", action="store_true")
    ap.add_argument("patterns", nargs="*", default=["*"])
    args = ap.parse_args()
    cases = [c for c in CASES
             if any(fnmatch.fnmatch(c.name, p) for p in args.patterns)]
    if args.l:
        for case in cases:
            print(f"{case.name}: {case.why} ({case.rfc})")
        print(len(cases), "cases")
        return 0
    threading.stack_size(1 << 20)
    initiator, server = Initiator(), Server()
    good = Good(initiator, args.g) if args.g else None
    todo, lock, numbers = queue.Queue(), threading.Lock(), itertools.count(1)
    bad = []
    for case in cases * args.n:
        todo.put(case)

    def work():
        while True:
            try:
                case = todo.get_nowait()
            except queue.Empty:
                return
            start = time.monotonic()
            wrong = one(initiator, server, good, case, next(numbers))
            with lock:
                say(case, wrong, int((time.monotonic() - start) * 1000))
                if wrong:
                    bad.append(case.name)

    threads = [threading.Thread(target=work) for _ in range(args.j)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if good:
        print(f"# slowest clean login: {good.worst} ms")
    print(f"# {len(cases) * args.n - len(bad)} of {len(cases) * args.n} cases")
    return 1 if bad or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
