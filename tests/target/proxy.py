#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""proxy.py IQN=ADDRESS:PORT: a proxy between the module and real targets that
changes what the targets say. Everything it does follows from -s SEED. The
targets are IQN with 0, 1, ... behind it, one for each session.

Three rounds, each with sessions of its own (-j, with and without digests):

  split    connection k gets its first k bytes alone: it has to log in
  cut      connection k ends after k bytes: the next has to log in
  mutate   of the PDUs of a target some have 1 to 3 fields changed, while its
           disk is read and written; -n MUTATIONS in all

-b STEP takes every STEP-th byte in split and cut. In between and at the end
nothing is changed, and then every session has to be up and its disk readable
within 10 s; with digests every byte read at any time has to be right.
Prints "ok"/"not ok" lines; what was changed last is shown when one fails.
"""
import argparse
import collections
import os
import random
import socket
import struct
import sys
import threading
import time

from initiator import N, SCALE, Initiator, disk_read, disk_write
from netlink import Refused

HANG = 10 * SCALE
LOGIN_RSP = 0x23
# name, offset and length of what is changed in a BHS
FIELDS = [("opcode", 0, 1), ("flags", 1, 1), ("byte 2", 2, 1),
          ("byte 3", 3, 1), ("ahs length", 4, 1), ("data length", 5, 3),
          ("lun", 8, 8), ("itt", 16, 4), ("ttt", 20, 4), ("statsn", 24, 4),
          ("expcmdsn", 28, 4), ("maxcmdsn", 32, 4), ("word 36", 36, 4),
          ("word 40", 40, 4), ("word 44", 44, 4)]


class Gone(Exception):
    """One side closed."""


def exactly(sock, count):
    data = b""
    while len(data) < count:
        try:
            piece = sock.recv(count - len(data))
        except OSError as error:
            raise Gone from error
        if not piece:
            raise Gone
        data += piece
    return data


def close(*socks):
    for sock in socks:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Plan:
    """What happens to one connection."""

    def __init__(self, kind, rng=None, at=0):
        self.kind, self.rng, self.at = kind, rng, at
        if kind == "mutate":
            self.next()

    def next(self):
        """The next PDU to be changed: logins, probes and I/O alike."""
        self.at += self.rng.choice((self.rng.randrange(3),
                                    self.rng.randrange(20),
                                    self.rng.randrange(60)))

    def change(self, pdu):
        """The PDU with 1 to 3 changes, and their description."""
        pdu, words = bytearray(pdu), []
        for _ in range(self.rng.randint(1, 3)):
            name, offset, length = self.rng.choice(FIELDS)
            if len(pdu) > 48 and not self.rng.randrange(4):
                name, length = "data", 1
                offset = self.rng.randrange(48, len(pdu))
            old = int.from_bytes(pdu[offset:offset + length], "big")
            top = (1 << 8 * length) - 1
            new = self.rng.choice((
                0, 1, top, top >> 1, old + 1, old - 1,
                old ^ 1 << self.rng.randrange(8 * length),
                self.rng.randrange(top + 1))) & top
            pdu[offset:offset + length] = new.to_bytes(length, "big")
            words.append(f"{name} 0x{old:x} -> 0x{new:x}")
        return bytes(pdu), ", ".join(words)


class Proxy:
    """One portal for one session."""

    def __init__(self, target, number, digests):
        self.target, self.number, self.digests = target, number, digests
        self.plan = lambda n: Plan("pass")
        self.connections = 0
        self.changes = 0
        self.history = collections.deque(maxlen=12)
        self.login_bytes = 0
        self.active = ()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.address = self.listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            ours, _ = self.listener.accept()
            n, self.connections = self.connections, self.connections + 1
            threading.Thread(target=self._serve, args=(ours, self.plan(n), n),
                             daemon=True).start()

    def _serve(self, ours, plan, n):
        try:
            peer = socket.create_connection(self.target, HANG)
            peer.settimeout(None)
        except OSError:
            close(ours)
            return
        for sock in (ours, peer):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.active = (ours, peer)
        up = threading.Thread(target=self._copy, args=(ours, peer),
                              daemon=True)
        up.start()
        try:
            self._down(peer, ours, plan, n)
        except (Gone, OSError):
            pass
        close(ours, peer)
        up.join()
        ours.close()
        peer.close()

    def drop(self):
        """Ends the present connection."""
        close(*self.active)

    @staticmethod
    def _copy(source, sink):
        try:
            while data := source.recv(1 << 18):
                sink.sendall(data)
        except OSError:
            pass
        close(source, sink)

    def _pdu(self, sock, full):
        """One whole PDU of the target, digests included."""
        data = exactly(sock, 48)
        length = struct.unpack(">I", b"\0" + data[5:8])[0]
        rest = data[4] * 4 + length + -length % 4
        if full and self.digests:
            rest += 4 + (4 if length else 0)
        return data + exactly(sock, rest)

    def _down(self, source, sink, plan, n):
        full, count, sent = False, 0, 0
        while True:
            data = self._pdu(source, full)
            login = data[0] & 0x3f == LOGIN_RSP
            if login and data[1] & 0x83 == 0x83:
                full = True
            if plan.kind == "mutate" and count == plan.at:
                data, words = plan.change(data)
                self.history.append(f"session {self.number} connection {n} "
                                    f"PDU {count}: {words}")
                self.changes += 1
                plan.at += 1
                plan.next()
            edge = plan.at - sent
            if plan.kind == "cut" and edge < len(data):
                sink.sendall(data[:edge])
                return
            if plan.kind == "split" and 0 < edge < len(data):
                sink.sendall(data[:edge])
                data, sent = data[edge:], sent + edge
            sink.sendall(data)
            count, sent = count + 1, sent + len(data)
            if login:
                self.login_bytes = sent


class Session:
    """The module's side of one proxy."""

    def __init__(self, ini, iqn, proxy, settings=None, **options):
        self.ini, self.proxy = ini, proxy
        self.settings = {"LOGIN_TIMEOUT": 2000 * SCALE, "TMF_TIMEOUT": 1000,
                         "RECONNECT_DELAY_MIN": 10, "RECONNECT_DELAY_MAX": 30,
                         "NOP_INTERVAL": 300, "NOP_TIMEOUT": 700 * SCALE}
        self.id = ini.add(iqn, proxy.address, self.settings,
                          header_digest=int(proxy.digests),
                          data_digest=int(proxy.digests), **options)
        self.device = None

    def state(self):
        return self.ini.transitions(self.id)[-1:] or [(0, "")]

    def kick(self):
        """A session that was told to stop for good goes on."""
        if self.state()[0][0] == N["SESSION_STOPPED"]:
            self.ini.kick(self.id)

    def wait_up(self):
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            self.kick()
            if self.state()[0][0] == N["SESSION_LOGGED_IN"]:
                return True
            time.sleep(0.02)
        return False

    def find_device(self):
        end = time.monotonic() + HANG
        while time.monotonic() < end and not self.device:
            self.device = self.ini.device(self.id, "block")
            time.sleep(0.05)
        return self.device


