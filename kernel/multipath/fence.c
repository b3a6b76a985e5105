// SPDX-License-Identifier: GPL-2.0
/*
 * Fencing.
 *
 * A target cut off in the middle of a write may execute it any time later. If
 * the write is repeated over another path and the block then written anew, the
 * late one turns it back. It can be in two places, each with an end of its own:
 *
 * In the network, or in what the target has received and not looked at. That
 * is over with
 * - a login with the ISID of the old session and TSIH 0 to the same portal
 *   group, which reinstates the session (RFC 7143 6.3.5): what comes for the old
 *   connection finds nobody any more. It goes through a portal that a living
 *   session uses (and is closed at once), or is that of the session itself.
 * - a Logout that was answered, or a FIN of the target on that connection. Not a
 *   RST: any firewall sends those, and who has taken over a moved address.
 * - time: FenceTimeout after that connection was lost.
 *
 * In the task set of the logical unit, at work in its backend. That is over with
 * - the login or Logout, on targets that are known to wait for their backends
 *   before they answer (the table below). RFC 7143 wants them all to, and few do.
 * - a LOGICAL UNIT RESET sent after the network's part was over and answered,
 *   through any path of the disk: it ends the tasks of all nexuses, which CLEAR
 *   TASK SET does only where they share a task set. There is one for a disk at a
 *   time, for all writes that wait when it is sent; those that come later, or are
 *   lost once more, wait for the next. It is answered when the backend is through,
 *   which may take long; that is no reason to fail the session it is sent through
 *   as long as that answers anything. What it takes along on living paths is
 *   repeated, see conn/abort.c.
 *
 * Where a target does not know the function its word at the login has to do. A
 * write that has no end for NoPathTimeout fails: that is no lie. What must not
 * run twice is held like a write, and fails when it cannot run any more.
 *
 * Taken for granted: nothing but the network is between us and the target (a
 * proxy's FIN is not the target's), the controllers of a disk share its task set,
 * and the portals of one group of one name are one target.
 *
 * Held tasks belong to head->fence.held and count as parked. Their flags are
 * protected by head->lock, the rest of mpio_held is constant while held. One
 * work for each head judges them; it sleeps for nobody: the answer to a reset
 * queues it.
 */
#include "multipath/fence.h"

#include <linux/blk-mq.h>
#include <linux/sched/mm.h>
#include <net/net_namespace.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "conn/conn.h"
#include "multipath/head.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "multipath/reset.h"
#include "proto/name.h"
#include "proto/scsi.h"
#include "session/login.h"
#include "session/session.h"

/* A living portal answers at once; a dying one must not hold others up. */
#define MPIO_FENCE_LOGIN_MS	3000
#define MPIO_FENCE_SIBLINGS	4
/* How long a backend may keep a reset waiting before another path is asked. */
#define MPIO_FENCE_ANSWER_MS	60000
#define MPIO_FENCE_FIN_MS	1000
#define MPIO_FENCE_BACKOFF_MS	100U
#define MPIO_FENCE_BACKOFF_MAX	5000U
#define MPIO_FENCE_TMFS		3	/* times TmfTimeout, until it is in vain */

/* Targets that end a nexus and all it has in hand before they answer a login. */
struct mpio_fence_target {
	const char *vendor;
	const char *unlike;		/* but not this product */
	/*
	 * A reset does not wait for commands of a connection that the target is
	 * closing itself: for so long they may take after it was lost, ms.
	 */
	u32 settle_ms;
};

static const struct mpio_fence_target mpio_fence_targets[] = {
	/*
	 * Linux, drivers/target/iscsi: iscsi_check_for_session_reinstatement()
	 * waits for iscsit_close_connection(), and that for each command. It
	 * passes over sessions that have received a Logout. LOGICAL UNIT RESET
	 * passes over commands with CMD_T_FABRIC_STOP
	 * (__target_check_io_state()); 30 s is what Linux gives a disk. Those of
	 * target_core_user end for LIO when their time is over, whatever the
	 * process that serves them still does.
	 */
	{ "LIO-ORG", "TCMU device", 30000 },
};

