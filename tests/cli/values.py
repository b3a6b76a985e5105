# SPDX-License-Identifier: GPL-2.0
"""What a value means, and that what is stored can log in."""
import json
import os
import re
import shutil

from changes import add_record, files
from harness import (HERE, SECRET, check, crc32c, new_root, read, record_path,
                     record_text, run)

TOP = os.path.join(HERE, "../..")


def stored(root, key, name="0a1b2c3d"):
    found = re.search(f"^{key}=(.*)$", read(record_path(root, name)), re.M)
    return found and found[1]


def test_times():
    """Times have units; leading zeros are no octal; little needs --force."""
    root = new_root()
    for given, want in (
            ("NopInterval=5s", "5000"), ("NopInterval=500ms", "500"),
            ("NoPathTimeout=2min", "120000"), ("NoPathTimeout=1h", "3600000"),
            ("NoPathTimeout=1d", "86400000"), ("NopInterval=0500", "500"),
            ("NopInterval=1000", "1000"), ("NopInterval=0", "0"),
            ("TargetPortalPortNumber=03260", "3260"),
            ("FirstBurstLength=065536", "65536"),
            ("NoPathTimeout=infinite", "infinite"), ("Dscp=046", "46")):
        r = run(root, "record", "set", "0a1b2c3d", given)
        key = given.split("=")[0]
        check(r.returncode == 0 and stored(root, key) == want,
              f"values: {given} is {want}", r.stderr)
    for given in ("NopInterval=5", "NoPathTimeout=120", "NopTimeout=60",
                  "LoginTimeout=150ms", "ReconnectDelayMax=30",
                  "TmfTimeout=150", "FenceTimeout=60", "MarginalHoldDown=60"):
        before = files(root)
        r = run(root, "record", "set", "0a1b2c3d", given)
        check(r.returncode == 7 and "--force" in r.stderr and
              "milliseconds" in r.stderr and files(root) == before,
              f"values: {given} asks", r.stderr)
        r = run(root, "record", "set", "0a1b2c3d", given, "--force",
                "ReconnectDelayMin=10")
        check(r.returncode == 0 and files(root) != before,
              f"values: {given} with --force", r.stderr)
    shutil.rmtree(root)


def test_settings_are_the_kernels():
    """Ranges and defaults are those of the kernel."""
    rules = dict(re.findall(
        r'\[(MPIO_TA_\w+)\]\s*= \{ (\w+,\s*\{[^}]*) \} \}',
        read(f"{TOP}/kernel/base/setting.c")))
    ours = dict(re.findall(
        r'\[(MPIO_TA_\w+)\]\s*= \{ ([^}]*) \}',
        read(f"{TOP}/userspace/store/settings.c")))
    names = dict(re.findall(r'\[(MPIO_TA_\w+)\] = "(\w+)"',
                            read(f"{TOP}/userspace/lib/bounds.c")))
    check(len(rules) == len(ours) == len(names) == 17, "values: settings",
          sorted(rules))
    said = dict(re.findall(r"(MPIO_TA_\w+),\s*/\* (\w+)",
                           read(f"{TOP}/include/uapi/linux/iscsi_mpio.h")))
    check(names == said, "values: names of settings", names)
    units = {"DAY_MS": "86400000", "DAY": "86400000"}
    compared = 0
    for name, rule in rules.items():
        usual, least, most = (units.get(x, x) for x in
                              re.split(r",\s*\{\s*|,\s*", rule))
        mine = [units.get(x, x) for x in re.split(r",\s*", ours[name])]
        if not mine[0].isdigit():
            continue		# words
        compared += 1
        check(mine[0] == least, f"values: least {name}", f"{mine} {rule}")
        if most.isdigit() and mine[1].isdigit():
            check(mine[1] == most, f"values: most {name}", mine)
        if len(mine) > 2 and mine[2].isdigit():
            check(mine[2] == usual, f"values: default {name}", mine)
    check(compared == 13, "values: numbers are compared", compared)


