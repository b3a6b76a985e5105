#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""upstream.py OUT: the driver as it would lie in the kernel's own tree, in OUT.

Files of kernel/ lose what older kernels want: the overlays of kernel/compat/ and
the names they give. OUT/series lists the steps of a patch series, a line each:
  NAME FILE...
bottom up, so that each step compiles with those before it. Layers whose headers
need each other make one step. What is left of compat is an error.
"""
import os
import re
import shutil
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
HOME = "drivers/scsi/iscsi_mpio"

# What kernel/compat/ calls otherwise, as 7.2 has it.
NAMES = (
    (r"\bMPIO_SDEV_CONFIGURE_ARGS\b",
     "struct scsi_device *sdev, struct queue_limits *lim"),
    (r"\bmpio_qc_status\b", "enum scsi_qc_status"),
    (r"\bkzalloc\(sizeof\((\*\w+)\), GFP_KERNEL\)", r"kzalloc_obj(\1)"),
    (r"\bkmalloc\(sizeof\((\*\w+)\), GFP_KERNEL\)", r"kmalloc_obj(\1)"),
    (r"\bMPIO_BIN_ATTRIBUTE\b", "const struct bin_attribute"),
    (r"\bmpio_sk_no_task_frag\(sk\);", "sk->sk_use_task_frag = false;"),
    (r"\bnth_page\((\w+), (\w+)\)", r"\1 + \2"),
    (r"\bnth_page\((\w+\([^()]*\)), ([^()]+)\)", r"\1 + (\2)"),
    (r'#include "compat/sock_send\.h"', '#include "conn/sock_send.h"'),
    (r"\buint(8|16|32|64)_t\b", r"u\1"),
    (r"\n/\* Found as <trace/events/iscsi_mpio\.h>:[^*]*\*/", ""),
)
# Who prints has the prefix of kernel/compat/prefix.h.
PRINTS = re.compile(r"\bpr_(?:info|notice|warn|err|debug)(?:_ratelimited)?\(")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def preprocess(text, known):
    """Takes #if branches out whose names are in @known: {name: defined}."""
    out, stack = [], []     # (ours, taken)
    for line in text.split("\n"):
        m = re.match(r"#\s*(ifdef|ifndef|else|endif|if)\b\s*(.*)", line)
        word, rest = (m.group(1), m.group(2)) if m else (None, "")
        name = re.sub(r"/\*.*", "", rest).strip()
        if word in ("ifdef", "ifndef", "if"):
            ours = word != "if" and name in known
            stack.append([ours, not ours or
                          known[name] == (word == "ifdef")])
            if ours:
                continue
        elif word == "else" and stack[-1][0]:
            stack[-1][1] = not stack[-1][1]
            continue
        elif word == "endif" and stack.pop()[0]:
            continue
        if all(taken for _, taken in stack):
            out.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out))


