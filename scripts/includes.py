#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""includes.py [--test]: #include lines of ours that nothing in the file needs.

Looks at kernel/ and userspace/. A file needs a header of ours if it names something
that the header declares itself: a function, an object, a tag, a typedef, an
enumerator or a macro. A source's own header is always needed, and in a header of
the tool base/error.h, whose codes its functions return. One line for each that is
not; status 1 then.
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# What trace macros expand to has no names of its own.
OTHERS = re.compile(r"(^|/)compat/|trace/")


def plain(text):
    """Without comments, strings and #include lines."""
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|^#\s*include[^\n]*",
                  " ", text, flags=re.S | re.M)


def outside(code):
    """What is in no braces."""
    depth, outer = 0, []
    for part in re.split(r"([{}])", code):
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
            outer.append(";")
        elif not depth:
            outer.append(part)
    return "".join(outer)


def declares(text):
    """Names that a header gives to those who include it."""
    code = plain(text)
    names = set(re.findall(r"^\s*#\s*define\s+(\w+)", code, re.M))
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", code, flags=re.M)
    code = re.sub(r"\bextern\s+\{(.*)\}", r"\1", code, flags=re.S)  # "C"
    for body in re.findall(r"\benum\s*\w*\s*\{([^}]*)\}", code):
        names |= set(re.findall(r"\b([A-Za-z_]\w*)\s*(?:=[^,}]*)?(?:,|$)",
                                body.strip()))
    names |= set(re.findall(r"\b(?:struct|union|enum)\s+(\w+)\s*\{", code))
    for line in outside(code).split(";"):
        if not re.match(r"\s*(?:struct|union|enum)\s+\w+\s*$", line):
            names |= set(re.findall(r"\b(\w+)\s*(?:\(|\[|=|$|,)", line))
            names |= set(re.findall(r"\(\*(\w+)\)", line))
    return names - {"void", "int", "const", "static", "inline", "extern",
                    "struct", "enum", "if", "sizeof"}


def header_of(path, name):
    """Where the compiler finds it; None: not ours."""
    root = os.path.relpath(path, TOP).split(os.sep)[0]
    for top in (os.path.dirname(path), f"{TOP}/{root}", f"{TOP}/kernel"):
        if os.path.exists(f"{top}/{name}"):
            return f"{top}/{name}"
    return None


def unneeded(path, text):
    """Headers of ours that the file includes and does not need."""
    words = set(re.findall(r"\w+", plain(text)))
    own = os.path.splitext(os.path.abspath(path))[0]
    for name in re.findall(r'^#\s*include\s+"([^"]+)"', text, re.M):
        header = header_of(path, name)
        if path.endswith(".h") and name == "base/error.h":
            continue
        if header and not OTHERS.search(name) and \
                os.path.splitext(os.path.abspath(header))[0] != own:
            with open(header, encoding="utf-8") as file:
                if not declares(file.read()) & words:
                    yield name


def test():
    """Does it see one that is not needed, and only that?"""
    path = f"{TOP}/kernel/conn/send.c"
    with open(path, encoding="utf-8") as file:
        text = file.read() + '#include "lu/vouch.h"\n'
    if list(unneeded(path, text)) == ["lu/vouch.h"]:
        return 0
    print("includes.py --test: one that is not needed is not found, or more are")
    return 1


def main():
    """Prints findings."""
    if sys.argv[1:] == ["--test"]:
        return test()
    status = 0
    for path in sorted(glob.glob(f"{TOP}/kernel/**/*.[ch]", recursive=True) +
                       glob.glob(f"{TOP}/userspace/**/*.[ch]", recursive=True)):
        if "/compat/" in path or path.endswith(".mod.c"):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for name in unneeded(path, text):
            print(f"{os.path.relpath(path, TOP)}: does not need \"{name}\"")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
