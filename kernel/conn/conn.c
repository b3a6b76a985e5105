// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: the callbacks of the socket, and io_work, which does the sending
 * and, but for a few answers at a time, the receiving on one CPU.
 *
 * The order of mpio_conn_close() is what keeps a failed path from harming
 * anybody: no new task can come (state, then RCU), io_work is dead, the
 * socket is gone and the network has dropped its pages; only then are the
 * tasks looked at.
 */
#include "conn/conn.h"

#include <linux/blk-mq.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/vmalloc.h>
#include <net/busy_poll.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <scsi/scsi_cmnd.h>

#include "base/assert.h"
#include "base/text.h"

/* How long io_work keeps its CPU. */
#define MPIO_IO_SLICE		msecs_to_jiffies(1)
/* Commands on their way up to which doing without io_work pays. */
#define MPIO_DIRECT_MAX		2
/* A command of more data than this is left to it in any case. */
#define MPIO_DIRECT_BYTES	SZ_64K
/* PDUs that a poll takes in one go: io_work has to wait meanwhile. */
#define MPIO_POLL_BUDGET	16

/* -------------------------------------------------------------- io_work */

/*
 * Ownership. io_work does all there is to do; others, "helpers", do some of it
 * where they are, if nobody owns the connection. Nobody waits for it: a helper
 * that finds it owned kicks io_work, and io_work leaves a note for the helper,
 * who kicks it again on leaving.
 *
 * On PREEMPT_RT there are no helpers. What they run under does not keep them on
 * their processor there: one of low priority, or out of its cgroup's quota,
 * would hold up everybody's commands.
 */
static bool mpio_conn_help(struct mpio_conn *conn)
{
	/* One is enough while io_work is waiting. */
	return !IS_ENABLED(CONFIG_PREEMPT_RT) &&
	       !test_bit(MPIO_CONN_WANTED, &conn->flags) &&
	       !test_and_set_bit_lock(MPIO_CONN_OWNED, &conn->flags);
}

static void mpio_conn_end_help(struct mpio_conn *conn)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	clear_bit_unlock(MPIO_CONN_OWNED, &conn->flags);
	/* The same word: a note left while it was owned is seen. */
	if (unlikely(test_bit(MPIO_CONN_WANTED, &conn->flags)))
		mpio_conn_kick(conn);
}

/* io_work only. False if a helper owns the connection: MPIO_CONN_WANTED is left. */
static bool mpio_conn_own(struct mpio_conn *conn)
{
	unsigned long old = READ_ONCE(conn->flags), new;

	do {
		if (old & BIT(MPIO_CONN_OWNED))
			new = old | BIT(MPIO_CONN_WANTED);
		else
			new = (old | BIT(MPIO_CONN_OWNED)) &
			      ~BIT(MPIO_CONN_WANTED);
	} while (!try_cmpxchg(&conn->flags, &old, new));
	return !(old & BIT(MPIO_CONN_OWNED));
}

static void mpio_conn_disown(struct mpio_conn *conn)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	clear_bit_unlock(MPIO_CONN_OWNED, &conn->flags);
}

/* A list built last first, put in the order of submission. */
static void mpio_conn_take_submitted(struct mpio_conn *conn)
{
	struct llist_node *node = llist_del_all(&conn->submit);
	struct mpio_task *task, *next;

	if (!node)
		return;
	node = llist_reverse_order(node);
	llist_for_each_entry_safe(task, next, node, submit_node) {
		bool command = task->kind == MPIO_TASK_SCSI ||
			       task->kind == MPIO_TASK_INTERNAL;

		WRITE_ONCE(task->state, MPIO_TASK_PENDING);
		list_add_tail(&task->node,
			      command ? &conn->pending : &conn->immediate);
	}
}

static void mpio_conn_queue_nop(struct mpio_conn *conn)
{
	struct mpio_task *task = &conn->nop_task;

	if (conn->nop_outstanding)
		return;
	/* Copies are for sessions that work. */
	if (!conn->tx.task)
		mpio_copies_drop(&conn->tx.copies);
	mpio_task_init_internal(task, MPIO_TASK_NOP, NULL, NULL, 0);
	task->slot = MPIO_SLOT_NOP;
	task->state = MPIO_TASK_PENDING;
	WRITE_ONCE(conn->nop_sent, jiffies);
	WRITE_ONCE(conn->nop_outstanding, true);
	list_add_tail(&task->node, &conn->immediate);
}

