# SPDX-License-Identifier: GPL-2.0
"""Data-In, RFC 7143 11.7, and the amount of data a READ ends with."""
import pdu
from case import LENGTH, Case, Drops, Keeps
from cases.hooks import at_magic, at_opcode, foreign
from lu import MAGIC, PATTERN, BLOCK

DATA = PATTERN[MAGIC * BLOCK:][:LENGTH]
HALF = LENGTH // 2


def finished(c, cmd):
    """The ITT of the command before this one."""
    return [p for p in c.case.log if p.opcode == pdu.SCSI_CMD][-2].itt


def send(**fields):
    """All the data in one Data-In with status, but for these fields."""
    def run(c, cmd):
        values = {k: v(c, cmd) if callable(v) else v
                  for k, v in fields.items()}
        values.setdefault("status", 0)
        values.setdefault("data", DATA)
        c.data_in(cmd, **values)
    return at_magic(run)


def twice(**second):
    """Half the data, then a second Data-In with these fields."""
    def run(c, cmd):
        c.data_in(cmd, DATA[:HALF], flags=0)
        fields = dict(data=DATA[HALF:], offset=HALF, datasn=1, status=0)
        fields.update(second)
        c.data_in(cmd, **fields)
    return at_magic(run)


def after_status(function):
    def run(c, cmd):
        c.data_in(cmd, DATA, status=0)
        function(c, cmd)
    return at_magic(run)


def pieces(*lengths):
    """Data-In PDUs of these lengths, the last with status."""
    def run(c, cmd):
        at = 0
        for n, length in enumerate(lengths):
            last = n == len(lengths) - 1
            c.data_in(cmd, DATA[at:at + length], at, n, 0 if last else None,
                      flags=pdu.FINAL if last else 0)
            at += length
    return at_magic(run)


def extents(*parts, **last):
    """Data-In PDUs of these (offset, length), the last with status."""
    def run(c, cmd):
        data = DATA + bytes(LENGTH)
        for n, (at, length) in enumerate(parts[:-1]):
            c.data_in(cmd, data[at:at + length], at, n, flags=0)
        at, length = parts[-1]
        c.data_in(cmd, data[at:at + length], at, len(parts) - 1,
                  **dict({"status": 0}, **last))
    return at_magic(run)


def any_order(name, why, expect, serve, rfc="13.18", **more):
    more.setdefault("params", {"DataPDUInOrder": "No",
                               "DataSequenceInOrder": "No"})
    return Case(name, why, expect, rfc, serve=serve, **more)


def scattered(c, cmd):
    """Every other byte of 8 KiB: four thousand gaps."""
    for n in range(4000):
        c.data_in(cmd, DATA[n * 2:n * 2 + 1], n * 2, n, flags=0)


def drip(c, cmd):
    c.drip(c.frame(pdu.DATA_IN, itt=cmd.itt, flags=pdu.FINAL | pdu.STATUS,
                   data=DATA[:cmd.length]))


