/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ghosts: writes that were given back with an error while the target may yet
 * execute them. The issuer, told of the error, may write there again, and a ghost
 * must not undo that: until its ghosts are over a disk sends no new writes.
 *
 * There is one record in each path for all of its ghosts, as there need not be
 * memory for more, and they end together. The fence decides on it as on a held write.
 */
#ifndef _MPIO_GHOST_H
#define _MPIO_GHOST_H

#include <linux/list.h>
#include <linux/types.h>

#include "conn/task.h"

struct mpio_disk;

/* Of a path, which it refers to while it is in the list. */
struct mpio_ghost {
	struct list_head node;		/* disk->fence.ghosts; disk->lock */
	struct mpio_held held;		/* the worst of all; disk->lock */
};

/*
 * Any context. May the command change what is on the medium, so that its disk
 * has to be fenced?
 */
bool mpio_ghost_may_be(const struct mpio_task *task);

/*
 * Process context, disk->lock held, under which the caller also takes the task off
 * fence.held: so that a change of its session finds the task or the ghost. The task
 * will be given back with an error. True: the task was sent, so its path has a ghost
 * and its disk sends no writes from here on.
 */
bool mpio_ghost_add(struct mpio_disk *disk, const struct mpio_task *task);

/*
 * Any context, takes disk->lock; the caller owns the task. True: the fence has taken
 * the task, which would write while its disk has ghosts.
 */
bool mpio_ghost_bars(struct mpio_disk *disk, struct mpio_task *task);

#endif
