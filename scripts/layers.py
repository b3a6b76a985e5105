#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""layers.py OBJECTS [--count]: does each layer of kernel/ call only downwards?

OBJECTS is a directory with what the kernel's build system made of kernel/. A
file points at another if it uses a function or an object that the other
defines (nm), or includes a header of it. Layers and their order are those of
Kbuild. Fails, and says why, if

- a call or an #include points to a layer further up,
- the calls of some files of a layer form a circle,
- scripts/layers.known lists an arrow that is not there (any more).

An arrow in scripts/layers.known, "FROM -> TO: NAMES", is let pass. The list is
what remains to be cut: it never grows. --count prints figures alone.
"""

import collections
import os
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
KNOWN = "scripts/layers.known"


def layers():
    """The folders of kernel/, bottom up."""
    with open(f"{TOP}/Kbuild", encoding="utf-8") as f:
        return re.search(r"^layers := (.*)$", f.read(), re.M)[1].split()


def sources(ends):
    """Files of the layers, and main.c, by their path in kernel/."""
    found = [f"main{e}" for e in ends if os.path.exists(f"{TOP}/kernel/main{e}")]
    for layer in layers():
        found += [f"{layer}/{name}"
                  for name in sorted(os.listdir(f"{TOP}/kernel/{layer}"))
                  if name.endswith(ends) and not name.endswith(".mod.c")]
    return found


def symbols(path):
    """What an object file defines for others, and what it asks of them."""
    defines, asks = set(), set()
    out = subprocess.run(["nm", path], check=True, capture_output=True,
                         text=True).stdout
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            asks.add(name)
        elif kind.isupper():
            defines.add(name)
    return defines, asks


def calls(objects):
    """{(from, to): names} by what the objects of each source use."""
    files = sources((".c",))
    both = {f: symbols(f"{objects}/{f[:-2]}.o") for f in files}
    home = {name: f for f in files for name in both[f][0]}
    arrows = collections.defaultdict(set)
    for f in files:
        for name in both[f][1]:
            if home.get(name, f) != f:
                arrows[f, home[name]].add(name)
    return arrows


def includes():
    """{(from, header)} by the #include lines of each file."""
    arrows = set()
    for f in sources((".c", ".h")):
        with open(f"{TOP}/kernel/{f}", encoding="utf-8") as text:
            for name in re.findall(r'^#include "(.*)"', text.read(), re.M):
                near = os.path.join(os.path.dirname(f), name)
                arrows.add((f, near if os.path.exists(f"{TOP}/kernel/{near}")
                            else name))
    return arrows


def circles(arrows):
    """Sets of files that reach each other (Tarjan, without recursion)."""
    nexts = collections.defaultdict(list)
    for a, b in arrows:
        nexts[a].append(b)
    index, low, stack, found = {}, {}, [], []
    for root in list(nexts):
        if root in index:
            continue
        todo = [(root, iter(nexts[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while todo:
            at, rest = todo[-1]
            for b in rest:
                if b not in index:
                    index[b] = low[b] = len(index)
                    stack.append(b)
                    todo.append((b, iter(nexts[b])))
                    break
                if b in stack:
                    low[at] = min(low[at], index[b])
            else:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[at])
                if low[at] == index[at]:
                    cut = stack.index(at)
                    if len(stack) - cut > 1:
                        found.append(sorted(stack[cut:]))
                    del stack[cut:]
    return found


def known():
    """{(from, to): names} of the arrows that are let pass."""
    arrows = {}
    if os.path.exists(f"{TOP}/{KNOWN}"):
        with open(f"{TOP}/{KNOWN}", encoding="utf-8") as f:
            for line in f:
                m = re.match(r"(\S+) -> (\S+?)(?:: (.*))?$", line)
                if m and not line.startswith("#"):
                    arrows[m[1], m[2]] = set((m[3] or "").split())
    return arrows


def main():
    """Prints what is wrong; 1 if anything is."""
    order = {layer: n for n, layer in enumerate(layers())}
    order["main.c"] = order["main.h"] = len(order)

    def height(f):
        return order[f.split("/")[0]]

    used, shown = calls(sys.argv[1]), includes()
    up = {p: names for p, names in used.items() if height(p[1]) > height(p[0])}
    shown_up = {p: set() for p in shown if "compat/" not in p[1] and
                height(p[1]) > height(p[0])}
    if "--count" in sys.argv:
        rings = circles(used)
        print(f"{len(sources(('.c',)))} files, {len(used)} arrows by calls; "
              f"up: {sum(map(len, up.values()))} uses in {len(up)} arrows, "
              f"{len(shown_up)} includes; in circles: {sum(map(len, rings))} "
              f"files, largest {max(map(len, rings), default=0)}")
        return 0
    listed, wrong = known(), []
    for p, names in sorted([*up.items(), *shown_up.items()]):
        if p not in listed or names - listed[p]:
            wrong.append(f"up: kernel/{p[0]} -> {p[1]}" +
                         (f": {' '.join(sorted(names))}" if names else ""))
    for p, names in sorted(listed.items()):
        if not (p in used and names and names <= used[p] or
                p in shown_up and not names):
            wrong.append(f"{KNOWN}: it is no longer so: {p[0]} -> {p[1]}")
    for ring in circles([p for p, names in used.items()
                         if not names <= listed.get(p, set())]):
        inside = [p for p in sorted(used) if p[0] in ring and p[1] in ring]
        wrong.append("a circle of " + " ".join(ring) + "\n" + "\n".join(
            f"  {a} -> {b}: {' '.join(sorted(used[a, b]))}" for a, b in inside))
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
