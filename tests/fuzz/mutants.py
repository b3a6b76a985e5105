#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mutants.py [SECONDS [NAME...]]: do the engines notice when the code is wrong?

Those are fuzz_receive, and fuzz_netlink for what is in netlink/.

Each mutant is one line of the module changed into a fault that such drivers
have had, or would have. It is killed if the corpus, or SECONDS of fuzzing from
there (default 0: the corpus alone), end in a complaint. Prints a line each, and
fails if a mutant lives that is not listed as one that does no harm. --keep DIR
puts the inputs that kill there. Needs what the Makefile here needs.
"""

import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = f"{HERE}/build/mutants"

# name, file, what it says, what the mutant says, the fault
MUTANTS = [
    ("itt-generation", "conn/itt.c",
     "return task && task->itt == itt ? task : NULL;", "return task;",
     "a stale tag finds a new command"),
    ("forget-r2t", "conn/itt.c",
     "	list_del_init(&task->r2t_node);\n", "",
     "a finished command stays in the list of R2Ts"),
    ("forget-slot", "conn/itt.c",
     "conn->slots[task->slot].task = NULL;", ";",
     "a finished command keeps its tag"),
    ("complete-while-sent", "conn/itt.c",
     "if (conn->tx.task == task) {", "if (0) {",
     "a command ends while its data segment is being sent"),
    ("r2t-twice", "conn/receive.c",
     "if (list_empty(&task->r2t_node))\n", "if (1)\n",
     "a second R2T links a command twice (CVE-2025-38264)"),
    ("copies-in-use", "base/copies.c",
     "page_ref_count(frag->page) == 1", "page_ref_count(frag->page) >= 1",
     "data is copied over what the network still has"),
    ("sense-length", "conn/receive.c",
     "min_t(u32, len, MPIO_SENSE_MAX)", "len",
     "sense data overruns its buffer"),
    ("datain-responded", "conn/receive.c",
     "if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (!task->read)", "if (!task)\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (!task->read)",
     "Data-In after the response is taken"),
    ("r2t-responded", "conn/receive.c",
     "if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (!task->write)", "if (!task)\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (!task->write)",
     "an R2T after the response is taken"),
    ("response-twice", "conn/receive.c",
     "if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (conn->rx.data_len", "if (!task)\n"
     "		return mpio_recv_bad(conn, \"no such task\", 0);\n"
     "	if (conn->rx.data_len",
     "a second response is taken"),
    ("max-outstanding-r2t", "conn/receive.c",
     "task->r2t_count >= conn->params.max_outstanding_r2t ||\n	    ", "",
     "more R2Ts than MaxOutstandingR2T"),
    ("r2t-again", "conn/receive.c",
     "if (offset < task->r2t_next)", "if (0)",
     "an R2T for data that was sent"),
    ("r2t-beyond", "conn/receive.c",
     "if (offset > task->data_len || len > task->data_len - offset)\n"
     "		return mpio_recv_bad(conn, \"asks", "if (0)\n"
     "		return mpio_recv_bad(conn, \"asks",
     "an R2T for data beyond the end"),
    ("r2t-length", "conn/receive.c",
     "if (!len || len > conn->params.max_burst)", "if (!len)",
     "an R2T for more than MaxBurstLength"),
    ("r2tsn", "conn/receive.c",
     "if (be32_to_cpu(p->r2tsn) != task->r2tsn)", "if (0)",
     "R2TSN in any order"),
    ("r2t-of-read", "conn/receive.c",
     "	if (!task->write)\n		return mpio_recv_bad(conn, \"command is not",
     "	if (0)\n		return mpio_recv_bad(conn, \"command is not",
     "an R2T for a READ"),
    ("good-too-soon", "conn/receive.c",
     "if (sent < task->data_len - task->residual)", "if (0)",
     "a WRITE is good before its data was sent"),
    ("header-digest", "conn/receive.c",
     "if (rx->digest != mpio_crc_final(rx->crc))\n"
     "			return mpio_recv_bad(conn, \"header",
     "if (0)\n			return mpio_recv_bad(conn, \"header",
     "a wrong header digest is accepted"),
    ("data-digest", "conn/receive.c",
     "if (rx->digest != mpio_crc_final(rx->crc))\n"
     "			return mpio_recv_bad(conn, \"data",
     "if (0)\n			return mpio_recv_bad(conn, \"data",
     "a wrong data digest is accepted"),
    ("statsn", "conn/receive.c",
     "if ((s32)(statsn - conn->exp_statsn) < 0)", "if (0)",
     "ExpStatSN goes back"),
    ("datasn", "conn/receive.c",
     "if (be32_to_cpu(p->datasn) != task->exp_datasn)", "if (0)",
     "DataSN in any order"),
    ("pings", "conn/receive.c",
     "return conn->nop_reply_count == MPIO_NOP_REPLIES;", "return false;",
     "answers to pings overrun their ring"),
    ("datain-of-write", "conn/receive.c", "if (!task->read)", "if (0)",
     "Data-In into the buffer of a WRITE"),
    ("too-much-data", "conn/receive.c",
     "if (offset > task->data_len ||\n"
     "	    conn->rx.data_len > task->data_len - offset)", "if (0)",
     "Data-In beyond the buffer"),
    ("offset", "conn/receive.c",
     "if (mpio_recv_in_order(conn) && offset != task->received)", "if (0)",
     "Data-In at any offset"),
    ("short-read", "conn/receive.c",
     "task->residual = max(missing, task->residual);", ";",
     "a READ is good without all of its data"),
    ("claim", "conn/receive.c",
     "if (err == -EEXIST)\n		return mpio_recv_bad(conn, again, offset);",
     "if (err == -EEXIST)\n		return 0;",
     "data brought twice counts twice"),
    ("hold-no-timer", "conn/receive.c",
     "if (!hrtimer_is_queued(&rx->timer))", "if (0)",
     "what is held is never looked at"),
    ("hold-too-much", "conn/receive.c",
     "return mpio_recv_whole(conn, &bhs);",
     "return mpio_recv_whole(conn, &bhs) + 4;",
     "a whole PDU is held"),
    ("hold-no-kick", "conn/receive.c",
     "	mpio_conn_kick(container_of(rx, struct mpio_conn, rx));\n"
     "	return HRTIMER_NORESTART;\n}", "	return HRTIMER_NORESTART;\n}",
     "the timer of what is held does nothing"),
    ("retarget-dirty", "conn/task.c",
     "	task->tx_sent = 0;\n", "",
     "a command goes to another path with its data half sent"),
    ("retarget-extents", "conn/task.c",
     "	task->received = 0;\n", "",
     "a command goes to another path with its data half received"),
    ("first-burst", "conn/send.c",
     "burst = min(prm->first_burst, task->data_len);",
     "burst = task->data_len;", "unsolicited data over FirstBurstLength"),
    ("unasked", "conn/send.c",
     "if (!prm->initial_r2t)\n", "if (1)\n",
     "unsolicited data in spite of InitialR2T"),
    ("window", "conn/send.c",
     "mpio_window_open(&conn->window, conn->cmdsn);", "1;",
     "commands beyond MaxCmdSN"),
    ("r2t-left", "conn/send.c",
     "		r2t->offset += len;\n", "",
     "the same data twice for one R2T"),

    ("text-two-ends", "netlink/parse.c", "if (len + 1 != nla_len(attr))",
     "if (0)", "a text goes on after its end"),
    ("text-length", "netlink/parse.c",
     "{ .type = NLA_NUL_STRING, .len = (max_) }", "{ .type = NLA_NUL_STRING }",
     "a text overruns its place"),
    ("text-control", "netlink/parse.c",
     "if ((u8)text[i] < ' ' || text[i] == 0x7f)", "if (0)",
     "control characters in a text"),
    ("name-check", "netlink/parse.c",
     "if (mpio_name_check(out, strlen(out), &why))", "if (0)",
     "any text is an iSCSI name"),
    ("iface-check", "netlink/parse.c", "if (!dev_valid_name(cfg->iface))",
     "if (0)", "any text is an interface"),
    ("isid-short", "netlink/parse.c",
     "NLA_POLICY_EXACT_LEN(MPIO_ISID_LEN)", "{ .type = NLA_BINARY }",
     "an isid is read beyond its end"),
    ("isid-reserved", "netlink/parse.c", "if (cfg->isid[0] >> 6 == 3)",
     "if (0)", "an isid of the reserved type"),
    ("no-portal", "netlink/parse.c",
     '		{ MPIO_SA_PORTAL, "give the portal of the target" },\n', "",
     "a session without a portal"),
    ("port", "netlink/parse.c",
     "if (!err && !((struct sockaddr_in *)out)->sin_port)", "if (0)",
     "port 0"),
    ("address-short", "netlink/parse.c",
     " && nla_len(attr) == sizeof(struct sockaddr_in6)", "",
     "an address is read beyond its end"),
    ("any-address", "netlink/parse.c",
     "sin.sin_addr.s_addr == htonl(INADDR_ANY) ||\n	    ", "",
     "the address of no host"),
    ("broadcast", "netlink/parse.c",
     " ||\n	    ipv4_is_lbcast(sin.sin_addr.s_addr)", "",
     "the address of all hosts"),
    ("multicast", "netlink/parse.c",
     "type == IPV6_ADDR_ANY || type & IPV6_ADDR_MULTICAST",
     "type == IPV6_ADDR_ANY", "the address of a group of hosts"),
    ("mapped", "netlink/parse.c", "if (type & IPV6_ADDR_MAPPED)", "if (0)",
     "an ipv4 address in an ipv6 one"),
    ("scope", "netlink/parse.c",
     "if (type & IPV6_ADDR_LINKLOCAL && !sin6.sin6_scope_id)", "if (0)",
     "a link-local address of any link"),
    ("source-family", "netlink/parse.c",
     "if (cfg->source.ss_family != cfg->portal.ss_family)", "if (0)",
     "a source of another family"),
    ("number-range", "netlink/parse.c",
     "NLA_POLICY_RANGE(NLA_U32, 1, MPIO_MAX_R2T)", "{ .type = NLA_U32 }",
     "numbers beyond their ranges"),
    ("burst-default", "netlink/parse.c",
     "cfg->first_burst = min(cfg->first_burst, cfg->max_burst);", ";",
     "FirstBurstLength over MaxBurstLength by default"),
    ("secret-length", "netlink/parse.c",
     "MPIO_SECRET_MIN, \\\n						 MPIO_SECRET_MAX)",
     "MPIO_SECRET_MIN, 4096)", "a secret overruns its place"),
    ("secret-short", "netlink/parse.c",
     "NLA_POLICY_RANGE(NLA_BINARY, MPIO_SECRET_MIN,",
     "NLA_POLICY_RANGE(NLA_BINARY, 0,", "a secret that is none"),
    ("no-secret", "netlink/parse.c",
     "if (auth != MPIO_AUTH_MODE_NONE && !mpio_has_secret(tb))", "if (0)",
     "CHAP without a secret"),
    ("no-secret-in", "netlink/parse.c",
     "if (auth == MPIO_AUTH_MODE_MUTUAL && !mpio_has_secret_in(tb))", "if (0)",
     "mutual CHAP without the target's secret"),
    ("secrets-equal", "netlink/parse.c",
     "if (mpio_secrets_equal(secrets))", "if (0)",
     "secrets are made equal"),
    ("secret-of-key", "netlink/parse.c",
     "if ((out && cfg->chap_key[0]) || (in && cfg->chap_key_in[0]))", "if (0)",
     "a secret is set beside its key"),
    ("records-many", "netlink/parse.c", "&& ++n > MPIO_RECORDS_MAX)",
     "&& ++n > MPIO_RECORDS_MAX + 1)", "more records than a session has"),
    ("records-end", "netlink/parse.c", "id = kcalloc(n + 1, ",
     "id = kcalloc(n, ", "the list of records has no end"),
    ("record-letters", "netlink/parse.c",
     "if (!err)\n			err = mpio_check_record(attr, extack);", "",
     "any text is a record's identifier"),
    ("luns-many", "netlink/parse.c", "last - lun >= *rest", "last - lun > *rest",
     "more LUNs than a session has"),
    ("luns-order", "netlink/parse.c", "if (last < lun)", "if (0)",
     "a range of LUNs that ends before it begins"),
    ("weight", "netlink/parse.c",
     ".max = MPIO_WEIGHT_MAX,", ".max = 0xffffffff,",
     "a weight over what there is room for"),
    ("setting-range", "netlink/parse.c",
     "NLA_POLICY_FULL_RANGE(NLA_U32,			\\\n"
     "					&mpio_setting_rules[what_].range)",
     "{ .type = NLA_U32 }",
     "settings beyond their ranges"),
    ("setting-order", "netlink/parse.c",
     "if (new.v[MPIO_TA_RECONNECT_DELAY_MIN] >\n"
     "	    new.v[MPIO_TA_RECONNECT_DELAY_MAX])", "if (0)",
     "the least delay over the greatest"),
    ("congestion", "netlink/parse.c", "value >= __MPIO_CONGESTION_MAX ||", "",
     "the name of no congestion control is read"),
    ("wipe", "netlink/parse.c",
     "memzero_explicit(nla_data(attr), nla_len(attr));",
     "memzero_explicit(nla_data(attr), 4);", "secrets stay in memory"),
]

# Those that change nothing, and why.
HARMLESS = {
    "datain-responded": "only a WRITE is answered while its data is being sent, "
                        "and that Data-In is refused for",
    "luns-order": "such a range is longer than any that is taken",
}


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True,
                          errors="replace", check=False, **kw)


def build_flags(engine):
    """The compiler's words for the engine, from the Makefile itself."""
    text = run("make", "-s", "-C", HERE, "-n", "-W", f"fuzz_{engine}.c",
               f"build/{engine}").stdout
    line = [w for w in text.replace("\\\n", " ").split("\n")
            if f"fuzz_{engine}.c" in w and "-fsanitize" in w][-1].split()
    sources = [w for w in line if w.endswith(".c")]
    words = [w for w in line if not w.endswith(".c")]
    at = words.index("-o")
    del words[at:at + 2]
    return words, sources


