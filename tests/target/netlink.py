# SPDX-License-Identifier: GPL-2.0
"""As much generic netlink as it takes to drive the module without its tool."""
import re
import socket
import struct
import threading

GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
CTRL_ATTR_MCAST_GROUPS, CTRL_ATTR_MCAST_GRP_ID = 7, 2
NLM_REQUEST, NLM_ACK, NLM_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLMSGERR_ATTR_MSG = 1


def enums(header):
    """Names and values of the header's enums, without their MPIO_ prefix."""
    values = {}
    text = re.sub(r"/\*.*?\*/", "", open(header).read(), flags=re.S)
    for body in re.findall(r"enum \w+ \{(.*?)\}", text, re.S):
        value = 0
        for item in filter(None, map(str.strip, body.split(","))):
            name, _, given = map(str.strip, item.partition("="))
            value = int(given, 0) if given else value
            values[name.removeprefix("MPIO_")] = value
            value += 1
    return values


def attr(kind, payload):
    if isinstance(payload, bool):
        payload = b""
    elif isinstance(payload, int):
        payload = struct.pack("=I", payload)
    elif isinstance(payload, str):
        payload = payload.encode() + b"\0"
    elif isinstance(payload, dict):
        kind |= 0x8000
        payload = b"".join(attr(k, v) for k, v in payload.items())
    head = struct.pack("=HH", len(payload) + 4, kind)
    return head + payload + bytes(-len(payload) % 4)


def attrs(data):
    """[(type, payload), ...]"""
    out = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        out.append((kind & 0x3fff, data[4:length]))
        data = data[(length + 3) & ~3:]
    return out


class Refused(Exception):
    def __init__(self, errno, why):
        super().__init__(why)
        self.errno, self.why = errno, why


class Family:
    """One socket; requests are answered one after the other."""

    def __init__(self, name="iscsi_mpio"):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(270, 11, 1)	# NETLINK_EXT_ACK
        self.sock.setsockopt(270, 10, 1)	# NETLINK_CAP_ACK
        self.sock.bind((0, 0))
        self.seq = 0
        self.lock = threading.Lock()
        self.id = GENL_ID_CTRL
        reply = dict(self.call(CTRL_CMD_GETFAMILY,
                               attr(CTRL_ATTR_FAMILY_NAME, name))[0])
        self.id = struct.unpack("=H", reply[CTRL_ATTR_FAMILY_ID])[0]
        self.group = None
        for _, group in attrs(reply.get(CTRL_ATTR_MCAST_GROUPS, b"")):
            self.group = struct.unpack(
                "=I", dict(attrs(group))[CTRL_ATTR_MCAST_GRP_ID])[0]

    def subscribe(self):
        """Events instead of answers from now on."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.setsockopt(270, 1, self.group)

    def message(self, data):
        """(command, attributes) of one message."""
        return data[16], attrs(data[20:struct.unpack_from("=I", data)[0]])

    def call(self, command, payload=b"", dump=False):
        """The answers, each a list of attributes; raises Refused."""
        with self.lock:
            self.seq += 1
            flags = NLM_REQUEST | (NLM_DUMP if dump else NLM_ACK)
            self.sock.send(struct.pack("=IHHII", 20 + len(payload), self.id,
                                       flags, self.seq, 0) +
                           struct.pack("=BBH", command, 1, 0) + payload)
            answers = []
            while True:
                data = self.sock.recv(1 << 17)
                while len(data) >= 16:
                    length, kind, flags, seq, _ = struct.unpack_from("=IHHII",
                                                                     data)
                    one, data = data[:length], data[(length + 3) & ~3:]
                    if seq != self.seq:
                        continue
                    if kind == NLMSG_DONE:
                        return answers
                    if kind == NLMSG_ERROR:
                        error = -struct.unpack_from("=i", one, 16)[0]
                        if not error:
                            return answers
                        why = dict(attrs(one[36:])).get(NLMSGERR_ATTR_MSG, b"")
                        raise Refused(error, why.rstrip(b"\0").decode())
                    answers.append(self.message(one)[1])
