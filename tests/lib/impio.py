# SPDX-License-Identifier: GPL-2.0
"""libiscsi-mpio as another language calls it.

usage: impio.py LIBRARY [HEADER IQN ADDRESS]

With a library alone: writes all that the kernel answers, as it came. Else
walks a live target through every call of the library that changes something:
a session is added, watched, changed and deleted. Needs the module, and no
session to be there. The first thing that is not as it should be ends it.
"""
import ctypes
import errno
import re
import socket
import struct
import sys


def numbers(header):
    """The enumerations of <linux/iscsi_mpio.h>, as {name: value}."""
    with open(header, encoding="ascii") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    found = {}
    for body in re.findall(r"\benum \w+ \{(.*?)\}", text, re.S):
        value = -1
        for name, given in re.findall(r"(\w+)(?:\s*=\s*(\w+))?", body):
            value = int(given, 0) if given else value + 1
            found[name] = value
    return found


class Failed(Exception):
    def __init__(self, ret, why):
        super().__init__(why)
        self.errno = -ret


class Object:
    """A view of an object; @keep is what it belongs to."""

    def __init__(self, lib, pointer, keep):
        self.lib, self.pointer, self.keep = lib, pointer, keep

    def number(self, attr):
        value = ctypes.c_uint64()
        ret = self.lib.impio_number(self.pointer, attr, ctypes.byref(value))
        return value.value if ret == 0 else None

    def text(self, attr, n=0):
        text = self.lib.impio_text(self.pointer, attr, n)
        return text.decode() if text is not None else None

    def data(self, attr):
        length = ctypes.c_size_t()
        at = self.lib.impio_bytes(self.pointer, attr, ctypes.byref(length))
        return ctypes.string_at(at, length.value) if at else None

    def raw(self):
        """All of it as the kernel sent it; its length is in front."""
        length = ctypes.c_uint16.from_address(self.pointer).value
        return ctypes.string_at(self.pointer, length)

    def nest(self, attr, n=0):
        at = self.lib.impio_nest(self.pointer, attr, n)
        return Object(self.lib, at, self.keep) if at else None


class Values:
    def __init__(self, lib):
        self.lib, self.v = lib, lib.impio_values_new()

    def __del__(self):
        self.lib.impio_values_free(self.v)

    def put(self, attr, value):
        if value is True:
            self.lib.impio_put_flag(self.v, attr)
        elif isinstance(value, int):
            self.lib.impio_put_number(self.v, attr, value)
        elif isinstance(value, str):
            self.lib.impio_put_text(self.v, attr, value.encode())
        elif isinstance(value, bytes):
            self.lib.impio_put_bytes(self.v, attr, value,
                                     ctypes.c_size_t(len(value)))
        else:
            self.lib.impio_put_nest(self.v, attr, value.pointer)
        return self

    def object(self):
        at = self.lib.impio_values_object(self.v)
        return Object(self.lib, at, self) if at else None


class List:
    def __init__(self, lib, pointer):
        self.lib, self.pointer = lib, pointer

    def __del__(self):
        self.lib.impio_list_free(self.pointer)

    def __len__(self):
        return self.lib.impio_count(self.pointer)

    def __getitem__(self, i):
        at = self.lib.impio_item(self.pointer, ctypes.c_size_t(i))
        if not at:
            raise IndexError(i)
        return Object(self.lib, at, self)


def load(path):
    lib = ctypes.CDLL(path)
    for name in ("new", "item", "bytes", "nest", "values_new",
                 "values_object"):
        getattr(lib, f"impio_{name}").restype = ctypes.c_void_p
    for name in ("text", "why"):
        getattr(lib, f"impio_{name}").restype = ctypes.c_char_p
    lib.impio_count.restype = ctypes.c_size_t
    p, n, i = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
    for name, types in {
            "free": [p], "open": [p], "why": [p], "count": [p],
            "item": [p, ctypes.c_size_t], "list_free": [p],
            "number": [p, i, p], "text": [p, i, n], "bytes": [p, i, p],
            "nest": [p, i, n], "values_free": [p], "values_object": [p],
            "put_number": [p, i, n], "put_flag": [p, i],
            "put_text": [p, i, ctypes.c_char_p],
            "put_bytes": [p, i, ctypes.c_char_p, ctypes.c_size_t],
            "put_nest": [p, i, p], "get_info": [p, p],
            "get_sessions": [p, p], "get_session": [p, n, p],
            "get_paths": [p, n, n, p], "get_disks": [p, p],
            "get_settings": [p, p], "add_session": [p, p, p],
            "del_session": [p, n, ctypes.c_bool], "set_session": [p, n, p],
            "kick_session": [p, n], "scan_session": [p, n],
            "set_path": [p, n, n, n, n],
            "set_policy": [p, n, n, ctypes.c_char_p],
            "set_settings": [p, p], "listen": [p], "event_fd": [p],
            "next_event": [p, i, p]}.items():
        getattr(lib, f"impio_{name}").argtypes = types
    return lib


