// SPDX-License-Identifier: GPL-2.0
/*
 * The fence's LOGICAL UNIT RESET: one for a disk at a time, sent for all that
 * waits for it, over another path where one does not take it. See fence.c.
 */
#include "multipath/held.h"

#include <linux/sched.h>

#include "base/work.h"
#include "conn/conn.h"
#include "multipath/fence.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "multipath/reset.h"
#include "proto/pdu.h"
#include "session/session.h"

/* How long a backend may keep a reset waiting before another path is asked. */
#define MPIO_FENCE_ANSWER_MS	60000
#define MPIO_FENCE_BACKOFF_MS	100U
#define MPIO_FENCE_BACKOFF_MAX	5000U

static bool mpio_fence_path_alive(const struct mpio_path *path)
{
	enum mpio_path_state state = READ_ONCE(path->state);

	return (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY) &&
	       !READ_ONCE(path->removing) &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}

/*
 * Under rcu_read_lock(). The living path that the next reset goes over: rather one
 * that is READY, rather not the path of the last reset. NULL if there is none;
 * @refused then says whether living paths exist that refuse resets.
 */
static struct mpio_path *mpio_fence_best(struct mpio_disk *disk, bool *refused)
{
	const struct mpio_path_set *set = rcu_dereference(disk->paths);
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
		if (path->id != disk->fence.last_path)
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

/* The path of mpio_fence_best(), referenced. */
static struct mpio_path *mpio_fence_pick(struct mpio_disk *disk)
{
	struct mpio_path *path;
	bool refused;

	rcu_read_lock();
	path = mpio_fence_best(disk, &refused);
	if (path && !kref_get_unless_zero(&path->ref))
		path = NULL;
	rcu_read_unlock();
	return path;
}

bool mpio_fence_refused(struct mpio_disk *disk)
{
	bool refused;

	rcu_read_lock();
	mpio_fence_best(disk, &refused);
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
	struct mpio_disk *disk = container_of(task, struct mpio_disk,
					      fence.reset);

	/* Pairs with mpio_fence_work(), which reads what was answered. */
	smp_store_release(&disk->fence.answered, true);
	mod_delayed_work(mpio_recover_wq, &disk->fence.work, 0);
	mpio_disk_put(disk);
}

static void mpio_fence_end_reset(struct mpio_fence *f)
{
	struct mpio_path *path = f->path;

	f->path = NULL;
	clear_bit(f->slot, &path->sess->fence_slots);
	mpio_path_put(path);
}

/* What the path has to be still when the answer comes. False: it is not any more. */
static bool mpio_fence_note_gen(struct mpio_fence *f,
				const struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	bool alive;

	spin_lock_irq(&disk->lock);
	f->verify_gen = path->verify_gen;
	alive = mpio_fence_path_alive(path);
	spin_unlock_irq(&disk->lock);
	return alive;
}

/* Sends one over the path, whose reference it takes over. */
static bool mpio_fence_send(struct mpio_disk *disk, struct mpio_path *path,
			    const struct mpio_fence_look *look)
{
	struct mpio_fence *f = &disk->fence;
	struct mpio_task *task = &f->reset;
	int slot = -EBUSY;

	if (mpio_fence_note_gen(f, path))
		slot = mpio_fence_take_slot(path->sess);
	if (slot < 0) {
		mpio_path_put(path);
		return false;
	}
	f->path = path;
	f->slot = slot;
	f->last_path = path->id;
	f->asked = look->now;
	f->answered = false;
	mpio_task_init_internal(task, MPIO_TASK_TMF, NULL, NULL, 0);
	task->ended = mpio_fence_answered;
	task->tmf_function = PDU_TMF_LU_RESET;
	task->tmf_ref_itt = PDU_TAG_NONE;
	task->tmf_ref_cmdsn = 0;
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	mpio_tmf_lu_is_reset(disk);
	mpio_disk_get(disk);		/* dropped when it is answered */
	if (mpio_session_submit(path->sess, task, MPIO_SLOT_FENCE + slot)) {
		mpio_tmf_reset_over(path, MPIO_RESET_REFUSED, f->asked);
		mpio_disk_put(disk);	/* never the last: tasks are held */
		mpio_fence_end_reset(f);
		return false;
	}
	pr_info_ratelimited("disk %u: %s over path %u, for writes that may be under way [MPIO0007]\n",
			    disk->id, mpio_tmf_name(task->tmf_function),
			    path->id);
	return true;
}

static void mpio_fence_back_off(struct mpio_fence *f)
{
	f->backoff_ms = clamp(2 * f->backoff_ms, MPIO_FENCE_BACKOFF_MS,
			      MPIO_FENCE_BACKOFF_MAX);
	f->again = (jiffies + msecs_to_jiffies(f->backoff_ms)) | 1;
}

/*
 * disk->lock held. Has the reset, which was carried out, ended @held? Not if a login
 * that was sent later had the target close the old session already when the reset
 * came: the reset passes over such a session. After settle_ms the session is closed,
 * and the reset counts again. What another initiator's reset has is none of the
 * session's any more.
 */
static bool mpio_held_is_over(const struct mpio_disk *disk,
			      const struct mpio_held *held)
{
	unsigned long login = READ_ONCE(held->sess->login_asked);
	const struct mpio_fence *f = &disk->fence;

	lockdep_assert_held(&disk->lock);
	return !f->target->settle_ms || held->flags & HELD_DENIED || !login ||
	       time_before(login, f->asked) ||
	       time_after_eq(f->asked, held->since +
			     msecs_to_jiffies(f->target->settle_ms));
}

/*
 * disk->lock held. Was the reset that is over now sent for @held, and has it ended
 * @held if it was done? Clears HELD_ASKED.
 */
static bool mpio_held_was_asked(const struct mpio_disk *disk,
				struct mpio_held *held)
{
	bool asked = held->flags & HELD_ASKED;

