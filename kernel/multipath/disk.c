// SPDX-License-Identifier: GPL-2.0
/*
 * Disks: commands find a path here, or wait for one.
 *
 * A parked command is never retried by the midlayer (that has a budget and a
 * time limit of its own): it stays on the disk until a path comes or
 * NoPathTimeout is over, while eh_timed_out keeps answering "more time".
 */
#include "multipath/disk.h"

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

#include <trace/events/iscsi_mpio.h>

#include "base/work.h"
#include "conn/conn.h"
#include "multipath/ghost.h"
#include "multipath/host.h"
#include "multipath/notify.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "session/session.h"

/*
 * Paths come and go in numbers: udev is asked to look at the links once. The tool
 * waits for them, so not long after the first.
 */
#define MPIO_DISK_UEVENT_MS	100

/* After NoPathTimeout, for a path that was admitted and has to be registered. */
#define MPIO_ADMIT_TIME		(2 * HZ)

static atomic_t mpio_disk_last_id = ATOMIC_INIT(0);

static void mpio_disk_uevent_work(struct work_struct *work);

bool mpio_disk_usable(const struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	bool usable = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count && !usable; i++)
		usable = mpio_path_usable(set->path[i]);
	rcu_read_unlock();
	return usable;
}

bool mpio_disk_other_path(const struct mpio_disk *disk,
			  const struct mpio_path *path)
{
	const struct mpio_path_set *set;
	bool other = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count && !other; i++)
		other = set->path[i] != path &&
			mpio_path_usable(set->path[i]) &&
			!READ_ONCE(set->path[i]->unready.key);
	rcu_read_unlock();
	return other;
}

void mpio_disk_rescan(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		mpio_session_rescan(set->path[i]->sess);
	rcu_read_unlock();
}

/*
 * The machine goes to sleep, and the drivers of disks have their caches flushed.
 * Those caches are in the array, which stays awake; no path will come meanwhile.
 */
static bool mpio_disk_skips_flush(const struct mpio_task *task)
{
	return mpio_asleep() &&
	       blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc));
}

void mpio_disk_kick(struct mpio_disk *disk)
{
	queue_work(mpio_recover_wq, &disk->requeue_work);
	mpio_shelf_kick(disk);
}

bool mpio_disk_is_deleted(const struct mpio_task *task)
{
	enum scsi_device_state state = READ_ONCE(task->sc->device->sdev_state);

	return state == SDEV_CANCEL || state == SDEV_DEL;
}

void mpio_disk_park(struct mpio_disk *disk, struct mpio_task *task)
{
	bool shelved = false;
	unsigned long flags;
	int host_byte = 0;

	if (test_bit(MPIO_TASK_RECALL, &task->flags) &&
	    !READ_ONCE(disk->dying) && mpio_recall_answer(disk, task))
		return;
	mpio_disk_get(disk);	/* the task may take the last one along */
	spin_lock_irqsave(&disk->lock, flags);
	if (disk->arriving)
		disk->stayed_away = true;
	if (disk->dying || disk->arriving || mpio_disk_is_deleted(task) ||
	    mpio_disk_skips_flush(task))
		host_byte = DID_NO_CONNECT;
	else if (disk->failfast)
		host_byte = DID_TRANSPORT_FAILFAST;
	if (host_byte) {
		disk->no_path_errors++;
	} else if (mpio_shelf_take(disk, task)) {
		disk->requeues++;
		shelved = true;
	} else {
		disk->requeues++;
		WRITE_ONCE(disk->nparked, disk->nparked + 1);
		atomic_inc(&disk->host->nparked);
		mpio_task_park(task);
		list_add_tail(&task->node, &disk->parked);
	}
	spin_unlock_irqrestore(&disk->lock, flags);
	if (shelved)
		mpio_task_empty(task);
	if (host_byte)
		mpio_task_fail(task, host_byte);
	else if (mpio_disk_usable(disk))	/* came while we parked */
		mpio_disk_kick(disk);
	else
		mpio_disk_update(disk);		/* the timer runs from now */
	mpio_disk_put(disk);
}

