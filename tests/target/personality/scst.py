# SPDX-License-Identifier: GPL-2.0
"""SCST 3.x: TrueNAS SCALE, ESOS, Open-E."""
from personality.array import Array


class Target(Array):
    source = "SCST, iscsi-scst/usr/param.c (session_keys: 0 to 0), " \
        "iscsi-scst/usr/target.c; github.com/SCST-project/scst/issues/228"
    more = "DefaultTime2Wait=0 for any offer; a link-local address of its own"
    shown = ("session", "all(.[]; .Quirks | "
             "any(startswith(\"DefaultTime2Wait: \")))")
    vendor, product = "SCST_FIO", "first"
    tells = "event"

    def last_answers(self, conn, pairs):
        if not conn.discovers:
            self.did()
        return [p if not p.startswith("DefaultTime2") else
                p.split("=")[0] + "=0" for p in pairs]

    def discovery(self, conn):
        return super().discovery(conn) + [
            "TargetAddress=[fe80::1%enp9s0]:3260,1"]
