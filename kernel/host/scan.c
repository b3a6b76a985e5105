// SPDX-License-Identifier: GPL-2.0
/*
 * Scanning: from what a session shows to paths, disks and SCSI devices.
 *
 * Sessions are scanned side by side. What they do to one disk is serialised by
 * its scan_mutex, which is held while its SCSI device is added and removed. That
 * waits for answers, but not for a path: what has none fails then. What may wait
 * for one, or for a unit that is stuck, is left to driver.c.
 */
#include "host/scan.h"

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "host/driver.h"
#include "host/attach.h"
#include "host/link.h"
#include "lu/identity.h"
#include "lu/probe.h"
#include "lu/verify.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/notify.h"
#include "multipath/path.h"
#include "session/notify.h"
#include "session/session.h"
#include "session/transport.h"

#define MPIO_SCAN_AGAIN_MS	2000
/*
 * For a LU to answer, so that one that is stuck delays no other: in the first scan,
 * and the least where more than one is. The next scans give it more.
 */
#define MPIO_SCAN_FIRST_MS	1000
#define MPIO_SCAN_LEAST_MS	100
/* A session with fewer LUs than it had looks so often, less and less. */
#define MPIO_SCAN_LOOK_MIN_MS	500
#define MPIO_SCAN_LOOK_MAX_MS	30000
#define MPIO_SCAN_LUN_MS	10000	/* that a LUN asked for by number is given */

/* ------------------------------------------------------------ new LUs */

/* @gen: of the login through which @lu was probed. */
static int mpio_scan_add_path(struct mpio_session *sess, struct mpio_disk *disk,
			      const struct mpio_lu *lu, u32 gen)
{
	struct mpio_path *path = mpio_path_alloc(sess, disk, lu->lun);
	bool same;
	int err;

	if (!path)
		return -ENOMEM;
	mutex_lock(&disk->host->mutex);
	err = mpio_path_add(path);
	if (!err)
		mpio_link_path(path);
	mutex_unlock(&disk->host->mutex);
	if (err)
		goto out;
	/*
	 * A loss of the connection after login_gen is compared finds the path
	 * in the list, and raises its verify_gen, which is compared then.
	 */
	spin_lock_irq(&sess->lock);
	same = sess->login_gen == gen;
	spin_unlock_irq(&sess->lock);
	if (same)
		mpio_verify_apply(path, lu, 0);
	else
		mpio_path_reverify(path, "not verified yet");
out:
	mpio_path_put(path);
	return err;
}

/*
 * Has the midlayer add the device, which asks the unit what it is, under a lock that
 * keeps other devices of the host from being added or removed. So if all paths of
 * the disk go meanwhile the commands fail at once, no device is added, and the next
 * scan tries again.
 */
static struct scsi_device *mpio_scan_ask_midlayer(struct mpio_disk *disk)
{
	struct scsi_device *sdev;

	mpio_disk_set_arriving(disk);
	sdev = __scsi_add_device(disk->host->shost, 0, disk->scsi_id,
				 disk->scsi_lun, disk);
	if (mpio_disk_set_arrived(disk) && !IS_ERR(sdev)) {
		scsi_remove_device(sdev);
		scsi_device_put(sdev);
		sdev = ERR_PTR(-EAGAIN);
	}
	return sdev;
}

/* Tells the midlayer about a LU that can answer it. */
static int mpio_scan_add_device(struct mpio_disk *disk)
{
	struct mpio_driver_call *call = mpio_driver_call_alloc(disk);
	struct scsi_device *sdev;
	u32 destroyed;

	lockdep_assert_held(&disk->scan_mutex);
	if (!call)
		return -ENOMEM;
	/* sdev_destroy drops it, even for a device that sdev_init never saw. */
	mpio_disk_get(disk);
	destroyed = READ_ONCE(disk->sdevs_destroyed);
	sdev = mpio_scan_ask_midlayer(disk);
	if (IS_ERR(sdev)) {
		if (READ_ONCE(disk->sdevs_destroyed) == destroyed)
			mpio_disk_put(disk);	/* there was none at all */
		mpio_driver_call_free(call);
		return PTR_ERR(sdev);
	}
	mutex_lock(&disk->host->mutex);
	disk->sdev = sdev;		/* with the reference */
	mutex_unlock(&disk->host->mutex);
	mpio_driver_attach(call, sdev);
	return 0;
}

