// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a session: its machine, what is known of its last failure, and
 * which of its works runs next. Functions here are called from any context, by
 * whatever finds a failure or a change; the works do what follows, see session.c.
 */
#include "session/session.h"

#include <linux/random.h>

#include <trace/events/iscsi_mpio.h>

#include "base/change.h"
#include "session/notify.h"
#include "session/transport.h"

/* ---------------------------------------------------------- state machine */

static const char *const mpio_session_state_names[] = {
	[MPIO_SESSION_CONNECTING]	= "connecting",
	[MPIO_SESSION_LOGGED_IN]	= "logged-in",
	[MPIO_SESSION_RECOVERING]	= "recovering",
	[MPIO_SESSION_STOPPED]		= "stopped",
	[MPIO_SESSION_DELETING]		= "deleting",
};

const char *mpio_session_state_name(enum mpio_session_state state)
{
	return state < ARRAY_SIZE(mpio_session_state_names) ?
		mpio_session_state_names[state] : "unknown";
}

#define TO(s)	(1U << MPIO_SESSION_##s)

/*
 * RFC 7143 8.3 with Q3 LOGGED_IN, Q4 FAILED split in two: RECOVERING will be
 * back, STOPPED was refused for good.
 */
static const u8 mpio_session_next[__MPIO_SESSION_STATE_MAX] = {
	[MPIO_SESSION_CONNECTING] = TO(LOGGED_IN) | TO(STOPPED) | TO(DELETING),
	[MPIO_SESSION_LOGGED_IN]  = TO(RECOVERING) | TO(DELETING),
	[MPIO_SESSION_RECOVERING] = TO(LOGGED_IN) | TO(STOPPED) | TO(DELETING),
	[MPIO_SESSION_STOPPED]	  = TO(CONNECTING) | TO(DELETING),
	[MPIO_SESSION_DELETING]	  = 0,
};

/* sess->lock held. Returns the state left, or -1 when it may not. */
static int mpio_session_move(struct mpio_session *sess,
			     enum mpio_session_state state, const char *reason)
{
	enum mpio_session_state old = sess->state;
	struct mpio_transition *t;

	lockdep_assert_held(&sess->lock);
	if (!(mpio_session_next[old] & (1U << state)))
		return -1;
	t = &sess->transition[sess->transitions++ % MPIO_TRANSITIONS];
	t->time_ns = ktime_get_real_ns();
	t->state = state;
	strscpy(t->reason, reason, sizeof(t->reason));
	WRITE_ONCE(sess->state, state);
	mpio_transport_set_state(sess);
	mpio_select_changed();
	wake_up_var(&sess->state);
	return old;
}

static void mpio_session_tell(struct mpio_session *sess, int old,
			      enum mpio_session_state state, const char *reason)
{
	trace_mpio_session_state(sess->id, sess->cfg.target_name, old, state,
				 reason);
	pr_info_ratelimited("session %u %s: %s%s%s [MPIO0013]\n", sess->id,
			    sess->cfg.target_name,
			    mpio_session_state_name(state),
			    *reason ? ": " : "", reason);
	mpio_notify_session(sess, MPIO_EVENT_SESSION_STATE);
}

bool mpio_session_set_state(struct mpio_session *sess,
			    enum mpio_session_state state, const char *reason)
{
	unsigned long flags;
	int old;

	spin_lock_irqsave(&sess->lock, flags);
	old = mpio_session_move(sess, state, reason);
	spin_unlock_irqrestore(&sess->lock, flags);
	if (old < 0)
		return false;
	mpio_session_tell(sess, old, state, reason);
	return true;
}

static __printf(3, 0)
void mpio_session_vnote(struct mpio_session *sess, enum mpio_error code,
			const char *fmt, va_list args)
{
	lockdep_assert_held(&sess->lock);
	vsnprintf(sess->last_error, sizeof(sess->last_error), fmt, args);
	sess->last_error_code = code;
}

void mpio_session_note_error(struct mpio_session *sess, enum mpio_error code,
			     const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	spin_lock_irqsave(&sess->lock, flags);
	mpio_session_vnote(sess, code, fmt, args);
	spin_unlock_irqrestore(&sess->lock, flags);
	va_end(args);
}

/*
 * Takes sess->lock. Only the first of several failures counts: the state is LOGGED_IN
 * for no other. Without @fmt the last note says why.
 */
static __printf(4, 0)
void mpio_session_vfail(struct mpio_session *sess, enum mpio_error code,
			enum mpio_loss loss, const char *fmt, va_list args)
{
	char reason[MPIO_ERROR_MAX + 1];
	unsigned long flags;
	int old;

