# SPDX-License-Identifier: GPL-2.0
"""Another host: the least of an initiator, with persistent reservations.

One connection, no authentication, commands one after the other; a unit
attention is read and the command sent again. None of ours is in it, so what it
sees is what the target says.
"""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../target"))
import pdu		# noqa: E402
from pdustream import read_exactly		# noqa: E402

GOOD, CHECK_CONDITION, CONFLICT = 0x00, 0x02, 0x18
REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_ABORT, IGNORE, MOVE = \
    range(8)
LOGIN_TO_END = 0x87	# operational stage, transit to full feature phase
OFFERS = ["HeaderDigest=None", "DataDigest=None", "InitialR2T=Yes",
          "ImmediateData=Yes", "ErrorRecoveryLevel=0", "MaxConnections=1",
          "MaxRecvDataSegmentLength=65536", "MaxBurstLength=262144",
          "FirstBurstLength=65536", "DefaultTime2Wait=2",
          "DefaultTime2Retain=0", "MaxOutstandingR2T=1",
          "DataPDUInOrder=Yes", "DataSequenceInOrder=Yes"]


def read_pdu(sock):
    bhs = read_exactly(sock, 48)
    length = struct.unpack(">I", b"\0" + bhs[5:8])[0]
    return bhs, read_exactly(sock, 4 * bhs[4] + ((length + 3) & ~3))


class Host:
    def __init__(self, address, target, name, isid=b"\x80other"):
        self.cmdsn = self.itt = 1
        self.sock = socket.create_connection(address, 20)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = pdu.text([f"InitiatorName={name}", f"TargetName={target}",
                         "SessionType=Normal"] + OFFERS)
        for _ in range(8):
            self.sock.sendall(pdu.build(
                pdu.LOGIN_REQ | 0x40, LOGIN_TO_END, lun=isid + bytes(2),
                itt=0, w24=self.cmdsn, data=data))
            bhs, _ = read_pdu(self.sock)
            if bhs[0] & 0x3f != pdu.LOGIN_RSP or bhs[36]:
                raise OSError(f"login refused: {bhs[36]:02x}{bhs[37]:02x}")
            if bhs[1] & LOGIN_TO_END == LOGIN_TO_END:
                break
            data = b""
        self.expstatsn = struct.unpack(">I", bhs[24:28])[0] + 1

    def once(self, cdb, out, read):
        flags = pdu.FINAL | (0x20 if out else 0) | (0x40 if read else 0) | 1
        self.itt += 1
        cdb = bytes(cdb).ljust(16, b"\0")
        self.sock.sendall(pdu.build(
            pdu.SCSI_CMD, flags, itt=self.itt, ttt=len(out) or read,
            w24=self.cmdsn, w28=self.expstatsn,
            w32=struct.unpack(">I", cdb[:4])[0],
            w36=struct.unpack(">I", cdb[4:8])[0],
            w40=struct.unpack(">I", cdb[8:12])[0],
            w44=struct.unpack(">I", cdb[12:])[0], data=out))
        self.cmdsn += 1
        data = b""
        while True:
            bhs, rest = read_pdu(self.sock)
            opcode = bhs[0] & 0x3f
            length = struct.unpack(">I", b"\0" + bhs[5:8])[0]
            if opcode == pdu.NOP_IN:
                self.answer_nop(bhs)
                continue
            if opcode == pdu.DATA_IN:
                data += rest[:length]
                if not bhs[1] & pdu.STATUS:
                    continue
            self.expstatsn = struct.unpack(">I", bhs[24:28])[0] + 1
            return bhs[3], rest[2:length] if opcode == pdu.SCSI_RSP else b"", \
                data

    def answer_nop(self, bhs):
        ttt = struct.unpack(">I", bhs[20:24])[0]
        if ttt != pdu.NONE:
            self.sock.sendall(pdu.build(
                pdu.NOP_OUT | 0x40, pdu.FINAL, lun=bhs[8:16], ttt=ttt,
                w24=self.cmdsn, w28=self.expstatsn))

    def command(self, cdb, out=b"", read=0):
        """SAM status, sense data, data."""
        for _ in range(32):
            status, sense, data = self.once(cdb, out, read)
            if status != CHECK_CONDITION or sense[2] & 0xf != 6:
                break
        return status, sense, data

    # --- PERSISTENT RESERVE

    def pr_out(self, action, key, new_key=0, kind=0):
        cdb = bytes([0x5f, action, kind, 0, 0, 0, 0, 0, 24, 0])
        return self.command(cdb, struct.pack(">QQ8x", key, new_key))[0]

    def keys(self):
        """Of all registrations, sorted."""
        _, _, data = self.command([0x5e, 0, 0, 0, 0, 0, 0, 0x10, 0, 0], b"",
                                  4096)
        count = struct.unpack(">I", data[4:8])[0] // 8
        return sorted(struct.unpack_from(f">{count}Q", data, 8))

    def reservation(self):
        """(key, type), or None."""
        _, _, data = self.command([0x5e, 1, 0, 0, 0, 0, 0, 0, 24, 0], b"", 24)
        if not struct.unpack(">I", data[4:8])[0]:
            return None
        return struct.unpack(">Q", data[8:16])[0], data[21] & 0xf

    # --- one block

    def write(self, lba, block):
        return self.command(struct.pack(">BBIBHB", 0x2a, 0, lba, 0,
                                        len(block) // 512, 0), block)[0]

    def read(self, lba, length):
        return self.command(struct.pack(">BBIBHB", 0x28, 0, lba, 0,
                                        length // 512, 0), b"", length)[2]
