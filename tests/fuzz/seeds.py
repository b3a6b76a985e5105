#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py DIR: inputs of fuzz_receive in which the target breaks one rule each.

Chance finds most rules of a protocol, but rarely the one wrong number among all
the right ones. Each input is written as fuzz_receive and engine/target.c read it,
and named for the mutant of mutants.py that it is to kill.
"""

import os
import sys

# Bits of the first byte: see init_params().
IMMEDIATE, INITIAL_R2T, IN_ORDER = 4, 8, 16 | 32
MAX_BURST_2048 = 4		# of the second
# Bits of an operation
MORE, KEEP_ROOM = 0x80, 0x40
DATA_IN, RESPONSE, R2T, NOP_IN, SUBMIT, ROOM = 0, 6, 9, 12, 19, 29
# Bits of what is submitted, and how long that is
WRITE, TIMES_96 = 0x80, 0x20
READ_100, WRITE_9601 = (0, 99), (WRITE | TIMES_96, 100)
HOW = 8				# all numbers right, the window open
STATSN_BEHIND = 0xc0
FIRST, ANY = 0, 0x80		# the first that was sent; or the first of all
BUSY = 1			# of the status that target.c has


def begin(first=INITIAL_R2T | IN_ORDER, second=0):
    return bytes([first, second, 32, 32, 255])


def submit(command, op=0):
    return bytes([SUBMIT | op, *command])


def no_room():
    return bytes([ROOM | KEEP_ROOM, 0])


def busy(which=FIRST, op=0):
    return bytes([RESPONSE | op, HOW, 1, which, BUSY])


def data_in(more, *rest, which=FIRST, op=0):
    return bytes([DATA_IN | op, HOW, more, which, *rest])


def r2t(more, ttt, *rest, which=FIRST, op=0):
    return bytes([R2T | op, HOW, more, ttt, which, *rest])


def ping(op):
    return bytes([NOP_IN | op, HOW, 1 | 8, FIRST, 7])


HALF = KEEP_ROOM	# what is submitted stays in the socket's way
SEEDS = {
    "r2t-responded": begin(IMMEDIATE | IN_ORDER) + no_room() +
        submit(WRITE_9601, HALF) + busy(ANY, HALF) +
        r2t(0, 5, 10, which=ANY, op=HALF),
    "response-twice": begin(IMMEDIATE | IN_ORDER) + no_room() +
        submit(WRITE_9601, HALF) + busy(ANY, HALF) + busy(ANY, HALF),
    "max-outstanding-r2t": begin() + submit(WRITE_9601) + no_room() +
        r2t(0, 5, 10, op=HALF) + r2t(0, 6, 10, op=HALF) +
        r2t(0, 7, 10, op=HALF),
    "r2t-again": begin() + submit(WRITE_9601) + r2t(0, 5, 10) +
        r2t(2, 6, 0, 10),
    "r2t-beyond": begin() + submit((WRITE, 99)) + r2t(8, 5, 255),
    "r2t-length": begin(second=MAX_BURST_2048) + submit(WRITE_9601) +
        r2t(0, 5, 255),
    "r2tsn": begin() + submit(WRITE_9601) + r2t(0xc0, 5, 10),
    "r2t-of-read": begin() + submit(READ_100) + r2t(0, 5, 1),
    "datasn": begin() + submit(READ_100) +
        data_in(0xff, 0, 0, 0, 0, 0, 1, 36),
    "pings": begin() + no_room() +
        b"".join(ping(MORE | KEEP_ROOM) for _ in range(40)) + ping(KEEP_ROOM),
    "statsn": begin() + submit(READ_100) + bytes(
        [RESPONSE, STATSN_BEHIND | HOW, 1, FIRST, BUSY]),
    "offset": begin() + submit(READ_100) + data_in(0x21, 10, 90),
    "claim": begin(INITIAL_R2T) + submit(READ_100) + data_in(0, 50) +
        data_in(0x21, 0, 50),
    "retarget-dirty": begin(IMMEDIATE | IN_ORDER) + submit((WRITE, 99)) +
        busy(),
    "retarget-extents": begin() + submit(READ_100) + data_in(0, 50) + busy(),
}


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, data in SEEDS.items():
        with open(f"{sys.argv[1]}/{name}", "wb") as f:
            f.write(data)


main()