enum mpio_held_flag {
	HELD_NET_OVER	= 1 << 0,	/* the network has nothing of it */
	HELD_LOGIN	= 1 << 1,	/* a login has ended its nexus */
	HELD_CLOSING	= 1 << 2,	/* the target may be closing it itself */
	HELD_LEFT	= 1 << 3,	/* so it does, after our Logout */
	HELD_SIBLING	= 1 << 4,	/* a login is about to be tried */
	HELD_ASKED	= 1 << 5,	/* the reset on its way is for it, too */
};

static u32 mpio_held_mode(const struct mpio_held *held)
{
	return mpio_setting(held->sess, MPIO_TA_FENCE_MODE);
}

static bool mpio_task_passthrough(const struct mpio_task *task)
{
	return blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc));
}

/* --------------------------------------------------------------- holding */

void mpio_fence_kick(struct mpio_head *head)
{
	unsigned long flags;

	spin_lock_irqsave(&head->lock, flags);
	if (!list_empty(&head->fence.held))
		mod_delayed_work(mpio_recover_wq, &head->fence.work, 0);
	spin_unlock_irqrestore(&head->lock, flags);
}

void mpio_fence_learn(struct mpio_head *head,
		      const struct mpio_inquiry *inquiry)
{
	const struct mpio_fence_target *target = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mpio_fence_targets); i++)
		if (!strcmp(inquiry->vendor, mpio_fence_targets[i].vendor) &&
		    strcmp(inquiry->product, mpio_fence_targets[i].unlike))
			target = &mpio_fence_targets[i];
	WRITE_ONCE(head->fence.target, target);
}

/*
 * May the command change what is on the medium? Those without data that do
 * are few: zones are reset so, and blocks zeroed by WRITE SAME with NDOB.
 */
static bool mpio_fence_modifies(const struct mpio_task *task)
{
	return task->write || task->cdb[0] == ZBC_OUT ||
	       task->cdb[0] == WRITE_SAME_16 ||
	       task->cdb[0] == VARIABLE_LENGTH_CMD;
}

/* A reset would rewind a tape, and what it had under way runs once anyway. */
static bool mpio_fence_type(u8 type)
{
	switch (type) {
	case TYPE_DISK:
	case TYPE_ROM:
	case TYPE_WORM:
	case TYPE_MOD:
	case TYPE_RBC:
	case TYPE_ZBC:
		return true;
	default:
		return false;
	}
}

static bool mpio_fence_applies(const struct mpio_session *sess,
			       const struct mpio_task *task)
{
	return mpio_fence_modifies(task) &&
	       mpio_fence_type(task->sc->device->type) &&
	       mpio_setting(sess, MPIO_TA_FENCE_MODE) != MPIO_FENCE_NONE;
}

/* What the way in which a connection was lost says of the writes on it. */
static u8 mpio_fence_flags(const struct mpio_session *sess)
{
	u8 left = READ_ONCE(sess->conn.left) ? HELD_LEFT : 0;

	switch (READ_ONCE(sess->loss)) {
	case MPIO_LOSS_LOGGED_OUT:
		return HELD_NET_OVER | HELD_LOGIN;
	case MPIO_LOSS_LEFT:
		return HELD_NET_OVER | HELD_LEFT;
	case MPIO_LOSS_CLOSED:
		return HELD_NET_OVER;
	case MPIO_LOSS_RESET:
		return HELD_CLOSING | left;
	case MPIO_LOSS_SILENT:
		break;
	}
	return left;
}

/* Has a login or Logout ended all of it? */
static bool mpio_fence_login_ends(const struct mpio_head *head, u32 mode,
				  u8 flags)
{
	if (!(flags & HELD_LOGIN))
		return false;
	switch (mode) {
	case MPIO_FENCE_NONE:
	case MPIO_FENCE_WAIT:
	case MPIO_FENCE_REINSTATE:
		return true;
	case MPIO_FENCE_AUTO:
		return READ_ONCE(head->fence.target) && !(flags & HELD_LEFT);
	default:
		return false;
	}
}

