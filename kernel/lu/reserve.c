// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations of a disk: PERSISTENT RESERVE OUT, whether it comes
 * by the kernel's pr_ops or as pass-through, speaks for one I_T nexus at the
 * target and for the disk, that is all of its paths, here.
 *
 * - REGISTER, REGISTER AND IGNORE EXISTING KEY: on every path that answers.
 *   Paths that do not (down, no answer, LU not ready) get it before they carry
 *   I/O again: see restore.c. If a living nexus refuses, the others are
 *   put back and the command fails with that answer: a cluster must not believe
 *   in a registration that one path has not. Only a nexus that had another key
 *   than the one being replaced is simply set right like one that was away.
 *   Unregistering (key 0) is what nobody may be kept from: one nexus that
 *   does it is enough, the others follow when they can.
 * - RELEASE: on every path, as only the nexus that holds the reservation can
 *   end it, and the others do nothing and say GOOD. If the holder is away, another
 *   path takes the reservation over first (PREEMPT of our own key, with I/O on
 *   the other paths stopped until they are registered again).
 * - RESERVE, CLEAR, PREEMPT: on one path. When it dies under the command, on
 *   another one once the old nexus is over (see fence.h), as one that comes
 *   late would do it a second time. A refusal there is checked against what the
 *   target says of keys and reservation: the first may have done it.
 * - PREEMPT AND ABORT, and service actions unknown here: on one path, and never
 *   a second time once sent.
 *
 * - REGISTER AND MOVE: by the path that holds the reservation. With UNREG the
 *   disk has no registration afterwards, and what its other nexuses have goes.
 *
 * A reservation type for one holder alone (1, 3) shuts out our own paths but
 * one: see holder.c.
 *
 * Ownership: between mpio_reserve_submit() and scsi_done() the task belongs to
 * the disk like a parked one: on reserve.queue, in the hands of reserve.work,
 * or on disk->parked while there is no path. The work sends commands of its
 * own, in the ITT slot of the task's tag, which no connection uses meanwhile,
 * and completes the task itself; a mpio_reserve_run lives no longer than one
 * run of the work. The work has a reference to the disk for each time it is
 * queued, and to the path whose answer it sleeps for.
 *
 * What ends it: an answer, or the loss of the connection, or the time limit of
 * one command (then ABORT TASK, else the session fails, see
 * mpio_session_exec()), or a LU reset, which marks the command of a path of
 * the LU. So session and disk removal, which wait for the task, wait for no
 * more than that: the next path is not LOGGED_IN or the disk is dying, and the
 * task fails as a parked one does; so does NoPathTimeout. The block layer's
 * time limit sets MPIO_TASK_ABORT, which is looked at between commands. Module
 * removal flushes the work queue once all devices are gone.
 */
#include "lu/reserve.h"

#include <linux/blk-mq.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

#include "lu/ask.h"
#include "lu/holder.h"
#include "lu/registration.h"
#include "multipath/fence.h"
#include "multipath/disk.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_RESERVE_LIST_MAX	SZ_64K	/* parameter list */
#define MPIO_RESERVE_TRIES	16
#define MPIO_RESERVE_REGISTER_MS 10000	/* of one path */
#define MPIO_RESERVE_NOTICE_MS	2000

/* How a run ends, besides 0 for GOOD. */
enum mpio_reserve_end {
	MPIO_RESERVE_GOOD,
	MPIO_RESERVE_REFUSED,	/* run->status ... have the answer */
	MPIO_RESERVE_AGAIN,	/* no path answered: wait, then anew */
	MPIO_RESERVE_FAILED,	/* may have run and must not run twice */
	MPIO_RESERVE_OVERDUE,
	MPIO_RESERVE_FENCED,	/* the nexus ->old has to end first */
};

struct mpio_reserve_run {
	struct mpio_disk *disk;
	struct mpio_task *task;
	struct mpio_pr_out out;
	bool known;		/* ->out says what the command does */
	u8 *list;		/* its parameter list */
	u32 len;
	bool lost;		/* it may have run without an answer */
	struct mpio_session *old;	/* its nexus may still run it, or NULL */
	u32 old_gen;		/* in which login it was sent */
	u16 old_tpgt;
	u8 response, status;	/* the first refusal */
	u16 sense_len;
	u8 sense[MPIO_SENSE_MAX];
	struct mpio_probe probe;
};

