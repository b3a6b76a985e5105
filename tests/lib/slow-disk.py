#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""slow-disk.py DEVICE MIB FIFO

A backend that holds single writes: /dev/nbdN served from memory. Lines in FIFO,
each answered by one on standard output:
  hold MS    every write from now on is carried out, and answered, MS later
  pass       writes from now on are carried out at once; held ones stay held
  quit       (the end of the FIFO does it, too)
Prints "ready" when the device works, and for pass how many are held.
"""
import fcntl
import os
import socket
import struct
import sys
import threading
import time

NBD_SET_SOCK, NBD_SET_BLKSIZE, NBD_DO_IT, NBD_CLEAR_SOCK = 0xab00, 0xab01, 0xab03, 0xab04
NBD_SET_SIZE_BLOCKS, NBD_DISCONNECT, NBD_SET_FLAGS = 0xab07, 0xab08, 0xab0a
FLAGS = 1 | 4           # HAS_FLAGS, SEND_FLUSH
READ, WRITE, DISC = 0, 1, 2
REQUEST, REPLY = struct.Struct(">IIQQI"), struct.Struct(">IIQ")


class Disk:
    def __init__(self, sock, size):
        self.sock = sock
        self.store = bytearray(size)
        self.hold = 0
        self.held = 0
        self.lock = threading.Lock()

    def answer(self, handle, data=b""):
        with self.lock:
            self.sock.sendall(REPLY.pack(0x67446698, 0, handle) + data)

    def late(self, handle, offset, data):
        self.store[offset:offset + len(data)] = data
        self.held -= 1
        self.answer(handle)

    def serve(self):
        stream = self.sock.makefile("rb", buffering=1 << 20)
        while head := stream.read(REQUEST.size):
            _, kind, handle, offset, length = REQUEST.unpack(head)
            kind &= 0xffff
            if kind == READ:
                self.answer(handle, bytes(self.store[offset:offset + length]))
            elif kind == WRITE:
                data = stream.read(length)
                if self.hold:
                    self.held += 1
                    timer = threading.Timer(self.hold, self.late,
                                            (handle, offset, data))
                    timer.daemon = True
                    timer.start()
                else:
                    self.store[offset:offset + length] = data
                    self.answer(handle)
            elif kind == DISC:
                return
            else:
                self.answer(handle)


def main():
    path, mib, fifo = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    listener = socket.create_server(("127.0.0.1", 0))
    kernel = socket.create_connection(listener.getsockname())
    ours, _ = listener.accept()
    for sock in (kernel, ours):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    dev = os.open(path, os.O_RDWR)
    fcntl.ioctl(dev, NBD_SET_BLKSIZE, 512)
    fcntl.ioctl(dev, NBD_SET_SIZE_BLOCKS, mib * 2048)
    fcntl.ioctl(dev, NBD_SET_FLAGS, FLAGS)
    fcntl.ioctl(dev, NBD_SET_SOCK, kernel.fileno())
    disk = Disk(ours, mib << 20)
    threading.Thread(target=disk.serve, daemon=True).start()
    threading.Thread(target=fcntl.ioctl, args=(dev, NBD_DO_IT), daemon=True).start()
    size = f"/sys/block/{os.path.basename(path)}/size"
    for _ in range(1000):
        if int(open(size).read()) == mib * 2048:
            break
        time.sleep(0.01)
    else:
        sys.exit("no disk of that size has come up")
    print("ready", flush=True)
    with open(fifo) as orders:
        for line in orders:
            words = line.split()
            if words[0] == "quit":
                break
            disk.hold = int(words[1]) / 1000 if words[0] == "hold" else 0
            print(words[0], disk.held, flush=True)
    fcntl.ioctl(dev, NBD_DISCONNECT)
    fcntl.ioctl(dev, NBD_CLEAR_SOCK)


main()