/* Could a login through another portal be of use? */
static bool mpio_fence_login_helps(const struct mpio_head *head, u32 mode,
				   u8 flags)
{
	if (flags & HELD_LOGIN || mode == MPIO_FENCE_WAIT ||
	    mode == MPIO_FENCE_NONE)
		return false;
	return !(flags & HELD_NET_OVER) ||
	       mpio_fence_login_ends(head, mode, flags | HELD_LOGIN);
}

static void mpio_fence_add(struct mpio_session *sess, struct mpio_task *task,
			   u16 tpgt, u8 flags)
{
	struct mpio_head *head = task->sc->device->hostdata;
	struct mpio_held *held = &task->held;

	held->sess = mpio_session_get(sess);
	held->since = jiffies;
	held->tpgt = tpgt;
	held->flags = flags;
	atomic_inc(&sess->held);
	spin_lock_irq(&head->lock);
	mpio_task_park(task);
	list_add_tail(&task->node, &head->fence.held);
	mod_delayed_work(mpio_recover_wq, &head->fence.work, 0);
	spin_unlock_irq(&head->lock);
}

bool mpio_fence_hold(struct mpio_session *sess, struct mpio_task *task)
{
	struct mpio_head *head = task->sc->device->hostdata;
	u32 mode = mpio_setting(sess, MPIO_TA_FENCE_MODE);
	u8 flags = mpio_fence_flags(sess);

	if (!mpio_fence_applies(sess, task) ||
	    mpio_fence_login_ends(head, mode, flags))
		return false;
	if (sess->fence_sibling && mpio_fence_login_helps(head, mode, flags))
		flags |= HELD_SIBLING;
	mpio_fence_add(sess, task, READ_ONCE(sess->tpgt), flags);
	return true;
}

/* The portal group that the session is logged in to, -1: there is no telling. */
static int mpio_fence_tpgt(const struct mpio_session *sess)
{
	if (sess->conn.params.tpgt < 0 && sess->tpgt_told)
		return -1;
	return sess->tpgt;
}

bool mpio_fence_hold_late(struct mpio_session *sess, struct mpio_task *task,
			  u32 gen, u16 tpgt)
{
	struct mpio_head *head = task->sc->device->hostdata;
	u32 mode = mpio_setting(sess, MPIO_TA_FENCE_MODE);
	u8 flags = 0;

	if (!mpio_fence_applies(sess, task))
		return false;
	spin_lock_irq(&sess->lock);
	/* Of connections before the last one it is not known how they ended. */
	if (sess->login_gen == gen + 1)
		flags = mpio_fence_flags(sess);
	if (sess->state == MPIO_SESSION_LOGGED_IN && sess->login_gen != gen &&
	    mpio_fence_tpgt(sess) == tpgt)
		flags |= HELD_NET_OVER | HELD_LOGIN;
	spin_unlock_irq(&sess->lock);
	if (mpio_fence_login_ends(head, mode, flags))
		return false;
	mpio_fence_add(sess, task, tpgt, flags);
	return true;
}

bool mpio_fence_pending(struct mpio_session *sess)
{
	return atomic_read(&sess->held);
}

/* ------------------------------------------------------------- judgement */

enum mpio_fence_verdict {
	MPIO_FENCE_GO,		/* it is over */
	MPIO_FENCE_FAIL,	/* with the host byte in task->error */
	MPIO_FENCE_STAY,	/* until an event, or the time given */
	MPIO_FENCE_ASK,		/* a reset is what it waits for */
};

/* What one look at the held writes of a head finds. */
struct mpio_fence_look {
	unsigned long now;
	u32 patience;		/* of the disk, ms */
	bool refused;		/* no living path takes a reset */
	struct list_head go, fail;
	bool ask;
	long delay;		/* jiffies to the next look */
};

static void mpio_fence_look_again(struct mpio_fence_look *look,
				  unsigned long at)
{
	look->delay = min(look->delay, max_t(long, at - look->now, 1));
}