def test_unset():
    """KEY= takes a key back, as if it had never been said."""
    root = new_root()
    before = read(record_path(root))
    pairs = ("NopInterval=1s", "NoPathTimeout=infinite", "FenceMode=wait",
             "FirstBurstLength=65536", "InitialR2T=No", "IsDataDigest=Yes",
             "LoadBalancePolicy=RR", "InitiatorInterface=eth0",
             "InitiatorPortalAddress=192.0.2.9", "ChapUsername=x",
             "PathWeights=0:5", "Dscp=46", "MaxOutstandingR2T=4",
             "IsHeaderDigest=CRC32C", "NoScan=on", "Startup=manual",
             "TargetPortalPortNumber=860", "CongestionControl=reno")
    r = run(root, "record", "set", "0a1b2c3d", *pairs)
    check(r.returncode == 0, "unset: all are set", r.stderr)
    check(stored(root, "NoScan") == "Yes" and
          stored(root, "IsHeaderDigest") == "Yes", "unset: words for yes")
    r = run(root, "record", "set", "0a1b2c3d",
            *(p.split("=")[0] + "=" for p in pairs))

    def meant(text):
        lines = [x for x in text.split("\n") if not x.startswith("Checksum")
                 and not x.endswith("=") and not x.endswith("=No")]
        return sorted(lines)

    check(r.returncode == 0 and meant(read(record_path(root))) ==
          meant(before), "unset: the record is as it was", r.stderr +
          read(record_path(root)))
    for key in ("TargetNodeAddress", "TargetPortalAddress", "ISID",
                "InitiatorNodeAddress"):
        r = run(root, "record", "set", "0a1b2c3d", f"{key}=")
        check(r.returncode == 7, f"unset: {key} must stay", r.stderr)
    shutil.rmtree(root)


def test_policy_numbers():
    """A policy's number is mpclaim's."""
    for number, name in enumerate(("FOO", "RR", "RRWS", "LQD", "WP", "LB"), 1):
        root = new_root()
        r = run(root, "record", "set", "0a1b2c3d",
                f"LoadBalancePolicy={number}")
        check(r.returncode == 0 and stored(root, "LoadBalancePolicy") == name,
              f"values: policy {number} is {name}", r.stderr)
        shutil.rmtree(root)


def test_no_dead_records():
    """record set refuses what the next start could not log in."""
    root = new_root()
    before = files(root)
    for pairs, why in (
            (("FirstBurstLength=262144", "MaxBurstLength=8192"),
             "must not exceed MaxBurstLength"),
            (("ReconnectDelayMin=10s",), "must not exceed ReconnectDelayMax"),
            (("AuthenticationType=ONEWAYCHAP",), "CHAP needs a name"),
            (("AuthenticationType=ONEWAYCHAP", "ChapUsername=a"),
             "its CHAP secret is not stored"),
            (("AuthenticationType=MUTUALCHAP", "ChapUsername=a",
              "ChapKey=a:b"), "no secret for mutual CHAP"),
            (("ISID=c00000000001",), "reserved"),
            (("ISID=000000000000",), "no ISID"),
            (("MaxOutstandingR2T=9",), "within 1 to 8"),
            (("InitiatorPortalAddress=fd00::1",), "both be IPv4 or both IPv6")):
        r = run(root, "record", "set", "0a1b2c3d", *pairs)
        check(r.returncode in (7, 24) and why in r.stderr and
              files(root) == before, f"dead: {pairs}", r.stderr)
    for pairs in (("MaxBurstLength=8192",), ("ReconnectDelayMin=10s",
                  "ReconnectDelayMax=20s"), ("AuthenticationType=ONEWAYCHAP",
                  "ChapUsername=a", "ChapKey=a:b")):
        r = run(root, "record", "set", "0a1b2c3d", *pairs)
        check(r.returncode == 0, f"dead: {pairs} is none", r.stderr)
    shutil.rmtree(root)


