# SPDX-License-Identifier: GPL-2.0
"""StarWind Virtual SAN: one disk by two servers with a target name each."""
from lu import designator
from personality.array import A, Array, B


class Target(Array):
    source = "starwindsoftware.com, Virtual SAN best practices and How to " \
        "configure MPIO (HA: both nodes' targets are paths of one disk)"
    more = "one disk by two target names, its name an EUI-64"
    shown = ("path", "([.[].TargetNodeAddress] | unique | length == 2) and "
             "([.[].Disk] | unique | length == 1)")
    vendor, product, revision = "STARWIND", "STARWIND", "0001"
    iqns = ["iqn.2008-08.com.starwindsoftware:sw1-disk1",
            "iqn.2008-08.com.starwindsoftware:sw2-disk1"]
    discovered_at = [A, B]

    def discovery(self, conn):
        """Each node tells its own, and the course asks both."""
        iqn = self.iqns[conn.portal.tag - 1]
        return [f"TargetName={iqn}",
                self.target_address(*self.addresses[conn.portal.tag - 1])]

    def knows(self, conn, name):
        return name == self.iqns[conn.portal.tag - 1]

    def vpd83(self, conn, unit):
        self.did()
        return designator(b"\x8c\xd4\x1a" + unit.ident[:5], 1, 2)