/* ----------------------------------------------------------------- paths */

/* The best path for a command that goes once, referenced, or NULL. */
static struct mpio_path *mpio_reserve_pick(const struct mpio_reserve_run *run)
{
	struct mpio_path *path = NULL, *best = NULL;
	unsigned int best_rank = 0;

	while ((path = mpio_path_next_of(run->disk, path))) {
		const struct mpio_registration *reg = &path->registration;
		unsigned int rank = 1;

		if (!mpio_path_usable(path))
			continue;
		if (mpio_alua_is_best(READ_ONCE(path->alua_state)))
			rank += 1;
		if (reg->sure && reg->key == run->out.key)
			rank += 2;
		if (path->id == run->disk->reserve.holder)
			rank += 4;
		if (rank <= best_rank)
			continue;
		if (best)
			mpio_path_put(best);
		best = mpio_path_get(path);
		best_rank = rank;
	}
	return best;
}

/* -------------------------------------------------------------- commands */

/* Nobody waits for the answer any more: its time is over, or its process dies. */
static bool mpio_reserve_overdue(const struct mpio_reserve_run *run)
{
	const struct mpio_task *task = run->task;

	return test_bit(MPIO_TASK_ABORT, &task->flags) ||
	       (task->issuer && fatal_signal_pending(task->issuer));
}

/* Was the last command, which has no answer, sent? */
static bool mpio_reserve_was_sent(const struct mpio_reserve_run *run)
{
	const struct mpio_task *t = &run->probe.task;

	return t->error != -ENOTCONN || test_bit(MPIO_TASK_WAS_SENT, &t->flags);
}

/* A command sent and lost may yet be executed, like a write: see fence.h. */
static void mpio_reserve_lost(struct mpio_reserve_run *run,
			      struct mpio_path *path, u32 gen, u16 tpgt)
{
	const struct mpio_task *t = &run->probe.task;

	if (!mpio_reserve_was_sent(run))
		return;
	run->lost = true;
	/* While the connection lives the command was aborted, so it is over. */
	if (t->error != -ENOTCONN || run->old)
		return;
	run->old = mpio_session_get(path->sess);
	run->old_gen = gen;
	run->old_tpgt = tpgt;
}

/* The command as it was given, on one path. */
static enum mpio_pr_answer mpio_reserve_send(struct mpio_reserve_run *run,
					     struct mpio_path *path)
{
	struct mpio_probe *probe = &run->probe;
	const struct scsi_cmnd *sc = run->task->sc;
	u32 gen = READ_ONCE(path->sess->login_gen);
	u16 tpgt = READ_ONCE(path->sess->tpgt);
	enum mpio_pr_answer answer;

	memcpy(probe->cdb, sc->cmnd, sizeof(probe->cdb));
	answer = mpio_pr_exec(path, probe, min_t(u32, sc->cmd_len,
						 sizeof(probe->cdb)),
			      run->list, run->len);
	if (answer == MPIO_PR_LOST)
		mpio_reserve_lost(run, path, gen, tpgt);
	/* A LU that keeps an answer to itself is no path for the next try. */
	if (answer == MPIO_PR_LATER ||
	    (answer == MPIO_PR_LOST &&
	     mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN))
		mpio_path_reverify(path,
				   "PERSISTENT RESERVE OUT was not answered");
	return answer;
}

static void mpio_reserve_note_refusal(struct mpio_reserve_run *run)
{
	const struct mpio_task *t = &run->probe.task;

	run->response = t->response;
	run->status = t->status;
	run->sense_len = t->status == SAM_STAT_CHECK_CONDITION ?
			 t->sense_len : 0;
	memcpy(run->sense, run->probe.sense_data, sizeof(run->sense));
}

/* ------------------------------------------------------------- REGISTER */