/* Under rcu_read_lock(), under which @path was found usable. */
static void mpio_disk_send(struct mpio_task *task, struct mpio_path *path)
{
	atomic_inc(&path->inflight);
	atomic_add(task->data_len >> 9, &path->queued_blocks);
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	WRITE_ONCE(task->path, path);
	mpio_conn_submit(&path->sess->conn, task);
}

void mpio_disk_submit(struct mpio_disk *disk, struct mpio_task *task)
{
	struct mpio_path_set *set;
	struct mpio_path *path;

	if (unlikely(READ_ONCE(disk->attentions.count)) &&
	    mpio_attentions_tell(disk, task))
		return;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	path = mpio_select_path(disk, set);
	if (unlikely(READ_ONCE(disk->reserve.pin)))
		path = disk->ops->route(disk, task, path);
	else if (path && unlikely(task->avoid == path->id))
		path = mpio_select_other(disk, set, path);
	/* Ghosts bar what could be sent; what has no path may give up its tag. */
	if (likely(path) && (likely(list_empty(&disk->fence.ghosts)) ||
			     !mpio_ghost_bars(disk, task)))
		mpio_disk_send(task, path);
	rcu_read_unlock();
	if (unlikely(!path))
		mpio_disk_park(disk, task);
}

void mpio_disk_resubmit(struct mpio_disk *disk, struct mpio_task *task)
{
	mpio_task_unpark(task);
	if (test_bit(MPIO_TASK_RESERVE, &task->flags))
		disk->ops->reserve(disk, task);
	else
		mpio_disk_submit(disk, task);
}

static void mpio_disk_requeue_work(struct work_struct *work)
{
	struct mpio_disk *disk = container_of(work, struct mpio_disk,
					      requeue_work);
	struct mpio_task *task, *next;
	LIST_HEAD(list);

	spin_lock_irq(&disk->lock);
	list_splice_init(&disk->parked, &list);
	atomic_sub(disk->nparked, &disk->host->nparked);
	WRITE_ONCE(disk->nparked, 0);
	spin_unlock_irq(&disk->lock);
	list_for_each_entry_safe(task, next, &list, node) {
		list_del_init(&task->node);
		if (test_and_clear_bit(MPIO_TASK_ABORT, &task->flags) &&
		    blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc)))
			mpio_task_fail(task, DID_ABORT);
		else
			mpio_disk_resubmit(disk, task);
	}
}

u32 mpio_disk_patience(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	u32 ms = 0, i;

	if (mpio_shutting_down())
		return 0;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_session *sess = set->path[i]->sess;

		/* Sessions of a namespace that is gone are all about to be. */
		if (!READ_ONCE(sess->removing) && check_net(sess->net))
			ms = max(ms, mpio_setting(sess,
						  MPIO_TA_NO_PATH_TIMEOUT));
	}
	rcu_read_unlock();
	return ms;
}

/* disk->lock held; the disk has no usable path. */
static void mpio_disk_arm(struct mpio_disk *disk, u32 patience)
{
	unsigned long end;

	lockdep_assert_held(&disk->lock);
	if (disk->failfast)
		return;
	if (!disk->no_path) {
		disk->no_path = true;
		disk->no_path_since = jiffies;
	}
	if (patience == MPIO_FOREVER) {
		cancel_delayed_work(&disk->no_path_work);
		return;
	}
	end = disk->no_path_since + msecs_to_jiffies(patience);
	if (disk->admit_until && time_after(disk->admit_until, end))
		end = disk->admit_until;
	mod_delayed_work(mpio_recover_wq, &disk->no_path_work,
			 time_after(end, jiffies) ? end - jiffies : 0);
}

void mpio_disk_update(struct mpio_disk *disk)
{
	bool lost = false, found = false, kick = false, failed = false;
	u32 patience = mpio_disk_patience(disk);
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	if (mpio_disk_usable(disk)) {
		found = disk->no_path;
		failed = disk->failfast;
		disk->no_path = false;
		disk->admit_until = 0;
		WRITE_ONCE(disk->failfast, false);
		kick = mpio_shelf_waiting(disk);
		cancel_delayed_work(&disk->no_path_work);
	} else {
		lost = !disk->no_path && !disk->dying;
		mpio_disk_arm(disk, patience);
		kick = disk->dying && mpio_shelf_waiting(disk);
	}
	spin_unlock_irqrestore(&disk->lock, flags);
	if (kick)
		mpio_disk_kick(disk);
	mpio_fence_kick(disk);
	/* A reader of the capacity was told meanwhile that there is none. */
	if (failed)
		mpio_disk_rescan(disk);
	if (lost) {
		trace_mpio_no_path(disk->id, mpio_shelf_waiting(disk), false);
		mpio_notify_disk(disk, MPIO_EVENT_DISK_NO_PATH);
	} else if (found) {
		mpio_notify_disk(disk, MPIO_EVENT_DISK_RECOVERED);
	}
}

