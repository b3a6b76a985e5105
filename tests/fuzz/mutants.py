#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""mutants.py [SECONDS [NAME...]]: does fuzz_receive notice when the code is wrong?

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
TREE = f"{HERE}/build/engine-under-test/src"

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
     "if (statsn != conn->exp_statsn)", "if (0)", "StatSN in any order"),
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
]

# Those that change nothing, and why.
HARMLESS = {
    "datain-responded": "only a WRITE is answered while its data is being sent, "
                        "and that Data-In is refused for",
}


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True,
                          errors="replace", check=False, **kw)


def build_flags():
    """The compiler's words for the engine, from the Makefile itself."""
    text = run("make", "-s", "-C", HERE, "-n", "-W", "fuzz_receive.c",
               "build/receive").stdout
    line = [w for w in text.replace("\\\n", " ").split("\n")
            if "fuzz_receive.c" in w and "-fsanitize" in w][-1].split()
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


def fuzz(program, seconds):
    """The input that ends it, or None."""
    for old in glob.glob(f"{OUT}/crash-*"):
        os.remove(old)
    corpora = [f"{HERE}/corpus/receive", f"{HERE}/build/seeds-receive"]
    common = (f"-artifact_prefix={OUT}/", "-timeout=5", "-rss_limit_mb=1024",
              "-max_len=4096", "-seed=1")
    how = "the corpus"
    done = run(program, *common, "-runs=0", *corpora)
    if done.returncode == 0 and seconds:
        how = "fuzzing"
        os.makedirs(f"{OUT}/grown", exist_ok=True)
        done = run(program, *common, f"-max_total_time={seconds}",
                   f"{OUT}/grown", *corpora)
    if done.returncode == 0:
        return None, None
    left = [f for f in os.listdir(OUT)
            if f.startswith(("crash-", "timeout-", "oom-"))]
    return how, f"{OUT}/{left[0]}" if left else None


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
    how, found = fuzz(f"{OUT}/program", seconds)
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
    if run("make", "-s", "-C", HERE, "build/receive").returncode:
        sys.exit("the engine does not build")
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    words, sources = build_flags()
    made = objects(words, sources)
    alive = killed = 0
    for row in rows:
        how = mutate(row, words, made, seconds, keep)
        harmless = not how and HARMLESS.get(row[0])
        alive += not how and not harmless
        killed += bool(how)
        print(f"{row[0]:20} {'killed by ' + how if how else 'LIVES':22} "
              f"{row[4]}{': ' + harmless if harmless else ''}", flush=True)
    print(f"{killed} of {len(rows)} killed")
    return alive > 0


if __name__ == "__main__":
    sys.exit(main())