	lockdep_assert_held(&disk->lock);
	held->flags &= ~HELD_ASKED;
	return asked && mpio_held_is_over(disk, held);
}

/* The reset is over. If it was done, writes and ghosts that it was sent for are. */
static void mpio_fence_settle(struct mpio_disk *disk, bool done,
			      struct mpio_fence_look *look)
{
	struct mpio_ghost *ghost, *next_ghost;
	struct mpio_task *task, *next;

	spin_lock_irq(&disk->lock);
	list_for_each_entry_safe(task, next, &disk->fence.held, node)
		if (mpio_held_was_asked(disk, &task->held) && done)
			list_move_tail(&task->node, &look->go);
	list_for_each_entry_safe(ghost, next_ghost, &disk->fence.ghosts, node)
		if (mpio_held_was_asked(disk, &ghost->held) && done)
			list_move_tail(&ghost->node, &look->ended);
	spin_unlock_irq(&disk->lock);
}

/*
 * Was the LU of the disk reset? Not for sure if path->verify_gen has changed since:
 * the path may have led to another LU when the reset came.
 */
static enum mpio_reset_end mpio_fence_reset_end(const struct mpio_fence *f)
{
	const struct mpio_task *task = &f->reset;
	struct mpio_path *path = f->path;
	bool same = READ_ONCE(path->verify_gen) == f->verify_gen;

	if (task->error)
		return MPIO_RESET_LOST;
	if (task->response == PDU_TMF_RSP_COMPLETE)
		return same ? MPIO_RESET_DONE : MPIO_RESET_UNSURE;
	if (!same)
		return MPIO_RESET_REFUSED;
	pr_notice_ratelimited("session %u lun %llu: LOGICAL UNIT RESET refused: %s [MPIO0008]\n",
			      path->sess->id, path->lun,
			      mpio_tmf_response(task->response));
	WRITE_ONCE(path->no_reset, true);
	return MPIO_RESET_REFUSED;
}

void mpio_fence_take_answer(struct mpio_disk *disk,
			    struct mpio_fence_look *look)
{
	struct mpio_fence *f = &disk->fence;
	enum mpio_reset_end end = mpio_fence_reset_end(f);
	bool done = end == MPIO_RESET_DONE;

	/* Before a held write is sent again: the reset must not seem to concern it. */
	mpio_tmf_reset_over(f->path, end, f->asked);
	if (done) {
		f->backoff_ms = 0;
		f->again = 0;
	} else {
		mpio_fence_back_off(f);
	}
	mpio_fence_settle(disk, done, look);
	mpio_fence_end_reset(f);
}

/*
 * A reset is on its way. After MPIO_FENCE_ANSWER_MS its path is taken to be at fault:
 * the task is given up, and the next reset goes over another path.
 */
void mpio_fence_watch(struct mpio_disk *disk, struct mpio_fence_look *look)
{
	struct mpio_fence *f = &disk->fence;
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

void mpio_fence_ask(struct mpio_disk *disk, struct mpio_fence_look *look)
{
	struct mpio_fence *f = &disk->fence;
	struct mpio_path *path;

	if (f->again && time_before(look->now, f->again)) {
		mpio_fence_look_again(look, f->again);
		goto nothing;
	}
	path = mpio_fence_pick(disk);
	if (!path)
		goto nothing;		/* the next path kicks */
	if (mpio_fence_send(disk, path, look)) {
		mpio_fence_watch(disk, look);
		return;
	}
	mpio_fence_back_off(f);
	mpio_fence_look_again(look, f->again);
nothing:
	mpio_fence_settle(disk, false, look);
}
