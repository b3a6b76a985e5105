# SPDX-License-Identifier: GPL-2.0
"""Commands that came late: what they take, and that each synonym is real."""
import json
import os
import re
import shutil
import time

from changes import files
from harness import (HERE, SECRET, TOOL, check, new_root, read, record_path,
                     run)

TOP = os.path.join(HERE, "../..")
NAME = "iqn.2020-01.org.example:disk"


def test_synonyms():
    """Every command that is named instead of a wrong one exists."""
    rows = re.findall(r'\{ (NULL|"[^"]*"), "([^"]*)",\s*"([^"]*)" \}',
                      read(f"{TOP}/userspace/cli/synonym.c"))
    check(len(rows) >= 70, "synonyms: all are seen", len(rows))
    for noun, word, command in rows:
        if noun == '"*"':
            continue
        noun = [] if noun == "NULL" else [noun.strip('"')]
        r = run("/", *noun, word)
        check(r.returncode == 7 and
              f"here it is: iscsictl {command}\n" in r.stderr,
              f"synonyms: {noun} {word}", r.stderr)
        if command[0] != "-":
            words = [w for w in command.split() if w[0] != "-"]
            r = run("/", *words, "--help")
            check(r.returncode == 0, f"synonyms: {command} is one", r.stderr)


def test_help():
    """help names what --help names."""
    for words, wanted in (((), "usage: iscsictl [GLOBAL"),
                          (("session",), "session show"),
                          (("session", "list"), "usage: iscsictl session"),
                          (("connect",), "--multipath")):
        r = run("/", "help", *words)
        check(r.returncode == 0 and wanted in r.stdout, f"help: {words}",
              r.stdout + r.stderr)
    for words in (("frob",), ("session", "frob")):
        check(run("/", "help", *words).returncode == 7, f"help: {words}")


def test_initiator():
    """The name is shown, set, made, and left alone if it is there."""
    root = new_root(record=False)
    conf = f"{root}/etc/iscsi-mpio/initiator.conf"
    os.unlink(conf)
    r = run(root, "initiator", "get")
    check(r.returncode == 21, "initiator: none yet", r.stderr)
    r = run(root, "initiator", "set", "--generate", "--if-missing")
    made = r.stdout.strip()
    check(r.returncode == 0 and re.fullmatch(
        "iqn.2026-11.org.iscsi-mpio:[0-9a-f]{12}", made),
        "initiator: is made", r.stdout + r.stderr)
    got = json.loads(run(root, "--json", "initiator", "get").stdout)
    check(got == [{"InitiatorNodeAddress": made,
                   "File": "/etc/iscsi-mpio/initiator.conf"}],
          "initiator: is shown", got)
    before = files(root)
    r = run(root, "initiator", "set", "--generate", "--if-missing")
    check(r.returncode == 0 and r.stdout == "" and files(root) == before,
          "initiator: stays", r.stderr)
    r = run(root, "initiator", "set", "--generate")
    check(r.returncode == 0 and r.stdout.strip() not in ("", made),
          "initiator: another one", r.stdout)
    r = run(root, "initiator", "set", "iqn.2020-01.org:mine")
    check(r.returncode == 0 and
          "InitiatorName=iqn.2020-01.org:mine\n" in read(conf),
          "initiator: is set", r.stderr)
    for bad in (("x/",), (), ("iqn.2020-01.org:a", "--generate")):
        check(run(root, "initiator", "set", *bad).returncode == 7,
              f"initiator: {bad}")
    run(root, "record", "add", NAME, "--portal", "192.0.2.1")
    r = run(root, "initiator", "set", "iqn.2020-01.org:other")
    check("1 records keep another name" in r.stderr,
          "initiator: records are told", r.stderr)
    with open(conf, "w") as f:
        f.write("InitiatorName: iqn.2020-01.org:x\n")
    before = files(root)
    r = run(root, "initiator", "set", "--generate", "--if-missing")
    check(r.returncode == 7 and files(root) == before,
          "initiator: a slip is not buried", r.stderr)
    shutil.rmtree(root)


