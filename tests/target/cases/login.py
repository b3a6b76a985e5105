# SPDX-License-Identifier: GPL-2.0
"""The login phase, RFC 7143 6.3, 11.12, 11.13 and 13.

Most targets here misbehave on the first connection only: whatever is no
refusal for good has to be tried again, and then succeeds. What a hang-up or a
refusal may be due to is left out at once on the next connection, so such
targets misbehave on as many as there are ways to log in.
"""
import struct
import time

import pdu
from case import HANG, Case, Fails, LogsIn, Odd, Stops, Wrong, limited
from cases.hooks import (close, first_login, on_attempt, reset, silent)
from initiator import SCALE

# With iSCSIProtocolLevel, without, and all in one request.
WAYS = 3

SOON = {"LOGIN_TIMEOUT": 400 * SCALE}


def case(name, why, expect, login, rfc="11.13", **more):
    return Case(name, why, expect, rfc, login=login, no_scan=True, **more)


def broken(name, why, reason, rfc="11.13", code="PROTOCOL", **fields):
    """The first response has these fields."""
    return case(name, why, Fails(code, reason), first_login(**fields), rfc)


def statuses():
    """Status-Class and Status-Detail, 11.13.5."""
    rows = [
        (0x0200, Fails, "LOGIN", "initiator error"),
        (0x0201, Stops, "AUTH", "authentication"),
        (0x0202, Stops, "AUTH", "may not use the target"),
        (0x0203, Fails, "NOT_FOUND", "no target of that name"),
        (0x0204, Fails, "NOT_FOUND", "has been removed"),
        (0x0205, Stops, "LOGIN", "this version"),
        (0x0206, Fails, "AGAIN", "too many connections"),
        (0x0207, Stops, "LOGIN", "misses a parameter"),
        (0x0208, Fails, "LOGIN", "session cannot span"),
        (0x0209, Stops, "LOGIN", "this type of session"),
        (0x020a, Fails, "LOGIN", "knows no such session"),
        (0x020b, Fails, "LOGIN", "invalid during login"),
        (0x02ff, Fails, "LOGIN", "refuses the login"),
        (0x0300, Fails, "AGAIN", "error of its own"),
        (0x0301, Fails, "AGAIN", "not operational"),
        (0x0302, Fails, "AGAIN", "out of resources"),
        (0x03ff, Fails, "AGAIN", "refuses the login"),
        (0x0400, Fails, "PROTOCOL", "refuses the login"),
        (0xff00, Fails, "PROTOCOL", "refuses the login"),
    ]
    return [case(f"status-{status:04x}", f"login status 0x{status:04x}",
                 kind(code, words),
                 first_login(WAYS if status in (0x0200, 0x020b) else 1,
                             status=status, flags=0, pairs=[]), "11.13.5")
            for status, kind, code, words in rows]


def answered(key, value, attempts=1):
    """login hook: this answer, the right ones for the other keys."""
    def run(conn, req):
        pairs = [p for p in conn.answers(req) if not p.startswith(key + "=")]
        conn.login_response(req, pairs + [f"{key}={value}"])
    return on_attempt(run, attempts=attempts)


def values():
    """Answers to our keys that nobody may give, RFC 7143 13: fatal where
    memory or data is at stake."""
    rows = [
        ("MaxRecvDataSegmentLength", "511", "out of bounds"),
        ("MaxRecvDataSegmentLength", "0", "out of bounds"),
        ("MaxRecvDataSegmentLength", "-1", "out of bounds"),
        ("MaxRecvDataSegmentLength", "", "out of bounds"),
        ("MaxRecvDataSegmentLength", "99999999999999999999",
         "out of bounds"),
        ("MaxBurstLength", "511", "malformed value"),
        ("MaxBurstLength", "", "malformed value"),
        ("FirstBurstLength", "0", "malformed value"),
        ("FirstBurstLength", "big", "malformed value"),
        ("HeaderDigest", "MD5", "not offered"),
        ("HeaderDigest", "none", "not offered"),
        ("DataDigest", "CRC32C,None", "not offered"),
    ]
    return [case(f"value-{n}-{key}", f"{key}={value}",
                 Fails("PROTOCOL", why), answered(key, value, WAYS), "13")
            for n, (key, value, why) in enumerate(rows)]