/* Gives all @tasks back to their issuers. Returns how many they were. */
static int mpio_conn_finish(struct list_head *tasks)
{
	struct mpio_task *task, *next;
	int n = 0;

	list_for_each_entry_safe(task, next, tasks, node) {
		list_del_init(&task->node);
		mpio_task_finish(task);
		n++;
	}
	return n;
}

/* Do PDUs that this pass has received ask for something to be sent? */
static bool mpio_conn_owes(const struct mpio_conn *conn)
{
	return conn->rx.pdus &&
	       (!list_empty(&conn->r2t) || !list_empty(&conn->immediate) ||
		conn->nop_reply_count || !list_empty(&conn->pending));
}

/* One pass: > 0 there is more to do, 0 not now, -errno dead. */
static int mpio_conn_pass(struct mpio_conn *conn)
{
	struct sock *sk = conn->sock->sk;
	int ret, taken;

	mpio_conn_take_submitted(conn);
	if (test_and_clear_bit(MPIO_CONN_SEND_NOP, &conn->flags))
		mpio_conn_queue_nop(conn);
	if (test_bit(MPIO_CONN_ABORTS, &conn->flags))
		mpio_conn_abort_tasks(conn);
	if (test_and_clear_bit(MPIO_CONN_RETRY, &conn->flags))
		mpio_reject_retry(conn);

	lock_sock(sk);
	ret = mpio_conn_send(conn);
	release_sock(sk);
	if (ret > 0 && conn->tx.corked) {
		/* MSG_MORE was set, and no more came: push what TCP holds. */
		tcp_sock_set_nodelay(sk);
		conn->tx.corked = false;
	}
	/* Even if sending is over: answers may be there already. */
	lock_sock(sk);
	taken = mpio_conn_receive(conn, MPIO_RX_BUDGET);
	release_sock(sk);
	mpio_conn_finish(&conn->done);
	if (ret < 0)
		return ret;
	if (taken)
		return taken;
	/* Nobody else kicks for these: the target may be waiting for us. */
	return !llist_empty(&conn->submit) || mpio_conn_owes(conn);
}

static void mpio_conn_lost(struct mpio_conn *conn, int err)
{
	/* Set by a FIN that came in order, and not by a RST. */
	bool closed = sock_flag(conn->sock->sk, SOCK_DONE);

	if (conn->logged_out && !conn->async_deadline)
		mpio_conn_note(conn, MPIO_ERROR_OK, "logged out");
	if (conn->logged_out)
		mpio_conn_lose(conn, closed ? MPIO_LOSS_LOGGED_OUT :
					      MPIO_LOSS_ANSWERED, NULL);
	else if (err == -ECONNRESET || err == -EPIPE)
		mpio_conn_lose(conn, closed ? MPIO_LOSS_CLOSED :
					      MPIO_LOSS_RESET,
			       "connection lost: %s", mpio_errno_text(err));
	else
		mpio_conn_fail(conn, MPIO_ERROR_TRANSPORT,
			       "connection lost: %s", mpio_errno_text(err));
}

static void mpio_io_work(struct work_struct *work)
{
	struct mpio_conn *conn = container_of(work, struct mpio_conn, io_work);
	unsigned long deadline = jiffies + MPIO_IO_SLICE;
	int ret = 0;

	if (!mpio_conn_own(conn))
		return;		/* its helper kicks */
	while (test_bit(MPIO_CONN_UP, &conn->flags)) {
		ret = mpio_conn_pass(conn);
		if (ret <= 0 || time_after(jiffies, deadline))
			break;
	}
	mpio_conn_disown(conn);

	if (ret > 0)
		mpio_conn_kick(conn);
	else if (ret == -EPROTO || ret == -ESHUTDOWN)
		/* The reason was noted where the error was found. */
		mpio_conn_fail(conn, MPIO_ERROR_PROTOCOL, NULL);
	else if (ret < 0)
		mpio_conn_lost(conn, ret);
}

/* --------------------------------------------------------------- submit */

/*
 * Process context, under RCU. With fewer than MPIO_DIRECT_MAX commands under way
 * a switch to io_work would cost as much as sending: sends from here, holding
 * the socket's spinlock, as the submitter must not sleep. False if io_work has to
 * send.
 */
