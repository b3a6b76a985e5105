#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""pr-answers.py DEVICE TARGET PORTAL PATHS

Every kind of persistent reservation, order after order, on DEVICE, and what it
answers: a line for each command, the same whatever the number of paths, so
that the lines of a disk with one path are what those with several must print.
Another host, by PORTAL, holds and takes away what it takes two hosts for.
PATHS is how many there are: before each order all of them are waited for.
"""
import struct
import sys
import time

import host
from initiator import SCALE, command, disk_read, disk_write

OURS, NEXT, FOREIGN, WRONG = 0xabc1, 0xabc2, 0xdef2, 0xbad0
REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_ABORT, IGNORE, MOVE = \
    range(8)
TYPES = (1, 3, 5, 6, 7, 8)
ROUNDS = 6		# so that each path has its turn


class Disk:
    def __init__(self, device, target, portal, paths):
        self.device, self.paths = device, paths
        self.other = host.Host(portal, target, "iqn.2026-11.org.test:m")
        self.title = ""

    def settle(self):
        """A command of ours that paths still wait for is over."""
        end = time.monotonic() + 20 * SCALE
        while time.monotonic() < end:
            with open(f"/sys/block/{self.device[5:]}/device/paths") as lines:
                if sum(l.split()[3] == "ready" for l in lines) == self.paths:
                    return
            time.sleep(0.01)
        print(self.title, "not all paths are ready")

    def out(self, name, action, key, new_key=0, kind=0, data=None):
        data = data or struct.pack(">QQ8x", key, new_key)
        cdb = bytes([0x5f, action, kind, 0, 0]) + \
            struct.pack(">IB", len(data), 0)
        self.say(name, command(self.device, cdb, write=data))

    def say(self, name, answer):
        sense = answer.sense
        if sense and sense[0] & 0x7f >= 0x72:
            what = " %x/%02x/%02x" % (sense[1] & 0xf, sense[2], sense[3])
        elif sense:
            what = " %x/%02x/%02x" % (sense[2] & 0xf, sense[12], sense[13])
        else:
            what = ""
        print(f"{self.title} {name}: host {answer.host:x} "
              f"status {answer.status:02x}{what}")

    def io(self, name):
        """By the block layer, and by pass-through."""
        self.settle()
        done = {}
        for what, call in (("write", lambda: disk_write(self.device, 0,
                                                        b"n" * 4096)),
                           ("read", lambda: disk_read(self.device, 0, 4096))):
            good = []
            for _ in range(ROUNDS):
                try:
                    call()
                    good.append("+")
                except OSError as error:
                    good.append(f"-{error.errno}")
            done[what] = "".join(good)
        print(f"{self.title} {name}: write {done['write']} "
              f"read {done['read']}")

    def tur(self, name):
        for n in range(ROUNDS):
            answer = command(self.device, bytes(6))
            if n < 1 or not answer.good:
                self.say(f"{name}, test unit ready {n}", answer)

    def inside(self, name):
        keys = command(self.device, [0x5e, 0, 0, 0, 0, 0, 0, 0x10, 0, 0],
                       read=4096).data
        count = struct.unpack(">I", keys[4:8])[0] // 8
        found = sorted(set(struct.unpack_from(f">{count}Q", keys, 8)))
        held = command(self.device, [0x5e, 1, 0, 0, 0, 0, 0, 0, 24, 0],
                       read=24).data
        held = ("%x type %x" % (struct.unpack(">Q", held[8:16])[0], held[21])
                if struct.unpack(">I", held[4:8])[0] else "none")
        print(f"{self.title} {name}: keys {[hex(k) for k in found]} "
              f"reservation {held}")

    def start(self, title):
        self.title = title
        self.other.pr_out(host.IGNORE, 0, FOREIGN)
        self.other.pr_out(host.CLEAR, FOREIGN)
        for _ in range(64):
            # unit attentions of before
            command(self.device, bytes(6))
        self.settle()

    def alone(self, kind):
        self.start(f"type {kind}")
        self.out("release, not registered", RELEASE, OURS, 0, kind)
        self.out("register with a key that is not there", REGISTER, WRONG,
                 OURS)
        self.out("register", REGISTER, 0, OURS)
        self.out("register twice", REGISTER, 0, OURS)
        self.out("register over itself", REGISTER, OURS, OURS)
        self.out("register and ignore", IGNORE, 0, OURS)
        self.io("registered")
        self.out("reserve", RESERVE, OURS, 0, kind)
        self.inside("reserved")
        self.io("reserved")
        self.out("reserve again", RESERVE, OURS, 0, kind)
        self.out("reserve another type", RESERVE, OURS, 0, kind % 8 + 1)
        self.out("reserve with a wrong key", RESERVE, WRONG, 0, kind)
        self.out("release another type", RELEASE, OURS, 0,
                 5 if kind == 6 else 6)
        self.out("release with a wrong key", RELEASE, WRONG, 0, kind)
        self.io("still reserved")
        self.out("change the key", REGISTER, OURS, NEXT)
        self.io("with another key")
        self.inside("with another key")
        self.out("release with the old key", RELEASE, OURS, 0, kind)
        self.out("release", RELEASE, NEXT, 0, kind)
        self.tur("released")
        self.out("release again", RELEASE, NEXT, 0, kind)
        self.inside("released")
        self.io("released")
        self.out("reserve anew", RESERVE, NEXT, 0, kind)
        self.out("preempt ourselves", PREEMPT, NEXT, NEXT, kind)
        self.tur("preempted ourselves")
        self.io("preempted ourselves")
        self.inside("preempted ourselves")
        self.out("preempt ourselves for another type", PREEMPT, NEXT, NEXT,
                 1 if kind != 1 else 3)
        self.io("with another type")
        self.inside("with another type")
        self.out("preempt nobody", PREEMPT, NEXT, WRONG, kind)
        self.out("clear with a wrong key", CLEAR, WRONG)
        self.out("clear", CLEAR, NEXT)
        self.tur("cleared")
        self.inside("cleared")
        self.io("cleared")
        self.out("register anew", REGISTER, 0, OURS)
        self.out("reserve anew", RESERVE, OURS, 0, kind)
        self.out("unregister with a wrong key", REGISTER, WRONG, 0)
        self.out("unregister", REGISTER, OURS, 0)
        self.tur("unregistered")
        self.inside("unregistered")
        self.io("unregistered")

    def together(self, kind):
        self.start(f"type {kind}, two hosts")
        self.other.pr_out(host.REGISTER, 0, FOREIGN)
        self.other.pr_out(host.RESERVE, FOREIGN, 0, kind)
        self.io("another host's, not registered")
        self.out("reserve, not registered", RESERVE, OURS, 0, kind)
        self.out("register", REGISTER, 0, OURS)
        self.io("another host's")
        self.out("reserve what is another host\'s", RESERVE, OURS, 0, kind)
        self.out("release what is another host\'s", RELEASE, OURS, 0, kind)
        self.out("preempt them", PREEMPT, OURS, FOREIGN, kind)
        self.tur("preempted them")
        self.inside("preempted them")
        if kind < 7:
            self.io("ours")
        self.other.pr_out(host.REGISTER, 0, FOREIGN)
        self.out("preempt them and abort", PREEMPT_ABORT, OURS, FOREIGN, kind)
        self.inside("preempted and aborted")
        self.other.pr_out(host.REGISTER, 0, FOREIGN)
        self.other.pr_out(host.PREEMPT, FOREIGN, OURS, kind)
        self.tur("shut out")
        self.io("shut out")
        self.inside("shut out")
        self.out("register though shut out", REGISTER, OURS, NEXT)
        self.out("register anew", REGISTER, 0, OURS)
        self.io("let in again")
        self.inside("let in again")
        self.other.pr_out(host.CLEAR, FOREIGN)
        self.tur("cleared by them")
        self.io("cleared by them")
        self.out("reserve after that", RESERVE, OURS, 0, kind)

    def move(self, unregister):
        self.start(f"move, {'and unregister' if unregister else 'and stay'}")
        self.other.pr_out(host.REGISTER, 0, FOREIGN)
        self.out("register", REGISTER, 0, OURS)
        self.out("reserve", RESERVE, OURS, 0, 5)
        name = b"iqn.2026-11.org.test:m,i,0x" + b"\x80other".hex().encode()
        name += bytes(4 - len(name) % 4)
        port = self.port()
        data = struct.pack(">QQBBHI", OURS, FOREIGN, 0,
                           2 if unregister else 0, port,
                           4 + len(name)) + \
            struct.pack(">BBH", 0x45, 0, len(name)) + name
        self.out("move", MOVE, OURS, data=data)
        self.tur("moved")
        self.inside("moved")
        self.io("moved")
        self.out("change the key", REGISTER, OURS, NEXT)
        self.inside("in the end")

    def port(self):
        """The relative port that the other host comes by."""
        _, _, data = self.other.command([0x12, 1, 0x83, 0x10, 0, 0], b"", 4096)
        at = 4
        while at + 8 <= len(data):
            if data[at + 1] & 0xf == 4:
                return struct.unpack(">I", data[at + 4:at + 8])[0]
            at += 4 + data[at + 3]
        return 1


def main():
    name, port = sys.argv[3].rsplit(":", 1)
    disk = Disk(sys.argv[1], sys.argv[2], (name, int(port)), int(sys.argv[4]))
    for kind in TYPES:
        disk.alone(kind)
        disk.together(kind)
    disk.move(False)
    disk.move(True)
    disk.start("end")


main()