/* Was an earlier REGISTER on this path, whose answer was lost, carried out? */
static bool mpio_reserve_registered(struct mpio_reserve_run *run,
				    struct mpio_path *path)
{
	u32 gen = READ_ONCE(path->verify_gen);

	if (!path->registration.maybe || !mpio_pr_conflict(&run->probe))
		return false;
	if (run->out.new_key)
		return mpio_pr_register(path, &run->probe, MPIO_PR_REGISTER,
					run->out.new_key, run->out.new_key,
					run->out.flags) == MPIO_PR_GOOD;
	mpio_registration_set(path, 0, gen);
	return true;
}

/* Does the refusal concern this nexus alone, whose registration is set right later? */
static bool mpio_reserve_tolerable(const struct mpio_reserve_run *run)
{
	if (!run->out.new_key)
		return true;
	return run->out.action == MPIO_PR_REGISTER && run->out.key &&
	       mpio_pr_conflict(&run->probe);
}

/* False: refused, and that is all there is to say. */
static bool mpio_reserve_register_path(struct mpio_reserve_run *run,
				       struct mpio_path *path,
				       unsigned int *done, bool *refused)
{
	struct mpio_registration *reg = &path->registration;
	u32 gen = READ_ONCE(path->verify_gen);
	bool ignore = run->out.action == MPIO_PR_REGISTER_IGNORE;
	u64 before = ignore ? reg->key : run->out.key;
	bool tolerable;

	switch (mpio_reserve_send(run, path)) {
	case MPIO_PR_GOOD:
		mpio_registration_set(path, run->out.new_key, gen);
		break;
	case MPIO_PR_LOST:
		reg->maybe = true;
		/* Executed late, it may let in a nexus that was shut out meanwhile. */
		if (mpio_reserve_was_sent(run) && run->out.new_key)
			mpio_registration_unchecked(path, run->out.new_key,
						    ignore || !run->out.key);
		return true;
	case MPIO_PR_LATER:
		return true;
	default:
		tolerable = mpio_reserve_tolerable(run);
		if (!*refused)
			mpio_reserve_note_refusal(run);
		if (mpio_reserve_registered(run, path))
			break;
		*refused = true;
		return tolerable;
	}
	reg->unchecked = false;
	reg->before = before;
	reg->done = true;
	++*done;
	return true;
}

static void mpio_reserve_put_back(struct mpio_reserve_run *run)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next_of(run->disk, path))) {
		if (!path->registration.done ||
		    mpio_pr_register(path, &run->probe, MPIO_PR_REGISTER,
				     run->out.new_key,
				     path->registration.before,
				     run->out.flags) == MPIO_PR_GOOD)
			continue;
		/* verify_work sets the registration of this path right. */
		run->disk->reserve.next_key = run->out.new_key;
		mpio_registration_unchecked(path, run->out.new_key, false);
		mpio_path_reverify(path, "its registration is uncertain");
	}
}

static enum mpio_reserve_end mpio_reserve_register(struct mpio_reserve_run *run)
{
	struct mpio_reserve *r = &run->disk->reserve;
	bool refused = false, go_on = true;
	struct mpio_path *path = NULL;
	unsigned int done = 0;

	while ((path = mpio_path_next_of(run->disk, path)))
		path->registration.done = false;
	r->next_key = run->out.new_key;
	while (go_on && !mpio_reserve_overdue(run) &&
	       (path = mpio_path_next_of(run->disk, path)))
		if (mpio_path_alive(path))
			go_on = mpio_reserve_register_path(run, path, &done,
							   &refused);
	if (path)
		mpio_path_put(path);
	if (go_on && done) {
		mpio_registration_commit(run->disk, run->out.new_key,
					 run->out.flags);
		if (!run->out.new_key)
			mpio_holder_set(run->disk, 0, 0);
		mpio_registration_sweep(run->disk);
		return MPIO_RESERVE_GOOD;
	}
	if (refused) {
		r->next_key = 0;
		mpio_reserve_put_back(run);
		mpio_registration_sweep(run->disk);
		return MPIO_RESERVE_REFUSED;
	}
	return mpio_reserve_overdue(run) ? MPIO_RESERVE_OVERDUE :
					   MPIO_RESERVE_AGAIN;
}