/*
 * NoPathTimeout is over. True: paths stand by that were admitted now, as what the
 * unit says itself is better; so all commands wait, until then.
 */
static bool mpio_disk_admit(struct mpio_disk *disk)
{
	if (!READ_ONCE(disk->no_path) || !disk->ops->admit(disk))
		return false;
	spin_lock_irq(&disk->lock);
	if (disk->no_path && !mpio_disk_usable(disk)) {
		disk->admit_until = (jiffies + MPIO_ADMIT_TIME) | 1;
		mod_delayed_work(mpio_recover_wq, &disk->no_path_work,
				 MPIO_ADMIT_TIME);
	}
	spin_unlock_irq(&disk->lock);
	return true;
}

static void mpio_disk_no_path_work(struct work_struct *work)
{
	struct mpio_disk *disk = container_of(to_delayed_work(work),
					      struct mpio_disk, no_path_work);
	bool over;

	if (mpio_disk_admit(disk))
		return;
	spin_lock_irq(&disk->lock);
	over = disk->no_path && !disk->failfast && !disk->dying &&
	       !mpio_disk_usable(disk);
	if (over)
		WRITE_ONCE(disk->failfast, true);
	spin_unlock_irq(&disk->lock);
	if (!over)
		return;
	trace_mpio_no_path(disk->id, mpio_shelf_waiting(disk), true);
	pr_warn_ratelimited("disk %u: no path since NoPathTimeout, I/O fails [MPIO0009]\n",
			    disk->id);
	mpio_disk_kick(disk);
	mpio_fence_kick(disk);
	mpio_notify_disk(disk, MPIO_EVENT_DISK_FAILED);
}

void mpio_disk_set_dying(struct mpio_disk *disk, bool dying)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	WRITE_ONCE(disk->dying, dying);
	spin_unlock_irqrestore(&disk->lock, flags);
	smp_mb();	/* wake_up_var(): see mpio_identity_claim() */
	wake_up_var(&disk->unit);
	mpio_disk_kick(disk);
	mpio_fence_kick(disk);
}

void mpio_disk_set_arriving(struct mpio_disk *disk)
{
	lockdep_assert_held(&disk->scan_mutex);
	spin_lock_irq(&disk->lock);
	disk->arriving = true;
	disk->stayed_away = false;
	spin_unlock_irq(&disk->lock);
}

bool mpio_disk_set_arrived(struct mpio_disk *disk)
{
	bool stayed_away;

	lockdep_assert_held(&disk->scan_mutex);
	spin_lock_irq(&disk->lock);
	stayed_away = disk->stayed_away;
	disk->arriving = false;
	spin_unlock_irq(&disk->lock);
	return stayed_away;
}

struct mpio_disk *mpio_disk_alloc(struct mpio_host *host,
				  const struct mpio_session *sess,
				  const struct mpio_unit *unit, u64 lun,
				  const struct mpio_unit_ops *ops)
{
	struct mpio_disk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return NULL;
	disk->last_path = alloc_percpu(u32);
	if (!disk->last_path) {
		kfree(disk);
		return NULL;
	}
	kref_init(&disk->ref);
	kref_get(&host->ref);
	disk->host = host;
	disk->id = atomic_inc_return(&mpio_disk_last_id);
	disk->ops = ops;
	disk->unit = *unit;
	disk->scsi_lun = lun;
	strscpy(disk->target_name, sess->cfg.target_name,
		sizeof(disk->target_name));
	disk->born = jiffies;
	mutex_init(&disk->scan_mutex);
	spin_lock_init(&disk->lock);
	INIT_LIST_HEAD(&disk->parked);
	INIT_LIST_HEAD(&disk->host_node);
	ops->init(disk);
	mpio_shelf_init(disk);
	INIT_WORK(&disk->requeue_work, mpio_disk_requeue_work);
	INIT_DELAYED_WORK(&disk->no_path_work, mpio_disk_no_path_work);
	INIT_DELAYED_WORK(&disk->uevent_work, mpio_disk_uevent_work);
	return disk;
}

