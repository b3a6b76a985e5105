# SPDX-License-Identifier: GPL-2.0
"""The module under test: sessions by netlink, commands by SG_IO, disk I/O."""
import collections
import ctypes
import fcntl
import glob
import mmap
import os
import queue
import socket
import struct
import threading
import time

import netlink

HEADER = os.environ.get("MPIO_HEADER",
                        os.path.join(os.path.dirname(__file__),
                                     "../../include/uapi/linux/iscsi_mpio.h"))
N = netlink.enums(HEADER)
SCALE = int(os.environ.get("TIMEOUT_SCALE", "1"))
INITIATOR = "iqn.2026-11.org.test:initiator"
SG_IO = 0x2285
SG_NONE, SG_TO, SG_FROM = -1, -2, -3

Event = collections.namedtuple("Event", "kind state code error scanned")


class SgHeader(ctypes.Structure):
    """struct sg_io_hdr"""
    _fields_ = [("interface_id", ctypes.c_int), ("direction", ctypes.c_int),
                ("cmd_len", ctypes.c_ubyte), ("mx_sb_len", ctypes.c_ubyte),
                ("iovec_count", ctypes.c_ushort), ("dxfer_len", ctypes.c_uint),
                ("dxferp", ctypes.c_void_p), ("cmdp", ctypes.c_void_p),
                ("sbp", ctypes.c_void_p), ("timeout", ctypes.c_uint),
                ("flags", ctypes.c_uint), ("pack_id", ctypes.c_int),
                ("usr_ptr", ctypes.c_void_p), ("status", ctypes.c_ubyte),
                ("masked_status", ctypes.c_ubyte),
                ("msg_status", ctypes.c_ubyte),
                ("sb_len_wr", ctypes.c_ubyte),
                ("host_status", ctypes.c_ushort),
                ("driver_status", ctypes.c_ushort), ("resid", ctypes.c_int),
                ("duration", ctypes.c_uint), ("info", ctypes.c_uint)]


class Result:
    """Of one SCSI command."""

    def __init__(self, header, data, sense):
        self.host = header.host_status
        self.status = header.status
        self.resid = header.resid
        self.data = data
        self.sense = sense[:header.sb_len_wr]

    @property
    def good(self):
        return not self.host and not self.status

    def __str__(self):
        if self.good:
            return f"ok, {self.resid} bytes missing" if self.resid else "ok"
        return f"host 0x{self.host:x} status 0x{self.status:x}" + \
            (f" sense {self.sense.hex()}" if self.sense else "")


def command(device, cdb, read=0, write=b"", timeout=20000):
    """SG_IO on a device; sleeps until the command is over."""
    data = ctypes.create_string_buffer(write or bytes(read), len(write) or
                                       max(read, 1))
    sense = ctypes.create_string_buffer(96)
    block = ctypes.create_string_buffer(bytes(cdb), len(cdb))
    header = SgHeader(
        interface_id=ord("S"),
        direction=SG_TO if write else SG_FROM if read else SG_NONE,
        cmd_len=len(cdb), mx_sb_len=96, dxfer_len=len(write) or read,
        dxferp=ctypes.addressof(data), cmdp=ctypes.addressof(block),
        sbp=ctypes.addressof(sense), timeout=timeout)
    fd = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, SG_IO, header)
    finally:
        os.close(fd)
    return Result(header, data.raw[:read], sense.raw)


def disk_read(device, offset, length):
    """Past the page cache, by a reader that is to get its bytes or an error."""
    fd = os.open(device, os.O_RDONLY | os.O_DIRECT)
    try:
        with mmap.mmap(-1, length) as buffer:
            os.preadv(fd, [buffer], offset)
            return buffer[:]
    finally:
        os.close(fd)


def disk_write(device, offset, data):
    fd = os.open(device, os.O_WRONLY | os.O_DIRECT)
    try:
        with mmap.mmap(-1, len(data)) as buffer:
            buffer[:] = data
            os.pwritev(fd, [buffer], offset)
    finally:
        os.close(fd)


def sockaddr(address):
    host, port = address
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + \
        socket.inet_aton(host) + bytes(8)