static bool mpio_conn_send_here(struct mpio_conn *conn)
{
	struct sock *sk;
	bool more = true;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) ||
	    READ_ONCE(conn->slots_used) >= MPIO_DIRECT_MAX ||
	    !test_bit(MPIO_CONN_UP, &conn->flags) || irqs_disabled() ||
	    in_interrupt())
		return false;
	local_bh_disable();	/* io_work waits for what we own */
	if (!mpio_conn_help(conn))
		goto out;
	sk = conn->sock->sk;
	spin_lock(&sk->sk_lock.slock);
	if (!sock_owned_by_user_nocheck(sk)) {
		mpio_conn_take_submitted(conn);
		more = mpio_conn_send(conn) <= 0 || conn->tx.corked ||
		       !list_empty(&conn->pending);
	}
	spin_unlock(&sk->sk_lock.slock);
	more = more || !list_empty(&conn->done);
	mpio_conn_end_help(conn);
out:
	local_bh_enable();
	return !more;
}

void mpio_conn_submit(struct mpio_conn *conn, struct mpio_task *task)
{
	bool small = task->data_len <= MPIO_DIRECT_BYTES;

	task->conn = conn;
	task->start = ktime_get();
	WRITE_ONCE(task->state, MPIO_TASK_SUBMITTED);
	/*
	 * The task that finds conn->submit empty has io_work kicked, also for tasks
	 * that are added before io_work runs: so it must not be preempted here.
	 */
	preempt_disable();
	if (llist_add(&task->submit_node, &conn->submit) &&
	    !(small && mpio_conn_send_here(conn)))
		mpio_conn_kick(conn);
	preempt_enable();
}

/* --------------------------------------------------------------- socket */

/* Is the task a command that ended GOOD? It may be given back in any context. */
static bool mpio_task_simple(const struct mpio_task *task)
{
	return task->kind == MPIO_TASK_SCSI && !task->error &&
	       !task->status && !task->response;
}

/*
 * A polled bio may only end in process context: bio_put() returns it to a cache of
 * the processor that it does not guard against interrupts.
 */
static bool mpio_task_polled(const struct mpio_task *task)
{
	return scsi_cmd_to_rq(task->sc)->cmd_flags & REQ_POLLED;
}

/*
 * Bottom halves off, socket locked but not owned by a process. Takes at most
 * @budget PDUs of what has come, and moves the commands that these answer to
 * @simple if they can be finished here. False if the rest has to be left to
 * io_work.
 */
static bool mpio_conn_receive_here(struct mpio_conn *conn, unsigned int budget,
				   bool process, struct list_head *simple)
{
	struct mpio_task *task, *next;
	bool more;

	sock_owned_by_me(conn->sock->sk);
	more = mpio_conn_receive(conn, budget);
	list_for_each_entry_safe(task, next, &conn->done, node)
		if (mpio_task_simple(task) &&
		    (process || !mpio_task_polled(task)))
			list_move_tail(&task->node, simple);
	return !more && list_empty(&conn->done) && !mpio_conn_owes(conn);
}

/*
 * Softirq, socket locked. With at most MPIO_DIRECT_MAX commands on their way no
 * more PDUs are about to come that one pass could take together, and a switch to
 * io_work would cost as much as all the rest: takes here what has come. False if
 * io_work has to.
 */
static bool mpio_conn_receive_softirq(struct mpio_conn *conn, struct sock *sk)
{
	LIST_HEAD(simple);
	bool all;

	sock_owned_by_me(sk);
	if (READ_ONCE(conn->slots_used) > MPIO_DIRECT_MAX ||
	    sock_owned_by_user_nocheck(sk) || !mpio_conn_help(conn))
		return false;
	all = mpio_conn_receive_here(conn, MPIO_RX_BUDGET, false, &simple);
	mpio_conn_finish(&simple);
	mpio_conn_end_help(conn);
	return all;
}

/* Is a process polling, so that it will look for what has come by itself? */
static bool mpio_conn_polled(const struct mpio_conn *conn)
{
	if (likely(!test_bit(MPIO_CONN_POLLED, &conn->flags)))
		return false;
	smp_mb();	/* pairs with that of mpio_conn_poll() */
	return test_bit(MPIO_CONN_POLLED, &conn->flags);
}