/*
 * The path of the session to that LUN, referenced. It may well be the one after
 * @prev (NULL: none), whose reference goes: there may be thousands.
 */
static struct mpio_path *mpio_scan_find_path(struct mpio_session *sess, u64 lun,
					     struct mpio_path *prev)
{
	struct mpio_path *path, *found = NULL;

	spin_lock_irq(&sess->lock);
	if (prev && !list_empty(&prev->sess_node) &&
	    !list_is_last(&prev->sess_node, &sess->paths)) {
		path = list_next_entry(prev, sess_node);
		if (path->lun == lun)
			found = mpio_path_get(path);
	}
	list_for_each_entry(path, &sess->paths, sess_node) {
		if (found)
			break;
		if (path->lun == lun)
			found = mpio_path_get(path);
	}
	spin_unlock_irq(&sess->lock);
	if (prev)
		mpio_path_put(prev);
	return found;
}

/*
 * Would this be a second path to a unit that is no disk? Such a unit has one path: a
 * command that moves a medium must not be repeated over another, and each nexus of a
 * drive has unit attentions of its own.
 */
static bool mpio_scan_is_second(struct mpio_session *sess,
				struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	bool second = false;
	unsigned int i;

	if (mpio_disk_is_direct(disk))
		return false;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count && !second; i++)
		second = !READ_ONCE(set->path[i]->stale) &&
			 !READ_ONCE(set->path[i]->removing);
	rcu_read_unlock();
	if (second && !test_and_set_bit(MPIO_DISK_SINGLE, &disk->flags))
		pr_notice("session %u: unit %u is no disk (type 0x%02x), one path is used and no other [MPIO0015]\n",
			  sess->id, disk->id, disk->unit.type);
	return second;
}

/*
 * Deleted by hand, through sysfs: it comes again when somebody orders a scan, or
 * for a session that has not met it before.
 */
static void mpio_scan_forget_deleted(struct mpio_disk *disk)
{
	struct scsi_device *sdev = NULL;

	lockdep_assert_held(&disk->scan_mutex);
	mutex_lock(&disk->host->mutex);
	if (disk->sdev && disk->sdev->sdev_state == SDEV_DEL)
		swap(sdev, disk->sdev);
	mutex_unlock(&disk->host->mutex);
	if (sdev) {
		scsi_device_put(sdev);
		disk->deleted = true;
	}
}

static bool mpio_scan_has_path_of(struct mpio_disk *disk,
				  const struct mpio_session *sess)
{
	const struct mpio_path_set *set;
	bool has = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		has |= set->path[i]->sess == sess;
	rcu_read_unlock();
	return has;
}

/* 0, -ESTALE: the disk has gone meanwhile, -ENOMEM. */
static int mpio_scan_attach_to(struct mpio_session *sess,
			       struct mpio_disk *disk,
			       const struct mpio_lu *lu, u32 gen)
{
	struct mpio_host *empty = NULL;
	int err = -ESTALE;

	mutex_lock(&disk->scan_mutex);
	/* Nobody takes it out of the list without this mutex. */
	if (!list_empty_careful(&disk->host_node))
		err = mpio_scan_is_second(sess, disk) ? 0 :
		      mpio_scan_add_path(sess, disk, lu, gen);
	if (!err && mpio_scan_has_path_of(disk, sess)) {
		mpio_scan_forget_deleted(disk);
		disk->deleted = false;
	}
	if (err == -ENOMEM && !rcu_access_pointer(disk->paths))
		empty = mpio_host_remove_disk(disk);	/* nobody else ever will */
	mutex_unlock(&disk->scan_mutex);
	mpio_host_remove_later(empty);
	return err;
}

static int mpio_scan_attach(struct mpio_session *sess,
			    const struct mpio_lu *lu, u32 gen)
{
	struct mpio_disk *disk;
	int err;

	do {
		disk = mpio_identity_claim(sess, lu);
		if (IS_ERR(disk))
			return PTR_ERR(disk);
		err = mpio_scan_attach_to(sess, disk, lu, gen);
		mpio_disk_put(disk);
	} while (err == -ESTALE);
	return err;
}