/* ms after the loss at which the network has drained, and closing is done. */
static u32 mpio_fence_settled(const struct mpio_head *head,
			      const struct mpio_held *held)
{
	const struct mpio_fence_target *t = READ_ONCE(head->fence.target);
	u32 ms = 0;

	if (!(held->flags & HELD_NET_OVER))
		ms = mpio_setting(held->sess, MPIO_TA_FENCE_TIMEOUT);
	if (t && held->flags & (HELD_CLOSING | HELD_LEFT))
		ms = max(ms, t->settle_ms);
	/* What was received before the FIN may still be on its way up. */
	if (!t && (held->flags & (HELD_NET_OVER | HELD_LOGIN)) == HELD_NET_OVER)
		ms = MPIO_FENCE_FIN_MS;
	return ms;
}

/* Nobody waits any longer for it, or never will get an answer: host byte. */
static int mpio_fence_given_up(struct mpio_head *head,
			       const struct mpio_task *task,
			       struct mpio_fence_look *look)
{
	const struct mpio_fence_target *t = READ_ONCE(head->fence.target);
	const struct mpio_session *sess = task->held.sess;
	unsigned long end;
	u32 ms;

	if (READ_ONCE(head->dying))
		return DID_NO_CONNECT;
	if (READ_ONCE(head->failfast))
		return DID_TRANSPORT_FAILFAST;
	if (test_bit(MPIO_TASK_ABORT, &task->flags) &&
	    mpio_task_passthrough(task))
		return DID_ABORT;
	if (look->patience == MPIO_FOREVER)
		return 0;
	/* Not less than it takes, with a path that lives. */
	ms = mpio_setting(sess, MPIO_TA_FENCE_TIMEOUT) +
	     mpio_setting(sess, MPIO_TA_TMF_TIMEOUT) * MPIO_FENCE_TMFS +
	     (t ? t->settle_ms : 0);
	end = task->held.since + msecs_to_jiffies(max(ms, look->patience));
	if (time_after_eq(look->now, end))
		return DID_TRANSPORT_FAILFAST;
	mpio_fence_look_again(look, end);
	return 0;
}

static enum mpio_fence_verdict mpio_fence_judge(struct mpio_head *head,
						struct mpio_task *task,
						struct mpio_fence_look *look)
{
	const struct mpio_held *held = &task->held;
	u32 mode = mpio_held_mode(held);
	unsigned long at;

	lockdep_assert_held(&head->lock);
	task->error = mpio_fence_given_up(head, task, look);
	if (task->error)
		return MPIO_FENCE_FAIL;
	if (mode == MPIO_FENCE_NONE ||
	    mpio_fence_login_ends(head, mode, held->flags))
		return MPIO_FENCE_GO;
	if (mode == MPIO_FENCE_WAIT) {
		at = held->since +
		     msecs_to_jiffies(mpio_setting(held->sess,
						   MPIO_TA_FENCE_TIMEOUT));
		if (time_after_eq(look->now, at))
			return MPIO_FENCE_GO;
		mpio_fence_look_again(look, at);
		return MPIO_FENCE_STAY;
	}
	if (held->flags & HELD_SIBLING)
		return MPIO_FENCE_STAY;
	at = held->since + msecs_to_jiffies(mpio_fence_settled(head, held));
	if (time_before(look->now, at)) {
		mpio_fence_look_again(look, at);
		return MPIO_FENCE_STAY;
	}
	if (look->refused && held->flags & HELD_LOGIN)
		return MPIO_FENCE_GO;
	return MPIO_FENCE_ASK;
}

/* ----------------------------------------------------------------- reset */

static bool mpio_fence_path_alive(const struct mpio_path *path)
{
	enum mpio_path_state state = READ_ONCE(path->state);

	return (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY) &&
	       !READ_ONCE(path->leaving) &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}

/*
 * Under rcu_read_lock(). The path that a reset goes over: one that may carry
 * I/O, and not the one it was on before. NULL: none, and @refused says if that
 * is because those that live do not take any.
 */
