// SPDX-License-Identifier: GPL-2.0
/*
 * Task management: commands whose time is over are aborted one at a time and
 * alone; only when the target does not answer that either does the path go.
 *
 * A target of RFC 7144 is asked first whether it still has the command. One
 * that it is at work on gets its time once more, as an abort would throw away
 * what a slow array has done so far, and have it done again.
 */
#include <linux/blk-mq.h>
#include <scsi/scsi_cmnd.h>

#include <trace/events/iscsi_mpio.h>

#include "base/assert.h"
#include "base/setting.h"
#include "conn/conn.h"

/* The task is over and the target has nothing more to say about it. */
static void mpio_abort_done(struct mpio_conn *conn, struct mpio_task *task)
{
	task->error = -ECANCELED;
	mpio_conn_complete_task(conn, task);
}

static void mpio_abort_send(struct mpio_conn *conn, struct mpio_task *victim,
			    u8 function)
{
	struct mpio_task *tmf = &conn->tmf_task;
	u32 timeout = mpio_setting_of(conn->settings, MPIO_TA_TMF_TIMEOUT);

	mpio_task_init_internal(tmf, MPIO_TASK_TMF, NULL, NULL, 0);
	tmf->slot = MPIO_SLOT_TMF;
	WRITE_ONCE(tmf->tmf_function, function);
	tmf->tmf_ref_itt = victim->itt;
	tmf->tmf_ref_cmdsn = victim->cmdsn;
	memcpy(tmf->lun, victim->lun, sizeof(tmf->lun));
	tmf->state = MPIO_TASK_PENDING;
	list_add_tail(&tmf->node, &conn->immediate);
	WRITE_ONCE(conn->tmf_deadline,
		   (jiffies + msecs_to_jiffies(timeout)) | 1);
	conn->ops->watch(conn, 0);
	trace_mpio_abort(conn->id, victim->itt, function);
	pr_info_ratelimited("session %u: %s for itt 0x%x [MPIO0003]\n", conn->id,
			    mpio_tmf_name(function), victim->itt);
}

/* Once for each attempt, and not where the issuer itself set the limit. */
static bool mpio_abort_may_query(const struct mpio_conn *conn,
				 const struct mpio_task *victim)
{
	return conn->params.protocol_level >= MPIO_LEVEL_QUERY &&
	       victim->kind == MPIO_TASK_SCSI &&
	       !blk_rq_is_passthrough(scsi_cmd_to_rq(victim->sc)) &&
	       !test_bit(MPIO_TASK_QUERIED, &victim->flags);
}

/*
 * A LU that was reset has no task of before any more and sends no response for one.
 * MPIO_TASK_QUERIED is set for such a task so that ABORT TASK goes out at once: a
 * QUERY TASK could only be answered that there is none.
 */
static void mpio_abort_mark_reset(struct mpio_conn *conn)
{
	unsigned int i;

	for (i = 0; i < MPIO_SLOTS; i++) {
		struct mpio_task *task = conn->slots[i].task;

		if (!task || !READ_ONCE(task->path) ||
		    !ktime_before(task->start, READ_ONCE(*task->lu_reset)))
			continue;
		set_bit(MPIO_TASK_QUERIED, &task->flags);
		set_bit(MPIO_TASK_ABORT, &task->flags);
	}
}

void mpio_conn_abort_tasks(struct mpio_conn *conn)
{
	struct mpio_task *task, *next;
	unsigned int i;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	if (conn->tmf_deadline)
		return;		/* one at a time; comes back here */
	clear_bit(MPIO_CONN_ABORTS, &conn->flags);
	smp_mb__after_atomic();		/* before the tasks are looked at */
	if (test_and_clear_bit(MPIO_CONN_LU_WAS_RESET, &conn->flags))
		mpio_abort_mark_reset(conn);
	list_for_each_entry_safe(task, next, &conn->pending, node)
		if (test_bit(MPIO_TASK_ABORT, &task->flags))
			mpio_abort_done(conn, task);
	for (i = 0; i < MPIO_SLOTS; i++) {
		task = conn->slots[i].task;
		if (!task || test_bit(MPIO_TASK_ABORTING, &task->flags) ||
		    !test_bit(MPIO_TASK_ABORT, &task->flags))
			continue;
		if (task->kind == MPIO_TASK_TMF) {
			/* mpio_recv_tmf() ignores the response if it still comes. */
			mpio_abort_done(conn, task);
			continue;
		}
		if (mpio_abort_may_query(conn, task)) {
			set_bit(MPIO_TASK_QUERIED, &task->flags);
			mpio_abort_send(conn, task, PDU_TMF_QUERY_TASK);
		} else {
			set_bit(MPIO_TASK_ABORTING, &task->flags);
			mpio_abort_send(conn, task, PDU_TMF_ABORT_TASK);
		}
		/* There may be more of them. */
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
		return;
	}
}

/*
 * QUERY TASK for @victim is answered. The response of @victim may still follow an
 * answer that the task does not exist (RFC 7144 6.3), so the task is aborted
 * next; after the answer to ABORT TASK none follows.
 */
static void mpio_abort_queried(struct mpio_conn *conn, struct mpio_task *victim,
			       u8 response)
{
	if (response == PDU_TMF_RSP_SUCCEEDED) {
		/* Its timer has begun anew already, mpio_eh_timed_out(). */
		clear_bit(MPIO_TASK_OVERTIME, &victim->flags);
		clear_bit(MPIO_TASK_ABORT, &victim->flags);
	} else {
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
	}
}

static void mpio_abort_aborted(struct mpio_conn *conn, struct mpio_task *victim,
			       u8 response)
{
	switch (response) {
	case PDU_TMF_RSP_NO_TASK:
		set_bit(MPIO_TASK_UNKNOWN, &victim->flags);
		fallthrough;
	case PDU_TMF_RSP_COMPLETE:
		/* If its response is not here by now it never comes. */
		mpio_abort_done(conn, victim);
		break;
	default:
		mpio_conn_fail(conn, MPIO_ERROR_PDU_TIMEOUT,
			       "command not answered and ABORT TASK refused: %s",
			       mpio_tmf_response(response));
	}
}

void mpio_conn_abort_answered(struct mpio_conn *conn)
{
	struct mpio_task *tmf = &conn->tmf_task;
	struct mpio_task *victim = mpio_conn_find_task(conn, tmf->tmf_ref_itt);

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	WRITE_ONCE(conn->tmf_deadline, 0);
	if (victim && tmf->tmf_function == PDU_TMF_QUERY_TASK)
		mpio_abort_queried(conn, victim, tmf->response);
	else if (victim)
		mpio_abort_aborted(conn, victim, tmf->response);
	mpio_conn_kick(conn);
}