/* A device for a disk that has none yet and can be talked to. */
static int mpio_scan_show(struct mpio_session *sess, struct mpio_disk *disk,
			  bool ordered)
{
	struct mpio_path *usable;
	int err = 0;

	mutex_lock(&disk->scan_mutex);
	if (READ_ONCE(sess->removing) || READ_ONCE(disk->dying))
		goto unlock;
	mpio_scan_forget_deleted(disk);
	if (ordered)
		disk->deleted = false;
	if (disk->sdev || disk->deleted)
		goto unlock;
	usable = mpio_disk_any_path(disk);
	if (!usable)
		goto unlock;
	mpio_path_put(usable);
	err = mpio_scan_add_device(disk);
unlock:
	mutex_unlock(&disk->scan_mutex);
	return err;
}

/* ------------------------------------------------------- LUs that vanish */

/* The disk has no use any more. Its device goes; see mpio_host_remove_disk() */
static struct mpio_host *mpio_scan_remove_device(struct mpio_disk *disk)
{
	struct scsi_device *sdev;

	lockdep_assert_held(&disk->scan_mutex);
	mutex_lock(&disk->host->mutex);
	sdev = disk->sdev;
	disk->sdev = NULL;
	mutex_unlock(&disk->host->mutex);
	if (sdev) {
		mpio_notify_disk(disk, MPIO_EVENT_DISK_DELETED);
		scsi_remove_device(sdev);
		scsi_device_put(sdev);
	}
	return mpio_host_remove_disk(disk);
}

/*
 * Has the disk a path that stays, and works if @usable, but for @not and those of
 * @sess (NULL: none)?
 */
static bool mpio_scan_has_others(struct mpio_disk *disk,
				 const struct mpio_session *sess,
				 const struct mpio_path *not, bool usable)
{
	const struct mpio_path_set *set;
	bool others = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (set->path[i]->sess != sess && set->path[i] != not &&
		    !READ_ONCE(set->path[i]->sess->removing) &&
		    (!usable || mpio_path_usable(set->path[i])))
			others = true;
	rcu_read_unlock();
	return others;
}

/*
 * The only path of a unit that may have one goes: has other sessions scan, whose path to
 * the unit was turned away.
 */
static void mpio_scan_offer(const struct mpio_session *sess,
			    const struct mpio_disk *disk)
{
	struct mpio_session *other;

	if (!test_bit(MPIO_DISK_SINGLE, &disk->flags))
		return;
	/* It need not have a path to anything, so no list of paths knows it. */
	spin_lock(&mpio_sessions_lock);
	list_for_each_entry(other, &mpio_sessions, node)
		if (other != sess)
			mpio_session_rescan(other);
	spin_unlock(&mpio_sessions_lock);
}

static void mpio_scan_remove_path(struct mpio_path *path)
{
	mpio_path_stop(path);	/* mpio_link_path() passes over it from now on */
	mutex_lock(&path->disk->host->mutex);
	mpio_unlink_path(path);
	mutex_unlock(&path->disk->host->mutex);
	mpio_path_del(path);
}

/*
 * The path does not lead to its disk any more: removes the path, and the disk with
 * its last path. Not while the disk is in use; with @others only if the path is the
 * disk's last. True: the path is gone.
 */
static bool mpio_scan_drop_stale(struct mpio_session *sess,
				 struct mpio_path *path, bool others)
{
	struct mpio_host *empty = NULL;
	struct mpio_disk *disk = path->disk;
	unsigned int openers;
	bool last, gone;

	mutex_lock(&disk->scan_mutex);
	last = !mpio_scan_has_others(disk, NULL, path, false);
	mutex_lock(&disk->host->mutex);
	openers = mpio_disk_openers(disk);
	mutex_unlock(&disk->host->mutex);
	/* Often it is only udev: verify_work looks when that ends. */
	gone = !openers || (others && !last);
	if (gone && last) {
		mpio_disk_set_dying(disk, true);
		empty = mpio_scan_remove_device(disk);
	}
	if (gone)
		mpio_scan_remove_path(path);
	mutex_unlock(&disk->scan_mutex);
	if (gone && last)
		mpio_scan_offer(sess, disk);
	mpio_host_remove_later(empty);
	return gone;
}

