# SPDX-License-Identifier: GPL-2.0
"""Pure Storage FlashArray, and others that ping their initiators."""
import threading

import pdu
from personality.array import Array
from target import Gone

EACH = 0.3	# seconds; a real one takes some more


class Target(Array):
    source = "RFC 7143 11.19; github.com/iscsi-osx/iSCSIInitiator/issues/81, " \
        "github.com/sahlberg/libiscsi/issues/185 (initiators that were " \
        "dropped for pings without an answer); multipath-tools, " \
        "libmultipath/hwtable.c (PURE FlashArray)"
    more = "pings all the time, and drops who does not answer"
    shown = ("session", "all(.[]; .ReconnectCount == 0)")
    vendor, product, revision, oui = "PURE", "FlashArray", "8888", 0x24a937
    tells = "event"

    def on_up(self, conn):
        super().on_up(conn)
        if not conn.discovers:
            conn.pinged = conn.answered = 0
            self.start(conn)

    def start(self, conn):
        threading.Thread(target=self.ping, args=(conn,), daemon=True).start()

    def ping(self, conn):
        try:
            while not self.stop.wait(EACH):
                if conn.pinged - conn.answered > 40:
                    self.broken = "pings were not answered"
                    self.hang_up(conn)
                    return
                conn.pinged += 1
                conn.nop_in(ttt=conn.pinged, data=b"ping")
        except Gone:
            pass

    def on(self, conn, got):
        if got.opcode == pdu.NOP_OUT and got.itt == pdu.NONE:
            conn.answered += 1
            self.did()
            return True
        return super().on(conn, got)