static struct mpio_path *mpio_fence_best(struct mpio_head *head, bool *refused)
{
	const struct mpio_path_set *set = rcu_dereference(head->paths);
	struct mpio_path *best = NULL;
	unsigned int i, best_rank = 0;

	*refused = false;
	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];
		unsigned int rank = 1;

		if (!mpio_fence_path_alive(path))
			continue;
		if (READ_ONCE(path->no_reset)) {
			*refused = true;
			continue;
		}
		if (READ_ONCE(path->state) == MPIO_PATH_READY)
			rank += 2;
		if (path->id != head->fence.last_path)
			rank += 1;
		if (rank > best_rank) {
			best_rank = rank;
			best = path;
		}
	}
	if (best)
		*refused = false;
	return best;
}

/* The same, referenced. */
static struct mpio_path *mpio_fence_pick(struct mpio_head *head)
{
	struct mpio_path *path;
	bool refused;

	rcu_read_lock();
	path = mpio_fence_best(head, &refused);
	if (path && !kref_get_unless_zero(&path->ref))
		path = NULL;
	rcu_read_unlock();
	return path;
}

/* Is there a path, and none that takes a reset? */
static bool mpio_fence_refused(struct mpio_head *head)
{
	bool refused;

	rcu_read_lock();
	mpio_fence_best(head, &refused);
	rcu_read_unlock();
	return refused;
}

static int mpio_fence_take_slot(struct mpio_session *sess)
{
	unsigned int i;

	for (i = 0; i < MPIO_FENCE_SLOTS; i++)
		if (!test_and_set_bit(i, &sess->fence_slots))
			return i;
	return -EBUSY;
}

/* The reset is answered, or its connection has gone. Process context. */
static void mpio_fence_answered(struct mpio_task *task)
{
	struct mpio_head *head = container_of(task, struct mpio_head,
					      fence.reset);

	/* Pairs with mpio_fence_work(), which reads what was answered. */
	smp_store_release(&head->fence.answered, true);
	mod_delayed_work(mpio_recover_wq, &head->fence.work, 0);
	mpio_head_put(head);
}

static void mpio_fence_end_reset(struct mpio_fence *f)
{
	struct mpio_path *path = f->path;

	f->path = NULL;
	clear_bit(f->slot, &path->sess->fence_slots);
	mpio_path_put(path);
}

/* Sends one over the path, whose reference it takes over. */
static bool mpio_fence_send(struct mpio_head *head, struct mpio_path *path)
{
	struct mpio_fence *f = &head->fence;
	struct mpio_task *task = &f->reset;
	int slot = mpio_fence_take_slot(path->sess);

	if (slot < 0) {
		mpio_path_put(path);
		return false;
	}
	f->path = path;
	f->slot = slot;
	f->last_path = path->id;
	f->asked = jiffies;
	f->doubts = READ_ONCE(path->doubts);
	f->answered = false;
	mpio_task_init_internal(task, MPIO_TASK_TMF, NULL, NULL, 0);
	task->ended = mpio_fence_answered;
	task->tmf_function = PDU_TMF_LU_RESET;
	task->tmf_ref_itt = PDU_TAG_NONE;
	task->tmf_ref_cmdsn = 0;
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	mpio_tmf_lu_is_reset(head);
	mpio_head_get(head);		/* dropped when it is answered */
	if (mpio_session_submit(path->sess, task, MPIO_SLOT_FENCE + slot)) {
		mpio_head_put(head);	/* never the last: tasks are held */
		mpio_fence_end_reset(f);
		return false;
	}
	pr_info_ratelimited("disk %u: %s over path %u, for writes that may be under way\n",
			    head->id, mpio_tmf_name(task->tmf_function),
			    path->id);
	return true;
}

static void mpio_fence_back_off(struct mpio_fence *f)
{
	f->backoff_ms = clamp(2 * f->backoff_ms, MPIO_FENCE_BACKOFF_MS,
			      MPIO_FENCE_BACKOFF_MAX);
	f->again = (jiffies + msecs_to_jiffies(f->backoff_ms)) | 1;
}

