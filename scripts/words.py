#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""words.py [--test]: which words that were given up are used again?

Each idea has one word, that of its field: a disk is no "head", a SCSI host no
"group". Reads what git has, prints FILE:LINE: what to say instead, and fails.
With --test, is asked about samples instead.
"""
import re
import subprocess
import sys

# Word, as a regular expression; what to say; uses that are others' terms.
ANYWHERE = [
    (r"doubt", "unchecked, uncertain, or verify_gen", r"$^"),
    (r"suspect(?!_COMMA)", "reverify", r"suspicious|SPLAT=.*"),
    (r"judge", "check, decide", r"$^"),
    (r"doom", "dying", r"$^"),
    (r"orphan", "stale, lost", r"\borphan_file\b"),           # ext4's
    (r"\btwins?\b|_twin|twin_", "duplicate, second",
     r'"Twins"|Identifier Twins '),                           # printed: ABI
    (r"wish", "path_config", r"$^"),
    (r"\btheirs\b|_theirs|theirs_", "whose it is", r"$^"),
]
# In C and in the models names only: others have such words, too.
NAMES = [
    (r"(?:\w*_)?(?:left|leave|leaves|leaving|leftover)(?:_\w*)?",
     "remaining, logout, removed, detach"),
    (r"mpio_(?:\w+_)?heads?(?:_\w+)?", "disk"),
    (r"(?:mpio_groups?(?:_\w+)?|group_node|(?<=sess->|disk->)group)", "host, or port group"),
    (r"(?:mpio_action(?:_\w+)?|action_\w+)", "disposition"),
    (r"(?:hint_\w+|\w+_hint)", "portal_name, nearest"),
    (r"(?:stack_(?!max)\w+|mpio_stack\w*)", "dm_move"),
]
SKIP = re.compile(r"^(COPYING|scripts/words\.py|tests/fuzz/corpus/.*|.*\.json|"
                  r"tests/system/results/.*)$")
CODE = re.compile(r"\.([ch]|pml)$")


def only_code(text):
    """Without comments, and what is between quotes; lines stay where they are."""
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'"
                  r"|^[ \t]*#[ \t]*include[^\n]*",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                  flags=re.S | re.M)


def found(path, text):
    """(line, what to say) for each use."""
    for word, say, others in ANYWHERE:
        known = re.sub(others, lambda m: " " * len(m.group(0)), text)
        for m in re.finditer(word, known, re.I):
            yield known.count("\n", 0, m.start()) + 1, f"{m.group(0)}: {say}"
    if not CODE.search(path):
        return
    code = only_code(text)
    for name, say in NAMES:
        for m in re.finditer(rf"(?<!\w){name}(?!\w)", code, re.I):
            yield code.count("\n", 0, m.start()) + 1, f"{m.group(0)}: {say}"


def test():
    """Does it see what it must, and nothing else?"""
    bad = ["int left;", "struct mpio_head *d;", "struct mpio_group *g;",
           "mpio_action_for(t);", "/* a doubt */", "/* theirs */", "int twins;",
           "sess->group", "MPIO_ACTION_X", "no_hint()", "stack_make()"]
    good = ["/* what is left */", "struct list_head *head;", "x = \"left\";",
            "mpio_genl_groups", "SA_TARGET_PORT_GROUPS", "sigaction(a, b)",
            "print(\"Twins\")", "a = leftmost;", "/* otherwise */"]
    wrong = [s for s in bad if not list(found("x.c", s))]
    wrong += [s for s in good if list(found("x.c", s))]
    for sample in wrong:
        print(f"words.py --test: {sample}")
    return bool(wrong)


def main():
    """Prints findings of all files."""
    if sys.argv[1:] == ["--test"]:
        return test()
    paths = subprocess.run(["git", "ls-files", "--cached", "--others",
                            "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout
    status = 0
    for path in paths.split():
        if SKIP.match(path):
            continue
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        for line, what in found(path, text):
            print(f"{path}:{line}: {what}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
