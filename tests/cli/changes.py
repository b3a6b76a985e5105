# SPDX-License-Identifier: GPL-2.0
"""What changes something: named exactly, foretold, and taken back."""
import json
import os
import shutil
import subprocess

from harness import (HERE, SECRET, check, new_root, read, record_path,
                     record_text, run)


def files(root):
    """Names and contents below etc, but for the lock."""
    found = {}
    for base, _, names in os.walk(f"{root}/etc"):
        for name in names:
            if name != ".lock":
                path = os.path.join(base, name)
                found[os.path.relpath(path, root)] = read(path)
    return found


def add_record(root, name, secret=None, **keys):
    with open(record_path(root, name), "w") as f:
        f.write(record_text(**keys))
    if secret:
        path = f"{root}/etc/iscsi-mpio/secrets"
        os.makedirs(path, mode=0o700, exist_ok=True)
        with open(f"{path}/{name}.chap", "w") as f:
            f.write(f"0x{secret.encode().hex()}\n")
        os.chmod(f"{path}/{name}.chap", 0o600)


def test_session_words():
    """A number is a session's number; a prefix has four digits or more."""
    first = "1e6060769dbe3a8c-8034921000000001"
    table = {
        "2": "0 2 exact 0 2", "3": "0 3 exact 0 3", "12": "0 12 exact 0 12",
        "02": "0 2 exact 0 2",
        "1": "2 0 exact 2 0", "4": "2 0 exact 2 0", "44": "2 0 exact 2 0",
        "444455556": "2 0 exact 2 0", "0": "2 0 exact 2 0",
        "4444555566": "0 12 exact 7 0",
        "1e": "7 0 exact 7 0", "1e60": "7 0 exact 7 0",
        "4444555566667777-0": "0 12 exact 7 0",
        "1E6060769DBE3A8C-80349": "0 2 exact 7 0",
        first: "0 2 exact 0 2", first.upper(): "0 2 exact 0 2",
        first + "0": "2 0 exact 2 0", "zz": "2 0 exact 2 0",
        "": "2 0 exact 2 0",
    }
    out = subprocess.run([f"{HERE}/build/identifiers", *table],
                         capture_output=True, text=True).stdout
    got = [line.split(" find ")[1] for line in out.splitlines()]
    for (word, want), is_ in zip(table.items(), got, strict=True):
        check(is_ == want, f"words: session {word!r}", is_)


def test_record_words():
    """Prefixes name records to look at, never one to delete."""
    root = new_root(record=False)
    for name in ("1d3f4b07", "1d3f5c11", "47110abc", "12345678"):
        add_record(root, name, ISID=f"8000{name}")
    for word, code, why in (
            ("1d3f4b07", 0, ""), ("1D3F4", 0, ""), ("12345678", 0, ""),
            ("1d3f", 7, "2 records begin like this"), ("1d3", 7, "2 records"),
            ("471", 21, "a number names only sessions"),
            ("47110", 21, "a number names only sessions"),
            ("47110a", 0, ""), ("1", 21, "a number names only sessions"),
            ("1d3f4", 0, ""), ("4711a", 21, "no such record")):
        r = run(root, "--json", "record", "show", word)
        check(r.returncode == code and why in r.stderr,
              f"words: record {word}", f"{r.returncode} {r.stderr}")
    before = files(root)
    for word, code, why in (
            ("1", 2, "no such session"), ("4711", 2, "no such session"),
            ("1d3f4", 7, "give all of the record's identifier, 1d3f4b07"),
            ("47110a", 7, "give all"), ("feedbeef", 2, "no such")):
        r = run(root, "unregister", word)
        check(r.returncode == code and why in r.stderr and
              files(root) == before, f"words: unregister {word}",
              f"{r.returncode} {r.stderr}")
    r = run(root, "unregister", "1D3F4B07", "12345678")
    check(r.returncode == 0 and len(os.listdir(os.path.dirname(
        record_path(root)))) == 2, "words: unregister by all of it", r.stderr)
    shutil.rmtree(root)


# Commands that change what is stored, with what goes to standard input.
CHANGING = [
    ("unregister 0a1b2c3d", ""),
    ("record set 0a1b2c3d Startup=manual", ""),
    ("record undo", ""),
    ("record undo --forget", ""),
    ("target add iqn.2020-01.org:x --portal 192.0.2.1", ""),
    ("target remove iqn.2020-01.org:there", ""),
    ("portal remove 192.0.2.7", ""),
    ("chap set-secret --file -", SECRET),
    ("import open-iscsi", ""),
]


