// SPDX-License-Identifier: GPL-2.0
/* What a disk and its paths ask about their unit. */
#include "lu/unit.h"

#include "lu/holder.h"
#include "lu/ready.h"
#include "lu/registration.h"
#include "lu/reserve.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

static void mpio_unit_joins(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;

	/* The nexus may have existed before, and still have a registration of then. */
	spin_lock_irq(&disk->lock);
	path->registration.stale = disk->reserve.lost || disk->reserve.strays;
	mpio_holder_pin_legacy(disk);
	spin_unlock_irq(&disk->lock);
}

static void mpio_unit_removed(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;

	spin_lock_irq(&disk->lock);
	disk->reserve.unchecked += path->registration.unchecked;
	/* Nobody takes it from the nexus, which comes back with the same ISID. */
	if (path->registration.key || path->registration.maybe) {
		disk->reserve.strays = true;
		memcpy(disk->reserve.stray[disk->reserve.strays_seen++ % MPIO_STRAYS],
		       path->sess->cfg.isid, MPIO_ISID_LEN);
	}
	spin_unlock_irq(&disk->lock);
}

const struct mpio_unit_ops mpio_lu_unit_ops = {
	.init		= mpio_reserve_init,
	.joins		= mpio_unit_joins,
	.removed	= mpio_unit_removed,
	.path_lost	= mpio_ready_path_lost,
	.admit		= mpio_ready_admit,
	.route		= mpio_holder_route,
	.reserve	= mpio_reserve_submit,
	.conflict	= mpio_holder_conflict,
	.unregistered	= mpio_registration_reverify,
};