/*
 * The last reference may go in a work of the disk itself or in a context that
 * must not sleep, so a work of the scan queue does the rest.
 */
static void mpio_disk_free_work(struct work_struct *work)
{
	struct mpio_disk *disk = container_of(work, struct mpio_disk,
					      free_work);

	cancel_delayed_work_sync(&disk->no_path_work);
	cancel_delayed_work_sync(&disk->uevent_work);
	cancel_work_sync(&disk->requeue_work);
	cancel_delayed_work_sync(&disk->fence.work);
	mpio_shelf_exit(disk);
	mpio_host_put(disk->host);
	free_percpu(disk->last_path);
	kfree(rcu_dereference_protected(disk->paths, true));
	kfree_rcu(disk, rcu);
}

static void mpio_disk_release(struct kref *ref)
{
	struct mpio_disk *disk = container_of(ref, struct mpio_disk, ref);

	INIT_WORK(&disk->free_work, mpio_disk_free_work);
	queue_work(mpio_scan_wq, &disk->free_work);
}

void mpio_disk_put(struct mpio_disk *disk)
{
	kref_put(&disk->ref, mpio_disk_release);
}

struct mpio_path *mpio_disk_any_path(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	struct mpio_path *path = NULL;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count && !path; i++)
		if (mpio_path_usable(set->path[i]) &&
		    kref_get_unless_zero(&set->path[i]->ref))
			path = set->path[i];
	rcu_read_unlock();
	return path;
}

static int mpio_disk_match_block(struct device *dev, void *data)
{
	struct device **found = data;

	if (!dev->class || strcmp(dev->class->name, "block"))
		return 0;
	*found = get_device(dev);
	return 1;
}

struct gendisk *mpio_disk_gendisk(struct mpio_disk *disk)
{
	struct device *dev = NULL;

	lockdep_assert_held(&disk->host->mutex);
	if (!disk->sdev)
		return NULL;
	device_for_each_child(&disk->sdev->sdev_gendev, &dev,
			      mpio_disk_match_block);
	return dev ? dev_to_disk(dev) : NULL;
}

static void mpio_disk_tell_links(struct mpio_disk *disk)
{
	struct gendisk *gendisk = NULL;

	WRITE_ONCE(disk->links_came, false);
	mutex_lock(&disk->host->mutex);
	if (!READ_ONCE(disk->dying) && mpio_disk_usable(disk))
		gendisk = mpio_disk_gendisk(disk);
	mutex_unlock(&disk->host->mutex);
	if (!gendisk)
		return;
	disk_uevent(gendisk, KOBJ_CHANGE);
	put_device(disk_to_dev(gendisk));
}

static void mpio_disk_uevent_work(struct work_struct *work)
{
	mpio_disk_tell_links(container_of(to_delayed_work(work),
					  struct mpio_disk, uevent_work));
}

void mpio_disk_uevent_now(struct mpio_disk *disk)
{
	if (READ_ONCE(disk->links_came) &&
	    cancel_delayed_work_sync(&disk->uevent_work))
		mpio_disk_tell_links(disk);
}

void mpio_disk_uevent(struct mpio_disk *disk)
{
	queue_delayed_work(mpio_scan_wq, &disk->uevent_work,
			   msecs_to_jiffies(MPIO_DISK_UEVENT_MS));
}

unsigned int mpio_disk_openers(struct mpio_disk *disk)
{
	struct gendisk *gendisk = mpio_disk_gendisk(disk);
	unsigned int openers;

	lockdep_assert_held(&disk->host->mutex);
	if (!gendisk)
		return 0;
	openers = disk_openers(gendisk);
	put_device(disk_to_dev(gendisk));
	return openers;
}

bool mpio_disk_unused(struct mpio_disk *disk)
{
	bool unused;

	if (!mutex_trylock(&disk->host->mutex))
		return false;
	unused = !mpio_disk_openers(disk);
	mutex_unlock(&disk->host->mutex);
	return unused;
}
