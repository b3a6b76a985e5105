# SPDX-License-Identifier: GPL-2.0
"""NOP-In, Asynchronous Message, Reject and what else comes unasked, RFC 7143
11.9, 11.11, 11.15, 11.17, 11.19."""
import struct
import time

import pdu
from case import HANG, Case, Drops, Keeps, Wrong
from cases.hooks import (at_magic, at_opcode, close, foreign, silent,
                         then_answer)
from initiator import SCALE
from lu import sense

NOPS = {"NOP_INTERVAL": 100, "NOP_TIMEOUT": 300 * SCALE}


def before_answer(function):
    """function(conn, cmd), then the right answer to the command."""
    return at_magic(then_answer(function))


def at_nop(function):
    return dict(io="none", no_scan=True, settings=NOPS,
                serve=at_opcode(pdu.NOP_OUT, function))


def wait_for(run, what, found):
    end = time.monotonic() + HANG * SCALE
    while not found():
        if time.monotonic() > end:
            raise Wrong("no " + what)
        run.case.stop.wait(0.02)


def pinged(run):
    """Our NOP-Out answers the target's, RFC 7143 11.18."""
    def found():
        return [p for p in run.case.log if p.opcode == pdu.NOP_OUT and
                p.word(20) == 0x5555]
    wait_for(run, "answer to the ping", found)
    nop = found()[0]
    if nop.itt != pdu.NONE or not nop.immediate or nop.lun != b"\0\1" * 4:
        raise Wrong("a wrong answer to the ping")


def all_pinged(run):
    """None is left out, and in the order they came."""
    def tags():
        return [p.word(20) for p in run.case.log if p.opcode == pdu.NOP_OUT]
    wait_for(run, "answers to all pings", lambda: len(tags()) >= 900)
    if tags()[:900] != list(range(900)):
        raise Wrong("pings answered out of order")


def nops_go_on(run):
    wait_for(run, "third NOP-Out", lambda: sum(
        p.opcode == pdu.NOP_OUT for p in run.case.log) > 2)


def counted(run):
    nops_go_on(run)
    if not any("counts immediate" in q for q in run.ini.quirks(run.id)):
        raise Wrong("nothing is noted")


def counts(more):
    """The NOP-Out, which has no number of its own, is counted so often."""
    return dict(io="none", no_scan=True, settings=NOPS, serve=at_opcode(
        pdu.NOP_OUT, lambda c, got: c.send(
            pdu.NOP_IN, itt=got.itt, w28=got.cmdsn + more), always=True))


def ping_rejected(conn, got):
    if got.opcode == pdu.NOP_OUT and got.word(20) == 0x5555:
        conn.reject(6, got.bhs)
        return True
    return before_answer(lambda c, cmd: c.nop_in(0x5555))(conn, got)


def reject_cases():
    reasons = {2: "data digest error", 3: "SNACK reject", 4: "protocol error",
               5: "command not supported", 6: "too many immediate commands",
               7: "task in progress", 8: "invalid data ack",
               9: "invalid PDU field", 10: "out of target transfer tags",
               11: "negotiation reset", 12: "waiting for logout",
               200: "unknown"}
    return [Case(f"reject-{reason}", f"Reject of the command: {words}",
                 Drops(words), "11.17.1",
                 serve=at_magic(lambda c, cmd, r=reason: c.reject(r, cmd.bhs)))
            for reason, words in reasons.items()]


def event_cases():
    """Those that end a connection, and those that do not."""
    drops = {2: "connection drop", 3: "session drop", 5: "task termination"}
    return [Case(f"async-{event}", f"async event {event}, {words}",
                 Drops(words), "11.9.1",
                 serve=at_magic(lambda c, cmd, e=event: c.async_message(e)))
            for event, words in drops.items()] + [
        Case(f"async-{event}", f"async event {event}, {words}", Keeps(),
             "11.9.1", serve=before_answer(
                 lambda c, cmd, e=event: c.async_message(e)))
        for event, words in {6: "reserved", 100: "reserved",
                             248: "of a vendor", 255: "of a vendor"}.items()]


def slow_return(run):
    """Time2Wait of the message is one second, RFC 7143 11.9.1."""
    if run.case.times[1] - run.case.times[0] < 0.95:
        raise Wrong("reconnected before Time2Wait")


def note_time(conn, req, n):
    if not n:
        conn.case.times = getattr(conn.case, "times", [])[-1:] + \
            [time.monotonic()]
    return False


