// SPDX-License-Identifier: GPL-2.0
/* Has the fence look again at what it holds. See fence.h. */
#include "multipath/fence.h"

#include <linux/list.h>
#include <linux/spinlock.h>

#include "base/work.h"
#include "multipath/head.h"

void mpio_fence_kick(struct mpio_head *head)
{
	unsigned long flags;

	spin_lock_irqsave(&head->lock, flags);
	if (!list_empty(&head->fence.held) || !list_empty(&head->fence.ghosts))
		mod_delayed_work(mpio_recover_wq, &head->fence.work, 0);
	spin_unlock_irqrestore(&head->lock, flags);
}
