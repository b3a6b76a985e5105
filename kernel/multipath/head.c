// SPDX-License-Identifier: GPL-2.0
/*
 * Heads: commands find a path here, or wait for one.
 *
 * A parked command is never retried by the midlayer (that has a budget and a
 * time limit of its own): it stays on the head until a path comes or
 * NoPathTimeout is over, while eh_timed_out keeps answering "more time".
 */
#include "multipath/head.h"

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

#include <trace/events/iscsi_mpio.h>

#include "base/work.h"
#include "conn/conn.h"
#include "multipath/ghost.h"
#include "multipath/group.h"
#include "multipath/notify.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "session/session.h"

/*
 * Paths come and go in numbers: udev is asked to look at the links once. The tool
 * waits for them, so not long after the first.
 */
#define MPIO_HEAD_UEVENT_MS	100

static atomic_t mpio_head_last_id = ATOMIC_INIT(0);

static void mpio_head_uevent_work(struct work_struct *work);

bool mpio_head_usable(const struct mpio_head *head)
{
	const struct mpio_path_set *set;
	bool usable = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count && !usable; i++)
		usable = mpio_path_usable(set->path[i]);
	rcu_read_unlock();
	return usable;
}

bool mpio_head_other_path(const struct mpio_head *head,
			  const struct mpio_path *path)
{
	const struct mpio_path_set *set;
	bool other = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count && !other; i++)
		other = set->path[i] != path &&
			mpio_path_usable(set->path[i]) &&
			!READ_ONCE(set->path[i]->unready.key);
	rcu_read_unlock();
	return other;
}

void mpio_head_rescan(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++)
		mpio_session_rescan(set->path[i]->sess);
	rcu_read_unlock();
}

/*
 * The machine goes to sleep, and the drivers of disks have their caches flushed.
 * Those are the array's, which stays awake; a path will not come any more.
 */
static bool mpio_head_leaves_cache(const struct mpio_task *task)
{
	return mpio_asleep() &&
	       blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc));
}

/* What waits for a path is sent again, or fails. */
static void mpio_head_kick(struct mpio_head *head)
{
	queue_work(mpio_recover_wq, &head->requeue_work);
	mpio_shelf_kick(head);
}

u32 mpio_head_waiting(const struct mpio_head *head)
{
	return READ_ONCE(head->nparked) + READ_ONCE(head->shelf.count);
}

void mpio_head_park(struct mpio_head *head, struct mpio_task *task)
{
	bool shelved = false;
	unsigned long flags;
	int host_byte = 0;

	if (test_bit(MPIO_TASK_RECALL, &task->flags) &&
	    !READ_ONCE(head->dying) && mpio_recall_answer(head, task))
		return;
	mpio_head_get(head);	/* the task may take the last one along */
	spin_lock_irqsave(&head->lock, flags);
	if (head->dying || mpio_head_leaves_cache(task))
		host_byte = DID_NO_CONNECT;
	else if (head->failfast)
		host_byte = DID_TRANSPORT_FAILFAST;
	if (host_byte) {
		head->no_path_errors++;
	} else if (mpio_shelf_take(head, task)) {
		head->requeues++;
		shelved = true;
	} else {
		head->requeues++;
		WRITE_ONCE(head->nparked, head->nparked + 1);
		atomic_inc(&head->group->nparked);
		mpio_task_park(task);
		list_add_tail(&task->node, &head->parked);
	}
	spin_unlock_irqrestore(&head->lock, flags);
	if (shelved)
		mpio_task_empty(task);
	if (host_byte)
		mpio_task_fail(task, host_byte);
	else if (mpio_head_usable(head))	/* came while we parked */
		mpio_head_kick(head);
	else
		mpio_head_update(head);		/* the timer runs from now */
	mpio_head_put(head);
}

/* Under rcu_read_lock(), under which @path was found usable. */
static void mpio_head_send(struct mpio_task *task, struct mpio_path *path)
{
	atomic_inc(&path->inflight);
	atomic_add(task->data_len >> 9, &path->queued_blocks);
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	WRITE_ONCE(task->path, path);
	mpio_conn_submit(&path->sess->conn, task);
}

void mpio_head_submit(struct mpio_head *head, struct mpio_task *task)
{
	struct mpio_path_set *set;
	struct mpio_path *path;

	if (unlikely(READ_ONCE(head->attentions.count)) &&
	    mpio_attentions_tell(head, task))
		return;
	rcu_read_lock();
	set = rcu_dereference(head->paths);
	path = mpio_select_path(head, set);
	if (unlikely(READ_ONCE(head->reserve.pin)))
		path = head->ops->route(head, task, path);
	else if (path && unlikely(task->avoid == path->id))
		path = mpio_select_other(head, set, path);
	/* Ghosts bar what could be sent; what has no path may give up its tag. */
	if (likely(path) && (likely(list_empty(&head->fence.ghosts)) ||
			     !mpio_ghost_bars(head, task)))
		mpio_head_send(task, path);
	rcu_read_unlock();
	if (unlikely(!path))
		mpio_head_park(head, task);
}