class Test:
    def __init__(self, args):
        self.args = args
        self.ini = Initiator()
        self.iqn, portal = args.target.rsplit("=", 1)
        host, port = portal.rsplit(":", 1)
        self.target = (host, int(port))
        self.bad = 0
        self.wrong = []
        self.stop = threading.Event()

    def result(self, good, sentence, sessions=()):
        print(("ok " if good else "not ok ") + sentence, flush=True)
        if good:
            return
        self.bad += 1
        for session in sessions:
            for line in session.proxy.history:
                print("# " + line)
            print(f"# session {session.proxy.number}: "
                  f"{self.ini.transitions(session.id)[-3:]}")

    def sessions(self, count, **options):
        made = []
        for i in range(count):
            proxy = Proxy(self.target, i, digests=bool(i % 2))
            made.append(Session(self.ini, f"{self.iqn}{i}", proxy,
                                **options))
        return made

    def boundaries(self, kind):
        """split and cut: every byte of the login of a session."""
        session = self.sessions(1, no_scan=True)[0]
        proxy = session.proxy
        if not session.wait_up():
            return self.result(False, f"{kind}: no login", [session])
        total = proxy.login_bytes
        tried = list(range(0 if kind == "cut" else 1, total, self.args.b))
        slow = 0
        for at in tried:
            first = proxy.connections
            proxy.plan = lambda n, a=at, f=first: \
                Plan(kind, at=a) if n == f else Plan("pass")
            proxy.drop()
            end = time.monotonic() + HANG
            # split: at once, cut: at the second attempt
            while proxy.connections < first + (2 if kind == "cut" else 1) \
                    and time.monotonic() < end:
                time.sleep(0.005)
            if not session.wait_up():
                slow += 1
                proxy.history.append(f"{kind} at byte {at}")
        self.result(not slow, f"{kind} at {len(tried)} of {total} bytes of "
                    "the login: logged in after each", [session])
        self.ini.delete(session.id)

    def load(self, session, thread):
        """Reads and writes a megabyte of its own, for ever."""
        rng = random.Random(f"{self.args.s} load {session.proxy.number} "
                            f"{thread}")
        base = (8 + thread) << 20
        size = 65536
        stamp = {}
        while not self.stop.is_set():
            at = base + size * rng.randrange(16)
            try:
                if rng.randrange(2):
                    data = rng.randbytes(512) * (size // 512)
                    stamp.pop(at, None)
                    disk_write(session.device, at, data)
                    stamp[at] = data
                else:
                    data = disk_read(session.device, at, size)
                    if session.proxy.digests and stamp.get(at, data) != data:
                        self.wrong.append(f"session {session.proxy.number}: "
                                          f"wrong data at {at}")
            except OSError:
                self.stop.wait(0.01)	# given up: allowed, see task.c

    def quiet(self, sessions):
        """Nothing is changed: everything has to be well within 10 s."""
        plans = [s.proxy.plan for s in sessions]
        for s in sessions:
            s.proxy.plan = lambda n: Plan("pass")
        bad = [s for s in sessions if not s.wait_up()]
        for s in sessions:
            done = threading.Event()

            def read(s=s, done=done):
                end = time.monotonic() + HANG
                while time.monotonic() < end and not done.is_set():
                    try:
                        disk_read(s.device, 0, 4096)
                        done.set()
                    except OSError:
                        time.sleep(0.05)
            threading.Thread(target=read, daemon=True).start()
            if not done.wait(HANG) and s not in bad:
                bad.append(s)
        for s, plan in zip(sessions, plans):
            s.proxy.plan = plan
        return bad

    def mutate(self):
        sessions = self.sessions(self.args.j)
        for s in sessions:
            if not (s.wait_up() and s.find_device()):
                return self.result(False, "mutate: no disk", sessions)
        for s in sessions:
            for n in range(2):
                threading.Thread(target=self.load, args=(s, n),
                                 daemon=True).start()
            s.proxy.plan = lambda n, i=s.proxy.number: Plan(
                "mutate", random.Random(f"{self.args.s} {i} {n}"))
            s.proxy.drop()

        def changed():
            return sum(s.proxy.changes for s in sessions)

        step = max(self.args.n // 20, 50)
        check, bad, last, seen = step, [], time.monotonic(), 0
        while changed() < self.args.n and not bad and not self.wrong:
            time.sleep(0.1)
            for s in sessions:
                s.kick()
            if changed() != seen:
                seen, last = changed(), time.monotonic()
            elif time.monotonic() - last > 3 * HANG:
                bad = sessions	# nothing happens any more
            if seen >= check:
                bad = bad or self.quiet(sessions)
                for s in sessions:
                    s.proxy.drop()
                check += step
        bad = bad or self.quiet(sessions)
        self.stop.set()
        self.result(not bad, f"{changed()} PDUs changed (seed {self.args.s}) "
                    f"in {sum(s.proxy.connections for s in sessions)} "
                    "connections: every session up and readable after it", bad)
        self.result(not self.wrong, "with digests every byte read was right "
                    + "; ".join(self.wrong[:3]), sessions)
        for s in sessions:
            s.proxy.plan = lambda n: Plan("pass")
            self.ini.delete(s.id)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("-s", default="1")
    ap.add_argument("-n", type=int, default=200)
    ap.add_argument("-b", type=int, default=16)
    ap.add_argument("-j", type=int, default=4)
    ap.add_argument("target")
    args = ap.parse_args()
    test = Test(args)
    try:
        for kind in ("split", "cut"):
            test.boundaries(kind)
        test.mutate()
    except (Refused, OSError) as error:
        test.result(False, f"{type(error).__name__}: {error}")
    sys.stdout.flush()
    os._exit(1 if test.bad else 0)	# threads may wait for a lost command


if __name__ == "__main__":
    main()
