# SPDX-License-Identifier: GPL-2.0
"""A logical unit of an array: its data, its identity, who has reserved it."""
import hashlib
import struct

import lu
from lu import BLOCK, designator, page

PR_IN, PR_OUT, MODE_SELECT6, UNMAP = 0x5e, 0x5f, 0x15, 0x42
CONFLICT = 0x18
OUT_OF_RANGE, INVALID_FIELD = (5, 0x21, 0), (5, 0x24, 0)
WRITES = (lu.WRITE10, lu.WRITE16, MODE_SELECT6, UNMAP)
READS = (lu.READ10, lu.READ16)
REGISTRANTS, ALL_REGISTRANTS = (5, 6, 7, 8), (7, 8)
WRITE_EXCLUSIVE = (1, 5, 7)


def transport_id(nexus):
    """SPC-5 7.6.4.6: an iSCSI initiator port."""
    name = f"{nexus.initiator},i,0x{nexus.isid.hex()}".encode() + b"\0"
    name += bytes(-len(name) % 4)
    return b"\x45\0" + struct.pack(">H", len(name)) + name


class Reservation:
    """SPC-5 5.14, without what survives a loss of power."""

    def __init__(self):
        self.keys, self.holder, self.kind, self.generation = {}, None, 0, 0

    def holds(self, nexus):
        return nexus in self.keys if self.kind in ALL_REGISTRANTS else \
            nexus == self.holder

    def refuses(self, nexus, opcode):
        if self.holder is None or opcode not in READS + WRITES:
            return False
        if self.holds(nexus) or \
                (self.kind in REGISTRANTS and nexus in self.keys):
            return False
        return opcode in WRITES or self.kind not in WRITE_EXCLUSIVE

    def leave(self, nexus):
        self.keys.pop(nexus, None)
        if nexus == self.holder and self.kind in ALL_REGISTRANTS and self.keys:
            self.holder = next(iter(self.keys))
        elif nexus == self.holder:
            self.holder = None

    def out(self, nexus, cdb, data):
        """PERSISTENT RESERVE OUT: None or what is wrong."""
        action, kind = cdb[1] & 0x1f, cdb[2] & 15
        if len(data) < 24:
            return (5, 0x1a, 0)
        key, new = struct.unpack(">QQ", data[:16])
        if action != 6 and self.keys.get(nexus, 0) != key:
            return CONFLICT
        if action in (0, 6):
            self.generation += 1
            if new:
                self.keys[nexus] = new
            else:
                self.leave(nexus)
        elif nexus not in self.keys:
            return CONFLICT
        elif action == 1:
            if self.holder is not None and \
                    not (self.holds(nexus) and kind == self.kind):
                return CONFLICT
            if self.holder is None:
                self.holder, self.kind = nexus, kind
        elif action == 2:
            if self.holder is not None and self.holds(nexus):
                self.holder = None
        elif action == 3:
            self.keys, self.holder = {}, None
            self.generation += 1
        elif action in (4, 5):
            self.preempt(nexus, new, kind)
        else:
            return INVALID_FIELD
        return None

    def preempt(self, nexus, victim, kind):
        takes = self.holder is not None and self.keys[self.holder] == victim
        for other in [n for n, k in self.keys.items()
                      if k == victim and n != nexus]:
            self.leave(other)
        if takes:
            self.holder, self.kind = nexus, kind
        self.generation += 1

    def read(self, action, port_of, full_status):
        """PERSISTENT RESERVE IN: data or what is wrong."""
        if action == 2:
            return bytes([0, 8, 0, 0x80, 0xea, 1, 0, 0])
        body = b""
        if action == 0:
            body = b"".join(struct.pack(">Q", k) for k in self.keys.values())
        elif action == 1:
            if self.holder is not None:
                key = 0 if self.kind in ALL_REGISTRANTS else \
                    self.keys[self.holder]
                body = struct.pack(">Q5xBxx", key, self.kind)
        elif action == 3 and full_status:
            for nexus, key in self.keys.items():
                who = transport_id(nexus)
                holds = self.holder is not None and self.holds(nexus)
                body += struct.pack(">Q4xBB4xHI", key, holds,
                                    self.kind if holds else 0,
                                    port_of(nexus), len(who)) + who
        else:
            return INVALID_FIELD
        return struct.pack(">II", self.generation, len(body)) + body


class Unit(lu.Lu):
    def __init__(self, array, name, mib, kind=lu.DISK):
        self.ident = hashlib.md5(name.encode()).digest()
        super().__init__(self.ident[:8], kind)
        self.name, self.serial = name, self.ident.hex()[:16]
        self.data = bytearray(mib << 20)
        self.reservation = Reservation()
        self.answers[lu.INQUIRY] = bytes(
            [kind, 0, 6, 2, 91, array.tpgs << 4, 0, 2]) + \
            f"{array.vendor:8.8}{array.product:16.16}{array.revision:4.4}" \
            .encode() + bytes(60)
        self.size()

    def naa(self, oui):
        """NAA 6 of this vendor."""
        rest = int.from_bytes(self.ident, "big") & ((1 << 100) - 1)
        return designator((6 << 124 | oui << 100 | rest).to_bytes(16, "big"))

    def size(self):
        blocks = len(self.data) // BLOCK
        self.answers[lu.READ_CAPACITY10] = struct.pack(">II", blocks - 1, BLOCK)
        self.answers[lu.READ_CAPACITY16] = struct.pack(">QI20x", blocks - 1,
                                                       BLOCK)

    def resize(self, mib):
        old = bytes(self.data)[:mib << 20]
        self.data = bytearray(old + bytes((mib << 20) - len(old)))
        self.size()

    def move(self, cdb, extent, data):
        """A READ or WRITE: data, nothing, or sense."""
        at, length = extent[0] * BLOCK, extent[1] * BLOCK
        if at + length > len(self.data):
            return OUT_OF_RANGE
        if cdb[0] in READS:
            return bytes(self.data[at:at + length])
        self.data[at:at + len(data)] = data
        return b""

    def pages(self, vpd83):
        """What INQUIRY says by page."""
        return {0x00: page(0x00, b"\0\x80\x83"),
                0x80: page(0x80, self.serial.encode()),
                0x83: page(0x83, vpd83)}
