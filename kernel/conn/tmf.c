// SPDX-License-Identifier: GPL-2.0
/*
 * Task management: commands whose time is over are aborted one at a time and
 * alone; only when the target does not answer that either does the path go.
 *
 * A target of RFC 7144 is asked first whether it still has the command. One
 * that it is at work on gets its time once more, as an abort would throw away
 * what a slow array has done so far, and have it done again.
 */
#include "conn/tmf.h"

#include <scsi/scsi_cmnd.h>

#include <trace/events/iscsi_mpio.h>

#include "conn/conn.h"
#include "multipath/head.h"
#include "multipath/path.h"
#include "session/session.h"

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
	pr_info_ratelimited("session %u: %s for itt 0x%x\n", conn->id,
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

static const struct mpio_head *mpio_tmf_head(const struct mpio_task *task)
{
	const struct mpio_path *path = READ_ONCE(task->path);

	return path ? path->head : task->sc->device->hostdata;
}

bool mpio_tmf_was_reset(const struct mpio_task *task)
{
	return ktime_before(task->start,
			    READ_ONCE(mpio_tmf_head(task)->was_reset));
}

bool mpio_tmf_may_be_reset(const struct mpio_task *task)
{
	return READ_ONCE(mpio_tmf_head(task)->resetting) ||
	       mpio_tmf_was_reset(task);
}

/* A reset LU has forgotten its tasks and says nothing more about them. */
static void mpio_abort_mark_reset(struct mpio_conn *conn)
{
	unsigned int i;

	for (i = 0; i < MPIO_SLOTS; i++) {
		struct mpio_task *task = conn->slots[i].task;

		if (!task || !task->path || !mpio_tmf_was_reset(task))
			continue;
		set_bit(MPIO_TASK_QUERIED, &task->flags);
		set_bit(MPIO_TASK_ABORT, &task->flags);
	}
}

void mpio_conn_abort_tasks(struct mpio_conn *conn)
{
	struct mpio_task *task, *next;
	unsigned int i;

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
			/* Its answer may still come: mpio_recv_tmf(). */
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
 * What to do about @victim, which a QUERY TASK was about. Its response may still
 * follow one that denies all knowledge of it, RFC 7144 6.3, but not that of
 * an ABORT TASK.
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
	case PDU_TMF_RSP_COMPLETE:
	case PDU_TMF_RSP_NO_TASK:
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

	WRITE_ONCE(conn->tmf_deadline, 0);
	if (victim && tmf->tmf_function == PDU_TMF_QUERY_TASK)
		mpio_abort_queried(conn, victim, tmf->response);
	else if (victim)
		mpio_abort_aborted(conn, victim, tmf->response);
	mpio_conn_kick(conn);
}

void mpio_tmf_lu_is_reset(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	unsigned int i;

	WRITE_ONCE(head->resetting, true);
	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++)
		WRITE_ONCE(set->path[i]->reset_notice, true);
	rcu_read_unlock();
}

/* Every path may have had commands at the LU that was reset. */
void mpio_tmf_lu_was_reset(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	unsigned int i;

	WRITE_ONCE(head->was_reset, ktime_get());
	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_session *sess = set->path[i]->sess;
		struct mpio_conn *conn = &sess->conn;

		/* Tasks of a dead connection are taken off it as it is. */
		if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
			continue;
		set_bit(MPIO_CONN_LU_WAS_RESET, &conn->flags);
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
		mpio_conn_kick(conn);
	}
	rcu_read_unlock();
}

int mpio_tmf_reset_lu(struct mpio_path *path)
{
	struct mpio_session *sess = path->sess;
	struct mpio_task *task = &sess->reset_task;
	int err;

	mutex_lock(&sess->reset_mutex);
	mpio_task_init_internal(task, MPIO_TASK_TMF, NULL, NULL, 0);
	task->tmf_function = PDU_TMF_LU_RESET;
	task->tmf_ref_itt = PDU_TAG_NONE;
	task->tmf_ref_cmdsn = 0;
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	WRITE_ONCE(path->head->resetting, true);
	err = mpio_session_exec(sess, task, MPIO_SLOT_RESET,
				mpio_setting(sess, MPIO_TA_TMF_TIMEOUT));
	if (!err && task->response != PDU_TMF_RSP_COMPLETE)
		err = -EIO;
	if (!err)
		mpio_tmf_lu_was_reset(path->head);
	WRITE_ONCE(path->head->resetting, false);
	mutex_unlock(&sess->reset_mutex);
	return err;
}
