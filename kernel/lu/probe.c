// SPDX-License-Identifier: GPL-2.0
/*
 * Probing: INQUIRY, VPD pages, capacity and access state through one path,
 * and the verification of paths after each login and whenever a LU says that
 * it changed. A path carries I/O only after it was seen to lead to the LU its
 * head stands for.
 */
#include "lu/probe.h"

#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <scsi/scsi_proto.h>

#include "lu/alua.h"
#include "lu/identity.h"
#include "lu/ready.h"
#include "lu/registration.h"
#include "multipath/head.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_PROBE_TIMEOUT_MS	10000
#define MPIO_PROBE_FIRST_MS	2000	/* so that one LU delays no other */
#define MPIO_PROBE_TRIES	16	/* unit attentions come in bunches */
#define MPIO_PROBE_BUSY_MS	50
#define MPIO_PROBE_AGAIN	4
#define MPIO_PROBE_RESTORE_MS	200
#define MPIO_PROBE_ASKED_MS	100	/* until others have answered */
#define MPIO_PROBE_REFUSED_MS	1000	/* between looks at when to ask again */
#define MPIO_PROBE_VPD		255	/* bytes of a page, at first */
#define MPIO_PROBE_LUNS		16384	/* SAM-5: LUNs of one level */

int mpio_probe_init(struct mpio_probe *probe, unsigned int slot)
{
	probe->slot = slot;
	probe->timeout_ms = MPIO_PROBE_TIMEOUT_MS;
	init_completion(&probe->task.done);
	probe->buf = kmalloc(MPIO_PROBE_BUF, GFP_KERNEL);
	return probe->buf ? 0 : -ENOMEM;
}

/* One command, once. SAM status, or -errno. */
static int mpio_probe_once(struct mpio_session *sess, struct mpio_probe *probe,
			   u64 lun, u32 cdb_len, void *buf, u32 len)
{
	struct mpio_task *task = &probe->task;
	int err;

	mpio_task_init_internal(task, MPIO_TASK_INTERNAL, &probe->sg, buf, len);
	task->cdb = probe->cdb;
	task->cdb_len = cdb_len;
	task->read = len && !probe->write;
	task->write = len && probe->write;
	task->sense = probe->sense_data;
	mpio_lun_encode(lun, task->lun);
	task->path = probe->path;
	if (probe->path)
		task->lu_reset = &probe->path->head->was_reset;
	err = mpio_session_exec(sess, task, probe->slot, probe->timeout_ms);
	if (err)
		return err;
	if (task->response != PDU_RSP_COMPLETED)
		return -EIO;
	return task->status;
}

/*
 * One command, until it is neither a unit attention nor a busy LU that
 * answers. Bytes received, or -errno: -EIO with probe->sense for a CHECK
 * CONDITION.
 */
static int mpio_probe_run(struct mpio_session *sess, struct mpio_probe *probe,
			  u64 lun, u32 cdb_len, void *buf, u32 len)
{
	struct mpio_task *task = &probe->task;
	unsigned int i;

	for (i = 0; i < MPIO_PROBE_TRIES; i++) {
		int status = mpio_probe_once(sess, probe, lun, cdb_len, buf,
					     len);

		switch (status) {
		case SAM_STAT_GOOD:
			return task->data_len - task->residual;
		case SAM_STAT_CHECK_CONDITION:
			if (mpio_sense_parse(task->sense, task->sense_len,
					     &probe->sense))
				memset(&probe->sense, 0, sizeof(probe->sense));
			if (probe->sense.key == UNIT_ATTENTION) {
				mpio_attentions_add(&probe->lu.attentions,
						    probe->sense.asc,
						    probe->sense.ascq);
				/* Said once: what we know may be old now. */
				if (!mpio_pr_is_notice(probe->sense.key,
						       probe->sense.asc,
						       probe->sense.ascq))
					probe->changed = true;
				continue;
			}
			return -EIO;
		case SAM_STAT_BUSY:
		case SAM_STAT_TASK_SET_FULL:
			msleep(MPIO_PROBE_BUSY_MS);
			continue;
		default:
			return status < 0 ? status : -EBUSY;
		}
	}
	return -EBUSY;
}

