#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""pair.py KIND NAME...: a target for each name, the first by link 1, the next by
link 2, until the standard input ends. Each has one unit; what they say of
themselves is the same but for KIND:

  type    the second is a zoned disk (SPC-5 type 0x14)
  oui     nothing, and their NAA has no vendor's OUI
  local   nothing, and their NAA is assigned locally (NAA 3)
  t10     nothing, and all that names them is a T10 id
"""
import sys

import lu
from lu import designator
from personality.array import A, Array, B
from personality.unit import Unit

ZONED = 0x14


class Member(Array):
    def __init__(self, kind, iqn, address, second):
        self.kind, self.iqns = kind, [iqn]
        self.zoned = second and kind == "type"
        self.addresses = [(address, 3260, 1)]
        super().__init__()

    def first_luns(self):
        return {0: Unit(self, "same", 8, ZONED if self.zoned else lu.DISK)}

    def vpd83(self, conn, unit):
        if self.kind == "t10":
            return designator(f"{self.vendor:8.8}volume-1".encode(), 2, 1)
        if self.kind == "local":
            return designator(bytes([0x30]) + unit.ident[:7])
        return unit.naa(0 if self.kind == "oui" else self.oui)


def main():
    pair = [Member(sys.argv[1], iqn, address, address == B)
            for iqn, address in zip(sys.argv[2:], (A, B))]
    for target in pair:
        target.open()
    print("listening", flush=True)
    sys.stdin.read()
    for target in pair:
        target.close()


main()
