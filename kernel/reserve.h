/* SPDX-License-Identifier: GPL-2.0 */
/* PERSISTENT RESERVE OUT of a disk; see reserve.c. */
#ifndef _MPIO_RESERVE_H
#define _MPIO_RESERVE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct mpio_head;
struct mpio_task;

/* Of a head. */
struct mpio_reserve {
	struct list_head queue;		/* PR OUT tasks; head->lock */
	struct work_struct work;	/* mpio_probe_wq, with a reference */
	struct mutex mutex;		/* one changes registrations at a time */
	u64 key;			/* registered, 0: none; head->lock */
	u64 next_key;			/* perhaps it is this one; mutex */
	u8 flags;			/* of the REGISTER; mutex */
	u32 holder;			/* path id, 0: not known; mutex */
};

/* Once for each head. */
void mpio_reserve_init(struct mpio_head *head);

/*
 * Any context. Takes a PERSISTENT RESERVE OUT, which ends by itself when all
 * nexuses that it concerns have answered. The caller owned the task and has
 * lost it afterwards.
 */
void mpio_reserve_submit(struct mpio_head *head, struct mpio_task *task);

#endif