static void mpio_conn_data_ready(struct sock *sk)
{
	struct mpio_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && !mpio_conn_polled(conn) &&
	    !mpio_conn_receive_later(conn, sk) &&
	    !mpio_conn_receive_softirq(conn, sk))
		mpio_conn_kick(conn);
	read_unlock_bh(&sk->sk_callback_lock);
}

int mpio_conn_poll(struct mpio_conn *conn)
{
	LIST_HEAD(simple);
	bool more = false;
	struct sock *sk;

	/* A card that is polled must not have to wait for a process to run. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !READ_ONCE(conn->slots_used) ||
	    !test_bit_acquire(MPIO_CONN_UP, &conn->flags))
		return 0;
	sk = conn->sock->sk;
	preempt_disable();
	set_bit(MPIO_CONN_POLLED, &conn->flags);
	sk_busy_loop(sk, 1);
	local_bh_disable();
	spin_lock(&sk->sk_lock.slock);
	/* data_ready speaks up again; what it kept silent about: */
	clear_bit(MPIO_CONN_POLLED, &conn->flags);
	smp_mb__after_atomic();	/* see mpio_conn_polled() */
	if (!sock_owned_by_user_nocheck(sk) && mpio_conn_help(conn)) {
		more = !mpio_conn_receive_here(conn, MPIO_POLL_BUDGET, true,
					       &simple);
		mpio_conn_end_help(conn);
	} else {
		more = !skb_queue_empty_lockless(&sk->sk_receive_queue);
	}
	spin_unlock(&sk->sk_lock.slock);
	local_bh_enable();
	preempt_enable();
	if (more)
		mpio_conn_kick(conn);
	/* The connection is not closed before the caller's RCU section ends. */
	return mpio_conn_finish(&simple);
}

