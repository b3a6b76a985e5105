// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks: cursors over their buffers, and the way back to their issuers.
 */
#include "conn/task.h"

#include <linux/blk-mq.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>

#include "multipath/action.h"
#include "multipath/fence.h"
#include "multipath/head.h"
#include "multipath/path.h"
#include "session/session.h"

/*
 * So many targets hang up on one command by chance, no more; silence is the
 * network's fault for so long.
 */
#define MPIO_TASK_LOSSES	16
#define MPIO_TASK_PATIENCE	(600 * HZ)

void mpio_sg_seek(struct mpio_sg_cursor *cur, struct scatterlist *sgl,
		  u32 offset)
{
	if (offset < cur->offset || !cur->sg)
		mpio_sg_start(cur, sgl);
	while (cur->offset < offset) {
		u32 n = min(offset - cur->offset,
			    cur->sg->length - cur->sg_offset);

		mpio_sg_advance(cur, n);
	}
}

u32 mpio_sg_piece(struct mpio_sg_cursor *cur, u32 max, struct page **page,
		  u32 *offset)
{
	u32 at = cur->sg->offset + cur->sg_offset;
	u32 n = min(cur->sg->length - cur->sg_offset, max);

	*page = nth_page(sg_page(cur->sg), at >> PAGE_SHIFT);
	*offset = at & ~PAGE_MASK;
	if (IS_ENABLED(CONFIG_HIGHMEM))
		n = min_t(u32, n, PAGE_SIZE - *offset);
	return n;
}

void mpio_sg_advance(struct mpio_sg_cursor *cur, u32 n)
{
	cur->offset += n;
	cur->sg_offset += n;
	if (cur->sg_offset == cur->sg->length && !sg_is_last(cur->sg)) {
		cur->sg = sg_next(cur->sg);
		cur->sg_offset = 0;
	}
}

void mpio_task_rewind(struct mpio_task *task)
{
	INIT_LIST_HEAD(&task->node);
	INIT_LIST_HEAD(&task->r2t_node);
	task->conn = NULL;
	task->itt = PDU_TAG_NONE;
	mpio_sg_start(&task->tx, task->sgl);
	task->tx_sent = 0;
	task->unsolicited_left = 0;
	task->unsolicited_datasn = 0;
	task->r2tsn = 0;
	task->r2t_next = 0;
	task->r2t_first = 0;
	task->r2t_count = 0;
	mpio_sg_start(&task->rx, task->sgl);
	task->received = 0;
	task->exp_datasn = 0;
	task->extents = 0;
	task->response = 0;
	task->status = 0;
	task->sense_len = 0;
	task->residual = 0;
	task->error = 0;
	clear_bit(MPIO_TASK_ABORT, &task->flags);
	clear_bit(MPIO_TASK_OVERTIME, &task->flags);
	clear_bit(MPIO_TASK_QUERIED, &task->flags);
	clear_bit(MPIO_TASK_ABORTING, &task->flags);
	clear_bit(MPIO_TASK_RESPONDED, &task->flags);
}

void mpio_task_init_internal(struct mpio_task *task, enum mpio_task_kind kind,
			     struct scatterlist *sg, void *buf, u32 len)
{
	task->kind = kind;
	task->flags = 0;
	task->sc = NULL;
	task->path = NULL;
	task->read = false;
	task->write = false;
	task->data_len = len;
	task->sgl = NULL;
	task->ended = NULL;
	task->progress = 0;
	memset(task->lun, 0, sizeof(task->lun));
	if (len) {
		sg_init_one(sg, buf, len);
		task->sgl = sg;
	}
	reinit_completion(&task->done);
	mpio_task_rewind(task);
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
}

void mpio_task_leave_path(struct mpio_task *task)
{
	struct mpio_path *path = task->path;

	if (!path)
		return;
	rcu_read_lock();	/* whoever waits may free the path */
	/* Before the count drops: see mpio_eh_timed_out(). */
	WRITE_ONCE(task->path, NULL);
	atomic_sub(task->data_len >> 9, &path->queued_blocks);
	/* Orders the store above before whoever waits for zero goes on. */
	if (atomic_dec_and_test(&path->inflight) && READ_ONCE(path->leaving))
		wake_up_var(&path->inflight);
	rcu_read_unlock();
}

