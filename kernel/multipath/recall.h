/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recall: the last answers to what a disk's driver asks about its unit. A driver
 * that gets no answer takes the disk for one of no size, or without a write cache,
 * and keeps to that: so while no path is left it gets the last answer again.
 */
#ifndef _MPIO_RECALL_H
#define _MPIO_RECALL_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_task;

#define MPIO_RECALLS		6	/* questions of sd, and one to spare */
#define MPIO_RECALL_CDB		16
#define MPIO_RECALL_BYTES	64

struct mpio_recall {
	u8 cdb[MPIO_RECALL_CDB];
	u8 len;			/* of the answer; 0: not in use */
	u8 data[MPIO_RECALL_BYTES];
};

/* Any context. Is the answer to pass-through command @cdb one that is kept? */
bool mpio_recall_asks(const u8 *cdb);

/* ->ended of a task with MPIO_TASK_RECALL: keeps the answer, whose status is GOOD. */
void mpio_recall_keep(struct mpio_task *task);

/*
 * Any context; the caller owns the task, which has MPIO_TASK_RECALL. True: the task
 * has been given back with the answer that was kept.
 */
bool mpio_recall_answer(struct mpio_disk *disk, struct mpio_task *task);

#endif
