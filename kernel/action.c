// SPDX-License-Identifier: GPL-2.0
/*
 * The error table: one row per answer that means something for a path.
 *
 * What is not listed goes to the midlayer as the target said it; what would
 * wake the midlayer's error handler never does, as that would stop every LU
 * of the host: no DID_TIME_OUT, no CHECK CONDITION without sense, no unknown
 * status.
 */
#include "action.h"

#include <linux/blk-mq.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_common.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "head.h"
#include "holder.h"
#include "path.h"
#include "proto/scsi.h"
#include "registration.h"
#include "session.h"

#define ANY 0xff

enum mpio_sense_does {
	SENSE_RETURN	= 0,
	SENSE_RETARGET	= 1 << 0,
	SENSE_ALUA	= 1 << 1,	/* ask for the access state again */
	SENSE_RESCAN	= 1 << 2,	/* LUs may have come or gone */
	SENSE_IDENTITY	= 1 << 3,	/* may be another LU: verify first */
	SENSE_RESERVE	= 1 << 4,	/* our registration may be gone */
	SENSE_NOTICE	= 1 << 5,	/* or our own doing: nobody's business */
};

struct mpio_sense_rule {
	u8 key, asc, ascq;
	u8 does;
	u8 alua;			/* new state of the path, or ANY */
};

/* SPC-5 table 49 ff. */
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
	{ DATA_PROTECT, 0x27, 0x00, SENSE_RETARGET | SENSE_IDENTITY, ANY },
	/* LOGICAL UNIT NOT SUPPORTED: unmapped behind our back */
	{ ILLEGAL_REQUEST, 0x25, 0x00,
	  SENSE_RETARGET | SENSE_RESCAN | SENSE_IDENTITY, ANY },
};

static const struct mpio_sense_rule *mpio_sense_rule(const struct mpio_task *t)
{
	struct mpio_sense s;
	unsigned int i;

	if (mpio_sense_parse(t->sense, t->sense_len, &s) || s.deferred)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(mpio_sense_rules); i++) {
		const struct mpio_sense_rule *r = &mpio_sense_rules[i];

		if (r->key == s.key && r->asc == s.asc && r->ascq == s.ascq)
			return r;
	}
	return NULL;
}

/* Whoever keeps saying yes and then no is believed in the end. */
#define MPIO_TASK_RETARGETS	100
#define MPIO_TASK_PROTECTED	3	/* a medium may be write-protected */

static u32 mpio_action_patience(const struct mpio_sense_rule *rule)
{
	return rule->key == DATA_PROTECT ? MPIO_TASK_PROTECTED :
					   MPIO_TASK_RETARGETS;
}

static enum mpio_action mpio_action_sense(struct mpio_task *task,
					  struct mpio_path *path)
{
	const struct mpio_sense_rule *rule = mpio_sense_rule(task);
	struct scsi_cmnd *sc = task->sc;
	struct scsi_sense_hdr sshdr;

	sc->result = SAM_STAT_CHECK_CONDITION;
	memset(task->sense + task->sense_len, 0,
	       MPIO_SENSE_MAX - task->sense_len);
	if (!scsi_normalize_sense(task->sense, MPIO_SENSE_MAX, &sshdr)) {
		/* The midlayer would ask for it with the host stopped. */
		scsi_build_sense(sc, 0, ABORTED_COMMAND, 0, 0);
		return MPIO_ACTION_RETURN;
	}
	if (!rule)
		return MPIO_ACTION_RETURN;
	if (rule->does & SENSE_NOTICE &&
	    READ_ONCE(path->registration.absorbs) &&
	    task->retargets++ < MPIO_TASK_RETARGETS)
		return MPIO_ACTION_RETARGET;
	/* A target may tell one nexus of an initiator and mean them all. */
	if (rule->does & SENSE_RESCAN)
		mpio_head_rescan(path->head);
	if (rule->alua != ANY)
		mpio_path_set_alua(path, rule->alua);
	if (rule->does & (SENSE_ALUA | SENSE_IDENTITY))
		mpio_path_suspect(path, rule->does & SENSE_IDENTITY ?
				  "the logical unit says it changed" :
				  "its access state changed");
	if (rule->does & SENSE_RESERVE)
		mpio_registration_suspect(path);
	/* An issuer of its own requests wants to see what they led to. */
	if (!(rule->does & SENSE_RETARGET) ||
	    blk_rq_is_passthrough(scsi_cmd_to_rq(sc)) ||
	    task->retargets++ >= mpio_action_patience(rule))
		return MPIO_ACTION_RETURN;
	return MPIO_ACTION_RETARGET;
}

/* A command whose time has been over for good does not run once more. */
static bool mpio_task_overdue(struct scsi_cmnd *sc)
{
	unsigned long life = (sc->allowed + 1) * scsi_cmd_to_rq(sc)->timeout;

	return time_after(jiffies, sc->jiffies_at_alloc + life);
}

static enum mpio_action mpio_action_aborted(struct mpio_task *task)
{
	struct scsi_cmnd *sc = task->sc;

	sc->result = DID_ABORT << 16;
	if (test_bit(MPIO_TASK_ONCE, &task->flags) ||
	    blk_rq_is_passthrough(scsi_cmd_to_rq(sc)) || mpio_task_overdue(sc))
		return MPIO_ACTION_RETURN;
	return MPIO_ACTION_RETARGET;
}

/* The midlayer repeats what ends in DID_ERROR. */
static int mpio_action_error(const struct mpio_task *task)
{
	return test_bit(MPIO_TASK_ONCE, &task->flags) ? DID_ABORT : DID_ERROR;
}

enum mpio_action mpio_action_for(struct mpio_task *task,
				 struct mpio_path *path)
{
	struct scsi_cmnd *sc = task->sc;

	scsi_set_resid(sc, min(task->residual, task->data_len));
	if (task->error)
		return mpio_action_aborted(task);
	if (task->response != PDU_RSP_COMPLETED) {
		sc->result = mpio_action_error(task) << 16;
		return MPIO_ACTION_RETURN;
	}
	switch (task->status) {
	case SAM_STAT_CHECK_CONDITION:
		return mpio_action_sense(task, path);
	case SAM_STAT_RESERVATION_CONFLICT:
		sc->result = task->status;
		if (mpio_holder_conflict(path) &&
		    task->retargets++ < MPIO_TASK_RETARGETS)
			return MPIO_ACTION_RETARGET;
		break;
	case SAM_STAT_GOOD:
	case SAM_STAT_CONDITION_MET:
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
	case SAM_STAT_ACA_ACTIVE:
	case SAM_STAT_TASK_ABORTED:
		sc->result = task->status;
		break;
	default:
		sc->result = mpio_action_error(task) << 16;
	}
	return MPIO_ACTION_RETURN;
}
