// SPDX-License-Identifier: GPL-2.0
/*
 * Scanning: from what a session shows to paths, heads and SCSI devices.
 *
 * Scans of one group are serialised by group->scan_mutex, which is held while
 * SCSI devices are added and removed, and so may wait for I/O.
 */
#include "scan.h"

#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/kmod.h>
#include <linux/slab.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "group.h"
#include "head.h"
#include "netlink.h"
#include "path.h"
#include "probe.h"
#include "session.h"

#define MPIO_SCAN_AGAIN_MS	2000

/* ------------------------------------------------------------ new LUs */

/* group->mutex held. An id under which this LUN number is still free. */
static u32 mpio_scan_free_id(struct mpio_group *group, u64 lun)
{
	struct mpio_head *head;
	u32 id = 0;

again:
	list_for_each_entry(head, &group->heads, group_node) {
		if (head->scsi_id == id && head->scsi_lun == lun) {
			id++;
			goto again;
		}
	}
	return id;
}

/* The head for a LU, new if need be, with a reference. */
static struct mpio_head *mpio_scan_get_head(struct mpio_session *sess,
					    const struct mpio_lu *lu)
{
	struct mpio_group *group = sess->group;
	struct mpio_head *head;

	mutex_lock(&group->mutex);
	head = mpio_group_find_head(group, &lu->id, sess->cfg.target_name);
	if (head) {
		mpio_head_get(head);
		goto out;
	}
	head = mpio_head_alloc(group, &lu->id);
	if (!head)
		goto out;
	strscpy(head->target_name, sess->cfg.target_name,
		sizeof(head->target_name));
	head->size = lu->size;
	head->type = lu->inquiry.type;
	head->scsi_lun = lu->lun;
	head->scsi_id = mpio_scan_free_id(group, lu->lun);
	list_add_tail(&head->group_node, &group->heads);
	mpio_head_get(head);		/* of the list */
out:
	mutex_unlock(&group->mutex);
	return head;
}

/* The head's last path is gone or its device could not be added. */
static void mpio_scan_drop_head(struct mpio_head *head)
{
	struct mpio_group *group = head->group;

	mutex_lock(&group->mutex);
	if (!list_empty(&head->group_node)) {
		list_del_init(&head->group_node);
		mpio_head_put(head);
	}
	mutex_unlock(&group->mutex);
}

/* @gen: of the login through which @lu was probed. */
static int mpio_scan_add_path(struct mpio_session *sess, struct mpio_head *head,
			      const struct mpio_lu *lu, u32 gen)
{
	struct mpio_path *path = mpio_path_alloc(sess, head, lu->lun);
	bool same;
	int err;

	if (!path)
		return -ENOMEM;
	mutex_lock(&head->group->mutex);
	err = mpio_path_add(path);
	mutex_unlock(&head->group->mutex);
	if (err)
		goto out;
	/*
	 * Whoever loses the connection after this look at the generation finds
	 * the path in the list and doubts it, which judging it heeds.
	 */
	spin_lock_irq(&sess->lock);
	same = sess->login_gen == gen;
	spin_unlock_irq(&sess->lock);
	if (same)
		mpio_probe_judge(path, lu, 0);
	else
		mpio_path_suspect(path, "not verified yet");
out:
	mpio_path_put(path);
	return err;
}

/* scan_mutex held. Tells the midlayer about a LU that can answer it. */
static int mpio_scan_add_device(struct mpio_head *head)
{
	struct mpio_group *group = head->group;
	struct scsi_device *sdev;
	u32 destroyed;

	/* sdev_destroy drops it, even for a device that sdev_init never saw. */
	mpio_head_get(head);
	destroyed = READ_ONCE(head->sdevs_destroyed);
	sdev = __scsi_add_device(group->host, 0, head->scsi_id, head->scsi_lun,
				 head);
	if (IS_ERR(sdev)) {
		if (READ_ONCE(head->sdevs_destroyed) == destroyed)
			mpio_head_put(head);	/* there was none at all */
		return PTR_ERR(sdev);
	}
	/* Drivers probe in the background: wait until there is a disk to name. */
	if (!device_attach(&sdev->sdev_gendev) &&
	    !request_module("scsi:t-0x%02x", sdev->type) &&
	    !device_attach(&sdev->sdev_gendev))
		sdev_printk(KERN_NOTICE, sdev, "no driver for its type\n");
	mutex_lock(&group->mutex);
	head->sdev = sdev;		/* with the reference */
	mutex_unlock(&group->mutex);
	mpio_notify_head(head, MPIO_EVENT_DISK_ADDED);
	return 0;
}

