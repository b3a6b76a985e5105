# SPDX-License-Identifier: GPL-2.0
"""Ready To Transfer, RFC 7143 11.8, and what a WRITE ends with.

Unless said otherwise the session has ImmediateData=No and InitialR2T=Yes: all
data has to be asked for.
"""
import pdu
from case import LENGTH, Case, Drops, Keeps
from cases.hooks import at_magic, foreign
from lu import MAGIC

ALL_ASKED = {"ImmediateData": "No", "InitialR2T": "Yes",
             "MaxBurstLength": "65536"}
SOME_SENT = {"FirstBurstLength": "4096", "InitialR2T": "Yes"}
ANY_ORDER = dict(ALL_ASKED, DataSequenceInOrder="No")
FAILED = "host 0xf"	# a WRITE by SG_IO is not repeated: it may have run


def ask(offset=0, length=LENGTH, **fields):
    """One R2T with these fields."""
    def run(c, cmd):
        values = {k: v(c, cmd) if callable(v) else v
                  for k, v in fields.items()}
        c.r2t(cmd, offset, length, **values)
    return at_magic(run)


def asks(*extents, finish=True):
    """R2Ts for (offset, length) pairs, all at once; then the data is taken
    and the command ended."""
    def run(c, cmd):
        data = bytearray(cmd.length)
        for n, (offset, length) in enumerate(extents):
            c.r2t(cmd, offset, length, n, ttt=0x200 + n)
        left = len(extents)
        while left:
            got = c.receive()
            if got.opcode != pdu.DATA_OUT:
                c.backlog.append(got)
                continue
            at = got.word(40)
            data[at:at + len(got.data)] = got.data
            left -= got.final
        c.case.lu.write(MAGIC, bytes(data))
        if finish:
            c.response(cmd)
    return at_magic(run)


def after(c, cmd):
    """An R2T for a command that has been answered."""
    c.write(cmd, (MAGIC,))
    c.r2t(cmd, 0, LENGTH, 1)


def unsolicited_again(c, cmd):
    c.unsolicited(cmd)
    c.r2t(cmd, 0, LENGTH)


def some_backwards(c, cmd):
    data = bytearray(cmd.length)
    data[:4096] = c.unsolicited(cmd)
    for n, at in enumerate((6144, 4096)):
        c.r2t(cmd, at, 2048, n)
        data[at:at + 2048] = c.collect(cmd)
    c.case.lu.write(MAGIC, bytes(data))
    c.response(cmd)


def again(c, cmd):
    c.r2t(cmd, 0, 4096)
    c.collect(cmd)
    c.r2t(cmd, 0, 4096, 1)