void mpio_task_park(struct mpio_task *task)
{
	task->parked = jiffies;
	WRITE_ONCE(task->state, MPIO_TASK_PARKED);
}

void mpio_task_unpark(struct mpio_task *task)
{
	if (!blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc)))
		task->sc->jiffies_at_alloc += jiffies - task->parked;
}

void mpio_task_fail(struct mpio_task *task, int host_byte)
{
	struct scsi_cmnd *sc = task->sc;

	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_set_resid(sc, task->data_len);
	sc->result = host_byte << 16;
	scsi_done(sc);
}

static unsigned int mpio_latency_bucket(u32 us)
{
	unsigned int bucket = us ? ilog2(us) : 0;

	return min(bucket, MPIO_LATENCY_BUCKETS - 1U);
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
	if (task->error || task->status)
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

static void mpio_task_finish_scsi(struct mpio_task *task)
{
	struct scsi_cmnd *sc = task->sc;
	struct mpio_head *head = sc->device->hostdata;
	struct mpio_path *path = task->path;

	mpio_task_account(task);
	if (likely(!task->error && !task->status && !task->response)) {
		if (unlikely(test_bit(MPIO_TASK_RECALL, &task->flags)))
			task->ended(task);
		mpio_task_leave_path(task);
		WRITE_ONCE(task->state, MPIO_TASK_IDLE);
		scsi_set_resid(sc, task->residual);
		sc->result = mpio_task_result(task);
		scsi_done(sc);
		return;
	}
	switch (mpio_action_for(task, path)) {
	case MPIO_ACTION_RETARGET:
		this_cpu_inc(path->stats->failovers);
		/* The midlayer looks at sense data even where the end is GOOD. */
		memset(task->sense, 0, MPIO_SENSE_MAX);
		mpio_task_leave_path(task);
		mpio_task_rewind(task);
		mpio_head_submit(head, task);
		return;
	case MPIO_ACTION_RETURN:
		break;
	}
	mpio_task_leave_path(task);
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_done(sc);
}

static void mpio_task_end_internal(struct mpio_task *task)
{
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	if (task->ended)
		task->ended(task);
	else
		complete(&task->done);
}

void mpio_task_finish(struct mpio_task *task)
{
	if (task->kind == MPIO_TASK_SCSI)
		mpio_task_finish_scsi(task);
	else
		mpio_task_end_internal(task);
}

/* Has it been lost for the first time longer ago than a disk is waited for? */
static bool mpio_task_out_of_patience(const struct mpio_task *task)
{
	u32 ms = mpio_head_patience(task->sc->device->hostdata);

	return ms != MPIO_FOREVER &&
	       time_after(jiffies, task->first_lost + msecs_to_jiffies(ms));
}

/*
 * Did the connection end because of what the target makes of the command? It
 * broke a rule, or did not answer this command's abort. That it hangs up, or
 * is silent on the whole connection, may as well be a target or a network in
 * trouble, as often as it comes, until the patience with that is over.
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

void mpio_task_orphaned(struct mpio_task *task, struct mpio_session *sess)
{
	struct mpio_head *head;
	bool sent;

	if (task->kind != MPIO_TASK_SCSI) {
		task->error = -ENOTCONN;
		mpio_task_end_internal(task);
		return;
	}
	sent = test_and_clear_bit(MPIO_TASK_WAS_SENT, &task->flags);
	head = task->sc->device->hostdata;
	this_cpu_inc(task->path->stats->failovers);
	mpio_task_leave_path(task);
	if (sent && !task->lost_once) {
		task->lost_once = true;
		task->first_lost = jiffies;
	}
	if (sent && mpio_task_to_blame(task, sess) &&
	    task->losses++ >= MPIO_TASK_LOSSES) {
		pr_warn_ratelimited("session %u: opcode 0x%02x has cost %u connections, given up\n",
				    sess->id, task->cdb[0], task->losses);
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
		return;
	}
	mpio_task_rewind(task);
	if (sent && mpio_fence_hold(sess, task))
		return;
	if (sent && test_bit(MPIO_TASK_ONCE, &task->flags))
		/* Not DISRUPTED: the midlayer would repeat it. */
		mpio_task_fail(task, DID_TRANSPORT_FAILFAST);
	else
		mpio_head_submit(head, task);
}
