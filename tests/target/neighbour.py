#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""neighbour.py flood|drip: a session to a target that is a nuisance.

  flood   BURST NOP-In that want an answer, every PAUSE seconds
  drip    a login of which one byte comes every PAUSE seconds, again and again

Says "ready" when it has begun, and what it has done when its input ends.
"""
import sys
import threading

import case as cases
from initiator import N, SCALE, Initiator
from target import Gone, Server
import pdu

BURST, PAUSE = 1000, 0.1


class Nuisance(cases.Case):
    def __init__(self, name):
        super().__init__(name, "", None, login=self.drip, up=self.flood,
                         no_scan=True)
        self.flooding = name == "flood"
        self.begun = threading.Event()
        self.sent = self.answered = 0

    def drip(self, conn, req, n):
        if self.flooding:
            return False
        keep, conn.raw = conn.raw, self.count
        try:
            self.frame = b""
            conn.login_step(req)
        finally:
            conn.raw = keep
        for i in range(len(self.frame)):
            conn.raw(self.frame[i:i + 1])
            self.sent += 1
            self.begun.set()
            if self.stop.wait(PAUSE):
                raise Gone
        return True

    def count(self, data):
        self.frame += data

    def flood(self, conn):
        if not self.flooding:
            return
        burst = b"".join(conn.frame(pdu.NOP_IN, ttt=n, statsn=None)
                         for n in range(BURST))
        threading.Thread(target=self.discard, args=(conn,),
                         daemon=True).start()
        while not self.stop.wait(PAUSE):
            conn.raw(burst)
            self.sent += BURST
            self.begun.set()

    def discard(self, conn):
        while True:
            try:
                data = conn.sock.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            self.answered += len(data)


def main():
    nuisance = Nuisance(sys.argv[1])
    nuisance.start(1)
    server, initiator = Server(), Initiator()
    server.add(nuisance)
    session = initiator.add(nuisance.iqn, server.address, {
        "LOGIN_TIMEOUT": 3600000, "NOP_INTERVAL": 0}, no_scan=True)
    if not nuisance.begun.wait(60 * SCALE):
        print("it does not begin")
        return 1
    print("ready", flush=True)
    sys.stdin.read()
    state = initiator.transitions(session)
    lost = [why for state, why in state if state == N["SESSION_RECOVERING"]]
    print(f"{nuisance.sent} {'pings' if nuisance.flooding else 'bytes'} sent, "
          f"{nuisance.answered // 48} answered, lost: {lost}")
    server.remove(nuisance)
    initiator.delete(session)
    return 1 if lost or nuisance.broken else 0


if __name__ == "__main__":
    sys.exit(main())