/* --------------------------------------------------------------- RELEASE */

/* The holder is away: by @path the reservation is made its own, and ended. */
static enum mpio_pr_answer mpio_reserve_take_over(struct mpio_reserve_run *run,
						  struct mpio_path *path)
{
	u32 gen = READ_ONCE(path->sess->login_gen);
	u16 tpgt = READ_ONCE(path->sess->tpgt);
	enum mpio_pr_answer answer;

	if (!mpio_holder_stop_others(run->disk, path))
		return MPIO_PR_LATER;
	answer = mpio_holder_move(path, &run->probe, run->out.key,
				  run->out.scope_type);
	if (answer == MPIO_PR_LOST)
		mpio_reserve_lost(run, path, gen, tpgt);
	return answer == MPIO_PR_GOOD ? mpio_reserve_send(run, path) : answer;
}

/* RELEASE was answered GOOD: does the target still report the reservation? */
static bool mpio_reserve_still_held(struct mpio_reserve_run *run,
				    struct mpio_path *path)
{
	struct mpio_pr_reservation res;

	return !mpio_pr_reservation(path, &run->probe, &res) && res.held &&
	       res.key == run->out.key &&
	       res.scope_type == run->out.scope_type;
}

static enum mpio_reserve_end
mpio_reserve_released(struct mpio_reserve_run *run, bool holder_answered)
{
	struct mpio_disk *disk = run->disk;
	struct mpio_path *path;
	enum mpio_pr_answer answer = MPIO_PR_GOOD;

	/* Some say GOOD to whoever holds nothing, whatever key he names. */
	if (!holder_answered && disk->reserve.holder &&
	    disk->reserve.key != run->out.key) {
		run->status = SAM_STAT_RESERVATION_CONFLICT;
		run->response = PDU_RSP_COMPLETED;
		return MPIO_RESERVE_REFUSED;
	}
	/*
	 * Only a reservation that we have made is taken over: if reserve.holder is 0
	 * another host that shares our key may hold it.
	 */
	if (!holder_answered && disk->reserve.holder) {
		path = mpio_reserve_pick(run);
		if (!path)
			return MPIO_RESERVE_AGAIN;
		if (mpio_reserve_still_held(run, path))
			answer = mpio_reserve_take_over(run, path);
		mpio_path_put(path);
	}
	switch (answer) {
	case MPIO_PR_GOOD:
		mpio_holder_set(disk, 0, 0);
		return MPIO_RESERVE_GOOD;
	case MPIO_PR_REFUSED:
		mpio_reserve_note_refusal(run);
		return MPIO_RESERVE_REFUSED;
	default:
		return MPIO_RESERVE_AGAIN;
	}
}

static enum mpio_reserve_end mpio_reserve_release(struct mpio_reserve_run *run)
{
	bool refused = false, holder_answered = false;
	struct mpio_path *path = NULL;
	unsigned int done = 0;

	while (!mpio_reserve_overdue(run) &&
	       (path = mpio_path_next_of(run->disk, path))) {
		bool ours = (path->registration.sure &&
			     path->registration.key == run->out.key) ||
			    path->id == run->disk->reserve.holder;

		if (!mpio_path_alive(path))
			continue;
		switch (mpio_reserve_send(run, path)) {
		case MPIO_PR_GOOD:
			done++;
			if (path->id == run->disk->reserve.holder)
				holder_answered = true;
			break;
		case MPIO_PR_REFUSED:
			/* One without registration has nothing to release. */
			if (!refused || ours)
				mpio_reserve_note_refusal(run);
			refused = true;
			if (!ours)
				break;
			mpio_path_put(path);
			return MPIO_RESERVE_REFUSED;
		default:
			break;
		}
		/* Late, it must not end what is reserved after this. */
		if (run->old)
			break;
	}
	if (path)
		mpio_path_put(path);
	if (run->old)
		return MPIO_RESERVE_FENCED;
	if (done)
		return mpio_reserve_released(run, holder_answered);
	if (refused)
		return MPIO_RESERVE_REFUSED;
	return mpio_reserve_overdue(run) ? MPIO_RESERVE_OVERDUE :
					   MPIO_RESERVE_AGAIN;
}

