# SPDX-License-Identifier: GPL-2.0
"""The iSCSI target server of Windows Server."""
from lu import designator
from personality.array import Array


class Target(Array):
    source = "learn.microsoft.com: iSCSI Target Server, New-IscsiServerTarget; " \
        "RFC 7143 13 defaults (InitialR2T=Yes, 64 and 256 KiB bursts)"
    more = "leaves keys unanswered that it does not use; its first " \
        "designator is text"
    shown = ("session", "all(.[]; .Negotiated.InitialR2T)")
    vendor, product, revision, oui = "MSFT", "Virtual HD", "6.3", 0x0003ff
    iqns = ["iqn.1991-05.com.microsoft:srv1-data-target"]
    params = {"InitialR2T": "Yes", "MaxBurstLength": "262144",
              "FirstBurstLength": "65536", "MaxOutstandingR2T": "1"}
    silent = ("DataPDUInOrder", "DataSequenceInOrder", "MaxConnections",
              "ErrorRecoveryLevel")

    def last_answers(self, conn, pairs):
        self.did()
        return [p for p in pairs if p.split("=")[0] not in self.silent]

    def vpd83(self, conn, unit):
        text = f"{'MSFT':8}{unit.serial}".encode()
        return designator(text, 2, 1) + unit.naa(self.oui)
