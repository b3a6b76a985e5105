// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: adding, removing, the state machine, and its works.
 *
 * Each work has one job and one queue, so that none ever waits behind
 * another's: connect_work logs in and may sleep for LoginTimeout; recover_work
 * takes a dead connection apart and moves its commands, of which the fence may
 * hold some back; verify_work (lu/verify.c) looks at paths before they carry
 * I/O; scan_work (host/scan.c) finds LUs and may wait for I/O. All but the last are
 * what gets a disk back and neither allocate memory nor wait for anything that
 * does.
 */
#include "session/session.h"

#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <trace/events/iscsi_mpio.h>

#include "base/auth.h"
#include "session/login.h"
#include "session/netdev.h"
#include "session/notify.h"

#define MPIO_LASTING_MS	5000
#define MPIO_REFUSED_MS	60000U	/* between logins refused, at most */

/* -------------------------------------------------------------- recovery */

/* Was the connection lost because nothing was received any more? */
static bool mpio_session_silent(const struct mpio_session *sess)
{
	enum mpio_loss loss = READ_ONCE(sess->loss);

	return mpio_session_state(sess) == MPIO_SESSION_RECOVERING &&
	       (loss == MPIO_LOSS_SILENT || loss == MPIO_LOSS_STUCK) &&
	       READ_ONCE(sess->last_error_code) != MPIO_ERROR_PROTOCOL;
}

static void mpio_session_drop_conn(struct mpio_session *sess)
{
	bool quietly = mpio_session_silent(sess);
	struct mpio_task *task, *next;
	LIST_HEAD(lost);

	spin_lock_irq(&sess->lock);
	sess->login_gen++;
	/* An RST goes to the target, which then closes the session itself. */
	if (!quietly && sess->loss == MPIO_LOSS_SILENT)
		sess->loss = MPIO_LOSS_RESET;
	spin_unlock_irq(&sess->lock);
	sess->ops->down(sess);
	mpio_conn_close(&sess->conn, &lost, quietly);
	sess->ops->closed(sess);
	list_for_each_entry_safe(task, next, &lost, node) {
		list_del_init(&task->node);
		mpio_task_lost(task);
	}
}

/*
 * Back-off with jitter, so that a thousand sessions do not come at once. A
 * target that has refused us may count how often, and is asked less often.
 */
static unsigned long mpio_session_backoff(struct mpio_session *sess)
{
	u32 min_ms = mpio_setting(sess, MPIO_TA_RECONNECT_DELAY_MIN);
	u32 max_ms = max(mpio_setting(sess, MPIO_TA_RECONNECT_DELAY_MAX),
			 READ_ONCE(sess->last_error_code) == MPIO_ERROR_AUTH ?
			 MPIO_REFUSED_MS : 0U);
	u32 shift = min_t(u32, READ_ONCE(sess->attempts), 16);
	u32 ms = min_t(u64, (u64)min_ms << shift, max(min_ms, max_ms));

	ms -= ms / 4;
	ms += get_random_u32() % (ms / 2 + 1);
	return msecs_to_jiffies(ms);
}

/*
 * How long to wait before connect_work logs in again. Time2Wait that the target has
 * ordered (in an Asynchronous Message or a Logout response) is always waited for.
 * Besides there is a back-off, unless the fence holds writes, which only the next
 * login may let go. DefaultTime2Wait, which was negotiated, does not count: after a
 * loss that the target did not announce, the session is reinstated at once (RFC 7143
 * 6.3.5), as that is how the target learns of the loss.
 */
static unsigned long mpio_session_reconnect_in(struct mpio_session *sess)
{
	unsigned long wait = READ_ONCE(sess->time2wait) * HZ;

	WRITE_ONCE(sess->not_before, wait ? (jiffies + wait) | 1 : 0);
	/* Pairs with mpio_session_retry_now(): it sees one or the other. */
	smp_store_release(&sess->time2wait, 0);
	if (sess->ops->urgent(sess))
		return wait;
	return max(mpio_session_backoff(sess), wait);
}

static void mpio_session_recover_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(work, struct mpio_session,
						 recover_work);
	unsigned int noio = memalloc_noio_save();

	if (mpio_session_state(sess) == MPIO_SESSION_RECOVERING) {
		/* Back off before reconnecting if the connection did not last. */
		spin_lock_irq(&sess->lock);
		if (ktime_ms_delta(ktime_get_boottime(), sess->connected) >
		    MPIO_LASTING_MS)
			sess->attempts = 0;
		else
			sess->attempts++;
		spin_unlock_irq(&sess->lock);
		mpio_session_drop_conn(sess);
		mpio_session_queue(sess, mpio_login_wq, &sess->connect_work,
				   mpio_session_reconnect_in(sess));
	}
	memalloc_noio_restore(noio);
}

