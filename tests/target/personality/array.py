# SPDX-License-Identifier: GPL-2.0
"""What is common to all personalities: portals, sessions, units, and what
happens to them. A personality is a subclass that does some of it another way,
counts it by did(), and says where that is known from.
"""
import collections
import struct
import threading

import lu
import pdu
from personality.unit import PR_IN, PR_OUT, CONFLICT, Unit
from target import Conn, Gone, Server

Nexus = collections.namedtuple("Nexus", "initiator isid tag")
MAINTENANCE_OUT = 0xa4
OPTIMIZED, NON_OPTIMIZED, STANDBY, UNAVAILABLE = range(4)
NO_UNIT = (5, 0x25, 0)
RESET, LUNS_CHANGED, CAPACITY_CHANGED, ALUA_CHANGED = \
    (6, 0x29, 0), (6, 0x3f, 0x0e), (6, 0x2a, 9), (6, 0x2a, 6)
DIGESTS = ("HeaderDigest", "DataDigest")
A, B = "10.9.1.2", "10.9.2.2"


class Portal(Server):
    """One address of an array; its portal group tag is its ALUA group, too."""

    def __init__(self, array, address, port, tag):
        self.array, self.tag, self.text = array, tag, f"{address}:{port}"
        super().__init__(address, None, port)

    def conn(self, sock, req):
        conn = Port(sock, self.array, self)
        self.array.conns.append(conn)
        return conn


class Port(Conn):
    """One connection to an array."""

    def __init__(self, sock, array, portal):
        super().__init__(sock, array, 0)
        self.portal, self.nexus, self.discovers = portal, None, False
        self.attentions = collections.defaultdict(list)
        self.sending = threading.Lock()

    def send(self, opcode, **fields):
        with self.sending:
            super().send(opcode, **fields)

    def login_response(self, req, pairs=(), transit=True, nsg=None, **fields):
        if req.flags & 0x83 == 0x83 and not self.discovers:
            fields.setdefault("tsih", self.case.tsih)
        super().login_response(req, pairs, transit, nsg, **fields)

    def login_step(self, req):
        if "AuthMethod" not in req.keys:
            super().login_step(req)
            return
        method = "CHAP" if self.case.secret else "None"
        if method not in req.keys["AuthMethod"].split(","):
            self.login_response(req, status=0x0201, flags=0)
            return
        pairs = [f"AuthMethod={method}"]
        if not self.discovers:
            pairs.append(f"TargetPortalGroupTag={self.portal.tag}")
        self.login_response(req, self.case.first_answers(self, pairs))

    def answers(self, req):
        pairs = [p for p in super().answers(req) if
                 p.split("=")[0] not in DIGESTS]
        for key in DIGESTS:
            if key in req.keys:
                value = self.case.digest(req.keys[key].split(","))
                self.params[key] = value
                pairs.append(f"{key}={value}")
        return self.case.last_answers(self, pairs)

    def command(self, cmd):
        lun = struct.unpack(">H", cmd.lun[:2])[0] & 0x3fff
        data = self.take(cmd) if cmd.is_write else b""
        with self.case.lock:
            answer = self.case.answer(self, lun, cmd.cdb, data)
        if isinstance(answer, tuple):
            self.sense(cmd, *answer)
        elif isinstance(answer, int):
            self.response(cmd, answer)
        elif cmd.is_write or not cmd.length:
            self.response(cmd)
        elif answer:
            self.read(cmd, answer[:cmd.length])
        else:
            self.response(cmd, flags=pdu.FINAL | pdu.UNDERFLOW,
                          residual=cmd.length)


