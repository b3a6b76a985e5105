# SPDX-License-Identifier: GPL-2.0
"""What an I/O consists of, from what count.c and guest.sh left in a directory.

There are counted ("COLUMN JOB IOS" a line), count.N (two for each line of
counted: what ran before it, and it) and kallsyms.COLUMN. Found for each column
and job: the instructions of one I/O by who spent them, and calls of some
functions. Functions of modules belong to their module's side; those of the
kernel itself are told apart by name, so memory management and scheduling done
for the target count as such, not as the target's.
"""
import bisect
import collections
import re

MODULES = {
    "initiator": r"iscsi_mpio|scsi_mod|scsi_common|sd_mod|libiscsi|libiscsi_tcp|"
                 r"iscsi_tcp|scsi_transport_iscsi|dm_.*|nvme.*(?<!nvmet)(?<!nvmet_tcp)",
    "target": r"target_core_.*|iscsi_target_.*|nvmet.*|null_blk|brd",
}
FUNCTIONS = {
    "initiator": r"_*(blk|bio|blkdev|sbitmap|sbq|elv|disk|part|dm)_.*",
    "network": r"_*(tcp|ip|ipv4|inet|skb|sk|sock|net|netif|dev|loopback|eth|nf|"
               r"napi|qdisc|dst|validate_xmit|alloc_skb|kfree_skb|consume_skb|"
               r"pskb|raw|selinux_(ip|sock|parse|inet)|security_(sk|sock)|"
               r"napi|netdev|enqueue_to_backlog|process_backlog|rb_tcp)(_.*|[0-9].*)?",
    "copying": r"memcpy.*|memmove.*|_*copy_.*|csum_.*|crc32c?_.*",
    "memory": r"memset.*|_*(kmem|kmalloc|kfree|slab|alloc_pages|free_unref|"
              r"free_pages?|clear_page|get_page|rmqueue|gup|page)(_.*)?|"
              r"get_page_from_freelist",
    "scheduling": r"_*(schedule|sched|pick|put_prev|set_next|dequeue|enqueue|"
                  r"update|try_to_wake|ttwu|psi|switch_to|select_task|finish_task|"
                  r"wake|prepare_to|finish_wait|autoremove|queue_work|process_one|"
                  r"worker|kthread|vruntime|place_entity|hrtick|native_sched|"
                  r"cpuacct|cgroup|wakeup|check_preempt|reweight|avg)(_.*)?",
}
FUNCTIONS_TOLD = 60
COUNTED = {
    "segments": "__tcp_transmit_skb",
    "acks": "__tcp_send_ack.part.0",
    "sends": "tcp_sendmsg_locked",
    "receives": "__tcp_read_sock",
    "wakeups": "try_to_wake_up",
    "switches": "__schedule",
}


# What the choice of a path takes, of the initiator's share.
SELECTION = r"mpio_(select|choice|cost)_.*|mpio_path_usable"


def compiled(table):
    return [(side, re.compile(r"(?:%s)\Z" % pattern))
            for side, pattern in table.items()]


def side_of(name, module, modules=compiled(MODULES), functions=compiled(FUNCTIONS)):
    for side, pattern in modules if module else functions:
        if pattern.match(module or name):
            return side
    return "rest"


def symbols(path):
    found = []
    with open(path) as lines:
        for line in lines:
            address, kind, name, *module = line.split()
            if kind in "tTwW":
                found.append((int(address, 16), name,
                              module[0][1:-1] if module else ""))
    found.sort()
    return found


def split(table, path, ios):
    starts = [entry[0] for entry in table]
    spent, calls = collections.Counter(), collections.Counter()
    functions = collections.Counter()
    sides = {}
    with open(path) as lines:
        for line in lines:
            address, length, times = line.split()
            address, times = int(address, 16), int(times)
            at = bisect.bisect_right(starts, address) - 1
            if address == 0 or at < 0:
                spent["user"] += int(length) * times
                continue
            start, name, module = table[at]
            if (name, module) not in sides:
                sides[name, module] = side_of(name, module)
            spent[sides[name, module]] += int(length) * times
            if module:
                spent["module " + module] += int(length) * times
            functions[module + ":" + name if module else name] += \
                int(length) * times
            if re.fullmatch(SELECTION, name):
                spent["selection"] += int(length) * times
            if start == address:
                calls[name] += times
    return {
        "instructions": {k: round(v / ios) for k, v in spent.most_common()},
        "total": round(sum(v for k, v in spent.items()
                           if k != "selection" and
                           not k.startswith("module ")) / ios),
        "functions": {k: round(v / ios)
                      for k, v in functions.most_common(FUNCTIONS_TOLD)},
        "calls": {k: round(calls[name] / ios, 2) for k, name in COUNTED.items()},
    }


def split_all(where):
    tables, out = {}, {}
    with open(where + "/counted") as lines:
        for number, line in enumerate(lines):
            column, job, ios = line.split()
            if column not in tables:
                tables[column] = symbols(where + "/kallsyms." + column)
            out[column, job] = split(tables[column], "%s/count.%d" %
                                     (where, 2 * number + 1), int(ios))
    return out
