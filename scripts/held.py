#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""held.py [FILE...]: functions whose comment says that a lock is held check it.

Looks at kernel/. A comment in front of a function, or the heading of its section,
wants of the function's body:
  LOCK held       lockdep_assert_held() of a lock of that name, or lockdep_is_held()
  MPIO_BIT held   mpio_assert_bit_held(MPIO_BIT, ...)
  Owner.          that of MPIO_CONN_OWNED; also if more follows, but for "Owner, or"
  socket locked   sock_owned_by_me()
One line for each that has it not; status 1 then.
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# The lock's last word: disk->lock, reserve.mutex, mpio_registry_mutex
HELD = re.compile(r"\b(?:[\w>.-]*?(?:->|\.))?(\w*_mutex|mutex|lock|registry mutex)"
                  r"(?: of [a-z ]+)? (?:is )?held\b", re.I)
NOT = re.compile(r"\bno (?:locks|disk) held\b|\bnot held\b", re.I)
BIT = re.compile(r"\b(MPIO_[A-Z_]+) held\b")
OWNER = re.compile(r" ?Owner(?:\.|,(?! or\b))")
SOCKET = re.compile(r"\bsocket locked\b", re.I)
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


def told_otherwise(text):
    """(function, what its body has to have) for locks that lockdep does not name."""
    for m in re.finditer(r"/\*(.*?)\*/", text, re.S):
        comment = re.sub(r"\s*\n\s*\*\s*|\s+", " ", m.group(1))
        f = FUNCTION.match(text[m.end():].lstrip("\n"))
        if not f:
            continue
        for bit in BIT.findall(comment):
            yield f.group(1), f"mpio_assert_bit_held({bit}"
        if OWNER.match(comment):
            yield f.group(1), "mpio_assert_bit_held(MPIO_CONN_OWNED"
        if SOCKET.search(comment):
            yield f.group(1), "sock_owned_by_me("


def main():
    files = sys.argv[1:] or glob.glob(f"{TOP}/kernel/**/*.[ch]", recursive=True)
    body = bodies(files)
    wrong = 0
    for name in sorted(files):
        text = open(name, encoding="utf-8").read()
        for function, has in told_otherwise(text):
            if has not in body.get(function, ""):
                wrong += 1
                print(f"{os.path.relpath(name, TOP)}: {function}() has no {has}...)")
        for function, lock in told(text):
            last = lock.lower().replace(" ", "_")
            asks = re.findall(r"lockdep_(?:assert|is)_held\(([^)]*)\)",
                              body.get(function, ""))
            if not any(re.search(rf"\w*{last}$", a) for a in asks):
                wrong += 1
                print(f"{os.path.relpath(name, TOP)}: {function}() says {lock} is "
                      "held and does not check it")
    return 1 if wrong else 0


sys.exit(main())
