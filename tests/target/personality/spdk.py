# SPDX-License-Identifier: GPL-2.0
"""SPDK's iscsi_tgt."""
from personality.array import A, Array, B


class Target(Array):
    source = "SPDK, lib/iscsi/iscsi.c and portal_grp.c, doc/iscsi.md " \
        "(redirection to a private portal group), lib/iscsi/param.c, " \
        "lib/scsi/scsi_bdev.c (names from the bdev's)"
    more = "sends each login to a portal group that discovery does not tell"
    shown = ("connection", "all(.[]; .TargetPortNumber == 3261)")
    vendor, product, revision = "INTEL", "Malloc disk", "0001"
    addresses = [(A, 3260, 1), (B, 3260, 2), (A, 3261, 3), (B, 3261, 4)]

    def discovery(self, conn):
        return [p for p in super().discovery(conn) if ":3261," not in p]

    def on_login_step(self, conn, req, n):
        if conn.discovers or conn.portal.tag > 2:
            return self.algorithm(conn, req)
        self.did()
        where = conn.portal.text.replace(":3260", ":3261")
        conn.login_response(req, [f"TargetAddress={where}"], status=0x0101,
                            flags=0)
        return True

    @staticmethod
    def algorithm(conn, req):
        """MD5 is the only one."""
        offers = req.keys.get("CHAP_A", "5").split(",")
        if "5" not in offers:
            conn.login_response(req, status=0x0201, flags=0)
        elif "CHAP_A" in req.keys:
            conn.login_response(req, conn.challenge(req, "5"))
        return "CHAP_A" in req.keys

    def last_answers(self, conn, pairs):
        return pairs + ["iSCSIProtocolLevel=NotUnderstood"] \
            if "iSCSIProtocolLevel" in conn.offered else pairs
