#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""layers.py TREE [--count]: does each folder of TREE call only downwards?

TREE is a built copy of kernel/ or userspace/, which has sources and objects
beside each other. A file points at another if it uses a function or an object
that the other defines (nm), or includes a header of it. The folders, bottom up,
are those of "layers := " in ../Kbuild, or in Makefile; main.c is above them. What
two folders define, one of them instead of the other, is that of the lower one
for all but the upper. Says what is wrong, if

- a call or an #include points to a folder further up,
- the calls of some files form a circle,
- in kernel/, a function or an object for others is named nowhere else, nor by
  the tool,
- in userspace/, a function for other files does not begin with the name of its
  file or its folder (UNNAMED apart),
- one arrow up, one circle, one #include and one function without a use, added
  to copies of the tree, are not found.

--count prints figures alone.
"""

import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Files whose functions have names of another kind, and what that is.
UNNAMED = {
    "lib": r"impio_|genl_|message_",  # the library's own
    "base/error.c": r"because|because_errno|failed|note|verbose|why|would",
    "base/memory.c": r"x[a-z]+|copy_text",
}

# Of kernel/proto/, what only the tool calls: files, and what is too small for one.
TOOL = ("proto/sendtargets.c", "mpio_portal_equal")


class Tree:
    """The files of a tree, what they call and what they include."""

    def __init__(self, top):
        self.top = top
        self.rule = "Makefile" if os.path.exists(f"{top}/Makefile") else "../Kbuild"
        with open(f"{top}/{self.rule}", encoding="utf-8") as f:
            self.layers = re.search(r"^layers +:= (.*)$", f.read(),
                                    re.M)[1].split()
        self.used = self._calls()

    def height(self, path):
        """Number of the folder, from below."""
        folder = path.split("/")[0]
        return (self.layers.index(folder) if folder in self.layers
                else len(self.layers))

    def sources(self, ends):
        """Files of the layers, and main.c, by their path in the tree."""
        found = [f"main{e}" for e in ends
                 if os.path.exists(f"{self.top}/main{e}")]
        for layer in self.layers:
            found += [f"{layer}/{name}" for name in
                      sorted(os.listdir(f"{self.top}/{layer}"))
                      if name.endswith(ends) and not name.endswith(".mod.c")]
        return found

    def symbols(self, path):
        """What the object of a source defines for others, and what it asks."""
        defines, asks = set(), set()
        out = subprocess.run(["nm", f"{self.top}/{path[:-2]}.o"], check=True,
                             capture_output=True, text=True).stdout
        for line in out.splitlines():
            kind, name = line.split()[-2:]
            if kind == "U":
                asks.add(name)
            elif kind.isupper():
                defines.add(name)
        return defines, asks

    def _calls(self):
        """{(from, to): names}"""
        files = self.sources((".c",))
        both = {f: self.symbols(f) for f in files}
        homes = collections.defaultdict(list)
        for f in files:
            for name in both[f][0]:
                homes[name].append(f)
        arrows = collections.defaultdict(set)
        for f in files:
            for name in both[f][1] & homes.keys():
                here = [h for h in homes[name]
                        if self.height(h) == self.height(f)]
                arrows[f, (here or homes[name])[0]].add(name)
        return arrows

    def includes(self):
        """{(from, header)} by the #include lines of each file."""
        arrows = set()
        for f in self.sources((".c", ".h")):
            with open(f"{self.top}/{f}", encoding="utf-8") as text:
                for name in re.findall(r'^#include "(.*)"', text.read(), re.M):
                    near = os.path.normpath(
                        os.path.join(os.path.dirname(f), name))
                    near = near if os.path.exists(f"{self.top}/{near}") else name
                    if os.path.exists(f"{self.top}/{near}"):
                        arrows.add((f, near))
        return arrows

    def up(self):
        """{(from, to): names} of what points up, by a call or an include."""
        shown = {p: set() for p in self.includes() if "compat/" not in p[1]}
        return {p: names for p, names in [*self.used.items(), *shown.items()]
                if self.height(p[1]) > self.height(p[0])}

    def misnamed(self):
        """Functions and objects that do not say where they are."""
        if self.rule != "Makefile":
            return
        for f in self.sources((".c",)):
            folder, stem = os.path.split(f[:-2])
            rule = UNNAMED.get(f) or UNNAMED.get(folder) or "main"
            for name in sorted(self.symbols(f)[0]):
                if not (re.fullmatch(f"({stem}|{folder})(_.*)?", name) or
                        re.match(f"({rule})", name)):
                    yield f"{f}: {name} does not begin with {stem}_"

    def unused(self):
        """What the module has for nobody. Headers only declare it."""
        if self.rule == "Makefile":
            return
        texts = {f: open(f"{self.top}/{f}", encoding="utf-8").read()
                 for f in self.sources((".c",))}
        words = collections.Counter(
            w for text in texts.values() for w in re.findall(r"\w+", text))
        for f in texts:
            for name in sorted(self.symbols(f)[0]):
                if (words[name] < 2 and f not in TOOL and name not in TOOL
                        and re.match(r"mpio_|layers_", name)):
                    yield f"{f}: {name} has no use"

    def wrong(self):
        """What is wrong, a text for each."""
        found = [f"up: {a} -> {b}" + (": " + " ".join(sorted(names))
                                       if names else "")
                 for (a, b), names in sorted(self.up().items())]
        found += self.misnamed()
        found += self.unused()
        for ring in circles(self.used):
            inside = [p for p in sorted(self.used)
                      if p[0] in ring and p[1] in ring]
            found.append("a circle of " + " ".join(ring) + "\n" + "\n".join(
                f"  {a} -> {b}: {' '.join(sorted(self.used[a, b]))}"
                for a, b in inside))
        return found


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


