// SPDX-License-Identifier: GPL-2.0
/*
 * Scanning: from what a session shows to paths, heads and SCSI devices.
 *
 * Scans of one group are serialised by group->scan_mutex, which is held while
 * SCSI devices are added and removed, and so may wait for I/O.
 */
#include "scan.h"

#include <linux/device.h>
#include <linux/slab.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "group.h"
#include "head.h"
#include "netlink.h"
#include "path.h"
#include "probe.h"
#include "session.h"

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
	head = mpio_group_find_head(group, &lu->id);
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

static int mpio_scan_add_path(struct mpio_session *sess, struct mpio_head *head,
			      const struct mpio_lu *lu)
{
	struct mpio_path *path = mpio_path_alloc(sess, head, lu->lun);
	int err;

	if (!path)
		return -ENOMEM;
	path->tpg = lu->tpg;
	path->alua_pref = lu->alua_pref;
	path->alua_state = lu->alua_state;
	mutex_lock(&head->group->mutex);
	err = mpio_path_add(path);
	mutex_unlock(&head->group->mutex);
	if (!err && lu->size && head->size && lu->size < head->size)
		mpio_path_set_state(path, MPIO_PATH_FENCED,
				    "the logical unit is smaller than the disk");
	else if (!err)
		mpio_path_set_state(path, MPIO_PATH_READY,
				    "its access state does not allow I/O");
	mpio_path_put(path);
	return err;
}

/* scan_mutex held. Tells the midlayer about a LU. */
static int mpio_scan_add_device(struct mpio_head *head)
{
	struct mpio_group *group = head->group;
	struct scsi_device *sdev;

	sdev = __scsi_add_device(group->host, 0, head->scsi_id, head->scsi_lun,
				 head);
	if (IS_ERR(sdev))
		return PTR_ERR(sdev);
	/* sd probes in the background: wait until there is a disk to name. */
	if (device_attach(&sdev->sdev_gendev) < 0)
		sdev_printk(KERN_WARNING, sdev, "no driver attached\n");
	mutex_lock(&group->mutex);
	head->sdev = sdev;		/* with the reference */
	mutex_unlock(&group->mutex);
	mpio_notify_head(head, MPIO_EVENT_DISK_ADDED);
	return 0;
}

static struct mpio_path *mpio_scan_find_path(struct mpio_session *sess, u64 lun)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path)))
		if (path->lun == lun)
			break;
	return path;
}

static void mpio_scan_attach(struct mpio_session *sess,
			     const struct mpio_lu *lu)
{
	struct mpio_head *head = mpio_scan_get_head(sess, lu);

	if (!head)
		return;
	if (!mpio_scan_add_path(sess, head, lu) && !head->sdev &&
	    mpio_scan_add_device(head))
		mpio_scan_drop_head(head);
	mpio_head_put(head);
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

/* Has the head a path of another session that stays? */
static bool mpio_scan_has_others(struct mpio_head *head,
				 const struct mpio_session *sess)
{
	const struct mpio_path_set *set;
	bool others = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++)
		if (set->path[i]->sess != sess &&
		    !READ_ONCE(set->path[i]->sess->removing))
			others = true;
	rcu_read_unlock();
	return others;
}

/* A LUN the target does not report any more. */
static void mpio_scan_vanished(struct mpio_session *sess,
			       struct mpio_path *path)
{
	struct mpio_head *head = path->head;
	bool last = !mpio_scan_has_others(head, sess);
	unsigned int openers;

