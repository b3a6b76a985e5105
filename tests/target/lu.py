# SPDX-License-Identifier: GPL-2.0
"""A logical unit that answers as SPC and SBC want it.

Cases replace single answers: `answers` maps an opcode, or (opcode, byte 2) for
INQUIRY pages, to the data or to a sense triple (key, asc, ascq).
"""
import random
import struct

BLOCK = 512
BLOCKS = 4096
MAGIC = 0x400		# the LBA at which cases do what they are about
PATTERN = random.Random(1).randbytes(BLOCKS * BLOCK)

TEST_UNIT_READY, INQUIRY, MODE_SENSE, READ_CAPACITY10 = 0x00, 0x12, 0x1a, 0x25
READ10, WRITE10, SYNC_CACHE, MODE_SENSE10 = 0x28, 0x2a, 0x35, 0x5a
READ16, WRITE16, READ_CAPACITY16, REPORT_LUNS = 0x88, 0x8a, 0x9e, 0xa0
MAINTENANCE_IN = 0xa3

PROCESSOR, DISK = 3, 0	# a processor has no driver: quick to add and remove
ILLEGAL_REQUEST = (5, 0x20, 0)


def sense(key, asc, ascq):
    return bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq, 0, 0,
                  0, 0])


def page(number, body, length=None):
    return bytes([0, number]) + struct.pack(
        ">H", len(body) if length is None else length) + body


def designator(body, code=1, kind=3, assoc=0, length=None):
    return bytes([code, assoc << 4 | kind, 0,
                  len(body) if length is None else length]) + body


def luns(numbers, length=None):
    body = b"".join(struct.pack(">H6x", n) for n in numbers)
    return struct.pack(">I4x", len(body) if length is None else length) + body


class Lu:
    def __init__(self, unique, kind=PROCESSOR, answers=None):
        """unique: 8 bytes that identify this unit."""
        self.kind = kind
        self.written = {}
        self.answers = {
            TEST_UNIT_READY: b"",
            INQUIRY: bytes([kind, 0, 6, 2, 91, 0, 0, 2]) +
            b"HOSTILE TEST UNIT       1.0 ".ljust(88, b"\0"),
            (INQUIRY, 0x00): page(0, b"\0\x80\x83"),
            (INQUIRY, 0x80): page(0x80, unique.hex().encode()),
            (INQUIRY, 0x83): page(0x83, designator(b"\x60\x01\x40\x50" +
                                                   bytes(4) + unique)),
            READ_CAPACITY10: struct.pack(">II", BLOCKS - 1, BLOCK),
            READ_CAPACITY16: struct.pack(">QI20x", BLOCKS - 1, BLOCK),
            REPORT_LUNS: luns([0]),
            SYNC_CACHE: b"",
        }
        self.answers.update(answers or {})

    def answer(self, cdb):
        """Data or a sense triple for a command that is no READ or WRITE."""
        opcode = cdb[0]
        if opcode == INQUIRY and cdb[1] & 1:
            return self.answers.get((INQUIRY, cdb[2]), (5, 0x24, 0))
        return self.answers.get(opcode, ILLEGAL_REQUEST)

    @staticmethod
    def extent(cdb):
        """LBA and blocks of a READ or WRITE, None for other commands."""
        if cdb[0] in (READ10, WRITE10):
            return struct.unpack(">IxH", cdb[2:9])
        if cdb[0] in (READ16, WRITE16):
            return struct.unpack(">QI", cdb[2:14])
        return None

    def read(self, lba, count):
        data = PATTERN[lba * BLOCK:(lba + count) * BLOCK]
        if not self.written:
            return data
        return b"".join(self.written.get(lba + i,
                                         data[i * BLOCK:(i + 1) * BLOCK])
                        for i in range(count))

    def write(self, lba, data):
        for i in range(len(data) // BLOCK):
            self.written[lba + i] = data[i * BLOCK:(i + 1) * BLOCK]