def call(top, source, name, caller="layers_stub"):
    """Has the object of a source use one more name, in one more function."""
    stub, whole = f"{top}/stub.o", f"{top}/{source[:-2]}.o"
    subprocess.run(["gcc", "-x", "c", "-c", "-fno-pie", "-o", stub, "-"],
                   check=True, text=True, input=f"void {name}(void);"
                   f"void {caller}(void) {{ {name}(); }}")
    subprocess.run(["ld", "-r", "--no-warnings", "-o", f"{top}/whole.o",
                    whole, stub], check=True)
    os.replace(f"{top}/whole.o", whole)


def link(source, copy):
    """Copies what is changed in place, sources; objects are replaced."""
    if source.endswith(".o"):
        os.symlink(os.path.abspath(source), copy)
    elif source.endswith((".c", ".h")):
        shutil.copy(source, copy)


def blind(tree):
    """What one more arrow of each kind should be called, and is not."""
    (a, b), names = next((p, n) for p, n in sorted(tree.used.items())
                         if tree.height(p[1]) < tree.height(p[0]))
    (c, d) = next(p for p in sorted(tree.used)
                  if tree.height(p[0]) == tree.height(p[1]))
    back = sorted(tree.symbols(c)[0])
    name, header = sorted(tree.symbols(a)[0])[0], next(
        h for h in tree.sources((".h",)) if tree.height(h) > tree.height(b))
    for kind, source, used, told in [
            ("a call up", b, name, f"up: {b} -> {a}: {name}"),
            ("a circle", d, back[0], "a circle of "),
            ("an #include up", b, None, f"up: {b} -> {header}"),
            *([] if tree.rule == "Makefile" else
              [("no use", b, "layers_spare", "layers_spare has no use")])]:
        with tempfile.TemporaryDirectory() as copy:
            top = f"{copy}/tree"
            shutil.copytree(tree.top, top, copy_function=link)
            shutil.copy(f"{tree.top}/{tree.rule}", f"{top}/{tree.rule}")
            if told.endswith("has no use"):
                call(top, source, sorted(names)[0], used)
            elif used:
                call(top, source, used)
            else:
                with open(f"{top}/{source}", "a", encoding="utf-8") as f:
                    f.write(f'#include "{header}"\n')
            found = Tree(top).wrong()
            if not any(told in text for text in found):
                yield f"{kind} from {source} is not found: {found}"


def main():
    """Prints what is wrong; 1 if anything is."""
    tree = Tree(sys.argv[1].rstrip("/"))
    if "--count" in sys.argv:
        rings, up = circles(tree.used), tree.up()
        print(f"{len(tree.sources(('.c',)))} files, {len(tree.used)} arrows by "
              f"calls; up: {len(up)}; in circles: {sum(map(len, rings))} "
              f"files, largest {max(map(len, rings), default=0)}")
        return 0
    wrong = tree.wrong() or list(blind(tree))
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
