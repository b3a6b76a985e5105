# SPDX-License-Identifier: GPL-2.0
"""Logical units that lie about themselves: REPORT LUNS, INQUIRY, vital product
data and capacity, SPC-5 and SBC-4.

The reaction looked at is how many paths there are in the end; the connection
must stay, for nothing is wrong with the protocol.
"""
import struct
import threading
import time

import lu
import pdu
from case import HANG, Case, Drops, Keeps, Wrong, limited
from cases.hooks import at_magic, close
from initiator import N, SCALE, command
from lu import designator, luns, page

NAA = b"\x60\x01\x40\x50" + bytes(11) + b"\x42"
WHOLE_INQUIRY = lu.Lu(bytes(8)).answers[lu.INQUIRY]


def paths(run):
    """So many paths has the session."""
    return f"{len(run.ini.path_states(run.id))} paths"


def case(name, why, expect, answers, **more):
    more.setdefault("io", paths)
    return Case(name, why, Keeps(expect), lu=answers, **more)


def reports(name, why, expect, answer):
    return case("luns-" + name, "REPORT LUNS: " + why, expect,
                {lu.REPORT_LUNS: answer})


def vpd83(name, why, body, length=None, expect="ok"):
    """With such a page 83 the unit has to work, by another identity."""
    return case("vpd83-" + name, "VPD 83: " + why, expect,
                {(lu.INQUIRY, 0x83): page(0x83, body, length)}, io="read")


def capacity(name, why, cap16, cap10=None):
    answers = {lu.READ_CAPACITY16: cap16}
    if cap10 is not None:
        answers[lu.READ_CAPACITY10] = cap10
    return case("capacity-" + name, "capacity: " + why, "1 paths", answers,
                disk=True)


def inquiry(name, why, expect, answer):
    return case("inquiry-" + name, "INQUIRY: " + why, expect,
                {lu.INQUIRY: answer})


def other_unit(c, cmd):
    """The connection ends, and behind the next is another unit."""
    c.case.lu = lu.Lu(b"another!", c.case.lu.kind)
    close(c)


def shrunk_unit(c, cmd):
    c.case.lu.answers[lu.READ_CAPACITY16] = struct.pack(">QI20x", 99, 512)
    close(c)


def fenced(run):
    """The path is fenced and carries nothing; so the command fails. It stays so
    while somebody has the disk open: else the new unit would take its place."""
    run.case.io = "read"
    with open(run.device(), "rb", buffering=0):
        io = run.do_io()
        end = time.monotonic() + HANG * SCALE
        while time.monotonic() < end:
            states = [state for state, _, _ in run.ini.path_states(run.id)]
            if N["PATH_FENCED"] in states:
                break
            run.case.stop.wait(0.02)
    return f"{io}, fenced" if N["PATH_FENCED"] in states else f"{io}, {states}"


TAPE = 1	# LU type


def told_once(key, asc, ascq):
    """serve hook: the first TEST UNIT READY of the second connection hears a
    unit attention."""
    def serve(conn, got):
        if got.opcode != pdu.SCSI_CMD or conn.attempt != 1 or \
                got.cdb[0] != lu.TEST_UNIT_READY or not conn.case.once():
            return False
        conn.sense(got, key, asc, ascq)
        return True
    return serve


def heard_by_scan(conn, got):
    """serve hook: a READ hears that the capacity changed, the scan that follows
    that the unit may be another; INQUIRY takes half a second then."""
    case = conn.case
    if got.opcode != pdu.SCSI_CMD:
        return False
    if at_magic(lambda c, cmd: c.sense(cmd, 6, 0x2a, 0x09))(conn, got):
        case.scan = ["told"]
    elif case.scan == ["told"] and got.cdb[0] == lu.TEST_UNIT_READY:
        case.scan.append("asked")
        conn.sense(got, 6, 0x3f, 0x0e)
    elif case.scan[-1:] == ["asked"] and got.cdb[0] == lu.INQUIRY:
        case.looks.set()
        threading.Timer(SCALE / 2, known, (conn, got)).start()
    else:
        if got.is_write:
            case.scan.append("write")
        return False
    return True


