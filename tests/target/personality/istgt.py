# SPDX-License-Identifier: GPL-2.0
"""istgt 0.4, formerly in FreeNAS and NAS4Free."""
import struct

import pdu
from lu import designator
from personality.array import Array


class Target(Array):
    source = "Debian's istgt 0.4~20111008, istgt.conf(5) (MaxR2T, InitialR2T, " \
        "NopInInterval) and its units' VPD 83 (designators of the port, too)"
    more = "pings by NOP-In of its own; R2Ts of 8 KiB at most"
    shown = ("session", "all(.[]; .Negotiated.InitialR2T and "
             ".Negotiated.MaxBurstLength == 8192)")
    vendor, product, revision = "FreeBSD", "iSCSI DISK", "0001"
    oui = 0
    params = {"InitialR2T": "Yes", "MaxBurstLength": "8192",
              "FirstBurstLength": "8192", "MaxOutstandingR2T": "1",
              "MaxRecvDataSegmentLength": "8192"}
    tells = "nothing"
    full_status = False

    def on_up(self, conn):
        super().on_up(conn)
        if not conn.discovers:
            conn.nop_in(ttt=0x50, lun=bytes(8))

    def on(self, conn, got):
        if got.opcode == pdu.NOP_OUT and got.itt == pdu.NONE and \
                got.word(20) == 0x50:
            self.did()
        return super().on(conn, got)

    def vpd83(self, conn, unit):
        port = f"{conn.target},t,0x{conn.portal.tag:04x}".encode() + b"\0"
        port += bytes(-len(port) % 4)
        return designator(b"\x30" + unit.ident[:7]) + \
            designator(port, 3, 8, 1) + \
            designator(struct.pack(">HH", 0, conn.portal.tag), 1, 4, 1)
