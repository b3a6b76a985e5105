#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""dhcp-server.py DEVICE SERVER-ADDRESS CLIENT-ADDRESS [ROOT-PATH [SECONDS FILE]]:
gives the one address to whoever asks on the device, for a day or that many
seconds; FILE gets a line for each lease: "TIME new|renewed CLIENT-IDENTIFIER". The
first DISCOVER is not heard, as on a switch that still learns, so that clients
have to ask twice."""
import socket
import struct
import sys
import time

COOKIE = bytes((0x63, 0x82, 0x53, 0x63))


def option(code, value):
    """Code, length, value."""
    return bytes((code, len(value))) + value


def main(device, server, client, root_path="", seconds="86400", log=None):
    """Answers for ever."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, 25, device.encode())  # SO_BINDTODEVICE
    sock.bind(("", 67))
    deaf = True
    while True:
        asked = sock.recv(2048)
        at, kind, name = asked.find(COOKIE) + 4, 0, b""
        while at + 2 < len(asked) and asked[at] != 255:
            if asked[at] == 53:
                kind = asked[at + 2]
            if asked[at] == 61:
                name = asked[at + 2:at + 2 + asked[at + 1]]
            at += 2 + asked[at + 1]
        if deaf and kind == 1:
            deaf = False
            continue
        answer = struct.pack("!BBBB4sHH4s4s4s4s", 2, 1, 6, 0, asked[4:8], 0,
                             0x8000, b"\0" * 4, socket.inet_aton(client),
                             b"\0" * 4, b"\0" * 4)
        answer += asked[28:44] + b"\0" * 192 + COOKIE
        # Who has an address hears what is sent there (RFC 2131 4.1).
        had = asked[12:16]
        renews = had != b"\0" * 4
        refused = renews and had != socket.inet_aton(client)
        answer += option(53, bytes((2 if kind == 1 else 6 if refused else 5,)))
        answer += option(54, socket.inet_aton(server))
        answer += option(1, bytes((255, 255, 255, 0)))
        answer += option(51, struct.pack("!I", int(seconds)))
        if root_path:
            answer += option(17, root_path.encode())
        to = socket.inet_ntoa(had) if renews else "255.255.255.255"
        sock.sendto(answer + b"\xff", (to, 68))
        if log and kind == 3 and not refused:
            with open(log, "a", encoding="ascii") as f:
                f.write(f"{time.monotonic():.0f} "
                        f"{'renewed' if renews else 'new'} {name.hex()}\n")


main(*sys.argv[1:])