class Impio:
    KEEP = 0xfffffffe

    def __init__(self, path):
        self.lib = load(path)
        self.m = self.lib.impio_new()

    def __del__(self):
        self.lib.impio_free(self.m)

    def why(self):
        return self.lib.impio_why(self.m).decode()

    def values(self):
        return Values(self.lib)

    def do(self, call, *args):
        plain = [a.v if isinstance(a, Values) else a for a in args]
        ret = getattr(self.lib, f"impio_{call}")(self.m, *plain)
        if ret:
            raise Failed(ret, self.why())

    def ask(self, call, *args):
        answer = ctypes.c_void_p()
        self.do(call, *args, ctypes.byref(answer))
        return List(self.lib, answer)

    def add_session(self, values):
        number = ctypes.c_uint32()
        self.do("add_session", values, ctypes.byref(number))
        return number.value


def refused(want, call, *args):
    try:
        call(*args)
    except Failed as e:
        assert e.errno == want and " " in str(e), (e.errno, str(e))
        return str(e)
    raise AssertionError(f"not refused: {args}")


class Walk:
    def __init__(self, library, header, iqn, address):
        self.m, self.n = Impio(library), numbers(header)
        self.iqn, self.address = iqn, address

    def wanted(self):
        n, values = self.n, self.m.values()
        portal = struct.pack("=H", socket.AF_INET) + struct.pack(
            ">H4s8x", 3260, socket.inet_aton(self.address))
        for attr, value in (
                ("TARGET_NAME", self.iqn), ("PORTAL", portal),
                ("INITIATOR_NAME", "iqn.2026-11.org.test:library"),
                ("ISID", bytes.fromhex("80aabbcc0042")),
                ("MULTIPATH", True), ("RECORD", "0a1b2c3d")):
            values.put(n[f"MPIO_SA_{attr}"], value)
        return values

    def event(self, kind, within, attr, number):
        """The object within the next event of that kind about @number."""
        for _ in range(200):
            try:
                event = self.m.ask("next_event", 30000)[0]
            except Failed as e:
                raise AssertionError(f"no {kind}: {e}") from e
            nest = event.nest(self.n[f"MPIO_A_{within}"])
            if event.number(self.n["MPIO_A_EVENT"]) == \
                    self.n[f"MPIO_EVENT_{kind}"] and \
                    nest.number(self.n[attr]) == number:
                assert event.number(self.n["MPIO_A_TIME"]) > 0
                return nest
        raise AssertionError(f"no {kind}")

    def add(self):
        n, m = self.n, self.m
        m.do("open")
        m.do("listen")
        assert m.lib.impio_event_fd(m.m) >= 0
        assert len(m.ask("get_sessions")) == 0
        refused(errno.EINVAL, m.add_session, m.values())
        s = m.add_session(self.wanted())
        self.event("SESSION_SCANNED", "SESSION", "MPIO_SA_ID", s)
        session = m.ask("get_session", s)[0]
        assert session.number(n["MPIO_SA_STATE"]) == \
            n["MPIO_SESSION_LOGGED_IN"]
        assert session.text(n["MPIO_SA_TARGET_NAME"]) == self.iqn
        assert session.text(n["MPIO_SA_RECORD"]) == "0a1b2c3d"
        assert session.data(n["MPIO_SA_ISID"]).hex() == "80aabbcc0042"
        assert session.data(n["MPIO_SA_REMOTE"])[4:8] == \
            socket.inet_aton(self.address)
        agreed = session.nest(n["MPIO_SA_NEGOTIATED"])
        assert agreed.number(n["MPIO_NA_MAX_BURST"]) >= 512
        assert session.nest(n["MPIO_SA_TRANSITION"])
        assert session.data(n["MPIO_SA_CHAP_SECRET"]) is None
        return s

    def change(self, s):
        n, m = self.n, self.m
        nop = n["MPIO_TA_NOP_INTERVAL"]
        inner = m.values().put(nop, 4321)
        outer = m.values().put(n["MPIO_SA_SETTINGS"], inner.object())
        m.do("set_session", s, outer)
        session = m.ask("get_session", s)[0]
        assert session.nest(n["MPIO_SA_SETTINGS"]).number(nop) == 4321
        before = m.ask("get_settings")[0].number(nop)
        m.do("set_settings", m.values().put(nop, before + 1))
        assert m.ask("get_settings")[0].number(nop) == before + 1
        m.do("set_settings", m.values().put(nop, before))
        m.do("scan_session", s)
        m.do("kick_session", s)

    def bounds(self, s):
        """What the kernel's policy refuses is told by its name and bounds."""
        n, m = self.n, self.m

        def session(attr, value):
            return lambda: m.add_session(self.wanted().put(n[attr], value))

        def setting(attr, value):
            inner = m.values().put(n[attr], value)
            return lambda: m.do("set_session", s, m.values().put(
                n["MPIO_SA_SETTINGS"], inner.object()))

        for call, want in (
                (session("MPIO_SA_MAX_R2T", 9),
                 "MaxOutstandingR2T must be between 1 and 8"),
                (session("MPIO_SA_MAX_BURST", 511),
                 "MaxBurstLength must be between 512 and 16777215"),
                (session("MPIO_SA_TPGT", 65536),
                 "the portal group tag must be between 0 and 65535"),
                (session("MPIO_SA_INITIAL_R2T", 2),
                 "InitialR2T must be 0 or 1"),
                (session("MPIO_SA_ISID", b"12345"), "the isid has 6 bytes"),
                (session("MPIO_SA_CHAP_SECRET", b"short"),
                 "the chap secret must have 12 to 255 bytes"),
                (session("MPIO_SA_IFACE", "a-far-too-long-name"),
                 "the name of the interface has at most 15 bytes"),
                (setting("MPIO_TA_LOGIN_TIMEOUT", 99),
                 "LoginTimeout must be between 100 and 86400000"),
                (setting("MPIO_TA_SAME_UNIT", 2), "SameUnit must be 0 or 1"),
                (lambda: m.do("set_settings", m.values().put(
                    n["MPIO_TA_NOP_TIMEOUT"], 49)),
                 "NopTimeout must be between 50 and 86400000"),
                (lambda: m.do("set_policy", 8, 0, None),
                 "the policy must be between 0 and 7"),
                (lambda: m.do("set_path", 1, 65536, m.KEEP, m.KEEP),
                 "the weight must be between 0 and 65535")):
            try:
                call()
            except Failed as e:
                assert str(e) == want, (str(e), want)
            else:
                raise AssertionError(f"taken: {want}")

    def paths(self, s):
        n, m = self.n, self.m
        path = m.ask("get_paths", s, 0)[0]
        p, d = path.number(n["MPIO_PA_ID"]), path.number(n["MPIO_PA_DISK_ID"])
        assert len(m.ask("get_paths", 0, d)) == 1
        for enabled, state in ((0, "DISABLED"), (1, "READY")):
            m.do("set_path", p, m.KEEP, m.KEEP, enabled)
            while self.event("PATH_STATE", "PATH", "MPIO_PA_ID", p).number(
                    n["MPIO_PA_STATE"]) != n[f"MPIO_PATH_{state}"]:
                pass
        m.do("set_path", p, 7, 1, m.KEEP)
        path = m.ask("get_paths", s, 0)[0]
        assert path.number(n["MPIO_PA_WEIGHT"]) == 7
        assert path.number(n["MPIO_PA_PREFERRED"]) == 1
        m.do("set_policy", n["MPIO_POLICY_LQD"], d, None)
        disk = m.ask("get_disks")[0]
        assert disk.number(n["MPIO_DA_POLICY"]) == n["MPIO_POLICY_LQD"]
        return disk.text(n["MPIO_DA_NAME"])

    def delete(self, s, disk):
        n, m = self.n, self.m
        why = refused(errno.ENOENT, m.do, "del_session", s + 100, False)
        with open(f"/dev/{disk}", "rb"):
            refused(errno.EBUSY, m.do, "del_session", s, False)
        m.do("del_session", s, True)
        self.event("SESSION_DELETED", "SESSION", "MPIO_SA_ID", s)
        assert len(m.ask("get_sessions")) == 0
        assert len(m.ask("get_disks")) == 0
        assert m.ask("get_info")[0].number(n["MPIO_IA_SESSIONS"]) == 0
        refused(errno.EAGAIN, self.drain)
        return why

    def drain(self):
        while True:
            self.m.ask("next_event", 0)


def dump(library):
    m = Impio(library)
    m.do("open")
    for answer in (m.ask("get_sessions"), m.ask("get_paths", 0, 0),
                   m.ask("get_disks"), m.ask("get_settings"),
                   m.ask("get_info")):
        for o in answer:
            sys.stdout.buffer.write(o.raw())


if __name__ == "__main__" and len(sys.argv) == 2:
    dump(sys.argv[1])
elif __name__ == "__main__":
    walk = Walk(*sys.argv[1:])
    number = walk.add()
    walk.change(number)
    walk.bounds(number)
    name = walk.paths(number)
    print(f"refused: {walk.delete(number, name)}")
