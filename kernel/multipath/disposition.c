// SPDX-License-Identifier: GPL-2.0
/*
 * The error table: one row per answer that means something for a path.
 *
 * What is not listed goes to the midlayer as the target said it; what would
 * wake the midlayer's error handler never does, as that would stop every LU
 * of the host: no DID_TIME_OUT, no CHECK CONDITION without sense, no unknown
 * status.
 */
#include "multipath/disposition.h"

#include <linux/blk-mq.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_common.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "multipath/disk.h"
#include "multipath/marginal.h"
#include "multipath/path.h"
#include "multipath/reset.h"
#include "proto/scsi.h"
#include "session/session.h"

#define ANY 0xff

enum mpio_sense_does {
	SENSE_RETURN	= 0,
	SENSE_RETARGET	= 1 << 0,
	SENSE_ALUA	= 1 << 1,	/* ask for the access state again */
	SENSE_RESCAN	= 1 << 2,	/* LUs may have come or gone */
	SENSE_IDENTITY	= 1 << 3,	/* may be another LU: verify first */
	SENSE_RESERVE	= 1 << 4,	/* our registration may be gone */
	SENSE_NOTICE	= 1 << 5,	/* or our own doing: nobody's business */
	SENSE_READY	= 1 << 6,	/* the unit is not, on this path */
	SENSE_ELSEWHERE	= 1 << 7,	/* for another path, if there is one */
	SENSE_PROTECTED	= 1 << 8,	/* write-protected, or so it says */
};

struct mpio_sense_rule {
	u8 key, asc, ascq;
	u16 does;
	u8 alua;			/* new state of the path, or ANY */
};

/* SPC-5 table 49 ff., most special first. */
static const struct mpio_sense_rule mpio_sense_rules[] = {
	/* NOT READY, asymmetric access state transition, standby, unavailable */
	{ NOT_READY, 0x04, 0x0a, SENSE_RETARGET | SENSE_ALUA,
	  MPIO_ALUA_TRANSITIONING },
	{ NOT_READY, 0x04, 0x0b, SENSE_RETARGET | SENSE_ALUA,
	  MPIO_ALUA_STANDBY },
	{ NOT_READY, 0x04, 0x0c, SENSE_RETARGET | SENSE_ALUA,
	  MPIO_ALUA_UNAVAILABLE },
	/* UNIT ATTENTION, reservations preempted (CLEAR), released, and
	 * registrations preempted
	 */
	{ UNIT_ATTENTION, 0x2a, 0x03, SENSE_RESERVE | SENSE_NOTICE, ANY },
	{ UNIT_ATTENTION, 0x2a, 0x04, SENSE_RETARGET | SENSE_NOTICE, ANY },
	{ UNIT_ATTENTION, 0x2a, 0x05, SENSE_RESERVE | SENSE_NOTICE, ANY },
	/* UNIT ATTENTION, access state or its control changed */
	{ UNIT_ATTENTION, 0x2a, 0x06, SENSE_RETARGET | SENSE_ALUA, ANY },
	{ UNIT_ATTENTION, 0x2a, 0x07, SENSE_RETARGET | SENSE_ALUA, ANY },
	/* capacity changed: the scan sees to it */
	{ UNIT_ATTENTION, 0x2a, 0x09, SENSE_RETARGET | SENSE_RESCAN, ANY },
	/* inquiry data or reported LUNs changed */
	{ UNIT_ATTENTION, 0x3f, 0x03,
	  SENSE_RETARGET | SENSE_RESCAN | SENSE_IDENTITY, ANY },
	{ UNIT_ATTENTION, 0x3f, 0x0e,
	  SENSE_RETARGET | SENSE_RESCAN | SENSE_IDENTITY, ANY },
	/* DATA PROTECT: LIO's stand-in for a LUN 0 that is being exchanged */
	{ DATA_PROTECT, 0x27, 0x00, SENSE_RETARGET | SENSE_PROTECTED, ANY },
	/* LOGICAL UNIT NOT SUPPORTED: unmapped behind our back */
	{ ILLEGAL_REQUEST, 0x25, 0x00,
	  SENSE_RETARGET | SENSE_RESCAN | SENSE_IDENTITY, ANY },
	/* RDAC without ALUA: not the owner, as in Linux' scsi_dh_rdac */
	{ ILLEGAL_REQUEST, 0x94, 0x01, SENSE_RETARGET | SENSE_READY, ANY },
	/*
	 * NOT READY of any other kind: a passive port (04/02 of HP, 04/03 of
	 * CLARiiON), a backend that is gone (04/12, 3A/00), one that starts, is
	 * formatted or has something to do first (04/01, 04/04 to 04/09, ...).
	 * If it is the unit's, and not the path's, that is found out.
	 */
	{ NOT_READY, ANY, ANY, SENSE_RETARGET | SENSE_READY, ANY },
	/* Protection information is wrong: no path makes that good. */
	{ ABORTED_COMMAND, 0x10, ANY, SENSE_RETURN, ANY },
	{ ABORTED_COMMAND, ANY, ANY, SENSE_ELSEWHERE, ANY },
	/* HARDWARE ERROR, internal target failure: the port's, not the medium's */
	{ HARDWARE_ERROR, 0x44, 0x00, SENSE_ELSEWHERE, ANY },
};