int mpio_probe_read(struct mpio_session *sess, struct mpio_probe *probe,
		    u64 lun, u32 cdb_len, void *buf, u32 len)
{
	return mpio_probe_run(sess, probe, lun, cdb_len, buf, len);
}

int mpio_probe_write(struct mpio_session *sess, struct mpio_probe *probe,
		     u64 lun, u32 cdb_len, void *buf, u32 len)
{
	int ret;

	probe->write = true;
	ret = mpio_probe_run(sess, probe, lun, cdb_len, buf, len);
	probe->write = false;
	return ret;
}

/*
 * The LU does not know the page or command that was asked for. Any other
 * failure says nothing about what it would have answered.
 */
static bool mpio_probe_unknown(const struct mpio_probe *probe, int err)
{
	return err == -EIO && probe->sense.key == ILLEGAL_REQUEST;
}

static int mpio_probe_vpd_part(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun, u8 page,
			       u32 size)
{
	u32 len = mpio_cdb_vpd(probe->cdb, page, size);

	return mpio_probe_run(sess, probe, lun, len, probe->buf, size);
}

/*
 * A LU older than SPC-3 knows one byte of the length (SPC-2 7.3): more is
 * asked for only where the page says that there is more.
 */
static int mpio_probe_vpd(struct mpio_session *sess, struct mpio_probe *probe,
			  u64 lun, u8 page)
{
	int n = mpio_probe_vpd_part(sess, probe, lun, page, MPIO_PROBE_VPD);
	u32 whole;

	if (n < 4)
		return n;
	whole = 4 + mpio_get16(probe->buf + 2);
	if (whole <= MPIO_PROBE_VPD || n < MPIO_PROBE_VPD)
		return n;
	n = mpio_probe_vpd_part(sess, probe, lun, page,
				min_t(u32, whole, MPIO_PROBE_BUF));
	if (!mpio_probe_unknown(probe, n))
		return n;
	return mpio_probe_vpd_part(sess, probe, lun, page, MPIO_PROBE_VPD);
}

static int mpio_probe_inquiry(struct mpio_session *sess,
			      struct mpio_probe *probe, u64 lun)
{
	u32 len = mpio_cdb_inquiry(probe->cdb, 96);
	int n = mpio_probe_run(sess, probe, lun, len, probe->buf, 96);

	if (n < 0)
		return n;
	if (mpio_inquiry_parse(probe->buf, n, &probe->lu.inquiry))
		return -EPROTO;
	return probe->lu.inquiry.qualifier ? -ENODEV : 0;
}

/* Designator of page 83, else vendor, product and serial; and these. */
static int mpio_probe_identity(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_unit *unit = &lu->unit;
	int n = mpio_probe_vpd(sess, probe, lun, 0x83);

	if (n < 0 && !mpio_probe_unknown(probe, n))
		return n;
	memset(unit, 0, sizeof(*unit));
	unit->type = lu->inquiry.type;
	strscpy(unit->vendor, lu->inquiry.vendor, sizeof(unit->vendor));
	strscpy(unit->product, lu->inquiry.product, sizeof(unit->product));
	probe->vpd83.has_tpg = false;
	unit->id.type = MPIO_LU_ID_NONE;
	if (n > 0 && !mpio_vpd83_parse(probe->buf, n, &probe->vpd83))
		unit->id = probe->vpd83.id;
	n = mpio_probe_vpd(sess, probe, lun, 0x80);
	if (n < 0 && !mpio_probe_unknown(probe, n))
		return n;
	if (n > 0)
		mpio_vpd_serial(probe->buf, n, unit->serial);
	if (unit->id.type == MPIO_LU_ID_NONE)
		mpio_lu_id_serial(&unit->id, &lu->inquiry, unit->serial);
	return 0;
}

