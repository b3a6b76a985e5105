// SPDX-License-Identifier: GPL-2.0
/* Has the fence look again at what it holds. See fence.h. */
#include "multipath/fence.h"

#include <linux/list.h>
#include <linux/spinlock.h>

#include "base/work.h"
#include "multipath/disk.h"

void mpio_fence_kick(struct mpio_disk *disk)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	if (!list_empty(&disk->fence.held) || !list_empty(&disk->fence.ghosts))
		mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	spin_unlock_irqrestore(&disk->lock, flags);
}