static struct mpio_path *mpio_scan_find_path(struct mpio_session *sess, u64 lun)
{
	struct mpio_path *path, *found = NULL;

	spin_lock_irq(&sess->lock);
	list_for_each_entry(path, &sess->paths, sess_node) {
		if (path->lun == lun) {
			found = mpio_path_get(path);
			break;
		}
	}
	spin_unlock_irq(&sess->lock);
	return found;
}

static int mpio_scan_attach(struct mpio_session *sess,
			    const struct mpio_lu *lu, u32 gen)
{
	struct mpio_head *head = mpio_scan_get_head(sess, lu);
	int err;

	if (!head)
		return -ENOMEM;
	err = mpio_scan_add_path(sess, head, lu, gen);
	if (err && !rcu_access_pointer(head->paths))
		mpio_scan_drop_head(head);	/* nobody else ever will */
	mpio_head_put(head);
	return err;
}

/* Deleted by hand, through sysfs: it may come again. */
static void mpio_scan_forget_deleted(struct mpio_head *head)
{
	struct scsi_device *sdev = NULL;

	mutex_lock(&head->group->mutex);
	if (head->sdev && head->sdev->sdev_state == SDEV_DEL)
		swap(sdev, head->sdev);
	mutex_unlock(&head->group->mutex);
	if (sdev)
		scsi_device_put(sdev);
}

/*
 * scan_mutex held. Disks for all heads of the session that have none yet and
 * can be talked to; the others get theirs when a path becomes ready.
 */
static int mpio_scan_add_devices(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	int err = 0;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_head *head = path->head;
		struct mpio_path *usable;

		if (READ_ONCE(sess->removing) || READ_ONCE(head->dying))
			continue;
		mpio_scan_forget_deleted(head);
		if (head->sdev)
			continue;
		usable = mpio_head_any_path(head);
		if (!usable)
			continue;
		mpio_path_put(usable);
		if (mpio_scan_add_device(head))
			err = -EAGAIN;
	}
	return err;
}

/* ------------------------------------------------------- LUs that vanish */

/* scan_mutex held, head doomed or without use. Its device goes. */
static void mpio_scan_remove_device(struct mpio_head *head)
{
	struct scsi_device *sdev;

	mutex_lock(&head->group->mutex);
	sdev = head->sdev;
	head->sdev = NULL;
	mutex_unlock(&head->group->mutex);
	if (sdev) {
		mpio_notify_head(head, MPIO_EVENT_DISK_DELETED);
		scsi_remove_device(sdev);
		scsi_device_put(sdev);
	}
	mpio_scan_drop_head(head);
}

/* Has the head a path of another session that stays, and works if @usable? */
static bool mpio_scan_has_others(struct mpio_head *head,
				 const struct mpio_session *sess, bool usable)
{
	const struct mpio_path_set *set;
	bool others = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++)
		if (set->path[i]->sess != sess &&
		    !READ_ONCE(set->path[i]->sess->removing) &&
		    (!usable || mpio_path_usable(set->path[i])))
			others = true;
	rcu_read_unlock();
	return others;
}

/* A LUN the target does not report any more. */
static void mpio_scan_vanished(struct mpio_session *sess,
			       struct mpio_path *path)
{
	struct mpio_head *head = path->head;
	bool last = !mpio_scan_has_others(head, sess, false);
	unsigned int openers;

	mutex_lock(&head->group->mutex);
	openers = mpio_head_openers(head);
	mutex_unlock(&head->group->mutex);
	if (last && openers) {
		/* Often it is only udev: verify_work looks when that ends. */
		WRITE_ONCE(path->vanished, true);
		mpio_path_set_state(path, MPIO_PATH_FENCED,
				    "the target does not report this LUN any more");
		return;
	}
	if (last) {
		mpio_head_set_dying(head, true);
		mpio_scan_remove_device(head);
	}
	mpio_path_del(path);
}

