# SPDX-License-Identifier: GPL-2.0
"""What a target asks for by Asynchronous Message: to be left, with and without
a pause, and to negotiate, RFC 7143 11.9.1, 11.10, 11.11, 11.14, 11.15."""
import socket
import subprocess
import threading
import time

import pdu
from case import Case, Drops, Keeps, Wrong
from cases.asynch import note_time, slow_return, wait_for
from cases.hooks import at_magic, close
from initiator import SCALE

NOPS = {"NOP_INTERVAL": 50, "NOP_TIMEOUT": 3000 * SCALE}


# --- logout

def asked_to_leave(then):
    """Event 1 for the command; the Logout is answered by then(conn, got)."""
    def serve(conn, got):
        if at_magic(lambda c, cmd: c.async_message(1, param3=2))(conn, got):
            return True
        if got.opcode != pdu.LOGOUT_REQ or conn.attempt:
            return False
        then(conn, got)
        return True
    return serve


def response(code, time2wait=0, time2retain=0):
    return lambda conn, got: conn.send(
        pdu.LOGOUT_RSP, itt=got.itt, b2=code, w40=time2wait << 16 | time2retain)


def right_logout(run):
    """One Logout that closes the session, and nothing after it."""
    log = run.case.log
    where = [n for n, p in enumerate(log) if p.opcode == pdu.LOGOUT_REQ]
    if not where:
        raise Wrong("no Logout was sent")
    one = log[where[0]]
    if one.flags != pdu.FINAL or one.data or one.itt == pdu.NONE:
        raise Wrong("a wrong Logout")


def rejected_twice(conn, got):
    conn.case.logouts = getattr(conn.case, "logouts", 0) + 1
    if conn.case.logouts < 3:
        conn.reject(6, got.bhs)
    else:
        response(0)(conn, got)


def late(conn, got):
    """Waits: a request after the Logout would be seen."""
    conn.sock.settimeout(0.4 * SCALE)
    try:
        more = conn.sock.recv(48)
        if more:
            conn.case.broken = f"opcode {more[0] & 0x3f:#x} after the Logout"
    except socket.timeout:
        pass
    conn.sock.settimeout(None)
    response(0)(conn, got)


def quick_return(run):
    """Time2Wait of a Logout that went well means nothing at level 0."""
    if run.case.times[1] - run.case.times[0] > 3 * SCALE:
        raise Wrong("waited for nothing")
    right_logout(run)


def hurry(number):
    """An address appears, which has whoever waits try at once."""
    for what in ("add", "del"):
        subprocess.run(["ip", "address", what, f"127.9.9.{number}/32", "dev",
                        "lo"], check=True)


def dropped_in_haste(conn, cmd):
    conn.case.dropped = time.monotonic()
    conn.async_message(3, param1=0, param2=1, param3=0)
    for number in (1, 2, 3):
        threading.Timer(number * 0.2 - 0.1, hurry, (number,)).start()
    close(conn)


def no_haste(run):
    """The login after the drop, and not after the login before it."""
    waited = run.case.times[-1] - run.case.dropped
    if waited < 0.95:
        raise Wrong(f"reconnected after {waited:.2f} s, before Time2Wait")


# --- negotiation

def negotiate(*answers, **settings):
    """Event 4 for the command, which is answered at once; the n-th Text
    Request gets the fields of the n-th answer, or of the last; None: nothing."""
    def serve(conn, got):
        if at_magic(lambda c, cmd: (c.async_message(4, param3=2),
                                    c.command(cmd)))(conn, got):
            return True
        if got.opcode != pdu.TEXT_REQ:
            return False
        n = conn.case.texts = getattr(conn.case, "texts", 0) + 1
        fields = answers[min(n, len(answers)) - 1]
        if fields is not None:
            conn.send(pdu.TEXT_RSP, itt=got.itt, **fields)
        return True
    return dict(serve=serve, **settings)


def texts(run):
    return [p for p in run.case.log if p.opcode == pdu.TEXT_REQ]


def asked(count, tags=(pdu.NONE,)):
    """So many Text Requests without keys, with these transfer tags."""
    def check(run):
        wait_for(run, "Text Request", lambda: len(texts(run)) >= count)
        for n, one in enumerate(texts(run)[:count]):
            if one.data or one.flags != pdu.FINAL or not one.immediate:
                raise Wrong("a wrong Text Request")
            if one.word(20) != tags[min(n, len(tags) - 1)]:
                raise Wrong("a wrong transfer tag")
    return check


def declares_length(conn):
    """MaxRecvDataSegmentLength becomes 512 before the command comes."""
    if conn.attempt:
        return
    conn.async_message(4, param3=2)
    got = conn.next()
    while got.opcode != pdu.TEXT_REQ:
        conn.serve_one(got)
        got = conn.next()
    conn.send(pdu.TEXT_RSP, itt=got.itt,
              data=b"MaxRecvDataSegmentLength=512\0TargetAlias=x\0")


def short_segments(run):
    sizes = [len(p.data) for p in run.case.log
             if p.opcode in (pdu.SCSI_CMD, pdu.DATA_OUT) and p.data]
    if not sizes or max(sizes) > 512 or sum(sizes) < run.case.length:
        raise Wrong(f"data segments of {sizes[:9]} bytes")


