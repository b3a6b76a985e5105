#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fence-walk.py DEVICE TARGET PORTAL PROXY... -- CASE...

Two hosts, one disk. N, our module, has DEVICE through each PROXY
(LISTEN-ADDRESS:PORT=TARGET-ADDRESS:PORT); M comes by PORTAL and can shut N out.
A CASE is one of CASES below; or keys-only, from then on the target has no READ
FULL STATUS; or SEED:COUNT, so many walks: random orders of N
changing its key, of links that end, of PERSISTENT RESERVE OUT held back, lost,
or answered in vain, and of M shutting N out, or not.

Each ends the same way: N, shut out, must never have written, and must not by
any path; N that was not shut out must be registered on every path and write.
Prints a line for each case, and for each walk that fails, with its seed.
"""
import mmap
import os
import random
import subprocess
import sys
import threading
import time

import host
from prproxy import Proxy

HERE = os.path.dirname(os.path.abspath(__file__))
SCALE = int(os.environ.get("TIMEOUT_SCALE", "1"))
REGISTRANTS_ONLY = 5		# write exclusive
OF_THE_KERNEL = 3		# the same
ADDS = (host.REGISTER, host.IGNORE)
M_KEY = 0xdef2
N_KEYS = (0xabc1, 0xabc2, 0xabc3)
BLOCK = 4096


class Wrong(Exception):
    pass


def until(what, found, seconds=20):
    end = time.monotonic() + seconds * SCALE
    while not found():
        if time.monotonic() > end:
            raise Wrong(what)
        time.sleep(0.005)


class Writer:
    """Of N: the same block over and over, from when it starts to its stop."""

    def __init__(self, device):
        self.device, self.going = device, True
        self.wrote = self.refused = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with mmap.mmap(-1, BLOCK) as block:
            block[:] = b"N" * BLOCK
            fd = os.open(self.device, os.O_WRONLY | os.O_DIRECT)
            while self.going:
                try:
                    os.pwrite(fd, block, 0)
                    self.wrote += 1
                except OSError:
                    self.refused += 1
                time.sleep(0.002)
            os.close(fd)

    def stop(self):
        self.going = False
        # A proxy that is mute has TCP live: LIO may be closing the session by
        # itself then, for which it has 30 s (multipath/fence.c).
        self.thread.join(60 * SCALE)
        return not self.thread.is_alive()


class Field:
    def __init__(self, device, target, portal, proxies):
        self.device = device
        self.m = host.Host(portal, target, "iqn.2026-11.org.test:m")
        self.proxies = proxies
        self.key, self.maybe_key = 0, 0
        self.orders = []
        self.writer = None

    # --- N

    def order(self, *words):
        """In the background: its exit status comes when it comes."""
        process = subprocess.Popen(
            [sys.executable, HERE + "/pr.py", self.device] +
            [str(w) for w in words], stdout=subprocess.DEVNULL)
        self.orders.append(process)
        return process

    def say(self, *words):
        status = self.order(*words).wait(30 * SCALE)
        if status:
            raise Wrong(f"{' '.join(map(str, words))}: status {status}")

    def ready(self):
        try:
            with open(f"/sys/block/{self.device[5:]}/device/paths") as paths:
                return sum(line.split()[3] == "ready" for line in paths)
        except (OSError, IndexError):
            return 0

    def writes(self, count):
        """How many of so many writes are done."""
        done = 0
        fd = os.open(self.device, os.O_WRONLY | os.O_DIRECT)
        with mmap.mmap(-1, BLOCK) as block:
            block[:] = b"n" * BLOCK
            for _ in range(count):
                try:
                    os.pwrite(fd, block, 0)
                    done += 1
                except OSError:
                    pass
        os.close(fd)
        return done

    # --- M

    def shut_out(self):
        """Until none but M is registered; what it writes then, stays."""
        for _ in range(16):
            others = [k for k in self.m.keys() if k != M_KEY]
            if not others:
                break
            self.m.pr_out(host.PREEMPT_ABORT, M_KEY, others[0],
                          REGISTRANTS_ONLY)
        else:
            raise Wrong("M cannot shut N out")
        if not self.m.reservation():
            self.m.pr_out(host.RESERVE, M_KEY, 0, REGISTRANTS_ONLY)
        self.mark = os.urandom(BLOCK)
        if self.m.write(0, self.mark):
            raise Wrong("M cannot write")

    def untouched(self, when):
        if self.m.read(0, BLOCK) != self.mark:
            raise Wrong(f"N has written {when}")

    # --- both

    def begin(self, m_reserves):
        for proxy in self.proxies:
            proxy.lose()
            proxy.back()
        until("N's paths come", lambda: self.ready() == len(self.proxies))
        self.m.pr_out(host.IGNORE, 0, M_KEY)
        self.m.pr_out(host.CLEAR, M_KEY)
        self.m.pr_out(host.REGISTER, 0, M_KEY)
        self.orders, self.mark = [], None
        self.key, self.maybe_key = N_KEYS[0], 0
        self.say("register", 0, self.key)
        until("N has all paths", lambda: self.ready() == len(self.proxies))
        if m_reserves:
            self.m.pr_out(host.RESERVE, M_KEY, 0, REGISTRANTS_ONLY)
        else:
            self.say("reserve", self.key, OF_THE_KERNEL)
        self.writer = Writer(self.device)

    def end(self):
        for proxy in self.proxies:
            proxy.lose()
            proxy.back()
        for process in self.orders:
            process.wait(60 * SCALE)
        until("N's paths come back",
              lambda: self.ready() == len(self.proxies), 40)
        fenced = self.mark is not None
        if fenced:
            # Whoever believes its registration in error gets time to act on it.
            for _ in range(3):
                if self.writes(4 * len(self.proxies)):
                    raise Wrong("N writes though it was shut out")
                self.untouched("though it was shut out")
                time.sleep(0.1)
            until("only M is registered", lambda: self.m.keys() == [M_KEY])
        stopped = self.writer.stop()
        if not stopped:
            raise Wrong("a write of N does not end")
        if fenced:
            self.untouched("in the end")
            return
        wanted = [sorted([k] * len(self.proxies) + [M_KEY])
                  for k in (self.key, self.maybe_key) if k]
        until(f"N has lost a registration: {[hex(k) for k in self.m.keys()]}",
              lambda: self.m.keys() in wanted)
        if self.writes(8) != 8:
            raise Wrong("N is registered and cannot write")

    def change_key(self):
        """N's next key; in the background."""
        if any(p.poll() is None for p in self.orders):
            return
        self.settle_key()
        self.maybe_key = random.choice([k for k in N_KEYS if k != self.key])
        self.changing = self.order("register", self.key, self.maybe_key)

    def settle_key(self):
        if self.maybe_key and self.changing.poll() == 0:
            self.key, self.maybe_key = self.maybe_key, 0


