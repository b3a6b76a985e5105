/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ghosts: writes that were given back with an error while the target may yet
 * execute them. Whoever was told of the error writes again, and must not find
 * that undone: until they are over their disk takes no new writes.
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
 * Process context, disk->lock held, under which the task leaves the list of those
 * held: what befalls its session finds one or the other. It is to be given back
 * with an error. True: it was sent, and its disk takes no writes from here on.
 */
bool mpio_ghost_add(struct mpio_disk *disk, const struct mpio_task *task);

/*
 * Any context; the caller owns the task. True: the fence has taken it, as it
 * would write while there are ghosts.
 */
bool mpio_ghost_bars(struct mpio_disk *disk, struct mpio_task *task);

#endif