static int mpio_probe_capacity(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_capacity cap;
	int n;

	lu->unit.size = 0;
	if (lu->inquiry.type != TYPE_DISK)
		return 0;
	n = mpio_probe_run(sess, probe, lun,
			   mpio_cdb_read_capacity16(probe->cdb, 32),
			   probe->buf, 32);
	if (n == -ENOTCONN)
		return n;
	if (n < 0 || mpio_capacity16_parse(probe->buf, n, &cap)) {
		n = mpio_probe_run(sess, probe, lun,
				   mpio_cdb_read_capacity10(probe->cdb),
				   probe->buf, 8);
		if (n == -ENOTCONN)
			return n;
		if (n < 0 || mpio_capacity10_parse(probe->buf, n, &cap))
			return 0;	/* a standby port need not say */
	}
	if (cap.last_lba < div_u64(U64_MAX, max(cap.block_size, 1U)))
		lu->unit.size = (cap.last_lba + 1) * cap.block_size;
	return 0;
}

static int mpio_probe_lu_once(struct mpio_session *sess,
			      struct mpio_probe *probe, u64 lun)
{
	int err;

	probe->lu.lun = lun;
	probe->lu.begun = jiffies;
	/* Clears the unit attentions of a new nexus, too. */
	err = mpio_ready_ask(sess, probe, lun);
	if (err)
		return err;
	probe->changed = false;
	err = mpio_probe_inquiry(sess, probe, lun);
	if (err)
		return err;
	err = mpio_probe_identity(sess, probe, lun);
	if (!err)
		err = mpio_probe_capacity(sess, probe, lun);
	if (!err)
		err = mpio_alua_ask(sess, probe, lun);
	return err;
}

int mpio_probe_lu(struct mpio_session *sess, struct mpio_probe *probe, u64 lun)
{
	unsigned int i;
	int err;

	memset(&probe->lu.attentions, 0, sizeof(probe->lu.attentions));
	/* A unit attention in between: what came before it may be stale. */
	for (i = 0; i < MPIO_PROBE_AGAIN; i++) {
		err = mpio_probe_lu_once(sess, probe, lun);
		if (err || !probe->changed)
			return err;
	}
	return -EAGAIN;
}

int mpio_probe_report_luns(struct mpio_session *sess, struct mpio_probe *probe,
			   u8 **big, struct mpio_luns *luns)
{
	u32 len;
	int n;

	*big = NULL;
	n = mpio_probe_run(sess, probe, 0,
			   mpio_cdb_report_luns(probe->cdb, MPIO_PROBE_BUF),
			   probe->buf, MPIO_PROBE_BUF);
	if (n < 0)
		return mpio_probe_unknown(probe, n) ? -EOPNOTSUPP : n;
	if (mpio_luns_parse(probe->buf, n, luns))
		return -EPROTO;
	if (luns->count >= luns->reported)
		return 0;
	if (luns->reported > MPIO_PROBE_LUNS)
		return -EPROTO;
	len = 8 + 8 * luns->reported;
	*big = kmalloc(len, GFP_KERNEL | __GFP_NOWARN);
	if (!*big)
		return -ENOMEM;
	n = mpio_probe_run(sess, probe, 0,
			   mpio_cdb_report_luns(probe->cdb, len), *big, len);
	if (n >= 0 && !mpio_luns_parse(*big, n, luns) &&
	    luns->count >= luns->reported)
		return 0;
	kfree(*big);
	*big = NULL;
	return n < 0 ? n : -EAGAIN;
}

/* ---------------------------------------------------------- verification */

/* The path does not lead to its disk, or it is not certain that it does. */
static void mpio_probe_reject(struct mpio_path *path,
			      enum mpio_verdict verdict, const char *why)
{
	if (verdict == MPIO_VERDICT_WAIT) {
		mpio_path_set_state(path, MPIO_PATH_RECOVERING, why);
		mpio_session_verify_later(path->sess, MPIO_PROBE_ASKED_MS);
		return;
	}
	if (READ_ONCE(path->state) != MPIO_PATH_FENCED)
		pr_warn("session %u lun %llu fenced: %s\n", path->sess->id,
			path->lun, why);
	mpio_path_set_state(path, MPIO_PATH_FENCED, why);
	/* A scan shows the other one, if the disk is not in use. */
	if (verdict == MPIO_VERDICT_OTHER && !READ_ONCE(path->orphan)) {
		WRITE_ONCE(path->orphan, true);
		mpio_session_rescan(path->sess);
	}
}

