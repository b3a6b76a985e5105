# SPDX-License-Identifier: GPL-2.0
"""SCSI Response, RFC 7143 11.4, its sense, and the numbers every answer has."""
import struct

import pdu
from case import LENGTH, Bears, Case, Drops, Keeps
from cases.hooks import at_magic, at_opcode, foreign
from cases.reads import DATA, finished
from lu import sense

MEDIUM = sense(3, 0x11, 0)


def send(**fields):
    def run(c, cmd):
        c.response(cmd, **{k: v(c, cmd) if callable(v) else v
                           for k, v in fields.items()})
    return at_magic(run)


def check_condition(data, **fields):
    """A data segment with this in it, right or not."""
    fields.setdefault("flags", pdu.FINAL | pdu.UNDERFLOW)
    return send(status=2, residual=LENGTH, data=data, **fields)


def sized(data, length=None):
    return struct.pack(">H", len(data) if length is None else length) + data


def good(**fields):
    """All the data, and status with these numbers."""
    def run(c, cmd):
        values = {k: v(c) if callable(v) else v for k, v in fields.items()}
        c.data_in(cmd, DATA, status=0, **values)
    return at_magic(run)


def ended(status):
    return send(status=status, flags=pdu.FINAL | pdu.UNDERFLOW,
                residual=LENGTH)