def aligned(m):
    """The head of a function, whose name or arguments may be longer now."""
    head, arguments = m.group(1), re.split(r",\s*", m.group(2))
    if "\n" in m.group(2) and all(
            re.match(r"\s", line) and len(line.expandtabs(8)) -
            len(line.expandtabs(8).lstrip()) == len(head)
            for line in m.group(2).split("\n")[1:]):
        return m.group(0)
    if "\n" not in m.group(2) and len(m.group(0)) <= 80:
        return m.group(0)
    tabs = "\t" * (len(head) // 8) + " " * (len(head) % 8)
    lines = [head + arguments[0]]
    for argument in arguments[1:]:
        if len(lines[-1].expandtabs(8)) + len(argument) + 3 <= 80:
            lines[-1] += ", " + argument
        else:
            lines[-1] += ","
            lines.append(tabs + argument)
    return "\n".join(lines) + ")"


def convert(name):
    text = read(name)
    text = preprocess(text, {"HAVE_KERNEL_SENDPAGE": False,
                             "__KERNEL__": True})
    for pattern, new in NAMES:
        text = re.sub(pattern, new, text)
    text = re.sub(r"^(static [^\n;={}()]*?\w\()([^;{}()]*?)\)(?=\n\{)", aligned, text,
                  flags=re.M)
    if name.endswith(".c") and PRINTS.search(text):
        text = text.replace("#include",
                            '#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt\n\n'
                            "#include", 1)
    if name.endswith("sock_send.h"):
        text = text.replace("_MPIO_COMPAT_SOCK_SEND_H", "_MPIO_SOCK_SEND_H")
        text = text.replace(
            " *\n * Zero-copy: MSG_SPLICE_PAGES takes many pages at a time; "
            "kernels with\n * kernel_sendpage() take one. (6.1 defines the flag, "
            "and ignores it.)\n", "")
    left = re.findall(r"\bHAVE_[A-Z_]+|compat/[\w./]*|MPIO_COMPAT\w*", text)
    if left:
        sys.exit(f"{name}: {left[0]} is left of kernel/compat")
    return text


def layers():
    return re.search(r"^layers := (.*)$", read("Kbuild"), re.M)[1].split()


def sources(layer):
    return sorted(f for f in os.listdir(f"{TOP}/kernel/{layer}")
                  if f.endswith((".c", ".h")) and not f.endswith(".mod.c")
                  and not f.startswith("sendtargets."))    # the tool's


def steps(order):
    """Runs of layers in which headers of a lower one need an upper one."""
    top = list(range(len(order)))
    for i, layer in enumerate(order):
        for name in sources(layer):
            for other in re.findall(r'#include "(\w+)/', read(
                    f"kernel/{layer}/{name}")):
                if other in order:
                    top[i] = max(top[i], order.index(other))
    run, end = [], -1
    for i, layer in enumerate(order):
        run.append(layer)
        end = max(end, top[i])
        if i == end:
            yield run
            run = []


def put(out, name, text):
    path = os.path.join(out, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")
    return name


def makefile(order, last):
    lines = ["# SPDX-License-Identifier: GPL-2.0", "",
             "ccflags-y := -I$(src)",
             "ccflags-y += -DMPIO_VERSION='\"%s\"'" % re.search(
                 r"^MPIO_VERSION := (\S+)", read("Kbuild"), re.M)[1], "",
             "obj-$(CONFIG_SCSI_ISCSI_MPIO) += iscsi_mpio.o", ""]
    for layer in order:
        lines += [f"iscsi_mpio-y += {layer}/{name[:-2]}.o"
                  for name in sources(layer) if name.endswith(".c")]
    if last:
        lines.append("iscsi_mpio-y += main.o")
    return "\n".join(lines)


def documents(out):
    """Documentation/ in the places that the kernel has for it."""
    names = []
    pages = sorted(f for f in os.listdir(f"{TOP}/Documentation")
                   if f.endswith(".rst") and f != "machines.rst")
    for page in pages:
        text = read(f"Documentation/{page}")
        text = text.replace("``kernel/compat/``", "the out-of-tree version")
        names.append(put(out, f"Documentation/scsi/iscsi_mpio/{page}", text))
    for name in sorted(os.listdir(f"{TOP}/Documentation/ABI")):
        names.append(put(out, f"Documentation/ABI/testing/{name}",
                         read(f"Documentation/ABI/{name}")))
    names.append(put(out, "Documentation/netlink/specs/iscsi_mpio.yaml",
                     read("include/netlink/iscsi_mpio.yaml")))
    return names


def main():
    out = sys.argv[1]
    shutil.rmtree(out, ignore_errors=True)
    order, done, series = layers(), [], []
    for name in ("include/uapi/linux/iscsi_mpio.h",
                 "include/trace/events/iscsi_mpio.h"):
        put(out, name, convert(name))
    put(out, f"{HOME}/Kconfig", read("packaging/upstream/Kconfig"))
    for run in steps(order):
        files = []
        for layer in run:
            for name in sources(layer):
                files.append(put(out, f"{HOME}/{layer}/{name}",
                                 convert(f"kernel/{layer}/{name}")))
        if "conn" in run:
            files.append(put(out, f"{HOME}/conn/sock_send.h",
                             convert("kernel/compat/sock_send.h")))
        done += run
        put(out, f"series.d/{len(series)}.Makefile", makefile(done, False))
        series.append("-".join(run) if len(run) < 4 else f"{run[0]}-to-{run[-1]}")
        if len(series) == 1:
            files += ["include/uapi/linux/iscsi_mpio.h", f"{HOME}/Kconfig"]
        if "base" in run:
            files.append("include/trace/events/iscsi_mpio.h")
        put(out, f"series.d/{len(series) - 1}.files", "\n".join(files))
    files = [put(out, f"{HOME}/{name}", convert(f"kernel/{name}"))
             for name in ("main.c", "main.h")
             if os.path.exists(f"{TOP}/kernel/{name}")]
    put(out, f"series.d/{len(series)}.Makefile", makefile(order, True))
    put(out, f"series.d/{len(series)}.files", "\n".join(files))
    put(out, f"{HOME}/Makefile", makefile(order, True))
    put(out, "series.d/documents", "\n".join(documents(out)))
    put(out, "series", "\n".join(series + ["main"]))
    return 0


sys.exit(main())
