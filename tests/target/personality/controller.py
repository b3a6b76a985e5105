# SPDX-License-Identifier: GPL-2.0
"""Arrays with units that are no disks: HP EVA, XP, 3PAR."""
import lu
from personality.array import Array
from personality.unit import Unit

CONTROLLER, NO_TYPE = 0x0c, 0x1f


class Target(Array):
    source = "SPC-5 peripheral device types 0Ch and 1Fh; SPC-2 INQUIRY (byte 3 is reserved); " \
        "HP EVA host documentation (HSV controller at LUN 0), HP 3PAR (SES " \
        "at LUN 254); github.com/hreinecke/sg3_utils/pull/30 (type 31)"
    more = "units of type 0Ch at LUN 0 and 1Fh at LUN 254, by one path; looks at " \
        "byte 4 of INQUIRY's length alone"
    shown = ("path", "([.[] | select(.Lun != 1)] | length == 2) and "
             "([.[] | select(.Disk != \"\") | .Lun] | unique == [1])")
    vendor, product, revision, oui = "HP", "HSV300", "0005", 0x001438
    lun = 1

    def first_luns(self):
        return {0: Unit(self, "controller", 1, CONTROLLER),
                1: Unit(self, "first", 8),
                254: Unit(self, "unknown", 1, NO_TYPE)}

    def answer(self, conn, lun, cdb, data):
        if lun in (0, 254) and cdb[0] in (lu.READ_CAPACITY10,
                                          lu.READ_CAPACITY16):
            return lu.ILLEGAL_REQUEST
        answer = super().answer(conn, lun, cdb, data)
        if cdb[0] == lu.INQUIRY and isinstance(answer, bytes):
            self.did()
            return answer[:cdb[4]]
        return answer