def odd_values():
    """And those that do no harm: the login goes on, and they are noted."""
    result, above = "result function forbids", "above its bound"
    malformed, refused = "malformed value", "not understood or rejected"
    rows = [
        ("MaxRecvDataSegmentLength", "16777216", above),
        ("MaxRecvDataSegmentLength", "NotUnderstood", refused),
        ("MaxBurstLength", "16777216", above),
        ("MaxBurstLength", "NotUnderstood", refused),
        ("FirstBurstLength", "1048576", result),
        ("MaxOutstandingR2T", "9", result),
        ("MaxOutstandingR2T", "0", malformed),
        ("MaxOutstandingR2T", "65536", above),
        ("MaxConnections", "2", result),
        ("MaxConnections", "0", malformed),
        ("ErrorRecoveryLevel", "1", result),
        ("ErrorRecoveryLevel", "3", above),
        ("DefaultTime2Wait", "0", result),
        ("DefaultTime2Wait", "3601", above),
        ("DefaultTime2Retain", "1", result),
        ("InitialR2T", "Maybe", malformed),
        ("InitialR2T", "NotUnderstood", refused),
        ("ImmediateData", "yes", "wrong case"),
        ("ImmediateData", "Reject", refused),
        ("DataPDUInOrder", "no", "wrong case"),
        ("DataPDUInOrder", "NotUnderstood", refused),
        ("DataSequenceInOrder", "0", malformed),
        ("TargetPortalGroupTag", "65536", above),
        ("iSCSIProtocolLevel", "3", result),
        ("iSCSIProtocolLevel", "32", above),
    ]
    return [case(f"odd-{n}-{key}", f"{key}={value}",
                 Odd(f"{key}: ", why), answered(key, value), "13")
            for n, (key, value, why) in enumerate(rows)]


def texts():
    """Data segments that are no text, RFC 7143 6.1."""
    rows = [
        ("no-equals", b"TargetAlias\0", ""),
        ("no-nul", b"TargetAlias=x", ""),
        ("no-key", b"=x\0", ""),
        ("long-key", b"X" * 64 + b"=x\0", ""),
        ("long-alias", b"TargetAlias=" + b"x" * 256 + b"\0",
         Odd("TargetAlias: a value above its bound")),
        ("key-twice", b"TargetAlias=a\0TargetAlias=b\0",
         Odd("TargetAlias: sent twice")),
        ("number-twice", b"MaxBurstLength=512\0",
         Odd("MaxBurstLength: sent twice")),
        ("digest-twice", b"HeaderDigest=CRC32C\0", "twice"),
        ("tpgt-twice", b"TargetPortalGroupTag=1\0TargetPortalGroupTag=2\0",
         "twice"),
        ("key-of-ours", b"InitiatorName=iqn.2026-11.x:y\0",
         "somebody else"),
        ("alias-of-ours", b"InitiatorAlias=x\0", Odd("InitiatorAlias: ")),
        ("answer-to-nothing", b"X-foo=NotUnderstood\0",
         Odd("an answer to a key that was not offered")),
        ("proposal-at-end", b"IFMarker=No\0",
         Odd("IFMarker: proposed in the final response")),
        ("marker-at-end", b"IFMarker=Yes\0", "final response"),
        ("auth-none", b"AuthMethod=None\0",
         Odd("AuthMethod in the operational stage")),
        ("chap-key", b"CHAP_A=5\0", "another stage"),
        ("auth-method", b"AuthMethod=CHAP\0", "wrong stage"),
        ("nuls", bytes(512), ""),
        ("garbage", bytes(range(256)) * 4, ""),
    ]
    out = []
    for name, data, why in rows:
        expect = LogsIn() if name == "nuls" else \
            Fails("PROTOCOL", why) if isinstance(why, str) else why
        out.append(case(f"text-{name}", f"text: {name.replace('-', ' ')}",
                        expect, on_attempt(lambda c, req, d=data:
                                           c.login_response(
                                               req, c.answers(req) + [d]),
                                           attempts=WAYS), "6.1"))
    return out


