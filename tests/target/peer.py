#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""peer.py [-j THREADS] [PATTERN...]: the cases against iscsi_tcp and iscsid, to
see what another initiator makes of them. Needs a running iscsid.

  same NAME: what the target does: the reaction that is asked of ours, too
  other NAME: what the target does: wanted reaction, found reaction
  hang NAME: ... what did not end within the time that nothing may take

Of a login it is compared whether it fails, of a command how it ends, of a
connection whether it is dropped; reasons are not. Cases that drive our module
by hand are left out. The last line is the sum. Status 0 if iscsi_tcp does well
at targets that do.
"""
import argparse
import fnmatch
import glob
import os
import queue
import subprocess
import sys
import threading
import time

from cases import CASES
from case import HANG, Drops, Fails, LogsIn, Run, Stops, Wrong
from initiator import SCALE
from target import Server

OURS = ("act", "check")		# of a case: calls into our module
OPTIONS = {"header_digest": "node.conn[0].iscsi.HeaderDigest",
           "data_digest": "node.conn[0].iscsi.DataDigest"}


def comparable(case):
    if not case.expect.needs_session or callable(case.io) or \
            any(getattr(case, name) for name in OURS):
        return False
    if not set(case.options) <= set(OPTIONS) | {"no_scan"}:
        return False
    return all(32 < c < 127 for c in case.secret + case.secret_in)


def iscsiadm(*args, seconds=3 * HANG):
    """Its exit status, or Wrong when it does not return."""
    try:
        done = subprocess.run(("iscsiadm", "-m", "node") + args,
                              stdin=subprocess.DEVNULL, timeout=seconds * SCALE,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as error:
        raise Wrong(f"iscsiadm takes over {seconds * SCALE} s") from error
    return done.returncode


class PeerRun(Run):
    """One case against iscsi_tcp."""

    def __init__(self, case, address):
        super().__init__(None, case, address)
        self.where = ("-T", case.iqn, "-p", "%s:%u,1" % address)

    def update(self, name, value):
        if iscsiadm(*self.where, "-o", "update", "-n", name, "-v", value):
            raise Wrong(f"iscsiadm does not set {name}")

    def add(self):
        case = self.case
        if iscsiadm(*self.where, "-o", "new"):
            raise Wrong("iscsiadm makes no record")
        for name, option in OPTIONS.items():
            if case.options.get(name):
                self.update(option, "CRC32C")
        if case.secret:
            self.update("node.session.auth.authmethod", "CHAP")
            self.update("node.session.auth.username", "alice")
            self.update("node.session.auth.password", case.secret.decode())
        if case.secret_in:
            self.update("node.session.auth.username_in", "target")
            self.update("node.session.auth.password_in",
                        case.secret_in.decode())
        if case.settings["NOP_INTERVAL"]:
            self.update("node.conn[0].timeo.noop_out_interval", "1")
            self.update("node.conn[0].timeo.noop_out_timeout", "1")

    def remove(self):
        try:
            iscsiadm(*self.where, "-u", seconds=HANG)
        finally:
            iscsiadm(*self.where, "-o", "delete")

    def device(self):
        what = "block" if self.case.disk else "scsi_generic"
        end = time.monotonic() + HANG * SCALE
        while time.monotonic() < end:
            for path in glob.glob("/sys/class/iscsi_session/session*"):
                try:
                    with open(path + "/targetname") as name:
                        if name.read().strip() != self.case.iqn:
                            continue
                except OSError:
                    continue
                found = glob.glob(f"{path}/device/target*/*:*/{what}/*")
                if found:
                    return "/dev/" + os.path.basename(found[0])
            time.sleep(0.05)
        raise Wrong(f"no {what} device")

    def found(self):
        """The reaction, in the words of wanted()."""
        failed = iscsiadm(*self.where, "-l")
        expect = self.case.expect
        if isinstance(expect, (Fails, Stops)):
            again = self.case.connections > 1
            return "login fails" if failed or again else "logs in"
        if failed:
            return "login fails"
        if isinstance(expect, LogsIn):
            return "logs in"
        io = self.do_io()
        end = time.monotonic() + HANG * SCALE
        while isinstance(expect, Drops) and self.case.connections < 2 and \
                time.monotonic() < end:
            time.sleep(0.05)
        kept = self.case.connections == 1
        return f"command: {io}, connection {'kept' if kept else 'dropped'}"


def wanted(expect):
    if isinstance(expect, (Fails, Stops)):
        return "login fails"
    if isinstance(expect, LogsIn):
        return "logs in"
    kept = "dropped" if isinstance(expect, Drops) else "kept"
    return f"command: {expect.io}, connection {kept}"


class Comparison:
    def __init__(self):
        self.server = Server()
        self.lock = threading.Lock()
        self.sums = {"same": 0, "other": 0, "hang": 0}
        self.good = True

    def one(self, case, number):
        case.start(number)
        self.server.add(case)
        run, want = PeerRun(case, self.server.address), wanted(case.expect)
        kind, found = "hang", ""
        try:
            run.add()
            found = run.found()
            kind = "same" if found == want else "other"
        except (Wrong, OSError) as error:
            found = str(error)
            if "takes over" not in found:
                kind = "other"
        try:
            run.remove()
        except Wrong as error:
            kind, found = "hang", f"{found}; at its end {error}"
        self.server.remove(case)
        with self.lock:
            self.sums[kind] += 1
            if case.name.startswith("good-read") and kind != "same":
                self.good = False
            print(f"{kind} {case.name}: {case.why}: " +
                  (want if kind == "same" else f"wanted {want}, found {found}"),
                  flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-j", type=int, default=4)
    ap.add_argument("patterns", nargs="*", default=["*"])
    args = ap.parse_args()
    picked = [c for c in CASES
              if any(fnmatch.fnmatch(c.name, p) for p in args.patterns)]
    todo, comparison = queue.Queue(), Comparison()
    for number, case in enumerate(filter(comparable, picked)):
        todo.put((case, number + 1))
    left_out = len(picked) - todo.qsize()

    def work():
        while True:
            try:
                case, number = todo.get_nowait()
            except queue.Empty:
                return
            comparison.one(case, number)

    threads = [threading.Thread(target=work) for _ in range(args.j)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sums = comparison.sums
    print(f"{sum(sums.values())} cases: {sums['same']} as asked, "
          f"{sums['other']} otherwise, {sums['hang']} hung, {left_out} left out")
    return 0 if comparison.good and sums["same"] else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    status = main()
    sys.stdout.flush()
    os._exit(status)		# threads may wait for a lost command