class Array:
    source = ""		# where all this is known from
    more = ""		# what it does that LIO does not
    shown = ("session", "true")	# where iscsictl shows that: noun, jq filter
    iqns = ["iqn.2026-11.org.test:array"]
    addresses = [(A, 3260, 1), (B, 3260, 2)]
    vendor, product, revision, oui = "TEST", "ARRAY", "1.0", 0x014050
    lun = 0		# of the first disk
    disks = 1		# that are seen then
    tpgs = 0		# 1 implicit, 2 explicit ALUA
    states = {}		# by portal group tag, OPTIMIZED where not told
    discovered_at = [A]
    params = {}
    crc32c = True
    full_status = True	# READ FULL STATUS of reservations
    tells = "attention"	# of new LUNs and sizes; "event", too; "nothing"
    tsih = 1
    paths = 2		# to the disk
    ready = 2		# of those that carry I/O
    count = 1		# sessions for each portal
    mutual = True	# both sides by CHAP
    lacks = ()		# steps of the course that it has not
    none = 21		# exit status for a target that it has not
    security = True
    login = up = serve = lu = None

    def __init__(self):
        self.lock, self.stop = threading.RLock(), threading.Event()
        self.conns, self.portals, self.ports = [], [], {}
        self.counts = collections.Counter()
        self.secret = self.secret_in = b""
        self.broken, self.logins = None, 0
        self.states = dict(self.states)
        self.luns = self.first_luns()
        self.login, self.up, self.serve = self.on_login, self.on_up, self.on

    # --- what personalities change

    def first_luns(self):
        return {self.lun: Unit(self, "first", 8)}

    def discovery(self, conn):
        """The answer to SendTargets=All."""
        pairs = []
        for iqn in self.iqns:
            pairs.append(f"TargetName={iqn}")
            pairs += [self.target_address(*a) for a in self.addresses]
        return pairs

    @staticmethod
    def target_address(address, port, tag):
        if ":" in address:
            address = f"[{address}]"
        return f"TargetAddress={address}:{port},{tag}"

    def first_answers(self, conn, pairs):
        """Of the security stage."""
        return pairs

    def last_answers(self, conn, pairs):
        """Of the operational stage."""
        return pairs

    def digest(self, offers):
        if "None" in offers or not self.crc32c:
            return "None"
        return "CRC32C"

    def on_login(self, conn, req, n):
        """Login hook of Conn: true if it has answered."""
        if n == 0:
            conn.discovers = req.keys.get("SessionType") == "Discovery"
            name = req.keys.get("TargetName")
            if not conn.discovers and not self.knows(conn, name):
                conn.login_response(req, status=0x0203, flags=0)
                return True
            conn.nexus = Nexus(req.keys.get("InitiatorName"), req.lun[:6],
                               conn.portal.tag)
            conn.target = name
            if not conn.discovers:
                self.logins += 1
        return self.on_login_step(conn, req, n)

    def knows(self, conn, name):
        return name in self.iqns

    def on_login_step(self, conn, req, n):
        return False

    def on(self, conn, got):
        """Each PDU of the full feature phase; true if it was dealt with."""
        if got.opcode == pdu.TEXT_REQ and "SendTargets" in got.keys:
            conn.send(pdu.TEXT_RSP, itt=got.itt,
                      data=pdu.text(self.discovery(conn)))
            return True
        return False

    def special(self):
        """What only this target does of its own accord, while it is used."""

    def link(self, number, up):
        """What it does when a link goes or comes."""

    def vpd83(self, conn, unit):
        return unit.naa(self.oui)

    def refuses(self, conn, unit, cdb):
        """By the state of the port: None, status or sense."""
        state = self.states.get(conn.portal.tag, OPTIMIZED)
        if state < STANDBY or cdb[0] in (lu.MAINTENANCE_IN, MAINTENANCE_OUT,
                                         PR_IN, PR_OUT):
            return None
        return (2, 4, 0x0b if state == STANDBY else 0x0c)

    # --- connections

    def on_up(self, conn):
        if conn.discovers:
            return
        with self.lock:
            older = self.ports.get(conn.nexus)
            self.ports[conn.nexus] = conn
            for lun in self.luns:
                conn.attentions[lun].append(RESET)
        if older:
            self.hang_up(older)

    @staticmethod
    def hang_up(conn):
        try:
            conn.sock.shutdown(2)
        except OSError:
            pass

    def seen(self, got):
        """Every PDU that comes in is looked at in on()."""

    def did(self, what="it"):
        self.counts[what] += 1

    def open(self):
        self.portals = [Portal(self, *a) for a in self.addresses]

    def close(self):
        for portal in self.portals:
            portal.close()
        for conn in self.conns:
            self.hang_up(conn)
        self.conns, self.ports = [], {}

    def forget(self):
        """What a loss of power does."""
        for unit in self.luns.values():
            unit.reservation.__init__()

    def sessions(self):
        with self.lock:
            return sum(c.sock.fileno() >= 0 for c in self.ports.values())

    # --- units

    def tell(self, attention, lun=None):
        """All sessions, on one LUN or all."""
        if self.tells == "nothing":
            return
        data = lu.sense(*attention)
        for conn in list(self.ports.values()):
            for each in list(self.luns) if lun is None else [lun]:
                if attention not in conn.attentions[each]:
                    conn.attentions[each].append(attention)
            if self.tells == "event" and conn.sock.fileno() >= 0:
                try:
                    conn.async_message(0, lun=struct.pack(">H6x", lun or 0),
                                       data=struct.pack(">H", len(data)) + data)
                except Gone:
                    pass

    def map(self, lun, unit):
        with self.lock:
            self.luns.pop(lun, None)
            if unit:
                self.luns[lun] = unit
            self.tell(LUNS_CHANGED)

    def resize(self, lun, mib):
        with self.lock:
            self.luns[lun].resize(mib)
            self.tell(CAPACITY_CHANGED, lun)

    def report_luns(self):
        return lu.luns(sorted(self.luns))

    def absent(self, cdb):
        if cdb[0] == lu.INQUIRY:
            return b"\x7f\0\6\2\x1f" + bytes(31)
        return NO_UNIT

    def answer(self, conn, lun, cdb, data):
        """A command, to be called with the lock: data, sense or status."""
        opcode = cdb[0]
        if opcode == lu.REPORT_LUNS:
            return self.report_luns()
        unit = self.luns.get(lun)
        if not unit:
            return self.absent(cdb)
        if opcode == lu.INQUIRY and cdb[1] & 1:
            return unit.pages(self.vpd83(conn, unit)).get(cdb[2], (5, 0x24, 0))
        if opcode == lu.INQUIRY:
            return unit.answer(cdb)
        if conn.attentions[lun]:
            return conn.attentions[lun].pop(0)
        refused = self.refuses(conn, unit, cdb)
        if refused is not None:
            return refused
        if unit.reservation.refuses(conn.nexus, opcode):
            return CONFLICT
        return self.execute(conn, unit, cdb, data)

    def execute(self, conn, unit, cdb, data):
        opcode = cdb[0]
        extent = unit.extent(cdb)
        if extent:
            return unit.move(cdb, extent, data)
        if opcode == PR_OUT:
            wrong = unit.reservation.out(conn.nexus, cdb, data)
            return b"" if wrong is None else wrong
        if opcode == PR_IN:
            return unit.reservation.read(cdb[1] & 0x1f, lambda n: n.tag,
                                         self.full_status)
        if opcode == lu.MAINTENANCE_IN and cdb[1] & 0x1f == 0x0a and self.tpgs:
            return self.groups(cdb[1] >> 5)
        if opcode == MAINTENANCE_OUT and self.tpgs & 2:
            return self.set_groups(data)
        return unit.answer(cdb)

    # --- ALUA, SPC-5 5.15

    def port_designators(self, conn):
        tag = conn.portal.tag
        return lu.designator(struct.pack(">HH", 0, tag), 1, 4, 1) + \
            lu.designator(struct.pack(">HH", 0, tag), 1, 5, 1)

    def groups(self, extended):
        body = b""
        for tag in sorted({t for _, _, t in self.addresses}):
            state = self.states.get(tag, OPTIMIZED)
            body += struct.pack(">BBHBBBBHH", state, 0x8f, tag, 0, 0, 0, 1,
                                0, tag)
        if extended:
            body = b"\x10\0\0\0" + body
        return struct.pack(">I", len(body)) + body

    def set_groups(self, data):
        for at in range(4, len(data) - 3, 4):
            state, tag = struct.unpack(">BxH", data[at:at + 4])
            self.states[tag] = state & 15
        self.did("STPG")
        self.tell(ALUA_CHANGED)
        return b""
