# SPDX-License-Identifier: GPL-2.0
"""Tables: columns by name, 80 columns of a terminal, all of it on request."""
import json
import os
import re
import shutil

from harness import (HERE, check, new_root, on_terminal, read, record_path,
                     record_text, run)

LONG = "iqn.2026-11.com.example.storage.backup:array-17.volume-of-the-mail"


def many(root):
    for n in range(3):
        with open(record_path(root, f"0a1b2c3{n}"), "w") as f:
            f.write(record_text(
                TargetNodeAddress=f"{LONG}-{n}", ISID=f"80aabbcc000{n}",
                TargetPortalAddress=f"192.168.100.{100 + n}",
                **({"NopInterval": "5000"} if n else {})))
    run(root, "target", "add", f"{LONG}-9", "--portal", "192.168.100.109",
        "--portal", "192.168.100.110", "--portal", "[fd00::110:1]:3261")


def on_narrow_terminal(root, *args):
    """Lines on a terminal of 80 columns."""
    _, seen = on_terminal(root, *args,
                          env={"NO_COLOR": "1", "COLUMNS": "80"})
    return [line.rstrip() for line in seen.replace("\r", "").split("\n")]


def test_eighty_columns():
    """Each line fits, and nothing is lost: long names go on below."""
    root = new_root(record=False)
    many(root)
    for words in (("record", "list"), ("status",), ("target", "list"),
                  ("restore", "--dry-run"), ("portal", "list"),
                  ("record", "list", "-o", "+ISID")):
        lines = on_narrow_terminal(root, *words)
        check(len(lines) > 1 and max(map(len, lines)) <= 80,
              f"tables: {words} on 80 columns", "\n".join(lines))
    lines = on_narrow_terminal(root, "record", "list")
    at = lines[0].index("TARGET")
    end = lines[0].index("PORTAL")
    names = "".join(line[at:end].strip() for line in lines[1:])
    check(all(f"{LONG}-{n}" in names for n in range(3)),
          "tables: all of a long name is there", names)
    lines = on_narrow_terminal(root, "record", "list", "--wide")
    check(f"{LONG}-0" in "\n".join(lines) and "ISID" in lines[0],
          "tables: --wide cuts nothing and shows all", lines)
    text = run(root, "record", "list").stdout
    check(f"{LONG}-0  192.168.100.100" in text and
          len(text.strip().split("\n")) == 4, "tables: a pipe has lines", text)
    shutil.rmtree(root)


def test_columns():
    """--output takes headings and JSON names, in its order."""
    root = new_root(record=False)
    many(root)
    for words, code, want in (
            (("-o", "RECORD"), 0, "RECORD 0a1b2c30 0a1b2c31 0a1b2c32"),
            (("-no", "x"), 7, ""),
            (("-n", "-o", "STARTUP,RECORD"), 0,
             "automatic 0a1b2c30 automatic 0a1b2c31 automatic 0a1b2c32"),
            (("--output=isid,RecordIdentifier", "--noheadings"), 0,
             "80aabbcc0000 0a1b2c30 80aabbcc0001 0a1b2c31 "
             "80aabbcc0002 0a1b2c32"),
            (("-n", "-o", "NopInterval"), 0, "- 5000 5000"),
            (("-n", "-o", "FenceMode"), 0, "- - -"),
            (("-o", "RECRD"), 7, ""), (("-o", "+RECRD"), 7, None),
            (("-o", ""), 7, ""), (("-o",), 7, "")):
        r = run(root, "record", "list", *words)
        got = " ".join(r.stdout.split())
        check(r.returncode == code and want in (got, None),
              f"columns: {words}", f"{got} {r.stderr}")
    r = run(root, "record", "list", "-o", "RECRD")
    check("there is no such column here, did you mean RECORD?" in r.stderr,
          "columns: a slip is told", r.stderr)
    r = run(root, "record", "list", "-o", "+ISID")
    check(re.match(r"RECORD +STATUS .* ISID$", r.stdout.split("\n")[0]),
          "columns: + adds", r.stdout)
    r = run(root, "--json", "record", "list", "-o", "RECORD,Startup")
    check(all(x == {"RecordIdentifier": f"0a1b2c3{n}", "Startup": "automatic"}
              for n, x in enumerate(sorted(
                  json.loads(r.stdout), key=lambda x: x["RecordIdentifier"]))),
          "columns: JSON has those properties", r.stdout)
    full = run(root, "--json", "record", "list").stdout
    for more in ("--wide",), ("-o", "+ISID"), ("--noheadings",):
        check(run(root, "-J", "record", "list", *more).stdout == full,
              f"columns: JSON is whole with {more}")
    r = run(root, "record", "show", "0a1b2c31", "-n", "-o", "NopInterval")
    check(r.stdout == "5000\n", "columns: show says a value alone", r.stdout)
    r = run(root, "record", "show", "0a1b2c31", "-o", "NopIntervall")
    check(r.returncode == 7 and "NopInterval?" in r.stderr,
          "columns: show knows its properties", r.stderr)
    shutil.rmtree(root)


def test_empty_table():
    """A table without rows says what it is one of."""
    root = new_root(record=False)
    for words, heading in ((("portal", "list"), "PORTAL  PORT  PROTOCOL"),
                           (("record", "list"), "RECORD  STATUS  TARGET"),
                           (("target", "list"), "TARGET  CONNECTED  PORTALS")):
        r = run(root, *words)
        check(r.returncode == 0 and r.stdout.startswith(heading),
              f"tables: empty {words}", r.stdout)
        check(run(root, *words, "-n").stdout == "" and
              json.loads(run(root, "-J", *words).stdout) == [],
              f"tables: nothing at all of {words}")
    shutil.rmtree(root)


def test_default_columns():
    """What a command shows by default, something prints."""
    sources = "".join(
        read(os.path.join(base, name)) for base, _, names in
        os.walk(f"{HERE}/../../userspace") for name in names
        if name.endswith((".c", ".h")))
    headings = set(re.findall(r'"\w+",\s*"([A-Z][A-Z0-9/-]*[A-Za-z/]*)"',
                              sources))
    sets = re.findall(r'(?:\.columns = |SESSION_COLUMNS )"([^"]+)"', sources)
    check(len(sets) >= 12, "columns: defaults are seen", sets)
    for columns in sets:
        words = columns.split()
        check(set(words) <= headings and len(words) == len(set(words)),
              f"columns: {columns}", set(words) - headings)