def test_secret_of_a_record():
    """record set stores a secret, and changes it."""
    root = new_root()
    file = f"{root}/etc/iscsi-mpio/secrets/0a1b2c3d.chap"

    def kept(path=file):
        return bytes.fromhex(read(path).strip()[2:]).decode()

    r = run(root, "record", "set", "0a1b2c3d", "--chap-secret-file", "-",
            "ChapUsername=alice", stdin=SECRET)
    check(r.returncode == 0 and kept() == SECRET and
          stored(root, "AuthenticationType") == "ONEWAYCHAP",
          "secret: is stored, and CHAP wanted", r.stderr)
    check(os.stat(file).st_mode & 0o777 == 0o600, "secret: for root alone")
    r = run(root, "record", "set", "0a1b2c3d", "--chap-secret-file", "-",
            stdin=SECRET + "2")
    check(r.returncode == 0 and kept() == SECRET + "2", "secret: changes",
          r.stderr)
    run(root, "record", "undo")
    check(kept() == SECRET, "secret: and back")
    r = run(root, "record", "set", "0a1b2c3d", "--target-secret-file", "-",
            stdin=SECRET)
    check(r.returncode == 7 and "different" in r.stderr,
          "secret: not the same both ways", r.stderr)
    r = run(root, "record", "set", "0a1b2c3d", "--target-secret-file", "-",
            stdin=SECRET + "3")
    check(r.returncode == 0 and kept(file[:-4] + "mutual") == SECRET + "3" and
          stored(root, "AuthenticationType") == "MUTUALCHAP",
          "secret: of the target", r.stderr)
    r = run(root, "record", "set", "0a1b2c3d", "--chap-secret-file", "-",
            stdin="short")
    check(r.returncode == 7 and kept() == SECRET, "secret: too short")
    r = run(root, "record", "set", "0a1b2c3d")
    check(r.returncode == 7 and "KEY=VALUE or a secret" in r.stderr,
          "secret: nothing to change", r.stderr)
    shutil.rmtree(root)


def test_edited_records():
    """A record edited by hand is taken if it is valid, and named if not."""
    root = new_root()
    path = record_path(root)
    text = read(path)
    for what, edited, code, says in (
            ("a value", text.replace("192.0.2.1", "192.0.2.7"), 0,
             "was edited by hand"),
            ("a comment", text.replace("Version", "# mine\nVersion"), 0,
             "was edited by hand"),
            ("a time", text.replace("Startup", "NopInterval=5s\nStartup"), 0,
             "was edited by hand"),
            ("CRLF", text.replace("\n", "\r\n").replace("\r\nChe", "\nChe")
             .removesuffix("\r\n") + "\n", 0, "was edited by hand"),
            ("a bad value", text.replace("=automatic", "=never"), 6,
             "Startup: "),
            ("a bad key", text.replace("Startup", "Strtup"), 6,
             "there is no key Strtup"),
            ("a bad line", text.replace("Startup=", "Startup: "), 6,
             "is no KEY=VALUE"),
            ("a key twice", text.replace("Startup", "ISID=80aabbcc0009\n"
                                         "Startup"), 6, "has ISID twice"),
            ("no ISID", text.replace("ISID=80aabbcc0001\n", ""), 6,
             "no ISID"),
            ("a mark", "\ufeff" + text, 6, "is no KEY=VALUE"),
            ("no end", text.split("Checksum")[0], 6, "checksum line")):
        with open(path, "w", newline="", encoding="utf-8") as f:
            f.write(edited)
        r = run(root, "restore", "--dry-run")
        check(r.returncode == code and says in r.stderr and
              "0a1b2c3d" in r.stderr, f"edited: {what}",
              f"{r.returncode} {r.stderr}")
        row = [x for x in r.stdout.split("\n") if x.startswith("0a1b2c3d")]
        check(("add" in row[0]) == (code == 0), f"edited: {what}: restore",
              row)
        r = run(root, "record", "repair")
        now = read(path)
        body, _, end = now.rpartition("Checksum=")
        check(r.returncode == 0 and end == f"{crc32c(body.encode()):08x}\n",
              f"edited: {what} is repaired", r.stderr + now)
        r = run(root, "record", "list")
        check(r.returncode == 0 and r.stderr == "",
              f"edited: {what} is well then", r.stderr)
        run(root, "record", "undo")
        with open(path, newline="", encoding="utf-8") as f:
            check(f.read() == edited, f"edited: {what}: and back")
    with open(path, "w") as f:
        f.write("garbage\n")
    r = run(root, "record", "repair")
    check(r.returncode == 6 and "nothing can be made of it" in r.stderr and
          read(path) == "garbage\n", "edited: garbage stays", r.stderr)
    with open(path, "w") as f:
        f.write(text.replace("192.0.2.1", "192.0.2.7"))
    r = run(root, "record", "set", "0a1b2c3d", "Startup=manual")
    check(r.returncode == 0 and stored(root, "TargetPortalAddress") ==
          "192.0.2.7" and run(root, "record", "list").stderr == "",
          "edited: set keeps it and sums it", r.stderr)
    shutil.rmtree(root)


