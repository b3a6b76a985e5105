#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""port-proxy.py LISTEN-ADDRESS:PORT TARGET-ADDRESS:PORT

A port of an array that is not quite well, before a target that is. A line on
standard input says how it is from then on, all numbers in hex:
  well                      as the target is
  sense KEY ASC ASCQ        all but INQUIRY and its like end with that sense data
  busy                      the same end with BUSY
  io KEY ASC ASCQ           READs and WRITEs end with that sense data
  status STATUS             READs and WRITEs end with that SCSI status
  reject REASON             READs and WRITEs are rejected
  mute                      READs and WRITEs are never answered
  dumb LUN...               nothing that these are asked is ever answered
  shut                      MaxCmdSN stays where it is
  count                     says how many commands came since the last count
  hold OPCODE               the target's answer to the next such command stays here,
                            which is told by "held",
  release                   until this
Prints "is LINE" or "counted N" for each.

What is not to be done reaches the target as TEST UNIT READY, so that all
numbers stay right; its answer is changed, or left out and StatSN set back.
"""
import socket
import struct
import sys
import threading

from pdustream import read_exactly

COMMAND, DATA_OUT, REJECT = 0x01, 0x05, 0x3f
NOP_IN, SCSI_RESPONSE, DATA_IN, R2T = 0x20, 0x21, 0x25, 0x31
NONE = 0xffffffff
BUSY = 0x08
# INQUIRY, REPORT LUNS, MAINTENANCE IN and OUT, PERSISTENT RESERVE IN and OUT
ALWAYS = (0x12, 0xa0, 0xa3, 0xa4, 0x5e, 0x5f)
MOVES_DATA = (0x08, 0x0a, 0x28, 0x2a, 0xa8, 0xaa, 0x88, 0x8a)


class Port:
    """How the port is, for all of its connections."""

    def __init__(self):
        self.mode = ["well"]
        self.seen = 0
        self.hold = None	# opcode
        self.holder = None	# connection that has the answer

    def control(self):
        for line in sys.stdin:
            words = line.split()
            if words == ["count"]:
                seen, self.seen = self.seen, 0
                print("counted", seen, flush=True)
                continue
            if words[0] == "hold":
                self.hold = int(words[1], 16)
            elif words == ["release"]:
                holder, self.holder = self.holder, None
                holder.release()
            else:
                self.mode = words
            print("is", line.strip(), flush=True)

    def refuses(self, opcode, lun):
        """The mode, if a command of that kind is not to be done."""
        kind = self.mode[0]
        if kind == "dumb":
            return self.mode if lun in self.mode[1:] else None
        if kind in ("well", "shut") or opcode in ALWAYS:
            return None
        if kind not in ("sense", "busy") and opcode not in MOVES_DATA:
            return None
        return self.mode


def word(bhs, at):
    return struct.unpack(">I", bhs[at:at + 4])[0]


def put(bhs, at, value):
    bhs[at:at + 4] = struct.pack(">I", value & NONE)


def read_pdu(sock):
    bhs = bytearray(read_exactly(sock, 48))
    length = word(b"\0" + bytes(bhs[5:8]), 0)
    return bhs, read_exactly(sock, 4 * bhs[4] + ((length + 3) & ~3))


def changed(bhs, mode, asked, request):
    """The target's answer to TEST UNIT READY, as the mode wants it."""
    kind = mode[0]
    numbers = [int(n, 16) for n in mode[1:]]
    if kind == "reject":
        head = bytearray(48)
        head[0], head[1], head[2] = REJECT, 0x80, numbers[0]
        head[5:8] = struct.pack(">I", len(request))[1:]
        put(head, 16, NONE)
        head[24:36] = bhs[24:36]
        return bytes(head) + request
    head = bytearray(bhs)
    head[1] = 0x82 if asked else 0x80
    put(head, 44, asked)
    if kind in ("status", "busy"):
        head[3] = numbers[0] if numbers else BUSY
        return bytes(head)
    key, asc, ascq = numbers
    sense = bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq,
                   0, 0, 0, 0])
    data = struct.pack(">H", len(sense)) + sense
    head[3] = 2
    head[5:8] = struct.pack(">I", len(data))[1:]
    return bytes(head) + data + bytes(-len(data) % 4)


