/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit attentions that a target has told to a command of our own, and tells no other.
 * What they mean for a disk is seen to here; but the driver of a tape has to hear
 * that the drive was reset (29/xx) or has another medium (28/00), or it would write
 * on where the tape now happens to be. So the next command of the driver gets them.
 */
#ifndef _MPIO_ATTENTION_H
#define _MPIO_ATTENTION_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_task;

#define MPIO_ATTENTIONS	4

struct mpio_attentions {
	u8 count;
	struct {
		u8 asc, ascq;
	} item[MPIO_ATTENTIONS];
};

/* Any context; locking is the caller's. Each is kept once, in their order. */
void mpio_attentions_add(struct mpio_attentions *to, u8 asc, u8 ascq);

/* Process context. What was heard through @path is due to its unit's driver. */
void mpio_attentions_owe(struct mpio_path *path,
			 const struct mpio_attentions *heard);

/*
 * Any context; the caller owns the task. True: it has been given back with a unit
 * attention that was due.
 */
bool mpio_attentions_tell(struct mpio_disk *disk, struct mpio_task *task);

#endif
