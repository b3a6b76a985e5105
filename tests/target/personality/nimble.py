# SPDX-License-Identifier: GPL-2.0
"""HPE Nimble: moves connections to its other interfaces while they are used."""
from personality.array import A, Array, B
from target import Gone


class Target(Array):
    source = "community.hpe.com, Nimble OS 2.0: Manual vs Automatic Networking " \
        "(automatic connection rebalancing); RFC 7143 11.9.1 event 1, 11.13.5"
    more = "asks for a logout in the middle of I/O and sends the login elsewhere"
    shown = ("session", "any(.[]; .ReconnectCount > 0)")
    vendor, product, revision, oui = "Nimble", "Server", "1.0", 0x6c9ce9
    iqns = ["iqn.2007-11.com.nimblestorage:vol1-v2d1c"]
    tells = "event"
    addresses = [(A, 3260, 2460), (B, 3260, 2460), (A, 3261, 2460),
                 (B, 3261, 2460)]
    moves = 0

    def discovery(self, conn):
        return super().discovery(conn)[:3]

    def on_login_step(self, conn, req, n):
        if n or conn.discovers or not self.moves or \
                ":3261" in conn.portal.text:
            return False
        self.moves -= 1
        self.did()
        where = conn.portal.text.replace(":3260", ":3261")
        conn.login_response(req, [f"TargetAddress={where},2460"],
                            status=0x0101, flags=0)
        return True

    def special(self):
        """All at once, as when an interface goes."""
        with self.lock:
            conns = [c for c in self.ports.values() if c.sock.fileno() >= 0]
            self.moves = len(conns)
        for conn in conns:
            try:
                conn.async_message(1, param3=3)
            except Gone:
                pass
