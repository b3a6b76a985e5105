/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shelf: what waits for a path without a tag.
 *
 * The tags of a host are shared by its disks, and a parked command keeps its
 * own. Disks without a path would have all of them soon, and those that have one
 * stand still beside. So only some commands of a host are parked; of the others
 * the bios are put here, and their requests end. When a path comes, or the wait
 * is over, the bios are sent to the disk once more.
 *
 * Only what was never sent, or what the fence has let go, comes here: the fence
 * keeps what it holds. Commands by hand, flushes and requests that others stand
 * behind are parked always. A command on the shelf forgets how often it was lost,
 * but one that has been blamed for that is not put there.
 */
#ifndef _MPIO_SHELF_H
#define _MPIO_SHELF_H

#include <linux/bio.h>
#include <linux/workqueue.h>

struct mpio_disk;
struct mpio_task;

struct mpio_shelf {
	struct bio_list bios;		/* oldest first; disk->lock */
	u32 count;			/* commands they were; disk->lock */
	struct work_struct work;	/* mpio_submit_wq */
};

void mpio_shelf_init(struct mpio_disk *disk);

/*
 * Any context, disk->lock held. Takes the bios of a command that would be
 * parked, if the host has enough of those: the caller then ends the command,
 * which has nothing left to do, well.
 */
bool mpio_shelf_take(struct mpio_disk *disk, struct mpio_task *task);

/* Any context. What is on the shelf is sent to the disk again. */
void mpio_shelf_kick(struct mpio_disk *disk);

/* Any context. Commands that wait for a path, parked or here. */
u32 mpio_shelf_waiting(const struct mpio_disk *disk);

/* Process context, may sleep; the disk has gone. What is left fails. */
void mpio_shelf_exit(struct mpio_disk *disk);

#endif
