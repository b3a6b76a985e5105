/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk: one logical unit, its scsi_device and all paths to it.
 *
 * Lifetime: kref; held by the scsi_device (sdev->hostdata), by each path and
 * by host->disks. Commands are parked on it while no path can take them.
 *
 * Whoever adds or removes its device, its first or its last path, holds
 * disk->scan_mutex. Order of locks: Documentation/locking.rst.
 */
#ifndef _MPIO_DISK_H
#define _MPIO_DISK_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <scsi/scsi_proto.h>

#include <uapi/linux/iscsi_mpio.h>

#include "multipath/attention.h"
#include "multipath/fence.h"
#include "multipath/recall.h"
#include "multipath/select.h"
#include "multipath/shelf.h"
#include "multipath/unit.h"

struct gendisk;
struct mpio_host;
struct mpio_path;
struct mpio_session;
struct mpio_task;
struct scsi_device;

struct mpio_path_set {
	struct rcu_head rcu;
	unsigned int count;
	struct mpio_choice choice;
	struct mpio_path *path[];
};

static inline bool mpio_type_is_direct(u8 type)
{
	return type == TYPE_DISK || type == TYPE_ZBC;
}

/* Bits of mpio_disk.flags */
enum mpio_disk_flag {
	MPIO_DISK_STPG,		/* somebody is changing access states */
	MPIO_DISK_NOT_PREFERRED, /* we have, for want of paths */
	MPIO_DISK_SINGLE,	/* has one path, and not for want of others */
	MPIO_DISK_COMPARES,	/* a lock bit: somebody compares the paths */
};

struct mpio_disk {
	struct kref ref;
	unsigned long flags;
	u32 id;				/* never used again */
	const struct mpio_unit_ops *ops;
	struct mpio_host *host;	/* holds a reference */
	struct list_head host_node;	/* host->disks; host->mutex */
	bool admits;			/* paths that are not ready; WRITE_ONCE */
	struct mutex scan_mutex;	/* see above; of one disk at a time */
	struct mpio_identity identity;
	struct mpio_unit unit;		/* constant but for .size: WRITE_ONCE */
	unsigned long born;		/* jiffies; constant */
	unsigned long stpg_last;	/* jiffies | 1, 0: never; WRITE_ONCE */
	unsigned long compared;		/* jiffies; MPIO_DISK_COMPARES */
	u32 stpg_backoff_ms;		/* until the next one; WRITE_ONCE */
	u32 scsi_id;			/* of H:C:I:L */
	u64 scsi_lun;
	struct scsi_device *sdev;	/* NULL until added; host->mutex */
	u32 sdevs_destroyed;		/* counts; WRITE_ONCE */
	bool deleted;			/* by hand, through sysfs; scan_mutex */
	atomic_t driver_calls;		/* host/driver.c: under way, */
	unsigned long driver_until;	/* waited for until then; WRITE_ONCE */
	char target_name[MPIO_NAME_MAX + 1];

	spinlock_t lock;		/* paths (writers), parked, flags */
	struct mpio_path_set __rcu *paths;
	struct list_head parked;	/* tasks, oldest first */
	u32 nparked;
	struct mpio_shelf shelf;
	bool no_path;			/* the no-path timer runs or is over */
	unsigned long no_path_since;	/* jiffies */
	unsigned long admit_until;	/* jiffies | 1: not over before; or 0 */
	bool failfast;			/* NoPathTimeout is over */
	bool dying;			/* going away: never park */
	bool arriving, stayed_away;	/* see mpio_disk_set_arriving() */
	u64 failovers, requeues, no_path_errors;

	enum mpio_policy disk_policy;	/* WRITE_ONCE; 0: inherit */
	enum mpio_policy policy;	/* in force, WRITE_ONCE */
	u32 __percpu *last_path;	/* taken on this CPU, in the set */
	struct mpio_reserve reserve;
	struct mpio_fence fence;
	atomic_t resets;		/* of ours that are on their way */
	unsigned long reset_lost;	/* jiffies | 1: the last without answer; or 0 */
	ktime_t was_reset;		/* last, as far as we know; WRITE_ONCE */
	struct mpio_attentions attentions;	/* due; disk->lock */
	struct mpio_recall recall[MPIO_RECALLS];	/* disk->lock */

	struct work_struct requeue_work;	/* mpio_recover_wq */
	struct delayed_work no_path_work;	/* mpio_recover_wq */
	struct delayed_work uevent_work;	/* mpio_scan_wq */
	bool resize_missed;		/* see mpio_driver_follow() */
	bool links_came;		/* it is for a new path; WRITE_ONCE */
	struct work_struct free_work;		/* mpio_scan_wq */
	struct rcu_head rcu;
};