def test_edited_targets():
    """A damaged file of static targets is never written over."""
    root = new_root(record=False)
    path = f"{root}/etc/iscsi-mpio/portals/static.conf"
    run(root, "target", "add", "iqn.2020-01.org:x", "--portal", "192.0.2.1")
    text = read(path)
    for what, edited, code in (
            ("valid", text.replace("192.0.2.1", "192.0.2.7"), 0),
            ("a bad key", text.replace("Target=", "Tarrget="), 6),
            ("a bad name", text.replace("iqn.", "i$n."), 6),
            ("cut", text[:-5], 6)):
        with open(path, "w") as f:
            f.write(edited)
        r = run(root, "target", "add", "iqn.2020-01.org:y", "--portal",
                "192.0.2.2")
        check(r.returncode == code and (read(path) == edited) == bool(code),
              f"edited: static targets, {what}", r.stderr)
        if not code:
            check("192.0.2.7" in read(path), "edited: is taken", read(path))
    shutil.rmtree(root)


def test_initiator_file():
    """A slip in initiator.conf never gives the host another name."""
    root = new_root(record=False)
    path = f"{root}/etc/iscsi-mpio/initiator.conf"
    name = "iqn.2020-01.org.example:host"
    for what, text, why in (
            ("a mark", f"\ufeffInitiatorName={name}\n", "byte order mark"),
            ("a colon", f"InitiatorName: {name}\n", "is no KEY=VALUE"),
            ("a typo", f"InitatorName={name}\n",
             "no key InitatorName, did you mean InitiatorName"),
            ("no value", "InitiatorName=\n", "InitiatorName in"),
            ("two names", f"InitiatorName={name}\nInitiatorName={name}2\n",
             "given twice"),
            ("a setting", f"InitiatorName={name}\nNopIntervall=5s\n",
             "did you mean NopInterval"),
            ("a target", f"InitiatorName={name}\ndi$k/NopInterval=5s\n",
             "no key di$k/NopInterval"),
            ("quotes", f'InitiatorName="{name}"\n', "quotes")):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        r = run(root, "discover", "127.0.0.1:1")
        check(r.returncode == 7 and why in r.stderr and read(path) == text,
              f"initiator: {what}", f"{r.returncode} {r.stderr}")
    for text in (f" InitiatorName = {name} \r\n# x\n\nNopInterval=5s\n"
                 f"iqn.2020-01.org:x/NoPathTimeout=2min\n"
                 f"LoadBalancePolicy=RR\ndisk:naa.1/LoadBalancePolicy=FOO\n",
                 "NopInterval=1000\n"):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        r = run(root, "discover", "127.0.0.1:1")
        check(r.returncode == 4, f"initiator: {text!r} is good", r.stderr)
    os.rename(path, f"{root}/real.conf")
    os.symlink(f"{root}/real.conf", path)
    with open(path, "w") as f:
        f.write("# none yet\n")
    run(root, "discover", "127.0.0.1:1")
    check(os.path.islink(path) and "InitiatorName=" in
          read(f"{root}/real.conf"), "initiator: a link stays one")
    shutil.rmtree(root)