def more_to_come(conn, req):
    """The C bit: the answers come one pair at a time, RFC 7143 6.2."""
    data = pdu.text(conn.answers(req))
    for at in range(0, len(data), 40):
        last = at + 40 >= len(data)
        conn.login_response(req, data=data[at:at + 40],
                            flags=0x04 if last else 0x44)
        if not last:
            req = conn.receive()
            if req.data or req.final:
                raise ValueError("no empty request while the target goes on")


def for_ever(fields):
    """The same response to each request, without end."""
    def login(conn, req, n):
        if conn.attempt:
            return False
        while True:
            conn.login_response(req, transit=False, **fields)
            req = conn.receive()
    return login


def stay_in_stage(times, function):
    """login hook that repeats: the request with T comes again each time."""
    def login(conn, req, n):
        if conn.attempt:
            return False
        for i in range(times):
            function(conn, req, i)
            req = conn.receive()
        conn.login_step(req)
        return True
    return login


def keys_are(**wanted):
    """login hook part: looks at the answers in the second request."""
    def login(conn, req, n):
        if conn.attempt:
            return False
        conn.login_response(req, conn.answers(req) + wanted["proposes"],
                            transit=False)
        second = conn.receive()
        for key, value in wanted["answers"].items():
            if second.keys.get(key) != value:
                raise ValueError(f"{key}={second.keys.get(key)}")
        conn.login_step(second)
        return True
    return login


def late(conn, req, i):
    """Nothing is answered in the first response."""
    conn.login_response(req, transit=False)


def redirect(text, status=0x0101):
    """Status class 1 with this text, on the first connection."""
    return first_login(status=status, flags=0, pairs=text)


def to_self(conn, req):
    host, port = conn.sock.getsockname()
    conn.login_response(req, [f"TargetAddress={host}:{port},1"],
                        status=0x0101, flags=0)


def always_to_self(conn, req, n):
    """Ten times, which is more than anybody follows."""
    if conn.attempt > 9:
        return False
    to_self(conn, req)
    return True


def redirects():
    rows = [
        ("nowhere", [], "PROTOCOL", "redirects to nowhere"),
        ("name", ["TargetAddress=storage.example:3260,1"], "TRANSPORT",
         "which is no address"),
        ("port-0", ["TargetAddress=127.0.0.1:0,1"], "PROTOCOL", ""),
        ("port-70000", ["TargetAddress=127.0.0.1:70000,1"], "PROTOCOL", ""),
        ("bad-ipv6", ["TargetAddress=[::1:3260,1"], "PROTOCOL", ""),
        ("empty", ["TargetAddress="], "PROTOCOL", ""),
        ("refused", ["TargetAddress=127.0.0.1:1,1"], "TRANSPORT", "refused"),
        ("long", ["TargetAddress=" + "x" * 4000], "PROTOCOL", ""),
    ]
    return [case(f"redirect-{name}", f"redirect: {name}", Fails(code, why),
                 redirect(text), "11.13.5") for name, text, code, why in rows]


def drip(conn, req):
    """One byte in 50 ms: never as fast as LoginTimeout."""
    conn.drip(conn.frame(pdu.LOGIN_RSP, flags=0x87, itt=req.itt,
                         data=bytes(4000)), 1, 0.05)


def cut(count, end):
    def run(conn, req):
        data = conn.frame(pdu.LOGIN_RSP, flags=0x87, itt=req.itt,
                          data=pdu.text(conn.answers(req)))
        conn.raw(data[:count])
        end(conn)
    return on_attempt(run, attempts=WAYS if end is close else 1)