static void mpio_session_came_up(struct mpio_session *sess)
{
	spin_lock_irq(&sess->lock);
	sess->connected = ktime_get_boottime();
	sess->scanned = false;
	if (sess->was_up)
		sess->reconnects++;
	sess->was_up = true;
	sess->last_error[0] = '\0';
	sess->last_error_code = MPIO_ERROR_OK;
	spin_unlock_irq(&sess->lock);
	mpio_conn_start(&sess->conn);
	sess->ops->up(sess);
	if (!mpio_session_set_state(sess, MPIO_SESSION_LOGGED_IN, ""))
		return;		/* being deleted, which closes it */
	/* PDUs that came before the callbacks were set have to be read. */
	mpio_conn_kick(&sess->conn);
	mpio_session_verify(sess);
	mpio_session_queue(sess, mpio_recover_wq, &sess->nop_work, 0);
	/* An interface may have gone while the session was not LOGGED_IN yet. */
	mpio_netdev_check();
}

static void mpio_session_login_failed(struct mpio_session *sess, int err,
				      bool permanent)
{
	char reason[MPIO_ERROR_MAX + 1];
	LIST_HEAD(none);

	mpio_conn_close(&sess->conn, &none, false);
	if (err == -ERESTART) {
		mpio_session_retry_now(sess);
		return;
	}
	spin_lock_irq(&sess->lock);
	strscpy(reason, sess->last_error, sizeof(reason));
	sess->attempts++;
	spin_unlock_irq(&sess->lock);
	if (READ_ONCE(sess->removing))
		return;
	if (permanent) {
		mpio_session_set_state(sess, MPIO_SESSION_STOPPED, reason);
		return;
	}
	mpio_notify_session(sess, MPIO_EVENT_LOGIN_FAILED);
	mpio_session_queue(sess, mpio_login_wq, &sess->connect_work,
			   mpio_session_backoff(sess));
}

/*
 * RECOVERING is set and recover_work is queued under one lock: once recover_work,
 * which is waited for, has run, only connect_work uses the connection.
 */
static bool mpio_session_wants_login(struct mpio_session *sess)
{
	enum mpio_session_state state;

	spin_lock_irq(&sess->lock);
	state = sess->state;
	spin_unlock_irq(&sess->lock);
	if (READ_ONCE(sess->removing) ||
	    (state != MPIO_SESSION_CONNECTING &&
	     state != MPIO_SESSION_RECOVERING))
		return false;
	flush_work(&sess->recover_work);
	/* A removal that began meanwhile may have cancelled recover_work. */
	return !READ_ONCE(sess->removing);
}

/* Has the target ordered a wait since connect_work was queued? Queues it again. */
static bool mpio_session_too_early(struct mpio_session *sess)
{
	unsigned long at = READ_ONCE(sess->not_before);

	if (!at)
		return false;
	if (!time_before(jiffies, at)) {
		WRITE_ONCE(sess->not_before, 0);
		return false;
	}
	mpio_session_queue(sess, mpio_login_wq, &sess->connect_work,
			   at - jiffies);
	return true;
}

static void mpio_session_connect_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 connect_work);
	unsigned int noio;
	bool permanent;
	int err;

	if (!mpio_session_wants_login(sess) || mpio_session_too_early(sess))
		return;
	noio = memalloc_noio_save();
	sess->ops->before_login(sess);
	err = mpio_login_session(sess, &permanent);
	if (err)
		mpio_session_login_failed(sess, err, permanent);
	else
		mpio_session_came_up(sess);
	memalloc_noio_restore(noio);
}

/* --------------------------------------------------------------- keepalive */

/* Sends NOP-Out when it is due. Returns the time (jiffies) of the next look. */
static unsigned long mpio_session_check_nop(struct mpio_session *sess,
					    unsigned long now)
{
	u32 interval_ms = mpio_setting(sess, MPIO_TA_NOP_INTERVAL);
	u32 timeout_ms = mpio_setting(sess, MPIO_TA_NOP_TIMEOUT);
	unsigned long interval = msecs_to_jiffies(interval_ms);
	unsigned long timeout = msecs_to_jiffies(timeout_ms);
	struct mpio_conn *conn = &sess->conn;
	unsigned long alive = READ_ONCE(conn->last_rx);

	if (!READ_ONCE(conn->nop_outstanding)) {
		if (!interval)
			return now + HZ;
		if (time_before(now, alive + interval))
			return alive + interval;
		set_bit(MPIO_CONN_SEND_NOP, &conn->flags);
		mpio_conn_kick(conn);
		return now + timeout;
	}
	/* Any PDU received since the NOP-Out is as good as the answer. */
	if (time_before(alive, READ_ONCE(conn->nop_sent)))
		alive = READ_ONCE(conn->nop_sent);
	if (time_before(now, alive + timeout))
		return alive + timeout;
	mpio_session_timed_out(sess, READ_ONCE(conn->nop_sent),
			       "nothing received for %u ms, NOP-Out not answered within %u ms",
			       jiffies_to_msecs(now - READ_ONCE(conn->last_rx)),
			       timeout_ms);
	return now + timeout;
}

