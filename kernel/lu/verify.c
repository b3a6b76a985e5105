// SPDX-License-Identifier: GPL-2.0
/*
 * The verification of paths after each login and whenever a LU says that it
 * changed. A path carries I/O only after it was seen to lead to the LU its disk
 * stands for.
 */
#include "lu/verify.h"

#include <linux/sched/mm.h>

#include "lu/alua.h"
#include "lu/identity.h"
#include "lu/probe.h"
#include "lu/ready.h"
#include "lu/restore.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "multipath/policy.h"
#include "session/session.h"

#define MPIO_PROBE_FIRST_MS	2000	/* so that one LU delays no other */
#define MPIO_PROBE_RESTORE_MS	200
#define MPIO_PROBE_ASKED_MS	100	/* until others have answered */
#define MPIO_PROBE_REFUSED_MS	1000	/* between looks at when to ask again */
/* The path does not lead to its disk, or it is not certain that it does. */
static void mpio_probe_reject(struct mpio_path *path,
			      enum mpio_verdict verdict, const char *why)
{
	bool known;

	if (verdict == MPIO_VERDICT_WAIT) {
		mpio_path_set_state(path, MPIO_PATH_RECOVERING, why);
		mpio_session_verify_later(path->sess, MPIO_PROBE_ASKED_MS);
		return;
	}
	if (READ_ONCE(path->state) != MPIO_PATH_FENCED)
		pr_warn("session %u lun %llu fenced: %s [MPIO0018]\n", path->sess->id,
			path->lun, why);
	if (verdict != MPIO_VERDICT_OTHER) {
		mpio_path_set_state(path, MPIO_PATH_FENCED, why);
		return;
	}
	/* A scan shows the other one, if the disk is not in use. */
	known = READ_ONCE(path->stale);
	mpio_path_set_stale(path, why);
	if (!known)
		mpio_session_rescan(path->sess);
}

void mpio_verify_apply(struct mpio_path *path, const struct mpio_lu *lu,
		       u32 gen)
{
	enum mpio_verdict verdict;
	const char *why;

	mpio_identity_answered(path, lu);
	verdict = mpio_identity_check(path, lu, &why);
	if (verdict != MPIO_VERDICT_FIT) {
		mpio_probe_reject(path, verdict, why);
		return;
	}
	mpio_path_unset_stale(path, gen);
	mpio_fence_learn(path->disk, &lu->inquiry);
	WRITE_ONCE(path->tpg, lu->tpg);
	WRITE_ONCE(path->alua_pref, lu->alua_pref);
	WRITE_ONCE(path->tpgs, lu->inquiry.tpgs);
	mpio_path_set_alua(path, lu->alua_state);
	mpio_alua_share(path->disk, path, lu);
	if (mpio_ready_check(path, lu)) {
		if (!mpio_path_stand_by(path, gen))
			mpio_session_verify(path->sess);
	} else if (mpio_path_verified(path, gen)) {
		mpio_ready_served(path);
		mpio_policy_update(path->disk);
	} else {
		mpio_session_verify(path->sess);
	}
	if (lu->alua_state == MPIO_ALUA_TRANSITIONING)
		mpio_session_verify_later(path->sess, MPIO_ALUA_POLL_MS);
	/* A scan is what lets the disk follow. */
	if (lu->unit.size && lu->unit.size != READ_ONCE(path->disk->unit.size))
		mpio_session_rescan(path->sess);
}

/* Before a path to the right LU is READY: 0, or -errno and it is not. */
static int mpio_probe_restore(struct mpio_session *sess, struct mpio_path *path)
{
	const struct mpio_lu *lu = &sess->verify->lu;
	const char *why;
	int err;

	if (mpio_identity_check(path, lu, &why) != MPIO_VERDICT_FIT ||
	    (lu->unready.key && !READ_ONCE(path->disk->admits)))
		return 0;
	err = mpio_registration_restore(path, sess->verify);
	if (!err || err == -ENOTCONN)
		return err;
	mpio_path_set_alua(path, lu->alua_state);
	mpio_path_set_state(path, MPIO_PATH_RECOVERING,
			    "its registration is not restored yet");
	mpio_session_verify_later(sess, err == -EAGAIN ? MPIO_PROBE_RESTORE_MS :
				  MPIO_PROBE_REFUSED_MS);
	return err;
}

