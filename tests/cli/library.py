# SPDX-License-Identifier: GPL-2.0
"""libiscsi-mpio as it is installed, and the description of the interface."""
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from harness import HERE, SECRET, check, read

sys.path.insert(0, os.path.join(HERE, "../lib"))
import impio  # noqa: E402

TOP = os.path.join(HERE, "../..")
UAPI = f"{TOP}/include/uapi/linux/iscsi_mpio.h"


def shell(*command, **env):
    return subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, **env})


def test_library_installed():
    """make install, pkg-config, a program, make uninstall."""
    root = tempfile.mkdtemp(prefix="iscsictl.")
    made = shell("make", "-s", "-C", f"{TOP}/userspace", "install",
                 f"DESTDIR={root}")
    check(made.returncode == 0, "library: is installed", made.stderr)
    lib = f"{root}/usr/lib"
    env = {"PKG_CONFIG_PATH": f"{lib}/pkgconfig"}
    version = shell("pkg-config", "--modversion", "libiscsi-mpio", **env)
    check(version.stdout == "0.1.0\n", "library: pkg-config knows it",
          version.stderr)
    soname = shell("readelf", "-d", f"{lib}/libiscsi-mpio.so").stdout
    check("soname: [libiscsi-mpio.so.0]" in soname, "library: soname", soname)
    program = f"{root}/program"
    built = shell(f"{TOP}/tests/lib/example.sh", root, program)
    check(built.returncode == 0, "library: the manual's program compiles",
          built.stderr)
    flags = shell("pkg-config", "--libs", "--static", "libiscsi-mpio",
                  **env).stdout.split()
    check("-lnl-genl-3" in flags, "library: what the static one needs", flags)
    built = shell("gcc", "-o", f"{root}/static", f"{program}.c",
                  f"-I{root}/usr/include/iscsi-mpio",
                  f"{lib}/libiscsi-mpio.a", *(x for x in flags if
                                              x.startswith("-lnl")))
    check(built.returncode == 0, "library: the static one, too",
          built.stderr)
    for binary in program, f"{root}/static":
        run = shell(binary, LD_LIBRARY_PATH=lib)
        check(run.returncode == 1 and not run.stdout and re.fullmatch(
            r"cannot list paths: [^:]+\n", run.stderr),
              "library: a program runs and says what is missing", run.stderr)
    gone = shell("make", "-s", "-C", f"{TOP}/userspace", "uninstall",
                 f"DESTDIR={root}")
    left = [f"{base}/{name}" for base, dirs, names in os.walk(f"{root}/usr")
            for name in names + [d for d in dirs if "mpio" in d]]
    check(gone.returncode == 0 and not left, "library: nothing of it stays",
          left)
    shutil.rmtree(root)


def test_library_symbols():
    """What the header declares is what the library exports, and no more."""
    so = f"{TOP}/userspace/lib/libiscsi-mpio.so"
    declared = set(re.findall(r"\b(impio_\w+)\(",
                              re.sub(r"/\*.*?\*/", "", read(
                                  f"{TOP}/userspace/lib/libiscsi-mpio.h"),
                                  flags=re.S)))
    exported = set(re.findall(r" T (\w+)", shell("nm", "-D", so).stdout))
    check(declared == exported and len(declared) > 30, "library: symbols",
          declared ^ exported)
    called = set(re.findall(r"\b(impio_\w+)\(",
                            read(f"{TOP}/userspace/module/kernel.c") +
                            read(f"{TOP}/userspace/module/attr.c")))
    check(len(called & exported) >= 30, "library: the tool is built on it",
          exported - called)


def test_library_values():
    """What is put together is what can be read again."""
    m = impio.Impio(f"{TOP}/userspace/lib/libiscsi-mpio.so")
    inner = m.values().put(3, 12).put(4, "deep")
    v = m.values().put(1, 7).put(2, True).put(5, "one").put(5, "two")
    v.put(6, bytes(range(5))).put(8, SECRET).put(7, inner.object())
    o = v.object()
    check((o.number(1), o.number(2), o.number(9)) == (7, 1, None),
          "library: numbers")
    check((o.text(5), o.text(5, 1), o.text(5, 2), o.text(6)) ==
          ("one", "two", None, None), "library: texts")
    check(o.data(6) == bytes(range(5)) and o.number(6) is None,
          "library: bytes")
    nest = o.nest(7)
    check((nest.number(3), nest.text(4), nest.number(1)) ==
          (12, "deep", None), "library: nests")
    for count in range(1, 3000):
        v.put(1000 + count, f"a text of some length, number {count}")
    check(v.object() is None, "library: 64 KiB are the limit")
    why = impio.refused(errno.EMSGSIZE, m.add_session, v)
    check("too long" in why, "library: and it says so", why)
    why = impio.refused(errno.ENOPKG, m.do, "open")
    check(why == "module iscsi_mpio is not loaded",
          "library: without the module", why)
    why = impio.refused(errno.EBADF, m.ask, "next_event", 0)
    check("impio_listen" in why, "library: without a subscription", why)
    check(m.lib.impio_event_fd(m.m) == -errno.EBADF and
          m.lib.impio_count(None) == 0 and m.lib.impio_item(None, 0) is None
          and m.lib.impio_text(None, 1, 0) is None, "library: of nothing")


KINDS = {"u32": {"U32"}, "u64": {"U64"}, "string": {"STRING"},
         "flag": {"FLAG"}, "binary": {"ADDRESS", "BYTES"}}


def c_name(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def spec_types(spec, told):
    """Adds the C names of @spec to @told; the type of each attribute."""
    types = {}
    for entry in spec["definitions"]:
        value = -1
        for e in entry["entries"]:
            e = {"name": e} if isinstance(e, str) else e
            value = e.get("value", value + 1)
            told[c_name(entry["name-prefix"], e["name"])] = value
    for attrs in spec["attribute-sets"]:
        value = 0
        for a in attrs["attributes"]:
            value = a.get("value", value + 1)
            told[c_name(attrs["name-prefix"], a["name"])] = value
            types[c_name(attrs["name-prefix"], a["name"])] = a["type"]
    value = 0
    for op in spec["operations"]["list"]:
        value = op.get("value", value + 1)
        told[c_name(spec["operations"]["name-prefix"], op["name"])] = value
    return types


def test_netlink_spec():
    """The YAML description says what the header says."""
    spec = yaml.safe_load(read(f"{TOP}/include/netlink/iscsi_mpio.yaml"))
    told = {}
    types = spec_types(spec, told)
    header = {name: value for name, value in impio.numbers(UAPI).items()
              if not name.startswith("__") and not name.endswith("_UNSPEC")}
    check(told == header and len(told) > 150, "spec: names and numbers",
          sorted(set(told.items()) ^ set(header.items())))
    kinds = dict(re.findall(r"ROW\((MPIO_\w+), KIND_(\w+)",
                            read(f"{TOP}/userspace/module/attr.c")))
    for name, kind in kinds.items():
        check(kind in KINDS.get(types.get(name), ()), f"spec: type of {name}",
              f"{types.get(name)}, iscsictl reads it as {kind}")
    check(len(kinds) > 80, "spec: types are compared", len(kinds))
