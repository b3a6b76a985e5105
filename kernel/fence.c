// SPDX-License-Identifier: GPL-2.0
/*
 * Fencing.
 *
 * A target cut off in the middle of a write may execute it any time later: its
 * packets sit in a queue of the network, or the command in one of its own. If
 * the write is repeated over another path and the block then written anew, the
 * late one turns it back. A login with the ISID of the old session and TSIH 0
 * reinstates the session (RFC 7143 6.3.5): the target ends the old one and all
 * its tasks before it answers. Any portal of the portal group will do, so the
 * login goes through one that a living session uses; the connection is of no
 * further use and is closed at once.
 *
 * Without such a portal, FIN or RST of the target is taken for an answer: it
 * ends its tasks with the connection, and what was under way finds nobody. A
 * router that forges a RST could make that wrong, so FenceMode=reset and wait
 * do not rely on it. A connection that just went silent proves nothing: then
 * writes wait for FenceTimeout or until the session itself is back.
 *
 * LOGICAL UNIT RESET (FenceMode=reset) ends what the target has in hand, not
 * the nexus: what the network still holds it cannot end.
 *
 * sess->fenced, its timer and fence_tpgt are protected by sess->lock. Tasks in
 * it count as parked.
 */
#include "fence.h"

#include <linux/wait_bit.h>
#include <net/net_namespace.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "conn.h"
#include "head.h"
#include "login.h"
#include "path.h"
#include "session.h"
#include "tmf.h"

/* A living portal answers at once; a dying one must not hold others up. */
#define MPIO_FENCE_LOGIN_MS	3000
#define MPIO_FENCE_SIBLINGS	4

static void mpio_fence_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 fence_work);

	mpio_fence_release(sess, "FenceTimeout is over");
}

void mpio_fence_init(struct mpio_session *sess)
{
	INIT_LIST_HEAD(&sess->fenced);
	INIT_DELAYED_WORK(&sess->fence_work, mpio_fence_work);
}

/*
 * May the command change what is on the medium? Those without data that do
 * (zones are reset so) are few.
 */
static bool mpio_fence_modifies(const struct mpio_task *task)
{
	return task->write || task->cdb[0] == ZBC_OUT;
}

/* How long a task is held at most, ms; 0: not at all. */
static u32 mpio_fence_timeout(const struct mpio_session *sess,
			      const struct mpio_task *task)
{
	if (!mpio_fence_modifies(task) ||
	    mpio_setting(sess, MPIO_TA_FENCE_MODE) == MPIO_FENCE_NONE)
		return 0;
	return mpio_setting(sess, MPIO_TA_FENCE_TIMEOUT);
}

static void mpio_fence_add(struct mpio_session *sess, struct mpio_task *task,
			   u32 timeout)
{
	lockdep_assert_held(&sess->lock);
	mpio_task_park(task);
	if (list_empty(&sess->fenced))
		sess->fence_tpgt = sess->tpgt;
	else if (sess->fence_tpgt != sess->tpgt)
		sess->fence_tpgt = -1;	/* of several: no login ends all */
	list_add_tail(&task->node, &sess->fenced);
	queue_delayed_work(mpio_recover_wq, &sess->fence_work,
			   msecs_to_jiffies(timeout));
}

bool mpio_fence_hold(struct mpio_session *sess, struct mpio_task *task)
{
	u32 timeout = mpio_fence_timeout(sess, task);

	if (!timeout)
		return false;
	spin_lock_irq(&sess->lock);
	mpio_fence_add(sess, task, timeout);
	spin_unlock_irq(&sess->lock);
	return true;
}

enum mpio_fence_late mpio_fence_hold_late(struct mpio_session *sess,
					  struct mpio_task *task, u32 gen,
					  u16 tpgt)
{
	enum mpio_fence_late late = MPIO_FENCE_HELD;
	u32 timeout = mpio_fence_timeout(sess, task);

	spin_lock_irq(&sess->lock);
	if (!timeout || (sess->state == MPIO_SESSION_LOGGED_IN &&
			 sess->login_gen != gen && sess->tpgt == tpgt))
		late = MPIO_FENCE_OVER;
	else if (sess->removing)
		late = MPIO_FENCE_GONE;
	else
		mpio_fence_add(sess, task, timeout);
	spin_unlock_irq(&sess->lock);
	return late;
}

bool mpio_fence_pending(struct mpio_session *sess)
{
	return !list_empty_careful(&sess->fenced);
}

void mpio_fence_release(struct mpio_session *sess, const char *how)
{
	struct mpio_task *task, *next;
	unsigned int count = 0;
	LIST_HEAD(list);

	spin_lock_irq(&sess->lock);
	list_splice_init(&sess->fenced, &list);
	cancel_delayed_work(&sess->fence_work);
	spin_unlock_irq(&sess->lock);
	list_for_each_entry_safe(task, next, &list, node) {
		list_del_init(&task->node);
		mpio_head_resubmit(task->sc->device->hostdata, task);
		count++;
	}
	wake_up_var(&sess->fenced);
	if (count)
		pr_info_ratelimited("session %u: %u writes released: %s\n",
				    sess->id, count, how);
}