def one_tag(c, cmd):
    got = b""
    for n in range(2):
        c.r2t(cmd, n * LENGTH // 2, LENGTH // 2, n, ttt=9)
        got += c.collect(cmd)
    c.case.lu.write(MAGIC, got)
    c.response(cmd)


def early_sense(c, cmd):
    c.unsolicited(cmd)
    c.sense(cmd, 5, 0x24, 0)


def write(name, why, expect, rfc, serve, **more):
    more.setdefault("params", ALL_ASKED)
    return Case(name, why, expect, rfc, serve=serve, io="write", **more)


CASES = [
    write("r2t-wraps", "R2T whose offset + length wraps 32 bits",
          Drops("exceed 32 bits", FAILED), "11.8.4",
          ask(0xfffff000, 0x2000)),
    write("r2t-wraps-by-length", "R2T of 2^32 - 1 bytes at offset 1",
          Drops("exceed 32 bits", FAILED), "11.8.4", ask(1, 0xffffffff)),
    Case("r2t-on-read", "R2T on a READ", Drops("command is not a write"),
         "11.8", serve=ask()),
    write("r2t-nothing", "R2T for no data", Drops("R2T for no data", FAILED),
          "11.8.4", ask(0, 0)),
    write("r2t-over-maxburst", "R2T for more than MaxBurstLength",
          Drops("desired length out of range", FAILED), "13.13",
          ask(0, 4096 + 512), params=dict(ALL_ASKED, MaxBurstLength="4096")),
    write("r2t-beyond-end", "R2T that ends beyond the data",
          Drops("beyond the end", FAILED), "11.8.4", ask(512, LENGTH)),
    write("r2t-at-end", "R2T that begins at the end of the data",
          Drops("beyond the end", FAILED), "11.8.4", ask(LENGTH, 512)),
    write("r2t-no-ttt", "R2T with the reserved target transfer tag",
          Drops("reserved target transfer tag", FAILED), "11.8.5",
          ask(ttt=pdu.NONE)),
    write("r2t-r2tsn-first", "the first R2TSN is not 0",
          Drops("R2TSN out of order", FAILED), "11.8.1", ask(r2tsn=1)),
    write("r2t-foreign-itt", "R2T with a foreign ITT",
          Drops("no such task", FAILED), "11.8",
          ask(itt=lambda c, cmd: foreign(cmd))),
    write("r2t-with-data", "R2T with a data segment",
          Drops("data segment in a PDU that has none", FAILED), "11.8",
          ask(data=bytes(512))),
    write("r2t-twice", "R2T for data that has been sent",
          Drops("asks for data a second time", FAILED), "11.8", at_magic(again)),
    write("r2t-for-unsolicited", "R2T for data sent unsolicited",
          Drops("asks for data a second time", FAILED), "11.8",
          at_magic(unsolicited_again), params=SOME_SENT),
    write("r2t-too-many", "two R2Ts where MaxOutstandingR2T is 1",
          Drops("more than MaxOutstandingR2T", FAILED), "13.17",
          at_magic(lambda c, cmd: c.raw(
              c.frame(pdu.R2T, itt=cmd.itt, lun=cmd.lun, ttt=1, statsn=None,
                      w44=4096) +
              c.frame(pdu.R2T, itt=cmd.itt, lun=cmd.lun, ttt=2, statsn=None,
                      w36=1, w40=4096, w44=4096))),
          params=dict(ALL_ASKED, MaxOutstandingR2T="1")),
    write("r2t-after-status", "R2T for a command that is over",
          Drops("no such task", "ok"), "11.8", at_magic(after)),
    write("r2t-eight", "eight R2Ts at once", Keeps(), "13.17",
          asks(*[(n * 1024, 1024) for n in range(8)])),
    write("r2t-odd", "R2Ts for odd numbers of bytes", Keeps(), "11.8.4",
          asks((0, 1), (1, 2), (3, 3), (6, 511), (517, LENGTH - 517))),
    write("r2t-one-ttt", "two R2Ts with one target transfer tag", Keeps(),
          "11.8.5", at_magic(one_tag)),
    write("r2t-hole", "GOOD although a part was never asked for",
          Drops("GOOD before the data was sent", FAILED), "11.4.5",
          asks((0, 2048), (4096, 4096))),
    write("good-before-data", "GOOD without asking for the data",
          Drops("GOOD before the data was sent", FAILED), "11.4.5",
          at_magic(lambda c, cmd: c.response(cmd))),
    write("good-before-data-disk", "the same to a writer, who is none the wiser",
          Drops("GOOD before the data was sent", "ok"), "11.4.5",
          at_magic(lambda c, cmd: c.response(cmd)), disk=True),
    write("sense-before-data", "an error without asking for the data",
          Keeps("sense 05/24/00"), "11.4", at_magic(early_sense),
          params=SOME_SENT),
    write("write-underflow", "a WRITE that says what it left out",
          Keeps("missing 4096"), "11.4.5.1", at_magic(lambda c, cmd: (
              c.unsolicited(cmd), c.response(
                  cmd, flags=pdu.FINAL | pdu.UNDERFLOW, residual=4096))),
          params=SOME_SENT),
    write("datasn-of-data-out", "Data-Out of two R2Ts, each from DataSN 0",
          Keeps(), "11.7.4", asks((0, 4096), (4096, 4096))),
    write("r2t-any-order", "R2Ts in any order, as was agreed", Keeps(),
          "13.19", asks((6144, 2048), (0, 2048), (4096, 2048), (2048, 2048)),
          params=ANY_ORDER),
    write("r2t-any-order-disk", "the same to a writer", Keeps(), "13.19",
          asks((4096, 4096), (0, 4096)), params=ANY_ORDER, disk=True),
    write("r2t-any-order-some-sent", "R2Ts in any order behind immediate data",
          Keeps(), "13.19", at_magic(some_backwards),
          params=dict(SOME_SENT, DataSequenceInOrder="No")),
    write("r2t-any-order-not-agreed", "R2Ts backwards, not agreed",
          Drops("asks for data a second time", FAILED), "13.19",
          asks((4096, 4096), (0, 4096), finish=False)),
    write("r2t-any-order-twice", "the same data asked for again, in any order",
          Drops("asks for data a second time", FAILED), "13.19",
          asks((4096, 4096), (0, 2048), (0, 2048)), params=ANY_ORDER),
    write("r2t-any-order-unsolicited", "immediate data asked for, in any order",
          Drops("asks for data a second time", FAILED), "13.19",
          asks((4096, 4096), (2048, 2048)),
          params=dict(SOME_SENT, DataSequenceInOrder="No")),
    write("r2t-any-order-hole", "GOOD although a part was never asked for",
          Drops("GOOD before the data was sent", FAILED), "11.4.5",
          asks((4096, 4096), (0, 2048)), params=ANY_ORDER),
    write("max-xmit-512", "MaxRecvDataSegmentLength 512 of the target",
          Keeps(), "13.12", asks((0, LENGTH)),
          params=dict(ALL_ASKED, MaxRecvDataSegmentLength="512")),
]
