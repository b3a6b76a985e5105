#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""report.py DIR RELEASE RESULTS: the table and the plot of one benchmark run.

DIR holds what guest.sh left there, figures ("COLUMN JOB IOPS" a line) and what
split.py reads. Writes RESULTS/bench.txt, .json and .svg; prints the first.
"""
import json
import sys

import split

BASE = "dm_multipath"
SIDES = [("initiator", "#1b6ca8"), ("network", "#8fb8de"),
         ("copying", "#c9c9c9"), ("memory", "#e0c097"),
         ("scheduling", "#c8553d"), ("target", "#588157"),
         ("rest", "#e9e9e9"), ("user", "#6d6875")]
CALLS = list(split.COUNTED)


def read_figures(path):
    figures = {}
    with open(path) as lines:
        for line in lines:
            column, job, iops = line.split()
            figures[column, job] = int(float(iops))
    return figures


def base_of(column):
    return BASE + "_crc" if column.endswith("_crc") else BASE


def order(keys, index):
    return list(dict.fromkeys(key[index] for key in keys))


def rate_table(figures):
    columns, jobs = order(figures, 0), order(figures, 1)
    yield "%-19s" % "" + "".join("%18s" % c for c in columns)
    for job in jobs:
        line = "%-19s" % job
        for column in columns:
            iops = figures.get((column, job))
            base = figures.get((base_of(column), job))
            if iops is None:
                line += "%18s" % "-"
            elif base:
                line += "%10d (%5.2f)" % (iops, iops / base)
            else:
                line += "%18d" % iops
        yield line.rstrip()


def split_table(splits):
    heads = [side for side, _ in SIDES] + ["total", "selection"]
    yield "%-20s%-19s" % ("", "") + "".join("%11s" % h for h in heads) + \
        "".join("%10s" % c for c in CALLS)
    for job in order(splits, 1):
        for column in order(splits, 0):
            one = splits.get((column, job))
            if not one:
                continue
            yield "%-20s%-19s" % (job, column) + \
                "".join("%11d" % (one["total"] if h == "total" else
                                  one["instructions"].get(h, 0))
                        for h in heads) + \
                "".join("%10.2f" % one["calls"][c] for c in CALLS)
        yield ""


def text(figures, splits, release):
    yield "I/O per second of 10^9 instructions, kernel %s, QEMU TCG with" % release
    yield "-icount, one CPU for fio, initiator, TCP and target; LIO null device over"
    yield "loopback (nvme_tcp: null_blk behind nvmet). In brackets: ratio to iscsi_tcp"
    yield "with two sessions below dm-multipath (%s_crc: both with CRC32C" % BASE
    yield "header and data digests)."
    yield ""
    yield from rate_table(figures)
    if splits:
        yield ""
        yield "Instructions of one I/O by who spent them, and calls in one I/O, of the"
        yield "whole machine. Modules count for their side, functions of the kernel by"
        yield "name: initiator includes the block layer, network all of TCP/IP, the"
        yield "target's too. Selection of the path is a part of the initiator's."
        yield ""
        yield from split_table(splits)


def svg(splits):
    """Bars as high as the base column's total, stacked by side."""
    columns, jobs = order(splits, 0), order(splits, 1)
    width, gap, high, top = 16, 34, 300, 40
    left, x = 50, 60
    out = []
    for job in jobs:
        start = x
        for column in columns:
            one = splits.get((column, job))
            base = splits.get((base_of(column), job))
            if not one or not base:
                continue
            y = top + 1.25 * high
            for side, color in SIDES:
                part = one["instructions"].get(side, 0) / base["total"] * high
                y -= part
                out.append('<rect x="%d" y="%.1f" width="%d" height="%.1f" '
                           'fill="%s"/>' % (x, y, width, part, color))
            out.append('<text transform="translate(%d,%.1f) rotate(-90)" '
                       'font-size="9">%s %.2f</text>' %
                       (x + 12, y - 4, column, one["total"] / base["total"]))
            x += width + 2
        out.append('<text x="%d" y="%d" font-size="11">%s</text>' %
                   (start, top + 1.25 * high + 16, job))
        x += gap
    for number, (side, color) in enumerate(SIDES):
        at = left + number * 110
        out.append('<rect x="%d" y="%d" width="12" height="12" fill="%s"/>'
                   '<text x="%d" y="%d" font-size="11">%s</text>' %
                   (at, top + 1.25 * high + 32, color, at + 16,
                    top + 1.25 * high + 42, side))
    y = top + 0.25 * high
    head = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
            'font-family="sans-serif">'
            '<rect width="100%%" height="100%%" fill="white"/>'
            '<text x="%d" y="16" font-size="13">instructions of an I/O, '
            'iscsi_tcp with dm-multipath = 1</text>'
            '<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#999" '
            'stroke-dasharray="4"/>' %
            (x, top + 1.25 * high + 60, left, left, x, y, y))
    return "\n".join([head] + out + ["</svg>", ""])


def main():
    where, release, results = sys.argv[1:]
    figures = read_figures(where + "/figures")
    splits = split.split_all(where)
    with open(results + "/bench.txt", "w") as out:
        for line in text(figures, splits, release):
            print(line.rstrip())
            print(line.rstrip(), file=out)
    with open(results + "/bench.json", "w") as out:
        json.dump({"kernel": release, "unit": "IOPS per 10^9 instructions",
                   "figures": [{"column": c, "job": j, "iops": n,
                                **splits.get((c, j), {})}
                               for (c, j), n in figures.items()]}, out, indent=1)
        out.write("\n")
    with open(results + "/bench.svg", "w") as out:
        out.write(svg(splits))


main()
