// SPDX-License-Identifier: GPL-2.0
/*
 * Reject, RFC 7143 11.17. At ErrorRecoveryLevel 0 it ends the connection, 7.1.4,
 * and what was under way goes by another: also after a data digest error,
 * where a target may fail the one command and go on, for what else has been
 * garbled nobody knows.
 *
 * One reason is no error but flow control, 4.2.2.1: the target has no room for
 * another immediate PDU now. A NOP-Out that is rejected has proved what it was
 * to prove. Any other request is made again a little later, within the time it
 * has anyway.
 *
 * All of this runs in the owner of the connection; mpio_reject_taken() for a PDU
 * that was received, so the socket is locked and nothing there may sleep.
 */
#include "base/assert.h"
#include "conn/conn.h"

#define MPIO_REJECT_AGAIN_MS	100

/* The header that was rejected, or NULL when it is not all there. */
static const struct pdu_bhs *mpio_reject_header(const struct mpio_conn *conn)
{
	return conn->rx.data_len < PDU_BHS_LEN ? NULL :
	       (const struct pdu_bhs *)conn->rx.buf;
}

static void mpio_reject_again(struct mpio_conn *conn, struct mpio_task *task)
{
	mpio_conn_forget_task(conn, task);
	task->state = MPIO_TASK_PENDING;
	list_add_tail(&task->node, &conn->refused);
	if (task->kind == MPIO_TASK_LOGOUT)
		conn->logout_sent = false;
	set_bit(MPIO_CONN_REFUSED, &conn->flags);
	conn->ops->watch(conn, msecs_to_jiffies(MPIO_REJECT_AGAIN_MS));
}

bool mpio_reject_taken(struct mpio_conn *conn, const struct pdu_reject *p)
{
	const struct pdu_bhs *bhs = mpio_reject_header(conn);
	struct mpio_task *task;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	if (p->reason != PDU_REJECT_IMMEDIATE || !bhs ||
	    !(bhs->opcode & PDU_IMMEDIATE))
		return false;
	/* Our answer to a ping: who misses it pings again. */
	if (mpio_pdu_opcode(bhs) == PDU_OP_NOP_OUT &&
	    be32_to_cpu(bhs->itt) == PDU_TAG_NONE)
		return true;
	task = mpio_conn_find_task(conn, be32_to_cpu(bhs->itt));
	if (!task)
		return false;
	switch (task->kind) {
	case MPIO_TASK_NOP:
		mpio_conn_forget_task(conn, task);
		WRITE_ONCE(conn->nop_outstanding, false);
		return true;
	case MPIO_TASK_TMF:
	case MPIO_TASK_LOGOUT:
	case MPIO_TASK_TEXT:
		mpio_reject_again(conn, task);
		return true;
	default:
		return false;	/* commands are never sent so */
	}
}

void mpio_reject_retry(struct mpio_conn *conn)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	list_splice_tail_init(&conn->refused, &conn->immediate);
}
