/* SPDX-License-Identifier: GPL-2.0 */
/* PERSISTENT RESERVE OUT of a disk; see reserve.c. */
#ifndef _MPIO_RESERVE_H
#define _MPIO_RESERVE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct mpio_head;
struct mpio_path;
struct mpio_task;

/* Of a head. */
struct mpio_reserve {
	struct list_head queue;		/* PR OUT tasks; head->lock */
	struct work_struct work;	/* mpio_probe_wq, with a reference */
	struct mutex mutex;		/* one changes registrations at a time */
	u64 key;			/* registered, 0: none; head->lock */
	u64 next_key;			/* perhaps it is this one; mutex */
	u8 flags;			/* of the REGISTER; mutex */
	u32 holder;			/* path id, 0: not known; head->lock */
	u8 type;			/* of what it holds; WRITE_ONCE */
	u32 pin;			/* see holder.c; 0: none; WRITE_ONCE */
	bool legacy;			/* a RESERVE(6) may hold; head->lock */
	bool lost;			/* it had one, somebody removed it; head->lock */
	bool no_status;			/* has no READ FULL STATUS; mutex */
	bool confirmed;			/* at @generation all was well; mutex */
	u32 generation;			/* PRGENERATION, with ours since; mutex */
	u32 orphans;			/* doubtful ones of paths that left; head->lock */
};

/* Once for each head. */
void mpio_reserve_init(struct mpio_head *head);

/*
 * Any context. Takes a PERSISTENT RESERVE OUT, which ends by itself when all
 * nexuses that it concerns have answered. The caller owned the task and has
 * lost it afterwards.
 */
void mpio_reserve_submit(struct mpio_head *head, struct mpio_task *task);

/* Any context, for a task that is about to be submitted. */
void mpio_reserve_note_issuer(struct mpio_task *task);

/* Process context. Can its nexus be spoken to? Standby ones are registered, too. */
bool mpio_reserve_alive(const struct mpio_path *path);

/*
 * Process context. The path with the next number after @prev, whose reference it
 * takes over; NULL: none.
 */
struct mpio_path *mpio_reserve_next(struct mpio_head *head,
				    struct mpio_path *prev);

#endif