static bool mpio_sense_is(u8 wanted, u8 found)
{
	return wanted == ANY || wanted == found;
}

static const struct mpio_sense_rule *mpio_sense_rule(const struct mpio_task *t)
{
	struct mpio_sense s;
	unsigned int i;

	if (mpio_sense_parse(t->sense, t->sense_len, &s) || s.deferred)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(mpio_sense_rules); i++) {
		const struct mpio_sense_rule *r = &mpio_sense_rules[i];

		if (r->key == s.key && mpio_sense_is(r->asc, s.asc) &&
		    mpio_sense_is(r->ascq, s.ascq))
			return r;
	}
	return NULL;
}

/* A command that finds paths READY and is refused so many times fails. */
#define MPIO_TASK_RETARGETS	100
#define MPIO_TASK_ELSEWHERE	8	/* the midlayer tries again itself */

/*
 * How often a command is retargeted by @rule. A command that is told NOT READY over
 * and over, by paths that TEST UNIT READY finds ready, is itself the reason: LIO,
 * for one, calls a bad block of its backend NOT READY, 08/00.
 */
static u32 mpio_decide_patience(const struct mpio_sense_rule *rule)
{
	return rule->does & SENSE_READY ? MPIO_TASK_ELSEWHERE :
					  MPIO_TASK_RETARGETS;
}

/* May the command be sent once more without its issuer? */
static bool mpio_decide_may_repeat(const struct mpio_task *task)
{
	return !test_bit(MPIO_TASK_ONCE, &task->flags) &&
	       !blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc));
}

/*
 * @path is to blame for its answer: another path is to try the command. The caller
 * has set the result for the case that there is none.
 */
static enum mpio_disposition mpio_decide_elsewhere(struct mpio_task *task,
						   struct mpio_path *path,
						   u32 blame)
{
	if (!mpio_decide_may_repeat(task))
		return MPIO_DISP_RETURN;
	mpio_marginal_error(path, blame);
	if (!mpio_disk_other_path(path->disk, path) ||
	    task->retargets++ >= MPIO_TASK_ELSEWHERE)
		return MPIO_DISP_RETURN;
	task->avoid = path->id;
	return MPIO_DISP_RETARGET;
}

/*
 * The unit is not ready on @path. True: the command is retargeted, to another path or
 * to this one once it is ready. False where the disk has been admitted to paths that
 * are not ready and has no other: the issuer is told what the unit says.
 */