/* FIN or RST: io_work finds out which. */
static void mpio_conn_state_change(struct sock *sk)
{
	struct mpio_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn)
		mpio_conn_kick(conn);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void mpio_conn_write_space(struct sock *sk)
{
	struct mpio_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		mpio_conn_kick(conn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void mpio_conn_take_callbacks(struct mpio_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->old_data_ready = sk->sk_data_ready;
	conn->old_write_space = sk->sk_write_space;
	conn->old_state_change = sk->sk_state_change;
	sk->sk_user_data = conn;
	sk->sk_data_ready = mpio_conn_data_ready;
	sk->sk_write_space = mpio_conn_write_space;
	sk->sk_state_change = mpio_conn_state_change;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void mpio_conn_restore_callbacks(struct mpio_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data == conn) {
		sk->sk_user_data = NULL;
		sk->sk_data_ready = conn->old_data_ready;
		sk->sk_write_space = conn->old_write_space;
		sk->sk_state_change = conn->old_state_change;
	}
	write_unlock_bh(&sk->sk_callback_lock);
}

void mpio_conn_start(struct mpio_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	sk->sk_sndtimeo = 0;
	sk->sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	conn->rx.phase = MPIO_RX_BHS;
	conn->rx.have = 0;
	conn->rx.want = PDU_BHS_LEN;
	conn->rx.task = NULL;
	conn->rx.error = 0;
	conn->rx.enough = 0;
	WRITE_ONCE(conn->rx.held_since, 0);
	conn->tx.task = NULL;
	conn->tx.len = 0;
	conn->tx.sent = 0;
	conn->tx.corked = false;
	conn->tx.error = 0;
	conn->tx.copy_len = 0;
	conn->tx.copy_sent = 0;
	if (conn->extent)
		mpio_extents_init(&conn->extents, conn->extent, MPIO_EXTENTS);
	conn->nop_reply_count = 0;
	conn->texts = 0;
	conn->logout_sent = false;
	/* nop_work may still be about the connection before. */
	WRITE_ONCE(conn->nop_outstanding, false);
	WRITE_ONCE(conn->tmf_deadline, 0);
	WRITE_ONCE(conn->async_deadline, 0);
	WRITE_ONCE(conn->logged_out, false);
	WRITE_ONCE(conn->last_rx, jiffies);
	clear_bit(MPIO_CONN_SEND_NOP, &conn->flags);
	clear_bit(MPIO_CONN_ABORTS, &conn->flags);
	clear_bit(MPIO_CONN_LU_WAS_RESET, &conn->flags);
	clear_bit(MPIO_CONN_REFUSED, &conn->flags);
	clear_bit(MPIO_CONN_RETRY, &conn->flags);
	clear_bit(MPIO_CONN_POLLED, &conn->flags);
	clear_bit(MPIO_CONN_WANTED, &conn->flags);
	smp_mb__before_atomic();	/* for those who test it with _acquire */
	set_bit(MPIO_CONN_UP, &conn->flags);
	mpio_conn_take_callbacks(conn);
}

/* ---------------------------------------------------------------- close */

static void mpio_conn_collect(struct mpio_conn *conn, struct list_head *lost)
{
	struct mpio_task *task, *next;
	unsigned int i;

	/* Finished before the end: answered like any other. */
	mpio_conn_finish(&conn->done);
	mpio_conn_take_submitted(conn);
	for (i = 0; i < MPIO_SLOTS; i++) {
		task = conn->slots[i].task;
		if (!task)
			continue;
		mpio_conn_forget_task(conn, task);
		if (test_bit(MPIO_TASK_RESPONDED, &task->flags)) {
			/* Answered; only the rest of its data was due. */
			list_add_tail(&task->node, &conn->done);
			continue;
		}
		set_bit(MPIO_TASK_WAS_SENT, &task->flags);
		list_add_tail(&task->node, lost);
	}
	mpio_conn_finish(&conn->done);
	list_splice_tail_init(&conn->pending, lost);
	list_splice_tail_init(&conn->immediate, lost);
	list_splice_tail_init(&conn->refused, lost);
	/* These tasks are the connection's own. */
	list_for_each_entry_safe(task, next, lost, node)
		if (task == &conn->nop_task || task == &conn->tmf_task ||
		    task == &conn->async_task || task == &conn->text_task)
			list_del_init(&task->node);
}

void mpio_conn_close(struct mpio_conn *conn, struct list_head *lost,
		     bool quietly)
{
	bool was_up = test_and_clear_bit(MPIO_CONN_UP, &conn->flags);

	if (was_up) {
		/* queuecommand sees the new state, or has added its task. */
		synchronize_rcu_expedited();
		mpio_conn_restore_callbacks(conn);
		hrtimer_cancel(&conn->rx.timer);
	}
	cancel_work_sync(&conn->io_work);
	mpio_conn_release_socket(conn, was_up && quietly);
	if (was_up)
		mpio_conn_collect(conn, lost);
}

int mpio_conn_init(struct mpio_conn *conn, const struct mpio_conn_ops *ops,
		   const struct mpio_settings *settings)
{
	BUILD_BUG_ON(MPIO_SLOTS * sizeof(*conn->slots) > SZ_16K);
	BUILD_BUG_ON(sizeof(struct mpio_task) > SZ_2K);
	conn->ops = ops;
	conn->settings = settings;
	mutex_init(&conn->sock_mutex);
	INIT_WORK(&conn->io_work, mpio_io_work);
	mpio_conn_receive_init(conn);
	init_llist_head(&conn->submit);
	INIT_LIST_HEAD(&conn->immediate);
	INIT_LIST_HEAD(&conn->refused);
	INIT_LIST_HEAD(&conn->pending);
	INIT_LIST_HEAD(&conn->r2t);
	INIT_LIST_HEAD(&conn->done);
	init_completion(&conn->nop_task.done);
	init_completion(&conn->tmf_task.done);
	init_completion(&conn->async_task.done);
	init_completion(&conn->text_task.done);
	conn->tx.buf = kmalloc(MPIO_TXBUF_SIZE, GFP_KERNEL);
	conn->tx.bounce = (u8 *)__get_free_page(GFP_KERNEL);
	conn->rx.buf = kmalloc(MPIO_RXBUF_SIZE, GFP_KERNEL);
	conn->slots = kvcalloc(MPIO_SLOTS, sizeof(*conn->slots), GFP_KERNEL);
	if (conn->tx.buf && conn->tx.bounce && conn->rx.buf && conn->slots)
		return 0;
	return -ENOMEM;		/* mpio_conn_exit() frees what there is */
}

void mpio_conn_exit(struct mpio_conn *conn)
{
	mpio_copies_drop(&conn->tx.copies);
	kfree(conn->tx.buf);
	free_page((unsigned long)conn->tx.bounce);
	kfree(conn->rx.buf);
	kvfree(conn->slots);
	kvfree(conn->extent);
}