def test_record_add():
    """Records without a session, once or as often as one says."""
    root = new_root(record=False)
    portals = ("--portal", "192.0.2.1", "--portal", "[fd00::1]:860")
    r = run(root, "record", "add", NAME, *portals)
    check(r.returncode == 7 and "--multipath" in r.stderr,
          "add: two portals need multipath", r.stderr)
    r = run(root, "--json", "record", "add", NAME, *portals, "--multipath",
            "--startup", "manual", "--set", "NopInterval=1s",
            "--chap-secret-file", "-", "--chap-username", "alice",
            stdin=SECRET)
    got = json.loads(r.stdout)
    check(r.returncode == 0 and len(got) == 2, "add: two records", r.stderr)
    want = {"TargetNodeAddress": NAME, "IsMultipathEnabled": True,
            "Startup": "manual", "NopInterval": 1000,
            "AuthenticationType": "ONEWAYCHAP", "ChapUsername": "alice",
            "InitiatorNodeAddress": "iqn.2020-01.org.example:host"}
    for x in got:
        check({k: x.get(k) for k in want} == want, "add: values", x)
        secret = read(f"{root}/etc/iscsi-mpio/secrets/"
                      f"{x['RecordIdentifier']}.chap")
        check(bytes.fromhex(secret.strip()[2:]).decode() == SECRET,
              "add: secret")
    check([(x["TargetPortalAddress"], x["TargetPortalPortNumber"])
           for x in got] == [("192.0.2.1", 3260), ("fd00::1", 860)] and
          got[0]["ISID"] != got[1]["ISID"], "add: portals and ISIDs", got)
    check(SECRET not in r.stdout + r.stderr, "add: no secret is shown")
    before = files(root)
    r = run(root, "--json", "record", "add", NAME, *portals, "--multipath",
            "--if-missing")
    check(r.returncode == 0 and files(root) == before and
          [x["RecordIdentifier"] for x in json.loads(r.stdout)] ==
          [x["RecordIdentifier"] for x in got], "add: if missing", r.stderr)
    r = run(root, "record", "add", NAME, "--portal", "192.0.2.1")
    check(r.returncode == 15 and files(root) == before,
          "add: not beside multipath", r.stderr)
    r = run(root, "record", "add", NAME, "--portal", "192.0.2.1",
            "--multipath")
    check(r.returncode == 0 and len(os.listdir(os.path.dirname(
        record_path(root)))) == 3, "add: a second one", r.stderr)
    run(root, "target", "add", "iqn.2020-01.org:y", "--portal", "192.0.2.9")
    r = run(root, "--json", "record", "add", "iqn.2020-01.org:y")
    check(json.loads(r.stdout)[0]["TargetPortalAddress"] == "192.0.2.9",
          "add: a known target needs no portal", r.stderr)
    before = files(root)
    for bad, code in ((("--set", "ISID=c00000000000"), 7),
                      (("--set", "FirstBurstLength=9999",
                        "--set", "MaxBurstLength=512"), 7),
                      (("--set", "NoPathTimeout=120"), 7),
                      (("--set", "AuthenticationType=ONEWAYCHAP"), 7),
                      (("--auth", "mutual", "--chap-key", "a:b"), 7)):
        r = run(root, "record", "add", "iqn.2020-01.org:z", "--portal",
                "192.0.2.1", *bad)
        check(r.returncode == code and files(root) == before,
              f"add: {bad}", f"{r.returncode} {r.stderr}")
    r = run(root, "record", "add", "iqn.2020-01.org:z", "--portal",
            "192.0.2.1", "--dry-run")
    check(r.returncode == 0 and "would store" in r.stderr and
          files(root) == before, "add: dry run", r.stderr)
    shutil.rmtree(root)


def test_target_add_again():
    root = new_root(record=False)
    add = ("target", "add", "iqn.2020-01.org:x", "--portal", "192.0.2.1")
    for more, code in (((), 0), ((), 7), (("--if-missing",), 0)):
        r = run(root, *add, *more)
        check(r.returncode == code, f"again: {code}", r.stderr)
    shutil.rmtree(root)


SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
{what}
"""


def ssh(root, what):
    with open(f"{root}/ssh", "w") as f:
        f.write(SSH.replace("{what}", what))
    os.chmod(f"{root}/ssh", 0o755)
    return {"PATH": f"{root}:{os.path.dirname(TOOL)}:{os.environ['PATH']}"}


def test_hosts_are_not_trusted():
    """What a host says is data: it steers no terminal and names no host."""
    root = new_root()
    evil = r"\033]0;owned\007\033[2J\302\2332J\2332J\177\342\200\256ok"
    env = ssh(root, f"printf '{evil}\\n'; printf '{evil}\\n' >&2")
    r = run(root, "--host", "one", "record", "list", env=env)
    for text, where in ((r.stdout, "output"), (r.stderr, "errors")):
        check("ok" in text and not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text),
            f"hosts: {where} steer nothing", repr(text))
    forged = ('[{"ComputerName": "two", "SessionIdentifier": "1-1", '
              '"computername": "two", "Computer\\\\u004eame": "two", '
              '"Disks": ["ComputerName", "sda"]}, {"ComputerName":"x"}, {}]')
    env = ssh(root, f"printf '%s' '{forged}'")
    r = run(root, "--json", "--host", "one", "session", "list", env=env)
    seen = []

    def pairs(members):
        seen.append([m for m in members if m[0].lower() == "computername"])
        return dict(members)

    got = json.loads(r.stdout, object_pairs_hook=pairs)
    check(seen == [[("ComputerName", "one")]] * 3 and
          got[0]["Disks"] == ["ComputerName", "sda"] and
          got[0]["SessionIdentifier"] == "1-1",
          "hosts: the name is ours", r.stdout)
    r = run(root, "record", "show", "\033[2J\x9bx\u009by")
    check("\033" not in r.stderr and "\u009b" not in r.stderr and
          "?[2J" in r.stderr, "hosts: nor do words of the user", r.stderr)
    shutil.rmtree(root)


def test_hosts_in_time():
    """--timeout bounds hosts that do not answer, and only those."""
    root = new_root()
    env = ssh(root, 'case $2 in slow) exec sleep 30;; esac; echo "[]"')
    start = time.monotonic()
    r = run(root, "--timeout", "1", "--host", "slow", "--host", "quick",
            "record", "list", env=env)
    took = time.monotonic() - start
    check(r.returncode == 8 and "iscsictl: slow: no answer in time" in
          r.stderr and "quick: []" in r.stdout, "hosts: slow one is told",
          f"{r.returncode} {r.stdout} {r.stderr}")
    check(1 <= took < 5, "hosts: in time", took)
    r = run(root, "--timeout", "500ms", "--throttle-limit", "1", "--host",
            "slow", "--host", "quick", "--json", "record", "list", env=env)
    check(r.returncode == 8 and json.loads(r.stdout) == [] and
          "before its turn" in r.stderr, "hosts: nor their followers",
          r.stderr)
    shutil.rmtree(root)


def test_objects():
    """Objects in a pipe name sessions, targets and records alike."""
    root = new_root()
    session = {"SessionIdentifier": "1234567812345678-0000000000000001",
               "TargetNodeAddress": NAME}
    target = {"NodeAddress": NAME, "Portals": []}
    for command, objects, code, why in (
            (("disconnect",), [session, target], (13, 27), "module"),
            (("disconnect",), [{"x": 1}], (7,), "no object has a Session"),
            (("connect",), [target, {"NodeAddress": "iqn.2020-01.org:y"}],
             (21,), "is not known"),
            (("connect",), [session], (21,), "is not known"),
            (("record", "connect"), [{"RecordIdentifier": "0a1b2c3d"}],
             (13, 27), "module")):
        r = run(root, *command, "--from-json", "-",
                stdin=json.dumps(objects))
        check(r.returncode in code and why in r.stderr,
              f"objects: {command} {objects}", f"{r.returncode} {r.stderr}")
    r = run(root, "connect", "--from-json", "-", stdin=json.dumps(
        [target, {"NodeAddress": "iqn.2020-01.org:y"}]))
    check(NAME in r.stderr and "iqn.2020-01.org:y" in r.stderr,
          "objects: each target has its turn", r.stderr)
    shutil.rmtree(root)
