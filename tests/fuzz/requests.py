#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""requests.py DIR: inputs of fuzz_netlink, requests that break one rule each.

Chance rarely finds a request that is complete, and never the one wrong thing in
one. Each is written as fuzz_netlink reads it; attributes have the numbers of the
uapi header, whatever those are. Some are named for the mutant of mutants.py that
they are to kill.
"""

import os
import re
import socket
import struct
import sys

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../include/uapi/linux/iscsi_mpio.h")
NEST, LIE = 0x80, 0x40
ADD, SET, PATH = 0, 2, 3	# of the first byte; above them, for SET:
CHAP, MUTUAL, BY_KEY = 1 << 2, 2 << 2, 4 << 2


def numbers():
    """{name: number} of the enumerations of attributes."""
    found = {}
    with open(HEADER, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    for body in re.findall(r"enum \w+ \{(.*?)\}", text, re.S):
        n = -1
        for item in filter(None, map(str.strip, body.split(","))):
            name, _, value = map(str.strip, item.partition("="))
            if value and not value.lstrip("-").isdigit():
                break	# bits and the like: no attributes
            n = int(value) if value else n + 1
            found[name] = n
    return found


N = numbers()


def attr(name, value=b"", nest=False, lie=0):
    op = N["MPIO_" + name] | (NEST if nest else 0) | (LIE if lie else 0)
    size = bytes([len(value)]) if len(value) < 255 else \
        b"\xff" + len(value).to_bytes(2, "big")
    return bytes([op]) + (bytes([lie]) if lie else b"") + size + value


def u32(name, value):
    return attr(name, struct.pack("=I", value))


def u64(name, value):
    return attr(name, struct.pack("=Q", value))


def text(name, value):
    return attr(name, value.encode() + b"\0")


def inet(name, address, port=3260):
    return attr(name, struct.pack("=H", socket.AF_INET) +
                struct.pack("!H", port) + socket.inet_aton(address) + bytes(8))


def inet6(name, address, port=3260, scope=0):
    return attr(name, struct.pack("=H", socket.AF_INET6) +
                struct.pack("!HI", port, 0) +
                socket.inet_pton(socket.AF_INET6, address) +
                struct.pack("=I", scope))


def settings(**values):
    return attr("SA_SETTINGS", b"".join(
        u32("TA_" + name, value) for name, value in values.items()), True)


def luns(first, last, *more):
    return attr("SA_PATH", u64("PA_LUN", first) + u64("PA_LUN_LAST", last) +
                b"".join(more), True)


NAMES = text("SA_TARGET_NAME", "iqn.2026-11.org.test:t") + \
    text("SA_INITIATOR_NAME", "iqn.2026-11.org.test:i")
ISID = attr("SA_ISID", b"\x80\x12\x34\x56\x78\x9a")
PORTAL = inet("SA_PORTAL", "10.0.0.1")
BASE = bytes([ADD]) + NAMES + ISID + PORTAL
SECRET = attr("SA_CHAP_SECRET", b"twelve bytes")
SECRET_IN = attr("SA_CHAP_SECRET_IN", b"bytes twelve")
USER = text("SA_CHAP_USER", "user")


def auth(mode, *rest):
    return BASE + u32("SA_AUTH", mode) + b"".join(rest)


REQUESTS = {
    "least": BASE,
    "all": BASE + inet("SA_SOURCE", "10.0.0.2", 0) + text("SA_IFACE", "eth0") +
        attr("SA_MULTIPATH") + attr("SA_NO_SCAN") + attr("SA_DISCOVERED") +
        u32("SA_TPGT", 1) + u32("SA_HEADER_DIGEST", 1) +
        u32("SA_DATA_DIGEST", 1) + u32("SA_INITIAL_R2T", 1) +
        u32("SA_IMMEDIATE_DATA", 0) + u32("SA_MAX_RECV_DSL", 512) +
        u32("SA_MAX_R2T", 8) + u32("SA_POLICY", 2) + u32("SA_AVOID", 3) +
        settings(NOP_INTERVAL=1000, CONGESTION_CONTROL=1) +
        text("SA_RECORD", "a-1") + text("SA_RECORD", "b_2") +
        luns(0, 3, u32("PA_WEIGHT", 5), u32("PA_PREFERRED", 1)),
    "no-portal": bytes([ADD]) + NAMES + ISID,
    "name-length": bytes([ADD]) + PORTAL + ISID +
        text("SA_TARGET_NAME", "iqn.2026-11.org.test:" + "t" * 400) +
        text("SA_INITIATOR_NAME", "iqn.2026-11.org.test:i"),
    "text-two-ends": BASE + attr("SA_RECORD", b"a\0b\0"),
    "text-control": BASE + attr("SA_IFACE", b"e\x01h\0"),
    "text-del": auth(1, attr("SA_CHAP_USER", b"u\x7f\0"), SECRET),
    "iface-name": BASE + text("SA_IFACE", "a/b"),
    "iface-length": BASE + text("SA_IFACE", "sixteen-bytes-xy"),
    "isid-length": bytes([ADD]) + NAMES + PORTAL + attr("SA_ISID", b"\x80\1"),
    "isid-type": bytes([ADD]) + NAMES + PORTAL +
        attr("SA_ISID", b"\xc0\0\0\0\0\1"),
    "port-0": bytes([ADD]) + NAMES + ISID + inet("SA_PORTAL", "10.0.0.1", 0),
    "any": bytes([ADD]) + NAMES + ISID + inet("SA_PORTAL", "0.0.0.0"),
    "broadcast": bytes([ADD]) + NAMES + ISID +
        inet("SA_PORTAL", "255.255.255.255"),
    "multicast": bytes([ADD]) + NAMES + ISID + inet("SA_PORTAL", "224.0.0.1"),
    "any-6": bytes([ADD]) + NAMES + ISID + inet6("SA_PORTAL", "::"),
    "multicast-6": bytes([ADD]) + NAMES + ISID + inet6("SA_PORTAL", "ff02::1"),
    "mapped": bytes([ADD]) + NAMES + ISID +
        inet6("SA_PORTAL", "::ffff:10.0.0.1"),
    "no-scope": bytes([ADD]) + NAMES + ISID + inet6("SA_PORTAL", "fe80::1"),
    "scope": bytes([ADD]) + NAMES + ISID +
        inet6("SA_PORTAL", "fe80::1", scope=2),
    "address-length": bytes([ADD]) + NAMES + ISID +
        attr("SA_PORTAL", struct.pack("=H", socket.AF_INET6) + bytes(14)),
    "address-none": bytes([ADD]) + NAMES + ISID + attr("SA_PORTAL", b"\2"),
    "source-family": BASE + inet6("SA_SOURCE", "2001:db8::1", 0),
    "source-port": BASE + inet("SA_SOURCE", "10.0.0.2", 1),
    "burst-order": BASE + u32("SA_FIRST_BURST", 1024) +
        u32("SA_MAX_BURST", 512),
    "burst-default": BASE + u32("SA_MAX_BURST", 512),
    "burst-zero": BASE + u32("SA_FIRST_BURST", 0),
    "burst-much": BASE + u32("SA_MAX_BURST", 0x1000000),
    "r2t-much": BASE + u32("SA_MAX_R2T", 9),
    "tpgt-much": BASE + u32("SA_TPGT", 65536),
    "policy-much": BASE + u32("SA_POLICY", 8),
    "avoid-much": BASE + u32("SA_AVOID", 0xffffffff),
    "number-short": BASE + attr("SA_TPGT", b"\1\0"),
    "chap": auth(1, USER, SECRET),
    "chap-key": auth(1, USER, text("SA_CHAP_KEY", "a:b")),
    "chap-no-key": auth(1, USER, text("SA_CHAP_KEY", "a:c")),
    "chap-both": auth(1, USER, SECRET, text("SA_CHAP_KEY", "a:b")),
    "chap-no-user": auth(1, SECRET),
    "chap-empty-user": auth(1, text("SA_CHAP_USER", ""), SECRET),
    "chap-no-secret": auth(1, USER),
    "chap-short": auth(1, USER, attr("SA_CHAP_SECRET", b"short")),
    "chap-long": auth(1, USER, attr("SA_CHAP_SECRET", b"x" * 300)),
    "chap-user-long": auth(1, text("SA_CHAP_USER", "u" * 300), SECRET),
    "no-chap": auth(0, USER, SECRET),
    "mutual": auth(2, USER, SECRET, text("SA_CHAP_USER_IN", "t"), SECRET_IN),
    "mutual-same": auth(2, USER, SECRET,
                        attr("SA_CHAP_SECRET_IN", b"twelve bytes")),
    "mutual-no-secret": auth(2, USER, SECRET),
    "mutual-keys": auth(2, USER, text("SA_CHAP_KEY", "a:b"),
                        text("SA_CHAP_KEY_IN", "a:b")),
    "not-mutual": auth(1, USER, SECRET, SECRET_IN),
    "setting-low": BASE + settings(NOP_TIMEOUT=1),
    "setting-high": BASE + settings(QUEUE_DEPTH=1025),
    "setting-order": BASE + settings(RECONNECT_DELAY_MIN=200,
                                     RECONNECT_DELAY_MAX=100),
    "setting-congestion": BASE + settings(CONGESTION_CONTROL=99),
    "setting-short": BASE + attr("SA_SETTINGS", attr("TA_DSCP", b"\1"), True),
    "settings-empty": BASE + attr("SA_SETTINGS", nest=True),
    "settings-no-nest": BASE + attr("SA_SETTINGS", b"abcd"),
    "record-empty": BASE + text("SA_RECORD", ""),
    "record-letters": BASE + text("SA_RECORD", "a/b"),
    "record-long": BASE + text("SA_RECORD", "r" * 33),
    "record-second": BASE + text("SA_RECORD", "a") + text("SA_RECORD", "b!"),
    "records-many": BASE + text("SA_RECORD", "r") * 257,
    "luns-many": BASE + luns(0, 32767) + luns(40000, 40000),
    "luns-more": BASE + luns(0, 32768),
    "luns-wrap": BASE + luns(5, 4),
    "luns-end": BASE + luns(2 ** 64 - 2, 2 ** 64 - 1, u32("PA_WEIGHT", 9)),
    "luns-none": BASE + attr("SA_PATH", u32("PA_WEIGHT", 1), True),
    "weight-much": BASE + luns(0, 0, u32("PA_WEIGHT", 65536)),
    "preferred-much": BASE + luns(0, 0, u32("PA_PREFERRED", 2)),
    "lie": BASE + attr("SA_RECORD", b"a\0", lie=200),
    "unknown": BASE + bytes([63, 0]),
    "set": bytes([SET]) + settings(DSCP=46) + text("SA_RECORD", "a") +
        u32("SA_POLICY", 3) + PORTAL,
    "set-setting-kept": bytes([SET]) + settings(DSCP=46, QUEUE_DEPTH=0),
    "set-policy": bytes([SET]) + u32("SA_POLICY", 8),
    "set-secret": bytes([SET | CHAP]) + SECRET,
    "set-secret-none": bytes([SET]) + SECRET,
    "set-secret-in": bytes([SET | CHAP]) + SECRET_IN,
    "set-secret-key": bytes([SET | CHAP | BY_KEY]) + SECRET,
    "set-secrets": bytes([SET | MUTUAL]) + SECRET + SECRET_IN,
    "set-secret-same": bytes([SET | MUTUAL]) +
        attr("SA_CHAP_SECRET", b"ba9876543210"),
    "set-secret-short": bytes([SET | CHAP]) + attr("SA_CHAP_SECRET", b"x"),
    "path": bytes([PATH]) + u32("PA_WEIGHT", 5) + u32("PA_PREFERRED", 1),
    "path-kept": bytes([PATH]) + u32("PA_PREFERRED", 1) +
        u32("PA_WEIGHT", 65536),
}


def main():
    os.makedirs(sys.argv[1])
    for name, data in REQUESTS.items():
        with open(os.path.join(sys.argv[1], name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