# --- the walks

def walk(field, seed):
    random.seed(seed)
    field.begin(random.random() < 0.5)
    fenced = False
    trail = []

    def some():
        return random.choice(field.proxies)

    def fence():
        nonlocal fenced
        if not fenced and fence_wanted:
            fenced = True
            field.shut_out()

    def noise():
        field.m.pr_out(host.IGNORE, 0, M_KEY)

    steps = {
        "away": lambda: some().away(),
        "back": lambda: some().back(),
        "hold": lambda: some().hold(ADDS),
        "mute": lambda: some().mute(ADDS),
        "deliver": lambda: some().deliver(),
        "lose": lambda: some().lose(),
        "change": lambda: fenced or field.change_key(),
        "noise": noise,
        "fence": fence,
        "pause": lambda: time.sleep(random.choice((0.02, 0.1, 0.4, 0.8))),
    }
    fence_wanted = random.random() < 0.7
    try:
        for _ in range(random.randint(6, 20)):
            name = random.choice(list(steps))
            trail.append(name)
            steps[name]()
            if fenced:
                field.untouched(f"after {name}")
        fence()
        field.settle_key()
        field.end()
        field.settle_key()
    except Wrong as error:
        raise Wrong(f"seed {seed} ({' '.join(trail)}): {error}") from error
    finally:
        field.writer.going = False


# --- known ones

def away_unregistered(field):
    """A path of N's is away and its nexus has no registration: the restoring
    has to add one. The rest is as it was before. Returns its proxy."""
    proxy = field.proxies[-1]
    proxy.away()
    until("a path is lost", lambda: field.ready() == 1)
    field.m.pr_out(host.CLEAR, M_KEY)
    field.m.pr_out(host.REGISTER, 0, M_KEY)
    until("N has one path again", lambda: field.ready() == 1)
    field.say("register", 0, field.key)
    field.say("reserve", field.key, OF_THE_KERNEL)
    return proxy


