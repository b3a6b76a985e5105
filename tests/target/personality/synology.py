# SPDX-License-Identifier: GPL-2.0
"""Synology DSM: LIO with names of its own and copies that say they are the
original."""
from personality.array import Array
from personality.unit import Unit


class Target(Array):
    source = "github.com/SynologyOpenSource/synology-csi/issues/90 (names, " \
        "copies of LUNs); dracut-ng/dracut-ng/issues/2550 (capitals); " \
        "Linux target_core_spc.c: 25 digits of the serial number in the NAA"
    more = "a name with capitals, compared byte by byte; a copy of the first " \
        "LUN with its VPD 83"
    shown = ("path", "([.[] | select(.IdentityClash != \"\")] | length == 4) "
             "and ([.[].Disk] | unique | length == 2)")
    vendor, product, revision = "SYNOLOGY", "Storage", "4.0"
    iqns = ["iqn.2000-01.com.synology:DiskStation4.Target-1.5f3a"]
    oui, disks = 0x001405, 2

    def first_luns(self):
        copy = Unit(self, "copy", 8)
        luns = {0: Unit(self, "first", 8), 1: copy}
        copy.ident = luns[0].ident
        return luns

    def knows(self, conn, name):
        if name in self.iqns:
            self.did()
        return super().knows(conn, name)