	spin_lock_irqsave(&sess->lock, flags);
	if (sess->state != MPIO_SESSION_LOGGED_IN) {
		spin_unlock_irqrestore(&sess->lock, flags);
		return;
	}
	if (fmt)
		mpio_session_vnote(sess, code, fmt, args);
	strscpy(reason, sess->last_error, sizeof(reason));
	sess->loss = loss;
	old = mpio_session_move(sess, MPIO_SESSION_RECOVERING, reason);
	queue_work(mpio_recover_wq, &sess->recover_work);
	spin_unlock_irqrestore(&sess->lock, flags);
	mpio_session_tell(sess, old, MPIO_SESSION_RECOVERING, reason);
}

void mpio_session_fail(struct mpio_session *sess, enum mpio_error code,
		       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	mpio_session_vfail(sess, code, MPIO_LOSS_SILENT, fmt, args);
	va_end(args);
}

void mpio_session_timed_out(struct mpio_session *sess, unsigned long since,
			    const char *fmt, ...)
{
	enum mpio_loss loss = MPIO_LOSS_SILENT;
	va_list args;

	if (mpio_conn_acked(&sess->conn, since))
		loss = MPIO_LOSS_STUCK;
	va_start(args, fmt);
	mpio_session_vfail(sess, MPIO_ERROR_PDU_TIMEOUT, loss, fmt, args);
	va_end(args);
}

void mpio_session_lose(struct mpio_session *sess, enum mpio_loss loss,
		       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	mpio_session_vfail(sess, MPIO_ERROR_TRANSPORT, loss, fmt, args);
	va_end(args);
}

/* -------------------------------------------------------- works and orders */

void mpio_session_queue(struct mpio_session *sess, struct workqueue_struct *wq,
			struct delayed_work *work, unsigned long delay)
{
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (!sess->removing)
		mod_delayed_work(wq, work, delay);
	spin_unlock_irqrestore(&sess->lock, flags);
}

void mpio_session_verify(struct mpio_session *sess)
{
	mpio_session_queue(sess, mpio_probe_wq, &sess->verify_work, 0);
}

void mpio_session_verify_later(struct mpio_session *sess, u32 ms)
{
	struct delayed_work *work = &sess->verify_work;
	unsigned long delay = msecs_to_jiffies(ms);
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (!sess->removing && !queue_delayed_work(mpio_probe_wq, work, delay) &&
	    timer_pending(&work->timer) &&
	    time_before(jiffies + delay, READ_ONCE(work->timer.expires)))
		mod_delayed_work(mpio_probe_wq, work, delay);
	spin_unlock_irqrestore(&sess->lock, flags);
}

void mpio_session_look(struct mpio_session *sess)
{
	mpio_session_verify(sess);
	mpio_session_queue(sess, mpio_recover_wq, &sess->nop_work, 0);
}

void mpio_session_rescan(struct mpio_session *sess)
{
	mpio_session_rescan_later(sess, 0);
}

void mpio_session_rescan_later(struct mpio_session *sess, u32 ms)
{
	WRITE_ONCE(sess->scan_all, true);
	mpio_session_queue(sess, mpio_scan_wq, &sess->scan_work,
			   msecs_to_jiffies(ms));
}

void mpio_session_look_later(struct mpio_session *sess, u32 ms)
{
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (!sess->removing)
		queue_delayed_work(mpio_scan_wq, &sess->scan_work,
				   msecs_to_jiffies(ms));
	spin_unlock_irqrestore(&sess->lock, flags);
}

bool mpio_session_order_scan(struct mpio_session *sess)
{
	bool up;

	spin_lock_irq(&sess->lock);
	up = sess->state == MPIO_SESSION_LOGGED_IN;
	if (up)
		sess->scans_ordered++;
	spin_unlock_irq(&sess->lock);
	if (up)
		mpio_session_rescan(sess);
	return up;
}

void mpio_session_retry_now(struct mpio_session *sess)
{
	/* With jitter: there may be a thousand of them. */
	unsigned long delay = get_random_u32() % (HZ / 10);
	unsigned long not_before, flags;

	/*
	 * The target has just ordered a wait, which recover_work turns into
	 * ->not_before. Pairs with mpio_session_reconnect_in().
	 */
	if (smp_load_acquire(&sess->time2wait))
		return;
	/* An error of the old network says nothing of the new one. */
	spin_lock_irqsave(&sess->lock, flags);
	if (sess->last_error_code == MPIO_ERROR_TRANSPORT ||
	    sess->last_error_code == MPIO_ERROR_CONNECT_TIMEOUT)
		sess->attempts = 0;
	spin_unlock_irqrestore(&sess->lock, flags);
	not_before = READ_ONCE(sess->not_before);
	if (not_before && time_before(jiffies + delay, not_before))
		delay = not_before - jiffies;
	mpio_session_queue(sess, mpio_login_wq, &sess->connect_work, delay);
}

