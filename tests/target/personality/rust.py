# SPDX-License-Identifier: GPL-2.0
"""iscsi-target, a library for Rust."""
from personality.array import Array


class Target(Array):
    source = "iscsi-crate 4e57c9a: TSIH is never " \
        "set, CRC32C is chosen from any list and never reckoned"
    more = "TSIH 0; takes CRC32C from any offer and has none"
    shown = ("session", "all(.[]; .TargetSideIdentifier == \"0000\" and "
             "(.IsHeaderDigest | not))")
    vendor, product = "RUST", "ISCSI DISK"
    crc32c, tells, tsih = False, "nothing", 0
    lacks = ("reservations",)
    mutual = False

    def last_answers(self, conn, pairs):
        conn.params.pop("HeaderDigest", None)
        conn.params.pop("DataDigest", None)
        self.did()
        return pairs

    def digest(self, offers):
        return "CRC32C" if "CRC32C" in offers else "None"

    def vpd83(self, conn, unit):
        """As many have it: a designator of vendor and serial number."""
        text = f"{self.vendor:8}{unit.serial}".encode()
        return bytes([2, 1, 0, len(text)]) + text