void mpio_head_resubmit(struct mpio_head *head, struct mpio_task *task)
{
	mpio_task_unpark(task);
	if (test_bit(MPIO_TASK_RESERVE, &task->flags))
		head->ops->reserve(head, task);
	else
		mpio_head_submit(head, task);
}

static void mpio_head_requeue_work(struct work_struct *work)
{
	struct mpio_head *head = container_of(work, struct mpio_head,
					      requeue_work);
	struct mpio_task *task, *next;
	LIST_HEAD(list);

	spin_lock_irq(&head->lock);
	list_splice_init(&head->parked, &list);
	atomic_sub(head->nparked, &head->group->nparked);
	WRITE_ONCE(head->nparked, 0);
	spin_unlock_irq(&head->lock);
	list_for_each_entry_safe(task, next, &list, node) {
		list_del_init(&task->node);
		if (test_and_clear_bit(MPIO_TASK_ABORT, &task->flags) &&
		    blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc)))
			mpio_task_fail(task, DID_ABORT);
		else
			mpio_head_resubmit(head, task);
	}
}

u32 mpio_head_patience(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	u32 ms = 0, i;

	if (mpio_shutting_down())
		return 0;
	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_session *sess = set->path[i]->sess;

		if (!READ_ONCE(sess->removing))
			ms = max(ms, mpio_setting(sess,
						  MPIO_TA_NO_PATH_TIMEOUT));
	}
	rcu_read_unlock();
	return ms;
}

/* head->lock held; the head has no usable path. */
static void mpio_head_arm(struct mpio_head *head, u32 patience)
{
	unsigned long end;

	lockdep_assert_held(&head->lock);
	if (head->failfast)
		return;
	if (!head->no_path) {
		head->no_path = true;
		head->no_path_since = jiffies;
	}
	if (patience == MPIO_FOREVER) {
		cancel_delayed_work(&head->no_path_work);
		return;
	}
	end = head->no_path_since + msecs_to_jiffies(patience);
	mod_delayed_work(mpio_recover_wq, &head->no_path_work,
			 time_after(end, jiffies) ? end - jiffies : 0);
}

void mpio_head_update(struct mpio_head *head)
{
	bool lost = false, found = false, kick = false, failed = false;
	u32 patience = mpio_head_patience(head);
	unsigned long flags;

	spin_lock_irqsave(&head->lock, flags);
	if (mpio_head_usable(head)) {
		found = head->no_path;
		failed = head->failfast;
		head->no_path = false;
		WRITE_ONCE(head->failfast, false);
		kick = mpio_head_waiting(head);
		cancel_delayed_work(&head->no_path_work);
	} else {
		lost = !head->no_path && !head->dying;
		mpio_head_arm(head, patience);
		kick = head->dying && mpio_head_waiting(head);
	}
	spin_unlock_irqrestore(&head->lock, flags);
	if (kick)
		mpio_head_kick(head);
	mpio_fence_kick(head);
	/* Whoever asked for its capacity meanwhile was told there is none. */
	if (failed)
		mpio_head_rescan(head);
	if (lost) {
		trace_mpio_no_path(head->id, mpio_head_waiting(head), false);
		mpio_notify_head(head, MPIO_EVENT_DISK_NO_PATH);
	} else if (found) {
		mpio_notify_head(head, MPIO_EVENT_DISK_RECOVERED);
	}
}

static void mpio_head_no_path_work(struct work_struct *work)
{
	struct mpio_head *head = container_of(to_delayed_work(work),
					      struct mpio_head, no_path_work);
	bool over;

	if (READ_ONCE(head->no_path) && head->ops->admit(head))
		return;		/* what the unit says itself is better */
	spin_lock_irq(&head->lock);
	over = head->no_path && !head->failfast && !head->dying &&
	       !mpio_head_usable(head);
	if (over)
		WRITE_ONCE(head->failfast, true);
	spin_unlock_irq(&head->lock);
	if (!over)
		return;
	trace_mpio_no_path(head->id, mpio_head_waiting(head), true);
	pr_warn_ratelimited("disk %u: no path since NoPathTimeout, I/O fails\n",
			    head->id);
	mpio_head_kick(head);
	mpio_fence_kick(head);
	mpio_notify_head(head, MPIO_EVENT_DISK_FAILED);
}

void mpio_head_set_dying(struct mpio_head *head, bool dying)
{
	unsigned long flags;

	spin_lock_irqsave(&head->lock, flags);
	WRITE_ONCE(head->dying, dying);
	spin_unlock_irqrestore(&head->lock, flags);
	mpio_head_kick(head);
	mpio_fence_kick(head);
}