/* ------------------------------------------------ what goes on one path */

/* REGISTER AND MOVE: the holder is another nexus now, ours or not. */
static void mpio_reserve_moved(struct mpio_reserve_run *run,
			       struct mpio_path *path, u32 gen)
{
	struct mpio_disk *disk = run->disk;
	struct mpio_path *other = NULL;

	mpio_holder_set(disk, 0, 0);
	if (run->out.unregisters) {
		mpio_registration_set(path, 0, gen);
		/* The disk is unregistered, not one nexus of it. */
		while ((other = mpio_path_next_of(disk, other)))
			if (other != path && mpio_path_alive(other))
				mpio_pr_register(other, &run->probe,
						 MPIO_PR_REGISTER_IGNORE, 0, 0,
						 0);
		mpio_registration_drop(disk, false);
		return;
	}
	/* The new holder may be a nexus of ours, which then has a new key, too. */
	mpio_holder_reverify_others(disk, path);
	mpio_registration_sweep(disk);
}

/* The target has carried the command out: notes what our nexuses have now. */
static void mpio_reserve_learn(struct mpio_reserve_run *run,
			       struct mpio_path *path, u32 gen, bool by_it)
{
	struct mpio_disk *disk = run->disk;
	const struct mpio_pr_out *out = &run->out;
	bool preempts = out->action == MPIO_PR_PREEMPT ||
			out->action == MPIO_PR_PREEMPT_ABORT;

	if (!run->known)
		return;
	switch (out->action) {
	case MPIO_PR_CLEAR:
		mpio_registration_drop(disk, true);
		return;
	case MPIO_PR_REGISTER_MOVE:
		mpio_reserve_moved(run, path, gen);
		return;
	default:
		break;
	}
	if (out->action != MPIO_PR_RESERVE && !preempts)
		return;
	mpio_holder_set(disk, by_it ? path->id : MPIO_HOLDER_SOMEBODY,
			out->scope_type);
	if (!disk->reserve.key && out->key) {
		/* Registered before we knew the disk, it turns out. */
		mpio_registration_commit(disk, out->key, 0);
		mpio_registration_set(path, out->key, gen);
	}
	if (preempts && (!out->new_key || out->new_key == out->key))
		mpio_holder_reverify_others(disk, path);
	mpio_registration_sweep(disk);
}

/* Is the command granted only to the nexus that holds the reservation? */
static bool mpio_reserve_is_holders(const struct mpio_reserve_run *run)
{
	return run->known &&
	       (run->out.action == MPIO_PR_RESERVE ||
		(run->out.action == MPIO_PR_REGISTER_MOVE &&
		 mpio_pr_conflict(&run->probe)));
}

/*
 * One path was refused what only the holder of the reservation is granted: if another
 * nexus of the disk is the holder, the same command over that path ends GOOD. To
 * compare keys would not do, as hosts may share one.
 */
static bool mpio_reserve_by_holder(struct mpio_reserve_run *run,
				   struct mpio_path *path)
{
	struct mpio_path *other = NULL;
	bool held = false;

	if (!mpio_reserve_is_holders(run) || run->lost)
		return false;
	while (!held && !run->old && !mpio_reserve_overdue(run) &&
	       (other = mpio_path_next_of(run->disk, other))) {
		u32 gen = READ_ONCE(other->verify_gen);

		if (other == path || !mpio_path_alive(other))
			continue;
		held = mpio_reserve_send(run, other) == MPIO_PR_GOOD;
		if (held)
			mpio_reserve_learn(run, other, gen, true);
	}
	if (other)
		mpio_path_put(other);
	return held;
}

/*
 * The command was refused: is the target in the state that it asks for all the same?
 * An earlier try without an answer may have done it, or, for RESERVE, another
 * nexus of the disk may be the holder.
 */