PART = {"flags": 0, "ttt": 7}
CASES = [
    Case("leave", "asks for a Logout and confirms it",
         Drops("logout request"), "11.9.1", check=right_logout,
         serve=asked_to_leave(response(0))),
    # It closes after its answer, as targets do. One that does not may have the
    # write in its backend, and the write is held for 30 s then (failover.rst).
    Case("leave-write", "asks for a Logout in the middle of a write",
         Drops("logout request"), "11.9.1", io="write", disk=True,
         check=right_logout,
         serve=asked_to_leave(lambda c, got: (response(0)(c, got),
                                              close(c, got)))),
    Case("leave-late", "confirms the Logout late, NOP-Outs are due",
         Drops("logout request"), "11.14", check=right_logout, settings=NOPS,
         serve=asked_to_leave(late)),
    Case("leave-in-login", "asks for a Logout right after the login",
         Drops("logout request", "none"), "11.9.1", check=right_logout,
         io="none", no_scan=True, up=lambda c: c.attempt or
         c.async_message(1, param3=0)),
    Case("leave-thrice", "asks for a Logout three times",
         Drops("logout request"), "11.9.1", serve=asked_to_leave(
             lambda c, got: (c.async_message(1), c.async_message(1),
                             response(0)(c, got))), check=right_logout),
    Case("leave-pings", "asks for a Logout, pings a hundred times",
         Drops("logout request"), "11.9.1", check=right_logout,
         serve=asked_to_leave(lambda c, got: (c.raw(b"".join(
             c.frame(pdu.NOP_IN, ttt=n, statsn=None) for n in range(100))),
             response(0)(c, got)))),
    Case("leave-silence", "asks for a Logout, says nothing to it",
         Drops("does not answer it"), "11.9.1", check=right_logout,
         serve=asked_to_leave(lambda c, got: None)),
    Case("leave-fin", "asks for a Logout, answers it by FIN",
         Drops("connection closed by the target"), "11.9.1",
         serve=asked_to_leave(close), check=right_logout),
    Case("leave-no-room", "asks for a Logout, and rejects it twice for want "
         "of room", Drops("logout request"), "4.2.2.1",
         serve=asked_to_leave(rejected_twice)),
    Case("leave-foreign-itt", "asks for a Logout, answers another",
         Drops("answers no Logout"), "11.15", serve=asked_to_leave(
             lambda c, got: c.send(pdu.LOGOUT_RSP, itt=got.itt ^ 0x10000))),
    Case("leave-no-cid", "Logout: there is no such CID",
         Drops("logout request"), "11.15.1", check=right_logout,
         serve=asked_to_leave(response(1))),
    *[Case(f"leave-refused-{code}", f"Logout: {words}, Time2Wait 1 s",
           Drops("logout request"), "11.15.3", login=note_time,
           serve=asked_to_leave(response(code, 1)), check=slow_return)
      for code, words in {2: "no recovery", 3: "cleanup failed"}.items()],
    Case("leave-time2wait", "Logout confirmed with Time2Wait 1000 s",
         Drops("logout request"), "11.15.3", login=note_time,
         serve=asked_to_leave(response(0, 1000, 1000)), check=quick_return),
    *[Case(f"drop-{event}-{io}", f"async event {event} with Time2Wait 1 s, "
           f"Time2Retain {retain} s, to a {io}", Drops("drop"), "11.9.1",
           io=io, disk=True, login=note_time, check=slow_return,
           serve=at_magic(lambda c, cmd, e=event, r=retain: (c.async_message(
               e, param1=0, param2=1, param3=r), close(c))))
      for event, io, retain in ((2, "write", 0), (3, "read", 0),
                                (3, "write", 20))],

    Case("drop-hurry", "Time2Wait 1 s, and meanwhile the network gets better",
         Drops("drop"), "11.9.1", login=note_time, check=no_haste,
         serve=at_magic(dropped_in_haste)),

    Case("negotiate", "asks for a negotiation, has nothing to say", Keeps(),
         "11.9.1", check=asked(1), **negotiate({})),
    Case("negotiate-parts", "negotiates in two parts", Keeps(), "11.11",
         check=asked(2, (pdu.NONE, 7)), **negotiate(PART, {})),
    Case("negotiate-alias", "declares an alias", Keeps(), "11.11",
         check=asked(1), **negotiate({"data": b"TargetAlias=x\0"})),
    Case("negotiate-length", "declares MaxRecvDataSegmentLength 512", Keeps(),
         "13.12", io="write", up=declares_length, check=short_segments),
    Case("negotiate-silence", "asks for a negotiation, says nothing", Keeps(),
         "11.9.1", check=asked(1), **negotiate(None)),
    Case("negotiate-without-end", "a negotiation without end",
         Drops("negotiation request"), "11.11",
         check=lambda run: (asked(8, (pdu.NONE, 7))(run), right_logout(run)),
         **negotiate(PART)),
    Case("negotiate-proposal", "proposes what only a login can settle",
         Drops("negotiation request"), "13.13", check=right_logout,
         **negotiate({"data": b"MaxBurstLength=512\0"})),
    Case("negotiate-unknown", "a key of a vendor", Drops("negotiation request"),
         "6.2", check=right_logout, **negotiate({"data": b"X-org.test=1\0"})),
    Case("negotiate-pieces", "a key in pieces", Drops("negotiation request"),
         "6.2", check=right_logout,
         **negotiate(dict(PART, flags=pdu.CONTINUE, data=b"MaxRecv"))),
    Case("negotiate-bad-length", "declares MaxRecvDataSegmentLength 5",
         Drops("out of range"), "13.12",
         **negotiate({"data": b"MaxRecvDataSegmentLength=5\0"})),
    Case("negotiate-no-pair", "text that is no pair", Drops("Text Response"),
         "6.1", **negotiate({"data": b"nothing\0"})),
    Case("negotiate-f-and-c", "F and C bits", Drops("both F and C"), "11.11",
         **negotiate({"flags": pdu.FINAL | pdu.CONTINUE})),
]
