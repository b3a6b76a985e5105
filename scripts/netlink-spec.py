#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""netlink-spec.py GENERATOR: does the specification say what the kernel checks?

GENERATOR is the kernel's tools/net/ynl/pyynl/ynl_gen_c.py, in a tree that has the
schemata in Documentation/netlink/. It makes policies, and parsers for programs,
from include/netlink/iscsi_mpio.yaml, or says what it cannot take. Each attribute of
our policies has to be of the type in those and within the same bounds. Of the
length of a binary the generator takes one bound; we may have the other, too.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SPEC = "include/netlink/iscsi_mpio.yaml"
def read(name):
    with open(f"{TOP}/{name}", encoding="utf-8") as file:
        return file.read()


def generated(generator):
    """Text of the policies; complains if anything cannot be made."""
    root = os.path.dirname(generator)
    while not os.path.exists(f"{root}/Documentation/netlink"):
        root = os.path.dirname(root)
    with tempfile.TemporaryDirectory() as tree:
        specs = f"{tree}/Documentation/netlink/specs"
        shutil.copytree(f"{root}/Documentation/netlink", os.path.dirname(specs))
        os.makedirs(specs, exist_ok=True)
        shutil.copy(f"{TOP}/{SPEC}", specs)
        # It looks for the root of the tree by this, for ever.
        open(f"{tree}/MAINTAINERS", "w", encoding="utf-8").close()
        for mode, part in (("user", "header"), ("user", "source"),
                           ("uapi", "header"), ("kernel", "header"),
                           ("kernel", "source")):
            run = subprocess.run(
                [sys.executable, "-B", generator, "--mode", mode, f"--{part}",
                 "--spec", f"{specs}/iscsi_mpio.yaml", "-o", f"{tree}/out.c"],
                capture_output=True, text=True, timeout=120, check=False)
            if run.returncode:
                print(f"the kernel's generator makes no {mode} {part}:",
                      run.stderr.strip().split("\n")[-1])
                return ""
        with open(f"{tree}/out.c", encoding="utf-8") as file:
            return file.read()


def constants():
    """Numbers that the policies name."""
    found = {"DAY_MS": 24 * 3600 * 1000}
    text = re.sub(r"/\*.*?\*/", "", read("include/uapi/linux/iscsi_mpio.h"),
                  flags=re.S)
    defines = re.findall(r"^#define (MPIO_\w+)[ \t]+(.+)$", text +
                         read("kernel/proto/name.h") +
                         read("kernel/base/path_config.h") +
                         read("kernel/conn/task.h"), re.M)
    for body in re.findall(r"\benum \w+ \{(.*?)\}", text, re.S):
        value = -1
        for name, given in re.findall(r"(\w+)(?:\s*=\s*(\w+))?", body):
            value = int(given, 0) if given else value + 1
            found[name] = value
    for name, given in defines:
        value = number(re.sub(r"/\*.*", "", given), found)
        if value is not None:
            found[name] = value
    return found


def number(text, known):
    """Value of an expression of C, None if it is none."""
    text = re.sub(r"sizeof\(struct sockaddr_in\)", "16", text)
    text = re.sub(r"sizeof\(struct sockaddr_in6\)", "28", text)
    text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)U?L{0,2}\b",
                  lambda m: str(int(m.group(1), 0)), text)
    text = re.sub(r"\b[A-Za-z_]\w*", lambda m: str(known.get(m.group(), "?")), text)
    if not re.fullmatch(r"[\d ()+*<|&-]+", text.strip()):
        return None
    return eval(text, {})  # pylint: disable=eval-used


def ranges(text, known):
    """(lowest, highest) by the name of each range of a policy."""
    found = {}
    for name, body in re.findall(r"struct netlink_range_validation\s+(\w+)[^={;]*=\s*"
                                 r"\{(.*?)\}", text, re.S):
        low = re.search(r"\.min\s*=\s*([^,]+)", body)
        high = re.search(r"\.max\s*=\s*([^,]+)", body)
        found[name] = (number(low.group(1), known) if low else 0,
                       number(high.group(1), known))
    return found


