#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""messages.py [--write]: is each message in the table, and the table in the manual?

Says which line of the module has no name, or one of another text, or one that
another line has; which event, exit status or row has no counterpart; and whether
iscsi-mpio-messages(7) is what the table in userspace/flow/messages.c makes.
--write writes that page.
"""
import collections
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TABLE = "userspace/flow/messages.c"
PAGE = "userspace/man/iscsi-mpio-messages.7"
Row = collections.namedtuple("Row", "id text happened data mend")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|[{},]')
CALL = re.compile(r"\b(?:(?:pr|dev|netdev)_(?:emerg|alert|crit|err|warn|notice|info)"
                  r"(?:_ratelimited|_once)?|(?:sdev_|shost_|starget_)?printk)\(")
HEAD = r""".\" SPDX-License-Identifier: GPL-2.0
.\" Written by scripts/messages.py: change userspace/flow/messages.c instead.
.Dd November 29, 2026
.Dt ISCSI-MPIO-MESSAGES 7
.Os
.Sh NAME
.Nm iscsi-mpio-messages
.Nd what messages of iscsi_mpio mean, for the data, and what to do
.Sh DESCRIPTION
Each line of the module in the kernel's log ends with its name in brackets.
Events and errors have names, too: an event has that of its number, an error of
.Xr iscsictl 8
and of a session that of the exit status.
A name stays what it is.
.Dl iscsictl explain MPIO0009
says what is here about one of them, and so does
.Dl iscsictl explain
with the line of a log behind it.
"""
PARTS = ((0, 100, "MESSAGES OF THE MODULE",
          "What stands for a number or a word of the moment begins with %."),
         (100, 200, "EVENTS", "They are what\n.Cm iscsictl monitor\nprints."),
         (200, 300, "FAILURES", "By the exit status, which is the name's end."))
TAIL = r""".Sh SEE ALSO
.Xr iscsi_mpio 4 ,
.Xr iscsictl 8
"""


def read(path):
    with open(f"{TOP}/{path}", encoding="utf-8") as f:
        return f.read()


def unquote(text):
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def rows():
    source = read(TABLE)
    words = dict(re.findall(r'^#define (\w+) ("[^"]*")$', source, re.M))
    body = re.search(r"messages\[\] = \{\n(.*?)\n\t\{\}\n", source, re.S)[1]
    found, fields = [], []
    for token in TOKEN.findall(body):
        if token == "{":
            fields = [""]
        elif token == "}":
            found.append(Row(int(fields[0]), *fields[1:5]))
        elif token == ",":
            fields.append("")
        else:
            token = words.get(token, token)
            fields[-1] += unquote(token) if token[0] == '"' else token
    return found


def escape(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\&\1", text)


def wrap(text, width=78):
    line, lines = "", []
    for word in text.split():
        if line and (len(line) + len(word) + 1 > width or line[-1] == "."):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join(escape(x) for x in lines + [line])


def page(table):
    text = HEAD
    for first, end, title, words in PARTS:
        text += f".Sh {title}\n{words}\n"
        for row in table:
            if not first <= row.id < end:
                continue
            shown = re.sub(r"%\d*l*([a-z])", "%", row.text)
            text += (f".Ss MPIO{row.id:04}\n.Bd -ragged -compact\n"
                     f"{wrap(shown)}\n.Ed\n.Pp\n{wrap(row.happened)}\n"
                     f".br\nFor the data:\n{wrap(row.data)}\n"
                     f".br\nTo do:\n{wrap(row.mend)}.\n")
    return text + TAIL


def calls():
    """(file:line, format) of each message of the module."""
    for path in sorted(glob.glob(f"{TOP}/kernel/**/*.[ch]", recursive=True)):
        with open(path, encoding="utf-8") as f:
            source = f.read()
        name = os.path.relpath(path, TOP)
        for m in CALL.finditer(source):
            if source[source.rfind("\n", 0, m.start()) + 1] == "#":
                continue
            strings = re.match(r'(?:[^";]*?)((?:"(?:[^"\\]|\\.)*"\s*)+)',
                               source[m.end():])
            text = "".join(unquote(s.replace("\\n", "")) for s in re.findall(
                r'"(?:[^"\\]|\\.)*"', strings[1])) if strings else ""
            yield f"{name}:{source.count(chr(10), 0, m.start()) + 1}", text


def wrong_module(table):
    texts = {r.id: r.text for r in table if r.id < 100}
    seen = {}
    for where, text in calls():
        named = re.fullmatch(r"(.*) \[MPIO(\d{4})\]", text)
        if not named:
            yield f"{where}: \"{text}\" has no name"
            continue
        number = int(named[2])
        if number in seen:
            yield f"{where}: MPIO{number:04} is {seen[number]}'s"
        seen[number] = where
        if texts.get(number) != named[1]:
            yield (f"{where}: MPIO{number:04} is \"{texts.get(number)}\" in "
                   f"{TABLE}")
    for number in sorted(texts.keys() - seen.keys()):
        yield f"{TABLE}: MPIO{number:04}: the module says no such thing"


def wrong_numbers(table):
    texts = {r.id: r.text for r in table}
    words = dict(re.findall(r'\[MPIO_EVENT_(\w+)\]\s*=\s*"([^"]*)"',
                            read("userspace/module/model.c")))
    names = re.findall(r"^\tMPIO_EVENT_(\w+)",
                       read("include/uapi/linux/iscsi_mpio.h"), re.M)
    wanted = {101 + i: words.get(n) for i, n in enumerate(names)}
    codes = re.findall(r"^\tCODE_\w+ = (\d+),", read("userspace/base/error.h"),
                       re.M)
    for number, word in wanted.items():
        if texts.get(number) != word:
            yield f"MPIO{number:04}: the event is \"{word}\""
    ours = {200 + int(c) for c in codes if c != "0"} | wanted.keys()
    for number in sorted(ours ^ {n for n in texts if n > 100}):
        yield f"MPIO{number:04}: not both in {TABLE} and in the code"
    numbers = [r.id for r in table]
    if numbers != sorted(set(numbers)):
        yield f"{TABLE}: not in order"


def main():
    table = rows()
    if "--write" in sys.argv:
        with open(f"{TOP}/{PAGE}", "w", encoding="utf-8") as f:
            f.write(page(table))
    wrong = [*wrong_module(table), *wrong_numbers(table)]
    if not os.path.exists(f"{TOP}/{PAGE}") or read(PAGE) != page(table):
        wrong.append(f"{PAGE}: run scripts/messages.py --write")
    print("\n".join(wrong), end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