static bool mpio_decide_not_ready(struct mpio_task *task,
				  struct mpio_path *path)
{
	if (!mpio_disk_is_direct(path->disk))
		return false;
	if (!READ_ONCE(path->unready.key)) {
		if (mpio_decide_may_repeat(task))
			mpio_marginal_error(path, MPIO_BLAME_SERIOUS);
		mpio_path_reverify(path, "its unit says it is not ready");
		return true;
	}
	return mpio_disk_other_path(path->disk, path);
}

/* Applies what a rule says of the path. False: do not send the command again. */
static bool mpio_decide_note(struct mpio_task *task, struct mpio_path *path,
			     const struct mpio_sense_rule *rule)
{
	u16 does = rule->does;

	if (does & SENSE_PROTECTED && mpio_path_protected(path))
		return false;
	/* A target may tell one nexus of an initiator and mean them all. */
	if (does & SENSE_RESCAN)
		mpio_disk_rescan(path->disk);
	if (rule->alua != ANY)
		mpio_path_set_alua(path, rule->alua);
	if (does & (SENSE_IDENTITY | SENSE_PROTECTED))
		mpio_path_reverify(path, "the logical unit says it changed");
	else if (does & SENSE_ALUA)
		mpio_path_reverify(path, "its access state changed");
	if (does & SENSE_RESERVE)
		path->disk->ops->unregistered(path);
	if (does & SENSE_READY)
		return mpio_decide_not_ready(task, path);
	return does & SENSE_RETARGET;
}

/*
 * Is the answer the unit attention with which a LU tells of a reset by us (SPC-5
 * table 49, 29h and 2Fh)? The command, which the LU did not carry out, is sent again:
 * its issuer has not asked for the reset.
 */
bool mpio_decide_own_reset(struct mpio_path *path,
			   const struct mpio_sense *sense)
{
	bool ours = READ_ONCE(path->reset_notice);

	if (sense->key != UNIT_ATTENTION || sense->deferred ||
	    (sense->asc != 0x29 && sense->asc != 0x2f))
		return false;
	/* Each nexus is told once. That it was lost, 29/07, ends no tasks. */
	if (ours)
		WRITE_ONCE(path->reset_notice, false);
	else if (sense->ascq <= (sense->asc == 0x29 ? 0x04 : 0x00))
		WRITE_ONCE(path->was_reset, ktime_get());
	return ours;
}

static enum mpio_disposition mpio_decide_sense(struct mpio_task *task,
					       struct mpio_path *path)
{
	const struct mpio_sense_rule *rule = mpio_sense_rule(task);
	struct scsi_cmnd *sc = task->sc;
	struct scsi_sense_hdr sshdr;
	struct mpio_sense s;

	sc->result = SAM_STAT_CHECK_CONDITION;
	memset(task->sense + task->sense_len, 0,
	       MPIO_SENSE_MAX - task->sense_len);
	if (!scsi_normalize_sense(task->sense, MPIO_SENSE_MAX, &sshdr)) {
		/* The midlayer would ask for it with the host stopped. */
		scsi_build_sense(sc, 0, ABORTED_COMMAND, 0, 0);
		return MPIO_DISP_RETURN;
	}
	if (!mpio_sense_parse(task->sense, task->sense_len, &s) &&
	    mpio_decide_own_reset(path, &s))
		return MPIO_DISP_RETARGET;
	if (!rule)
		return MPIO_DISP_RETURN;
	if (rule->does & SENSE_NOTICE &&
	    READ_ONCE(path->registration.absorbs) &&
	    task->retargets++ < MPIO_TASK_RETARGETS)
		return MPIO_DISP_RETARGET;
	if (rule->does & SENSE_ELSEWHERE)
		return mpio_decide_elsewhere(task, path, MPIO_BLAME_PASSING);
	/* An issuer of its own requests wants to see what they led to. */
	if (!mpio_decide_note(task, path, rule) ||
	    blk_rq_is_passthrough(scsi_cmd_to_rq(sc)) ||
	    task->retargets++ >= mpio_decide_patience(rule))
		return MPIO_DISP_RETURN;
	return MPIO_DISP_RETARGET;
}

