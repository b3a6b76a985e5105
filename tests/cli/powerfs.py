#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Power cuts below a real file system. Needs root; runs in a VM.

usage: powerfs.py ISCSICTL POWERCUT.SO FILE-SYSTEM DIRECTORY

The store is on a file system in an image. The tool ends before its Nth call
that changes a file, for every N, and once after it has reported success; what
the file system has handed to its disk by then is copied, as a power cut would
leave it, and mounted. Each file must be wholly old or wholly new, and new when
success was reported.
"""
import os
import shutil
import subprocess
import sys

from cli import CHANGES, count_calls, snapshot
from harness import POWERCUT, check, new_root, results, run

KIND, WORK = sys.argv[3], os.path.abspath(sys.argv[4])
MOUNT = f"{WORK}/mnt"
ROOT = f"{MOUNT}/root"
# Smallest an XFS may be
SIZE = 300 << 20
MKFS = {"ext4": ["mkfs.ext4", "-qF"], "xfs": ["mkfs.xfs", "-qf"],
        "btrfs": ["mkfs.btrfs", "-qf"]}


def sh(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Disk:
    """An image that is mounted; cut() goes on with what had reached it."""

    def __init__(self):
        self.number = 0
        os.makedirs(MOUNT, exist_ok=True)
        with open(self.image(), "wb") as f:
            f.truncate(SIZE)
        sh(*MKFS[KIND], self.image())
        self.mount()

    def image(self):
        return f"{WORK}/disk{self.number}"

    def mount(self):
        sh("mount", "-o", "loop", "-t", KIND, self.image(), MOUNT)

    def cut(self):
        """Unmounting writes what was lost, but into the image of before."""
        old = self.image()
        self.number += 1
        sh("cp", "--sparse=always", old, self.image())
        sh("umount", MOUNT)
        os.unlink(old)
        self.mount()

    def close(self):
        sh("umount", MOUNT)
        os.unlink(self.image())


def prepare():
    shutil.rmtree(ROOT, ignore_errors=True)
    root = new_root()
    shutil.copytree(root, ROOT)
    shutil.rmtree(root)
    os.sync()


def check_files(what, before, after):
    now = snapshot(ROOT)
    torn = [f for f in now if now[f] not in (before.get(f), after.get(f))]
    check(not torn, f"{what}: every file is wholly old or new", torn)
    lost = [f for f in before if f in after and f not in now]
    check(not lost, f"{what}: nothing is lost", lost)
    return now


def cut_at(disk, name, number, before, after):
    """The power goes before call @number; 0: after success was reported."""
    args, stdin = CHANGES[name]
    what = f"{KIND}: {name}, " + (f"call {number}" if number else "done")
    prepare()
    r = run(ROOT, *args, stdin=stdin,
            env={"LD_PRELOAD": POWERCUT, "POWERCUT_KEEP": "1",
                 "POWERCUT_AT": str(number)} if number else {})
    check(r.returncode == (99 if number else 0), f"{what}: ran",
          f"{r.returncode} {r.stderr}")
    disk.cut()
    now = check_files(what, before, after)
    if not number:
        check(now == after, f"{what}: is on the disk", sorted(now))
        return
    r = run(ROOT, *args, stdin=stdin)
    check(r.returncode == 0 or now == after, f"{what}: it can be repeated",
          r.stderr)
    check(snapshot(ROOT) == after, f"{what}: and is then complete",
          sorted(snapshot(ROOT)))


def refusals(what):
    """How many changes are refused: each is told and changes nothing."""
    count = 0
    for name, (args, stdin) in CHANGES.items():
        before = snapshot(ROOT)
        r = run(ROOT, *args, stdin=stdin)
        if r.returncode == 0:
            continue
        count += 1
        check(r.returncode in (6, 13) and r.stderr.startswith("iscsictl: "),
              f"{KIND}: {name}, {what}: is told",
              f"{r.returncode} {r.stderr}")
        check(snapshot(ROOT) == before,
              f"{KIND}: {name}, {what}: nothing changes")
    return count


def fill():
    """Until not one more block fits, not even after a sync."""
    size = 1 << 20
    with open(f"{MOUNT}/filler", "wb", buffering=0) as f:
        while size >= 512:
            try:
                f.write(b"\1" * size)
                os.fsync(f.fileno())
            except OSError:
                size //= 2


def main():
    disk = Disk()
    cuts = 0
    for name, (args, stdin) in CHANGES.items():
        prepare()
        before = snapshot(ROOT)
        calls, after = count_calls(args, stdin)
        for number in range(calls + 1):
            cut_at(disk, name, number, before, after)
            cuts += 1
    prepare()
    fill()
    # Btrfs keeps small files beside its metadata, for which it has more room.
    full = refusals("disk full")
    check(full >= 2 or KIND == "btrfs", f"{KIND}: a full disk refuses", full)
    os.unlink(f"{MOUNT}/filler")
    prepare()
    sh("mount", "-o", "remount,ro", MOUNT)
    check(refusals("read-only") == len(CHANGES),
          f"{KIND}: a read-only one refuses all")
    disk.close()
    print(f"{KIND}: {cuts} power cuts, {full} refusals of {len(CHANGES)} for "
          f"want of room, {results[True]} checks passed, "
          f"{results[False]} failed")
    return results[False] > 0


if __name__ == "__main__":
    sys.exit(main())