static bool mpio_reserve_in_effect(struct mpio_reserve_run *run,
				   struct mpio_path *path)
{
	const struct mpio_pr_out *out = &run->out;
	u32 count, generation;

	if (!run->known || (!run->lost && !run->disk->reserve.holder))
		return false;
	switch (out->action) {
	case MPIO_PR_RESERVE:
		return mpio_reserve_still_held(run, path);
	case MPIO_PR_CLEAR:
		return !mpio_pr_count(path, &run->probe, out->key, &count,
				      &generation) && !count;
	case MPIO_PR_PREEMPT:
		if (out->new_key == out->key || !out->new_key)
			return mpio_reserve_still_held(run, path);
		return !mpio_pr_count(path, &run->probe, out->new_key,
				      &count, &generation) && !count;
	default:
		return false;
	}
}

static bool mpio_reserve_repeatable(const struct mpio_reserve_run *run)
{
	return run->known && (run->out.action == MPIO_PR_RESERVE ||
			      run->out.action == MPIO_PR_CLEAR ||
			      run->out.action == MPIO_PR_PREEMPT);
}

/* On one path. MPIO_RESERVE_AGAIN: on another one. */
static enum mpio_reserve_end
mpio_reserve_once_on(struct mpio_reserve_run *run, struct mpio_path *path)
{
	u32 gen = READ_ONCE(path->verify_gen);
	bool by_it = true;

	switch (mpio_reserve_send(run, path)) {
	case MPIO_PR_GOOD:
		break;
	case MPIO_PR_LATER:
		return MPIO_RESERVE_AGAIN;
	case MPIO_PR_LOST:
		if (run->lost && !mpio_reserve_repeatable(run))
			return MPIO_RESERVE_FAILED;
		return run->old ? MPIO_RESERVE_FENCED : MPIO_RESERVE_AGAIN;
	default:
		mpio_reserve_note_refusal(run);
		if (mpio_reserve_by_holder(run, path))
			return MPIO_RESERVE_GOOD;
		if (run->old)
			return MPIO_RESERVE_FENCED;
		if (!mpio_reserve_in_effect(run, path))
			return MPIO_RESERVE_REFUSED;
		by_it = false;
	}
	mpio_reserve_learn(run, path, gen, by_it);
	return MPIO_RESERVE_GOOD;
}

static enum mpio_reserve_end mpio_reserve_once(struct mpio_reserve_run *run)
{
	enum mpio_reserve_end end = MPIO_RESERVE_AGAIN;
	unsigned int tries = 0;
	struct mpio_path *path;

	run->lost = test_bit(MPIO_TASK_LOST, &run->task->flags);
	while (end == MPIO_RESERVE_AGAIN && tries++ < MPIO_RESERVE_TRIES) {
		if (mpio_reserve_overdue(run))
			return MPIO_RESERVE_OVERDUE;
		path = mpio_reserve_pick(run);
		if (!path)
			break;
		end = mpio_reserve_once_on(run, path);
		mpio_path_put(path);
	}
	if (run->lost)
		set_bit(MPIO_TASK_LOST, &run->task->flags);
	return end;
}

/* ---------------------------------------------------------------- a task */

static void mpio_reserve_refuse(struct mpio_reserve_run *run)
{
	struct scsi_cmnd *sc = run->task->sc;
	struct scsi_sense_hdr sshdr;

	/* For what it does not understand the midlayer stops the host. */
	if (run->response != PDU_RSP_COMPLETED ||
	    (run->status != SAM_STAT_CHECK_CONDITION &&
	     run->status != SAM_STAT_RESERVATION_CONFLICT &&
	     run->status != SAM_STAT_ACA_ACTIVE &&
	     run->status != SAM_STAT_TASK_ABORTED)) {
		mpio_task_fail(run->task, DID_ABORT);
		return;
	}
	sc->result = run->status;
	if (run->status == SAM_STAT_CHECK_CONDITION) {
		memset(sc->sense_buffer, 0, SCSI_SENSE_BUFFERSIZE);
		memcpy(sc->sense_buffer, run->sense,
		       min_t(u32, run->sense_len, MPIO_SENSE_MAX));
		if (!scsi_normalize_sense(sc->sense_buffer,
					  SCSI_SENSE_BUFFERSIZE, &sshdr))
			scsi_build_sense(sc, 0, ABORTED_COMMAND, 0, 0);
	}
	WRITE_ONCE(run->task->state, MPIO_TASK_IDLE);
	scsi_done(sc);
}

