# SPDX-License-Identifier: GPL-2.0
"""A command that is not answered, and what the target does with the ABORT
TASK that follows, RFC 7143 11.5 and 11.6.

The command is a READ by SG_IO with a time limit; where it is aborted it ends
with DID_ABORT (host 0x5), for whoever sent it by hand set the limit.

A reader of the disk has set none: where iSCSIProtocolLevel 2 was agreed on, the
target is asked by a QUERY TASK first, RFC 7144 6.3 and 6.4.2.

A WRITE that the target denies may be with a reset of another initiator: the unit
is reset before it is sent again.
"""
import os
import threading

import pdu
from case import HANG, LENGTH, Case, Drops, Keeps, limited
from cases.hooks import foreign
from cases.reads import DATA
from initiator import SCALE, command, disk_read
from lu import MAGIC, READ10, READ16
from target import is_magic

ABORTED = "host 0x5"
ABORT, RESET, QUERY = 1, 5, 9
PRESENT, GONE = 7, 0
LIMIT_MS = 1000 * SCALE


def read(run):
    """The command the case is about, with a time limit."""
    cdb = bytes([READ10, 0, 0, 0, MAGIC >> 8, MAGIC & 255, 0, 0,
                 LENGTH // 512, 0])
    result = limited(HANG, command, run.device(), cdb, LENGTH, b"", LIMIT_MS)
    run.case.io = "read"	# for the verdict
    return run.verdict(result)


def never(reply):
    """serve hook: no answer to the command, reply(conn, tmf, cmd) to the
    first ABORT TASK for it."""
    def serve(conn, got):
        case = conn.case
        if is_magic(got) and case.once():
            case.victim = got
            return True
        if got.opcode == pdu.TMF_REQ and reply:
            victim, case.victim = case.victim, None
            if victim:
                reply(conn, got, victim)
            return True
        return False
    return serve


def answered(response, **fields):
    def reply(conn, tmf, victim):
        conn.send(pdu.TMF_RSP, itt=tmf.itt, b2=response, **fields)
    return never(reply)


def asked(*functions, may=()):
    """These, perhaps those that it may ask as well, and nothing else. Each
    names the command it is about, 11.5.1, 11.5.4 to 6."""
    def check(run):
        victim = [p for p in run.case.log if is_magic(p)][0]
        tmfs = [p for p in run.case.log if p.opcode == pdu.TMF_REQ]
        found = [p.flags for p in tmfs]
        assert found in ([pdu.FINAL | f for f in functions],
                         [pdu.FINAL | f for f in (*functions, *may)]), \
            f"functions {[f & 127 for f in found]}"
        for p in tmfs:
            assert p.immediate, "immediate"
            assert p.word(20) == victim.itt, "Referenced Task Tag"
            assert p.word(32) == victim.cmdsn, "RefCmdSN"
            assert p.lun == victim.lun, "LUN"
    return check


def case(name, why, expect, serve, rfc="11.6", **more):
    more.setdefault("io", read)
    return Case(name, why, expect, rfc, serve=serve, **more)


def both(first, second):
    """Two PDUs in this order, at once."""
    def reply(conn, tmf, victim):
        first(conn, tmf, victim)
        second(conn, tmf, victim)
    return never(reply)


def complete(conn, tmf, victim, response=0):
    conn.send(pdu.TMF_RSP, itt=tmf.itt, b2=response)


def data(conn, tmf, victim):
    conn.data_in(victim, DATA, status=0)


def no_room(times):
    """serve hook: so many requests are rejected, RFC 7143 4.2.2.1, the next
    is answered."""
    def serve(conn, got):
        case = conn.case
        if is_magic(got) and case.once():
            case.rejects = times
            return True
        if got.opcode != pdu.TMF_REQ:
            return False
        if case.rejects:
            case.rejects -= 1
            conn.reject(6, got.bhs)
        else:
            complete(conn, got, None)
        return True
    return serve


def disk_io(kind, seconds):
    """The same through the disk, which is told to wait so long. Not before six
    times that a command is given up for good."""
    def io(run):
        disk = os.path.basename(run.device())
        with open(f"/sys/block/{disk}/device/timeout", "w") as limit:
            limit.write(str(seconds * SCALE))
        run.case.io = kind
        return limited(HANG * seconds, run.disk_io, "/dev/" + disk)
    return io


def answers(*responses, then=None):
    """serve hook: the command is not answered but what is asked about it is,
    with these; `then` follows the first of them."""
    def serve(conn, got):
        case = conn.case
        if is_magic(got) and case.once():
            case.victim, case.responses = got, list(responses)
            return True
        if got.opcode != pdu.TMF_REQ or not case.responses:
            return False
        first = len(case.responses) == len(responses)
        complete(conn, got, case.victim, case.responses.pop(0))
        if first and then:
            then(conn, got, case.victim)
        return True
    return serve


def query(name, why, expect, serve, functions, **more):
    more = {"io": disk_io("read", 1), "disk": True, "check": asked(*functions),
            "params": {"iSCSIProtocolLevel": "2"}, **more}
    return Case(name, why, expect, "11.5", serve=serve, **more)


def write_denied(told, response):
    """serve hook: a WRITE is not answered, and denied; LOGICAL UNIT RESET gets
    this response. told: a READ hears meanwhile that somebody has reset the unit."""
    def serve(conn, got):
        case = conn.case
        if is_magic(got) and got.is_write and case.once():
            case.kept.set()
            return True
        if told and case.fired and not case.told and is_read(got):
            case.told = True
            conn.sense(got, 6, 0x29, 3)
            return True
        if got.opcode != pdu.TMF_REQ:
            return False
        complete(conn, got, None,
                 1 if got.flags & 127 == ABORT else response)
        return True
    return serve


def is_read(got):
    return got.opcode == pdu.SCSI_CMD and got.cdb[0] in (READ10, READ16)


def write_and_read(run):
    """The WRITE, by a disk that waits a second for it, and a READ beside it."""
    case, device = run.case, run.device()
    case.told, case.kept = False, threading.Event()

    def read_beside():
        if case.kept.wait(HANG * SCALE):
            disk_read(device, 0, LENGTH)

    reader = threading.Thread(target=read_beside, daemon=True)
    reader.start()
    result = disk_io("write", 1)(run)
    reader.join(HANG * SCALE)
    return result


def order(*expected):
    """What came of the WRITE, in this order."""
    names = {ABORT: "abort", RESET: "reset"}

    def check(run):
        found = ["write" if is_magic(p) else names[p.flags & 127]
                 for p in run.case.log if p.opcode == pdu.TMF_REQ or
                 (is_magic(p) and p.is_write)]
        assert found == list(expected), " ".join(found)
    return check


def denied(name, why, expected, told=False, response=0):
    return Case(name, why, Keeps("ok"), "11.6", disk=True, io=write_and_read,
                serve=write_denied(told, response), check=order(*expected))


REFUSED = "ABORT TASK refused"
CASES = [
    case("abort-complete", "function complete", Keeps(ABORTED), answered(0),
         check=asked(ABORT)),
    case("abort-no-task", "task does not exist", Keeps(ABORTED), answered(1)),
    case("abort-no-lun", "LUN does not exist", Drops(REFUSED), answered(2)),
    case("abort-allegiant", "task still allegiant", Drops(REFUSED),
         answered(3)),
    case("abort-unsupported", "function not supported", Drops(REFUSED),
         answered(5)),
    case("abort-unauthorized", "function authorization failed", Drops(REFUSED),
         answered(6)),
    case("abort-rejected", "function rejected", Drops(REFUSED), answered(255)),
    case("abort-unknown", "a response no standard knows", Drops(REFUSED),
         answered(77)),
    case("abort-silence", "no answer at all",
         Drops("a command and its ABORT TASK were not answered"),
         never(lambda *_: None), settings={"TMF_TIMEOUT": 500}),
    case("abort-foreign-itt", "an answer with a foreign ITT",
         Drops("answers no request of ours"),
         never(lambda c, tmf, v: c.send(pdu.TMF_RSP, itt=foreign(tmf)))),
    case("abort-itt-of-command", "an answer with the command's ITT",
         Drops("answers no request of ours"),
         never(lambda c, tmf, v: c.send(pdu.TMF_RSP, itt=v.itt))),
    case("abort-twice", "two answers",
         Drops("answers no request of ours", ABORTED),
         both(complete, complete)),
    case("abort-with-data", "an answer with a data segment",
         Drops("data segment in a PDU that has none"),
         answered(0, data=bytes(16))),
    case("abort-datain-for-it", "Data-In for the ABORT TASK",
         Drops("no such task"),
         never(lambda c, tmf, v: c.data_in(tmf, DATA, status=0))),
    case("abort-reject", "Reject of the ABORT TASK",
         Drops("command not supported"),
         never(lambda c, tmf, v: c.reject(5, tmf.bhs))),
    case("abort-no-room", "three ABORT TASKs rejected for want of room",
         Keeps(ABORTED), no_room(3)),
    case("abort-no-room-ever", "each ABORT TASK rejected for want of room",
         Drops("a command and its ABORT TASK were not answered"),
         no_room(1000), settings={"TMF_TIMEOUT": 500}),
    case("abort-lost-race", "the data, then 'task does not exist'",
         Keeps("ok"), both(data, lambda c, t, v: complete(c, t, v, 1))),
    case("abort-late-data", "data although the abort was complete",
         Drops("no such task", ABORTED), both(complete, data)),
    query("query-present", "a slow target, which still has the command",
          Keeps("ok"), answers(PRESENT, then=data), [QUERY]),
    query("query-present-for-ever", "it has the command but never answers it",
          Keeps("ok"), answers(PRESENT, 0), [QUERY, ABORT],
          io=disk_io("read", 2)),
    query("query-gone", "a target that has lost the command",
          Keeps("ok"), answers(GONE, 1), [QUERY, ABORT]),
    query("query-gone-late-data", "it had, but the data follow",
          # whether it asks for more depends on how soon the data are there
          Keeps("ok"), answers(GONE, 1, then=data), [QUERY],
          check=asked(QUERY, may=[ABORT])),
    *[query(f"query-refused-{response}", "the function is refused",
            Keeps("ok"), answers(response, 0), [QUERY, ABORT])
      for response in (2, 5, 6, 77, 255)],
    query("query-silence", "no answer at all",
          Drops("a command and its QUERY TASK were not answered", "ok"),
          never(lambda *_: None), [QUERY], settings={"TMF_TIMEOUT": 500}),
    query("query-foreign-itt", "an answer with a foreign ITT",
          Drops("answers no request of ours", "ok"),
          never(lambda c, tmf, v: c.send(pdu.TMF_RSP, itt=foreign(tmf),
                                         b2=PRESENT)), [QUERY]),
    query("query-level-1", "iSCSIProtocolLevel 1 has no QUERY TASK",
          Keeps("ok"), answers(0), [ABORT],
          params={"iSCSIProtocolLevel": "1"}),
    query("query-by-hand", "whoever set the limit has had the time",
          Keeps(ABORTED), answers(0), [ABORT], io=read, disk=False),
    denied("write-denied", "a WRITE is denied",
           ("write", "abort", "reset", "write")),
    denied("write-denied-reset", "a WRITE is denied, and a reset is why",
           ("write", "abort", "write"), told=True),
    denied("write-denied-refuses", "a WRITE is denied by who knows no reset",
           ("write", "abort", "reset", "write"), response=5),
    Case("abort-unasked", "a task management response nobody asked for",
         Drops("answers no request of ours", "none"), "11.6", io="none",
         no_scan=True, up=lambda c: c.attempt or c.send(pdu.TMF_RSP, itt=9)),
]
