# SPDX-License-Identifier: GPL-2.0
"""A scripted iSCSI target: correct by default, wrong where a case says so.

One listener serves all cases: the TargetName of the first Login Request picks
the case. Each connection has a thread that logs in and then serves commands;
a case gets hold of it in three places:

  login(conn, req, n)   for each Login Request, n counts them on this connection
  up(conn)              once, when the full feature phase begins
  serve(conn, pdu)      for each PDU of the full feature phase

login and serve return True when they have dealt with the PDU; else the target
does what is right. `conn.attempt` counts the connections of a case, so that one can
misbehave on the first and be good on the next.
"""
import hashlib
import os
import socket
import struct
import threading

import pdu
from lu import MAGIC, Lu
from lu import sense as lu_sense

DEFAULTS = {"HeaderDigest": "None", "DataDigest": "None",
            "MaxRecvDataSegmentLength": "65536", "InitialR2T": "No",
            "ImmediateData": "Yes", "MaxBurstLength": "262144",
            "FirstBurstLength": "65536", "MaxOutstandingR2T": "8",
            "DataPDUInOrder": "Yes", "DataSequenceInOrder": "Yes"}
DECLARED = ("MaxRecvDataSegmentLength",)
HASHES = {"5": hashlib.md5, "6": hashlib.sha1, "7": hashlib.sha256,
          "8": hashlib.sha3_256}


class Gone(Exception):
    """The initiator closed the connection."""


def chap_response(alg, identifier, secret, challenge):
    return HASHES[alg](bytes([identifier]) + secret + challenge).digest()


def binary(value):
    """Bytes of a hex or base64 value."""
    if value[:2] in ("0x", "0X"):
        digits = value[2:]
        return bytes.fromhex("0" * (len(digits) % 2) + digits)
    raise ValueError(value)


