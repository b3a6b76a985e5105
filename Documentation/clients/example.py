#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""All paths, with what they do, and the sessions they belong to, by ynl.

example.py SPEC: that file is include/netlink/iscsi_mpio.yaml. ynl comes with the
kernel: PYTHONPATH is tools/net/ynl/pyynl of its source, tools/net/ynl before 6.14.
Of an enumeration ynl gives the names that the specification has.
"""
import sys

from lib import NlError, YnlFamily


def sessions(mpio):
    """Session objects by their numbers."""
    answers = mpio.dump("session-get", {})
    return {a["session"]["id"]: a["session"] for a in answers}


def show(mpio):
    """One line for each path."""
    known = sessions(mpio)
    for answer in mpio.dump("path-get", {}):
        path = answer["path"]
        state = "ready" if path["state"] == "ready" else "not ready"
        print(f"{path.get('disk', '-')} {path['key']} {state},"
              f" {path['ios']} I/Os,"
              f" {known[path['session-id']]['target-name']}")


def main():
    """The status is 1 when the kernel refuses, or has no such family."""
    try:
        # "": without jsonschema
        show(YnlFamily(sys.argv[1], ""))
    except NlError as error:
        sys.exit(f"cannot list paths: {error}")


if __name__ == "__main__":
    main()