/* A command whose time has been over for good does not run once more. */
static bool mpio_task_overdue(struct scsi_cmnd *sc)
{
	unsigned long life = (sc->allowed + 1) * scsi_cmd_to_rq(sc)->timeout;

	return time_after(jiffies, sc->jiffies_at_alloc + life);
}

/* Taken along by a reset of ours, which is no business of whoever sent it. */
static enum mpio_disposition mpio_decide_reset(struct mpio_task *task)
{
	task->sc->result = DID_ABORT << 16;
	return test_bit(MPIO_TASK_ONCE, &task->flags) ? MPIO_DISP_RETURN :
							MPIO_DISP_RETARGET;
}

/*
 * Never answered, and not by chance of a reset: a path may swallow commands and
 * answer everything else.
 */
static enum mpio_disposition mpio_decide_aborted(struct mpio_task *task,
						 struct mpio_path *path)
{
	struct scsi_cmnd *sc = task->sc;

	sc->result = DID_ABORT << 16;
	if (mpio_tmf_may_be_reset(task))
		return mpio_decide_reset(task);
	if (test_bit(MPIO_TASK_ONCE, &task->flags))
		return MPIO_DISP_RETURN;
	if (!mpio_decide_may_repeat(task))
		return MPIO_DISP_RETURN;
	if (test_bit(MPIO_TASK_OVERTIME, &task->flags)) {
		mpio_marginal_mute(path);
		task->avoid = path->id;
	}
	return mpio_task_overdue(sc) ? MPIO_DISP_RETURN :
				       MPIO_DISP_RETARGET;
}

/*
 * A unit at its limits may be waited for, which the midlayer does; not for ever
 * where another path leads to it.
 */
static enum mpio_disposition mpio_decide_busy(struct mpio_task *task,
					      struct mpio_path *path)
{
	struct scsi_cmnd *sc = task->sc;

	sc->result = task->status;
	if (!time_after(jiffies, sc->jiffies_at_alloc +
			scsi_cmd_to_rq(sc)->timeout))
		return MPIO_DISP_RETURN;
	return mpio_decide_elsewhere(task, path, MPIO_BLAME_SERIOUS);
}

/* The midlayer repeats what ends in DID_ERROR. */
static int mpio_decide_error(const struct mpio_task *task)
{
	return test_bit(MPIO_TASK_ONCE, &task->flags) ? DID_ABORT : DID_ERROR;
}

enum mpio_disposition mpio_decide_for(struct mpio_task *task,
				      struct mpio_path *path)
{
	struct scsi_cmnd *sc = task->sc;

	scsi_set_resid(sc, min(task->residual, task->data_len));
	if (task->error)
		return mpio_decide_aborted(task, path);
	if (task->response != PDU_RSP_COMPLETED) {
		sc->result = mpio_decide_error(task) << 16;
		return mpio_decide_elsewhere(task, path, MPIO_BLAME_PASSING);
	}
	switch (task->status) {
	case SAM_STAT_CHECK_CONDITION:
		return mpio_decide_sense(task, path);
	case SAM_STAT_RESERVATION_CONFLICT:
		sc->result = task->status;
		if (path->disk->ops->conflict(path) &&
		    task->retargets++ < MPIO_TASK_RETARGETS)
			return MPIO_DISP_RETARGET;
		break;
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		return mpio_decide_busy(task, path);
	case SAM_STAT_TASK_ABORTED:
		sc->result = task->status;
		/* By a reset of ours, or by another initiator. */
		if (mpio_tmf_may_be_reset(task) ||
		    mpio_tmf_is_unfinished(path->disk))
			return mpio_decide_reset(task);
		break;
	case SAM_STAT_GOOD:
	case SAM_STAT_CONDITION_MET:
	case SAM_STAT_ACA_ACTIVE:
		sc->result = task->status;
		break;
	default:
		sc->result = mpio_decide_error(task) << 16;
		return mpio_decide_elsewhere(task, path, MPIO_BLAME_PASSING);
	}
	return MPIO_DISP_RETURN;
}
