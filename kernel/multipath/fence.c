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
 * A login that the target was asked for counts against the reset and the logins
 * after it until it is answered: one that waits for its backends has begun to close
 * the old session then, and passes over it from there on.
 *
 * A write that the target denies, unasked for by a reset of ours that has ended or
 * another initiator's that has told, may be with one of another initiator that is at
 * work. The next reset waits for that.
 *
 * Where a target does not know the function its word at the login has to do. A
 * write that has no end for NoPathTimeout fails, and is a ghost from then on, see
 * ghost.h. What must not run twice is held like a write, and fails when it cannot
 * run any more; so does what has cost too many connections.
 *
 * Taken for granted: nothing but the network is between us and the target (a
 * proxy's FIN is not the target's), the controllers of a disk share its task set,
 * and the portals of one portal group of one name are one target; no two initiators
 * reset a LU at once.
 *
 * Held tasks belong to disk->fence.held and count as parked. Their flags are
 * protected by disk->lock, the rest of mpio_held is constant while held. One
 * work for each disk decides on them and the ghosts; it sleeps for nobody: the answer
 * to a reset queues it.
 */
#include "multipath/fence.h"

#include <linux/blk-mq.h>
#include <linux/sched/mm.h>
#include <net/net_namespace.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "conn/conn.h"
#include "multipath/ghost.h"
#include "multipath/disk.h"
#include "multipath/held.h"
#include "multipath/marginal.h"
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
#define MPIO_FENCE_FIN_MS	1000
#define MPIO_FENCE_TMFS		3	/* times TmfTimeout, until it is in vain */