static bool mpio_scan_reported(const struct mpio_luns *luns, u64 lun)
{
	u32 i;

	for (i = 0; i < luns->count; i++)
		if (mpio_luns_get(luns, i) == lun)
			return true;
	return false;
}

static void mpio_scan_remove_vanished(struct mpio_session *sess,
				      const struct mpio_luns *luns)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		if (mpio_scan_reported(luns, path->lun))
			WRITE_ONCE(path->vanished, false);
		else
			mpio_scan_vanished(sess, path);
	}
}

/* ---------------------------------------------------------------- a scan */

/* group->mutex held. Does the disk show what the LU says? */
static bool mpio_scan_size_shown(struct mpio_head *head)
{
	struct gendisk *disk = mpio_head_disk(head);
	bool shown = true;

	if (disk) {
		shown = get_capacity(disk) << SECTOR_SHIFT == head->size;
		put_device(disk_to_dev(disk));
	}
	return shown;
}

/* A LU that grew or shrank: the disk follows, and its users learn of it. */
static void mpio_scan_resize(struct mpio_head *head, const struct mpio_lu *lu)
{
	struct mpio_group *group = head->group;
	struct scsi_device *sdev = NULL;

	if (!mpio_lu_id_equal(&head->lu_id, &lu->id))
		return;
	mutex_lock(&group->mutex);
	if (lu->size) {
		WRITE_ONCE(head->size, lu->size);
		if (head->sdev && !mpio_scan_size_shown(head) &&
		    !scsi_device_get(head->sdev))
			sdev = head->sdev;
	}
	mutex_unlock(&group->mutex);
	if (sdev) {
		scsi_rescan_device(sdev);
		scsi_device_put(sdev);
	}
}

struct mpio_scan {
	struct mpio_luns luns;
	bool complete;		/* a LUN that is not in luns is gone */
	bool again;		/* a LU did not answer properly */
	u32 gen;		/* login through which all this was learnt */
	struct mpio_lu *lus;	/* that have no path yet */
	unsigned int count;
	u8 *list;		/* what luns points to */
};