/* Those it was sent for: they may go on if it was carried out. */
static void mpio_fence_settle(struct mpio_head *head, bool done,
			      struct list_head *go)
{
	struct mpio_task *task, *next;

	spin_lock_irq(&head->lock);
	list_for_each_entry_safe(task, next, &head->fence.held, node) {
		if (!(task->held.flags & HELD_ASKED))
			continue;
		task->held.flags &= ~HELD_ASKED;
		if (done)
			list_move_tail(&task->node, go);
	}
	spin_unlock_irq(&head->lock);
}

/* Was the LU reset? It must have been the one of the disk all the time. */
static bool mpio_fence_was_done(const struct mpio_fence *f)
{
	const struct mpio_task *task = &f->reset;
	struct mpio_path *path = f->path;

	if (task->error || READ_ONCE(path->doubts) != f->doubts)
		return false;
	if (task->response == PDU_TMF_RSP_COMPLETE)
		return true;
	pr_notice_ratelimited("session %u lun %llu: LOGICAL UNIT RESET refused: %s\n",
			      path->sess->id, path->lun,
			      mpio_tmf_response(task->response));
	WRITE_ONCE(path->no_reset, true);
	return false;
}

static void mpio_fence_take_answer(struct mpio_head *head,
				   struct list_head *go)
{
	struct mpio_fence *f = &head->fence;
	bool done = mpio_fence_was_done(f);

	/* Perhaps, if the answer was lost. Before anything is sent again. */
	if (done || f->reset.error)
		mpio_tmf_lu_was_reset(head);
	if (done) {
		f->backoff_ms = 0;
		f->again = 0;
	} else {
		mpio_fence_back_off(f);
	}
	mpio_fence_settle(head, done, go);
	WRITE_ONCE(head->resetting, false);
	mpio_fence_end_reset(f);
}

/* It is on its way. Is the path to blame that it is for so long? */
static void mpio_fence_watch(struct mpio_fence *f, struct mpio_fence_look *look)
{
	unsigned long end = f->asked + msecs_to_jiffies(MPIO_FENCE_ANSWER_MS);
	struct mpio_conn *conn = &f->path->sess->conn;

	if (time_before(look->now, end)) {
		mpio_fence_look_again(look, end);
		return;
	}
	set_bit(MPIO_TASK_ABORT, &f->reset.flags);
	smp_mb__before_atomic();	/* see mpio_conn_abort_tasks() */
	set_bit(MPIO_CONN_ABORTS, &conn->flags);
	mpio_conn_kick(conn);
	mpio_fence_look_again(look, look->now + HZ);
}

/* One is wanted. */
static void mpio_fence_ask(struct mpio_head *head, struct mpio_fence_look *look)
{
	struct mpio_fence *f = &head->fence;
	struct mpio_path *path;

	if (f->again && time_before(look->now, f->again)) {
		mpio_fence_look_again(look, f->again);
		goto nothing;
	}
	path = mpio_fence_pick(head);
	if (!path)
		goto nothing;		/* the next path kicks */
	if (mpio_fence_send(head, path)) {
		mpio_fence_watch(f, look);
		return;
	}
	mpio_fence_back_off(f);
	mpio_fence_look_again(look, f->again);
nothing:
	mpio_fence_settle(head, false, NULL);
}

/* ------------------------------------------------------------------ work */

static void mpio_fence_sort(struct mpio_head *head,
			    struct mpio_fence_look *look)
{
	bool asking = head->fence.path;
	struct mpio_task *task, *next;

	spin_lock_irq(&head->lock);
	list_for_each_entry_safe(task, next, &head->fence.held, node) {
		switch (mpio_fence_judge(head, task, look)) {
		case MPIO_FENCE_GO:
			list_move_tail(&task->node, &look->go);
			break;
		case MPIO_FENCE_FAIL:
			list_move_tail(&task->node, &look->fail);
			break;
		case MPIO_FENCE_ASK:
			/* The next one is for those that came too late. */
			if (!asking)
				task->held.flags |= HELD_ASKED;
			look->ask = true;
			break;
		case MPIO_FENCE_STAY:
			break;
		}
	}
	spin_unlock_irq(&head->lock);
}