/*
 * Process context. Returns a disk with one reference for a LU that @sess has
 * found first, as @lun, or NULL. The caller goes on with mpio_fence_init().
 */
struct mpio_disk *mpio_disk_alloc(struct mpio_host *host,
				  const struct mpio_session *sess,
				  const struct mpio_unit *unit, u64 lun,
				  const struct mpio_unit_ops *ops);
/* Any context, under any lock. The last reference has free_work do the rest. */
void mpio_disk_put(struct mpio_disk *disk);

static inline struct mpio_disk *mpio_disk_get(struct mpio_disk *disk)
{
	kref_get(&disk->ref);
	return disk;
}

/*
 * Any context, no spinlock of ours held. Sends a task down a path, or parks it (takes
 * disk->lock, then sess->lock), or gives it back failed. The caller owned the task and
 * has lost it afterwards.
 */
void mpio_disk_submit(struct mpio_disk *disk, struct mpio_task *task);

/* The same for a task that was parked, by the disk or by the fence. */
void mpio_disk_resubmit(struct mpio_disk *disk, struct mpio_task *task);

/*
 * Any context, takes disk->lock, then sess->lock. The task waits for a path on
 * disk->parked or, where too many do, its bios wait on the shelf; it fails if the
 * disk is dying or NoPathTimeout is over. The caller owned the task and has lost it
 * afterwards.
 */
void mpio_disk_park(struct mpio_disk *disk, struct mpio_task *task);

/* Any context, takes sess->lock. Each session with a path to the disk scans soon. */
void mpio_disk_rescan(struct mpio_disk *disk);

/*
 * Any context, takes no lock. NoPathTimeout of the disk, ms: the longest of the
 * sessions that have a path to it. 0 when the machine goes down.
 */
u32 mpio_disk_patience(struct mpio_disk *disk);

/*
 * Any context, takes disk->lock, then sess->lock; neither may be held. A path or a flag
 * of the disk has changed: works out no_path and failfast again, starts or stops
 * the timer, and has waiting commands sent.
 */
void mpio_disk_update(struct mpio_disk *disk);

/*
 * Any context, takes no lock. Is the device of @task being deleted through its "delete"
 * file? The deletion waits for its commands, under scan_mutex of the SCSI host: those
 * without a path fail.
 */
bool mpio_disk_is_deleted(const struct mpio_task *task);

/*
 * Any context, takes no lock. Parked and shelved commands of @disk are sent again,
 * or fail, in works of their own.
 */
void mpio_disk_kick(struct mpio_disk *disk);

/* Any context, takes disk->lock. While dying, a command without a path fails at once. */
void mpio_disk_set_dying(struct mpio_disk *disk, bool dying);

/*
 * Process context, scan_mutex held. While its device is being added a command
 * without a path fails at once: a lock of the host's is held then.
 */
void mpio_disk_set_arriving(struct mpio_disk *disk);
/* The same. The device is there, commands wait again. Has one failed for that? */
bool mpio_disk_set_arrived(struct mpio_disk *disk);

/*
 * Process context, host->mutex held. The block device of the disk with a
 * reference on its device, or NULL: no disk, or no driver for it yet.
 */
struct gendisk *mpio_disk_gendisk(struct mpio_disk *disk);
/*
 * Any context, under any lock. Has udev look at the disk's links soon, if the disk is
 * usable then: udev opens the device, and would keep one without a path open until
 * its I/O fails.
 */
void mpio_disk_uevent(struct mpio_disk *disk);
/*
 * Process context, may sleep. The same at once, if it is due because of a path
 * that came: when a scan is over, "udevadm settle" waits for all of its links.
 */
void mpio_disk_uevent_now(struct mpio_disk *disk);

/* Process context, host->mutex held. Openers of its block device. */
unsigned int mpio_disk_openers(struct mpio_disk *disk);
/*
 * Process context, tries host->mutex. Has nobody opened the block device? False also
 * if that cannot be told without waiting.
 */
bool mpio_disk_unused(struct mpio_disk *disk);

/*
 * Any context, takes no lock. Has the disk a path other than @path (NULL: any path)
 * that is usable and on which its unit is ready?
 */
bool mpio_disk_other_path(const struct mpio_disk *disk,
			  const struct mpio_path *path);
/* Any context, takes no lock. Has the disk a usable path? */
bool mpio_disk_usable(const struct mpio_disk *disk);

/*
 * Any context. Is it of a type that has several paths, and whose commands may be
 * repeated: a disk, zoned or not? Tapes and changers remember what was done.
 */
static inline bool mpio_disk_is_direct(const struct mpio_disk *disk)
{
	return mpio_type_is_direct(disk->unit.type);
}

/* Any context, takes no lock. A path that is usable now, referenced, or NULL. */
struct mpio_path *mpio_disk_any_path(struct mpio_disk *disk);

#endif
