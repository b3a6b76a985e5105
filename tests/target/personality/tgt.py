# SPDX-License-Identifier: GPL-2.0
"""tgt (STGT), also in OpenStack's cinder."""
import lu
from lu import designator
from personality.array import Array
from personality.unit import Unit


class Target(Array):
    source = "tgt 1.0.97, usr/iscsi/chap.c, usr/spc.c (NAA of target and LUN " \
        "number), usr/iscsi/target.c (LUN 0 is a controller); " \
        "github.com/rackerlabs/genestack/issues/451"
    more = "a controller at LUN 0, disks from LUN 1, an NAA without a vendor; " \
        "chooses SHA-256 and fails with it"
    shown = ("path", "[.[] | select(.Disk != \"\" and .Lun == 1)] | length == 2")
    vendor, product, revision = "IET", "VIRTUAL-DISK", "0001"
    lun = 1
    mutual = True

    def first_luns(self):
        return {0: Unit(self, "controller", 1, 0x0c),
                1: Unit(self, "first", 8)}

    def vpd83(self, conn, unit):
        """The same for this LUN number of every tgtd."""
        number = 0x10000 + next(n for n, u in self.luns.items() if u is unit)
        self.did()
        return designator(b"\x60" + bytes(7) + b"\x0e" + bytes(3) +
                          number.to_bytes(4, "big"))

    def on_login_step(self, conn, req, n):
        if "7" in req.keys.get("CHAP_A", "").split(","):
            conn.login_response(req, status=0x0200, flags=0)
            return True
        return False

    def answer(self, conn, lun, cdb, data):
        if lun == 0 and cdb[0] == lu.READ_CAPACITY10:
            return lu.ILLEGAL_REQUEST
        return super().answer(conn, lun, cdb, data)