/* Looks from number @at on, and leaves there where the next one may be. */
static bool mpio_scan_reported(const struct mpio_luns *luns, u64 lun, u32 *at)
{
	u32 i;

	for (i = 0; i < luns->count; i++) {
		if (*at >= luns->count)
			*at = 0;
		if (mpio_luns_get(luns, (*at)++) == lun)
			return true;
	}
	return false;
}

/* Before new ones are attached: a unit may have moved to another LUN. */
static void mpio_scan_mark_vanished(struct mpio_session *sess,
				    const struct mpio_luns *luns)
{
	struct mpio_path *path = NULL;
	u32 at = 0;

	while ((path = mpio_path_next(sess, path))) {
		if (!mpio_scan_reported(luns, path->lun, &at))
			mpio_path_set_stale(path,
					    "the target does not report this LUN any more");
	}
}

static void mpio_scan_remove_vanished(struct mpio_session *sess,
				      const struct mpio_luns *luns)
{
	struct mpio_path *path = NULL;
	u32 at = 0;

	while ((path = mpio_path_next(sess, path)))
		if (!mpio_scan_reported(luns, path->lun, &at))
			mpio_scan_drop_stale(sess, path, true);
}

/* ---------------------------------------------------------------- a scan */

/* A LU that grew or shrank: the disk follows, and its users learn of it. */
static void mpio_scan_resize(struct mpio_path *path, const struct mpio_lu *lu)
{
	const char *why;

	if (lu->unit.size &&
	    mpio_identity_check(path, lu, &why) == MPIO_VERDICT_FIT)
		mpio_driver_follow(path->disk, lu->unit.size);
}

struct mpio_scan {
	struct mpio_luns luns;
	bool ordered;		/* what was deleted by hand comes back */
	bool known;		/* only LUNs that have a path */
	bool one;		/* only this one: */
	u64 lun;
	bool complete;		/* a LUN that is not in luns is gone */
	bool again;		/* a LU did not answer properly */
	bool stuck;		/* or not at all */
	bool all;		/* LUs that have a path are asked, too */
	u32 gen;		/* login through which all this was learnt */
	struct mpio_lu *lus;	/* that have no path yet */
	unsigned int count;
	u64 highest;		/* LUN among them */
	u8 *list;		/* what luns points to */
};

/* Other disks get their device when a path becomes ready. */
static int mpio_scan_add_devices(struct mpio_session *sess,
				 const struct mpio_scan *scan)
{
	struct mpio_path *path = NULL;
	int err = 0;

	while ((path = mpio_path_next(sess, path))) {
		if (mpio_scan_show(sess, path->disk, scan->ordered &&
				   (!scan->one || path->lun == scan->lun)))
			err = -EAGAIN;
		mpio_identity_warn(path->disk);
	}
	mpio_driver_wait(sess);
	return err;
}

/* Makes scan->list without REPORT LUNS: of one LUN, or of those with a path. */
static int mpio_scan_list(struct mpio_session *sess, struct mpio_scan *scan)
{
	struct mpio_path *path = NULL;
	u32 room = scan->one;

	while (scan->known && (path = mpio_path_next(sess, path)))
		room++;
	scan->list = kcalloc(max(room, 1U), 8, GFP_KERNEL);
	if (!scan->list)
		return -ENOMEM;
	scan->luns.data = scan->list;
	if (scan->one)
		mpio_lun_encode(scan->lun, scan->list + 8 * scan->luns.count++);
	/* Only scans add paths, and there is one at a time. */
	while (scan->known && (path = mpio_path_next(sess, path)))
		memcpy(scan->list + 8 * scan->luns.count++, path->lun_wire, 8);
	return 0;
}

