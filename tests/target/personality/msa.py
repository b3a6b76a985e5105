# SPDX-License-Identifier: GPL-2.0
"""HPE MSA, Dell ME, Seagate Exos X: one controller owns a volume."""
import lu
from personality.array import Array, NON_OPTIMIZED
from personality.unit import Unit


class Target(Array):
    source = "Dell ME4/HPE MSA 2060 best practices (ULP, ALUA); " \
        "multipath-tools, libmultipath/hwtable.c (HP MSA 2040 SAN); " \
        "SES unit at LUN 0"
    more = "the other controller is not optimized; an enclosure at LUN 0"
    shown = ("path", "[.[] | select(.Lun == 1) | .AluaState] | sort == "
             "[\"non-optimized\", \"optimized\"]")
    vendor, product, revision, oui = "HPE", "MSA 2060 iSCSI", "I200", 0x00c0ff
    lun, tpgs, tells = 1, 1, "attention"
    states = {2: NON_OPTIMIZED}

    def first_luns(self):
        return {0: Unit(self, "enclosure", 1, 0x0d),
                1: Unit(self, "first", 8)}

    def groups(self, extended):
        self.did()
        return super().groups(extended)

    def vpd83(self, conn, unit):
        return unit.naa(self.oui) + self.port_designators(conn)

    def answer(self, conn, lun, cdb, data):
        if lun == 0 and cdb[0] == lu.READ_CAPACITY10:
            return lu.ILLEGAL_REQUEST
        return super().answer(conn, lun, cdb, data)
