/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a disk's driver asks about its unit, and what it was answered last. A
 * driver that gets no answer takes a disk for one of no size, or without a write
 * cache, and keeps that: while no path is left it gets the last one again.
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

/* Any context. Is the command, one sent by hand or by the driver, one of those? */
bool mpio_recall_asks(const u8 *cdb);

/* Process context. The task, one of those, has been answered well: its ->ended */
void mpio_recall_keep(struct mpio_task *task);

/*
 * Any context; the caller owns the task, one of those. True: it has been given
 * back with the last answer.
 */
bool mpio_recall_answer(struct mpio_disk *disk, struct mpio_task *task);

#endif
