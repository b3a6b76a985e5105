# SPDX-License-Identifier: GPL-2.0
"""LSI/NetApp E-Series, IBM DS, Dell MD without ALUA: the controller that does
not own a volume refuses its blocks."""
import lu
from personality.array import Array
from personality.unit import READS, WRITES

NOT_OWNER = (5, 0x94, 1)


class Target(Array):
    source = "Linux drivers/scsi/device_handler/scsi_dh_rdac.c (05/94/01: " \
        "quiescence or not the owner); Dell PowerVault MD32xx manual"
    more = "05/94/01 for blocks through the controller that does not own them"
    shown = ("path", "[.[] | select(.Disk != \"\")] | length == 2")
    vendor, product, revision, oui = "DELL", "MD32xxi", "0784", 0x0842b2
    ready = 1
    owner = 1

    def link(self, number, up):
        """Automatic volume transfer: the owner has lost its host."""
        if not up and self.owner == number:
            self.owner = 3 - number

    def refuses(self, conn, unit, cdb):
        if conn.portal.tag == self.owner:
            return None
        if cdb[0] in READS + WRITES + (lu.TEST_UNIT_READY,):
            self.did()
            return NOT_OWNER
        return None