static int mpio_scan_report(struct mpio_session *sess, struct mpio_scan *scan)
{
	int err = mpio_probe_report_luns(sess, &sess->scan, &scan->list,
					 &scan->luns);

	if (err == -EOPNOTSUPP && list_empty_careful(&sess->paths)) {
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
	/* It is in the buffer that is needed for what follows. */
	scan->list = kmemdup(scan->luns.data, max(scan->luns.count, 1U) * 8,
			     GFP_KERNEL);
	scan->luns.data = scan->list;
	return scan->list ? 0 : -ENOMEM;
}

/* A LUN that has a path may lead elsewhere now, or have grown. */
static int mpio_scan_ask_again(struct mpio_session *sess,
			       struct mpio_path *path)
{
	u32 doubts = READ_ONCE(path->doubts);
	int err = mpio_probe_lu(sess, &sess->scan, path->lun);

	if (err)
		return err;
	mpio_scan_resize(path->head, &sess->scan.lu);
	if (READ_ONCE(path->state) != MPIO_PATH_RECOVERING)
		mpio_probe_judge(path, &sess->scan.lu, doubts);
	return 0;
}

/* Has this scan found a LU of that number already? Some lists are lies. */
static bool mpio_scan_found(const struct mpio_scan *scan, u64 lun)
{
	unsigned int i;

	for (i = 0; i < scan->count; i++)
		if (scan->lus[i].lun == lun)
			return true;
	return false;
}

static int mpio_scan_ask(struct mpio_session *sess, struct mpio_scan *scan)
{
	u32 i;

	scan->lus = kvcalloc(max(scan->luns.count, 1U), sizeof(*scan->lus),
			     GFP_KERNEL);
	if (!scan->lus)
		return -ENOMEM;
	for (i = 0; i < scan->luns.count && !READ_ONCE(sess->removing); i++) {
		u64 lun = mpio_luns_get(&scan->luns, i);
		struct mpio_path *path = mpio_scan_find_path(sess, lun);
		int err = 0;

		if (path) {
			err = mpio_scan_ask_again(sess, path);
			mpio_path_put(path);
		} else if (!mpio_scan_found(scan, lun)) {
			err = mpio_probe_lu(sess, &sess->scan, lun);
			if (!err)
				scan->lus[scan->count++] = sess->scan.lu;
		}
		if (err == -ENOTCONN)
			return err;
		if (err && err != -ENODEV)
			scan->again = true;
	}
	return 0;
}

static int mpio_scan_join_group(struct mpio_session *sess,
				const struct mpio_scan *scan)
{
	struct mpio_lu_id *ids;
	unsigned int i;
	int err;

	if (sess->group)
		return 0;
	ids = kvcalloc(max(scan->count, 1U), sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	for (i = 0; i < scan->count; i++)
		ids[i] = scan->lus[i].id;
	err = mpio_group_join(sess, ids, scan->count);
	kvfree(ids);
	return err;
}

static int mpio_scan_run(struct mpio_session *sess, struct mpio_scan *scan)
{
	unsigned int i;
	int err;

	spin_lock_irq(&sess->lock);
	scan->gen = sess->login_gen;
	spin_unlock_irq(&sess->lock);
	err = mpio_scan_report(sess, scan);
	if (!err)
		err = mpio_scan_ask(sess, scan);
	if (!err)
		err = mpio_scan_join_group(sess, scan);
	if (err)
		return err;
	mutex_lock(&sess->group->scan_mutex);
	for (i = 0; i < scan->count && !err && !READ_ONCE(sess->removing); i++)
		err = mpio_scan_attach(sess, &scan->lus[i], scan->gen);
	if (mpio_scan_add_devices(sess))
		scan->again = true;
	if (scan->complete)
		mpio_scan_remove_vanished(sess, &scan->luns);
	mutex_unlock(&sess->group->scan_mutex);
	return err;
}

static int mpio_scan_session(struct mpio_session *sess)
{
	struct mpio_scan scan = { };
	int err = mpio_scan_run(sess, &scan);

	/* A login since has to look for itself. */
	spin_lock_irq(&sess->lock);
	if (sess->login_gen == scan.gen)
		sess->scanned = true;
	spin_unlock_irq(&sess->lock);
	kvfree(scan.lus);
	kfree(scan.list);
	return !err && scan.again ? -EAGAIN : err;
}

void mpio_scan_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 scan_work);
	int err = 0;

	if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
		return;
	if (sess->cfg.no_scan && !READ_ONCE(sess->scan_wanted)) {
		spin_lock_irq(&sess->lock);
		sess->scanned = true;
		spin_unlock_irq(&sess->lock);
	} else {
		err = mpio_scan_session(sess);
	}
	if (err == -ENOTCONN)
		return;		/* the next login scans again */
	if (err) {
		pr_warn_ratelimited("session %u: scan incomplete (%d), trying again\n",
				    sess->id, err);
		mpio_session_rescan_later(sess, MPIO_SCAN_AGAIN_MS);
	}
	mpio_notify_session(sess, MPIO_EVENT_SESSION_SCANNED);
}

/* --------------------------------------------------------------- removal */

bool mpio_scan_session_busy(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	bool busy = false;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_group *group = path->head->group;

		if (mpio_scan_has_others(path->head, sess, true))
			continue;
		mutex_lock(&group->mutex);
		busy = busy || mpio_head_openers(path->head);
		mutex_unlock(&group->mutex);
	}
	return busy;
}

void mpio_scan_doom_disks(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		if (!mpio_scan_has_others(path->head, sess, false))
			mpio_head_set_dying(path->head, true);
		mpio_head_update(path->head);
	}
}

void mpio_scan_remove_disks(struct mpio_session *sess)
{
	struct mpio_group *group = sess->group;
	struct mpio_path *path = NULL;

	if (!group)
		return;
	mutex_lock(&group->scan_mutex);
	while ((path = mpio_path_next(sess, path))) {
		/* A path may have been added to it at the last moment. */
		bool last = !mpio_scan_has_others(path->head, sess, false);

		mpio_head_set_dying(path->head, last);
		if (last)
			mpio_scan_remove_device(path->head);
		else
			mpio_path_leave(path);
	}
	mutex_unlock(&group->scan_mutex);
}

void mpio_scan_remove_paths(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path)))
		mpio_path_del(path);
}