class Conn:
    def __init__(self, sock, case, attempt):
        self.sock = sock
        self.case = case
        self.attempt = attempt
        self.statsn = 1
        self.exp_cmdsn = 1
        self.window = 64	# MaxCmdSN - ExpCmdSN + 1
        self.header_digest = self.data_digest = False
        self.params = {}
        self.offered = {}
        self.chap = None	# what the last challenge was made of
        self.backlog = []
        self.max_xmit = 8192
        self.logins = 0
        self.full = False	# a Login Response has said so

    # --- bytes

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.sock.recv(count - len(data))
            except OSError:
                piece = b""
            if not piece:
                raise Gone
            data += piece
        return data

    def receive(self):
        bhs = self._exactly(48)
        ahs = self._exactly(bhs[4] * 4)
        if self.header_digest:
            self._exactly(4)
        length = struct.unpack(">I", b"\0" + bhs[5:8])[0]
        data = self._exactly(length + -length % 4)[:length]
        if self.data_digest and length:
            self._exactly(4)
        got = pdu.Pdu(bhs, ahs, data)
        if not got.immediate and got.opcode in (pdu.SCSI_CMD, pdu.TEXT_REQ,
                                                pdu.TMF_REQ, pdu.NOP_OUT,
                                                pdu.LOGOUT_REQ):
            self.exp_cmdsn = got.cmdsn + 1
        return got

    def next(self):
        return self.backlog.pop(0) if self.backlog else self.receive()

    def raw(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def drip(self, data, size=1, pause=0.0):
        """Sends `data` in pieces, each in a segment of its own."""
        for i in range(0, len(data), size):
            self.raw(data[i:i + size])
            if pause and self.case.stop.wait(pause):
                raise Gone

    def hold(self):
        """Says nothing more until the initiator gives up."""
        while True:
            self._exactly(1)

    def frame(self, opcode, **fields):
        """The bytes of a PDU with the numbers filled in that it needs.

        statsn= is given by those that carry one; with statsn=None the PDU
        has the present StatSN but does not use it up.
        """
        if "statsn" in fields:
            statsn = fields.pop("statsn")
            if statsn is None:
                fields.setdefault("w24", self.statsn)
            else:
                fields["w24"] = statsn
        else:
            fields.setdefault("w24", self.statsn)
            self.statsn = self.statsn + 1 & pdu.NONE
        fields.setdefault("w28", self.exp_cmdsn)
        fields.setdefault("w32", self.exp_cmdsn + self.window - 1)
        if opcode == pdu.LOGIN_RSP and not fields.get("w36", 0) >> 24:
            self.full = fields.get("flags", 0) & 0x83 == 0x83
        bad = fields.pop("digest", None)
        data = pdu.build(opcode, **fields)
        if not (self.header_digest or self.data_digest):
            return data
        ahs_end = 48 + len(fields.get("ahs", b""))
        out = data[:ahs_end]
        if self.header_digest:
            out += bytes(4) if bad == "header" else pdu.crc32c(out)
        if data[ahs_end:]:
            out += data[ahs_end:]
            if self.data_digest:
                out += bytes(4) if bad == "data" else \
                    pdu.crc32c(data[ahs_end:])
        return out

    def send(self, opcode, **fields):
        self.raw(self.frame(opcode, **fields))

    # --- PDUs; any field can be given another value

    def response(self, cmd, status=0, **fields):
        """SCSI Response, 11.4."""
        fields.setdefault("itt", cmd.itt)
        if "residual" in fields:
            fields["w44"] = fields.pop("residual")
        self.send(pdu.SCSI_RSP, b3=status, **fields)

    def sense(self, cmd, key, asc, ascq, **fields):
        data = lu_sense(key, asc, ascq)
        fields.setdefault("flags", pdu.FINAL | pdu.UNDERFLOW
                          if cmd.length else pdu.FINAL)
        fields.setdefault("residual", cmd.length)
        self.response(cmd, 2, data=struct.pack(">H", len(data)) + data,
                      **fields)

    def data_in(self, cmd, data, offset=0, datasn=0, status=None, residual=0,
                **fields):
        """Data-In, 11.7; with a status it is the last of its command."""
        fields.setdefault("itt", cmd.itt)
        fields.setdefault("flags", pdu.FINAL)
        if status is None:
            fields.setdefault("statsn", 0)
        else:
            fields["flags"] |= pdu.STATUS
            fields.setdefault("b3", status)
        if residual:
            fields["flags"] |= pdu.UNDERFLOW
        fields.setdefault("w36", datasn)
        fields.setdefault("w40", offset)
        fields.setdefault("w44", residual)
        self.send(pdu.DATA_IN, data=data, **fields)

    def r2t(self, cmd, offset, length, r2tsn=0, ttt=0x100, **fields):
        """Ready To Transfer, 11.8."""
        fields.setdefault("itt", cmd.itt)
        fields.setdefault("lun", cmd.lun)
        fields.setdefault("statsn", None)
        fields.setdefault("w36", r2tsn)
        self.send(pdu.R2T, ttt=ttt, w40=offset, w44=length, **fields)

    def nop_in(self, ttt=pdu.NONE, **fields):
        """NOP-In of our own accord, 11.19."""
        fields.setdefault("statsn", None)
        self.send(pdu.NOP_IN, ttt=ttt, **fields)

    def async_message(self, event, vcode=0, param1=0, param2=0, param3=0,
                      **fields):
        """Asynchronous Message, 11.9."""
        self.send(pdu.ASYNC, w36=event << 24 | vcode << 16 | param1,
                  w40=param2 << 16 | param3, **fields)

    def reject(self, reason, header=bytes(48), **fields):
        """Reject, 11.17."""
        self.send(pdu.REJECT, b2=reason, data=header, **fields)

    # --- login

    def login_response(self, req, pairs=(), transit=True, nsg=None, **fields):
        csg = req.flags >> 2 & 3
        if nsg is None:
            nsg = req.flags & 3
        flags = csg << 2
        if transit and req.flags & pdu.FINAL:
            flags |= pdu.FINAL | nsg
        fields.setdefault("flags", flags)
        fields.setdefault("itt", req.itt)
        # ISID of the request, TSIH of ours (or what the case says)
        tsih = fields.pop("tsih", 0x77 if flags & 0x83 == 0x83 else 0)
        fields.setdefault("lun", req.lun[:6] + struct.pack(">H", tsih))
        status = fields.pop("status", 0)
        fields.setdefault("w36", status << 16)
        fields.setdefault("data", pdu.text(pairs))
        fields.setdefault("ttt", 0)
        self.send(pdu.LOGIN_RSP, **fields)

    def answers(self, req):
        """What negotiation should give, RFC 7143 13; remembers it."""
        pairs = []
        wanted = dict(DEFAULTS)
        wanted.update(self.case.params)
        self.offered.update(req.keys)
        for key, offer in req.keys.items():
            if key == "MaxRecvDataSegmentLength":
                self.max_xmit = int(offer)
            if key in ("MaxConnections", "DefaultTime2Wait",
                       "DefaultTime2Retain", "ErrorRecoveryLevel",
                       "DataPDUInOrder", "DataSequenceInOrder"):
                value = wanted.get(key, offer)
            elif key not in wanted:
                continue
            elif key in DECLARED:
                value = wanted[key]
            elif offer in ("Yes", "No"):
                both = {offer, wanted[key]}
                value = ("Yes" if "Yes" in both else "No") \
                    if key == "InitialR2T" else \
                    ("No" if "No" in both else "Yes")
            elif offer.isdigit():
                value = str(min(int(offer), int(wanted[key])))
            else:
                value = wanted[key] if wanted[key] in offer.split(",") \
                    else offer.split(",")[0]
            self.params[key] = value
            pairs.append(f"{key}={value}")
        return pairs

    def challenge(self, req, alg=None, identifier=7, challenge=None):
        """CHAP_A, CHAP_I and CHAP_C for what the initiator offers."""
        alg = alg or req.keys["CHAP_A"].split(",")[0]
        challenge = challenge or os.urandom(16)
        self.chap = (alg, identifier, challenge)
        return [f"CHAP_A={alg}", f"CHAP_I={identifier}",
                f"CHAP_C=0x{challenge.hex()}"]

    def proof(self, req):
        """CHAP_N and CHAP_R, when the initiator asks for them."""
        if "CHAP_C" not in req.keys:
            return []
        ours = chap_response(self.chap[0], int(req.keys["CHAP_I"]),
                             self.case.secret_in, binary(req.keys["CHAP_C"]))
        return ["CHAP_N=target", f"CHAP_R=0x{ours.hex()}"]

    def knows_secret(self, req):
        wanted = chap_response(*self.chap[:2], self.case.secret, self.chap[2])
        return binary(req.keys["CHAP_R"]) == wanted

    def login_step(self, req):
        """What a good target answers to a Login Request."""
        keys = req.keys
        if req.flags & pdu.CONTINUE:
            self.login_response(req, transit=False)
        elif req.flags >> 2 & 3 == 1:
            self.login_response(req, self.answers(req))
        elif "CHAP_A" in keys:
            self.login_response(req, self.challenge(req))
        elif "CHAP_R" in keys:
            if self.knows_secret(req):
                self.login_response(req, self.proof(req))
            else:
                self.login_response(req, status=0x0201, flags=0)
        elif "AuthMethod" in keys:
            method = "CHAP" if self.case.secret else "None"
            self.login_response(req, [f"AuthMethod={method}"])
        else:
            self.login_response(req)

    def login(self, req):
        # What all but a few cases are about begins behind AuthMethod=None.
        if not (self.case.secret or self.case.security) and \
                "AuthMethod" in req.keys:
            self.login_step(req)
            req = self.next()
        while True:
            n = self.logins
            self.logins += 1
            if not (self.case.login and self.case.login(self, req, n)):
                self.login_step(req)
            if self.full:
                break
            req = self.next()
        self.header_digest = self.params.get("HeaderDigest") == "CRC32C"
        self.data_digest = self.params.get("DataDigest") == "CRC32C"

    # --- full feature phase

    def command(self, cmd):
        """A SCSI command, answered as it should be."""
        unit = self.case.lu
        extent = unit.extent(cmd.cdb)
        if cmd.is_write:
            self.write(cmd, extent)
        elif extent:
            self.read(cmd, unit.read(*extent))
        else:
            answer = unit.answer(cmd.cdb)
            if isinstance(answer, tuple):
                self.sense(cmd, *answer)
            elif answer and cmd.length:
                self.read(cmd, answer[:cmd.length])
            elif cmd.length:
                self.response(cmd, flags=pdu.FINAL | pdu.UNDERFLOW,
                              residual=cmd.length)
            else:
                self.response(cmd)

    def read(self, cmd, data):
        step = min(self.max_xmit, 65536)
        pieces = [data[i:i + step] for i in range(0, len(data), step)]
        for n, piece in enumerate(pieces):
            last = n == len(pieces) - 1
            self.data_in(cmd, piece, n * step, n, 0 if last else None,
                         cmd.length - len(data) if last else 0,
                         flags=pdu.FINAL if last else 0)

    def collect(self, cmd, got=b""):
        """Bytes of Data-Out up to the next with the F bit."""
        while True:
            one = self.receive()
            if one.opcode != pdu.DATA_OUT or one.itt != cmd.itt:
                self.backlog.append(one)
                continue
            self.case.seen(one)
            got += one.data
            if one.final:
                return got

    def unsolicited(self, cmd):
        """Immediate data and what follows it without an R2T."""
        return cmd.data if cmd.final else self.collect(cmd, cmd.data)

    def take(self, cmd):
        """All that a WRITE or the like brings, asked for by R2Ts."""
        got = self.unsolicited(cmd)
        r2tsn = 0
        while len(got) < cmd.length:
            want = min(cmd.length - len(got),
                       int(self.params.get("MaxBurstLength", 262144)))
            self.r2t(cmd, len(got), want, r2tsn)
            got += self.collect(cmd)
            r2tsn += 1
        return got

    def write(self, cmd, extent):
        got = self.take(cmd)
        if extent:
            self.case.lu.write(extent[0], got)
        self.response(cmd)

    def serve(self):
        while True:
            self.serve_one(self.next())

    def serve_one(self, got):
        self.case.seen(got)
        if self.case.serve and self.case.serve(self, got):
            return
        if got.opcode == pdu.SCSI_CMD:
            self.command(got)
        elif got.opcode == pdu.NOP_OUT:
            if got.itt != pdu.NONE:
                self.send(pdu.NOP_IN, itt=got.itt, data=got.data)
        elif got.opcode == pdu.TEXT_REQ:
            self.send(pdu.TEXT_RSP, itt=got.itt, data=pdu.text([
                "TargetName=iqn.2026-11.org.test:one",
                "TargetAddress=127.0.0.1:3260,1",
                "TargetName=iqn.2026-11.org.test:two"]))
        elif got.opcode == pdu.TMF_REQ:
            self.send(pdu.TMF_RSP, itt=got.itt)
        elif got.opcode == pdu.LOGOUT_REQ:
            self.send(pdu.LOGOUT_RSP, itt=got.itt)


def is_magic(got):
    """Is it the command the case is about?"""
    if got.opcode != pdu.SCSI_CMD:
        return False
    extent = Lu.extent(got.cdb)
    return bool(extent) and extent[0] == MAGIC


class Server:
    """The listener; cases come and go by name, unless it is for one only."""

    def __init__(self, address="127.0.0.1", only=None, port=0):
        self.cases = {None: only} if only else {}
        self.lock = threading.Lock()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, port), family=family,
                                             backlog=256)
        self.address = self.listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, case):
        with self.lock:
            self.cases[case.iqn] = case

    def remove(self, case):
        with self.lock:
            self.cases.pop(case.iqn, None)
        case.stop.set()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return		# closed
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def conn(self, sock, req):
        """What serves a connection whose first PDU is a login, or None."""
        case = self.cases.get(req.keys.get("TargetName"))
        if not case:
            return None
        case.connections += 1
        return Conn(sock, case, case.connections - 1)

    def _serve(self, sock):
        case = None
        try:
            req = Conn(sock, None, 0).receive()
            with self.lock:
                conn = self.conn(sock, req)
            if not conn:
                return
            case = conn.case
            conn.login(req)
            if case.up:
                case.up(conn)
            conn.serve()
        except Gone:
            pass
        except Exception as error:	# a mistake in a case must be seen
            if case:
                case.broken = f"{type(error).__name__}: {error}"
        finally:
            sock.close()