class Connection:
    def __init__(self, port, client, address):
        self.port, self.client = port, client
        self.target = socket.create_connection(address)
        for sock in (self.client, self.target):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.refused = {}	# ITT: mode, bytes asked for, request
        self.left_out = 0	# answers: so much less is StatSN
        self.max_cmdsn = None
        self.sends = threading.Lock()	# to the client, and what it is to be:
        self.statsn = None	# next
        self.held_itt, self.held = None, []

    def command(self, bhs, data):
        opcode = bhs[32]
        self.port.seen += 1
        mode = self.port.refuses(opcode, f"{bhs[9]:x}")	# below 256
        if not mode:
            if opcode == self.port.hold:
                self.port.hold, self.held_itt = None, word(bhs, 16)
            return data
        self.refused[word(bhs, 16)] = (mode, word(bhs, 20), bytes(bhs))
        bhs[1] = 0x80 | bhs[1] & 7	# neither READ nor WRITE
        bhs[4:8] = bytes(4)
        put(bhs, 20, 0)
        bhs[32:48] = bytes(16)
        return b""

    def from_client(self):
        while True:
            bhs, data = read_pdu(self.client)
            opcode = bhs[0] & 0x3f
            if opcode == COMMAND:
                data = self.command(bhs, data)
            elif opcode == DATA_OUT and word(bhs, 16) in self.refused:
                continue
            if self.left_out:
                put(bhs, 28, word(bhs, 28) + self.left_out)
            self.target.sendall(bytes(bhs) + data)

    def numbers(self, bhs):
        """StatSN as the client has to see it, and MaxCmdSN of a shut port."""
        opcode = bhs[0] & 0x3f
        if opcode != DATA_IN or bhs[1] & 1:
            put(bhs, 24, word(bhs, 24) - self.left_out)
            told = opcode == R2T or \
                opcode == NOP_IN and word(bhs, 16) == NONE
            self.statsn = word(bhs, 24) + (not told)
        if self.port.mode[0] != "shut":
            self.max_cmdsn = word(bhs, 32)
        elif self.max_cmdsn is not None:
            put(bhs, 32, self.max_cmdsn)

    def from_target(self):
        while True:
            bhs, data = read_pdu(self.target)
            with self.sends:
                self.pass_on(bhs, data)

    def pass_on(self, bhs, data):
        opcode, itt = bhs[0] & 0x3f, word(bhs, 16)
        if opcode in (SCSI_RESPONSE, DATA_IN) and itt == self.held_itt:
            self.keep(bhs, data)
            return
        mode, asked, request = None, 0, b""
        if opcode == SCSI_RESPONSE:
            mode, asked, request = self.refused.pop(itt, (None, 0, b""))
        if mode and mode[0] in ("mute", "dumb"):
            self.left_out += 1
            return
        self.numbers(bhs)
        whole = bytes(bhs) + data
        if mode:
            whole = changed(bhs, mode, asked, request)
        self.client.sendall(whole)

    def keep(self, bhs, data):
        """Of the command that is held; its last PDU has a StatSN."""
        self.held.append((bhs, data))
        if bhs[0] & 0x3f == DATA_IN and not bhs[1] & 1:
            return
        self.left_out += 1
        self.held_itt, self.port.holder = None, self
        print("held", flush=True)

    def release(self):
        with self.sends:
            for bhs, data in self.held:
                put(bhs, 24, self.statsn)
                self.client.sendall(bytes(bhs) + data)
            self.held = []
            self.statsn += 1
            self.left_out -= 1

    def run(self, copy):
        try:
            copy()
        except (EOFError, OSError):
            pass
        # shutdown, since the other thread's recv() keeps a closed socket alive
        for sock in (self.client, self.target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    port = Port()
    threading.Thread(target=port.control, daemon=True).start()
    listener = socket.create_server(address(sys.argv[1]), backlog=64)
    target = address(sys.argv[2])
    print("is listening", flush=True)
    while True:
        client, _ = listener.accept()
        try:
            connection = Connection(port, client, target)
        except OSError:
            client.close()
            continue
        for copy in (connection.from_client, connection.from_target):
            threading.Thread(target=connection.run, args=(copy,),
                             daemon=True).start()


main()
