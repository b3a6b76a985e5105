#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""personalities.py NAME: that personality, until its standard input ends. A line there:

  add LUN NAME MIB, remove LUN, resize LUN MIB, swap LUN NAME MIB
  restart MS            nobody listens for so long, all sessions are gone
  chap [SECRET [BACK]]  who logs in has to know SECRET; without: nobody
  link N down|up        it loses link N, or has it back
  special               what only this one does of its own accord
  did                   how often it did what LIO does not
  sessions              how many there are

and one line of answer. Without a NAME: lists them. -d NAME: what the course has
to know of it, for a shell.
"""
import importlib
import os
import shlex
import sys
import time

from personality.unit import Unit

COMMON = ("__init__", "array", "unit")


def names():
    folder = os.path.join(os.path.dirname(__file__), "personality")
    found = {f[:-3] for f in os.listdir(folder) if f.endswith(".py")}
    return sorted(found - set(COMMON))


def load(name):
    return importlib.import_module("personality." + name).Target


def describe(kind):
    rows = {"T_MORE": kind.more, "T_NOUN": kind.shown[0],
            "T_SHOWN": kind.shown[1], "T_IQNS": " ".join(kind.iqns),
            "T_LUN": kind.lun, "T_DISKS": kind.disks, "T_PATHS": kind.paths,
            "T_READY": kind.ready, "T_COUNT": kind.count,
            "T_CRC32C": int(kind.crc32c), "T_TELLS": kind.tells,
            "T_FROM": " ".join(kind.discovered_at),
            "T_MUTUAL": int(kind.mutual), "T_LACKS": " ".join(kind.lacks),
            "T_NONE": kind.none}
    return "\n".join(f"{k}={shlex.quote(str(v))}" for k, v in rows.items())


def restart(array, ms):
    array.close()
    array.forget()
    time.sleep(ms / 1000)
    array.open()


def obey(array, words):
    order, rest = words[0], words[1:]
    if order in ("add", "swap"):
        array.map(int(rest[0]), Unit(array, rest[1], int(rest[2])))
    elif order == "remove":
        array.map(int(rest[0]), None)
    elif order == "resize":
        array.resize(int(rest[0]), int(rest[1]))
    elif order == "restart":
        restart(array, int(rest[0]))
    elif order == "chap":
        secrets = [word.encode() for word in rest] + [b"", b""]
        array.secret, array.secret_in = secrets[:2]
    elif order == "link":
        array.link(int(rest[0]), rest[1] == "up")
    elif order == "special":
        array.special()
    elif order == "did":
        return str(array.counts["it"])
    elif order == "sessions":
        return str(array.sessions())
    else:
        return "what?"
    return "done"


def main():
    if len(sys.argv) < 2:
        print("\n".join(names()))
        return
    if sys.argv[1] == "-d":
        print(describe(load(sys.argv[2])))
        return
    array = load(sys.argv[1])()
    array.open()
    print("listening", flush=True)
    for line in sys.stdin:
        answer = obey(array, line.split())
        print(f"broken: {array.broken}" if array.broken else answer,
              flush=True)
    array.close()


main()