static int mpio_scan_report(struct mpio_session *sess, struct mpio_scan *scan)
{
	int err = mpio_probe_report_luns(sess, sess->scan, &scan->list,
					 &scan->luns);

	if (err == -EOPNOTSUPP) {
		/* Older than SPC-3: LUN 0 is all there can be. */
		scan->list = kzalloc(8, GFP_KERNEL);
		scan->luns.count = 1;
		scan->luns.data = scan->list;
		return scan->list ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	scan->complete = true;
	if (scan->list)
		return 0;
	/* The list of LUNs is in the probe's buffer, which the next command needs. */
	scan->list = kmemdup(scan->luns.data, max(scan->luns.count, 1U) * 8,
			     GFP_KERNEL);
	scan->luns.data = scan->list;
	return scan->list ? 0 : -ENOMEM;
}

/* A LUN that has a path may lead elsewhere now, or nowhere, or have grown. */
static int mpio_scan_ask_again(struct mpio_session *sess,
			       struct mpio_path *path)
{
	const struct mpio_lu *lu = &sess->scan->lu;
	u32 gen = READ_ONCE(path->verify_gen);
	const char *why;
	int err;

	sess->scan->of = path;
	err = mpio_probe_lu(sess, sess->scan, path->lun);
	sess->scan->of = NULL;
	mpio_attentions_owe(path, &lu->attentions);
	/* Of a disk with other paths the unit exists: this path is shut off for now. */
	if (err == -ENODEV &&
	    !mpio_scan_has_others(path->disk, NULL, path, false))
		mpio_path_set_stale(path,
				    "no logical unit answers here any more");
	if (err)
		return err;
	mpio_scan_resize(path, lu);
	switch (mpio_identity_check(path, lu, &why)) {
	case MPIO_VERDICT_OTHER:
		mpio_identity_ask(path->disk, path, lu->begun);
		WRITE_ONCE(path->stale, true);
		mpio_verify_apply(path, lu, gen);
		return 0;
	case MPIO_VERDICT_FIT:
		mpio_path_unset_stale(path, gen);
		break;
	default:
		break;
	}
	if (READ_ONCE(path->state) != MPIO_PATH_RECOVERING)
		mpio_verify_apply(path, lu, gen);
	return 0;
}

/* The LUN has a path. 1: it had, and what answers now is a LU to attach. */
static int mpio_scan_ask_known(struct mpio_session *sess,
			       const struct mpio_scan *scan,
			       struct mpio_path *path)
{
	enum mpio_path_state state = READ_ONCE(path->state);
	int err;

	if (!scan->all &&
	    (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY))
		return 0;
	err = mpio_scan_ask_again(sess, path);
	if ((err && err != -ENODEV) || !READ_ONCE(path->stale) ||
	    !mpio_scan_drop_stale(sess, path, false))
		return err;
	return err ? err : 1;
}

/* Has this scan found a LU of that number already? Some lists are lies. */
static bool mpio_scan_found(const struct mpio_scan *scan, u64 lun)
{
	unsigned int i;

	if (!scan->count || lun > scan->highest)
		return false;
	for (i = 0; i < scan->count; i++)
		if (scan->lus[i].lun == lun)
			return true;
	return false;
}

static void mpio_scan_add(struct mpio_scan *scan, const struct mpio_lu *lu)
{
	scan->lus[scan->count++] = *lu;
	scan->highest = max(scan->highest, lu->lun);
}

/* Others have not been asked yet. */
static void mpio_scan_no_answer(struct mpio_session *sess,
				struct mpio_scan *scan)
{
	scan->stuck = true;
	if (!scan->one)
		sess->scan->timeout_ms = max_t(u32, sess->scan->timeout_ms / 2,
					       MPIO_SCAN_LEAST_MS);
}

static int mpio_scan_ask_all(struct mpio_session *sess, struct mpio_scan *scan)
{
	struct mpio_path *path = NULL;
	int err = 0;
	u32 i;

	scan->lus = kvcalloc(max(scan->luns.count, 1U), sizeof(*scan->lus),
			     GFP_KERNEL);
	if (!scan->lus)
		return -ENOMEM;
	for (i = 0; i < scan->luns.count && !READ_ONCE(sess->removing); i++) {
		u64 lun = mpio_luns_get(&scan->luns, i);

		err = 0;
		path = mpio_scan_find_path(sess, lun, path);
		if (path) {
			err = mpio_scan_ask_known(sess, scan, path);
		} else if (!mpio_scan_found(scan, lun)) {
			err = mpio_probe_lu(sess, sess->scan, lun);
			if (!err)
				err = 1;
		}
		if (err == 1)
			mpio_scan_add(scan, &sess->scan->lu);
		else if (err == -ENOTCONN)
			break;
		else if (err && err != -ENODEV)
			scan->again = true;
		if (err == -ETIMEDOUT)
			mpio_scan_no_answer(sess, scan);
	}
	if (path)
		mpio_path_put(path);
	return err == -ENOTCONN ? err : 0;
}

static int mpio_scan_ask(struct mpio_session *sess, struct mpio_scan *scan)
{
	int err;

	lockdep_assert_held(&sess->scanning);
	if (!scan->one)
		sess->scan->timeout_ms = sess->scan_ms ?: MPIO_SCAN_FIRST_MS;
	err = mpio_scan_ask_all(sess, scan);
	sess->scan->timeout_ms = MPIO_PROBE_TIMEOUT_MS;
	return err;
}

static int mpio_scan_attach_all(struct mpio_session *sess,
				struct mpio_scan *scan)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < scan->count && !READ_ONCE(sess->removing); i++) {
		err = mpio_scan_attach(sess, &scan->lus[i], scan->gen);
		if (err == -EAGAIN)
			scan->again = true;
		else if (err)
			return err;
	}
	return 0;
}