/* The first that fits. */
static const struct mpio_fence_target mpio_fence_targets[] = {
	/*
	 * Linux, drivers/target/iscsi: iscsi_check_for_session_reinstatement()
	 * waits for iscsit_close_connection(), and that for each command. It
	 * passes over sessions that have received a Logout, and over those that
	 * another login has begun to end. LOGICAL UNIT RESET passes over commands
	 * with CMD_T_FABRIC_STOP (__target_check_io_state()); 30 s is what Linux
	 * gives a disk. Those of target_core_user end for LIO when their time is
	 * over, whatever the process that serves them still does.
	 */
	{ "LIO-ORG", "TCMU device", false, 30000 },
	{ "LIO-ORG", NULL, true, 30000 },
	/* tgt has one thread for all of them, and aborts what it has. */
	{ "IET", NULL, false, 0 },
	/* Any may be LIO by another name. */
	{ NULL, NULL, false, 30000 },
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

void mpio_fence_learn(struct mpio_disk *disk,
		      const struct mpio_inquiry *inquiry)
{
	const struct mpio_fence_target *target = mpio_fence_targets;

	while ((target->vendor && strcmp(inquiry->vendor, target->vendor)) ||
	       (target->product && strcmp(inquiry->product, target->product)))
		target++;
	WRITE_ONCE(disk->fence.target, target);
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
	return mpio_ghost_may_be(task) &&
	       mpio_fence_type(task->sc->device->type) &&
	       mpio_setting(sess, MPIO_TA_FENCE_MODE) != MPIO_FENCE_NONE;
}

/* Flags of held writes that follow from how their connection was lost. */
static u16 mpio_fence_flags(const struct mpio_session *sess)
{
	u16 logout = READ_ONCE(sess->conn.logout_sent) ? HELD_LOGOUT : 0;

	switch (READ_ONCE(sess->loss)) {
	case MPIO_LOSS_LOGGED_OUT:
		return HELD_NET_OVER | HELD_LOGIN;
	case MPIO_LOSS_ANSWERED:
		return HELD_NET_OVER | HELD_LOGOUT;
	case MPIO_LOSS_CLOSED:
		return HELD_NET_OVER;
	case MPIO_LOSS_STUCK:
		/* It may be closing the session by itself, as after a Logout. */
		return HELD_CLOSING | HELD_LOGOUT;
	case MPIO_LOSS_RESET:
	case MPIO_LOSS_SILENT:
		break;
	}
	/* The target closes the session itself if an RST tells it of the loss. */
	return HELD_CLOSING | logout;
}

/* Do these @flags say that a login or Logout has ended both parts of the write? */
static bool mpio_fence_login_ends(const struct mpio_disk *disk, u32 mode,
				  u16 flags)
{
	if (!(flags & HELD_LOGIN))
		return false;
	switch (mode) {
	case MPIO_FENCE_NONE:
	case MPIO_FENCE_WAIT:
		return true;
	case MPIO_FENCE_REINSTATE:
		return !(flags & HELD_LOGOUT);
	case MPIO_FENCE_AUTO:
		return READ_ONCE(disk->fence.target)->login_ends &&
		       !(flags & HELD_LOGOUT);
	default:
		return false;
	}
}

/* Would a login through another portal end a part that has not ended yet? */
static bool mpio_fence_login_helps(const struct mpio_disk *disk, u32 mode,
				   u16 flags)
{
	if (flags & HELD_LOGIN || mode == MPIO_FENCE_WAIT ||
	    mode == MPIO_FENCE_NONE)
		return false;
	return !(flags & HELD_NET_OVER) ||
	       mpio_fence_login_ends(disk, mode, flags | HELD_LOGIN);
}

/* @path, if any, is referenced, and that becomes the task's. */
static void mpio_fence_add(struct mpio_session *sess, struct mpio_path *path,
			   struct mpio_task *task, u16 tpgt, u16 flags)
{
	struct mpio_disk *disk = task->sc->device->hostdata;
	struct mpio_held *held = &task->held;
	unsigned long irqs;

	held->sess = mpio_session_get(sess);
	held->path = path;
	held->since = jiffies;
	held->tpgt = tpgt;
	held->flags = flags;
	atomic_inc(&sess->held);
	spin_lock_irqsave(&disk->lock, irqs);
	mpio_task_park(task);
	list_add_tail(&task->node, &disk->fence.held);
	mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	spin_unlock_irqrestore(&disk->lock, irqs);
}

bool mpio_fence_hold(struct mpio_session *sess, struct mpio_path *path,
		     struct mpio_task *task)
{
	struct mpio_disk *disk = task->sc->device->hostdata;
	u32 mode = mpio_setting(sess, MPIO_TA_FENCE_MODE);
	u16 flags = mpio_fence_flags(sess);

	if (!mpio_fence_applies(sess, task) ||
	    mpio_fence_login_ends(disk, mode, flags))
		return false;
	if (sess->fence_sibling && mpio_fence_login_helps(disk, mode, flags))
		flags |= HELD_SIBLING;
	mpio_fence_add(sess, path, task, READ_ONCE(sess->tpgt), flags);
	return true;
}

bool mpio_fence_hold_unknown(struct mpio_path *path, struct mpio_task *task)
{
	bool overtime = test_bit(MPIO_TASK_OVERTIME, &task->flags);
	bool ours = mpio_tmf_is_unfinished(path->disk);
	struct mpio_session *sess = path->sess;

	if (!test_bit(MPIO_TASK_UNKNOWN, &task->flags) ||
	    (!ours && mpio_tmf_is_why(path, task)) ||
	    !mpio_fence_applies(sess, task))
		return false;
	mpio_path_get(path);
	mpio_task_put_path(task);
	mpio_task_rewind(task);
	/* The issuer of a pass-through command is told; the command becomes a ghost. */
	if (overtime && mpio_task_passthrough(task)) {
		set_bit(MPIO_TASK_ABORT, &task->flags);
	} else if (overtime && !ours) {
		/* The path may as well have swallowed it. */
		mpio_marginal_mute(path);
		task->avoid = path->id;
	}
	/* The connection may be lost meanwhile: flags for the worst way. */
	mpio_fence_add(sess, path, task, READ_ONCE(sess->tpgt),
		       HELD_NET_OVER | HELD_CLOSING | HELD_LOGOUT |
		       (ours ? 0 : HELD_DENIED));
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
	struct mpio_disk *disk = task->sc->device->hostdata;
	u32 mode = mpio_setting(sess, MPIO_TA_FENCE_MODE);
	u16 flags = HELD_CLOSING;

	if (!mpio_fence_applies(sess, task))
		return false;
	spin_lock_irq(&sess->lock);
	/* sess->loss tells how the last connection ended, and no earlier one. */
	if (sess->login_gen == gen + 1)
		flags = mpio_fence_flags(sess);
	if (sess->login_lost && (s32)(sess->login_lost_gen - gen) > 0)
		flags |= HELD_LOGOUT;
	if (sess->state == MPIO_SESSION_LOGGED_IN && sess->login_gen != gen &&
	    mpio_fence_tpgt(sess) == tpgt)
		flags |= HELD_NET_OVER | HELD_LOGIN;
	spin_unlock_irq(&sess->lock);
	if (mpio_fence_login_ends(disk, mode, flags))
		return false;
	mpio_fence_add(sess, NULL, task, tpgt, flags);
	return true;
}

bool mpio_fence_pending(struct mpio_session *sess)
{
	return atomic_read(&sess->held);
}

/* Calls @fn under its disk's lock for all that is held of the session. */
static void mpio_fence_each_held(struct mpio_session *sess,
				 void (*fn)(const struct mpio_disk *disk,
					    struct mpio_held *held, void *arg),
				 void *arg)
{
	struct mpio_path *path = NULL;
	struct mpio_task *task;

	while ((path = mpio_path_next(sess, path))) {
		struct mpio_disk *disk = path->disk;

		spin_lock_irq(&disk->lock);
		list_for_each_entry(task, &disk->fence.held, node)
			if (task->held.sess == sess)
				fn(disk, &task->held, arg);
		if (!list_empty(&path->ghost.node))
			fn(disk, &path->ghost.held, arg);
		spin_unlock_irq(&disk->lock);
	}
}

static void mpio_held_is_urgent(const struct mpio_disk *disk,
				struct mpio_held *held, void *urgent)
{
	if (!(held->flags & HELD_LOGIN))
		*(bool *)urgent = true;
}

bool mpio_fence_urgent(struct mpio_session *sess)
{
	bool urgent = false;

	if (mpio_fence_pending(sess))
		mpio_fence_each_held(sess, mpio_held_is_urgent, &urgent);
	return urgent;
}

/* ------------------------------------------------------------- decisions */

enum mpio_fence_verdict {
	MPIO_FENCE_GO,		/* it is over */
	MPIO_FENCE_FAIL,	/* with the host byte in task->error */
	MPIO_FENCE_STAY,	/* until an event, or the time given */
	MPIO_FENCE_ASK,		/* a reset is what it waits for */
};

/* ms after the loss at which the network has drained, and closing is done. */
static u32 mpio_fence_settled(const struct mpio_disk *disk,
			      const struct mpio_held *held)
{
	const struct mpio_fence_target *t = READ_ONCE(disk->fence.target);
	u16 flags = mpio_held_flags(held);
	u32 ms = 0;

	/* The target has the write in no queue any more: its nexus does not matter. */
	if (flags & HELD_DENIED)
		return 0;
	if (!(flags & HELD_NET_OVER))
		ms = mpio_setting(held->sess, MPIO_TA_FENCE_TIMEOUT);
	/* PDUs received before the FIN may not have reached the target's queue. */
	else if (!t->login_ends && !(flags & HELD_LOGIN))
		ms = MPIO_FENCE_FIN_MS;
	/* An answered login has waited for the close, if the login has begun that. */
	if (flags & HELD_LOGOUT ||
	    (flags & (HELD_CLOSING | HELD_LOGIN)) == HELD_CLOSING)
		ms = max(ms, t->settle_ms);
	return ms;
}

/* Is the task pass-through, and the time over that its issuer gave it? */
static bool mpio_fence_aborted(const struct mpio_task *task)
{
	return test_bit(MPIO_TASK_ABORT, &task->flags) &&
	       mpio_task_passthrough(task);
}

/*
 * disk->lock held. The host byte that the held @task has to fail with now, because
 * its issuer waits no longer or because its end can never be told; else 0, and @look
 * says when to ask again.
 */
static int mpio_fence_given_up(struct mpio_disk *disk,
			       const struct mpio_task *task,
			       struct mpio_fence_look *look)
{
	const struct mpio_fence_target *t = READ_ONCE(disk->fence.target);
	const struct mpio_session *sess = task->held.sess;
	unsigned long end;
	bool endless;
	u32 ms;

	lockdep_assert_held(&disk->lock);
	/* A disk that goes still has what was in caches written. */
	if (READ_ONCE(disk->dying) &&
	    !(task->held.flags & HELD_BARRED && mpio_disk_usable(disk)))
		return DID_NO_CONNECT;
	if (READ_ONCE(disk->failfast))
		return DID_TRANSPORT_FAILFAST;
	if (mpio_fence_aborted(task))
		return DID_ABORT;
	/* No living path takes a reset, and the session that could log in is removed. */
	endless = look->refused && task->held.path &&
		  mpio_path_removed(task->held.path);
	if (look->patience == MPIO_FOREVER && !endless)
		return 0;
	/* A write that waits for ghosts has no session: the first ghost's counts. */
	if (!sess)
		sess = list_first_entry(&disk->fence.ghosts, struct mpio_ghost,
					node)->held.sess;
	/* No earlier than a fence takes on a disk with a living path. */
	ms = mpio_setting(sess, MPIO_TA_FENCE_TIMEOUT) +
	     mpio_setting(sess, MPIO_TA_TMF_TIMEOUT) * MPIO_FENCE_TMFS +
	     t->settle_ms;
	if (look->patience != MPIO_FOREVER)
		ms = max(ms, look->patience);
	end = task->held.since + msecs_to_jiffies(ms);
	if (time_after_eq(look->now, end))
		return DID_TRANSPORT_FAILFAST;
	mpio_fence_look_again(look, end);
	return 0;
}

/*
 * disk->lock held. What to do about @held, a write or a ghost: GO if the target
 * cannot execute it any more, ASK if a reset has to end it, STAY if a login or
 * time may. Never FAIL.
 */
static enum mpio_fence_verdict mpio_fence_decide(struct mpio_disk *disk,
						 const struct mpio_held *held,
						 struct mpio_fence_look *look)
{
	u32 mode = mpio_held_mode(held);
	unsigned long at;

	lockdep_assert_held(&disk->lock);
	if (mode == MPIO_FENCE_NONE ||
	    mpio_fence_login_ends(disk, mode, mpio_held_flags(held)))
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
	/* mpio_fence_try() clears this flag, unless the path was removed. */
	if (held->flags & HELD_SIBLING &&
	    !(held->path && mpio_path_removed(held->path)))
		return MPIO_FENCE_STAY;
	/*
	 * mpio_fence_login_over() kicks, unless the path was removed: so look again.
	 * Pairs with its release: the flags that follow from the login are seen.
	 */
	if (smp_load_acquire(&held->sess->login_out) &&
	    READ_ONCE(disk->fence.target)->settle_ms) {
		mpio_fence_look_again(look, look->now + HZ);
		return MPIO_FENCE_STAY;
	}
	at = held->since + msecs_to_jiffies(mpio_fence_settled(disk, held));
	if (time_before(look->now, at)) {
		mpio_fence_look_again(look, at);
		return MPIO_FENCE_STAY;
	}
	/* Where there are no resets, nobody's has taken it along. */
	if (look->refused && held->flags & (HELD_LOGIN | HELD_DENIED))
		return MPIO_FENCE_GO;
	return MPIO_FENCE_ASK;
}

/* ------------------------------------------------------------------ work */

/*
 * disk->lock held. mpio_fence_decide() for a task, whose issuer waits for it: FAIL
 * when its time is over. A task barred by ghosts goes when there is none.
 */
static enum mpio_fence_verdict mpio_fence_decide_task(struct mpio_disk *disk,
						      struct mpio_task *task,
						      struct mpio_fence_look *look)
{
	bool barred = task->held.flags & HELD_BARRED;

	lockdep_assert_held(&disk->lock);
	/* A task is not sent any more once the time of its issuer is over. */
	if (barred && list_empty(&disk->fence.ghosts) &&
	    !mpio_fence_aborted(task))
		return MPIO_FENCE_GO;
	task->error = mpio_fence_given_up(disk, task, look);
	if (task->error)
		return MPIO_FENCE_FAIL;
	return barred ? MPIO_FENCE_STAY :
			mpio_fence_decide(disk, &task->held, look);
}

/*
 * disk->lock held. mpio_fence_decide() for a ghost. Ghosts of a disk that is gone
 * bar nobody, so they go. Where no reset can end a ghost and its path has been
 * removed, nothing ever tells its end: the removal was the administrator's word
 * that it need not be waited for.
 */
static enum mpio_fence_verdict mpio_fence_decide_ghost(struct mpio_disk *disk,
						       struct mpio_ghost *ghost,
						       struct mpio_fence_look *look)
{
	enum mpio_fence_verdict verdict;

	lockdep_assert_held(&disk->lock);
	if (list_empty(&disk->host_node))
		return MPIO_FENCE_GO;
	verdict = mpio_fence_decide(disk, &ghost->held, look);
	if (verdict == MPIO_FENCE_ASK && look->refused &&
	    mpio_path_removed(ghost->held.path))
		return MPIO_FENCE_GO;
	return verdict;
}

static void mpio_fence_want_reset(struct mpio_disk *disk,
				  struct mpio_held *held,
				  struct mpio_fence_look *look)
{
	/* While a reset is on its way this write waits for the next one. */
	if (!disk->fence.path)
		held->flags |= HELD_ASKED;
	look->ask = true;
}

static void mpio_fence_sort(struct mpio_disk *disk,
			    struct mpio_fence_look *look)
{
	struct mpio_ghost *ghost, *next_ghost;
	struct mpio_task *task, *next;
	enum mpio_fence_verdict verdict;

	spin_lock_irq(&disk->lock);
	list_for_each_entry_safe(ghost, next_ghost, &disk->fence.ghosts, node) {
		verdict = mpio_fence_decide_ghost(disk, ghost, look);
		if (verdict == MPIO_FENCE_GO)
			list_move_tail(&ghost->node, &look->ended);
		else if (verdict == MPIO_FENCE_ASK)
			mpio_fence_want_reset(disk, &ghost->held, look);
	}
	list_for_each_entry_safe(task, next, &disk->fence.held, node) {
		verdict = mpio_fence_decide_task(disk, task, look);
		if (verdict == MPIO_FENCE_FAIL)
			look->ghosts += mpio_ghost_add(disk, task);
		if (verdict == MPIO_FENCE_GO)
			list_move_tail(&task->node, &look->go);
		else if (verdict == MPIO_FENCE_FAIL)
			list_move_tail(&task->node, &look->fail);
		else if (verdict == MPIO_FENCE_ASK)
			mpio_fence_want_reset(disk, &task->held, look);
	}
	spin_unlock_irq(&disk->lock);
}

static void mpio_fence_lay_ghosts(struct mpio_disk *disk,
				  struct mpio_fence_look *look)
{
	struct mpio_ghost *ghost, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(ghost, next, &look->ended, node) {
		struct mpio_path *path = container_of(ghost, struct mpio_path,
						      ghost);

		spin_lock_irq(&disk->lock);
		list_del_init(&ghost->node);
		spin_unlock_irq(&disk->lock);
		atomic_dec(&path->sess->held);
		mpio_path_put(path);
		n++;
	}
	if (n && list_empty(&disk->fence.ghosts))
		pr_info_ratelimited("disk %u: what had failed is over, writes go on [MPIO0010]\n",
				    disk->id);
}

/*
 * No locks held. Takes the task off its list, and drops the references to session
 * and path that the fence has held for it.
 */
static void mpio_fence_drop(struct mpio_task *task)
{
	struct mpio_session *sess = task->held.sess;
	struct mpio_path *path = task->held.path;

	list_del_init(&task->node);
	if (sess) {
		atomic_dec(&sess->held);
		mpio_session_put(sess);
	}
	if (path)
		mpio_path_put(path);
}

static void mpio_fence_go_on(struct mpio_disk *disk, struct mpio_task *task)
{
	bool sent = !(task->held.flags & HELD_BARRED);

	mpio_fence_drop(task);
	task->error = 0;
	if (sent && test_bit(MPIO_TASK_ONCE, &task->flags) &&
	    !test_bit(MPIO_TASK_RESERVE, &task->flags))
		/* Not DISRUPTED: the midlayer would repeat it. */
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
	else
		mpio_disk_resubmit(disk, task);
}

static void mpio_fence_let_go(struct mpio_disk *disk,
			      struct mpio_fence_look *look)
{
	unsigned int gone = 0, failed = 0;
	struct mpio_task *task, *next;

	list_for_each_entry_safe(task, next, &look->fail, node) {
		int host_byte = task->error;

		mpio_fence_drop(task);
		mpio_task_fail(task, host_byte);
		failed++;
	}
	list_for_each_entry_safe(task, next, &look->go, node) {
		gone++;
		mpio_fence_go_on(disk, task);
	}
	if (gone)
		pr_info_ratelimited("disk %u: %u held writes go on [MPIO0011]\n",
				    disk->id, gone);
	if (failed)
		pr_warn_ratelimited("disk %u: %u held writes failed%s [MPIO0012]\n",
				    disk->id, failed, look->ghosts ?
				    ", others wait until those are over" : "");
}

static void mpio_fence_work(struct work_struct *work)
{
	struct mpio_fence *f = container_of(to_delayed_work(work),
					    struct mpio_fence, work);
	struct mpio_disk *disk = container_of(f, struct mpio_disk, fence);
	struct mpio_fence_look look = {
		.now = jiffies,
		.patience = mpio_disk_patience(disk),
		.delay = MAX_SCHEDULE_TIMEOUT,
	};
	unsigned int noio;

	/* Pairs with mpio_login_asks(). */
	smp_mb();
	INIT_LIST_HEAD(&look.go);
	INIT_LIST_HEAD(&look.fail);
	INIT_LIST_HEAD(&look.ended);
	/* The last task may take the last reference along, or has. */
	if (!kref_get_unless_zero(&disk->ref))
		return;
	noio = memalloc_noio_save();
	/* Pairs with mpio_fence_answered(): the answer is there. */
	if (f->path && smp_load_acquire(&f->answered))
		mpio_fence_take_answer(disk, &look);
	look.refused = mpio_fence_refused(disk);
	mpio_fence_sort(disk, &look);
	mpio_fence_lay_ghosts(disk, &look);
	mpio_fence_let_go(disk, &look);
	if (f->path)
		mpio_fence_watch(disk, &look);
	else if (look.ask)
		mpio_fence_ask(disk, &look);
	if (look.delay != MAX_SCHEDULE_TIMEOUT)
		queue_delayed_work(mpio_recover_wq, &f->work, look.delay);
	mpio_disk_put(disk);
	memalloc_noio_restore(noio);
}

void mpio_fence_init(struct mpio_disk *disk)
{
	disk->fence.target =
		&mpio_fence_targets[ARRAY_SIZE(mpio_fence_targets) - 1];
	INIT_LIST_HEAD(&disk->fence.held);
	INIT_LIST_HEAD(&disk->fence.ghosts);
	INIT_DELAYED_WORK(&disk->fence.work, mpio_fence_work);
	init_completion(&disk->fence.reset.done);
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

static bool mpio_fence_reinstate(struct mpio_session *sess, u16 tpgt,
				 u32 patience)
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
					     MPIO_FENCE_LOGIN_MS, patience);
		mpio_session_put(other);
	}
	return done;
}

