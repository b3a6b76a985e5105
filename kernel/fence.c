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
 * sess->fenced is protected by sess->lock. Tasks in it count as parked.
 */
#include "fence.h"

#include "conn.h"
#include "head.h"
#include "login.h"
#include "path.h"
#include "session.h"
#include "tmf.h"

#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

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

void mpio_fence_exit(struct mpio_session *sess)
{
	cancel_delayed_work_sync(&sess->fence_work);
	mpio_fence_release(sess, "session removed");
}

bool mpio_fence_hold(struct mpio_session *sess, struct mpio_task *task)
{
	u32 timeout = mpio_setting(sess, MPIO_TA_FENCE_TIMEOUT);

	if (!task->write || !timeout ||
	    mpio_setting(sess, MPIO_TA_FENCE_MODE) == MPIO_FENCE_NONE)
		return false;
	spin_lock_irq(&sess->lock);
	WRITE_ONCE(task->state, MPIO_TASK_PARKED);
	list_add_tail(&task->node, &sess->fenced);
	spin_unlock_irq(&sess->lock);
	queue_delayed_work(mpio_recover_wq, &sess->fence_work,
			   msecs_to_jiffies(timeout));
	return true;
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

	cancel_delayed_work(&sess->fence_work);
	spin_lock_irq(&sess->lock);
	list_splice_init(&sess->fenced, &list);
	spin_unlock_irq(&sess->lock);
	list_for_each_entry_safe(task, next, &list, node) {
		list_del_init(&task->node);
		mpio_head_submit(task->sc->device->hostdata, task);
		count++;
	}
	if (count)
		pr_info_ratelimited("session %u: %u writes released: %s\n",
				    sess->id, count, how);
}

/* Another session of ours, alive in the same target portal group. */
static bool mpio_fence_is_sibling(const struct mpio_session *sess,
				  const struct mpio_session *other)
{
	return other != sess && other->net == sess->net &&
	       mpio_session_state(other) == MPIO_SESSION_LOGGED_IN &&
	       other->tpgt == sess->tpgt &&
	       !strcmp(other->cfg.target_name, sess->cfg.target_name) &&
	       !strcmp(other->cfg.initiator_name, sess->cfg.initiator_name);
}

/* The next sibling with a number above @after, referenced. */
static struct mpio_session *mpio_fence_sibling(const struct mpio_session *sess,
					       u32 after)
{
	struct mpio_session *other, *found = NULL;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(other, &mpio_sessions, node) {
		if (other->id > after && mpio_fence_is_sibling(sess, other)) {
			found = mpio_session_get(other);
			break;
		}
	}
	mutex_unlock(&mpio_registry_mutex);
	return found;
}

static bool mpio_fence_reinstate(struct mpio_session *sess)
{
	struct mpio_session *other;
	unsigned int tries = 0;
	bool done = false;
	u32 after = 0;

	while (!done && tries++ < MPIO_FENCE_SIBLINGS &&
	       !READ_ONCE(sess->removing)) {
		other = mpio_fence_sibling(sess, after);
		if (!other)
			break;
		after = other->id;
		done = !mpio_login_reinstate(sess, other, MPIO_FENCE_LOGIN_MS);
		mpio_session_put(other);
	}
	return done;
}

/* Every disk that has a write in the fence is reset through another path. */
static bool mpio_fence_reset(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	bool all = true;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_path *other = mpio_head_any_path(path->head);

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
	else if (mode == MPIO_FENCE_REINSTATE && READ_ONCE(sess->peer_closed))
		mpio_fence_release(sess, "the target closed the connection");
}
