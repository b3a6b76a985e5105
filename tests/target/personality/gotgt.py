# SPDX-License-Identifier: GPL-2.0
"""gotgt: what OpenEBS Jiva stands on."""
import pdu
from lu import designator
from personality.array import Array
from target import Gone


class Target(Array):
    source = "gotgt 7e7ebac, pkg/port/iscsit/login.go (\"Unknowen Nego KV\"; " \
        "SessionType is no key of processSecurityData()), iscsid.go (TSIH), " \
        "conn.go (buildRespPackage()), " \
        "pkg/scsi/scsilu.go (NAA from the device's number)"
    more = "hangs up at iSCSIProtocolLevel, at SessionType in the security " \
        "stage and at a name it has not; TSIH 0; no digests; ExpCmdSN counts " \
        "the NOP-Out that it answers; StatSN is the ExpStatSN of the request"
    shown = ("session", "all(.[]; .Quirks | any(startswith(\"TSIH 0\")) and "
             "any(startswith(\"ExpCmdSN counts immediate\")) and "
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

    def on(self, conn, got):
        conn.statsn = 0 if got.opcode == pdu.TMF_REQ else got.word(28)
        if got.opcode != pdu.NOP_OUT or got.itt == pdu.NONE:
            return super().on(conn, got)
        conn.send(pdu.NOP_IN, itt=got.itt, data=got.data, w28=got.cmdsn + 1)
        return True

    def vpd83(self, conn, unit):
        return designator(b"\x30\0" + unit.ident[:6])
