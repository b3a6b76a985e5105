// SPDX-License-Identifier: GPL-2.0
/* How sessions go, and disks and paths with them. */
#include "host/remove.h"

#include <linux/wait_bit.h>

#include "host/attach.h"
#include "host/scan.h"
#include "multipath/path.h"
#include "session/notify.h"
#include "session/session.h"
#include "session/transport.h"

#define MPIO_LOGOUT_MS	2000

/* Has it commands under way that another path may have to take over? */
static bool mpio_session_has_commands(struct mpio_session *sess)
{
	struct mpio_path *path;
	bool has = false;

	spin_lock_irq(&sess->lock);
	list_for_each_entry(path, &sess->paths, sess_node)
		has |= atomic_read(&path->inflight);
	spin_unlock_irq(&sess->lock);
	return has;
}

/*
 * Commands that are under way may still be answered after the Logout response
 * and before the close: see conn/async.c.
 */
static void mpio_session_logout(struct mpio_session *sess)
{
	struct mpio_task *task = &sess->logout_task;
	bool busy = mpio_session_has_commands(sess);
	u32 ms = min_t(u32, mpio_setting(sess, MPIO_TA_TMF_TIMEOUT),
		       MPIO_LOGOUT_MS);

	mpio_task_init_internal(task, MPIO_TASK_LOGOUT, NULL, NULL, 0);
	if (!mpio_session_exec(sess, task, MPIO_SLOT_LOGOUT, ms) &&
	    !task->response && busy)
		wait_var_event_timeout(&sess->state,
				       mpio_session_state(sess) !=
				       MPIO_SESSION_LOGGED_IN,
				       msecs_to_jiffies(ms));
	spin_lock_irq(&sess->lock);
	if (sess->state == MPIO_SESSION_LOGGED_IN)
		sess->loss = READ_ONCE(sess->conn.logged_out) ?
			     MPIO_LOSS_ANSWERED : MPIO_LOSS_SILENT;
	spin_unlock_irq(&sess->lock);
}

/* One caller at a time gets to remove a session, and none in vain. */
static int mpio_session_claim(struct mpio_session *sess, bool force,
			      const char **why)
{
	int err = 0;

	mutex_lock(&mpio_registry_mutex);
	if (sess->removing) {
		*why = "it is being removed already";
		err = -ENODEV;
	} else if (!force && mpio_scan_session_busy(sess)) {
		*why = "it is the last path of a disk in use";
		err = -EBUSY;
	} else {
		spin_lock_irq(&sess->lock);
		WRITE_ONCE(sess->removing, true);
		spin_unlock_irq(&sess->lock);
	}
	mutex_unlock(&mpio_registry_mutex);
	return err;
}

int mpio_session_del(struct mpio_session *sess, bool force, const char **why)
{
	int err = mpio_session_claim(sess, force, why);

	if (err)
		return err;
	/* While it is still logged in: disks flush their caches as they go. */
	mpio_scan_kill_disks(sess);
	cancel_delayed_work_sync(&sess->scan_work);
	/* Nor by anybody who has ordered it through sysfs. */
	mutex_lock(&sess->scanning);
	mutex_unlock(&sess->scanning);
	mpio_scan_remove_disks(sess);
	mpio_session_logout(sess);
	mpio_session_stop(sess);
	mpio_scan_remove_paths(sess);
	mpio_transport_del(sess);
	mpio_host_detach(sess);

	mpio_notify_session(sess, MPIO_EVENT_SESSION_DELETED);
	mpio_session_unlist(sess);
	mpio_session_put(sess);
	return 0;
}