/* Flags to set and to clear in what was sent to portal group @tpgt (-1: any). */
struct mpio_fence_mark {
	int tpgt;
	u16 set, clear;
};

static void mpio_held_mark(const struct mpio_disk *disk,
			   struct mpio_held *held, void *arg)
{
	const struct mpio_fence_mark *mark = arg;

	lockdep_assert_held(&disk->lock);
	if (mark->tpgt < 0 || (held->tpgt == mark->tpgt &&
			       !(held->flags & HELD_MIXED)))
		held->flags = (held->flags | mark->set) & ~mark->clear;
}

/* Sets and clears flags of all writes held of the session, in group @tpgt. */
static void mpio_fence_mark(struct mpio_session *sess, int tpgt, u16 set,
			    u16 clear)
{
	struct mpio_fence_mark mark = { tpgt, set, clear };

	mpio_fence_each_held(sess, mpio_held_mark, &mark);
}

static void mpio_fence_kick_disks(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path)))
		mpio_fence_kick(path->disk);
}

struct mpio_fence_want {
	int after, lowest;	/* portal groups; -1: none */
	u32 patience;		/* ms that an answer may take, if it ends it */
};

/*
 * disk->lock held. Lowers want->lowest to the portal group of @held if that is above
 * want->after and a login there would help @held.
 */
