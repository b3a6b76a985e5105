#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""os-brick.py WHAT single|multipath IQN...: volumes as nova and cinder attach them.

WHAT is cycle (two LUNs of one target come and go, one after the other), extend (a
volume that has grown at its target), or parallel (one volume of each IQN, all at
once). Targets are behind 10.9.1.2 and 10.9.2.2. Prints what went wrong.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys

import os_brick
from os_brick import privileged
from os_brick.initiator import connector
from oslo_concurrency import lockutils
from oslo_config import cfg

PORTALS = ("10.9.1.2:3260", "10.9.2.2:3260")


def properties(iqn, lun, multipath):
    """Of a connection, as a cinder driver returns them."""
    found = {"target_discovered": False, "target_portal": PORTALS[0],
             "target_iqn": iqn, "target_lun": lun, "access_mode": "rw",
             "volume_id": f"{iqn}-{lun}", "auth_method": None}
    if multipath:
        found.update(target_portals=list(PORTALS), target_iqns=[iqn] * 2,
                     target_luns=[lun] * 2)
    return found


def driver(multipath):
    """One for each volume, as in nova."""
    return connector.InitiatorConnector.factory(
        "ISCSI", "", use_multipath=multipath, device_scan_attempts=3)


def disks():
    """Names of the iSCSI disks there are."""
    return {os.path.basename(p) for p in glob.glob("/sys/block/sd*")}


def is_readable(path):
    """Can its first block be read?"""
    return subprocess.run(["dd", f"if={path}", "of=/dev/null", "bs=4096",
                           "count=1", "status=none"], check=False
                          ).returncode == 0


def attach(iqn, lun, multipath):
    """Attaches, reads and detaches; what went wrong, or nothing."""
    c, p = driver(multipath), properties(iqn, lun, multipath)
    device = c.connect_volume(p)
    if not is_readable(device["path"]):
        return f"{iqn}: {device} is not readable"
    c.disconnect_volume(p, device)
    return ""


def cycle(multipath, iqn):
    """Two volumes of one target; the first goes first and alone."""
    c, p = driver(multipath), [properties(iqn, n, multipath) for n in (0, 1)]
    before = disks()
    device = [c.connect_volume(x) for x in p]
    wrong = [f"{d} is not readable" for d in device
             if not is_readable(d["path"])]
    if os.path.realpath(device[0]["path"]) == os.path.realpath(
            device[1]["path"]):
        wrong.append("two volumes are one disk")
    with_both = disks()
    c.disconnect_volume(p[0], device[0])
    if not is_readable(device[1]["path"]):
        wrong.append("the second went with the first")
    if not before < disks() < with_both:
        wrong.append(f"{sorted(disks())} when one of two has gone")
    c.disconnect_volume(p[1], device[1])
    if disks() != before:
        wrong.append(f"{sorted(disks() - before)} are left")
    return wrong


def extend(multipath, iqn):
    """GROW is the command that has the volume grow by 64 MiB."""
    c, p = driver(multipath), properties(iqn, 1, multipath)
    device = c.connect_volume(p)
    # It is looked for by its link, which udev makes a moment after the disk.
    subprocess.run(["udevadm", "settle", "-t", "20"], check=True)
    subprocess.run(os.environ["GROW"], shell=True, check=True)
    size = c.extend_volume(p)
    c.disconnect_volume(p, device)
    return [] if size == 128 << 20 else [f"extended to {size}"]


def parallel(multipath, *iqns):
    """All at once."""
    def one(iqn):
        try:
            return attach(iqn, 0, multipath)
        except Exception as e:  # pylint: disable=broad-except
            return f"{iqn}: {type(e).__name__}: {e}"
    with concurrent.futures.ThreadPoolExecutor(len(iqns)) as pool:
        return [w for w in pool.map(one, iqns) if w]


def main():
    """1 if anything was wrong."""
    lockutils.set_defaults("/run/lock")
    privileged.default.set_client_mode(False)
    if hasattr(os_brick, "setup"):
        os_brick.setup(cfg.CONF)
    cfg.CONF([], project="os-brick")
    what, how, *iqns = sys.argv[1:]
    wrong = {"cycle": cycle, "extend": extend, "parallel": parallel}[what](
        how == "multipath", *iqns)
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
