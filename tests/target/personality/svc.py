# SPDX-License-Identifier: GPL-2.0
"""IBM SVC and Storwize (FlashSystem): nothing at LUN 0."""
from personality.array import Array, NON_OPTIMIZED


class Target(Array):
    source = "IBM FlashSystem/SVC documentation (host mappings may begin at any " \
        "SCSI ID); multipath-tools, libmultipath/hwtable.c (IBM 2145); " \
        "github.com/open-iscsi/open-iscsi/issues/175 (LUN 0 missing)"
    more = "no LUN 0; each node has a target name of its own"
    shown = ("path", "([.[] | .Lun] | unique == [5]) and "
             "([.[].TargetNodeAddress] | unique | length == 2)")
    vendor, product, revision, oui = "IBM", "2145", "0000", 0x005076
    iqns = ["iqn.1986-03.com.ibm:2145.fs.node1",
            "iqn.1986-03.com.ibm:2145.fs.node2"]
    lun, tpgs = 5, 1
    states = {2: NON_OPTIMIZED}

    def discovery(self, conn):
        return [p for n, iqn in enumerate(self.iqns) for p in (
            f"TargetName={iqn}", self.target_address(*self.addresses[n]))]

    def knows(self, conn, name):
        return name == self.iqns[conn.portal.tag - 1]

    def absent(self, cdb):
        self.did()
        return super().absent(cdb)

    def report_luns(self):
        self.did()
        return super().report_luns()

    def vpd83(self, conn, unit):
        return unit.naa(self.oui) + self.port_designators(conn)