/* Takes the task out of the list it is in, and what the fence had with it. */
static void mpio_fence_drop(struct mpio_task *task)
{
	struct mpio_session *sess = task->held.sess;

	list_del_init(&task->node);
	atomic_dec(&sess->held);
	mpio_session_put(sess);
}

static void mpio_fence_let_go(struct mpio_head *head,
			      struct mpio_fence_look *look)
{
	struct mpio_task *task, *next;
	unsigned int gone = 0, failed = 0;

	list_for_each_entry_safe(task, next, &look->go, node) {
		gone++;
		mpio_fence_drop(task);
		task->error = 0;
		if (test_bit(MPIO_TASK_ONCE, &task->flags) &&
		    !test_bit(MPIO_TASK_RESERVE, &task->flags))
			/* Not DISRUPTED: the midlayer would repeat it. */
			mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
		else
			mpio_head_resubmit(head, task);
	}
	list_for_each_entry_safe(task, next, &look->fail, node) {
		int host_byte = task->error;

		mpio_fence_drop(task);
		mpio_task_fail(task, host_byte);
		failed++;
	}
	if (gone)
		pr_info_ratelimited("disk %u: %u held writes go on\n",
				    head->id, gone);
	if (failed)
		pr_warn_ratelimited("disk %u: %u held writes failed\n",
				    head->id, failed);
}

static void mpio_fence_work(struct work_struct *work)
{
	struct mpio_fence *f = container_of(to_delayed_work(work),
					    struct mpio_fence, work);
	struct mpio_head *head = container_of(f, struct mpio_head, fence);
	struct mpio_fence_look look = {
		.now = jiffies,
		.patience = mpio_head_patience(head),
		.delay = MAX_SCHEDULE_TIMEOUT,
	};
	unsigned int noio;

	INIT_LIST_HEAD(&look.go);
	INIT_LIST_HEAD(&look.fail);
	/* The last task may take the last reference along, or has. */
	if (!kref_get_unless_zero(&head->ref))
		return;
	noio = memalloc_noio_save();
	/* Pairs with mpio_fence_answered(): the answer is there. */
	if (f->path && smp_load_acquire(&f->answered))
		mpio_fence_take_answer(head, &look.go);
	look.refused = mpio_fence_refused(head);
	mpio_fence_sort(head, &look);
	mpio_fence_let_go(head, &look);
	if (f->path)
		mpio_fence_watch(f, &look);
	else if (look.ask)
		mpio_fence_ask(head, &look);
	if (look.delay != MAX_SCHEDULE_TIMEOUT)
		queue_delayed_work(mpio_recover_wq, &f->work, look.delay);
	mpio_head_put(head);
	memalloc_noio_restore(noio);
}

void mpio_fence_init(struct mpio_head *head)
{
	INIT_LIST_HEAD(&head->fence.held);
	INIT_DELAYED_WORK(&head->fence.work, mpio_fence_work);
	init_completion(&head->fence.reset.done);
}

/* ---------------------------------------------------------------- logins */

/* Another session of ours, alive in that portal group of the same target. */
static bool mpio_fence_is_sibling(const struct mpio_session *sess,
				  const struct mpio_session *other, u16 tpgt)
{
	return other != sess && other->net == sess->net &&
	       mpio_session_state(other) == MPIO_SESSION_LOGGED_IN &&
	       other->tpgt == tpgt &&
	       !mpio_name_compare(other->cfg.target_name, sess->cfg.target_name) &&
	       !mpio_name_compare(other->cfg.initiator_name, sess->cfg.initiator_name);
}

/* The next sibling with a number above @after, referenced. */
static struct mpio_session *mpio_fence_sibling(const struct mpio_session *sess,
					       u16 tpgt, u32 after)
{
	struct mpio_session *other, *found = NULL;

	/* Not the mutex: memory may be allocated under it, from our disk. */
	spin_lock(&mpio_sessions_lock);
	list_for_each_entry(other, &mpio_sessions, node) {
		if (other->id > after &&
		    mpio_fence_is_sibling(sess, other, tpgt)) {
			found = mpio_session_get(other);
			break;
		}
	}
	spin_unlock(&mpio_sessions_lock);
	return found;
}

