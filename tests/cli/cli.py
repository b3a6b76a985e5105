#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of iscsictl without the module: arguments, store, power cuts.

usage: cli.py ISCSICTL POWERCUT.SO [PART OF A TEST'S NAME]
"""
import errno
import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time

import boot
import changes
import discovery
import doctor
import front
import messages
import monitoring
import names
import papers
import picture
import tables
import values
import words
from harness import (HERE, POWERCUT, SECRET, TOOL, check, new_root, on_terminal,
                     read, record_path, record_text, results, run)


def test_arguments():
    """Every row of args.table: exit status and first line of stderr."""
    for line in read(f"{HERE}/args.table").splitlines():
        if not line or line.startswith("#"):
            continue
        codes, pattern, args = line.split("\t")
        root = new_root(record=False)
        files = {"S": (SECRET, 0o600), "O": (SECRET, 0o644),
                 "H": ("11byteslong", 0o600)}
        for name, (text, mode) in files.items():
            with open(f"{root}/{name}", "w") as f:
                f.write(text + "\n")
            os.chmod(f"{root}/{name}", mode)
        words = [w.replace("\\040", " ").replace("\\015", "\r")
                 .replace("\\011", "\t").replace("{D}", root)
                 .replace("{N}", f"{root}/none") for w in args.split(" ")]
        words = [re.sub(r"\{([SOH])\}", rf"{root}/\1", w) for w in words]
        if words[0].startswith("--timeout=") and words[0] == "--timeout=":
            if len(words) > 1 and words[1] == "5":
                words = ["--timeout= 5", *words[2:]]
        r = run(root, *words)
        first = r.stderr.split("\n")[0]
        detail = f"status {r.returncode}, {first!r}"
        check(str(r.returncode) in codes.split("|"), f"args: {args}", detail)
        if pattern:
            check(re.match(r"iscsictl: .+: .+", first) and
                  re.search(pattern, first), f"args: message of {args}",
                  detail)
        check(SECRET not in r.stdout + r.stderr, f"args: secret in {args}")
        shutil.rmtree(root)


def test_round_trip():
    """What is set is stored, printed and kept; nothing else changes."""
    root = new_root(FutureKey="kept as it is")
    pairs = {"TargetPortalAddress": "portal.example",
             "TargetPortalPortNumber": "860", "IsMultipathEnabled": "No",
             "InitiatorPortalAddress": "fd00::5", "NopInterval": "1000",
             "InitiatorInterface": "eth1", "IsHeaderDigest": "Yes",
             "InitialR2T": "No", "FirstBurstLength": "65536",
             "NoPathTimeout": "infinite", "FenceMode": "wait",
             "LoadBalancePolicy": "RR", "Startup": "onboot",
             "ISID": "80aabbcc0002", "ChapUsername": "näme=with equals",
             "ChapKey": "iscsi:alice", "TargetChapKey": "iscsi:storage",
             "PathWeights": "0-3:10,7:20", "PreferredPaths": "0,2-5"}
    r = run(root, "record", "set", "0a1b", *(f"{k}={v}"
                                             for k, v in pairs.items()))
    check(r.returncode == 0, "store: set many keys", r.stderr)
    check("FutureKey" in r.stderr, "store: an unknown key is named", r.stderr)
    text = read(record_path(root))
    for key, value in pairs.items():
        check(f"{key}={value}\n" in text, f"store: {key} is stored", text)
    check("FutureKey=kept as it is\n" in text, "store: unknown key kept", text)
    r = run(root, "--json", "record", "list")
    check(r.returncode == 0, "store: list after set", r.stderr)
    record = json.loads(r.stdout)[0]
    check(record["RecordIdentifier"] == "0a1b2c3d", "json: identifier")
    check(record["TargetPortalPortNumber"] == 860, "json: number")
    check(record["IsMultipathEnabled"] is False, "json: boolean")
    check(record["NoPathTimeout"] == "infinite", "json: infinite")
    check(record["NopInterval"] == 1000, "json: milliseconds")
    check(record["Status"] == "missing", "json: status")
    before = read(record_path(root))
    for bad in ("TargetNodeAddress=x/", "Startup=never", "ISID=12",
                "TargetPortalPortNumber=0", "NopInterval=x", "Nope=1",
                "InitiatorInterface=aaaaaaaaaaaaaaaaa", "Startup",
                "TargetPortalAddress=a:1", "ChapUsername=a\x01b",
                "PathWeights=0", "PathWeights=0:65536", "PathWeights=0:1,",
                "PathWeights=5-3:2", "PathWeights=-1:2", "PathWeights=0:1;",
                "PathWeights=281474976710656:2", "PreferredPaths=0:1",
                "PreferredPaths=1,,2", "PreferredPaths=x",
                "PreferredPaths=" + ",".join(map(str, range(0, 999, 2)))):
        r = run(root, "record", "set", "0a1b2c3d", "Startup=manual", bad)
        check(r.returncode == 7, f"store: {bad!r} is refused", r.stderr)
        check(read(record_path(root)) == before,
              f"store: {bad!r} changes nothing")
    check(run(root, "unregister", "0A1B2C3D").returncode == 0,
          "store: unregister by record")
    check(os.listdir(os.path.dirname(record_path(root))) == [],
          "store: the file is gone")
    shutil.rmtree(root)


def test_lun_lists():
    """One text for one meaning, whatever the order and the overlaps."""
    cases = {"PathWeights": {
                 "3:10,0-2:10,9:1": "0-3:10", "0-9:5,4:1": "0-3:5,5-9:5",
                 "0-9:5,0-9:6": "0-9:6", "5:7,2-8:3": "2-8:3",
                 "2-8:3,5:7": "2-4:3,5:7,6-8:3", "0:0": "0:0",
                 "16383:2,16384:2": "16383-16384:2", "": ""},
             "PreferredPaths": {
                 "7,5,6,5": "5-7", "0-4,3-9": "0-9", "": "",
                 "1,3,5": "1,3,5", "281474976710655": "281474976710655"}}
    root = new_root()
    for key, texts in cases.items():
        for given, want in texts.items():
            r = run(root, "record", "set", "0a1b2c3d", f"{key}={given}")
            check(r.returncode == 0, f"luns: {key}={given}", r.stderr)
            r = run(root, "--json", "record", "list")
            check(json.loads(r.stdout)[0][key] == want,
                  f"luns: {key}={given} means {want}", r.stdout)
            check((f"{key}={want}\n" in read(record_path(root))) ==
                  (want != ""), f"luns: {key}={given} is stored as {want}",
                  read(record_path(root)))
    shutil.rmtree(root)


def test_corruption():
    """Each damaged byte is noticed; the other record works on."""
    good = record_text()
    cases = {"empty": "", "garbage": "complete garbage\n",
             "cut": good[:len(good) // 2], "no end": good[:-1],
             "longer": good + "x=1\n", "nul": good.replace("192", "1\0002"),
             "version": record_text().replace("Version=1", "Version=2")}
    cases |= {f"byte {i}": good[:i] + chr(ord(good[i]) ^ 1) + good[i + 1:]
              for i in range(0, len(good), 7)}
    root = new_root()
    for name, text in cases.items():
        with open(record_path(root, "deadbeef"), "w") as f:
            f.write(text)
        r = run(root, "--json", "record", "list")
        records = {x["RecordIdentifier"]: x for x in json.loads(r.stdout)}
        valid = r.returncode == 0 and "edited by hand" in r.stderr and \
            name.startswith("byte")
        check((r.returncode == 6 or valid) and
              "deadbeef" in r.stderr.split("\n")[0],
              f"corrupt: {name} is named", f"{r.returncode} {r.stderr}")
        check(records["0a1b2c3d"]["Status"] == "missing" and
              records["deadbeef"]["Status"] ==
              ("missing" if valid else "failed"),
              f"corrupt: {name}: the other one is whole")
    with open(record_path(root, "deadbeef"), "w") as f:
        f.write(cases["cut"])
    r = run(root, "restore", "--dry-run")
    check(r.returncode == 6 and "0a1b2c3d" in r.stdout,
          "corrupt: restore goes on with the others", r.stderr)
    r = run(root, "record", "set", "deadbeef", "Startup=manual")
    check(r.returncode == 6, "corrupt: is not overwritten", r.stderr)
    check(run(root, "unregister", "deadbeef").returncode == 0,
          "corrupt: can be removed")
    check(run(root, "record", "list").returncode == 0, "corrupt: all well")
    shutil.rmtree(root)


def snapshot(root):
    """Names and contents below etc, temporary files and the lock left out."""
    found = {}
    for base, _, names in os.walk(f"{root}/etc"):
        for name in names:
            if not name.startswith("."):
                found[os.path.relpath(f"{base}/{name}", root)] = \
                    read(f"{base}/{name}")
    return found


CHANGES = {
    "record set": (["record", "set", "0a1b2c3d", "Startup=manual"], ""),
    "unregister": (["unregister", "0a1b2c3d"], ""),
    "chap set-secret": (["chap", "set-secret", "--file", "-"], SECRET),
    "target add": (["target", "add", "iqn.2020-01.org:x", "--portal",
                    "192.0.2.1"], ""),
}


def count_calls(args, stdin):
    root = new_root()
    with tempfile.NamedTemporaryFile("r") as counter:
        r = run(root, *args, stdin=stdin,
                env={"LD_PRELOAD": POWERCUT, "POWERCUT_COUNT": counter.name})
        calls = int(counter.read())
    check(r.returncode == 0 and calls > 1, f"power: {args} runs", r.stderr)
    after = snapshot(root)
    shutil.rmtree(root)
    return calls, after


def fail_at(name, args, stdin, number, error, before, after):
    root = new_root()
    env = {"LD_PRELOAD": POWERCUT, "POWERCUT_AT": str(number)}
    if error:
        env["POWERCUT_ERRNO"] = str(error)
    what = f"power: {name}, call {number}, " + \
        (errno.errorcode[error] if error else "cut")
    r = run(root, *args, stdin=stdin, env=env)
    now = snapshot(root)
    torn = [f for f in now if now[f] not in (before.get(f), after.get(f))]
    check(not torn, f"{what}: every file is wholly old or new", torn)
    lost = [f for f in before if f in after and f not in now]
    check(not lost, f"{what}: nothing is lost", lost)
    if not error:
        check(r.returncode == 99, f"{what}: the cut happened", r.returncode)
    elif r.returncode == 0:
        check(now == after, f"{what}: success means done")
    else:
        check(re.match("iscsictl: .*: .*", r.stderr) and r.returncode in
              (6, 13), f"{what}: is told", r.stderr)
    r = run(root, *args, stdin=stdin)
    gone = name == "unregister" and r.returncode == 2
    doubled = name == "target add" and r.returncode == 7
    check(r.returncode == 0 or gone or doubled,
          f"{what}: it can be repeated", r.stderr)
    check(snapshot(root).keys() == after.keys(),
          f"{what}: and is then complete", sorted(snapshot(root)))
    left = [f for base, _, names in os.walk(f"{root}/etc") for f in names
            if f.startswith(".new-")]
    check(not left or gone, f"{what}: no temporary file stays", left)
    shutil.rmtree(root)


def test_power_cuts():
    root = new_root()
    before = snapshot(root)
    shutil.rmtree(root)
    for name, (args, stdin) in CHANGES.items():
        calls, after = count_calls(args, stdin)
        for number in range(1, calls + 1):
            for error in (0, errno.ENOSPC, errno.EIO, errno.EROFS):
                fail_at(name, args, stdin, number, error, before, after)


def test_unreadable_directories():
    """A list that an error cuts short is not taken for a shorter list."""
    root = new_root()
    os.makedirs(f"{root}/etc/iscsi/nodes/iqn.2020-01.org.example:x")
    for args, name in ((["record", "list"], "records"),
                       (["restore"], "records"),
                       (["target", "list"], "portals"),
                       (["import", "open-iscsi"], "nodes"),
                       (["import", "open-iscsi"], "iqn.2020-01.org.example:x")):
        os.makedirs(f"{root}/etc/iscsi-mpio/{name}", exist_ok=True)
        r = run(root, *args, env={"LD_PRELOAD": POWERCUT, "READDIR_IN": name})
        check(r.returncode == 6 and "cannot read" in r.stderr,
              f"directory: {args[0]} with unreadable {name}",
              (r.returncode, r.stderr))
    shutil.rmtree(root)


def test_secrets():
    root = new_root()
    run(root, "chap", "set-secret", "--file", "-", stdin=SECRET + "\n")
    path = f"{root}/etc/iscsi-mpio/secrets"
    mode = stat.S_IMODE(os.stat(path).st_mode)
    check(mode == 0o700, "secrets: directory 0700", oct(mode))
    mode = stat.S_IMODE(os.stat(f"{path}/initiator").st_mode)
    check(mode == 0o600, "secrets: file 0600", oct(mode))
    stored = bytes.fromhex(read(f"{path}/initiator").strip()[2:])
    check(stored.decode() == SECRET, "secrets: stored as given")
    for text, ok in (("x" * 11, False), ("x" * 12, True), ("x" * 255, True),
                     ("x" * 256, False), ("0x" + "ab" * 12, True),
                     ("0x" + "ab" * 11, False), ("0xabc", False),
                     ("", False), ("with space inside it", True)):
        r = run(root, "chap", "set-secret", "--file", "-", stdin=text)
        check((r.returncode == 0) == ok, f"secrets: {text[:20]!r}", r.stderr)
    for text, code, why in (("\ufeff" + SECRET, 7, "byte order mark"),
                            (SECRET + " ", 0, "part of it"),
                            (f'"{SECRET}"', 0, "part of it"),
                            (SECRET, 0, "")):
        r = run(root, "chap", "set-secret", "--file", "-", stdin=text)
        check(r.returncode == code and why in r.stderr and
              bool(why) == bool(r.stderr), f"secrets: {why or 'plain'}",
              r.stderr)
    shutil.rmtree(root)


def test_prompt():
    """A secret that is typed is stored and not seen."""
    root = new_root(record=False)
    code, seen = on_terminal(root, "chap", "set-secret", types=SECRET + "\n")
    check(code == 0 and "secret: " in seen and SECRET not in seen,
          "prompt: asks without echo", seen)
    stored = read(f"{root}/etc/iscsi-mpio/secrets/initiator")
    check(bytes.fromhex(stored.strip()[2:]).decode() == SECRET,
          "prompt: stored as typed")
    code, seen = on_terminal(root, "chap", "set-secret", types="short\n")
    check(code == 7 and "12" in seen, "prompt: too short", seen)
    shutil.rmtree(root)


def test_colours():
    """Tables have colours on a terminal, and not with NO_COLOR or a pipe."""
    root = new_root()
    _, seen = on_terminal(root, "record", "list")
    check("\033[" in seen, "colours: on a terminal", seen)
    _, seen = on_terminal(root, "record", "list", env={"NO_COLOR": "1"})
    check("\033[" not in seen and "0a1b2c3d" in seen,
          "colours: not with NO_COLOR", seen)
    check("\033[" not in run(root, "record", "list").stdout,
          "colours: not in a pipe")
    shutil.rmtree(root)


def test_names():
    """Where the initiator name comes from."""
    root = new_root(record=False)
    conf = f"{root}/etc/iscsi-mpio/initiator.conf"
    args = ["discover", "127.0.0.1:1"]
    os.unlink(conf)
    run(root, *args)
    made = re.search("^InitiatorName=(.*)$", read(conf), re.M)
    check(made and re.fullmatch("iqn.2026-11.org.iscsi-mpio:[0-9a-f]{12}",
                                made[1]), "name: generated and saved")
    text = read(conf)
    run(root, *args)
    check(read(conf) == text, "name: generated once")
    os.unlink(conf)
    os.mkdir(f"{root}/etc/iscsi")
    with open(f"{root}/etc/iscsi/initiatorname.iscsi", "w") as f:
        f.write("## comment\nInitiatorName = iqn.2020-01.org:foreign\n")
    run(root, *args)
    check(not os.path.exists(conf), "name: open-iscsi's is taken")
    with open(conf, "w") as f:
        f.write("InitiatorName=Non sense\n")
    r = run(root, *args)
    check(r.returncode == 7 and "initiator.conf" in r.stderr,
          "name: a bad one is named", r.stderr)
    shutil.rmtree(root)


def test_two_tools():
    """Many tools at once: no update is lost, no record is torn."""
    root = new_root()
    tools = [subprocess.Popen([TOOL, "--root", root, "target", "add",
                               f"iqn.2020-01.org:t{i}", "--portal",
                               "192.0.2.1"]) for i in range(100)]
    codes = {t.wait() for t in tools}
    check(codes == {0}, "lock: all succeed", codes)
    r = run(root, "--json", "target", "list")
    check(len(json.loads(r.stdout)) == 100, "lock: nothing is lost",
          len(json.loads(r.stdout)))
    shutil.rmtree(root)


def test_two_tools_one_stuck():
    """Who waits for another tool says for whom, and only as long as told."""
    root = new_root(record=False)
    with open(f"{root}/etc/iscsi-mpio/.lock", "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        start = time.monotonic()
        r = run(root, "--timeout", "2500ms", "target", "add",
                "iqn.2020-01.org:x", "--portal", "192.0.2.1")
        took = time.monotonic() - start
    who = f"held by process {os.getpid()} python"
    check(r.returncode == 6 and r.stderr.count(who) == 2 and
          "waiting for" in r.stderr.split("\n")[0],
          "stuck: is told, and by whom", f"{r.returncode} {r.stderr}")
    check(2.4 < took < 10, "stuck: as long as --timeout", took)
    shutil.rmtree(root)


def test_two_tools_for_long():
    """Two at once, 500 times each, on one file: every update is there."""
    root = new_root()

    def add(which):
        for i in range(500):
            r = run(root, "target", "add", f"iqn.2020-01.org:{which}{i}",
                    "--portal", "192.0.2.1")
            codes.add(r.returncode)

    codes = set()
    workers = [threading.Thread(target=add, args=(w,)) for w in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    r = run(root, "--json", "target", "list")
    check(codes == {0} and len(json.loads(r.stdout)) == 1000,
          "lock: 1000 updates by two tools", f"{codes} {len(r.stdout)}")
    shutil.rmtree(root)


def test_many_records():
    root = new_root()
    for i in range(10000):
        with open(record_path(root, f"{i:08x}"), "w") as f:
            f.write(record_text(ISID=f"8000{i:08x}"))
    before = os.times()
    r = run(root, "--json", "record", "list")
    after = os.times()
    check(r.returncode == 0 and len(json.loads(r.stdout)) == 10001,
          "many: all are listed", r.stderr[:200])
    # Time of the processor: others may be at work here, too.
    took = after.children_user - before.children_user + \
        after.children_system - before.children_system
    check(took <= 1, "many: 10 000 records are listed in a second", took)
    r = run(root, "record", "show", "00000a")
    check(r.returncode == 7 and "begin like this" in r.stderr,
          "many: an ambiguous prefix is refused", r.stderr)
    shutil.rmtree(root)


NODE = """# BEGIN RECORD 2.1.8
node.name = iqn.2020-01.org:disk
node.tpgt = 1
node.startup = automatic
iface.iscsi_ifacename = default
iface.transport_name = {transport}
iface.ipaddress = <empty>
node.discovery_type = send_targets
node.session.nr_sessions = {sessions}
node.session.auth.authmethod = CHAP
node.session.auth.username = alice
node.session.auth.password = {secret}
node.session.timeo.replacement_timeout = -1
node.session.iscsi.FirstBurstLength = 65536
node.conn[0].address = {address}
node.conn[0].port = 3260
node.conn[0].timeo.noop_out_interval = 2
node.conn[0].iscsi.HeaderDigest = CRC32C,None
# END RECORD
"""


def test_import():
    """Records of open-iscsi become ours once, secrets included."""
    root = new_root(record=False)
    r = run(root, "import", "open-iscsi")
    check(r.returncode == 21, "import: nothing there", r.stderr)
    for address, sessions, secret, transport in (
            ("192.0.2.1", 2, SECRET, "tcp"), ("192.0.2.2", 1, SECRET, "tcp"),
            ("192.0.2.3", 1, "short", "tcp"),
            ("192.0.2.4", 1, SECRET, "bnx2i")):
        path = f"{root}/etc/iscsi/nodes/iqn.2020-01.org:disk/{address},3260,1"
        os.makedirs(path)
        with open(f"{path}/default", "w") as f:
            f.write(NODE.format(address=address, sessions=sessions,
                                secret=secret, transport=transport))
    r = run(root, "import", "open-iscsi", "--dry-run")
    check(not os.path.exists(f"{root}/etc/iscsi-mpio/records"),
          "import: a dry run stores nothing", r.stderr)
    r = run(root, "import", "open-iscsi")
    check(r.returncode == 7 and "192.0.2.3" in r.stderr and
          "bnx2i" in r.stderr, "import: what is left out is named", r.stderr)
    records = json.loads(run(root, "--json", "export").stdout)
    check(len(records) == 3, "import: nr_sessions counts", records)
    check(len({x["ISID"] for x in records}) == 3, "import: ISIDs differ")
    for x in records:
        want = {"IsMultipathEnabled": True, "Startup": "automatic",
                "AuthenticationType": "ONEWAYCHAP", "ChapUsername": "alice",
                "NoPathTimeout": "infinite", "FirstBurstLength": 65536,
                "NopInterval": 2000, "IsHeaderDigest": True,
                "IsDiscovered": True}
        got = {k: x.get(k) for k in want}
        check(got == want, "import: values", got)
        secret = read(f"{root}/etc/iscsi-mpio/secrets/"
                      f"{x['RecordIdentifier']}.chap")
        check(bytes.fromhex(secret.strip()[2:]).decode() == SECRET,
              "import: secret")
    check(SECRET not in r.stdout + r.stderr, "import: no secret is shown")
    run(root, "import", "open-iscsi")
    check(len(json.loads(run(root, "--json", "export").stdout)) == 3,
          "import: twice changes nothing")
    shutil.rmtree(root)


def test_import_timer():
    """replacement_timeout is a path's with dm-multipath, never all paths'."""
    for seconds, conf, want in (
            (5, "", None), (5, " no_path_retry queue\n", "infinite"),
            (5, " no_path_retry fail\n", 0),
            (5, " no_path_retry 6\n polling_interval 20\n", 120000),
            (5, ' features "1 queue_if_no_path"\n', "infinite"),
            (5, ' features "0" # queue_if_no_path\n', None),
            (5, ' features "1 queue_if_no_path"\n no_path_retry fail\n', 0),
            (900, "", 900000), (900, " no_path_retry queue\n", "infinite")):
        root = new_root(record=False)
        path = f"{root}/etc/iscsi/nodes/iqn.2020-01.org:disk/192.0.2.1,3260,1"
        os.makedirs(path)
        with open(f"{path}/default", "w") as f:
            f.write(NODE.format(address="192.0.2.1", sessions=1, secret=SECRET,
                                transport="tcp").replace(
                "replacement_timeout = -1", f"replacement_timeout = {seconds}"))
        if conf:
            with open(f"{root}/etc/multipath.conf", "w") as f:
                f.write("defaults {\n" + conf + "}\n")
        r = run(root, "import", "open-iscsi")
        got = json.loads(run(root, "--json", "export").stdout)[0].get(
            "NoPathTimeout")
        check(got == want, f"import: replacement_timeout {seconds},{conf!r}",
              f"{got} {r.stderr}")
        check(("replacement_timeout=5 has no equivalent" in r.stderr) ==
              (want is None) and "node.conn" not in r.stderr,
              "import: what is not taken is said, and no more", r.stderr)
        shutil.rmtree(root)


SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
host=$2
shift 2
[ "$host" = dead ] && { echo "ssh: no route to $host" >&2; exit 255; }
exec sh -c "$*"
"""


def test_hosts():
    """--host with an ssh that stays here."""
    root = new_root()
    with open(f"{root}/ssh", "w") as f:
        f.write(SSH)
    os.chmod(f"{root}/ssh", 0o755)
    env = {"PATH": f"{root}:{os.path.dirname(TOOL)}:{os.environ['PATH']}"}
    r = run(root, "--json", "--host", "one", "--host=root@two", "record",
            "list", env=env)
    names = [x["ComputerName"] for x in json.loads(r.stdout)]
    check(r.returncode == 0 and names == ["one", "root@two"],
          "hosts: answers are merged", r.stdout + r.stderr)
    r = run(root, "--host", "one", "--host", "dead", "record", "list",
            env=env)
    check(r.returncode == 4 and "iscsictl: dead: " in r.stderr and
          "one: 0a1b2c3d" in r.stdout, "hosts: one is dead", r.stderr)
    r = run(root, "--host", "one", "record", "set", "0a1b", "ChapUsername=it's"
            " \"$HOME\"", env=env)
    check("ChapUsername=it's \"$HOME\"\n" in read(record_path(root)),
          "hosts: words arrive as they are", r.stderr)
    r = run(root, "--host", "one", "chap", "set-secret", "--file", "-",
            stdin=SECRET, env=env)
    check(r.returncode == 0, "hosts: a secret goes through stdin", r.stderr)
    lines = f"{root}/lines"
    with open(f"{root}/ssh", "w") as f:
        f.write(SSH.replace("exec sh", f'cat >"{lines}.$host"; exit 0; :'))
    objects = [{"ComputerName": h, "SessionIdentifier": f"{h}-id"}
               for h in ("one", "two")] + [{"SessionIdentifier": "any"}]
    r = run(root, "--host", "one", "--host", "two", "register",
            "--from-json", "-", stdin=json.dumps(objects), env=env)
    got = {h: [x["SessionIdentifier"] for x in
               json.loads(read(f"{lines}.{h}"))] for h in ("one", "two")}
    check(r.returncode == 0 and
          got == {h: [f"{h}-id", "any"] for h in ("one", "two")},
          "hosts: each gets its own objects", f"{got} {r.stderr}")
    r = run(root, "--host=-oProxyCommand=x", "record", "list", env=env)
    check(r.returncode == 7, "hosts: an option is no host", r.stderr)
    shutil.rmtree(root)


def main():
    import library	# what it needs is not in the VM, where powerfs.py is
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    for module in (sys.modules[__name__], boot, changes, values, words, front,
                   papers, names, discovery, tables, library, doctor,
                   messages, monitoring, picture):
        for name, test in list(vars(module).items()):
            if name.startswith("test_") and only in name:
                test()
    print(f"{results[True]} passed, {results[False]} failed")
    return results[False] > 0


if __name__ == "__main__":
    sys.exit(main())