	mutex_lock(&head->group->mutex);
	openers = mpio_head_openers(head);
	mutex_unlock(&head->group->mutex);
	if (last && openers) {
		mpio_path_set_state(path, MPIO_PATH_FENCED,
				    "the target does not report this LUN any more");
		return;
	}
	if (last) {
		mpio_head_set_dying(head);
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

	while ((path = mpio_path_next(sess, path)))
		if (!mpio_scan_reported(luns, path->lun))
			mpio_scan_vanished(sess, path);
}

/* ---------------------------------------------------------------- a scan */

/* A LU that grew: the disk follows, and its users learn of it. */
static void mpio_scan_resize(struct mpio_head *head, const struct mpio_lu *lu)
{
	struct mpio_group *group = head->group;
	struct scsi_device *sdev = NULL;

	if (!lu->size || !mpio_lu_id_equal(&head->lu_id, &lu->id))
		return;
	mutex_lock(&group->mutex);
	if (lu->size != head->size && head->sdev &&
	    !scsi_device_get(head->sdev))
		sdev = head->sdev;
	WRITE_ONCE(head->size, lu->size);
	mutex_unlock(&group->mutex);
	if (sdev) {
		scsi_rescan_device(sdev);
		scsi_device_put(sdev);
	}
}

struct mpio_scan {
	struct mpio_lu *lus;	/* that have no path yet */
	unsigned int count;
};

/* Asks all LUNs that have no path; those that have one may have grown. */
static int mpio_scan_ask(struct mpio_session *sess,
			 const struct mpio_luns *luns, struct mpio_scan *scan)
{
	u32 i;

	scan->lus = kvcalloc(max(luns->count, 1U), sizeof(*scan->lus),
			     GFP_KERNEL);
	if (!scan->lus)
		return -ENOMEM;
	for (i = 0; i < luns->count && !READ_ONCE(sess->removing); i++) {
		u64 lun = mpio_luns_get(luns, i);
		struct mpio_path *path = mpio_scan_find_path(sess, lun);
		int err = mpio_probe_lu(sess, &sess->scan, lun);

		if (err == -ENOTCONN) {
			if (path)
				mpio_path_put(path);
			return err;
		}
		if (path) {
			if (!err)
				mpio_scan_resize(path->head, &sess->scan.lu);
			mpio_path_put(path);
		} else if (!err) {
			scan->lus[scan->count++] = sess->scan.lu;
		}
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

static int mpio_scan_session(struct mpio_session *sess)
{
	struct mpio_scan scan = { };
	struct mpio_luns luns = { };
	static const u8 lun0[8];
	unsigned int i;
	u8 *big;
	int err;

	err = mpio_probe_report_luns(sess, &sess->scan, &big, &luns);
	if (err == -ENOTCONN)
		return err;
	if (err) {		/* older than SPC-3: there is LUN 0 at least */
		luns.data = lun0;
		luns.count = 1;
	} else if (!big) {	/* the buffer is needed for what follows */
		big = kmemdup(luns.data, luns.count * 8, GFP_KERNEL);
		if (!big)
			return -ENOMEM;
		luns.data = big;
	}
	err = mpio_scan_ask(sess, &luns, &scan);
	if (!err)
		err = mpio_scan_join_group(sess, &scan);
	if (!err) {
		mutex_lock(&sess->group->scan_mutex);
		for (i = 0; i < scan.count; i++)
			if (!READ_ONCE(sess->removing))
				mpio_scan_attach(sess, &scan.lus[i]);
		mpio_scan_remove_vanished(sess, &luns);
		mutex_unlock(&sess->group->scan_mutex);
	}
	kvfree(scan.lus);
	kfree(big);
	return err;
}

void mpio_scan_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 scan_work);
	int err;

	if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
		return;
	if (sess->cfg.no_scan && !READ_ONCE(sess->scan_wanted)) {
		err = 0;
	} else {
		err = mpio_scan_session(sess);
	}
	if (err == -ENOTCONN)
		return;		/* the next login scans again */
	if (err)
		pr_warn("session %u: scan failed: %d\n", sess->id, err);
	spin_lock_irq(&sess->lock);
	sess->scanned = true;
	spin_unlock_irq(&sess->lock);
	mpio_notify_session(sess, MPIO_EVENT_SESSION_SCANNED);
}

/* --------------------------------------------------------------- removal */

bool mpio_scan_session_busy(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	bool busy = false;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_group *group = path->head->group;

		if (mpio_scan_has_others(path->head, sess))
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

	while ((path = mpio_path_next(sess, path)))
		if (!mpio_scan_has_others(path->head, sess))
			mpio_head_set_dying(path->head);
}

void mpio_scan_remove_disks(struct mpio_session *sess)
{
	struct mpio_group *group = sess->group;
	struct mpio_path *path = NULL;

	if (!group)
		return;
	/* Heads that came since the last time are doomed like the others. */
	mpio_scan_doom_disks(sess);
	mutex_lock(&group->scan_mutex);
	while ((path = mpio_path_next(sess, path))) {
		if (READ_ONCE(path->head->dying))
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
