#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""sense-proxy.py LISTEN-ADDRESS:PORT TARGET-ADDRESS:PORT

Stands before a target and has it say what it never says by itself. Both
directions are copied PDU by PDU (no digests). For each line
  KEY ASC ASCQ
on standard input, in hex, the next SCSI Response PDU of each connection that
is logged in becomes a CHECK CONDITION with that sense data, whatever it was.
Prints "told KEY ASC ASCQ" for each that was sent.
"""
import socket
import struct
import sys
import threading

from pdustream import read_exactly

lock = threading.Lock()
connections = []
LOGIN_RESPONSE, SCSI_RESPONSE = 0x23, 0x21


def read_pdu(sock):
    bhs = read_exactly(sock, 48)
    length = struct.unpack(">I", b"\0" + bhs[5:8])[0]
    return bhs, read_exactly(sock, 4 * bhs[4] + ((length + 3) & ~3))


def check_condition(bhs, sense):
    """RFC 7143 11.4: the response with another status and sense data."""
    key, asc, ascq = sense
    fixed = bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq,
                   0, 0, 0, 0])
    data = struct.pack(">H", len(fixed)) + fixed
    head = bytearray(bhs)
    head[1] &= 0x80         # no residual
    head[3] = 0x02
    head[4] = 0
    head[5:8] = struct.pack(">I", len(data))[1:]
    head[44:48] = bytes(4)
    return bytes(head) + data + bytes(-len(data) % 4)


class Connection:
    def __init__(self, client, address):
        self.client = client
        self.target = socket.create_connection(address)
        for sock in (self.client, self.target):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.logged_in = False
        self.wanted = []

    def from_client(self):
        try:
            while data := self.client.recv(262144):
                self.target.sendall(data)
        except OSError:
            pass
        self.close()

    def from_target(self):
        try:
            while True:
                bhs, rest = read_pdu(self.target)
                opcode = bhs[0] & 0x3f
                # T bit with NSG full feature phase and success
                if opcode == LOGIN_RESPONSE and bhs[1] & 0x83 == 0x83:
                    self.logged_in = not bhs[36]
                with lock:
                    told = (opcode == SCSI_RESPONSE and self.wanted and
                            self.wanted.pop(0))
                if told:
                    self.client.sendall(check_condition(bhs, told))
                    print("told %x %x %x" % told, flush=True)
                else:
                    self.client.sendall(bhs + rest)
        except (EOFError, OSError):
            pass
        self.close()

    def close(self):
        # shutdown, since the other thread's recv() keeps a closed socket alive
        for sock in (self.client, self.target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with lock:
            if self in connections:
                connections.remove(self)


def control():
    for line in sys.stdin:
        sense = tuple(int(word, 16) for word in line.split())
        with lock:
            for connection in connections:
                if connection.logged_in:
                    connection.wanted.append(sense)


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    threading.Thread(target=control, daemon=True).start()
    listener = socket.create_server(address(sys.argv[1]), backlog=64)
    target = address(sys.argv[2])
    while True:
        client, _ = listener.accept()
        try:
            connection = Connection(client, target)
        except OSError:
            client.close()
            continue
        with lock:
            connections.append(connection)
        for copy in (connection.from_client, connection.from_target):
            threading.Thread(target=copy, daemon=True).start()


main()
