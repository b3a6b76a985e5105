// SPDX-License-Identifier: GPL-2.0
/* Workqueues, and the end of the machine. */
#include "base/work.h"

#include <linux/init.h>
#include <linux/kernel.h>

struct workqueue_struct *mpio_io_wq;
struct workqueue_struct *mpio_recover_wq;
struct workqueue_struct *mpio_login_wq;
struct workqueue_struct *mpio_probe_wq;
struct workqueue_struct *mpio_scan_wq;
struct workqueue_struct *mpio_driver_wq;
struct workqueue_struct *mpio_submit_wq;

static bool mpio_going_down, mpio_going_to_sleep;

bool mpio_shutting_down(void)
{
	return READ_ONCE(mpio_going_down);
}

void mpio_shut_down(void)
{
	WRITE_ONCE(mpio_going_down, true);
}

bool mpio_asleep(void)
{
	return READ_ONCE(mpio_going_to_sleep);
}

void mpio_fall_asleep(bool asleep)
{
	WRITE_ONCE(mpio_going_to_sleep, asleep);
}

void mpio_work_exit(void)
{
	/* What scan_wq still has to free, driver_wq first, uses the others. */
	struct workqueue_struct *wqs[] = {
		mpio_driver_wq, mpio_scan_wq, mpio_probe_wq, mpio_login_wq,
		mpio_recover_wq, mpio_io_wq, mpio_submit_wq,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wqs); i++)
		if (wqs[i])
			destroy_workqueue(wqs[i]);
}

/*
 * One for each kind of waiting: a driver waits for a path, a scan or a probe for
 * an answer, a login for a portal, a submission for a tag; recovery, which ends
 * all that, waits for none.
 */
int __init mpio_work_init(void)
{
	/* Not WQ_HIGHPRI: let PDUs gather instead of running for each. */
	mpio_io_wq = alloc_workqueue("mpio_io", WQ_MEM_RECLAIM | WQ_PERCPU, 0);
	mpio_recover_wq = alloc_workqueue("mpio_recover", WQ_MEM_RECLAIM |
					  WQ_HIGHPRI | WQ_UNBOUND, 0);
	mpio_login_wq = alloc_workqueue("mpio_login", WQ_MEM_RECLAIM |
					WQ_UNBOUND, WQ_MAX_ACTIVE);
	mpio_probe_wq = alloc_workqueue("mpio_probe", WQ_MEM_RECLAIM |
					WQ_UNBOUND, WQ_MAX_ACTIVE);
	mpio_scan_wq = alloc_workqueue("mpio_scan", WQ_UNBOUND, 0);
	mpio_driver_wq = alloc_workqueue("mpio_driver", WQ_UNBOUND,
					 WQ_MAX_ACTIVE);
	mpio_submit_wq = alloc_workqueue("mpio_submit", WQ_MEM_RECLAIM |
					 WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (mpio_io_wq && mpio_recover_wq && mpio_login_wq && mpio_probe_wq &&
	    mpio_scan_wq && mpio_driver_wq && mpio_submit_wq)
		return 0;
	mpio_work_exit();
	return -ENOMEM;
}
