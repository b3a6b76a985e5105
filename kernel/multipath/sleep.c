// SPDX-License-Identifier: GPL-2.0
/* Sleep of the machine. See sleep.h. */
#include "multipath/sleep.h"

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/pm_domain.h>
#include <linux/suspend.h>

#include "base/work.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

/* A failover is through by then, as a rule; who closes the lid does not wait. */
#define MPIO_SLEEP_PATIENCE	(4 * HZ)
#define MPIO_SLEEP_LOOK_MS	50

/* Any lock may be taken. Does it keep commands, parked or behind the fence? */
static bool mpio_sleep_disk_waits(struct mpio_disk *disk)
{
	bool waits;

	spin_lock_irq(&disk->lock);
	waits = mpio_shelf_waiting(disk) || !list_empty(&disk->fence.held);
	spin_unlock_irq(&disk->lock);
	return waits;
}

/* The number of a disk whose commands wait, or 0. No mutex: see main.c. */
static u32 mpio_sleep_waiting(void)
{
	struct mpio_session *sess = NULL;
	struct mpio_path *path;
	u32 waiting = 0;

	while ((sess = mpio_session_after(sess))) {
		path = NULL;
		while ((path = mpio_path_next(sess, path)))
			if (mpio_sleep_disk_waits(path->disk))
				waiting = path->disk->id;
	}
	return waiting;
}

static int mpio_sleep_may(void)
{
	unsigned long end = jiffies + MPIO_SLEEP_PATIENCE;
	u32 waiting;

	while ((waiting = mpio_sleep_waiting())) {
		if (time_after(jiffies, end)) {
			pr_warn("disk %u: commands wait for a path, the machine stays awake [MPIO0004]\n",
				waiting);
			return -EBUSY;
		}
		msleep(MPIO_SLEEP_LOOK_MS);
	}
	return 0;
}

/* After sleep: connections may have been lost without a notice. */
static void mpio_sleep_over(void)
{
	struct mpio_session *sess = NULL;

	mpio_fall_asleep(false);
	while ((sess = mpio_session_after(sess)))
		mpio_session_wake(sess);
}

static int mpio_sleep_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	int err = 0;

	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		err = mpio_sleep_may();
		if (!err)
			mpio_fall_asleep(true);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		mpio_sleep_over();
		break;
	}
	return notifier_from_errno(err);
}

static struct notifier_block mpio_sleep_nb = {
	.notifier_call = mpio_sleep_notify,
};

static int mpio_sleep_prepare(struct device *dev)
{
	return mpio_sleep_may();
}

static struct dev_pm_domain mpio_sleep_domain = {
	.ops.prepare = mpio_sleep_prepare,
};

void mpio_sleep_watch(struct device *dev)
{
	dev_pm_domain_set(dev, &mpio_sleep_domain);
}

int mpio_sleep_init(void)
{
	return register_pm_notifier(&mpio_sleep_nb);
}

void mpio_sleep_exit(void)
{
	unregister_pm_notifier(&mpio_sleep_nb);
}
