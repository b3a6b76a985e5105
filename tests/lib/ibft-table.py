#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ibft-table.py FILE INITIATOR NIC... -- TARGET...: writes the body of an iBFT
for QEMU's -acpitable (sig=iBFT,data=FILE).

NIC is MAC,ADDRESS/PREFIX[,VLAN]; TARGET is NIC-INDEX,ADDRESS,NAME[,USER,SECRET
[,USER-IN,SECRET-IN]]. At most two of each, as the table has room for.
"""
import ipaddress
import struct
import sys

HEAD = 48           # ACPI header and 12 reserved bytes
VALID = 3           # and booted from


def packed(address):
    """16 bytes, IPv4 mapped."""
    ip = ipaddress.ip_address(address)
    return ip.packed if ip.version == 6 else b"\0" * 10 + b"\xff\xff" + ip.packed


class Table:
    """Blocks of fixed places, texts behind them."""

    def __init__(self):
        self.blocks = {}
        self.texts = b""
        self.text_at = 0

    def text(self, value):
        """Length and place of a text."""
        raw = value.encode()
        at = self.text_at + len(self.texts)
        self.texts += raw + b"\0"
        return struct.pack("<HH", len(raw), at if raw else 0)


def block(kind, index, body):
    """The six bytes every block begins with, and the rest."""
    return struct.pack("<BBHBB", kind, 1, len(body) + 6, index, VALID) + body


def nic_block(table, index, text):
    """Ethernet device."""
    mac, address, *vlan = text.split(",")
    address, prefix = address.split("/")
    body = packed(address) + struct.pack("<BB", int(prefix), 1)
    body += b"\0" * 64
    body += struct.pack("<H", int(vlan[0]) if vlan else 0)
    body += bytes.fromhex(mac.replace(":", "")) + b"\0\0"
    return block(3, index, body + table.text(""))


def target_block(table, index, text):
    """Target with its CHAP names and secrets."""
    nic, address, name, *chap = text.split(",")
    chap_type = {0: 0, 2: 1, 4: 2}[len(chap)]
    chap += [""] * (4 - len(chap))
    body = packed(address) + struct.pack("<H", 3260) + b"\0" * 8
    body += struct.pack("<BB", chap_type, int(nic)) + table.text(name)
    for part in chap:
        body += table.text(part)
    return block(4, index, body)


def main(path, initiator, *rest):
    """Lays the blocks out one after the other."""
    split = rest.index("--")
    nics, targets = rest[:split], rest[split + 1:]
    table = Table()
    table.text_at = 1024
    blocks = [block(2, 0, b"\0" * 64 + table.text(initiator))]
    blocks += [nic_block(table, i, t) for i, t in enumerate(nics)]
    blocks += [target_block(table, i, t) for i, t in enumerate(targets)]
    at, places = HEAD + 18, []
    for one in blocks:
        places.append(at)
        at += len(one)
    nic_at = places[1:1 + len(nics)] + [0, 0]
    target_at = places[1 + len(nics):] + [0, 0]
    control = struct.pack("<HHHHHH", 0, places[0], nic_at[0], target_at[0],
                          nic_at[1], target_at[1])
    body = b"\0" * (HEAD - 36) + block(1, 0, control) + b"".join(blocks)
    body = body.ljust(table.text_at - 36, b"\0") + table.texts
    with open(path, "wb") as out:
        out.write(body)


main(*sys.argv[1:])