static void mpio_held_wants(const struct mpio_disk *disk,
			    struct mpio_held *held, void *arg)
{
	const struct mpio_fence_target *t = READ_ONCE(disk->fence.target);
	u32 mode = mpio_held_mode(held);
	struct mpio_fence_want *want = arg;
	u16 flags = mpio_held_flags(held);

	lockdep_assert_held(&disk->lock);
	if (held->tpgt <= want->after || held->flags & HELD_MIXED ||
	    (want->lowest >= 0 && held->tpgt > want->lowest) ||
	    !mpio_fence_login_helps(disk, mode, flags))
		return;
	if (held->tpgt != want->lowest)
		want->patience = 0;
	want->lowest = held->tpgt;
	if (mpio_fence_login_ends(disk, mode, flags | HELD_LOGIN))
		want->patience = t->settle_ms;
}

/*
 * Sets want->lowest to the next portal group, above the last one found, that a
 * login would help held writes of, and want->patience with it. False: none is left.
 */
static bool mpio_fence_next_tpgt(struct mpio_session *sess,
				 struct mpio_fence_want *want)
{
	want->after = want->lowest;
	want->lowest = -1;
	want->patience = 0;
	mpio_fence_each_held(sess, mpio_held_wants, want);
	return want->lowest >= 0;
}

