#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""netlink-spec.py GENERATOR: does the specification say what the kernel checks?

GENERATOR is the kernel's tools/net/ynl/pyynl/ynl_gen_c.py, in a tree that has the
schemata in Documentation/netlink/. It makes policies, and parsers for programs,
from include/netlink/iscsi_mpio.yaml, or says what it cannot take. Each attribute of
our policies has to be of the type in those, and each bound in the tables of
kernel/netlink/parse.c and kernel/base/setting.c the one of the specification. Our
policies themselves have no bounds: the core would refuse with a number, and no
sentence could say what to do.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SPEC = "include/netlink/iscsi_mpio.yaml"
KNOWN = {"DAY_MS": 86400000, "MPIO_FOREVER": 0xffffffff, "MPIO_MAX_R2T": 8,
         "MPIO_ANY_PROCESSOR": 0xffffffff}


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


def types(text):
    """Attribute: its type, as a policy says it."""
    found = {}
    for name, rest in re.findall(r"\[(MPIO_\w+)\]\s*=\s*(\{ \.type = NLA_\w+"
                                 r"|NLA_POLICY_\w+\([^)]*\))", text):
        kind = re.search(r"NLA_(U\d+|NUL_STRING|STRING|FLAG|BINARY)\b", rest)
        if "NESTED" in rest:
            found[name] = "NESTED"
        elif kind:
            found[name] = kind.group(1).replace("NUL_", "")
        else:
            found[name] = "BINARY"      # EXACT_LEN, MAX_LEN
    return found


def number(text):
    """A constant of C, None: an enumerator, which the enumeration bounds."""
    text = text.strip()
    return KNOWN.get(text, int(text, 0) if re.match(r"\d", text) else None)


def bounds():
    """(attribute, lowest, highest) of the kernel's tables."""
    for attr, low, high in re.findall(
            r"\[(MPIO_TA_\w+)\]\s*=\s*\{\s*\"\w+\",\s*\w+,\s*(\w+),\s*([^}]+)\}",
            read("kernel/base/setting.c")):
        yield attr, number(low), number(high)
    table = re.sub(r"/\*.*?\*/", "", read("kernel/netlink/parse.c"), flags=re.S)
    for attr, low, high in re.findall(
            r"^\tMPIO_NUMBER\((\w+),\s*\w+,\s*-?\w+,\s*(\w+),\s*([^,]+),", table,
            re.M):
        yield attr, number(low), number(high)


def main():
    """Prints differences."""
    made = types(generated(sys.argv[1]))
    ours = types(read("kernel/netlink/parse.c") + read("kernel/netlink/family.c"))
    wrong = [f"{a}: {t} in the kernel, {made.get(a, 'nothing')} in the policy of "
             f"the specification" for a, t in ours.items() if made.get(a) != t]
    checks = {}
    for group in yaml.safe_load(read(SPEC))["attribute-sets"]:
        for attr in group["attributes"]:
            name = (group["name-prefix"] + attr["name"]).replace("-", "_").upper()
            checks[name] = attr.get("checks", {})
    rows = [r for r in bounds() if None not in r]
    for attr, low, high in rows:
        said = checks.get(attr, {})
        if (said.get("min", 0), said.get("max", 0xffffffff)) != (low, high):
            wrong.append(f"{attr}: {low} to {high} in the kernel, {said} in the "
                         "specification")
    if len(ours) < 40 or len(rows) < 15:
        wrong.append(f"only {len(ours)} attributes and {len(rows)} bounds found")
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