def test_dry_run():
    """--dry-run says what would change and changes nothing."""
    root = new_root(AuthenticationType="NONE")
    adm = f"{root}/iscsiadm"
    os.symlink(os.path.join(HERE, "../../userspace/iscsictl"), adm)
    run(root, "-m", "discoverydb", "-t", "st", "-p", "192.0.2.7", "-o", "new",
        tool=adm)
    run(root, "target", "add", "iqn.2020-01.org:there", "--portal",
        "192.0.2.1")
    run(root, "record", "set", "0a1b2c3d", "ChapUsername=x")
    path = f"{root}/etc/iscsi/nodes/iqn.2020-01.org:disk/192.0.2.1,3260,1"
    os.makedirs(path)
    with open(f"{path}/default", "w") as f:
        f.write("node.name = iqn.2020-01.org:disk\n"
                "node.conn[0].address = 192.0.2.1\n"
                "iface.transport_name = tcp\n")
    before = files(root)
    for line, stdin in CHANGING:
        r = run(root, *line.split(), "--dry-run", stdin=stdin)
        check(r.returncode == 0 and "would" in r.stdout + r.stderr or
              "192.0.2.7" in r.stdout, f"dry run: {line} says what",
              f"{r.returncode} {r.stdout}{r.stderr}")
        check(files(root) == before, f"dry run: {line} changes nothing",
              set(files(root).items()) ^ set(before.items()))
        check(SECRET not in r.stdout + r.stderr, f"dry run: {line}: secret")
    for line, stdin in CHANGING:
        copy = f"{root}.copy"
        shutil.copytree(root, copy, symlinks=True)
        r = run(copy, *line.split(), stdin=stdin)
        check(r.returncode == 0 and files(copy) != before,
              f"dry run: without it {line} changes something", r.stderr)
        shutil.rmtree(copy)
    os.unlink(f"{root}/etc/iscsi-mpio/initiator.conf")
    before = files(root)
    run(root, "--dry-run", "discover", "127.0.0.1:1")
    check(files(root) == before, "dry run: no initiator name is made")
    shutil.rmtree(root)


def mode_of(path):
    return os.stat(path).st_mode & 0o777


def test_undo():
    """The record changed or removed last is back, with its secret."""
    root = new_root(record=False)
    chap = {"AuthenticationType": "ONEWAYCHAP", "ChapUsername": "alice"}
    add_record(root, "1d3f4b07", SECRET, ISID="800000000001", **chap)
    add_record(root, "aaaaaaaa", SECRET + "2", ISID="800000000002", **chap)
    add_record(root, "bbbbbbbb", ISID="800000000003")
    whole = files(root)

    def stored():
        return {k: v for k, v in files(root).items() if "/undo/" not in k}

    r = run(root, "record", "undo")
    check(r.returncode == 21, "undo: nothing to undo", r.stderr)
    r = run(root, "unregister", "1d3f4b07", "bbbbbbbb")
    undo = f"{root}/etc/iscsi-mpio/secrets/undo"
    check(r.returncode == 0 and len(stored()) == len(whole) - 3,
          "undo: two records are removed", r.stderr)
    check(mode_of(undo) == 0o700 and
          {mode_of(f"{undo}/{n}") for n in os.listdir(undo)} == {0o600},
          "undo: for root alone", os.listdir(undo))
    r = run(root, "record", "undo")
    check(r.returncode == 0 and stored() == whole and
          "1d3f4b07" in r.stdout and "bbbbbbbb" in r.stdout,
          "undo: both are back, the secret too", r.stderr + r.stdout)
    check(mode_of(f"{root}/etc/iscsi-mpio/secrets/1d3f4b07.chap") == 0o600,
          "undo: the secret is for root alone")
    check(run(root, "record", "undo").returncode == 21, "undo: once")
    run(root, "record", "set", "aaaaaaaa", "Startup=manual")
    changed = stored()
    run(root, "record", "undo")
    check(stored() == whole, "undo: a changed record is as it was")
    run(root, "record", "undo")
    check(stored() == changed, "undo: again changes it again")
    run(root, "unregister", "1d3f4b07")
    run(root, "record", "set", "bbbbbbbb", "Startup=manual")
    before = stored()
    run(root, "record", "undo")
    check("etc/iscsi-mpio/records/1d3f4b07.conf" not in stored() and
          stored() != before, "undo: only until the next change")
    run(root, "unregister", "aaaaaaaa")
    check(SECRET in bytes.fromhex(read(f"{undo}/aaaaaaaa.chap")[2:])
          .decode(), "undo: has the secret")
    r = run(root, "record", "undo", "--forget")
    check(r.returncode == 0 and os.listdir(undo) == [],
          "undo: forgets on request", os.listdir(undo))
    run(root, "unregister", "bbbbbbbb")
    add_record(root, "cccccccc", ISID="800000000003")
    before = files(root)
    r = run(root, "record", "undo")
    check(r.returncode == 15 and "cccccccc" in r.stderr and
          files(root) == before, "undo: not beside one in its place",
          r.stderr)
    shutil.rmtree(root)


def test_new_identifiers():
    """No new record is called by a number."""
    root = new_root(record=False)
    path = f"{root}/etc/iscsi/nodes/iqn.2020-01.org:disk"
    for i in range(16):
        os.makedirs(f"{path}/192.0.2.{i + 1},3260,1")
        with open(f"{path}/192.0.2.{i + 1},3260,1/default", "w") as f:
            f.write("node.name = iqn.2020-01.org:disk\n"
                    "iface.transport_name = tcp\n"
                    "node.session.nr_sessions = 32\n"
                    f"node.conn[0].address = 192.0.2.{i + 1}\n")
    run(root, "import", "open-iscsi")
    ids = [x["RecordIdentifier"] for x in
           json.loads(run(root, "--json", "export").stdout)]
    check(len(ids) == 512 and not [x for x in ids if x.isdigit()],
          "words: no identifier is a number", len(ids))
    shutil.rmtree(root)
