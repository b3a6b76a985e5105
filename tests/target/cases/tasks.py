# SPDX-License-Identifier: GPL-2.0
"""A command that is not answered, and what the target does with the ABORT
TASK that follows, RFC 7143 11.5 and 11.6.

The command is a READ by SG_IO with a time limit; where it is aborted it ends
with DID_ABORT (host 0x5), for whoever sent it by hand set the limit.
"""
import pdu
from case import HANG, LENGTH, Case, Drops, Keeps, limited
from cases.hooks import foreign
from cases.reads import DATA
from initiator import SCALE, command
from lu import MAGIC, READ10
from target import is_magic

ABORTED = "host 0x5"
LIMIT_MS = 1000 * SCALE


def read(run):
    """The command the case is about, with a time limit."""
    cdb = bytes([READ10, 0, 0, 0, MAGIC >> 8, MAGIC & 255, 0, 0,
                 LENGTH // 512, 0])
    result = limited(HANG, command, run.device(), cdb, LENGTH, b"", LIMIT_MS)
    run.case.io = "read"	# for the judgement
    return run.judge(result)


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


def right_abort(run):
    """The request names the command it is about, 11.5.1 and 11.5.4-6."""
    tmf = [p for p in run.case.log if p.opcode == pdu.TMF_REQ][0]
    victim = [p for p in run.case.log if is_magic(p)][0]
    assert tmf.flags == pdu.FINAL | 1 and tmf.immediate, "ABORT TASK"
    assert tmf.word(20) == victim.itt, "Referenced Task Tag"
    assert tmf.word(32) == victim.cmdsn, "RefCmdSN"
    assert tmf.lun == victim.lun, "LUN"


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


REFUSED = "ABORT TASK refused"
CASES = [
    case("abort-complete", "function complete", Keeps(ABORTED), answered(0),
         check=right_abort),
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
    case("abort-lost-race", "the data, then 'task does not exist'",
         Keeps("ok"), both(data, lambda c, t, v: complete(c, t, v, 1))),
    case("abort-late-data", "data although the abort was complete",
         Drops("no such task", ABORTED), both(complete, data)),
    Case("abort-unasked", "a task management response nobody asked for",
         Drops("answers no request of ours", "none"), "11.6", io="none",
         no_scan=True, up=lambda c: c.attempt or c.send(pdu.TMF_RSP, itt=9)),
]
