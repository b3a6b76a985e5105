# SPDX-License-Identifier: GPL-2.0
"""Every message has a name, and explain knows it by that and by its line."""
import json
import os
import re
import subprocess

from harness import HERE, check, read, run

TOP = os.path.join(HERE, "../..")
LINES = {
    "session 1 iqn.2026-11.org.test:a: recovering: no answer": 13,
    "[   12.0] iscsi_mpio: session 1 iqn.2026-11.org.test:a: logged-in": 13,
    "session 3 lun 1 fenced: its serial is another": 18,
    "session 2 lun 0: avoided for 10000 ms, it fails again and again": 6,
    "disk 3: 4 held writes failed, others wait until those are over": 12,
    "disk 3: no path since NoPathTimeout, I/O fails [MPIO0009]": 9,
    "sda claims the identity of disk 4 with another size: they stay two disks":
        19,
    "sd 0:0:0:0: no driver for its type": 23,
    "disk-no-path": 111, "24": 224, "MPIO0103": 103,
}


def test_messages_names():
    r = subprocess.run([f"{TOP}/scripts/messages.py"], capture_output=True,
                       text=True, check=False, timeout=60)
    check(r.returncode == 0, "messages: table, module and manual agree",
          r.stdout + r.stderr)
    found = json.loads(run("/", "--json", "explain").stdout)
    check(len(found) >= 50, "messages: explain has all", len(found))
    page = read(f"{TOP}/userspace/man/iscsi-mpio-messages.7")
    for row in found:
        name = row["Message"]
        one = json.loads(run("/", "--json", "explain", name).stdout)
        check(one == [row] and all(row.values()), f"messages: {name}", one)
        check(f".Ss {name}\n" in page, f"messages: {name} is in the manual")
        commands = re.findall(r"iscsictl (?!COMMAND)([a-z]+(?: [a-z]+)?)",
                              row["Mend"])
        for command in commands:
            words = command.split()
            r = run("/", *words, "--help")
            r = r if r.returncode == 0 else run("/", words[0], "--help")
            check(r.returncode == 0, f"messages: {name}: {command} is one",
                  r.stderr)


def test_messages_lines():
    for line, wanted in LINES.items():
        r = run("/", "--json", "explain", *line.split())
        check(r.returncode == 0 and
              json.loads(r.stdout)[0]["Message"] == f"MPIO{wanted:04}",
              f"explain: {line}", r.stdout + r.stderr)
    for line in ("MPIO0099", "nonsense", "99", "session", ""):
        r = run("/", "explain", line)
        check(r.returncode == 21 and "no message is like that" in r.stderr,
              f"explain: {line!r} is none", r.stderr)
