# SPDX-License-Identifier: GPL-2.0
"""SendTargets, RFC 7143 Appendix C, to iscsictl: discovery is the tool's."""
import json
import subprocess
import tempfile

import pdu
from case import HANG, Case, Wrong
from cases.hooks import close, on_attempt, silent
from initiator import SCALE
from target import Server

TARGETS = ["TargetName=iqn.2026-11.org.test:one",
           "TargetAddress=127.0.0.1:3260,1", "TargetAddress=[::1]:3260,2",
           "TargetName=iqn.2026-11.org.test:two",
           "TargetAddress=127.0.0.2:3260,1"]
CODES = {"PROTOCOL": 9, "TRANSPORT": 4, "PDU_TIMEOUT": 11, "AUTH": 24,
         "NOT_FOUND": 21}


class Discovers:
    """iscsictl discover at a listener of its own; found targets, or the exit
    code and the reason."""
    needs_session = False

    def __init__(self, found=None, code=None, why="", seconds=3):
        self.seconds = seconds * SCALE
        self.found, self.code, self.why = found, code and CODES[code], why
        self.text = f"exit {self.code}: {why}" if code else \
            f"{found} targets found"

    def check(self, run):
        server = Server(only=run.case)
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run(
                ["iscsictl", "--root", root, "--timeout", str(self.seconds),
                 "--json", "discover", "%s:%u" % server.address],
                capture_output=True, text=True, timeout=HANG * SCALE,
                check=False)
        server.close()
        if self.code:
            if done.returncode != self.code or self.why not in done.stderr \
                    or not done.stderr.startswith("iscsictl: "):
                raise Wrong(f"exit {done.returncode}: {done.stderr}")
            return
        if done.returncode:
            raise Wrong(f"exit {done.returncode}: {done.stderr}")
        found = {t["NodeAddress"] for t in json.loads(done.stdout)}
        if len(found) != self.found:
            raise Wrong(f"found {sorted(found)}")


def case(name, why, expect, text=None, login=None, rfc="C"):
    """text(conn, request) answers the Text Request."""
    def serve(conn, got):
        if got.opcode != pdu.TEXT_REQ or not text:
            return False
        text(conn, got)
        return True
    return Case("discover-" + name, why, expect, rfc, serve=serve,
                login=login)


def says(pairs, **fields):
    def text(conn, got):
        conn.send(pdu.TEXT_RSP, **{"itt": got.itt, "data": pdu.text(pairs),
                                   **fields})
    return text


def parts(size):
    """The answer in parts of so many bytes, RFC 7143 11.11.2 to 11.11.4."""
    def text(conn, got):
        data = pdu.text(TARGETS)
        for at in range(0, len(data), size):
            last = at + size >= len(data)
            conn.send(pdu.TEXT_RSP, itt=got.itt, data=data[at:at + size],
                      flags=pdu.FINAL if last else pdu.CONTINUE,
                      ttt=pdu.NONE if last else 0x77)
            if not last:
                got = conn.receive()
                if got.word(20) != 0x77 or got.data:
                    raise ValueError("not the request for the next part")
    return text


def without_end(conn, got):
    while True:
        conn.send(pdu.TEXT_RSP, itt=got.itt, data=b"x" * 200000,
                  flags=pdu.CONTINUE, ttt=0x77)
        got = conn.receive()


def empty_without_end(conn, got):
    while True:
        conn.send(pdu.TEXT_RSP, itt=got.itt, flags=0, ttt=0x77)
        got = conn.receive()


def nops_without_end(conn, got):
    while True:
        conn.nop_in()


PROTO = dict(code="PROTOCOL")
CASES = [
    case("good", "nothing", Discovers(2)),
    case("parts", "the answer in parts of 20 bytes", Discovers(2), parts(20)),
    case("none", "no target", Discovers(0), says([])),
    case("many", "1000 targets", Discovers(1000), lambda c, got: c.send(
        pdu.TEXT_RSP, itt=got.itt, data=pdu.text(
            [f"TargetName=iqn.2026-11.org.test:t{n}"
             for n in range(1000)]))),
    case("without-end", "an answer without end",
         Discovers(**PROTO, seconds=9), without_end),
    case("empty-without-end", "empty parts without end",
         Discovers(code="PDU_TIMEOUT"), empty_without_end),
    case("foreign-itt", "a foreign ITT", Discovers(**PROTO),
         says(TARGETS, itt=0x1234)),
    case("wrong-opcode", "a SCSI Response", Discovers(**PROTO),
         lambda c, got: c.send(pdu.SCSI_RSP, itt=got.itt)),
    case("reject", "Reject", Discovers(**PROTO),
         lambda c, got: c.reject(5, got.bhs)),
    case("final-with-ttt", "the last part with a transfer tag",
         Discovers(**PROTO), says(TARGETS, ttt=5)),
    case("part-without-ttt", "a part without a transfer tag",
         Discovers(**PROTO), says(TARGETS, flags=pdu.CONTINUE)),
    case("f-and-c", "F and C bits", Discovers(**PROTO),
         says(TARGETS, flags=pdu.FINAL | pdu.CONTINUE)),
    case("too-long", "a data segment of 2^24 - 1 bytes", Discovers(**PROTO),
         says(TARGETS, dlength=0xffffff)),
    case("address-first", "addresses before the first name", Discovers(1),
         says(TARGETS[1:])),
    case("bad-names", "names that are none, beside a good one", Discovers(1),
         says(["TargetName=a b", "TargetName=../../etc", TARGETS[0]])),
    case("bad-address", "only addresses that are none", Discovers(0),
         says([TARGETS[0], "TargetAddress=[::1", "TargetAddress=x:99999,1",
               "TargetAddress=127.0.0.1:3260,99999"])),
    case("no-nul", "text that does not end", Discovers(**PROTO),
         says([b"TargetName=iqn.2026-11.org.test:one"])),
    case("no-equals", "text that is no pair", Discovers(**PROTO),
         says([b"TargetName\0"])),
    case("other-key", "another key than those of discovery", Discovers(2),
         says(TARGETS + ["X-vendor=1"])),
    case("nops", "NOP-In without end", Discovers(code="PDU_TIMEOUT"),
         nops_without_end),
    case("silence", "no answer", Discovers(code="PDU_TIMEOUT"),
         lambda c, got: silent(c)),
    case("cut", "FIN instead of an answer", Discovers(code="TRANSPORT"),
         lambda c, got: close(c)),
    case("login-refused", "login status 0x0201", Discovers(code="AUTH"),
         login=on_attempt(lambda c, r: c.login_response(
             r, status=0x0201, flags=0))),
    case("login-cut", "FIN in the login", Discovers(code="TRANSPORT"),
         login=on_attempt(close, attempts=2)),
]