/* Until a path comes, or the nexus ends that may still run the command. */
static void mpio_reserve_wait(struct mpio_reserve_run *run,
			      enum mpio_reserve_end end)
{
	struct mpio_task *task = run->task;

	if (mpio_reserve_overdue(run)) {
		mpio_task_fail(task, DID_ABORT);
		return;
	}
	/* A command that costs a connection each time is given up. */
	if (task->losses++ >= MPIO_RESERVE_TRIES) {
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
		return;
	}
	if (end != MPIO_RESERVE_FENCED ||
	    !mpio_fence_hold_late(run->old, task, run->old_gen, run->old_tpgt))
		mpio_disk_park(run->disk, task);
}

static void mpio_reserve_finish(struct mpio_reserve_run *run,
				enum mpio_reserve_end end)
{
	struct mpio_task *task = run->task;

	switch (end) {
	case MPIO_RESERVE_GOOD:
		WRITE_ONCE(task->state, MPIO_TASK_IDLE);
		task->sc->result = 0;
		scsi_done(task->sc);
		break;
	case MPIO_RESERVE_REFUSED:
		mpio_reserve_refuse(run);
		break;
	case MPIO_RESERVE_OVERDUE:
		mpio_task_fail(task, DID_ABORT);
		break;
	case MPIO_RESERVE_AGAIN:
	case MPIO_RESERVE_FENCED:
		mpio_reserve_wait(run, end);
		break;
	default:
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
	}
}

/* The parameter list as it was given. False: the task is done with. */
static bool mpio_reserve_take_list(struct mpio_reserve_run *run)
{
	struct scsi_cmnd *sc = run->task->sc;

	run->len = scsi_bufflen(sc);
	if (run->len > MPIO_RESERVE_LIST_MAX) {
		/* PARAMETER LIST LENGTH ERROR */
		scsi_build_sense(sc, 0, ILLEGAL_REQUEST, 0x1a, 0);
		WRITE_ONCE(run->task->state, MPIO_TASK_IDLE);
		scsi_done(sc);
		return false;
	}
	run->list = kmalloc(max(run->len, 1U), GFP_KERNEL | __GFP_NOWARN);
	if (!run->list) {
		mpio_task_fail(run->task, DID_BUS_BUSY);
		return false;
	}
	scsi_sg_copy_to_buffer(sc, run->list, run->len);
	run->known = !mpio_pr_out_parse(sc->cmnd, run->list, run->len,
					&run->out);
	return true;
}

/*
 * A part of it may be executed late, whatever the other parts came to. Once
 * that cannot be any more, it is done again, and then has an answer.
 */
static enum mpio_reserve_end
mpio_reserve_end_late(const struct mpio_reserve_run *run,
		      enum mpio_reserve_end end)
{
	if (!run->old || end == MPIO_RESERVE_FAILED ||
	    end == MPIO_RESERVE_OVERDUE)
		return end;
	return MPIO_RESERVE_FENCED;
}

/* Does the target tell other nexuses of what the command does? SPC-5 5.14. */
static bool mpio_reserve_is_told(const struct mpio_reserve_run *run)
{
	switch (run->out.action) {
	case MPIO_PR_REGISTER:
	case MPIO_PR_REGISTER_IGNORE:
		return !run->out.new_key;
	case MPIO_PR_RESERVE:
		return false;
	default:
		return true;
	}
}

/*
 * Reads the unit attentions that the command has caused on our other nexuses, before
 * a command of somebody's is answered with one.
 */
