# SPDX-License-Identifier: GPL-2.0
"""NetApp ONTAP: a portal group for each interface, on two nodes."""
from personality.array import A, Array, B, NON_OPTIMIZED

UNAVAILABLE_NOW = 0x0301


class Target(Array):
    source = "NetApp ONTAP SAN configuration reference and host settings for " \
        "Linux (ALUA, selective LUN map); multipath-tools, " \
        "libmultipath/hwtable.c (NETAPP LUN); IPv6 LIFs beside IPv4"
    more = "four port groups of two nodes, two of them not optimized; 0x0301 " \
        "at first after a takeover"
    shown = ("path", "([.[].TargetPortGroup] | unique | length == 4) and "
             "([.[] | select(.AluaState == \"non-optimized\")] | length == 2)")
    vendor, product, revision, oui = "NETAPP", "LUN C-Mode", "9151", 0x0a0980
    iqns = ["iqn.1992-08.com.netapp:sn.8b1a:vs.7"]
    addresses = [(A, 3260, 1030), (B, 3260, 1031),
                 ("fd09:1::2", 3260, 1032), ("fd09:2::2", 3260, 1033)]
    states = {1032: NON_OPTIMIZED, 1033: NON_OPTIMIZED}
    tpgs, paths, ready = 3, 4, 4
    refusals = 0

    def forget(self):
        super().forget()
        self.refusals = 4

    def on_login_step(self, conn, req, n):
        if n or conn.discovers or not self.refusals:
            return False
        self.refusals -= 1
        conn.login_response(req, status=UNAVAILABLE_NOW, flags=0)
        return True

    def groups(self, extended):
        self.did()
        return super().groups(extended)

    def vpd83(self, conn, unit):
        return unit.naa(self.oui) + self.port_designators(conn)