class Cancelled(LogsIn):
    """The session is deleted while the login waits: within 1 s."""

    def __init__(self):
        super().__init__()
        self.text = "removed within 1 s"

    def check(self, run):
        end = time.monotonic() + HANG * SCALE
        while not getattr(run.case, "waiting", False):
            if time.monotonic() > end:
                raise Wrong("the login does not get there")
            run.case.stop.wait(0.02)
        took = limited(HANG, run.ini.delete, run.id)
        run.id = None
        if took > SCALE:
            raise Wrong(f"removed after {took:.1f} s")


def waits(function):
    """on_attempt part: then silence, and the case knows that it is there."""
    def run(conn, req):
        function(conn, req)
        conn.case.waiting = True
        conn.hold()
    return run


def header_of_answer(conn, req):
    conn.raw(conn.frame(pdu.LOGIN_RSP, flags=0x87, itt=req.itt,
                        data=bytes(400))[:30])


def no_level(conn, req, n):
    """gotgt: hangs up at the key."""
    if "iSCSIProtocolLevel" in req.keys:
        close(conn)
    return False


def rejects_level(conn, req, n):
    if "iSCSIProtocolLevel" not in req.keys:
        return False
    conn.reject(4, req.bhs)
    return True


def no_security(conn, req, n):
    if "AuthMethod" in req.keys:
        close(conn)
    return False


def security_first(conn, req, n):
    """0x020b for who begins in the operational stage."""
    if n or "AuthMethod" in req.keys:
        return False
    conn.login_response(req, status=0x020b, flags=0)
    return True


def forces_digest(conn, req, n):
    if req.keys.get("DataDigest", "CRC32C") != "None":
        return False
    conn.login_response(req, ["DataDigest=CRC32C"])
    return True


def cancels():
    slow = {"LOGIN_TIMEOUT": 60000}
    chap = dict(secret=b"a-secret-of-ours", secret_in=b"a-secret-of-target")
    return [
        case("cancel-first", "silence at the first request", Cancelled(),
             on_attempt(waits(lambda c, r: None)), "6.3", settings=slow),
        case("cancel-in-header", "silence in a header", Cancelled(),
             on_attempt(waits(header_of_answer)), "6.3", settings=slow),
        case("cancel-in-stage", "silence at the second request", Cancelled(),
             on_attempt(waits(lambda c, r: late(c, r, 0))), "6.3",
             settings=slow),
        case("cancel-chap-a", "silence at CHAP_A", Cancelled(),
             on_attempt(waits(lambda c, r: None), step=1), "12.1",
             settings=slow, **chap),
        case("cancel-chap-r", "silence at CHAP_R", Cancelled(),
             on_attempt(waits(lambda c, r: None), step=2), "12.1",
             settings=slow, **chap),
        case("cancel-operational", "silence behind CHAP", Cancelled(),
             on_attempt(waits(lambda c, r: None), step=3), "12.1",
             settings=slow, **chap),
    ]


