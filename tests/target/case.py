# SPDX-License-Identifier: GPL-2.0
"""A case: what the target does wrong and how the module has to take it.

The reactions:
  Fails(code, why)   the first login fails with this exit code and reason, and
                     the next, where the target behaves, succeeds
  Stops(code, why)   the login is given up for good
  LogsIn(**values)   nothing is wrong: it logs in, with these values negotiated
  Drops(why, io)     the connection is dropped for this reason, the session
                     comes back by itself, and the command ends as `io` says
  Keeps(io)          the connection stays, and the command ends as `io` says

io: "ok" with the right data, "missing N" bytes, "sense KK/AA/QQ", "status N",
"host N", "errno N" of disk I/O, "none" when no command is sent, or whatever
the case's own function returns.
"""
import threading
import time

import lu
from initiator import (N, SCALE, command, disk_read, disk_write)

HANG = 10	# seconds that nothing may take
LENGTH = 8192	# of the command a case is about
WRITE = bytes(reversed(lu.PATTERN[:65536]))
FAST = {"LOGIN_TIMEOUT": 4000 * SCALE, "RECONNECT_DELAY_MIN": 20,
        "RECONNECT_DELAY_MAX": 100, "NOP_INTERVAL": 0}


class Wrong(Exception):
    """The module did not do what it should."""


class Case:
    def __init__(self, name, why, expect, rfc="", login=None, serve=None,
                 act=None, io="read", lu=None, disk=False, params=None,
                 settings=None, length=LENGTH, secret=b"", secret_in=b"",
                 up=None, check=None, leave=HANG, security=False,
                 kind=lu.PROCESSOR,
                 **options):
        self.name, self.why, self.expect, self.rfc = name, why, expect, rfc
        self.login, self.up, self.serve = login, up, serve
        self.act, self.check = act, check
        self.leave = leave * SCALE
        self.io, self.disk, self.length = io, disk, length
        self.params = params or {}
        self.answers, self.kind = lu, kind
        self.security = security	# login hook sees that stage without CHAP
        self.settings = dict(FAST, **(settings or {}))
        self.secret, self.secret_in = secret, secret_in
        self.options = options
        self.iqn = "iqn.2026-11.org.test:" + name.lower()

    def start(self, number):
        """A fresh run."""
        self.connections = 0
        self.broken = None
        self.stop = threading.Event()
        self.log = []
        self.fired = False
        unique = number.to_bytes(8, "big")
        self.lu = lu.Lu(unique, lu.DISK if self.disk else self.kind,
                        self.answers)

    def seen(self, got):
        """Every PDU of the full feature phase that comes in."""
        if len(self.log) < 1000:
            self.log.append(got)

    def once(self):
        """True the first time: what came first is what is dealt with."""
        first, self.fired = not self.fired, True
        return first


