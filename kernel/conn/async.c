// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous Messages, RFC 7143 11.9: what a target asks for unasked.
 *
 * A target that wants us to log out gets a Logout at once; commands that are
 * under way end with the session and go another way, as after any loss, except
 * that the old nexus is known to be over. That is once the target has closed
 * the connection, too: there are those that confirm the Logout first and wait
 * for what their backend has in hand afterwards. A target that wants to negotiate gets
 * a Text Request without keys and may declare what needs no answer. Whatever
 * else it wants to say is for a login, so then we log out, too.
 *
 * All of this runs in the owner of the connection, for a PDU that was received:
 * the socket is locked, and nothing may sleep.
 */
#include "base/assert.h"
#include "base/setting.h"
#include "conn/conn.h"

#define MPIO_ASYNC_MS		2000U	/* for the answer to our Logout */
#define MPIO_ASYNC_TEXTS	8	/* Text Requests in one negotiation */

static void mpio_async_submit(struct mpio_conn *conn, struct mpio_task *task,
			      enum mpio_task_kind kind, unsigned int slot)
{
	mpio_task_init_internal(task, kind, NULL, NULL, 0);
	task->slot = slot;
	task->state = MPIO_TASK_PENDING;
	list_add_tail(&task->node, &conn->immediate);
}

/* As early as possible, 11.9.1; so it matters little how long it may take. */
static void mpio_async_logout(struct mpio_conn *conn)
{
	u32 ms = min(mpio_setting_of(conn->settings, MPIO_TA_TMF_TIMEOUT),
		     MPIO_ASYNC_MS);

	if (conn->async_deadline)
		return;
	mpio_async_submit(conn, &conn->async_task, MPIO_TASK_LOGOUT,
			  MPIO_SLOT_ASYNC);
	WRITE_ONCE(conn->async_deadline, (jiffies + msecs_to_jiffies(ms)) | 1);
	conn->ops->watch(conn, 0);
}

static void mpio_async_ask(struct mpio_conn *conn, u32 ttt)
{
	mpio_async_submit(conn, &conn->text_task, MPIO_TASK_TEXT,
			  MPIO_SLOT_TEXT);
	conn->text_task.ttt = ttt;
	conn->texts++;
}

static void mpio_async_negotiate(struct mpio_conn *conn)
{
	if (conn->texts || conn->async_deadline)
		return;		/* one is pending */
	mpio_async_ask(conn, PDU_TAG_NONE);
}

static void mpio_async_note(struct mpio_conn *conn, u8 event)
{
	mpio_conn_note(conn, MPIO_ERROR_TRANSPORT,
		       "target sent an asynchronous message: %s",
		       mpio_async_event(event));
}

int mpio_async_received(struct mpio_conn *conn, const struct pdu_async *p)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	switch (p->event) {
	case PDU_ASYNC_SCSI:
		conn->ops->lus_changed(conn);
		return 0;
	case PDU_ASYNC_LOGOUT:
		mpio_async_note(conn, p->event);
		mpio_async_logout(conn);
		return 0;
	case PDU_ASYNC_NEGOTIATE:
		mpio_async_negotiate(conn);
		return 0;
	case PDU_ASYNC_CONN_DROP:
	case PDU_ASYNC_SESSION_DROP:
		conn->ops->wait(conn, be16_to_cpu(p->param2));
		break;
	case PDU_ASYNC_TASK_TERM:
		break;
	default:
		return 0;	/* vendor specific, or newer than we are */
	}
	mpio_async_note(conn, p->event);
	/* Not a close: what it has in hand may still be executed. */
	return -ESHUTDOWN;
}

int mpio_async_answered(struct mpio_conn *conn, const struct pdu_logout_rsp *p)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	mpio_conn_forget_task(conn, &conn->async_task);
	if (p->response == PDU_LOGOUT_RSP_OK)
		return 0;
	/* 11.15.3: it means something where the old session lives on. */
	if (p->response == PDU_LOGOUT_RSP_NO_RECOVERY ||
	    p->response == PDU_LOGOUT_RSP_FAILED)
		conn->ops->wait(conn, be16_to_cpu(p->time2wait));
	return -ESHUTDOWN;
}

int mpio_async_text(struct mpio_conn *conn, const struct pdu_text_rsp *p,
		    const char **why)
{
	bool final = p->flags & PDU_F_FINAL;
	struct mpio_text text;
	int ret = 1;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	mpio_conn_forget_task(conn, &conn->text_task);
	/* A part of a pair is more than a declaration or two. */
	if (!(p->flags & PDU_TEXT_CONTINUE)) {
		mpio_text_init(&text, conn->rx.buf, conn->rx.data_len);
		ret = mpio_keys_declared(&text, &conn->params, why);
	}
	if (ret < 0)
		return ret;
	if (!ret && !final && conn->texts < MPIO_ASYNC_TEXTS) {
		mpio_async_ask(conn, be32_to_cpu(p->ttt));
		return 0;
	}
	conn->texts = 0;
	if (ret || !final) {
		mpio_async_note(conn, PDU_ASYNC_NEGOTIATE);
		mpio_async_logout(conn);
	}
	return 0;
}