static int mpio_scan_run(struct mpio_session *sess, struct mpio_scan *scan)
{
	int err;

	spin_lock_irq(&sess->lock);
	scan->gen = sess->login_gen;
	spin_unlock_irq(&sess->lock);
	err = scan->one || scan->known ? mpio_scan_list(sess, scan) :
	      mpio_scan_report(sess, scan);
	if (!err)
		err = mpio_scan_ask(sess, scan);
	if (err)
		return err;
	if (scan->complete)
		mpio_scan_mark_vanished(sess, &scan->luns);
	err = mpio_scan_attach_all(sess, scan);
	if (mpio_scan_add_devices(sess, scan))
		scan->again = true;
	if (scan->complete)
		mpio_scan_remove_vanished(sess, &scan->luns);
	return err;
}

/*
 * The target may be starting, or its LUNs not be mapped yet: nobody tells a
 * session about that which has none to send commands to. So it looks by itself
 * while it shows none or fewer than before. That costs REPORT LUNS, and two
 * commands for each LUN in the list that has no LU.
 */
static void mpio_scan_look_again(struct mpio_session *sess, bool all)
{
	struct mpio_path *path = NULL;
	u32 have = 0;

	while ((path = mpio_path_next(sess, path)))
		have += !READ_ONCE(path->stale);
	if (all)
		sess->look_ms = 0;
	sess->luns_had = max(sess->luns_had, have);
	if (have && have == sess->luns_had)
		return;
	sess->look_ms = clamp_t(u32, 2 * sess->look_ms, MPIO_SCAN_LOOK_MIN_MS,
				MPIO_SCAN_LOOK_MAX_MS);
	mpio_session_look_later(sess, sess->look_ms);
}

static int mpio_scan_session(struct mpio_session *sess, struct mpio_scan *scan)
{
	struct mpio_path *path = NULL;
	int err = mpio_scan_run(sess, scan);

	lockdep_assert_held(&sess->scanning);
	while ((path = mpio_path_next(sess, path)))
		mpio_disk_uevent_now(path->disk);
	if (!scan->one)
		sess->scan_ms = !scan->stuck ? 0 :
			min_t(u32, 2 * (sess->scan_ms ?: MPIO_SCAN_FIRST_MS),
			      MPIO_PROBE_TIMEOUT_MS);
	/* A login since has to look for itself. */
	spin_lock_irq(&sess->lock);
	if (sess->login_gen == scan->gen && !scan->one)
		sess->scanned = true;
	spin_unlock_irq(&sess->lock);
	kvfree(scan->lus);
	kfree(scan->list);
	if (!err && !scan->one && !scan->known)
		mpio_scan_look_again(sess, scan->all || scan->count);
	return !err && scan->again ? -EAGAIN : err;
}