LOST = "no such task"
# gotgt: an answer is known by its ITT, and TCP loses none
ORDER = "StatSN out of sequence"
CASES = [
    Case("response-foreign-itt", "SCSI Response with a foreign ITT",
         Drops(LOST), "11.4", serve=send(itt=lambda c, cmd: foreign(cmd))),
    Case("response-finished-itt", "SCSI Response for a command that is over",
         Drops(LOST), "11.4", serve=send(itt=finished)),
    Case("response-no-itt", "SCSI Response with the reserved ITT",
         Drops("reserved initiator task tag"), "11.2.1.8",
         serve=send(itt=pdu.NONE)),
    Case("response-to-nop", "SCSI Response to a NOP-Out", Drops(LOST, "none"),
         "11.4", io="none", no_scan=True, settings={"NOP_INTERVAL": 100},
         serve=at_opcode(pdu.NOP_OUT, lambda c, got: c.response(got))),
    Case("status-twice", "status in Data-In, then once more", Drops(LOST),
         "11.7.3", serve=at_magic(lambda c, cmd: (
             c.data_in(cmd, DATA, status=0), c.response(cmd)))),
    Case("response-twice", "two SCSI Responses", Drops(LOST, "sense 03/11/00"),
         "11.4", serve=at_magic(lambda c, cmd: (
             c.sense(cmd, 3, 0x11, 0), c.sense(cmd, 3, 0x11, 0)))),
    Case("response-both-residuals", "overflow and underflow at once",
         Drops("overflow and underflow"), "11.4.1",
         serve=send(flags=pdu.FINAL | pdu.OVERFLOW | pdu.UNDERFLOW)),
    Case("response-both-bidi-residuals", "the same of a bidirectional command",
         Drops("overflow and underflow"), "11.4.1",
         serve=send(flags=pdu.FINAL | 0x18)),
    Case("response-target-failure", "response code 1, target failure",
         Keeps("host 0x7"), "11.4.3", serve=send(b2=1)),
    Case("response-vendor", "response code of a vendor", Keeps("host 0x7"),
         "11.4.3", serve=send(b2=0x80)),
    Case("status-reservation-conflict", "RESERVATION CONFLICT",
         Keeps("status 0x18"), "11.4.2", serve=ended(0x18)),
    Case("status-busy", "BUSY, then the data", Keeps(), "11.4.2",
         serve=ended(0x08)),
    Case("status-task-set-full", "TASK SET FULL, then the data", Keeps(),
         "11.4.2", serve=ended(0x28)),
    Case("status-busy-disk", "BUSY to a reader, then the data", Keeps(),
         "11.4.2", serve=ended(0x08), disk=True),
    Case("status-unknown", "a status no standard knows", Keeps("host 0x7"),
         "11.4.2", serve=ended(0x7e)),
    Case("sense", "CHECK CONDITION with sense", Keeps("sense 03/11/00"),
         "11.4.7", serve=check_condition(sized(MEDIUM))),
    Case("sense-longer-than-segment", "sense longer than its segment",
         Drops("sense longer than its segment"), "11.4.7.1",
         serve=check_condition(sized(MEDIUM, 200))),
    Case("sense-length-65535", "SenseLength 65535",
         Drops("sense longer than its segment"), "11.4.7.1",
         serve=check_condition(sized(MEDIUM, 65535))),
    Case("sense-one-byte", "a segment of one byte",
         Drops("sense longer than its segment"), "11.4.7.1",
         serve=check_condition(b"\1")),
    Case("sense-none", "CHECK CONDITION without sense",
         Keeps("sense 0b/00/00"), "11.4.7", serve=check_condition(b"")),
    Case("sense-empty", "SenseLength 0", Keeps("sense 0b/00/00"), "11.4.7.1",
         serve=check_condition(sized(b""))),
    Case("sense-zeros", "sense of no known format", Keeps("sense 0b/00/00"),
         "11.4.7", serve=check_condition(sized(bytes(18)))),
    Case("sense-ones", "sense of nothing but ones", Keeps("sense 0f/ff/ff"),
         "11.4.7", serve=check_condition(sized(b"\xff" * 18))),
    Case("sense-odd", "sense of 15 bytes", Keeps("sense 03/11/00"), "11.4.7",
         serve=check_condition(sized(MEDIUM[:15]))),
    Case("sense-252", "sense of 252 bytes", Keeps("sense 03/11/00"), "11.4.7",
         serve=check_condition(sized(MEDIUM.ljust(252, b"\0")))),
    Case("sense-behind-data", "more behind the sense", Keeps("sense 03/11/00"),
         "11.4.7", serve=check_condition(sized(MEDIUM) + bytes(500))),
    Case("sense-segment-too-long", "a data segment of 16 KiB",
         Drops("data segment too long"), "11.4.7",
         serve=check_condition(sized(MEDIUM) + bytes(16384))),
    Case("sense-all-numbers-one", "fixed sense that claims 255 bytes",
         Keeps("sense 03/11/00"), "11.4.7", serve=check_condition(
             sized(MEDIUM[:7] + b"\xff" + MEDIUM[8:]))),

    Case("statsn-gap", "StatSN jumps by one", Bears(ORDER), "4.2.2.2",
         serve=good(statsn=lambda c: c.statsn + 1)),
    Case("statsn-again", "StatSN stays", Bears(ORDER), "4.2.2.2",
         serve=good(statsn=lambda c: c.statsn - 1)),
    Case("statsn-half-way", "StatSN jumps by 2^31", Bears(ORDER), "4.2.2.2",
         serve=good(statsn=lambda c: c.statsn + (1 << 31))),
    Case("statsn-0", "StatSN is 0", Bears(ORDER), "4.2.2.2",
         serve=good(statsn=lambda c: 0)),
    Case("expcmdsn-ahead", "ExpCmdSN beyond what was sent",
         Drops("acknowledges a command never sent"), "4.2.2.1",
         serve=good(w28=lambda c: c.exp_cmdsn + 1)),
    Case("expcmdsn-far-ahead", "ExpCmdSN 2^31 - 1 ahead",
         Drops("acknowledges a command never sent"), "4.2.2.1",
         serve=good(w28=lambda c: c.exp_cmdsn + (1 << 31) - 1)),
    Case("expcmdsn-back", "ExpCmdSN goes back", Keeps(), "4.2.2.1",
         serve=good(w28=lambda c: c.exp_cmdsn - 3)),
    Case("maxcmdsn-below", "MaxCmdSN < ExpCmdSN - 1 is ignored", Keeps(),
         "4.2.2.1", serve=good(w32=lambda c: c.exp_cmdsn - 2)),
    Case("maxcmdsn-half-way", "MaxCmdSN 2^31 ahead", Keeps(), "4.2.2.1",
         serve=good(w32=lambda c: c.exp_cmdsn + (1 << 31))),
    Case("maxcmdsn-huge", "MaxCmdSN 2^31 - 2 ahead", Keeps(), "4.2.2.1",
         serve=good(w32=lambda c: c.exp_cmdsn + (1 << 31) - 2)),
]
