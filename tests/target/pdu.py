# SPDX-License-Identifier: GPL-2.0
"""iSCSI PDUs as a target sees them, RFC 7143 section 11.

build() takes any value for any field, and lengths that lie: a well-behaved
target is made of it as well as one that is not.
"""
import struct

NOP_OUT, SCSI_CMD, TMF_REQ, LOGIN_REQ = 0x00, 0x01, 0x02, 0x03
TEXT_REQ, DATA_OUT, LOGOUT_REQ = 0x04, 0x05, 0x06
NOP_IN, SCSI_RSP, TMF_RSP, LOGIN_RSP = 0x20, 0x21, 0x22, 0x23
TEXT_RSP, DATA_IN, LOGOUT_RSP = 0x24, 0x25, 0x26
R2T, ASYNC, REJECT = 0x31, 0x32, 0x3f
NONE = 0xffffffff		# the reserved tag
FINAL, CONTINUE = 0x80, 0x40	# also the T and C bits of login
OVERFLOW, UNDERFLOW, STATUS = 0x04, 0x02, 0x01


def build(opcode, flags=FINAL, b2=0, b3=0, lun=bytes(8), itt=NONE, ttt=NONE,
          w24=0, w28=0, w32=0, w36=0, w40=0, w44=0, data=b"", dlength=None,
          ahs=b"", hlength=None, pad=None):
    """The bytes of a PDU. Words are named by their offset in the BHS."""
    if dlength is None:
        dlength = len(data)
    if hlength is None:
        hlength = len(ahs) // 4
    if pad is None:
        pad = bytes(-len(data) % 4)
    return struct.pack(">BBBBI8s8I", opcode, flags, b2, b3,
                       hlength << 24 | dlength, lun, itt, ttt, w24 & NONE,
                       w28 & NONE, w32 & NONE, w36 & NONE, w40 & NONE,
                       w44 & NONE) + ahs + data + pad


class Pdu:
    """One that came in."""

    def __init__(self, bhs, ahs, data):
        self.bhs, self.ahs, self.data = bhs, ahs, data
        self.opcode = bhs[0] & 0x3f
        self.immediate = bool(bhs[0] & 0x40)
        self.flags = bhs[1]
        self.lun = bhs[8:16]
        self.itt = self.word(16)
        self.cmdsn = self.word(24)

    def word(self, offset):
        return struct.unpack_from(">I", self.bhs, offset)[0]

    @property
    def final(self):
        return bool(self.flags & FINAL)

    # SCSI Command
    @property
    def cdb(self):
        return self.bhs[32:48]

    @property
    def length(self):
        """Expected Data Transfer Length."""
        return self.word(20)

    @property
    def is_write(self):
        return bool(self.flags & 0x20)

    # text
    @property
    def keys(self):
        pairs = (p.split(b"=", 1) for p in self.data.split(b"\0") if b"=" in p)
        return {k.decode(): v.decode("latin-1") for k, v in pairs}


def text(pairs):
    """Key=value pairs as a data segment; bytes are taken as they are."""
    return b"".join(p if isinstance(p, bytes) else p.encode("latin-1") + b"\0"
                    for p in pairs)


_CRC = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82f63b78 if _byte & 1 else 0)
    _CRC.append(_byte)


def crc32c(data):
    crc = NONE
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xff]
    return struct.pack("<I", crc ^ NONE)