/* -ENOTCONN: the next login scans again. */
static int mpio_scan_as_ordered(struct mpio_session *sess, bool all)
{
	struct mpio_scan scan = { .all = all };
	u32 ordered;
	int err;

	spin_lock_irq(&sess->lock);
	ordered = sess->scans_ordered;
	spin_unlock_irq(&sess->lock);
	scan.ordered = ordered != sess->scans_done;
	scan.known = sess->cfg.no_scan && !scan.ordered;
	/* A scan that was asked for makes the LUNs found the expected ones. */
	if (scan.ordered) {
		sess->luns_had = 0;
		sess->scan_ms = 0;
	}
	err = mpio_scan_session(sess, &scan);
	if (err != -ENOTCONN) {
		spin_lock_irq(&sess->lock);
		sess->scans_done = ordered;
		if (!scan.known)
			mpio_transport_set_scanned(sess);
		spin_unlock_irq(&sess->lock);
	}
	return err;
}

void mpio_scan_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 scan_work);
	bool all = xchg(&sess->scan_all, false);
	int err;

	if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
		return;
	mutex_lock(&sess->scanning);
	err = mpio_scan_as_ordered(sess, all);
	mutex_unlock(&sess->scanning);
	smp_mb();	/* wake_up_var(): what was scanned before the waiter */
	wake_up_var(&sess->state);	/* mpio_scan_host() waits for scans, too */
	if (err == -ENOTCONN)
		return;
	if (err) {
		pr_warn_ratelimited("session %u: scan incomplete (%d), trying again [MPIO0016]\n",
				    sess->id, err);
		mpio_session_rescan_later(sess, max_t(u32, MPIO_SCAN_AGAIN_MS,
						      2 * READ_ONCE(sess->scan_ms)));
	}
	if (all)
		mpio_notify_session(sess, MPIO_EVENT_SESSION_SCANNED);
}

/* 0: it need not be asked once more. */
static int mpio_scan_lun_once(struct mpio_session *sess, u64 lun)
{
	struct mpio_scan scan = {
		.one = true, .lun = lun, .ordered = true, .all = true,
	};
	int err = 0;

	if (mutex_lock_killable(&sess->scanning))
		return 0;
	if (!READ_ONCE(sess->removing) &&
	    mpio_session_state(sess) == MPIO_SESSION_LOGGED_IN)
		err = mpio_scan_session(sess, &scan);
	mutex_unlock(&sess->scanning);
	return err;
}

/* Nothing tells when a LU that is busy, or starts, is to be asked again. */
void mpio_scan_lun(struct mpio_session *sess, u64 lun)
{
	unsigned long end = jiffies + msecs_to_jiffies(MPIO_SCAN_LUN_MS);
	int err;

	while ((err = mpio_scan_lun_once(sess, lun)) && err != -ENOTCONN &&
	       time_before(jiffies, end) && !fatal_signal_pending(current))
		schedule_timeout_killable(msecs_to_jiffies(MPIO_SCAN_LOOK_MIN_MS));
	if (err)
		pr_warn_ratelimited("session %u lun %llu: not found, though asked for (%d) [MPIO0017]\n",
				    sess->id, lun, err);
}

/* --------------------------------------------------------------- removal */

bool mpio_scan_session_busy(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	bool busy = false;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_host *host = path->disk->host;

		if (mpio_scan_has_others(path->disk, sess, NULL, true))
			continue;
		mutex_lock(&host->mutex);
		busy = busy || mpio_disk_openers(path->disk);
		mutex_unlock(&host->mutex);
	}
	return busy;
}

void mpio_scan_kill_disks(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		if (!mpio_scan_has_others(path->disk, sess, NULL, false))
			mpio_disk_set_dying(path->disk, true);
		mpio_disk_update(path->disk);
	}
}

void mpio_scan_remove_disks(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_disk *disk = path->disk;
		struct mpio_host *empty = NULL;
		bool last;

		mutex_lock(&disk->scan_mutex);
		/* A path may have been added to it at the last moment. */
		last = !mpio_scan_has_others(disk, sess, NULL, false);
		mpio_disk_set_dying(disk, last);
		if (last)
			empty = mpio_scan_remove_device(disk);
		else
			mpio_path_stop(path);
		mutex_unlock(&disk->scan_mutex);
		if (last)
			mpio_scan_offer(sess, disk);
		mpio_host_remove(empty);
	}
}

void mpio_scan_remove_paths(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path)))
		mpio_scan_remove_path(path);
}
