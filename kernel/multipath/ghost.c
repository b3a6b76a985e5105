// SPDX-License-Identifier: GPL-2.0
/* What may yet be executed after its issuer was told of an error. See ghost.h. */
#include "multipath/ghost.h"

#include <linux/lockdep.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_proto.h>

#include "base/work.h"
#include "multipath/disk.h"
#include "multipath/held.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "session/session.h"

#define MPIO_SANITIZE	0x48	/* SBC-4 5.32 */

/* A few commands change data but transfer none: ZBC resets, NDOB writes. */
bool mpio_ghost_may_be(const struct mpio_task *task)
{
	switch (task->cdb[0]) {
	case FORMAT_UNIT:
	case MPIO_SANITIZE:
	case VARIABLE_LENGTH_CMD:
	case WRITE_SAME_16:
	case ZBC_OUT:
		return true;
	default:
		return task->write;
	}
}

/* disk->lock held. Adds write @held to the path's ghost @all, which ends with it. */
static void mpio_ghost_merge(const struct mpio_disk *disk,
			     struct mpio_held *all,
			     const struct mpio_held *held)
{
	u16 over = HELD_NET_OVER | HELD_LOGIN | HELD_DENIED;

	lockdep_assert_held(&disk->lock);
	/* Before ->since changes, from which mpio_held_flags() tells HELD_LOGOUT. */
	all->flags = mpio_held_flags(all);
	if (time_after(held->since, all->since))
		all->since = held->since;
	/* Writes to two portal groups: no single login ends both nexuses. */
	if (held->tpgt != all->tpgt)
		all->flags |= HELD_MIXED;
	all->flags = (all->flags & held->flags & over) |
		     ((all->flags | mpio_held_flags(held)) & ~over);
	/* The reset on its way was sent before this write became a ghost. */
	all->flags &= ~HELD_ASKED;
}

bool mpio_ghost_add(struct mpio_disk *disk, const struct mpio_task *task)
{
	const struct mpio_held *held = &task->held;
	struct mpio_path *path = held->path;
	struct mpio_ghost *ghost;

	lockdep_assert_held(&disk->lock);
	/* Nobody writes to a disk that is gone. */
	if (!path || held->flags & HELD_BARRED ||
	    list_empty(&disk->host_node))
		return false;
	ghost = &path->ghost;
	if (list_empty(&ghost->node)) {
		ghost->held = *held;
		ghost->held.flags &= ~HELD_ASKED;
		mpio_path_get(path);
		atomic_inc(&path->sess->held);
		list_add_tail(&ghost->node, &disk->fence.ghosts);
	} else {
		mpio_ghost_merge(disk, &ghost->held, held);
		/* It may have been about to be laid. */
		list_move_tail(&ghost->node, &disk->fence.ghosts);
	}
	mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	return true;
}

/*
 * disk->lock held. Is the last task on fence.held barred, too? Then the time of that
 * task is over earlier, and fence.work looks at both by then: no kick is needed.
 */
static bool mpio_ghost_bars_others(const struct mpio_disk *disk)
{
	const struct mpio_task *last;

	lockdep_assert_held(&disk->lock);
	if (list_empty(&disk->fence.held))
		return false;
	last = list_last_entry(&disk->fence.held, struct mpio_task, node);
	return last->held.flags & HELD_BARRED;
}

bool mpio_ghost_bars(struct mpio_disk *disk, struct mpio_task *task)
{
	struct mpio_held *held = &task->held;
	bool barred, first;
	unsigned long flags;

	if (!mpio_ghost_may_be(task))
		return false;
	spin_lock_irqsave(&disk->lock, flags);
	barred = !list_empty(&disk->fence.ghosts);
	if (barred) {
		held->sess = NULL;
		held->path = NULL;
		held->since = jiffies;
		held->flags = HELD_BARRED;
		first = !mpio_ghost_bars_others(disk);
		mpio_task_park(task);
		list_add_tail(&task->node, &disk->fence.held);
		if (first)
			mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	}
	spin_unlock_irqrestore(&disk->lock, flags);
	return barred;
}