def compile_one(words, source, to):
    done = run(*words, "-c", "-o", to, source, cwd=HERE)
    return None if done.returncode == 0 else done.stderr


def objects(words, sources):
    """{source: its object}, all as the module has them."""
    made = {}
    for source in sources:
        to = f"{OUT}/{source.strip('./').replace('/', '-')[:-2]}.o"
        error = compile_one(words, source, to)
        if error:
            sys.exit(error)
        made[source] = to
    return made


def fuzz(program, engine, seconds):
    """The input that ends it, or None."""
    for old in glob.glob(f"{OUT}/crash-*"):
        os.remove(old)
    corpora = [f"{HERE}/corpus/{engine}", f"{HERE}/build/seeds-{engine}"]
    common = (f"-artifact_prefix={OUT}/", "-timeout=5", "-rss_limit_mb=1024",
              "-max_len=4096", "-seed=1")
    how = "the corpus"
    done = run(program, *common, "-runs=0", *corpora)
    if done.returncode == 0 and seconds:
        how = "fuzzing"
        os.makedirs(f"{OUT}/grown-{engine}", exist_ok=True)
        done = run(program, *common, f"-max_total_time={seconds}",
                   f"{OUT}/grown-{engine}", *corpora)
    if done.returncode == 0:
        return None, None
    left = [f for f in os.listdir(OUT)
            if f.startswith(("crash-", "timeout-", "oom-"))]
    return how, f"{OUT}/{left[0]}" if left else None