def unasked(opcode, **fields):
    def up(conn):
        if not conn.attempt:
            conn.send(opcode, **fields)
    return dict(io="none", no_scan=True, up=up)


SENSE = sense(6, 0x3f, 0x0e)
CASES = [
    Case("ping", "NOP-In that wants an answer", Keeps(), "11.19",
         serve=before_answer(lambda c, cmd: c.nop_in(0x5555, lun=b"\0\1" * 4)),
         check=pinged),
    Case("ping-data", "NOP-In with 4 KiB that wants an answer", Keeps(),
         "11.19", check=pinged, serve=before_answer(
             lambda c, cmd: c.nop_in(0x5555, lun=b"\0\1" * 4,
                                     data=bytes(4096)))),
    Case("ping-flood", "1000 pings at once", Keeps(), "11.19",
         check=all_pinged, serve=before_answer(lambda c, cmd: c.raw(b"".join(
             c.frame(pdu.NOP_IN, ttt=n, statsn=None) for n in range(1000))))),
    Case("ping-flood-fin", "100 pings at once, then FIN",
         Drops("connection closed"), "11.19",
         serve=at_magic(lambda c, cmd: (c.raw(b"".join(
             c.frame(pdu.NOP_IN, ttt=n, statsn=None) for n in range(100))),
             close(c)))),
    Case("nop-flood", "2000 NOP-In that want nothing", Keeps(), "11.19",
         serve=before_answer(lambda c, cmd: c.raw(
             c.frame(pdu.NOP_IN, statsn=None) * 2000))),
    Case("nop-data-no-tag", "NOP-In with data but no tag",
         Drops("without any tag"), "11.19.1",
         serve=at_magic(lambda c, cmd: c.nop_in(data=bytes(8)))),
    Case("nop-foreign-itt", "NOP-In that answers a foreign ITT",
         Drops("answers no NOP-Out"), "11.19",
         serve=at_magic(lambda c, cmd: c.send(pdu.NOP_IN, itt=foreign(cmd)))),
    Case("nop-itt-of-command", "NOP-In that answers a SCSI command",
         Drops("answers no NOP-Out"), "11.19",
         serve=at_magic(lambda c, cmd: c.send(pdu.NOP_IN, itt=cmd.itt))),
    Case("nop-twice", "two answers to a NOP-Out",
         Drops("answers no NOP-Out", "none"), "11.19",
         **at_nop(lambda c, got: (c.send(pdu.NOP_IN, itt=got.itt),
                                  c.send(pdu.NOP_IN, itt=got.itt)))),
    Case("nop-silence", "no answer to a NOP-Out",
         Drops("NOP-Out not answered", "none"), "11.18",
         **at_nop(lambda c, got: None)),
    Case("nop-dead", "nothing at all after the login",
         Drops("NOP-Out not answered", "none"), "11.18", io="none",
         no_scan=True, settings=NOPS,
         up=lambda c: c.attempt or silent(c)),
    Case("nop-good", "every NOP-Out answered", Keeps("none"), "11.18",
         io="none", no_scan=True, settings=NOPS, check=nops_go_on),
    Case("nop-echo", "NOP-In with data nobody sent", Keeps("none"), "11.19",
         check=nops_go_on, io="none", no_scan=True, settings=NOPS,
         serve=at_opcode(pdu.NOP_OUT, lambda c, got: c.send(
             pdu.NOP_IN, itt=got.itt, data=bytes(4096)), always=True)),
    Case("nop-counted", "ExpCmdSN counts the NOP-Out", Keeps("none"),
         "4.2.2.1", check=counted, **counts(1)),
    Case("nop-counted-twice", "ExpCmdSN counts it twice",
         Drops("acknowledges a command never sent", "none"), "4.2.2.1",
         **counts(2)),
    Case("nop-no-room", "every NOP-Out rejected for want of room",
         Keeps("none"), "4.2.2.1", check=nops_go_on, io="none", no_scan=True,
         settings=NOPS, serve=at_opcode(
             pdu.NOP_OUT, lambda c, got: c.reject(6, got.bhs), always=True)),
    Case("ping-no-room", "its own ping's answer rejected for want of room",
         Keeps(), "4.2.2.1", serve=ping_rejected),
    Case("nop-over-mrdsl", "NOP-In with 16 KiB",
         Drops("data segment too long"), "11.19",
         serve=at_magic(lambda c, cmd: c.nop_in(7, data=bytes(16384)))),
    *reject_cases(),
    Case("reject-foreign-itt", "Reject carrying a foreign ITT",
         Drops("protocol error"), "11.17", serve=at_magic(
             lambda c, cmd: c.reject(4, cmd.bhs[:16] + b"\1\2\3\4" +
                                     cmd.bhs[20:]))),
    Case("reject-of-nothing", "Reject of nothing", Drops("protocol error"),
         "11.17", serve=at_magic(lambda c, cmd: c.reject(4, b""))),
    Case("reject-with-itt", "Reject whose own ITT is a command's",
         Drops("answers no task"), "11.17",
         serve=at_magic(lambda c, cmd: c.reject(4, cmd.bhs, itt=cmd.itt))),
    Case("reject-long", "Reject with 8 KiB of header", Drops("protocol error"),
         "11.17", serve=at_magic(lambda c, cmd: c.reject(4, bytes(8192)))),
    *event_cases(),
    Case("async-scsi", "async event 0 with sense: the LUNs changed", Keeps(),
         "11.9.1", serve=before_answer(lambda c, cmd: c.async_message(
             0, data=struct.pack(">H", len(SENSE)) + SENSE))),
    Case("async-sense-lies", "async event 0, sense longer than its segment",
         Keeps(), "11.9.1", serve=before_answer(lambda c, cmd: c.async_message(
             0, data=struct.pack(">H", 4000) + SENSE))),
    Case("async-with-itt", "async message with a task's ITT",
         Drops("answers no task"), "11.9",
         serve=at_magic(lambda c, cmd: c.async_message(0, itt=cmd.itt))),
    Case("async-flood", "500 async messages", Keeps(), "11.9",
         serve=before_answer(lambda c, cmd: c.raw(b"".join(
             c.frame(pdu.ASYNC, w36=0) for _ in range(500))))),
    Case("async-time2wait", "connection drop with Time2Wait 1 s",
         Drops("connection drop"), "11.9.1", login=note_time,
         serve=at_magic(lambda c, cmd: (c.async_message(
             2, param1=0, param2=1, param3=0), close(c))), check=slow_return),
    Case("text-unasked", "Text Response nobody asked for",
         Drops("was not asked for", "none"), "11.11",
         **unasked(pdu.TEXT_RSP, itt=5, data=b"SendTargets=x\0")),
    Case("text-unasked-part", "Text Response that goes on",
         Drops("was not asked for", "none"), "11.11.3",
         **unasked(pdu.TEXT_RSP, itt=5, ttt=5, flags=0x40, data=b"x")),
    Case("logout-unasked", "Logout Response nobody asked for",
         Drops("answers no Logout", "none"), "11.15",
         **unasked(pdu.LOGOUT_RSP, itt=5)),
    Case("login-in-full-phase", "Login Response in the full feature phase",
         Drops("another phase", "none"), "11.13",
         **unasked(pdu.LOGIN_RSP, itt=5)),
    Case("opcode-of-initiator", "SCSI Command from the target",
         Drops("no target may send", "none"), "11.2.1.2",
         **unasked(pdu.SCSI_CMD, itt=5)),
    Case("opcode-reserved", "a reserved opcode",
         Drops("no target may send", "none"), "11.2.1.2",
         **unasked(0x3b, itt=5)),
    Case("opcode-vendor", "an opcode of a vendor",
         Drops("no target may send", "none"), "11.2.1.2",
         **unasked(0x3c, itt=5)),
    Case("logout-wrong-itt", "Logout answered with a foreign ITT", Keeps(),
         "11.15", serve=at_opcode(pdu.LOGOUT_REQ, lambda c, got: c.send(
             pdu.LOGOUT_RSP, itt=foreign(got)))),
    Case("logout-refused", "Logout answered with 'cleanup failed'", Keeps(),
         "11.15.1", serve=at_opcode(pdu.LOGOUT_REQ, lambda c, got: c.send(
             pdu.LOGOUT_RSP, itt=got.itt, b2=3))),
    Case("logout-closed", "Logout answered by closing", Keeps(), "11.15",
         serve=at_opcode(pdu.LOGOUT_REQ, close)),
    Case("logout-silence", "Logout not answered", Keeps(), "11.14",
         serve=at_opcode(pdu.LOGOUT_REQ, lambda c, got: None),
         settings={"TMF_TIMEOUT": 500}),
]
