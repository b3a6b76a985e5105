// SPDX-License-Identifier: GPL-2.0
/* Parts of the fence that disk.c and netlink call: flags, counts, the kick. */
#include "multipath/held.h"

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>

#include "base/work.h"
#include "multipath/disk.h"
#include "multipath/fence.h"
#include "multipath/path.h"
#include "session/session.h"

u16 mpio_held_flags(const struct mpio_held *held)
{
	unsigned long lost = READ_ONCE(held->sess->login_lost);
	bool logout = lost && time_after_eq(lost, held->since);

	return held->flags | (logout ? HELD_LOGOUT : 0);
}

void mpio_fence_count(const struct mpio_disk *disk,
		      struct mpio_fence_tally *tally)
{
	const struct list_head *pos;

	lockdep_assert_held(&disk->lock);
	*tally = (struct mpio_fence_tally){};
	list_for_each(pos, &disk->fence.held)
		tally->held++;
	list_for_each(pos, &disk->fence.ghosts)
		tally->ghosts++;
	if (tally->ghosts)
		tally->first = list_first_entry(&disk->fence.ghosts,
						struct mpio_path, ghost.node);
}

void mpio_fence_kick(struct mpio_disk *disk)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	if (!list_empty(&disk->fence.held) || !list_empty(&disk->fence.ghosts))
		mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	spin_unlock_irqrestore(&disk->lock, flags);
}
