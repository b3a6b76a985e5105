#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""pr.py DEVICE ORDER NUMBER...: persistent reservations by the kernel's own
interface, <linux/pr.h>:
  register OLD-KEY NEW-KEY      reserve KEY TYPE      release KEY TYPE
  preempt KEY VICTIM-KEY TYPE   preempt-abort KEY VICTIM-KEY TYPE   clear KEY
Types: 1 write exclusive, 2 exclusive access, 3 and 4 the same for registrants
only, 5 and 6 for all registrants. The status is 0, 1 for a reservation
conflict, 2 for anything else.
"""
import fcntl
import struct
import sys

ORDERS = {
    # number, size of the argument, layout
    "register": (200, "QQII", lambda old, new: (old, new, 0, 0)),
    "reserve": (201, "QII", lambda key, kind: (key, kind, 0)),
    "release": (202, "QII", lambda key, kind: (key, kind, 0)),
    # "old_key" of the structure is the caller's own, "new_key" the victim's
    "preempt": (203, "QQII", lambda key, old, kind: (key, old, kind, 0)),
    "preempt-abort": (204, "QQII", lambda key, old, kind: (key, old, kind, 0)),
    "clear": (205, "QII", lambda key: (key, 0, 0)),
}
SAM_STAT_RESERVATION_CONFLICT = 0x18


def main():
    device, order = sys.argv[1:3]
    number, layout, arrange = ORDERS[order]
    # a bytearray has ioctl() return what the kernel returned
    argument = bytearray(struct.pack(
        layout, *arrange(*(int(n, 0) for n in sys.argv[3:]))))
    request = 1 << 30 | len(argument) << 16 | ord("p") << 8 | number
    with open(device, "rb") as disk:
        try:
            status = fcntl.ioctl(disk, request, argument)
        except OSError as error:
            print(order, error.strerror)
            return 2
    # drivers answer with a status of their own where they have one
    if status:
        print(order, "status", hex(status))
    return {0: 0, SAM_STAT_RESERVATION_CONFLICT: 1}.get(status, 2)


sys.exit(main())