void mpio_probe_judge(struct mpio_path *path, const struct mpio_lu *lu,
		      u32 doubts)
{
	enum mpio_verdict verdict;
	const char *why;

	mpio_identity_answered(path, lu);
	verdict = mpio_identity_judge(path, lu, &why);
	if (verdict != MPIO_VERDICT_FIT) {
		mpio_probe_reject(path, verdict, why);
		return;
	}
	WRITE_ONCE(path->orphan, false);
	mpio_fence_learn(path->head, &lu->inquiry);
	WRITE_ONCE(path->tpg, lu->tpg);
	WRITE_ONCE(path->alua_pref, lu->alua_pref);
	WRITE_ONCE(path->tpgs, lu->inquiry.tpgs);
	mpio_path_set_alua(path, lu->alua_state);
	mpio_alua_share(path->head, path, lu);
	if (mpio_ready_judge(path, lu)) {
		mpio_path_set_state(path, MPIO_PATH_STANDBY,
				    "its access state does not allow I/O");
	} else if (mpio_path_trust(path, doubts)) {
		mpio_ready_served(path);
		mpio_head_update_policy(path->head);
	} else {
		mpio_session_verify(path->sess);
	}
	if (lu->alua_state == MPIO_ALUA_TRANSITIONING)
		mpio_session_verify_later(path->sess, MPIO_ALUA_POLL_MS);
	/* A scan is what lets the disk follow. */
	if (lu->unit.size && lu->unit.size != READ_ONCE(path->head->unit.size))
		mpio_session_rescan(path->sess);
}

/* Before a path to the right LU is trusted: 0, or -errno and it is not. */
static int mpio_probe_restore(struct mpio_session *sess, struct mpio_path *path)
{
	const struct mpio_lu *lu = &sess->verify->lu;
	const char *why;
	int err;

	if (mpio_identity_judge(path, lu, &why) != MPIO_VERDICT_FIT ||
	    (lu->unready.key && !READ_ONCE(path->head->admits)))
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

static int mpio_probe_verify_path(struct mpio_session *sess,
				  struct mpio_path *path)
{
	bool ready = READ_ONCE(path->state) == MPIO_PATH_READY;
	bool asked = xchg(&path->ask, false);
	u32 doubts = READ_ONCE(path->doubts);
	int err;

	WRITE_ONCE(path->look_now, false);
	WRITE_ONCE(path->looked, jiffies);
	if (!asked && mpio_ready_same(path, sess->verify))
		return 0;
	sess->verify->path = path;	/* a reset of its LU ends them, too */
	err = mpio_probe_lu(sess, sess->verify, path->lun);
	sess->verify->path = NULL;
	mpio_attentions_owe(path, &sess->verify->lu.attentions);
	path->looked_doubts = doubts;
	if (err == -ECANCELED) {
		mpio_session_verify_later(sess, MPIO_PROBE_BUSY_MS);
		return 0;
	}
	if (!err) {
		path->slow = false;
		err = mpio_probe_restore(sess, path);
		if (err)
			return err == -ENOTCONN ? err : 0;
		mpio_probe_judge(path, &sess->verify->lu, doubts);
		if (!mpio_alua_activate(path, sess->verify))
			return 0;
		if (READ_ONCE(path->state) != MPIO_PATH_READY)
			mpio_path_suspect(path, "its group is being activated");
		else if (!mpio_probe_lu(sess, sess->verify, path->lun))
			mpio_probe_judge(path, &sess->verify->lu, doubts);
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

/* -ENOTCONN when the session went away under it, else 0. */
static int mpio_probe_verify_paths(struct mpio_session *sess, bool slow)
{
	struct mpio_path *path = NULL;
	int err = 0;

	while (!err && (path = mpio_path_next(sess, path))) {
		if ((!mpio_ready_due(path) && !READ_ONCE(path->ask)) ||
		    path->slow != slow)
			continue;
		if (READ_ONCE(path->orphan) && mpio_head_unused(path->head))
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
