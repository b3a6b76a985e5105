// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a command: it is given back, or sent again, by its answer or because its
 * connection has died.
 */
#include "multipath/finish.h"

#include <linux/blk-mq.h>
#include <linux/log2.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "conn/task.h"
#include "multipath/disposition.h"
#include "multipath/fence.h"
#include "multipath/disk.h"
#include "multipath/park.h"
#include "multipath/path.h"
#include "proto/scsi.h"
#include "session/session.h"

/*
 * A command is given up when it is to blame (mpio_task_to_blame()) for the loss of
 * one connection more than MPIO_TASK_LOSSES. A connection lost by silence counts only
 * later than MPIO_TASK_PATIENCE after the command was lost first, as a network that
 * fails may take down any number of connections.
 */
#define MPIO_TASK_LOSSES	16
#define MPIO_TASK_PATIENCE	(600 * HZ)

static unsigned int mpio_latency_bucket(u32 us)
{
	unsigned int bucket = us ? ilog2(us) : 0;

	return min(bucket, MPIO_LATENCY_BUCKETS - 1U);
}

/*
 * Does the answer tell against the path? The notice that a new nexus is met with
 * and a refusal of what was asked do not: any other path would give them, too.
 */
static bool mpio_task_is_error(const struct mpio_task *task)
{
	struct mpio_sense sense;

	if (task->error || task->response)
		return true;
	if (!task->status || task->status == SAM_STAT_RESERVATION_CONFLICT)
		return false;
	if (task->status != SAM_STAT_CHECK_CONDITION ||
	    mpio_sense_parse(task->sense, task->sense_len, &sense))
		return true;
	return sense.key != NO_SENSE && sense.key != RECOVERED_ERROR &&
	       sense.key != UNIT_ATTENTION && sense.key != ILLEGAL_REQUEST;
}

/* Moving average over about eight commands. */
static void mpio_task_account(struct mpio_task *task)
{
	struct mpio_path *path = task->path;
	u32 us = ktime_us_delta(ktime_get(), task->start);
	u32 old = READ_ONCE(path->latency_us);

	WRITE_ONCE(path->latency_us, old ? old - old / 8 + us / 8 : us);
	this_cpu_inc(path->stats->latency[mpio_latency_bucket(us)]);
	this_cpu_inc(path->stats->ios);
	this_cpu_add(path->stats->bytes, task->data_len - task->residual);
	if (unlikely(task->error || task->status || task->response) &&
	    mpio_task_is_error(task))
		this_cpu_inc(path->stats->errors);
}

/*
 * GOOD and nothing read: the midlayer would ask for the same for ever. An error
 * it repeats as often as it allows, and then tells.
 */
static int mpio_task_result(const struct mpio_task *task)
{
	return task->read && task->data_len &&
	       task->residual == task->data_len &&
	       !blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc)) ?
	       DID_ERROR << 16 : 0;
}

static void mpio_command_done(struct mpio_task *task)
{
	struct scsi_cmnd *sc = task->sc;
	struct mpio_disk *disk = sc->device->hostdata;
	struct mpio_path *path = task->path;

	mpio_task_account(task);
	if (likely(!task->error && !task->status && !task->response)) {
		if (unlikely(test_bit(MPIO_TASK_RECALL, &task->flags)))
			task->ended(task);
		mpio_task_put_path(task);
		WRITE_ONCE(task->state, MPIO_TASK_IDLE);
		scsi_set_resid(sc, task->residual);
		sc->result = mpio_task_result(task);
		scsi_done(sc);
		return;
	}
	if (unlikely(task->error) && mpio_fence_hold_unknown(path, task)) {
		this_cpu_inc(path->stats->failovers);
		return;
	}
	switch (mpio_decide_for(task, path)) {
	case MPIO_DISP_RETARGET:
		this_cpu_inc(path->stats->failovers);
		/* The midlayer looks at sense data even where the end is GOOD. */
		memset(task->sense, 0, MPIO_SENSE_MAX);
		mpio_task_put_path(task);
		mpio_task_rewind(task);
		mpio_disk_submit(disk, task);
		return;
	case MPIO_DISP_RETURN:
		break;
	}
	mpio_task_put_path(task);
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_done(sc);
}

/* Was @task lost for the first time more than NoPathTimeout ago? */
static bool mpio_task_out_of_patience(const struct mpio_task *task)
{
	u32 ms = mpio_disk_patience(task->sc->device->hostdata);

	return ms != MPIO_FOREVER &&
	       time_after(jiffies, task->first_lost + msecs_to_jiffies(ms));
}

/*
 * Is @task to blame that its connection was lost? It is if the target broke a rule,
 * or did not answer the ABORT TASK for it. A target that hangs up (FIN, RST) or says
 * nothing at all may be in trouble itself, or its network: that counts only once
 * NoPathTimeout, or MPIO_TASK_PATIENCE for silence, has passed since the task was
 * lost first.
 */
static bool mpio_task_to_blame(const struct mpio_task *task,
			       const struct mpio_session *sess)
{
	switch (READ_ONCE(sess->last_error_code)) {
	case MPIO_ERROR_PROTOCOL:
		return true;
	case MPIO_ERROR_PDU_TIMEOUT:
		return test_bit(MPIO_TASK_ABORT, &task->flags) ||
		       time_after(jiffies, task->first_lost + MPIO_TASK_PATIENCE);
	default:
		return (READ_ONCE(sess->loss) == MPIO_LOSS_CLOSED ||
			READ_ONCE(sess->loss) == MPIO_LOSS_RESET) &&
		       mpio_task_out_of_patience(task);
	}
}

static void mpio_command_lost(struct mpio_task *task)
{
	bool sent = test_and_clear_bit(MPIO_TASK_WAS_SENT, &task->flags);
	struct mpio_disk *disk = task->sc->device->hostdata;
	struct mpio_path *path = task->path;
	struct mpio_session *sess = path->sess;	/* whose work this is */

	this_cpu_inc(path->stats->failovers);
	/* A timeout looks at task->path: it is cleared before the task is rewound. */
	mpio_path_get(path);
	mpio_task_put_path(task);
	if (sent && !task->lost_once) {
		task->lost_once = true;
		task->first_lost = jiffies;
	}
	if (sent && mpio_task_to_blame(task, sess) &&
	    task->losses++ >= MPIO_TASK_LOSSES) {
		pr_warn_ratelimited("session %u: opcode 0x%02x has cost %u connections, given up [MPIO0005]\n",
				    sess->id, task->cdb[0], task->losses);
		set_bit(MPIO_TASK_ONCE, &task->flags);	/* that was it */
	}
	mpio_task_rewind(task);
	if (sent && mpio_fence_hold(sess, path, task))
		return;
	mpio_path_put(path);
	if (sent && test_bit(MPIO_TASK_ONCE, &task->flags))
		/* Not DISRUPTED: the midlayer would repeat it. */
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
	else
		mpio_disk_submit(disk, task);
}

const struct mpio_task_ops mpio_command_ops = {
	.done	= mpio_command_done,
	.lost	= mpio_command_lost,
};
