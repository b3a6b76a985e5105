# SPDX-License-Identifier: GPL-2.0
"""Where PDUs begin and end, RFC 7143 11.2, digests, and connections that end
in the middle of one."""
import pdu
from case import Case, Drops, Keeps
from cases.hooks import at_magic, close, reset
from cases.reads import DATA

CRC = dict(params={"HeaderDigest": "CRC32C", "DataDigest": "CRC32C"},
           header_digest=1, data_digest=1)
CLOSED = "connection closed by the target"


def answer_frame(c, cmd, **fields):
    return c.frame(pdu.DATA_IN, itt=cmd.itt, flags=pdu.FINAL | pdu.STATUS,
                   data=DATA, **fields)


def cut(count, end):
    """So many bytes of the right answer, then the end."""
    def run(c, cmd):
        c.raw(answer_frame(c, cmd)[:count])
        end(c)
    return at_magic(run)


def in_pieces(size):
    return at_magic(lambda c, cmd: c.drip(answer_frame(c, cmd), size))


def wrong(digest):
    return at_magic(lambda c, cmd: c.raw(answer_frame(c, cmd, digest=digest)))


def no_padding(c, cmd):
    """Three bytes without their fourth, so that all behind is one off."""
    c.raw(c.frame(pdu.NOP_IN, ttt=7, statsn=None, data=b"abc", pad=b""))
    c.command(cmd)


CASES = [
    Case("cut-before-answer", "FIN instead of an answer", Drops(CLOSED), "8.1",
         serve=at_magic(close)),
    Case("cut-in-header", "FIN in the middle of a header", Drops(CLOSED),
         "8.1", serve=cut(20, close)),
    Case("cut-behind-header", "FIN between header and data", Drops(CLOSED),
         "8.1", serve=cut(48, close)),
    Case("cut-in-data", "FIN in the middle of the data", Drops(CLOSED), "8.1",
         serve=cut(48 + 4000, close)),
    Case("reset-before-answer", "RST instead of an answer", Drops(CLOSED),
         "8.1", serve=at_magic(reset)),
    Case("reset-in-data", "RST in the middle of the data", Drops(CLOSED),
         "8.1", serve=cut(48 + 4000, reset)),
    Case("cut-on-write", "FIN on a WRITE, which may have run",
         Drops(CLOSED, "host 0xf"), "8.1", serve=at_magic(close), io="write"),
    Case("cut-on-write-disk", "FIN on a WRITE of a disk", Drops(CLOSED), "8.1",
         serve=at_magic(close), io="write", disk=True),
    Case("cut-on-read-disk", "FIN on a READ of a disk", Drops(CLOSED), "8.1",
         serve=cut(48 + 4000, close), disk=True),
    Case("pieces-of-7", "the answer in pieces of 7 bytes", Keeps(), "11.2",
         serve=in_pieces(7)),
    Case("pieces-of-47", "the answer in pieces of 47 bytes", Keeps(), "11.2",
         serve=in_pieces(47)),
    Case("padding-missing", "a PDU without its padding",
         Drops(""), "11.2.3", serve=at_magic(no_padding)),
    Case("padding-not-zero", "padding of other bytes than 0", Keeps(),
         "11.2.3", serve=at_magic(lambda c, cmd: (
             c.nop_in(7, data=b"abc", pad=b"\xff"), c.command(cmd)))),
    Case("ahs-255", "255 words of AHS before the answer", Keeps(), "11.2.2",
         serve=at_magic(lambda c, cmd: (
             c.nop_in(ahs=b"\xff" * 1020), c.command(cmd)))),
    Case("ahs-lies", "TotalAHSLength 255 and no AHS", Drops(""), "11.2.2",
         serve=at_magic(lambda c, cmd: (c.nop_in(hlength=255),
                                        [c.nop_in() for _ in range(60)]))),
    Case("data-16m", "NOP-In of 2^24 - 1 bytes",
         Drops("longer than MaxRecvDataSegmentLength"), "11.2.1.6",
         serve=at_magic(lambda c, cmd: c.nop_in(7, dlength=0xffffff))),
    Case("digest-good", "digests as they should be", Keeps(), "13.1",
         serve=at_magic(lambda c, cmd: c.command(cmd)), **CRC),
    Case("digest-byte-by-byte", "digests, in pieces of 3 bytes", Keeps(),
         "13.1", serve=in_pieces(3), **CRC),
    Case("digest-header-wrong", "a wrong header digest",
         Drops("header digest is wrong"), "7.8", serve=wrong("header"), **CRC),
    Case("digest-data-wrong", "a wrong data digest",
         Drops("data digest is wrong"), "7.8", serve=wrong("data"), **CRC),
    Case("digest-ahs", "a header digest over 1020 bytes of AHS", Keeps(),
         "11.2.3", serve=at_magic(lambda c, cmd: (
             c.nop_in(ahs=bytes(1020)), c.command(cmd))), **CRC),
    Case("digest-write", "a WRITE with digests", Keeps(), "13.1", io="write",
         serve=None, **CRC),
    Case("digest-missing", "digests agreed and not sent", Drops(""), "13.1",
         serve=at_magic(lambda c, cmd: c.raw(pdu.build(
             pdu.DATA_IN, pdu.FINAL | pdu.STATUS, itt=cmd.itt, w24=c.statsn,
             w28=c.exp_cmdsn, w32=c.exp_cmdsn + 63, data=DATA))), **CRC),
]