void mpio_fence_login_over(struct mpio_session *sess)
{
	/* Pairs with mpio_fence_decide(): it knows what became of it. */
	smp_store_release(&sess->login_out, false);
	/* A write that is held from here on is looked at by then. */
	if (mpio_fence_pending(sess))
		mpio_fence_kick_disks(sess);
}

void mpio_fence_try(struct mpio_session *sess)
{
	struct mpio_fence_want want = { .lowest = -1 };

	if (!mpio_fence_pending(sess))
		return;
	while (mpio_fence_next_tpgt(sess, &want)) {
		/* A removal waits for no slow backend. */
		if (sess->fence_exiting)
			want.patience = 0;
		if (!mpio_fence_reinstate(sess, want.lowest, want.patience))
			continue;
		mpio_fence_mark(sess, want.lowest, HELD_NET_OVER | HELD_LOGIN,
				HELD_SIBLING);
		mpio_fence_kick_disks(sess);
	}
	mpio_fence_mark(sess, -1, 0, HELD_SIBLING);
	mpio_fence_login_over(sess);
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
	mpio_fence_login_over(sess);
}

/*
 * disk->lock held. The session of @held goes. Another session of the same name and
 * ISID may be added and have the target end the nexus, and its logins are not seen
 * here: HELD_LOGOUT has the write wait for the target's time.
 */
static void mpio_held_abandon(const struct mpio_disk *disk,
			      struct mpio_held *held, void *unused)
{
	lockdep_assert_held(&disk->lock);
	held->flags &= ~HELD_SIBLING;
	if (!(held->flags & HELD_LOGIN))
		held->flags |= HELD_LOGOUT;
}

void mpio_fence_exit(struct mpio_session *sess)
{
	if (check_net(sess->net)) {
		sess->fence_exiting = true;
		mpio_fence_try(sess);
	}
	mpio_fence_each_held(sess, mpio_held_abandon, NULL);
	mpio_fence_kick_disks(sess);
}
