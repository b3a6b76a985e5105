// SPDX-License-Identifier: GPL-2.0
/* Calls of a device's driver, beside scans. See driver.h. */
#include "host/driver.h"

#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/kmod.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "base/work.h"
#include "host/link.h"
#include "multipath/disk.h"
#include "multipath/host.h"
#include "multipath/notify.h"
#include "multipath/path.h"
#include "session/session.h"

/* How long a scan waits for drivers, so that its disks are there when it ends. */
#define MPIO_DRIVER_MS		5000
/* Calls of one disk: one at work, and one that will see any later change. */
#define MPIO_DRIVER_CALLS	2

struct mpio_driver_call {
	struct work_struct work;
	struct mpio_disk *disk;		/* a reference */
	struct scsi_device *sdev;	/* a reference, once it is run */
};

struct mpio_driver_call *mpio_driver_call_alloc(struct mpio_disk *disk)
{
	struct mpio_driver_call *call = kmalloc(sizeof(*call), GFP_KERNEL);

	if (call)
		call->disk = mpio_disk_get(disk);
	return call;
}

void mpio_driver_call_free(struct mpio_driver_call *call)
{
	mpio_disk_put(call->disk);
	kfree(call);
}

static void mpio_driver_run(struct mpio_driver_call *call,
			    struct scsi_device *sdev, work_func_t fn)
{
	struct mpio_disk *disk = call->disk;

	call->sdev = sdev;
	atomic_inc(&disk->driver_calls);
	WRITE_ONCE(disk->driver_until,
		   jiffies + msecs_to_jiffies(MPIO_DRIVER_MS));
	INIT_WORK(&call->work, fn);
	queue_work(mpio_driver_wq, &call->work);
}

static void mpio_driver_done(struct mpio_driver_call *call)
{
	struct mpio_disk *disk = call->disk;

	scsi_device_put(call->sdev);
	atomic_dec(&disk->driver_calls);
	smp_mb__after_atomic();	/* wake_up_var(), mpio_driver_follow() */
	wake_up_var(&disk->driver_calls);
	if (xchg(&disk->resize_missed, false))
		mpio_disk_rescan(disk);
	mpio_driver_call_free(call);
}

static void mpio_driver_attach_work(struct work_struct *work)
{
	struct mpio_driver_call *call = container_of(work,
						     struct mpio_driver_call,
						     work);
	struct scsi_device *sdev = call->sdev;
	struct mpio_disk *disk = call->disk;

	/* Drivers probe in the background: wait until there is a disk to name. */
	if (!device_attach(&sdev->sdev_gendev) &&
	    !request_module("scsi:t-0x%02x", sdev->type) &&
	    !device_attach(&sdev->sdev_gendev) &&
	    sdev->sdev_state != SDEV_DEL)
		sdev_printk(KERN_NOTICE, sdev, "no driver for its type [MPIO0023]\n");
	mutex_lock(&disk->host->mutex);
	/* Under the mutex, so that the end of it is told later. */
	if (disk->sdev == sdev) {
		mpio_link_disk(disk);
		mpio_notify_disk(disk, MPIO_EVENT_DISK_ADDED);
	}
	mutex_unlock(&disk->host->mutex);
	mpio_driver_done(call);
}

void mpio_driver_attach(struct mpio_driver_call *call, struct scsi_device *sdev)
{
	if (scsi_device_get(sdev))
		mpio_driver_call_free(call);	/* it goes already */
	else
		mpio_driver_run(call, sdev, mpio_driver_attach_work);
}

static void mpio_driver_resize_work(struct work_struct *work)
{
	struct mpio_driver_call *call = container_of(work,
						     struct mpio_driver_call,
						     work);

	scsi_rescan_device(call->sdev);
	mpio_driver_done(call);
}

/* host->mutex held. Does the disk show what the LU says? */
static bool mpio_driver_size_shown(struct mpio_disk *disk)
{
	struct gendisk *gendisk = mpio_disk_gendisk(disk);
	bool shown = true;

	lockdep_assert_held(&disk->host->mutex);
	if (gendisk) {
		shown = get_capacity(gendisk) << SECTOR_SHIFT ==
			disk->unit.size;
		put_device(disk_to_dev(gendisk));
	}
	return shown;
}

/* The device whose driver has to look at its size; referenced. */
static struct scsi_device *mpio_driver_outgrown(struct mpio_disk *disk, u64 size)
{
	struct scsi_device *sdev = NULL;

	mutex_lock(&disk->host->mutex);
	WRITE_ONCE(disk->unit.size, size);
	if (disk->sdev && !mpio_driver_size_shown(disk) &&
	    !scsi_device_get(disk->sdev))
		sdev = disk->sdev;
	mutex_unlock(&disk->host->mutex);
	return sdev;
}

void mpio_driver_follow(struct mpio_disk *disk, u64 size)
{
	struct scsi_device *sdev = mpio_driver_outgrown(disk, size);
	struct mpio_driver_call *call = NULL;

	if (!sdev)
		return;
	/* Whoever is at work may have asked for the size already. */
	WRITE_ONCE(disk->resize_missed, true);
	smp_mb();	/* before the count: see mpio_driver_done() */
	/* Where memory is short the next scan tries again. */
	if (atomic_read(&disk->driver_calls) < MPIO_DRIVER_CALLS)
		call = mpio_driver_call_alloc(disk);
	if (call) {
		WRITE_ONCE(disk->resize_missed, false);
		mpio_driver_run(call, sdev, mpio_driver_resize_work);
	} else {
		scsi_device_put(sdev);
	}
}

void mpio_driver_wait(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	lockdep_assert_held(&sess->scanning);
	while ((path = mpio_path_next(sess, path))) {
		struct mpio_disk *disk = path->disk;
		long remaining = READ_ONCE(disk->driver_until) - jiffies;

		if (remaining > 0)
			wait_var_event_timeout(&disk->driver_calls,
					       !atomic_read(&disk->driver_calls),
					       remaining);
	}
}