static void mpio_reserve_read_notices(struct mpio_reserve_run *run)
{
	struct mpio_path *path = NULL;

	run->probe.timeout_ms = MPIO_RESERVE_NOTICE_MS;
	while ((path = mpio_path_next_of(run->disk, path)))
		if (mpio_path_alive(path))
			mpio_pr_exec(path, &run->probe,
				     mpio_cdb_test_unit_ready(run->probe.cdb),
				     NULL, 0);
	mpio_registration_absorb(run->disk, false);
}

static void mpio_reserve_run(struct mpio_reserve_run *run)
{
	u32 ms = jiffies_to_msecs(scsi_cmd_to_rq(run->task->sc)->timeout);
	bool told = mpio_reserve_is_told(run);
	enum mpio_reserve_end end;

	if (told)
		mpio_registration_absorb(run->disk, true);

	run->probe.timeout_ms = ms;
	if (run->known && (run->out.action == MPIO_PR_REGISTER ||
			   run->out.action == MPIO_PR_REGISTER_IGNORE)) {
		run->probe.timeout_ms = min_t(u32, ms,
					      MPIO_RESERVE_REGISTER_MS);
		end = mpio_reserve_register(run);
	} else {
		if (run->known && run->out.action == MPIO_PR_RELEASE)
			end = mpio_reserve_release(run);
		else
			end = mpio_reserve_once(run);
		end = mpio_reserve_end_late(run, end);
	}
	if (told)
		mpio_reserve_read_notices(run);
	mpio_reserve_finish(run, end);
}

static void mpio_reserve_task(struct mpio_disk *disk, struct mpio_task *task)
{
	struct mpio_reserve_run *run = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run || mpio_probe_init(&run->probe, task->slot)) {
		kfree(run);
		mpio_task_fail(task, DID_BUS_BUSY);
		return;
	}
	run->disk = disk;
	run->task = task;
	if (mpio_reserve_take_list(run))
		mpio_reserve_run(run);
	if (run->old)
		mpio_session_put(run->old);
	kfree_sensitive(run->list);
	kfree(run->probe.buf);
	kfree(run);
}

static struct mpio_task *mpio_reserve_take(struct mpio_disk *disk)
{
	struct mpio_task *task;

	spin_lock_irq(&disk->lock);
	task = list_first_entry_or_null(&disk->reserve.queue, struct mpio_task,
					node);
	if (task)
		list_del_init(&task->node);
	spin_unlock_irq(&disk->lock);
	return task;
}

static void mpio_reserve_work(struct work_struct *work)
{
	struct mpio_disk *disk = container_of(work, struct mpio_disk,
					      reserve.work);
	unsigned int noio = memalloc_noio_save();
	struct mpio_task *task;

	mutex_lock(&disk->reserve.mutex);
	while ((task = mpio_reserve_take(disk)))
		mpio_reserve_task(disk, task);
	mutex_unlock(&disk->reserve.mutex);
	memalloc_noio_restore(noio);
	mpio_disk_put(disk);
}

/*
 * A process that waits for the command with a completion on its stack cannot exit
 * before the command is over, so ->issuer needs no reference. Any other command
 * has no issuer, and only its time limit ends it early.
 */
void mpio_reserve_note_issuer(struct mpio_task *task)
{
	void *waiter = scsi_cmd_to_rq(task->sc)->end_io_data;

	task->issuer = in_task() && waiter && object_is_on_stack(waiter) ?
		       current : NULL;
}

void mpio_reserve_submit(struct mpio_disk *disk, struct mpio_task *task)
{
	unsigned long flags;

	mpio_disk_get(disk);
	spin_lock_irqsave(&disk->lock, flags);
	mpio_task_park(task);
	list_add_tail(&task->node, &disk->reserve.queue);
	spin_unlock_irqrestore(&disk->lock, flags);
	if (!queue_work(mpio_probe_wq, &disk->reserve.work))
		mpio_disk_put(disk);
}

void mpio_reserve_init(struct mpio_disk *disk)
{
	INIT_LIST_HEAD(&disk->reserve.queue);
	INIT_WORK(&disk->reserve.work, mpio_reserve_work);
	mutex_init(&disk->reserve.mutex);
}
