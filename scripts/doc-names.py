#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""doc-names.py [FILE...]: do the functions and files exist that documents name?

Looks at Documentation/, README, CONTRIBUTING, SECURITY, NEWS and the READMEs of
tests/, or at FILEs. One line for each name that leads nowhere, with its place;
status 1 if there is any. What counts as a name:
  - in backquotes, a path: a known suffix, or a folder of the tree to begin with
  - in backquotes or not, name(): a function. Those with one of our prefixes must
    be defined in the source, others must be called there
  - anywhere, a word that begins with mpio_, MPIO_ or HELD_
  - in backquotes, member->member or object.member: the last word
"""
import os
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SOURCES = ("kernel/", "userspace/", "include/", "tests/")
SUFFIXES = (".c", ".h", ".sh", ".py", ".rst", ".pml", ".yaml", ".table")
OURS = ("mpio_", "iscsi_mpio_")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8",
              errors="replace") as file:
        return file.read()


def tracked():
    """All files of the tree: git's if there is one, else those that are there."""
    git = subprocess.run(["git", "-C", TOP, "ls-files", "-co",
                          "--exclude-standard"], capture_output=True, text=True)
    if git.returncode == 0:
        return [n for n in git.stdout.split("\n")
                if n and os.path.exists(os.path.join(TOP, n))]
    found = []
    for where, _, names in os.walk(TOP):
        found += [os.path.relpath(os.path.join(where, n), TOP) for n in names]
    return found


def documents(files):
    return [f for f in files if
            f.startswith("Documentation/") or
            os.path.basename(f) in ("README", "CONTRIBUTING", "SECURITY", "NEWS")]


class Tree:
    """Names that exist."""

    def __init__(self):
        self.files = tracked()
        self.paths = set(self.files)
        for name in self.files:
            while "/" in name:
                name = name.rsplit("/", 1)[0]
                self.paths.add(name)
        self.words, self.defined, self.called = set(), set(), set()
        for name in self.files:
            if name.startswith(SOURCES) and name not in documents([name]):
                self.take(name)

    def take(self, name):
        text = read(name)
        if name.endswith((".c", ".h")):
            # A comment that tells of a function does not make it one.
            text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
            self.words |= set(re.findall(r"\w+", text))
            text = re.sub(r'"(\\.|[^"\\\n])*"', '""', text)
            self.called |= set(re.findall(r"\b(\w+)\(", text))
            text = re.sub(r"__printf\([^)]*\)", "", text)
            # At the beginning of a line, and with a body.
            self.defined |= set(re.findall(
                r"^(?:\w[^\n;{}()]*?)?\b(\w+)\([^;{}]*\)\s*\n\{", text,
                flags=re.M))
            self.defined |= set(re.findall(r"^#define\s+(\w+)\(", text,
                                           flags=re.M))
            self.defined |= set(re.findall(r"TRACE_EVENT\((\w+)", text))
        else:
            self.called |= set(re.findall(
                r"^(?:def |inline |proctype )?(\w+)\(", text, flags=re.M))
        self.words |= set(re.findall(r"\w+", text))

    def has_path(self, path):
        path = path.rstrip("/")
        if path.startswith("./"):
            path = path[2:]
        if path in self.paths:
            return True
        return any(p.endswith("/" + path) for p in self.paths)

    def has_function(self, name):
        if name.startswith(OURS):
            return name in self.defined
        return name in self.called or name in self.defined


def is_path(word):
    if re.search(r"[<>*?$~=:,\[\]|()]|NNN|^I/O$", word) or \
            word.startswith(("/", "-")):
        return False
    return word.endswith(SUFFIXES) or \
        re.match(r"(?:\.ci|[Dd]\w+|kernel|userspace|include|tests|scripts|"
                 r"packaging|lib|boot)/", word)


def names_of(line):
    """(kind, name) of all that is named in a line."""
    for quoted in re.findall(r"`+([^`]+)`+", line):
        for word in quoted.split():
            if is_path(word):
                yield "file", word
        for member in re.findall(r"[a-z_]+(?:(?:->|\.)[a-z_]+)+", quoted):
            if not is_path(member) and "->" in member:
                yield "member", re.split(r"->|\.", member)[-1]
    for word in re.findall(r"(?:^|[\s(])([\w./-]+\.rst)\b", line):
        yield "file", word
    for name in re.findall(r"\b([A-Za-z_]\w*)\(\)", line):
        yield "function", name
    for name in re.findall(r"\b(?:mpio_|MPIO_|HELD_)\w+\b(?!\()", line):
        yield "word", name


def main():
    tree = Tree()
    wrong = 0
    for doc in sys.argv[1:] or documents(tree.files):
        for number, line in enumerate(read(doc).split("\n"), 1):
            for kind, name in sorted(set(names_of(line))):
                known = (tree.has_path(name) if kind == "file" else
                         tree.has_function(name) if kind == "function" else
                         name in tree.words or name.endswith("_"))
                if not known:
                    wrong += 1
                    print(f"{doc}:{number}: there is no {kind} {name}")
    return 1 if wrong else 0


sys.exit(main())