struct mpio_head *mpio_head_alloc(struct mpio_group *group,
				  const struct mpio_session *sess,
				  const struct mpio_unit *unit, u64 lun,
				  const struct mpio_unit_ops *ops)
{
	struct mpio_head *head = kzalloc(sizeof(*head), GFP_KERNEL);

	if (!head)
		return NULL;
	head->last_path = alloc_percpu(u32);
	if (!head->last_path) {
		kfree(head);
		return NULL;
	}
	kref_init(&head->ref);
	kref_get(&group->ref);
	head->group = group;
	head->id = atomic_inc_return(&mpio_head_last_id);
	head->ops = ops;
	head->unit = *unit;
	head->scsi_lun = lun;
	strscpy(head->target_name, sess->cfg.target_name,
		sizeof(head->target_name));
	head->born = jiffies;
	mutex_init(&head->scan_mutex);
	spin_lock_init(&head->lock);
	INIT_LIST_HEAD(&head->parked);
	INIT_LIST_HEAD(&head->group_node);
	ops->init(head);
	mpio_shelf_init(head);
	INIT_WORK(&head->requeue_work, mpio_head_requeue_work);
	INIT_DELAYED_WORK(&head->no_path_work, mpio_head_no_path_work);
	INIT_DELAYED_WORK(&head->uevent_work, mpio_head_uevent_work);
	return head;
}

/*
 * The last reference may go in a work of the head itself or in a context that
 * must not sleep, so a work of the scan queue does the rest.
 */
static void mpio_head_free_work(struct work_struct *work)
{
	struct mpio_head *head = container_of(work, struct mpio_head,
					      free_work);

	cancel_delayed_work_sync(&head->no_path_work);
	cancel_delayed_work_sync(&head->uevent_work);
	cancel_work_sync(&head->requeue_work);
	cancel_delayed_work_sync(&head->fence.work);
	mpio_shelf_exit(head);
	mpio_group_put(head->group);
	free_percpu(head->last_path);
	kfree(rcu_dereference_protected(head->paths, true));
	kfree_rcu(head, rcu);
}

static void mpio_head_release(struct kref *ref)
{
	struct mpio_head *head = container_of(ref, struct mpio_head, ref);

	INIT_WORK(&head->free_work, mpio_head_free_work);
	queue_work(mpio_scan_wq, &head->free_work);
}

void mpio_head_put(struct mpio_head *head)
{
	kref_put(&head->ref, mpio_head_release);
}

struct mpio_path *mpio_head_any_path(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	struct mpio_path *path = NULL;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count && !path; i++)
		if (mpio_path_usable(set->path[i]) &&
		    kref_get_unless_zero(&set->path[i]->ref))
			path = set->path[i];
	rcu_read_unlock();
	return path;
}

static int mpio_head_match_disk(struct device *dev, void *data)
{
	struct device **found = data;

	if (!dev->class || strcmp(dev->class->name, "block"))
		return 0;
	*found = get_device(dev);
	return 1;
}

struct gendisk *mpio_head_disk(struct mpio_head *head)
{
	struct device *dev = NULL;

	lockdep_assert_held(&head->group->mutex);
	if (!head->sdev)
		return NULL;
	device_for_each_child(&head->sdev->sdev_gendev, &dev,
			      mpio_head_match_disk);
	return dev ? dev_to_disk(dev) : NULL;
}

static void mpio_head_tell_links(struct mpio_head *head)
{
	struct gendisk *disk = NULL;

	WRITE_ONCE(head->links_came, false);
	mutex_lock(&head->group->mutex);
	if (!READ_ONCE(head->dying) && mpio_head_usable(head))
		disk = mpio_head_disk(head);
	mutex_unlock(&head->group->mutex);
	if (!disk)
		return;
	disk_uevent(disk, KOBJ_CHANGE);
	put_device(disk_to_dev(disk));
}

static void mpio_head_uevent_work(struct work_struct *work)
{
	mpio_head_tell_links(container_of(to_delayed_work(work),
					  struct mpio_head, uevent_work));
}

void mpio_head_uevent_now(struct mpio_head *head)
{
	if (READ_ONCE(head->links_came) &&
	    cancel_delayed_work_sync(&head->uevent_work))
		mpio_head_tell_links(head);
}

void mpio_head_uevent(struct mpio_head *head)
{
	queue_delayed_work(mpio_scan_wq, &head->uevent_work,
			   msecs_to_jiffies(MPIO_HEAD_UEVENT_MS));
}

unsigned int mpio_head_openers(struct mpio_head *head)
{
	struct gendisk *disk = mpio_head_disk(head);
	unsigned int openers;

	lockdep_assert_held(&head->group->mutex);
	if (!disk)
		return 0;
	openers = disk_openers(disk);
	put_device(disk_to_dev(disk));
	return openers;
}

bool mpio_head_unused(struct mpio_head *head)
{
	bool unused;

	if (!mutex_trylock(&head->group->mutex))
		return false;
	unused = !mpio_head_openers(head);
	mutex_unlock(&head->group->mutex);
	return unused;
}
