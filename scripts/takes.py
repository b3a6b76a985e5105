#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""takes.py [--test]: do functions take the locks that papers and headers say?

Documentation/locking.rst has a list of functions with "Take LOCK, LOCK > LOCK." below
them; comments in headers say "takes LOCK, then LOCK", or "takes no lock", of the
function that follows. Both are compared with the source: what a function takes itself,
and what those take that it calls, also through tables of operations. Sockets' locks
and lock bits are not compared, and of works and callbacks nothing is seen that they
are handed to. One line for each function that takes more or less; status 1 then.
With --test: is it seen when a row is wrong?
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TABLE = os.path.join(TOP, "Documentation/locking.rst")
FUNCTION = re.compile(r"^(?:\w[^;{}()#]*?)?\b(\w+)\([^;{}]*\)\s*\n\{(.*?)^\}",
                      re.M | re.S)
TAKES = re.compile(r"\b(?:mutex_(?:lock|trylock)|mutex_lock_killable|"
                   r"spin_lock(?:_irq|_irqsave)?)\(&?([\w>.-]+)[,)]")
# What a lock is called in the table, by the end of its name in the source.
ENDS = {"disk->lock": "disk->lock", "sess->lock": "sess->lock",
        "session->lock": "sess->lock", "host->mutex": "host->mutex",
        "reserve.mutex": "disk->reserve.mutex", "r->mutex": "disk->reserve.mutex",
        "sock_mutex": "conn->sock_mutex", "reset_mutex": "sess->reset_mutex",
        "scan_mutex": "disk->scan_mutex", "scanning": "sess->scanning"}


def lock_of(name):
    for end, lock in ENDS.items():
        if name.endswith(end):
            return lock
    return None if "->" in name or "." in name else name


class Source:
    """What each function takes and calls."""

    def __init__(self):
        texts = [re.sub(r"/\*.*?\*/|__printf\([^)]*\)", " ",
                        open(n, encoding="utf-8").read(), flags=re.S)
                 for n in glob.glob(f"{TOP}/kernel/**/*.[ch]", recursive=True)]
        body, operations = {}, {}
        for text in texts:
            for m in FUNCTION.finditer(text):
                body[m.group(1)] = m.group(2)
            for table in re.findall(r"const struct mpio_\w+_ops \w+ = \{(.*?)\};",
                                    text, re.S):
                for name, function in re.findall(r"\.(\w+)\s*=\s*(\w+)", table):
                    operations.setdefault(name, set()).add(function)
        self.takes = {f: {lock_of(n) for n in TAKES.findall(b)} - {None}
                      for f, b in body.items()}
        self.calls = {f: self.called(b, operations) & set(body)
                      for f, b in body.items()}

    @staticmethod
    def called(text, operations):
        found = set(re.findall(r"\b(\w+)\(", text))
        # Handed to a function of ours that calls it, as mpio_fence_each_held()
        found |= set(re.findall(r"\b\w+_each_\w+\([^;]*?\b(mpio_\w+),", text))
        for name in re.findall(r"->(\w+)\(", text):
            found |= operations.get(name, set())
        return found

    def all_of(self, function):
        seen, due, locks = set(), [function], set()
        while due:
            name = due.pop()
            if name not in seen:
                seen.add(name)
                locks |= self.takes[name]
                due += self.calls[name]
        return locks


def told(text):
    """(functions, locks) for each entry of the list."""
    known = set(re.findall(r"^\d+ +``([\w>.-]+)``", text, re.M))
    for m in re.finditer(r"^  (``mpio_[^\n]*(?:\n  \S[^\n]*)*)\n    Takes? (.*?)\.(?=\s)",
                         text, re.M | re.S):
        locks = set(re.findall(r"``([\w>.-]+)``", m.group(2))) & known
        locks |= {"submit"} if "``mpio_session_submit()``" in m.group(2) or \
            "MPIO_CONN_OWNED" in m.group(2) or "Take that" in m.group(0) else set()
        yield re.findall(r"``(mpio_\w+)\(\)``", m.group(1)), locks


# As headers call them.
SHORT = {"sock_mutex": "conn->sock_mutex", "reset_mutex": "sess->reset_mutex",
         "the registry mutex": "mpio_registry_mutex",
         "disk->scan_mutex": "disk->scan_mutex",
         "reserve.mutex": "disk->reserve.mutex"}
NAME = r"(?:the registry mutex|[a-z][\w>.-]*(?:lock|mutex)|last_word)"
SAYS = re.compile(rf"\btakes (no lock|{NAME}(?:,? (?:then |and )?{NAME})*)\b")


def headers():
    """(header, function, locks) for each comment that says what is taken."""
    for name in sorted(glob.glob(f"{TOP}/kernel/*/*.h")):
        text = open(name, encoding="utf-8").read()
        for m in re.finditer(r"/\*((?:(?!\*/).)*)\*/\n(?:\w[^;(]*?)\b(mpio_\w+)\(",
                             text, re.S):
            comment = re.sub(r"\s*\n\s*\*\s*", " ", m.group(1))
            says = SAYS.search(comment)
            if says:
                locks = set(re.findall(NAME, says.group(1))) - {"no lock"}
                yield (os.path.relpath(name, TOP), m.group(2),
                       {SHORT.get(lock, lock) for lock in locks})


def differences(where, function, has, says):
    wrong = [f"{where}: {function}() takes {lock}, which is not said"
             for lock in sorted(has - says)]
    return wrong + [f"{where}: {function}() does not take {lock}"
                    for lock in sorted(says - has)]


def compare(text):
    source, wrong, entries = Source(), [], 0
    for where, function, says in headers():
        if function in source.takes:
            wrong += differences(where, function,
                                 source.all_of(function), says)
    submit = source.all_of("mpio_conn_submit")
    for functions, locks in told(text):
        entries += 1
        for function in functions:
            if function not in source.takes:
                continue	# doc-names.py's business
            has, says = source.all_of(function), locks - {"submit"}
            if "submit" in locks:
                has, says = has | submit, says | submit
            wrong += differences("locking.rst", function, has, says)
    if entries < 20:
        wrong.append(f"only {entries} entries of the list were understood")
    return wrong


def main():
    with open(TABLE, encoding="utf-8") as file:
        text = file.read()
    if sys.argv[1:] == ["--test"]:
        broken = text.replace("    Takes ``sess->lock``, ``disk->lock``. With",
                              "    Takes ``sess->scanning``, ``disk->lock``. With")
        return 0 if len(compare(broken)) - len(compare(text)) == 2 else 1
    wrong = compare(text)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