CASES = [
    case("login-good", "nothing", LogsIn(), None, "6.3"),
    broken("login-foreign-itt", "another ITT", "foreign initiator task tag",
           itt=0x12345678),
    broken("login-no-itt", "the reserved ITT", "reserved initiator task tag",
           itt=pdu.NONE),
    case("login-version", "active version 1", Stops("LOGIN", "version"),
         first_login(b3=1), "11.13.2"),
    broken("login-csg-3", "CSG 3", "of no known stage", flags=0x8c | 3),
    broken("login-csg-security", "CSG of another stage", "of another stage",
           flags=0x81),
    broken("login-nsg-2", "NSG 2", "no possible stage", flags=0x86),
    broken("login-nsg-back", "NSG is CSG", "no possible stage", flags=0x85),
    broken("login-t-and-c", "T and C bits", "both T and C", flags=0xc7),
    case("login-tsih-0", "TSIH 0 in the last response",
         Odd("TSIH 0 in the final login response"), first_login(tsih=0),
         "11.13.4"),
    case("login-no-level", "hangs up at iSCSIProtocolLevel",
         Odd("iSCSIProtocolLevel is not offered"), no_level, "13.24"),
    case("login-rejects-level", "Reject PDU for iSCSIProtocolLevel",
         Odd("iSCSIProtocolLevel is not offered"), rejects_level, "13.24"),
    case("login-no-security", "hangs up at the security stage",
         Odd("the security stage is left out"), no_security, "6.3",
         security=True),
    case("login-security-first", "demands the security stage", LogsIn(),
         security_first, "6.3", security=True),
    case("login-security-keys", "operational answers in that stage",
         Odd("HeaderDigest: sent in the security stage"), on_attempt(
             lambda c, r: c.login_response(r, ["AuthMethod=None",
                                               "HeaderDigest=None"])),
         "6.2", security=True),
    case("login-digest-forced", "CRC32C though None was offered",
         Odd("CRC32C is offered"), forces_digest, "13.1"),
    case("login-no-crc32c", "no CRC32C where it is required",
         Fails("LOGIN", "the target has no CRC32C"),
         answered("HeaderDigest", "None", WAYS), "13.1", header_digest=1,
         params={"HeaderDigest": "CRC32C"}),
    broken("login-expcmdsn", "ExpCmdSN beyond what was sent",
           "acknowledges commands never sent", w28=7),
    broken("login-data-8193", "data segment of 8193 bytes",
           "longer than MaxRecvDataSegmentLength", "13.12",
           data=b"X-a=" + b"x" * 8189),
    broken("login-data-16m", "data segment of 2^24 - 1 bytes",
           "longer than MaxRecvDataSegmentLength", "13.12", dlength=0xffffff),
    case("login-ahs", "1020 bytes of AHS", LogsIn(),
         first_login(ahs=bytes(1020)), "11.2.2"),
    case("login-opcode-scsi", "SCSI Response in login",
         Fails("PROTOCOL", "another phase"),
         on_attempt(lambda c, r: c.send(pdu.SCSI_RSP, itt=r.itt)), "6.3"),
    case("login-opcode-reject", "Reject in login",
         Fails("PROTOCOL", "another phase"),
         on_attempt(lambda c, r: c.reject(4, r.bhs), attempts=WAYS), "6.3"),
    case("login-opcode-async", "async message in login",
         Fails("PROTOCOL", "another phase"),
         on_attempt(lambda c, r: c.async_message(0)), "6.3"),
    case("login-opcode-none", "an opcode that does not exist",
         Fails("PROTOCOL", "no target may send"),
         on_attempt(lambda c, r: c.send(0x15, itt=r.itt)), "6.3"),
    *statuses(),
    *values(),
    *odd_values(),
    *texts(),
    case("text-reject-number", "MaxBurstLength=Reject", LogsIn(),
         answered("MaxBurstLength", "Reject"), "6.2"),
    case("text-no-answers", "no key is answered", LogsIn(),
         first_login(pairs=[]), "6.2"),
    case("text-hex", "MaxRecvDataSegmentLength=0x2000", LogsIn(),
         answered("MaxRecvDataSegmentLength", "0x2000"), "6.1"),
    case("text-digest-chosen", "DataDigest=CRC32C of a list", LogsIn(),
         None, "13.1", params={"DataDigest": "CRC32C"}, data_digest=1),
    case("text-pieces", "the answers in pieces", LogsIn(),
         on_attempt(more_to_come), "6.2"),
    case("text-continues", "the C bit without end",
         Fails("PROTOCOL", ""), for_ever(
             {"flags": 0x44, "data": b"X-a=" + b"x" * 100}), "6.2"),
    case("text-continues-large", "16 KiB and more with the C bit",
         Fails("PROTOCOL", ""), for_ever(
             {"flags": 0x44, "data": b"x" * 8000}), "6.2"),
    case("login-without-end", "neither progress nor refusal",
         Fails("PROTOCOL", "does not come to an end"),
         for_ever({"pairs": []}), "6.3"),
    case("login-unknown-key", "a key of a vendor, without end",
         Fails("PROTOCOL", ""), for_ever({"pairs": ["X-vendor=1"]}), "6.3"),
    case("login-late", "answers in the second response", LogsIn(),
         stay_in_stage(1, late), "6.2"),
    case("login-late-twice", "answers in the third response", LogsIn(),
         stay_in_stage(2, late), "6.2"),
    case("text-unknown-key", "a key of a vendor is NotUnderstood", LogsIn(),
         keys_are(proposes=["X-org.example.foo=bar", "Tomorrow=1"],
                  answers={"X-org.example.foo": "NotUnderstood",
                           "Tomorrow": "NotUnderstood"}), "6.2"),
    case("text-markers", "markers, which are no more, are rejected", LogsIn(),
         keys_are(proposes=["IFMarker=Yes", "OFMarkInt=1~2"],
                  answers={"IFMarker": "Reject", "OFMarkInt": "Reject"}),
         "13.25"),
    case("text-task-reporting", "TaskReporting proposed by the target",
         LogsIn(), keys_are(proposes=["TaskReporting=FastAbort,RFC3720"],
                            answers={"TaskReporting": "RFC3720"}), "13.23"),
    *[case("text-protocol-level-" + value.lower(),
           "iSCSIProtocolLevel=" + value, LogsIn(),
           answered("iSCSIProtocolLevel", value), "13.24")
      for value in ("0", "1", "2", "NotUnderstood", "Reject", "Irrelevant")],
    case("tpgt-other", "another portal group than wanted",
         Fails("LOGIN", "another target portal group"),
         on_attempt(lambda c, r: c.login_response(
             r, c.answers(r) + ["TargetPortalGroupTag=9"])), "6.3.1", tpgt=1),
    case("redirect", "redirect to another address", LogsIn(),
         on_attempt(to_self), "11.13.5"),
    case("redirect-for-good", "permanent redirect", LogsIn(),
         on_attempt(lambda c, r: c.login_response(
             r, ["TargetAddress=%s:%u,1" % c.sock.getsockname()],
             status=0x0102, flags=0)), "11.13.5"),
    case("redirect-loop", "redirects without end",
         Fails("LOGIN", "times in a row"), always_to_self, "11.13.5"),
    *redirects(),
    case("login-cut", "FIN instead of a response",
         Fails("TRANSPORT", "closed by the target"),
         on_attempt(close, attempts=WAYS), "8.1"),
    case("login-reset", "RST instead of a response",
         Fails("TRANSPORT", "closed by the target"),
         on_attempt(reset, attempts=WAYS), "8.1"),
    case("login-cut-header", "FIN in the header",
         Fails("TRANSPORT", "closed by the target"), cut(20, close), "8.1"),
    case("login-cut-data", "FIN in the data",
         Fails("TRANSPORT", "closed by the target"), cut(60, close), "8.1"),
    case("login-silence", "silence at the first request",
         Fails("PDU_TIMEOUT", "no answer in time"), on_attempt(silent), "6.3",
         settings=SOON),
    case("login-silence-header", "silence in a header",
         Fails("PDU_TIMEOUT", "no answer in time"), cut(20, silent), "6.3",
         settings=SOON),
    case("login-silence-data", "silence in the data",
         Fails("PDU_TIMEOUT", "no answer in time"), cut(60, silent), "6.3",
         settings=SOON),
    case("login-drip", "a response of 20 bytes/s",
         Fails("PDU_TIMEOUT", "no answer in time"), on_attempt(drip), "6.3",
         settings=SOON),
    case("login-byte-by-byte", "a response in segments of one byte", LogsIn(),
         on_attempt(lambda c, r: c.drip(c.frame(
             pdu.LOGIN_RSP, flags=0x87, itt=r.itt, ttt=0,
             lun=r.lun[:6] + struct.pack(">H", 7),
             data=pdu.text(c.answers(r))))), "11.2"),
    *cancels(),
]
