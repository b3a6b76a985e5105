// SPDX-License-Identifier: GPL-2.0
/*
 * Reservations of SPC-2: they belong to one nexus, so a disk with several paths
 * has none. ->reserve.legacy, under the disk's lock, remembers one from before.
 */
#include "multipath/legacy.h"

#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "multipath/disk.h"
#include "multipath/path.h"

/* RESERVE and RELEASE of SPC-2, with 6 and 10 bytes. */
bool mpio_legacy_is(u8 opcode)
{
	return opcode == MPIO_OP_RESERVE_6 || opcode == MPIO_OP_RELEASE_6 ||
	       opcode == MPIO_OP_RESERVE_10 || opcode == MPIO_OP_RELEASE_10;
}

bool mpio_legacy_granted(struct mpio_disk *disk, u8 opcode)
{
	const struct mpio_path_set *set;
	unsigned long flags;
	bool granted;

	spin_lock_irqsave(&disk->lock, flags);
	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->lock));
	granted = !set || set->count < 2;
	if (opcode == MPIO_OP_RELEASE_6 || opcode == MPIO_OP_RELEASE_10)
		granted |= disk->reserve.legacy;
	else if (granted)
		disk->reserve.legacy = true;
	spin_unlock_irqrestore(&disk->lock, flags);
	return granted;
}