def known(conn, inquiry):
    if conn.case.scan[-1] == "asked":
        conn.case.scan.append("known")
    conn.command(inquiry)


def expect_scan(conn):
    conn.case.scan, conn.case.looks = [], threading.Event()


def written_meanwhile(run):
    case, device = run.case, run.device()
    case.io = "read"
    read = run.do_io()
    case.looks.wait(HANG * SCALE)
    case.io = "write"
    return f"{read}, {run.do_io()}, {' '.join(case.scan)} of {device[:7]}"


def keep_connection(conn):
    if not conn.attempt:
        conn.case.first = conn


def lose_it(run):
    """Whoever comes next waits for the second connection."""
    close(run.case.first)
    end = time.monotonic() + HANG * SCALE
    while not run.drops() and time.monotonic() < end:
        run.case.stop.wait(0.02)


def twice(run):
    run.case.io = "read"
    return f"{run.do_io()}, {run.do_io()}"


def after_loss(name, why, expect, asc, **more):
    return Case(name, why, Drops("connection closed", expect), "SAM-5 5.14",
                serve=told_once(6, asc, 0), up=keep_connection, act=lose_it,
                io=twice, **more)


def read6(run):
    """RECEIVE of a processor, READ(6) of a tape: of the next record."""
    run.case.io = "read"
    return run.verdict(limited(HANG, command, run.device(),
                             bytes([8, 0, 0, 0, 16, 0]), 8192))


def read6_lost(conn, got):
    if got.opcode != pdu.SCSI_CMD or got.cdb[0] != 8:
        return False
    conn.case.reads = getattr(conn.case, "reads", 0) + 1
    close(conn)
    return True


def read_once(run):
    if run.case.reads != 1:
        raise Wrong(f"{run.case.reads} READ(6)")