static int mpio_probe_look_at(struct mpio_session *sess,
			      struct mpio_path *path)
{
	bool ready = READ_ONCE(path->state) == MPIO_PATH_READY;
	bool asked = xchg(&path->ask, false);
	u32 gen = READ_ONCE(path->verify_gen);
	int err;

	WRITE_ONCE(path->look_now, false);
	WRITE_ONCE(path->looked, jiffies);
	if (!asked && mpio_ready_same(path, sess->verify))
		return 0;
	/* So that a reset of the path's LU ends the probe's commands as well. */
	sess->verify->path = path;
	err = mpio_probe_lu(sess, sess->verify, path->lun);
	sess->verify->path = NULL;
	mpio_attentions_owe(path, &sess->verify->lu.attentions);
	path->looked_gen = gen;
	if (err == -ECANCELED) {
		mpio_session_verify_later(sess, MPIO_PROBE_BUSY_MS);
		return 0;
	}
	if (!err) {
		path->slow = false;
		err = mpio_probe_restore(sess, path);
		if (err)
			return err == -ENOTCONN ? err : 0;
		mpio_verify_apply(path, &sess->verify->lu, gen);
		if (!mpio_alua_activate(path, sess->verify))
			return 0;
		if (READ_ONCE(path->state) != MPIO_PATH_READY)
			mpio_path_reverify(path, "its group is being activated");
		else if (!mpio_probe_lu(sess, sess->verify, path->lun))
			mpio_verify_apply(path, &sess->verify->lu, gen);
	} else if (err == -ENODEV) {
		if (READ_ONCE(path->state) != MPIO_PATH_FENCED)
			mpio_session_rescan(sess);
		mpio_path_set_state(path, MPIO_PATH_FENCED,
				    "no logical unit answers here any more");
	} else if (err != -ENOTCONN && !(asked && ready)) {
		path->slow = err == -ETIMEDOUT;
		mpio_path_set_state(path, MPIO_PATH_RECOVERING,
				    "the logical unit does not answer properly");
		err = 0;
	}
	return err == -ENOTCONN ? err : 0;
}

static int mpio_probe_verify_path(struct mpio_session *sess,
				  struct mpio_path *path)
{
	int err;

	sess->verify->of = path;
	err = mpio_probe_look_at(sess, path);
	sess->verify->of = NULL;
	return err;
}

/* -ENOTCONN when the session went away under it, else 0. */
static int mpio_probe_verify_paths(struct mpio_session *sess, bool slow)
{
	struct mpio_path *path = NULL;
	int err = 0;

	while (!err && (path = mpio_path_next(sess, path))) {
		if ((!mpio_ready_due(path) && !READ_ONCE(path->ask)) ||
		    path->slow != slow)
			continue;
		if (READ_ONCE(path->stale) && mpio_disk_unused(path->disk))
			mpio_session_rescan(sess);
		if (mpio_registration_rests(path))
			mpio_session_verify_later(sess, MPIO_PROBE_REFUSED_MS);
		else
			err = mpio_probe_verify_path(sess, path);
	}
	if (path)
		mpio_path_put(path);
	return err;
}

void mpio_probe_verify_work(struct work_struct *work)
{
	struct mpio_session *sess = container_of(to_delayed_work(work),
						 struct mpio_session,
						 verify_work);
	unsigned int noio = memalloc_noio_save();
	bool first;

	sess->verify->timeout_ms = MPIO_PROBE_FIRST_MS;
	if (!mpio_probe_verify_paths(sess, false)) {
		sess->verify->timeout_ms = MPIO_PROBE_TIMEOUT_MS;
		mpio_probe_verify_paths(sess, true);
	}
	spin_lock_irq(&sess->lock);
	first = !sess->scanned;
	spin_unlock_irq(&sess->lock);
	if (first && mpio_session_state(sess) == MPIO_SESSION_LOGGED_IN)
		mpio_session_rescan(sess);
	memalloc_noio_restore(noio);
}
