#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""locks.py TABLE [RECORD]: were locks taken in the order that is told?

TABLE is Documentation/locking.rst: rows that begin with a number and a lock.
RECORD is what /proc/lockdep says: each class, and those taken while it was held.
Prints what was taken against the order, and fails then, or if fewer than MIN_SEEN
of the locks are in the record: it would have proved nothing. Without RECORD prints
the locks of the table, a line each.
"""
import re
import sys

MIN_SEEN = 8


def table(path):
    """Lock, as the source calls it: its number."""
    rows = {}
    with open(path, encoding="utf-8") as file:
        for number, lock in re.findall(r"^(\d+) +``([\w>.-]+)``", file.read(),
                                       re.M):
            rows[lock] = int(number)
    return rows


def name_of(text):
    """What a class is called in the source: "&sess->lock" is sess->lock."""
    return re.sub(r"[#/]\d+.*$", "", text.strip()).lstrip("&")


def edges(path):
    """(outer, inner) for each pair of classes that lockdep saw nested."""
    outer = None
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            inner = re.match(r"^ -> \[[0-9a-f]+\] (.*)$", line)
            entry = re.match(r"^[0-9a-f]{8,}\s+(?:FD:\s*\d+\s+BD:\s*\d+\s+)?"
                            r"\S+: (.*)$", line)
            if inner and outer:
                yield outer, name_of(inner.group(1))
            elif entry:
                outer = name_of(entry.group(1))
                yield outer, None
            else:
                outer = None


def main():
    told = table(sys.argv[1])
    if len(sys.argv) < 3:
        print("\n".join(sorted(told)))
        return 0
    seen, pairs, wrong = set(), set(), 0
    for outer, inner in edges(sys.argv[2]):
        if outer in told:
            seen.add(outer)
        if outer in told and inner in told:
            pairs.add((outer, inner))
    for outer, inner in sorted(pairs):
        if told[outer] >= told[inner]:
            wrong += 1
            print(f"{inner} ({told[inner]}) was taken while {outer} "
                  f"({told[outer]}) was held")
    print(f"{len(seen)} of {len(told)} locks seen, {len(pairs)} pairs nested: " +
          ", ".join(f"{o} > {i}" for o, i in sorted(pairs)))
    if len(seen) < MIN_SEEN:
        print(f"at least {MIN_SEEN} locks should have been seen")
    return 1 if wrong or len(seen) < MIN_SEEN else 0


sys.exit(main())