GONE = {"NO_PATH_TIMEOUT": 1000}
CASES = [
    reports("empty", "no LUN", "0 paths", luns([])),
    reports("short", "4 bytes", "0 paths", bytes(4)),
    reports("nothing", "no bytes at all", "0 paths", b""),
    reports("lies", "2^32 - 1 bytes announced", "0 paths",
            luns([0], 0xffffffff)),
    reports("lies-more", "more announced than ever comes", "0 paths",
            luns([0], 8 * 100)),
    reports("lies-less", "less announced than comes", "1 paths",
            luns([0, 0, 0], 8)),
    reports("odd", "a length that is no multiple of 8", "1 paths",
            luns([0], 11) + b"\0\0\0"),
    reports("doubled", "LUN 0 64 times", "1 paths", luns([0] * 64)),
    reports("many", "600 times LUN 0, more than one answer holds", "1 paths",
            luns([0] * 600)),
    reports("too-many", "20000 LUNs announced", "0 paths",
            luns([0] * 8, 8 * 20000)),
    reports("well-known", "the REPORT LUNS unit among them", "2 paths",
            struct.pack(">I4x", 16) + bytes(8) + b"\xc1\1" + bytes(6)),
    reports("unsupported", "not supported: there is LUN 0", "1 paths",
            (5, 0x20, 0)),
    reports("medium-error", "an error", "0 paths", (3, 0x11, 0)),
    inquiry("nothing", "no bytes at all", "0 paths", b""),
    inquiry("short", "4 bytes", "0 paths", WHOLE_INQUIRY[:4]),
    inquiry("36", "36 bytes", "1 paths", WHOLE_INQUIRY[:36]),
    inquiry("absent", "no unit here", "0 paths", b"\x7f" + WHOLE_INQUIRY[1:]),
    inquiry("not-connected", "no unit connected", "0 paths",
            b"\x23" + WHOLE_INQUIRY[1:]),
    inquiry("garbage", "all ones", "0 paths", b"\xff" * 96),
    inquiry("error", "an error", "0 paths", (3, 0x11, 0)),
    inquiry("attention", "unit attention without end", "0 paths",
            (6, 0x29, 0)),
    vpd83("empty", "no designator", b""),
    vpd83("long", "longer than it is", designator(NAA), 4000),
    vpd83("long-designator", "a designator longer than the page",
          designator(NAA, length=200)),
    vpd83("short-designator", "a designator of no bytes", designator(b"")),
    vpd83("cut", "half a designator", designator(NAA)[:7]),
    vpd83("doubled", "one designator twice", designator(NAA) * 2),
    vpd83("many", "200 designators", designator(NAA) * 200),
    vpd83("port-only", "designators of the port only",
          designator(NAA, assoc=1) + designator(b"\0\0\0\1", kind=4, assoc=1)),
    vpd83("reserved", "reserved code set and type",
          designator(NAA, code=15, kind=15)),
    vpd83("naa-odd", "an NAA of 3 bytes", designator(b"\x60\1\2")),
    vpd83("text-garbage", "a T10 designator without a letter",
          designator(bytes(range(1, 32)), code=2, kind=1)),
    case("vpd83-other-page", "VPD 83: another page comes", "ok",
         {(lu.INQUIRY, 0x83): page(0x80, b"12345678")}, io="read"),
    case("vpd83-absent", "VPD 83 and 80 not supported", "ok",
         {(lu.INQUIRY, 0x83): (5, 0x24, 0), (lu.INQUIRY, 0x80): (5, 0x24, 0)},
         io="read"),
    case("vpd80-garbage", "VPD 83 empty, VPD 80 all ones", "ok",
         {(lu.INQUIRY, 0x83): page(0x83, b""),
          (lu.INQUIRY, 0x80): b"\xff" * 255}, io="read"),
    capacity("0", "no block", struct.pack(">QI20x", 0, 0)),
    capacity("max", "2^64 blocks", struct.pack(">QI20x", (1 << 64) - 1, 512)),
    capacity("huge", "2^63 blocks of 4096", struct.pack(
        ">QI20x", (1 << 63) - 1, 4096)),
    capacity("block-1", "blocks of 1 byte", struct.pack(">QI20x", 4095, 1)),
    capacity("block-3", "blocks of 3 bytes", struct.pack(">QI20x", 4095, 3)),
    capacity("block-max", "blocks of 2^32 - 1 bytes", struct.pack(
        ">QI20x", 4095, 0xffffffff)),
    capacity("short", "4 bytes", bytes(4), bytes(4)),
    capacity("error", "an error", (3, 0x11, 0), (3, 0x11, 0)),
    after_loss("attention-reset", "a reset, told to a probe of a tape",
               "sense 06/29/00, ok", 0x29, kind=TAPE),
    after_loss("attention-medium", "another medium, told to a probe of a tape",
               "sense 06/28/00, ok", 0x28, kind=TAPE),
    Case("tape-read-lost", "the connection lost under READ(6) of a tape",
         Drops("connection closed", "host 0xf"), kind=TAPE, io=read6,
         serve=read6_lost, check=read_once),
    Case("unit-attention-scan", "a scan hears that it may be another unit",
         Keeps("ok, ok, told asked known write of /dev/sd"),
         "SPC-5 table 49", disk=True, up=expect_scan, serve=heard_by_scan,
         io=written_meanwhile),
    Case("unit-changed", "another unit behind the same LUN",
         Drops("connection closed", "errno 67, fenced"), disk=True,
         serve=at_magic(other_unit), io=fenced, settings=GONE),
    Case("unit-shrunk", "a smaller unit of the same identity",
         Drops("connection closed"), disk=True, serve=at_magic(shrunk_unit)),
    Case("unit-shrunk-unnamed", "a smaller unit without an identity",
         Drops("connection closed", "errno 67, fenced"), disk=True,
         serve=at_magic(shrunk_unit), io=fenced, settings=GONE,
         lu={(lu.INQUIRY, 0x83): (5, 0x24, 0),
             (lu.INQUIRY, 0x80): (5, 0x24, 0)}),
]
