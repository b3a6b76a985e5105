# SPDX-License-Identifier: GPL-2.0
"""gotgt: what OpenEBS Jiva stands on."""
from lu import designator
from personality.array import Array
from target import Gone


class Target(Array):
    source = "gotgt 7e7ebac, pkg/port/iscsit/login.go (\"Unknowen Nego KV\"; " \
        "SessionType is no key of processSecurityData()), iscsid.go (TSIH), " \
        "pkg/scsi/scsilu.go (NAA from the device's number)"
    more = "hangs up at iSCSIProtocolLevel, at SessionType in the security " \
        "stage and at a name it has not; TSIH 0; no digests"
    shown = ("session", "all(.[]; .Quirks | any(startswith(\"TSIH 0\")) and "
             "any(startswith(\"iSCSIProtocolLevel is not offered\")))")
    vendor, product = "GOSTOR", "GOTGT"
    crc32c, tells, tsih = False, "nothing", 0
    full_status, mutual = False, False
    lacks = "chap", "discovery-chap"
    none = 4

    def knows(self, conn, name):
        return True

    def on_login_step(self, conn, req, n):
        if "AuthMethod" in req.keys:
            return False
        if "iSCSIProtocolLevel" in req.keys:
            self.did()
            raise Gone
        # a session is a normal one until this request says otherwise
        if req.keys.get("SessionType") != "Discovery" and \
                conn.target not in self.iqns:
            raise Gone
        return False

    def vpd83(self, conn, unit):
        return designator(b"\x30\0" + unit.ident[:6])