LOST = "no such task"
CASES = [
    Case("datain-foreign-itt", "Data-In with a foreign ITT", Drops(LOST),
         "11.7", serve=send(itt=lambda c, cmd: foreign(cmd))),
    Case("datain-finished-itt", "Data-In for a command that is over",
         Drops(LOST), "11.7", serve=send(itt=finished)),
    Case("datain-itt-out-of-table", "Data-In with an ITT beyond the table",
         Drops(LOST), "11.7", serve=send(itt=lambda c, cmd: cmd.itt | 0x1fff)),
    Case("datain-no-itt", "Data-In with the reserved ITT",
         Drops("reserved initiator task tag"), "11.2.1.8",
         serve=send(itt=pdu.NONE)),
    Case("datain-beyond-buffer", "Data-In longer than the buffer",
         Drops("more data than asked for"), "11.7.5",
         serve=send(data=DATA + bytes(4))),
    Case("datain-second-beyond-buffer", "second Data-In beyond the buffer",
         Drops("more data than asked for"), "11.7.5",
         serve=twice(data=DATA[HALF:] + bytes(512))),
    Case("datain-offset-at-end", "Data-In at the end of the buffer",
         Drops("offset out of order"), "11.7.5", serve=send(offset=LENGTH)),
    Case("datain-offset-wraps", "Data-In whose offset + length wraps 32 bits",
         Drops("exceed 32 bits"), "11.7.5", serve=send(offset=pdu.NONE - 511)),
    Case("datain-gap", "Data-In that leaves a gap",
         Drops("offset out of order"), "11.7.5", serve=twice(offset=HALF + 512)),
    Case("datain-twice", "the same data again", Drops("offset out of order"),
         "11.7.5", serve=twice(data=DATA[:HALF], offset=0)),
    Case("datain-datasn-jump", "DataSN jumps", Drops("DataSN out of order"),
         "11.7.4", serve=twice(datasn=2)),
    Case("datain-datasn-again", "DataSN stays", Drops("DataSN out of order"),
         "11.7.4", serve=twice(datasn=0)),
    Case("datain-datasn-first", "the first DataSN is not 0",
         Drops("DataSN out of order"), "11.7.4", serve=send(datasn=1)),
    Case("datain-on-write", "Data-In on a WRITE",
         Drops("command is not a read", "host 0xf"), "11.7", io="write",
         serve=send()),
    Case("datain-on-nop", "Data-In for a NOP-Out", Drops(LOST, "none"), "11.7",
         io="none", no_scan=True, settings={"NOP_INTERVAL": 100},
         serve=at_opcode(pdu.NOP_OUT, lambda c, got: c.data_in(got, DATA))),
    Case("datain-over-mrdsl", "Data-In over our MaxRecvDataSegmentLength",
         Drops("longer than MaxRecvDataSegmentLength"), "13.12",
         serve=send(), max_recv_dsl=4096),
    Case("datain-16m", "Data-In of 2^24 - 1 bytes",
         Drops("longer than MaxRecvDataSegmentLength"), "13.12",
         serve=send(dlength=0xffffff)),
    Case("datain-after-status", "Data-In after the status", Drops(LOST),
         "11.7.3", serve=after_status(
             lambda c, cmd: c.data_in(cmd, DATA, datasn=1)), io="read"),
    Case("datain-status-no-f", "status without the F bit",
         Drops("without the F bit"), "11.7.3", serve=send(flags=0)),
    Case("datain-both-residuals", "overflow and underflow at once",
         Drops("overflow and underflow"), "11.7.3",
         serve=send(flags=pdu.FINAL | pdu.OVERFLOW | pdu.UNDERFLOW)),
    Case("datain-empty", "Data-In without data between others", Keeps(),
         "11.7", serve=pieces(512, 0, LENGTH - 512)),
    Case("datain-odd-pieces", "Data-In of odd lengths, padded", Keeps(),
         "11.2.3", serve=pieces(1, 2, 3, 511, LENGTH - 517)),
    Case("datain-tiny", "64 Data-In of 128 bytes", Keeps(), "11.7",
         serve=pieces(*[128] * 64)),
    Case("datain-ack-bit", "the A bit, which ERL 0 has not", Keeps(),
         "11.7.2", serve=send(flags=pdu.FINAL | 0x40)),
    Case("datain-ahs", "Data-In with 1020 bytes of AHS", Keeps(), "11.2.2",
         serve=send(ahs=bytes(1020))),
    Case("datain-byte-by-byte", "Data-In in segments of one byte", Keeps(),
         serve=at_magic(drip), length=1024),
    Case("good-missing-bytes", "GOOD with missing bytes",
         Keeps(f"missing {HALF}"), "11.4.5", serve=send(data=DATA[:HALF])),
    Case("good-no-bytes", "GOOD without any data",
         Keeps(f"missing {LENGTH}"), "11.4.5",
         serve=at_magic(lambda c, cmd: c.response(cmd))),
    Case("good-missing-bytes-disk", "GOOD with missing bytes, to a reader",
         Keeps(), "11.4.5", serve=send(data=DATA[:HALF]), disk=True),
    Case("good-odd-bytes-disk", "GOOD with half a block, to a reader",
         Keeps(), "11.4.5", serve=send(data=DATA[:HALF + 100]), disk=True),
    Case("good-no-bytes-disk", "GOOD without any data, to a reader, once",
         Keeps(), "11.4.5", serve=at_magic(lambda c, cmd: c.response(cmd)),
         disk=True),
    Case("good-never-bytes-disk", "GOOD without any data, to a reader, always",
         Keeps("errno 5"), "11.4.5", serve=at_magic(
             lambda c, cmd: c.response(cmd), always=True), disk=True),
    Case("residual-too-small", "a residual smaller than what is missing",
         Keeps(f"missing {HALF}"), "11.4.5",
         serve=send(data=DATA[:HALF], residual=512)),
    Case("residual-too-large", "a residual larger than the buffer",
         Drops("residual too large"), "11.4.5",
         serve=send(data=DATA[:HALF], residual=LENGTH + 1)),
    Case("residual-of-nothing", "a residual although all is there",
         Keeps("missing 512"), "11.4.5", serve=send(residual=512)),
    Case("underflow", "half the data and the right residual",
         Keeps(f"missing {HALF}"), "11.4.5.1",
         serve=send(data=DATA[:HALF], residual=HALF)),
    Case("underflow-disk", "the same to a reader, who gets it all in the end",
         Keeps(), "11.4.5.1", serve=send(data=DATA[:HALF], residual=HALF),
         disk=True),
    Case("overflow", "all data and an overflow", Keeps(), "11.4.5.1",
         serve=send(flags=pdu.FINAL | pdu.OVERFLOW, w44=512)),
    Case("datain-then-response", "data, then status in a SCSI Response",
         Keeps(), "11.4", serve=at_magic(
             lambda c, cmd: (c.data_in(cmd, DATA), c.response(cmd)))),
    any_order("any-order", "Data-In backwards, as was agreed", Keeps(),
              extents((6144, 2048), (4096, 2048), (2048, 2048), (0, 2048))),
    any_order("any-order-disk", "the same to a reader", Keeps(),
              extents((6144, 2048), (4096, 2048), (0, 2048), (2048, 2048)),
              disk=True),
    any_order("any-order-pdus", "Data-In in any order within sequences only",
              Keeps(), extents((2048, 2048), (0, 2048), (6144, 2048),
                               (4096, 2048)),
              params={"DataPDUInOrder": "No"}),
    any_order("any-order-sequences", "sequences of Data-In in any order",
              Keeps(), extents((4096, 2048), (6144, 2048), (0, 2048),
                               (2048, 2048)), "13.19",
              params={"DataSequenceInOrder": "No"}),
    any_order("any-order-odd", "Data-In of odd lengths in any order", Keeps(),
              extents((LENGTH - 1, 1), (3, 5), (0, 3), (8, LENGTH - 9))),
    any_order("any-order-in-order", "Data-In in order where it need not be",
              Keeps(), extents((0, 4096), (4096, 4096))),
    any_order("any-order-digests", "the same with digests", Keeps(),
              extents((4096, 4096), (0, 4096)),
              params={"DataPDUInOrder": "No", "DataSequenceInOrder": "No",
                      "HeaderDigest": "CRC32C", "DataDigest": "CRC32C"},
              header_digest=1, data_digest=1),
    any_order("any-order-not-agreed", "Data-In backwards, not agreed",
              Drops("offset out of order"),
              extents((4096, 4096), (0, 4096)), params={}),
    any_order("any-order-again", "the same data again, in any order",
              Drops("brings data a second time"),
              extents((4096, 4096), (0, 2048), (0, 2048))),
    any_order("any-order-overlap", "Data-In that overlaps another by a byte",
              Drops("brings data a second time"),
              extents((4096, 4096), (0, 4097))),
    any_order("any-order-hole", "GOOD with a hole in the data",
              Keeps(f"missing {LENGTH}"), extents((0, 2048), (4096, 4096))),
    any_order("any-order-hole-residual", "a hole passed off as an underflow",
              Keeps(f"missing {LENGTH}"),
              extents((0, 2048), (4096, 4096), residual=2048), "11.4.5.1"),
    any_order("any-order-hole-disk", "the same to a reader",
              Keeps(),
              extents((0, 2048), (4096, 4096), residual=2048), "11.4.5.1",
              disk=True),
    any_order("any-order-underflow", "half the data backwards, and a residual",
              Keeps("missing 4096"),
              extents((2048, 2048), (0, 2048), residual=4096), "11.4.5.1"),
    any_order("any-order-beyond", "Data-In beyond the buffer, in any order",
              Drops("more data than asked for"),
              extents((LENGTH - 512, 1024), (0, 512))),
    any_order("any-order-far-beyond", "Data-In far beyond the buffer",
              Drops("more data than asked for"),
              extents((0xfffff000, 0), (0, 512))),
    any_order("any-order-scattered", "more gaps than anybody can note",
              Drops("more gaps than can be noted"), at_magic(scattered)),
]