class Initiator:
    """Adds sessions and hears what becomes of them."""

    def __init__(self):
        self.local = threading.local()
        self.events = {}	# queues by session number; self.lock
        self.isids = 0
        self.lock = threading.Lock()
        self.listener = netlink.Family()
        self.listener.subscribe()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def family(self):
        """A socket of each thread: others may be waiting for their answers."""
        if not hasattr(self.local, "family"):
            self.local.family = netlink.Family()
        return self.local.family

    def _listen(self):
        while True:
            try:
                data = self.listener.sock.recv(1 << 16)
            except OSError:
                continue	# more events than fit: others follow
            _, found = self.listener.message(data)
            found = dict(found)
            if N["A_SESSION"] not in found:
                continue
            number, event = self._event(found)
            self.queue(number).put(event)

    def queue(self, number):
        """Events of a session that nobody has looked at so far."""
        with self.lock:
            return self.events.setdefault(number, queue.Queue())

    @staticmethod
    def _event(found):
        session = dict(netlink.attrs(found[N["A_SESSION"]]))

        def u32(kind):
            return struct.unpack("=I", session[kind])[0]

        kind = found.get(N["A_EVENT"], bytes(4))
        return u32(N["SA_ID"]), Event(
            struct.unpack("=I", kind)[0], u32(N["SA_STATE"]),
            u32(N["SA_LAST_ERROR_CODE"]),
            session[N["SA_LAST_ERROR"]].rstrip(b"\0").decode(),
            N["SA_SCANNED"] in session)

    def add(self, target, address, settings=None, **options):
        """A new session; its number. Options are named as in the header."""
        with self.lock:
            self.isids += 1
            isid = struct.pack(">HI", 0x8077, self.isids)
        nest = {N["SA_TARGET_NAME"]: target,
                N["SA_INITIATOR_NAME"]: INITIATOR,
                N["SA_PORTAL"]: sockaddr(address), N["SA_ISID"]: isid}
        nest.update({N["SA_" + k.upper()]: v for k, v in options.items()})
        if settings:
            nest[N["SA_SETTINGS"]] = {N["TA_" + k]: v
                                      for k, v in settings.items()}
        answers = self.family.call(N["CMD_SESSION_ADD"],
                                   netlink.attr(N["A_SESSION"], nest))
        return struct.unpack("=I", dict(answers[0])[N["A_SESSION_ID"]])[0]

    def delete(self, number):
        """Returns when the session is gone; seconds that took."""
        start = time.monotonic()
        self.family.call(N["CMD_SESSION_DEL"],
                         netlink.attr(N["A_SESSION_ID"], number) +
                         netlink.attr(N["A_FORCE"], True))
        with self.lock:
            self.events.pop(number, None)
        return time.monotonic() - start

    def kick(self, number):
        """Log in now, whatever stopped it."""
        self.family.call(N["CMD_SESSION_SET"],
                         netlink.attr(N["A_SESSION_ID"], number) +
                         netlink.attr(N["A_KICK"], True))

    def wait(self, number, wanted, seconds):
        """Events up to the first that is wanted; None at the end if none is."""
        end = time.monotonic() + seconds * SCALE
        seen = []
        while True:
            try:
                seen.append(self.queue(number).get(
                    timeout=max(end - time.monotonic(), 0.001)))
            except queue.Empty:
                seen.append(None)
                return seen
            if wanted(seen[-1]):
                return seen

    def transitions(self, number):
        """[(state, reason), ...] of a session, oldest first."""
        answer = dict(self.family.call(
            N["CMD_SESSION_GET"], netlink.attr(N["A_SESSION_ID"], number))[0])
        out = []
        for kind, nest in netlink.attrs(answer[N["A_SESSION"]]):
            if kind == N["SA_TRANSITION"]:
                one = dict(netlink.attrs(nest))
                out.append((struct.unpack("=I", one[N["XA_STATE"]])[0],
                            one[N["XA_REASON"]].rstrip(b"\0").decode()))
        return out

    def quirks(self, number):
        """What the session says its target got wrong."""
        answer = dict(self.family.call(
            N["CMD_SESSION_GET"], netlink.attr(N["A_SESSION_ID"], number))[0])
        return [text.rstrip(b"\0").decode() for kind, text in
                netlink.attrs(answer[N["A_SESSION"]])
                if kind == N["SA_QUIRK"]]

    def path_states(self, number):
        """[(state, reason), ...] of a session's paths."""
        found = self.family.call(N["CMD_PATH_GET"],
                                 netlink.attr(N["A_SESSION_ID"], number),
                                 dump=True)
        out = []
        for one in found:
            path = dict(netlink.attrs(dict(one)[N["A_PATH"]]))
            out.append((struct.unpack("=I", path[N["PA_STATE"]])[0],
                        path.get(N["PA_REASON"], b"").rstrip(b"\0").decode(),
                        struct.unpack("=I", path[N["PA_DISK_ID"]])[0]))
        return out

    def device(self, number, what):
        """/dev node of the session's first unit: what is scsi_generic or block."""
        for _, _, disk in self.path_states(number):
            for one in self.family.call(N["CMD_DISK_GET"], dump=True):
                found = dict(netlink.attrs(dict(one)[N["A_DISK"]]))
                if struct.unpack("=I", found[N["DA_ID"]])[0] != disk or \
                        N["DA_HCTL"] not in found:
                    continue
                hctl = found[N["DA_HCTL"]].rstrip(b"\0").decode()
                names = glob.glob(f"/sys/class/scsi_device/{hctl}/device/"
                                  f"{what}/*")
                if names:
                    return "/dev/" + os.path.basename(names[0])
        return None
