# SPDX-License-Identifier: GPL-2.0
"""Discovery against targets and an iSNS server that are written here."""
import ipaddress
import json
import os
import shutil
import socket
import struct
import threading
import time

from harness import check, new_root, read, run

MANY = 5000


class Server:
    """Takes connections on a port of 127.0.0.1; @talk serves one of them."""

    def __init__(self, talk):
        self.talk = talk
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.at = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.served = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.served += 1
            with peer:
                try:
                    self.talk(peer)
                except (OSError, EOFError):
                    pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def receive(peer, length):
    data = b""
    while len(data) < length:
        more = peer.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


# --- SendTargets: RFC 7143 11.12, 11.13, 11.10, 11.11

def receive_pdu(peer):
    bhs = receive(peer, 48)
    length = int.from_bytes(bhs[5:8], "big")
    return bhs, receive(peer, (length + 3) // 4 * 4)[:length]


def send_pdu(peer, opcode, flags, tail, data=b"", itt=b"\0\0\0\0"):
    bhs = bytes([opcode, flags, 0, 0, 0]) + len(data).to_bytes(3, "big")
    bhs += bytes(8) + itt + tail
    peer.sendall(bhs.ljust(48, b"\0") + data + bytes(-len(data) % 4))


def answer_keys(data):
    pairs = [x.split("=", 1) for x in data.decode().split("\0") if x]
    own = {"AuthMethod": "None", "HeaderDigest": "None",
           "DataDigest": "None", "MaxRecvDataSegmentLength": "8192"}
    mute = ("InitiatorName", "SessionType", "InitiatorAlias", "TargetName")
    return "".join(f"{k}={own.get(k, v)}\0" for k, v in pairs
                   if k not in mute).encode()


class Target:
    """A discovery session that answers with @targets, or sends away."""

    def __init__(self, targets=(), redirect=None, chunk=8192):
        self.text = "".join(f"TargetName={name}\0" + "".join(
            f"TargetAddress={a}\0" for a in at)
            for name, at in targets).encode()
        self.redirect = redirect
        self.chunk = chunk

    def login(self, peer, bhs, data):
        status, keys = b"\0\0", answer_keys(data)
        if self.redirect:
            status = b"\1\1"
            keys = f"TargetAddress={self.redirect()}\0".encode()
        tail = struct.pack(">III", 1, 1, 64) + bytes(0)
        tail = struct.pack(">I", 0) + tail + status
        head = bytes([0x23, bhs[1] & 0x8f, 0, 0, 0]) + \
            len(keys).to_bytes(3, "big") + bhs[8:14] + b"\0\1" + bhs[16:20]
        peer.sendall((head + tail).ljust(48, b"\0") + keys +
                     bytes(-len(keys) % 4))

    def __call__(self, peer):
        left, stat = self.text, 2
        while True:
            bhs, data = receive_pdu(peer)
            opcode = bhs[0] & 0x3f
            numbers = struct.pack(">III", stat, 1, 64)
            if opcode == 0x03:
                self.login(peer, bhs, data)
                continue
            stat += 1
            if opcode == 0x06:
                send_pdu(peer, 0x26, 0x80, bytes(4) + numbers,
                         itt=bhs[16:20])
                return
            part, left = left[:self.chunk], left[self.chunk:]
            ttt = b"\0\0\0\7" if left else b"\xff\xff\xff\xff"
            send_pdu(peer, 0x24, 0x40 if left else 0x80, ttt + numbers,
                     part, bhs[16:20])


def names(count, at="192.0.2.1:3260,1"):
    return [(f"iqn.2020-01.org.example:t{i:05}", [at]) for i in range(count)]


def test_discover_many():
    """Thousands of targets: all of them, and no time to speak of."""
    root = new_root(record=False)
    took = {}
    for count in (MANY // 5, MANY):
        server = Server(Target(names(count)))
        start = time.process_time(), os.times().children_user
        r = run(root, "--json", "discover", server.at)
        took[count] = os.times().children_user - start[1]
        server.close()
        check(r.returncode == 0 and len(json.loads(r.stdout)) == count,
              f"discovery: {count} targets", r.stderr)
        r = run(root, "--json", "target", "list")
        check(len(json.loads(r.stdout)) == count,
              f"discovery: {count} are remembered", r.stderr)
        run(root, "portal", "remove", server.at)
    check(took[MANY] < 25 * max(took[MANY // 5], 0.02),
          "discovery: five times the targets, not 25 times the work", took)
    shutil.rmtree(root)


def test_discover_forgets():
    """A portal that is asked without CHAP from now on keeps no secret."""
    root = new_root(record=False)
    server = Server(Target(names(1)))
    folder = f"{root}/etc/iscsi-mpio"
    run(root, "discover", server.at)
    portal = [f for f in os.listdir(f"{folder}/portals")][0]
    portal = portal.removesuffix(".conf")
    kinds = {k: f"{folder}/secrets/portal-{portal}.{k}"
             for k in ("chap", "mutual")}
    os.makedirs(f"{folder}/secrets", mode=0o700, exist_ok=True)
    for path in kinds.values():
        with open(path, "w") as f:
            f.write("0x00112233445566778899aabb\n")
    r = run(root, "portal", "refresh", server.at)
    check(r.returncode == 0 and all(map(os.path.exists, kinds.values())),
          "discovery: a refresh changes no secret", r.stderr)
    r = run(root, "discover", server.at)
    server.close()
    check(r.returncode == 0 and not any(map(os.path.exists, kinds.values())),
          "discovery: without CHAP no secret stays", r.stderr)
    shutil.rmtree(root)


def test_discover_redirect():
    root = new_root(record=False)
    last = Server(Target(names(2)))
    first = Server(Target(redirect=lambda: last.at))
    r = run(root, "--json", "discover", first.at)
    check(r.returncode == 0 and len(json.loads(r.stdout)) == 2,
          "discovery: follows a redirect", r.stderr)
    loop = Server(Target(redirect=lambda: loop.at))
    r = run(root, "discover", loop.at)
    check(r.returncode == 19 and "redirects" in r.stderr,
          "discovery: a loop of redirects ends", r.stderr)
    check(loop.served <= 10, "discovery: soon", loop.served)
    for server in (first, last, loop):
        server.close()
    shutil.rmtree(root)


# name, addresses told, portals taken
ODD_TARGETS = [
    ("iqn.2000-01.com.synology:DiskStation4.Target-1.8b9e",
     ["192.0.2.1:3260,1", "192.0.2.1:3260,1", "192.0.2.1,1"],
     ["192.0.2.1:3260,1"]),
    ("iqn.EMC.0648.SE1F", ["[fe80::1%enp0s9]:3260,1", "192.0.2.2:3260,1"],
     ["192.0.2.2:3260,1"]),
    ("iqn.2003-01.org.linux-iscsi.iron_man:sn.1",
     ["192.0.2.3:0,1", "192.0.2.3:70000,1", "[2001:db8::3]:3260,2",
      "2001:db8::4"], ["[2001:db8::3]:3260,2", "[2001:db8::4]:3260"]),
    ("kumo-img37", ["storage.internal.example.org:3260,1"],
     ["storage.internal.example.org:3260,1"]),
    ("iqn.2015-1.org.example:x", ["0.0.0.0:3260,1", "[::]:3260,1"],
     ["127.0.0.1:3260,1"]),
    ("eui.02004567A425678D", [], ["127.0.0.1:{port},1"]),
    ("iqn.2020-01.org.example:a b", ["192.0.2.9:3260,1"], None),
    ("iqn.2020-01.org.example:../../etc", ["192.0.2.9:3260,1"], None),
    ("iqn.2020-01.org.example:" + "x" * 200, ["192.0.2.9:3260,1"], None),
]


def test_discover_leaves_out():
    """What cannot be used is named, the rest is taken byte for byte."""
    root = new_root(record=False)
    server = Server(Target([(n, a) for n, a, _ in ODD_TARGETS]))
    r = run(root, "--json", "-v", "discover", server.at)
    port = server.at.split(":")[1]
    want = {n: [p.format(port=port) for p in at]
            for n, _, at in ODD_TARGETS if at is not None}
    want["eui.02004567A425678D"] = [server.at]
    got = {}
    for one in json.loads(run(root, "--json", "target", "list").stdout):
        got[one["NodeAddress"]] = one["Portals"]
    check(r.returncode == 0 and got == want, "discovery: odd targets", got)
    for text, why in (("[fe80::1%enp0s9]:3260,1", "another host's"),
                      ("192.0.2.3:0,1", "the port must be 1 to 65535"),
                      ("iqn.2020-01.org.example:a b", "blanks"),
                      ("iqn.2020-01.org.example:../../etc", "slashes"),
                      ("x" * 200, "223 bytes")):
        check(any(text in line and why in line
                  for line in r.stderr.splitlines()),
              f"discovery: says why {text[:40]} is left out", r.stderr)
    r = run(root, "discover", server.at)
    check("6 names or addresses that cannot be used are left out, -v" in
          r.stderr and "fe80" not in r.stderr, "discovery: counts them",
          r.stderr)
    server.close()
    r = run(root, "connect", "iqn.emc.0648.se1f")
    check(r.returncode in (13, 27), "connect: by another spelling", r.stderr)
    shutil.rmtree(root)


class Hangs(Target):
    """Closes on a login that has @key; TSIH 0 and Time2Wait 0 for others."""

    def __init__(self, key, *args):
        super().__init__(*args)
        self.key = key

    def login(self, peer, bhs, data):
        if self.key in data:
            raise EOFError
        super().login(peer, bhs, data)


def test_discover_quirks():
    root = new_root(record=False)
    server = Server(Hangs(b"AuthMethod", names(1)))
    r = run(root, "-v", "discover", server.at)
    check(r.returncode == 0 and server.served == 2 and
          "trying without" in r.stderr,
          "discovery: without a security stage", r.stderr)
    server.close()
    server = Server(Hangs(b"SessionType", names(1)))
    r = run(root, "discover", server.at)
    check(r.returncode == 4 and server.served == 2,
          "discovery: tries twice, no more", r.stderr)
    server.close()
    shutil.rmtree(root)


def test_refresh_keeps_edits():
    """What the user set, in records or beside, outlives a refresh."""
    root = new_root(TargetNodeAddress="iqn.2020-01.org.example:t00000")
    talk = Target(names(3))
    server = Server(talk)
    run(root, "discover", server.at)
    run(root, "target", "add", "iqn.2020-01.org.example:mine", "--portal",
        "192.0.2.7")
    run(root, "record", "set", "0a1b", "NopInterval=1234")
    before = run(root, "--json", "record", "list").stdout
    talk.text = Target(names(2, "192.0.2.2:3260,1")).text
    r = run(root, "--json", "portal", "refresh", "--pass-thru")
    check(r.returncode == 0 and json.loads(r.stdout)[0]["Targets"] == 2,
          "refresh: asks again", r.stderr)
    targets = {x["NodeAddress"]: x["Portals"] for x in json.loads(
        run(root, "--json", "target", "list").stdout)}
    check("iqn.2020-01.org.example:mine" in targets and
          "iqn.2020-01.org.example:t00002" not in targets and
          targets["iqn.2020-01.org.example:t00000"] == ["192.0.2.2:3260,1"],
          "refresh: new, gone and own targets", targets)
    check(run(root, "--json", "record", "list").stdout == before,
          "refresh: records stay as they are")
    server.close()
    r = run(root, "portal", "refresh")
    check(r.returncode == 4 and len(json.loads(
        run(root, "--json", "target", "list").stdout)) == 3,
          "refresh: a dead portal loses nothing", r.stderr)
    shutil.rmtree(root)


# --- iSNS: RFC 4171 5.6.5.2

def attribute(tag, value=b""):
    value += bytes(-len(value) % 4)
    return struct.pack(">II", tag, len(value)) + value


def group(name, address, port=3260, tag=1):
    packed = ipaddress.ip_address(address).packed
    if len(packed) == 4:
        packed = bytes(10) + b"\xff\xff" + packed
    return attribute(48, name.encode() + b"\0") + attribute(49, packed) + \
        attribute(50, struct.pack(">I", port)) + \
        attribute(51, b"" if tag is None else struct.pack(">I", tag))


class Isns:
    """Answers one DevAttrQry with @answer, in PDUs of at most @chunk."""

    def __init__(self, answer, chunk=8000, status=0, edit=None):
        self.answer = answer
        self.chunk = chunk
        self.status = status
        self.edit = edit or (lambda pdu: pdu)
        self.asked = b""

    def __call__(self, peer):
        header = receive(peer, 12)
        version, function, length, flags, xid, seq = struct.unpack(
            ">HHHHHH", header)
        self.asked = receive(peer, length)
        if (version, function, seq) != (1, 2, 0) or flags & 0x8c00 != 0x8c00:
            return
        left = struct.pack(">I", self.status) + self.answer
        while True:
            part, left = left[:self.chunk], left[self.chunk:]
            flags = 0x4000 | (0 if left else 0x800) | (0 if seq else 0x400)
            peer.sendall(self.edit(struct.pack(
                ">HHHHHH", 1, 0x8002, len(part), flags, xid, seq) + part))
            seq += 1
            if not left:
                return


def key(initiator="iqn.2020-01.org.example:host"):
    return attribute(32, initiator.encode() + b"\0") + \
        attribute(33, b"\0\0\0\1") + attribute(0)


def isns(root, talk, *args):
    server = Server(talk)
    r = run(root, "--json", "discover", server.at, "--isns", "--timeout",
            "5", *args)
    server.close()
    return r, server.at


def test_isns():
    root = new_root(record=False)
    iqn = "iqn.2020-01.org.example:s"
    talk = Isns(key() + group(iqn + "1", "192.0.2.1") +
                group(iqn + "1", "fd00::1", 860, 2) +
                group(iqn + "2", "192.0.2.2", tag=None) +
                group(iqn + "3", "192.0.2.3"))
    r, at = isns(root, talk)
    check(r.returncode == 0, "isns: answers", r.stderr)
    found = {(x["NodeAddress"], x["TargetPortalAddress"],
              x["TargetPortalPortNumber"], x["TargetPortalGroupTag"])
             for x in json.loads(r.stdout)}
    check(found == {(iqn + "1", "192.0.2.1", 3260, 1),
                    (iqn + "1", "fd00::1", 860, 2),
                    (iqn + "3", "192.0.2.3", 3260, 1)},
          "isns: portal groups, none without access", found)
    check(b"iqn.2020-01.org.example:host\0" in talk.asked,
          "isns: says who asks")
    portal = json.loads(run(root, "--json", "portal", "list").stdout)[0]
    check(portal["Protocol"] == "iSNS" and portal["Targets"] == 3,
          "isns: the server is remembered", portal)
    run(root, "portal", "remove", at)
    r, at = isns(root, Isns(key() + b"".join(
        group(f"{iqn}{i:05}", "192.0.2.1") for i in range(MANY))))
    check(r.returncode == 0 and len(json.loads(r.stdout)) == MANY,
          "isns: thousands, in many parts", r.stderr)
    r, at = isns(root, Isns(b"", status=5))
    check(r.returncode == 21 and "status 5" in r.stderr,
          "isns: a refusal", r.stderr)
    r, at = isns(root, Isns(b""), "--auth", "oneway")
    check(r.returncode == 7 and "neither CHAP" in r.stderr,
          "isns: no CHAP", r.stderr)
    shutil.rmtree(root)


def test_isns_lies():
    """Every cut and many lies: told, and nothing is stored."""
    root = new_root(record=False)
    whole = key() + group("iqn.2020-01.org.example:s", "192.0.2.1")
    lies = {f"cut at {n}": Isns(whole[:n]) for n in range(1, len(whole))
            if n % 4}
    lies |= {"length": Isns(key() + struct.pack(">II", 48, 0xfffffff0)),
             "short address": Isns(key() + attribute(49, b"\1\2\3\4")),
             "port 0": Isns(key() + attribute(50, bytes(4))),
             "long name": Isns(key() + attribute(48, b"x" * 300)),
             "version": Isns(whole, edit=lambda p: b"\0\2" + p[2:]),
             "function": Isns(whole, edit=lambda p: p[:2] + b"\x80\3" +
                              p[4:]),
             "transaction": Isns(whole, edit=lambda p: p[:8] + b"\0\2" +
                                 p[10:]),
             "sequence": Isns(whole, 32, edit=lambda p: p[:10] + b"\0\0" +
                              p[12:]),
             "never the last": Isns(whole, edit=lambda p: p[:6] + b"\x44\0" +
                                    p[8:]),
             "no status": Isns(b"", edit=lambda p: p[:4] + b"\0\0" +
                               p[6:12])}
    for name, talk in lies.items():
        r, _ = isns(root, talk)
        check(r.returncode in (4, 9, 11) and r.stderr.count("\n") == 1,
              f"isns: {name} is told", f"{r.returncode} {r.stderr}")
    check(not os.path.exists(f"{root}/etc/iscsi-mpio/portals"),
          "isns: no lie is stored")
    shutil.rmtree(root)