void mpio_session_wake(struct mpio_session *sess)
{
	switch (mpio_session_state(sess)) {
	case MPIO_SESSION_LOGGED_IN:
		set_bit(MPIO_CONN_SEND_NOP, &sess->conn.flags);
		mpio_conn_kick(&sess->conn);
		/* nop_work runs when the NOP-Out is sent, and watches its time. */
		mpio_session_queue(sess, mpio_recover_wq, &sess->nop_work,
				   HZ / 10);
		break;
	case MPIO_SESSION_RECOVERING:
		mpio_session_retry_now(sess);
		break;
	default:
		break;
	}
}

void mpio_session_kick(struct mpio_session *sess)
{
	mpio_session_set_state(sess, MPIO_SESSION_CONNECTING,
			       "started by the administrator");
	switch (mpio_session_state(sess)) {
	case MPIO_SESSION_CONNECTING:
	case MPIO_SESSION_RECOVERING:
		/* The administrator's order overrides Time2Wait of the target. */
		WRITE_ONCE(sess->not_before, 0);
		mpio_session_queue(sess, mpio_login_wq, &sess->connect_work,
				   0);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------ tasks */

int mpio_session_submit(struct mpio_session *sess, struct mpio_task *task,
			unsigned int slot)
{
	int err = 0;

	task->slot = slot;
	rcu_read_lock();
	if (mpio_session_state(sess) == MPIO_SESSION_LOGGED_IN)
		mpio_conn_submit(&sess->conn, task);
	else
		err = -ENOTCONN;
	rcu_read_unlock();
	return err;
}

int mpio_session_exec(struct mpio_session *sess, struct mpio_task *task,
		      unsigned int slot, u32 timeout_ms)
{
	struct mpio_conn *conn = &sess->conn;
	unsigned long begun = jiffies;

	if (mpio_session_submit(sess, task, slot)) {
		task->error = -ENOTCONN;
		return -ENOTCONN;
	}
	if (wait_for_completion_timeout(&task->done,
					msecs_to_jiffies(timeout_ms)))
		return task->error;
	if (task->kind == MPIO_TASK_INTERNAL) {
		/* One LU that does not answer does not cost the other LUs a path. */
		set_bit(MPIO_TASK_ABORT, &task->flags);
		smp_mb__before_atomic();	/* see mpio_conn_abort_tasks() */
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
		mpio_conn_kick(conn);
	} else {
		mpio_session_timed_out(sess, begun,
				       "no answer to %s within %u ms",
				       task->kind == MPIO_TASK_LOGOUT ?
				       "Logout" : "task management",
				       timeout_ms);
	}
	wait_for_completion(&task->done);
	return task->error == -ECANCELED ? -ETIMEDOUT : task->error;
}

/* ------------------------------------------- what its connection tells it */

static struct mpio_session *mpio_session_of(struct mpio_conn *conn)
{
	return container_of(conn, struct mpio_session, conn);
}

static __printf(4, 0)
void mpio_session_conn_lost(struct mpio_conn *conn, enum mpio_error code,
			    enum mpio_loss loss, const char *fmt, va_list args)
{
	mpio_session_vfail(mpio_session_of(conn), code, loss, fmt, args);
}

static __printf(3, 0)
void mpio_session_conn_note(struct mpio_conn *conn, enum mpio_error code,
			    const char *fmt, va_list args)
{
	struct mpio_session *sess = mpio_session_of(conn);
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	mpio_session_vnote(sess, code, fmt, args);
	spin_unlock_irqrestore(&sess->lock, flags);
}

static void mpio_session_conn_odd(struct mpio_conn *conn, enum mpio_odd odd)
{
	mpio_session_note_odd(mpio_session_of(conn), odd);
}

static void mpio_session_conn_lus_changed(struct mpio_conn *conn)
{
	mpio_session_rescan(mpio_session_of(conn));
}

static void mpio_session_conn_watch(struct mpio_conn *conn,
				    unsigned long delay)
{
	mod_delayed_work(mpio_recover_wq, &mpio_session_of(conn)->nop_work,
			 delay);
}

static void mpio_session_conn_wait(struct mpio_conn *conn, u32 seconds)
{
	WRITE_ONCE(mpio_session_of(conn)->time2wait,
		   min_t(u32, seconds, MPIO_TIME2WAIT_MAX));
}

static bool mpio_session_conn_cancelled(struct mpio_conn *conn)
{
	const struct mpio_session *sess = mpio_session_of(conn);

	return READ_ONCE(sess->removing) && !sess->fence_exiting;
}

const struct mpio_conn_ops mpio_session_conn_ops = {
	.lost		= mpio_session_conn_lost,
	.note		= mpio_session_conn_note,
	.odd		= mpio_session_conn_odd,
	.lus_changed	= mpio_session_conn_lus_changed,
	.watch		= mpio_session_conn_watch,
	.wait		= mpio_session_conn_wait,
	.cancelled	= mpio_session_conn_cancelled,
};