def limited(seconds, function, *args):
    """Its result, or Wrong if it takes longer."""
    box = []

    def run():
        try:
            box.append((True, function(*args)))
        except Exception as error:
            box.append((False, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds * SCALE)
    if not box:
        raise Wrong(f"{function.__name__} takes over {seconds * SCALE} s")
    good, value = box[0]
    if not good:
        raise value
    return value


class Run:
    """One case against the module."""

    def __init__(self, initiator, case, address):
        self.ini, self.case, self.address = initiator, case, address
        self.id = None

    def add(self):
        case = self.case
        options = dict(case.options)
        if case.secret:
            options.update(auth=2 if case.secret_in else 1, chap_user="alice",
                           chap_secret=case.secret)
            if case.secret_in:
                options.update(chap_secret_in=case.secret_in)
        address = options.pop("address", None) or self.address
        self.id = self.ini.add(case.iqn, address, case.settings, **options)

    def login_outcome(self):
        """(how, error code, reason): what the first login led to."""
        kinds = (N["EVENT_LOGIN_FAILED"], N["EVENT_SESSION_STATE"])
        seen = self.ini.wait(self.id, lambda e: e.kind in kinds, HANG)[-1]
        if seen is None:
            raise Wrong(f"no end of the login within {HANG * SCALE} s")
        if seen.kind == N["EVENT_LOGIN_FAILED"]:
            return "fails", seen.code, seen.error
        if seen.state == N["SESSION_STOPPED"]:
            return "stops", seen.code, seen.error
        return "logs in", 0, ""

    def wait_up(self):
        def is_up(event):
            return event.state == N["SESSION_LOGGED_IN"]
        if self.ini.wait(self.id, is_up, HANG)[-1] is None:
            raise Wrong(f"no login within {HANG * SCALE} s: "
                        f"{self.ini.transitions(self.id)}")

    def wait_scanned(self):
        def is_scanned(event):
            return event.kind == N["EVENT_SESSION_SCANNED"]
        if self.ini.wait(self.id, is_scanned, HANG)[-1] is None:
            raise Wrong(f"no end of the scan within {HANG * SCALE} s")

    def drops(self):
        """Reasons for which connections were lost after the first login."""
        return [reason for state, reason in self.ini.transitions(self.id)
                if state == N["SESSION_RECOVERING"]]

    def came_back(self):
        """The same, once there are some and the session is up again."""
        end = time.monotonic() + HANG * SCALE
        while time.monotonic() < end:
            if self.drops() and self.ini.transitions(self.id)[-1][0] == \
                    N["SESSION_LOGGED_IN"]:
                return self.drops()
            self.case.stop.wait(0.02)
        raise Wrong(f"not lost and back within {HANG * SCALE} s: "
                    f"{self.ini.transitions(self.id)}")

    # --- commands

    def device(self):
        what = "block" if self.case.disk else "scsi_generic"
        end = time.monotonic() + HANG * SCALE
        while time.monotonic() < end:
            found = self.ini.device(self.id, what)
            if found:
                return found
            if self.case.stop.wait(0.02):
                break
        raise Wrong(f"no {what} device")

    def do_io(self):
        """The command the case is about; how it ended, in words."""
        case, io = self.case, self.case.io
        if io == "none":
            return "none"
        if callable(io):
            return limited(HANG, io, self)
        device = self.device()
        if case.disk:
            return limited(HANG, self.disk_io, device)
        cdb = {"read": lu.READ10, "write": lu.WRITE10}[io]
        cdb = bytes([cdb, 0, 0, 0, lu.MAGIC >> 8, lu.MAGIC & 255, 0,
                     case.length // lu.BLOCK >> 8,
                     case.length // lu.BLOCK & 255, 0])
        if io == "read":
            result = limited(HANG, command, device, cdb, case.length)
            return self.verdict(result)
        result = limited(HANG, command, device, cdb, 0, WRITE[:case.length])
        return self.verdict(result)

    def verdict(self, result):
        """A Result in the words of the expectations."""
        if result.host:
            return f"host 0x{result.host:x}"
        if result.status == 2:
            s = result.sense
            if len(s) < 14:
                return f"sense of {len(s)} bytes"
            return f"sense {s[2] & 15:02x}/{s[12]:02x}/{s[13]:02x}"
        if result.status:
            return f"status 0x{result.status:x}"
        if result.resid:
            return f"missing {result.resid}"
        return self.data_right(result.data)

    def data_right(self, data):
        length = self.case.length
        if self.case.io == "read":
            want = lu.PATTERN[lu.MAGIC * lu.BLOCK:][:length]
            return "ok" if data == want else "wrong data"
        count = length // lu.BLOCK
        return "ok" if self.case.lu.read(lu.MAGIC, count) == WRITE[:length] \
            else "wrong data at the target"

    def disk_io(self, device):
        at = lu.MAGIC * lu.BLOCK
        try:
            if self.case.io == "read":
                return self.data_right(disk_read(device, at,
                                                 self.case.length))
            disk_write(device, at, WRITE[:self.case.length])
            return self.data_right(None)
        except OSError as error:
            return f"errno {error.errno}"

    def run(self):
        if self.case.expect.needs_session:
            self.add()
        self.case.expect.check(self)


class Fails:
    needs_session = True

    def __init__(self, code, why):
        self.code, self.why = N["ERROR_" + code], why
        self.text = f"login fails ({self.code}): {why}"

    def first(self, run, how):
        found, code, reason = run.login_outcome()
        if found != how or code != self.code or self.why not in reason:
            raise Wrong(f"{found} ({code}): {reason}")

    def check(self, run):
        self.first(run, "fails")
        run.wait_up()


class Stops(Fails):
    def __init__(self, code, why):
        super().__init__(code, why)
        self.text = f"given up ({self.code}): {why}"

    def check(self, run):
        self.first(run, "stops")


class LogsIn:
    needs_session = True

    def __init__(self, **values):
        self.values = values
        self.text = "logs in"

    def check(self, run):
        how, code, reason = run.login_outcome()
        if how != "logs in":
            raise Wrong(f"{how} ({code}): {reason}")


class Odd(LogsIn):
    """It logs in, and the session says what was odd."""

    def __init__(self, *quirks):
        super().__init__()
        self.quirks = quirks
        self.text = "logs in; noted: " + ", ".join(quirks)

    def check(self, run):
        super().check(run)
        found = run.ini.quirks(run.id)
        for quirk in self.quirks:
            if not any(quirk in text for text in found):
                raise Wrong(f"not noted: {quirk}; but {found}")


class Keeps:
    needs_session = True

    def __init__(self, io="ok"):
        self.io = io
        self.text = f"connection kept, command: {io}"

    def begin(self, run):
        if "no_scan" in run.case.options:
            run.wait_up()
        else:
            run.wait_scanned()
        if run.case.act:
            run.case.act(run)

    def check(self, run):
        self.begin(run)
        found = run.do_io()
        lost = run.drops()
        if found != self.io:
            raise Wrong(f"command: {found}; lost: {lost}")
        if lost:
            raise Wrong(f"connection lost: {lost}")


class Bears(Keeps):
    """Nothing is lost, and the session says what was odd."""

    def __init__(self, quirk, io="ok"):
        super().__init__(io)
        self.quirk = quirk
        self.text += f"; noted: {quirk}"

    def check(self, run):
        super().check(run)
        found = run.ini.quirks(run.id)
        if not any(self.quirk in text for text in found):
            raise Wrong(f"not noted: {self.quirk}; but {found}")


class Drops(Keeps):
    def __init__(self, why, io="ok"):
        super().__init__(io)
        self.why = why
        self.text = f"connection dropped: {why}; command: {io}"

    def check(self, run):
        self.begin(run)
        found = run.do_io()
        lost = run.came_back()
        if not lost or self.why not in lost[0] or found != self.io:
            raise Wrong(f"lost: {lost}; command: {found}")