def bounds(rest, within, known):
    """(kind, lowest, highest) of one row of a policy; None: no such bound."""
    rest = re.sub(r"\s+", " ", rest)
    kind = re.search(r"NLA_(U\d+|NUL_STRING|STRING|FLAG|BINARY)\b", rest)
    kind = kind.group(1).replace("NUL_", "") if kind else "BINARY"
    most = 0xffffffff if kind == "U32" else None
    words = [w.strip() for w in re.search(r"\((.*)\)", rest).group(1).split(",")] \
        if rest.startswith("NLA_POLICY") else []
    if "NESTED" in rest:
        return ("NESTED", None, None)
    if "FULL_RANGE" in rest:
        return (kind, *within[words[1].lstrip("&")])
    if "EXACT_LEN" in rest:
        return (kind, number(words[0], known), number(words[0], known))
    if "MAX_LEN" in rest:
        return (kind, None, number(words[0], known))
    if "POLICY_MAX" in rest:
        return (kind, 0, number(words[1], known))
    if "POLICY_RANGE" in rest:
        return (kind, number(words[1], known), number(words[2], known))
    length = re.search(r"\.len = ([^},]+)", rest)
    return (kind, 0 if most else None,
            number(length.group(1), known) if length else most)


def policies(text, known):
    """Rows of all policies in a C source, its own macros spelled out."""
    text = text.replace("\\\n", " ")
    for name, args, body in re.findall(r"^#define (MPIO_\w+)(\(\w+\))?\s+(.*NLA_.*)$",
                                       text, re.M):
        if args:
            word = args.strip("()")
            text = re.sub(rf"(?<!define ){name}\(([^()]*)\)",
                          lambda m, b=body, w=word: re.sub(
                              rf"\(?\b{w}\b\)?", m.group(1), b), text)
        else:
            text = re.sub(rf"(?<!define )\b{name}\b",
                          lambda m, b=body: b, text)
    within = ranges(text, known)
    return {name: bounds(rest, within, known) for name, rest in re.findall(
        r"\[(MPIO_\w+)\]\s*=\s*(\{ \.type = NLA_[^}]*\}|NLA_POLICY_\w+\("
        r"(?:[^()]|\([^()]*\))*\))", re.sub(r"^#define.*$", "", text, flags=re.M))}


def ours(known):
    """What the kernel checks."""
    rules = {attr: (number(low, known), number(high, known))
             for attr, low, high in re.findall(
                 r"\[(MPIO_TA_\w+)\]\s*=\s*\{\s*\w+,\s*\{\s*(\w+),\s*([^}]+)\}",
                 read("kernel/base/setting.c"))}
    text = re.sub(r"/\*.*?\*/", "", read("kernel/netlink/parse.c") +
                  read("kernel/netlink/family.c"), flags=re.S)
    named = re.findall(r"MPIO_SETTING\((MPIO_TA_\w+)\),", text)
    found = policies(re.sub(r"#define MPIO_SETTING.*\\\n.*\\\n.*\n", "", text), known)
    return found | {attr: ("U32", *rules[attr]) for attr in named}


def differ(said, kept):
    """Does the kernel keep other bounds than the specification says?"""
    if said is None or said[0] != kept[0]:
        return True
    return any(s != k and not (kept[0] == "BINARY" and s is None)
               for s, k in zip(said[1:], kept[1:]))


def main():
    """Prints differences."""
    known = constants()
    made = policies(generated(sys.argv[1]), known)
    kept = ours(known)
    wrong = [f"{attr}: {row} in the kernel, {made.get(attr, 'nothing')} in the "
             "policy of the specification" for attr, row in kept.items()
             if differ(made.get(attr), row)]
    if len(kept) < 50:
        wrong.append(f"only {len(kept)} attributes found")
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