void mpio_fence_begin(struct mpio_session *sess)
{
	struct mpio_session *other = NULL;

	/* A target that has ordered a wait is not to be hurried. */
	if (!READ_ONCE(sess->time2wait))
		other = mpio_fence_sibling(sess, READ_ONCE(sess->tpgt), 0);
	sess->fence_sibling = other;
	if (other)
		mpio_session_put(other);
}

static bool mpio_fence_reinstate(struct mpio_session *sess, u16 tpgt)
{
	struct mpio_session *other;
	unsigned int tries = 0;
	bool done = false;
	u32 after = 0;

	while (!done && tries++ < MPIO_FENCE_SIBLINGS &&
	       (!READ_ONCE(sess->removing) || sess->fence_exiting)) {
		other = mpio_fence_sibling(sess, tpgt, after);
		if (!other)
			break;
		after = other->id;
		done = !mpio_login_reinstate(sess, other, tpgt,
					     MPIO_FENCE_LOGIN_MS);
		mpio_session_put(other);
	}
	return done;
}

/* Sets and clears flags of all that is held of the session, in that group. */
static void mpio_fence_mark(struct mpio_session *sess, int tpgt, u8 set,
			    u8 clear)
{
	struct mpio_path *path = NULL;
	struct mpio_task *task;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_head *head = path->head;

		spin_lock_irq(&head->lock);
		list_for_each_entry(task, &head->fence.held, node) {
			struct mpio_held *held = &task->held;

			if (held->sess != sess ||
			    (tpgt >= 0 && held->tpgt != tpgt))
				continue;
			held->flags = (held->flags | set) & ~clear;
		}
		spin_unlock_irq(&head->lock);
		mpio_fence_kick(head);
	}
}

/* The lowest portal group above @after that a login would help writes of. */
static int mpio_fence_next_tpgt(struct mpio_session *sess, int after)
{
	struct mpio_path *path = NULL;
	struct mpio_task *task;
	int tpgt = -1;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_head *head = path->head;

		spin_lock_irq(&head->lock);
		list_for_each_entry(task, &head->fence.held, node) {
			struct mpio_held *held = &task->held;

			if (held->sess == sess && held->tpgt > after &&
			    (tpgt < 0 || held->tpgt < tpgt) &&
			    mpio_fence_login_helps(head, mpio_held_mode(held),
						   held->flags))
				tpgt = held->tpgt;
		}
		spin_unlock_irq(&head->lock);
	}
	return tpgt;
}

void mpio_fence_try(struct mpio_session *sess)
{
	int tpgt = -1;

	if (!mpio_fence_pending(sess))
		return;
	while ((tpgt = mpio_fence_next_tpgt(sess, tpgt)) >= 0)
		if (mpio_fence_reinstate(sess, tpgt))
			mpio_fence_mark(sess, tpgt, HELD_NET_OVER | HELD_LOGIN,
					HELD_SIBLING);
	mpio_fence_mark(sess, -1, 0, HELD_SIBLING);
}

void mpio_fence_reinstated(struct mpio_session *sess)
{
	int tpgt = mpio_fence_tpgt(sess);
	struct mpio_path *path = NULL;

	/* It may be another target now. */
	while ((path = mpio_path_next(sess, path)))
		WRITE_ONCE(path->no_reset, false);
	/* Another portal group is another nexus: that ends nothing. */
	if (tpgt >= 0 && mpio_fence_pending(sess))
		mpio_fence_mark(sess, tpgt, HELD_NET_OVER | HELD_LOGIN, 0);
}

void mpio_fence_exit(struct mpio_session *sess)
{
	if (check_net(sess->net)) {
		sess->fence_exiting = true;
		mpio_fence_try(sess);
	}
	mpio_fence_mark(sess, -1, 0, HELD_SIBLING);
}
