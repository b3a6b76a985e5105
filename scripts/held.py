#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""held.py [FILE...]: functions whose comment says that a lock is held check it.

Looks at kernel/. A comment that says "LOCK held", or a section whose heading says
so, in front of a function wants lockdep_assert_held() of a lock of that name in its
body, or lockdep_is_held(). One line for each that has neither; status 1 then.
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# The lock's last word: disk->lock, reserve.mutex, mpio_registry_mutex
HELD = re.compile(r"\b(?:[\w>.-]*?(?:->|\.))?(\w*_mutex|mutex|lock|registry mutex)"
                  r"(?: of [a-z ]+)? (?:is )?held\b", re.I)
NOT = re.compile(r"\bno (?:locks|disk) held\b|\bnot held\b|by those who", re.I)
FUNCTION = re.compile(r"^(?:\w[^;{}()#]*?)?\b(\w+)\(([^;{}]*)\)\s*([;{])", re.M)


def bodies(files):
    """Function: the text of its body."""
    found = {}
    for name in files:
        text = open(name, encoding="utf-8").read()
        for m in re.finditer(r"^(?:\w[^;{}()#]*?)?\b(\w+)\([^;{}]*\)\s*\n\{(.*?)^\}",
                             text, re.M | re.S):
            found[m.group(1)] = m.group(2)
    return found


def told(text):
    """(function, lock) for each comment that says so; a section's, too."""
    section = None
    for m in re.finditer(r"/\*(.*?)\*/", text, re.S):
        comment = re.sub(r"\s*\n\s*\*\s*|\s+", " ", m.group(1))
        lock = HELD.search(comment)
        if lock and NOT.search(comment):
            lock = None
        after = text[m.end():]
        if re.match(r" -{5}", comment):
            section = lock.group(1) if lock else None
            lock = None
        f = FUNCTION.match(after.lstrip("\n"))
        if re.match(r" ?Any context", comment) and not lock:
            continue
        if f and (lock or section):
            yield f.group(1), lock.group(1) if lock else section


def main():
    files = sys.argv[1:] or glob.glob(f"{TOP}/kernel/**/*.[ch]", recursive=True)
    body = bodies(files)
    wrong = 0
    for name in sorted(files):
        for function, lock in told(open(name, encoding="utf-8").read()):
            last = lock.lower().replace(" ", "_")
            asks = re.findall(r"lockdep_(?:assert|is)_held\(([^)]*)\)",
                              body.get(function, ""))
            if not any(re.search(rf"\w*{last}$", a) for a in asks):
                wrong += 1
                print(f"{os.path.relpath(name, TOP)}: {function}() says {lock} is "
                      "held and does not check it")
    return 1 if wrong else 0


sys.exit(main())