static void mpio_session_nop_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 nop_work);
	unsigned long now = jiffies, next, tmf, logout, verify;

	if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
		return;
	tmf = READ_ONCE(sess->conn.tmf_deadline);
	if (tmf && time_after_eq(now, tmf)) {
		mpio_session_timed_out(sess, READ_ONCE(sess->conn.nop_sent),
				       "a command and its %s were not answered",
				       mpio_tmf_name(READ_ONCE(sess->conn.tmf_task.tmf_function)));
		return;
	}
	logout = READ_ONCE(sess->conn.async_deadline);
	if (logout && time_after_eq(now, logout)) {
		if (READ_ONCE(sess->conn.logged_out)) {
			/* The target had async_deadline to close the connection. */
			mpio_session_lose(sess, MPIO_LOSS_ANSWERED, NULL);
			return;
		}
		mpio_session_timed_out(sess, READ_ONCE(sess->conn.nop_sent),
				       "the target asked for a Logout and does not answer it");
		return;
	}
	if (test_and_clear_bit(MPIO_CONN_REFUSED, &sess->conn.flags)) {
		set_bit(MPIO_CONN_RETRY, &sess->conn.flags);
		mpio_conn_kick(&sess->conn);
	}
	sess->ops->tick(sess);
	next = mpio_session_check_nop(sess, now);
	if (tmf && time_before(tmf, next))
		next = tmf;
	if (logout && time_before(logout, next))
		next = logout;
	verify = sess->ops->next_look(sess, next);
	if (time_after_eq(now, verify)) {
		mpio_session_verify(sess);
		verify = now + HZ;
	}
	if (time_before(verify, next))
		next = verify;
	/*
	 * Not mod_delayed_work(), which would put off a shorter deadline that was set
	 * meanwhile; not mpio_session_queue(), as a session that is being removed is
	 * still watched: its disks flush their caches.
	 */
	queue_delayed_work(mpio_recover_wq, &sess->nop_work,
			   time_after(next, jiffies) ? next - jiffies : 1);
}

/* ------------------------------------------------------------- add, remove */

struct mpio_session *
mpio_session_alloc(struct net *net, const struct mpio_session_config *cfg,
		   const struct mpio_settings *settings,
		   const struct mpio_session_ops *ops)
{
	struct mpio_session *sess = kzalloc(sizeof(*sess), GFP_KERNEL);

	/*
	 * A session that does nothing takes 64 KiB at most, hashes and all, where
	 * locks and works are not watched.
	 */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_LOCKDEP) && sizeof(*sess) > SZ_16K);
	if (!sess)
		return NULL;
	kref_init(&sess->ref);
	spin_lock_init(&sess->lock);
	mutex_init(&sess->reset_mutex);
	mutex_init(&sess->scanning);
	INIT_LIST_HEAD(&sess->node);
	INIT_LIST_HEAD(&sess->paths);
	INIT_WORK(&sess->recover_work, mpio_session_recover_work);
	INIT_DELAYED_WORK(&sess->connect_work, mpio_session_connect_work);
	INIT_DELAYED_WORK(&sess->nop_work, mpio_session_nop_work);
	INIT_DELAYED_WORK(&sess->verify_work, ops->verify_work);
	INIT_DELAYED_WORK(&sess->scan_work, ops->scan_work);
	sess->ops = ops;
	sess->net = net;
	sess->netdev_gains = mpio_netdev_gains(net);
	sess->cfg = *cfg;
	sess->avoid = cfg->avoid;
	sess->settings = *settings;
	sess->state = MPIO_SESSION_CONNECTING;
	sess->tpgt = cfg->tpgt < 0 ? 0 : cfg->tpgt;
	sess->remote = cfg->portal;
	init_completion(&sess->logout_task.done);
	init_completion(&sess->reset_task.done);
	sess->hashes = mpio_auth_alloc();
	if (!sess->hashes || ops->init(sess) ||
	    mpio_conn_init(&sess->conn, &mpio_session_conn_ops,
			   &sess->settings)) {
		mpio_session_put(sess);
		return NULL;
	}
	return sess;
}

void mpio_session_stop(struct mpio_session *sess)
{
	unsigned int noio;

	mpio_session_set_state(sess, MPIO_SESSION_DELETING,
			       "removed by the administrator");
	mpio_conn_shutdown(&sess->conn);
	cancel_delayed_work_sync(&sess->connect_work);
	cancel_work_sync(&sess->recover_work);
	/*
	 * Held writes wait for what follows, and an allocation here might wait for
	 * those writes.
	 */
	noio = memalloc_noio_save();
	mpio_session_drop_conn(sess);
	cancel_delayed_work_sync(&sess->verify_work);
	cancel_delayed_work_sync(&sess->nop_work);
	cancel_delayed_work_sync(&sess->scan_work);
	sess->ops->stop(sess);
	memalloc_noio_restore(noio);
}

void mpio_session_unlist(struct mpio_session *sess)
{
	mutex_lock(&mpio_registry_mutex);
	spin_lock(&mpio_sessions_lock);
	list_del_init(&sess->node);
	spin_unlock(&mpio_sessions_lock);
	mutex_unlock(&mpio_registry_mutex);
	smp_mb();	/* wake_up_var(): the list before the waiter */
	wake_up_var(&sess->node);
}