def engine_of(row):
    return "netlink" if row[1].startswith("netlink/") else "receive"


def mutate(row, words, made, seconds, keep):
    name, path, old, new, _ = row
    source = [s for s in made if s.endswith(f"src/{path}")][0]
    with open(f"{HERE}/{source}", encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        sys.exit(f"{name}: found {text.count(old)} times in {path}")
    changed = f"{os.path.dirname(source)}/mutant-{os.path.basename(path)}"
    with open(f"{HERE}/{changed}", "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    error = compile_one([*words, "-Wno-everything"], changed, f"{OUT}/mutant.o")
    os.remove(f"{HERE}/{changed}")
    if error:
        sys.exit(f"{name}: {error}")
    rest = [o for s, o in made.items() if s != source]
    link = run(*words, "-o", f"{OUT}/program", f"{OUT}/mutant.o", *rest,
               cwd=HERE)
    if link.returncode:
        sys.exit(link.stderr)
    how, found = fuzz(f"{OUT}/program", engine_of(row), seconds)
    if keep and found and how == "fuzzing":
        shutil.copy(found, f"{keep}/kills-{name}")
    return how


def main():
    args = sys.argv[1:]
    keep = None
    if "--keep" in args:
        at = args.index("--keep")
        keep = args[at + 1]
        del args[at:at + 2]
    seconds = int(args[0]) if args else 0
    rows = [r for r in MUTANTS if r[0] in args[1:] or not args[1:]]
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    built = {}
    for engine in {engine_of(r) for r in rows}:
        if run("make", "-s", "-C", HERE, f"build/{engine}").returncode:
            sys.exit(f"fuzz_{engine} does not build")
        if fuzz(f"{HERE}/build/{engine}", engine, 0)[0]:
            sys.exit(f"fuzz_{engine} complains of what is no mutant")
        words, sources = build_flags(engine)
        built[engine] = words, objects(words, sources)
    alive = killed = 0
    for row in rows:
        how = mutate(row, *built[engine_of(row)], seconds, keep)
        harmless = not how and HARMLESS.get(row[0])
        alive += not how and not harmless
        killed += bool(how)
        print(f"{row[0]:20} {'killed by ' + how if how else 'LIVES':22} "
              f"{row[4]}{': ' + harmless if harmless else ''}", flush=True)
    print(f"{killed} of {len(rows)} killed")
    return alive > 0


if __name__ == "__main__":
    sys.exit(main())