def late_register(field):
    """A path of N's returns, its REGISTER is late and its answer lost."""
    proxy = away_unregistered(field)
    proxy.hold((host.IGNORE,))
    proxy.back()
    if not proxy.held.wait(20 * SCALE):
        raise Wrong("N does not register the path that came back")
    field.shut_out()
    proxy.away()
    if not proxy.deliver():
        raise Wrong("the target has not executed the late REGISTER")
    if field.m.keys() != sorted([M_KEY, field.key]):
        raise Wrong("the late REGISTER has done nothing")
    time.sleep(1)
    field.untouched("by the other path")


def muted_register(field):
    """The answer to a REGISTER is lost, N is shut out before it is back."""
    proxy = away_unregistered(field)
    proxy.mute((host.IGNORE,))
    proxy.back()
    if not proxy.muted.wait(20 * SCALE):
        raise Wrong("N does not register the path that came back")
    proxy.away()
    field.shut_out()


def key_changed(field):
    """N changes its key while a path is away, then is shut out by the new."""
    proxy = field.proxies[0]
    proxy.away()
    until("a path is lost", lambda: field.ready() == 1)
    field.say("register", field.key, N_KEYS[1])
    field.m.pr_out(host.PREEMPT_ABORT, M_KEY, N_KEYS[1], REGISTRANTS_ONLY)
    field.m.pr_out(host.RESERVE, M_KEY, 0, REGISTRANTS_ONLY)
    field.mark = os.urandom(BLOCK)
    # M has shut out all that N believes to have; the old key is still there
    if field.m.write(0, field.mark):
        raise Wrong("M cannot write")


def key_changed_unfenced(field):
    """The same, and nobody shuts it out."""
    proxy = field.proxies[0]
    proxy.away()
    until("a path is lost", lambda: field.ready() == 1)
    field.say("register", field.key, N_KEYS[1])
    field.key = N_KEYS[1]


def preempted_in_reconnect(field):
    """All paths of N are on their way back when it is shut out."""
    for proxy in field.proxies:
        proxy.hold(ADDS)
        proxy.away()
    until("all paths are lost", lambda: field.ready() == 0)
    for proxy in field.proxies:
        proxy.back()
    for proxy in field.proxies:
        proxy.held.wait(20 * SCALE)
    field.shut_out()
    for proxy in field.proxies:
        proxy.away()
        proxy.deliver()


CASES = {
    "late-register": (late_register, False),
    "muted-register": (muted_register, False),
    "key-changed": (key_changed, True),
    "key-changed-unfenced": (key_changed_unfenced, True),
    "preempted-in-reconnect": (preempted_in_reconnect, True),
}


def known(field, name):
    case, m_reserves = CASES[name]
    try:
        field.begin(m_reserves)
        case(field)
        field.end()
    finally:
        if field.writer:
            field.writer.going = False


def address(text):
    name, port = text.rsplit(":", 1)
    return name, int(port)


def main():
    words, cases = sys.argv[1:], []
    words, cases = words[:words.index("--")], words[words.index("--") + 1:]
    proxies = [Proxy(*(address(a) for a in w.split("="))) for w in words[3:]]
    subprocess.run(["sh", "-c", os.environ["CONNECT"]], check=True)
    field = Field(words[0], words[1], address(words[2]), proxies)
    failed = 0
    for name in cases:
        try:
            if name == "keys-only":
                for proxy in proxies:
                    proxy.no_status = True
                continue
            if name in CASES:
                known(field, name)
                print("ok", CASES[name][0].__doc__)
                continue
            seed, count = (int(n) for n in name.split(":"))
            bad = 0
            for one in range(seed, seed + count):
                try:
                    walk(field, one)
                except Wrong as error:
                    bad += 1
                    print("#", error, flush=True)
            failed += bool(bad)
            print("not ok" if bad else "ok", f"{count} walks, {bad} wrong" +
                  (", by READ KEYS alone" if proxies[0].no_status else ""))
        except Wrong as error:
            failed += 1
            print(f"not ok {CASES[name][0].__doc__} {error}")
        sys.stdout.flush()
    for proxy in proxies:
        proxy.lose()
        proxy.back()
    return failed != 0


sys.exit(main())