void mpio_fence_reinstated(struct mpio_session *sess)
{
	/* Another portal group is another nexus: that ends nothing. */
	if (READ_ONCE(sess->fence_tpgt) == sess->tpgt)
		mpio_fence_release(sess, "session reinstated");
}

void mpio_fence_logged_out(struct mpio_session *sess)
{
	if (READ_ONCE(sess->fence_tpgt) == sess->tpgt)
		mpio_fence_release(sess, "session logged out");
}

void mpio_fence_fail_doomed(struct mpio_session *sess)
{
	struct mpio_task *task, *next;
	LIST_HEAD(list);

	spin_lock_irq(&sess->lock);
	list_for_each_entry_safe(task, next, &sess->fenced, node) {
		struct mpio_head *head = task->sc->device->hostdata;

		if (READ_ONCE(head->dying))
			list_move_tail(&task->node, &list);
	}
	spin_unlock_irq(&sess->lock);
	list_for_each_entry_safe(task, next, &list, node) {
		list_del_init(&task->node);
		mpio_task_fail(task, DID_NO_CONNECT);
	}
}

/*
 * Nothing else of the session runs any more, and nobody can add to the fence.
 * Only a session that was logged out is known to be over at the target, too.
 */
void mpio_fence_exit(struct mpio_session *sess, bool logged_out)
{
	mpio_fence_fail_doomed(sess);
	if (logged_out)
		mpio_fence_release(sess, "session logged out");
	if (mpio_fence_pending(sess) && check_net(sess->net)) {
		sess->fence_exiting = true;
		mpio_fence_try(sess);
	}
	/* fence_work sees to it that this has an end. */
	wait_var_event(&sess->fenced, !mpio_fence_pending(sess));
	cancel_delayed_work_sync(&sess->fence_work);
}

/* Another session of ours, alive in the same target portal group. */
static bool mpio_fence_is_sibling(const struct mpio_session *sess,
				  const struct mpio_session *other)
{
	return other != sess && other->net == sess->net &&
	       mpio_session_state(other) == MPIO_SESSION_LOGGED_IN &&
	       other->tpgt == sess->tpgt &&
	       !mpio_name_compare(other->cfg.target_name, sess->cfg.target_name) &&
	       !mpio_name_compare(other->cfg.initiator_name, sess->cfg.initiator_name);
}

/* The next sibling with a number above @after, referenced. */
static struct mpio_session *mpio_fence_sibling(const struct mpio_session *sess,
					       u32 after)
{
	struct mpio_session *other, *found = NULL;

	/* Not the mutex: memory may be allocated under it, from our disk. */
	spin_lock(&mpio_sessions_lock);
	list_for_each_entry(other, &mpio_sessions, node) {
		if (other->id > after && mpio_fence_is_sibling(sess, other)) {
			found = mpio_session_get(other);
			break;
		}
	}
	spin_unlock(&mpio_sessions_lock);
	return found;
}

static bool mpio_fence_reinstate(struct mpio_session *sess)
{
	struct mpio_session *other;
	unsigned int tries = 0;
	bool done = false;
	u32 after = 0;

	if (sess->fence_tpgt != sess->tpgt)
		return false;
	while (!done && tries++ < MPIO_FENCE_SIBLINGS &&
	       (!READ_ONCE(sess->removing) || sess->fence_exiting)) {
		other = mpio_fence_sibling(sess, after);
		if (!other)
			break;
		after = other->id;
		done = !mpio_login_reinstate(sess, other, MPIO_FENCE_LOGIN_MS);
		mpio_session_put(other);
	}
	return done;
}

static bool mpio_fence_concerns(struct mpio_session *sess,
				const struct mpio_head *head)
{
	struct mpio_task *task;
	bool concerns = false;

	spin_lock_irq(&sess->lock);
	list_for_each_entry(task, &sess->fenced, node)
		if (task->sc->device->hostdata == head)
			concerns = true;
	spin_unlock_irq(&sess->lock);
	return concerns;
}

/* Every disk that has a write in the fence is reset through another path. */
static bool mpio_fence_reset(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	bool all = true;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_path *other;

		if (!mpio_fence_concerns(sess, path->head))
			continue;
		other = mpio_head_any_path(path->head);

		if (!other || mpio_tmf_reset_lu(other))
			all = false;
		if (other)
			mpio_path_put(other);
	}
	return all;
}

void mpio_fence_try(struct mpio_session *sess)
{
	u32 mode = mpio_setting(sess, MPIO_TA_FENCE_MODE);

	if (mode == MPIO_FENCE_WAIT || !mpio_fence_pending(sess))
		return;
	if (mpio_fence_reinstate(sess))
		mpio_fence_release(sess, "old nexus reinstated");
	else if (mode == MPIO_FENCE_RESET && mpio_fence_reset(sess))
		mpio_fence_release(sess, "logical units reset");
	else if (mode == MPIO_FENCE_REINSTATE &&
		 READ_ONCE(sess->loss) == MPIO_LOSS_CLOSED)
		mpio_fence_release(sess, "the target closed the connection");
}
