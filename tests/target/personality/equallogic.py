# SPDX-License-Identifier: GPL-2.0
"""Dell EqualLogic PS: one address for all, members behind it."""
from personality.array import A, Array, B


class Target(Array):
    source = "Dell PS Series Architecture: Load Balancers, TR1070 (network " \
        "load balancer); github.com/sahlberg/libiscsi/issues/140 (05/25 " \
        "while a volume moves)"
    more = "its group portal sends each login to another member, in turn"
    shown = ("connection", "([.[].TargetAddress] | unique | length == 2) "
             "and all(.[]; .TargetPortNumber == 3261)")
    vendor, product, revision, oui = "EQLOGIC", "100E-00", "8.1", 0x0690a8
    addresses = [(A, 3260, 1), (A, 3261, 1), (B, 3261, 1)]
    count = 2
    turn = 0

    def discovery(self, conn):
        return super().discovery(conn)[:2]

    def on_login_step(self, conn, req, n):
        if conn.discovers or ":3261" in conn.portal.text:
            return False
        self.did()
        self.turn += 1
        conn.login_response(
            req, [f"TargetAddress={(A, B)[self.turn % 2]}:3261,1"],
            status=0x0101, flags=0)
        return True
