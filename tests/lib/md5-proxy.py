#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""md5-proxy.py LISTEN-ADDRESS:PORT TARGET-ADDRESS:PORT [strict]

Stands before a target and makes it one that knows no CHAP algorithm but MD5
(LIO has no setting for that): CHAP_A lists of the initiator become CHAP_A=5.
A list without 5 is answered with "authentication failure", and with "strict"
so is every list that holds more than 5, as some old targets do.
After the login both directions are copied as they are.
"""
import socket
import struct
import sys
import threading

from pdustream import read_exactly


def read_pdu(sock):
    bhs = read_exactly(sock, 48)
    length = struct.unpack(">I", b"\0" + bhs[5:8])[0]
    ahs = read_exactly(sock, 4 * bhs[4])
    data = read_exactly(sock, (length + 3) & ~3)[:length]
    return bhs, ahs, data


def write_pdu(sock, bhs, ahs, data):
    bhs = bhs[:5] + struct.pack(">I", len(data))[1:] + bhs[8:]
    sock.sendall(bhs + ahs + data + b"\0" * (-len(data) % 4))


def refuse(sock, bhs):
    """Login Response, class 2 (initiator error), detail 1 (authentication)."""
    answer = bytearray(48)
    answer[0] = 0x23
    answer[8:16] = bhs[8:16]
    answer[16:20] = bhs[16:20]
    answer[36:38] = b"\x02\x01"
    sock.sendall(bytes(answer))


def copy(source, sink):
    try:
        while True:
            data = source.recv(262144)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    for sock in (source, sink):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, target_address, strict):
    target = socket.create_connection(target_address)
    for sock in (client, target):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=copy, args=(target, client), daemon=True).start()
    try:
        while True:
            bhs, ahs, data = read_pdu(client)
            if bhs[0] & 0x3f == 0x03:
                keys = data.split(b"\0")
                for i, key in enumerate(keys):
                    if not key.startswith(b"CHAP_A="):
                        continue
                    offered = key[7:].split(b",")
                    if b"5" not in offered or (strict and len(offered) > 1):
                        refuse(client, bhs)
                        raise EOFError
                    keys[i] = b"CHAP_A=5"
                write_pdu(target, bhs, ahs, b"\0".join(keys))
                # T bit with NSG full feature phase: the last login request
                if bhs[1] & 0x83 == 0x83:
                    break
            else:
                write_pdu(target, bhs, ahs, data)
                break
        copy(client, target)
    except (EOFError, OSError):
        pass
    # shutdown, since the other thread's recv() keeps a closed socket alive,
    # and LIO answers no other login before it has seen the end of this one
    for sock in (client, target):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    listener = socket.create_server(address(sys.argv[1]), backlog=64)
    target = address(sys.argv[2])
    strict = "strict" in sys.argv[3:]
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, target, strict),
                         daemon=True).start()


main()
