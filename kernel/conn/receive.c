// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving.
 *
 * Bytes go from the socket straight to where they belong, in one pass with
 * the CRC when there are digests. Nothing the target says is believed before
 * it was checked against what was asked; the first lie is latched in
 * rx->error, no further byte is looked at, and the connection is dropped.
 *
 * All of this runs with the socket locked, by the connection's owner: io_work, or
 * a helper in softirq. It must not sleep: finished tasks are collected on
 * conn->done. Only mpio_conn_receive_later() has no need to own the connection.
 */
#include <linux/crc32c.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <scsi/scsi_proto.h>

#include <trace/events/iscsi_mpio.h>

#include "base/assert.h"
#include "conn/conn.h"
#include "conn/send.h"
#include "proto/scsi.h"

/* So much is worth a pass of its own, even in the middle of a PDU. */
#define MPIO_RX_GATHER	SZ_128K
/* Bytes of an unfinished PDU are left lying for so long at most. */
#define MPIO_RX_GATHER_NS	(500 * NSEC_PER_USEC)

struct mpio_recv_op {
	/* After the header: may refuse, and points rx->task to a buffer. */
	int (*header)(struct mpio_conn *conn);
	/* After data and digests. */
	int (*complete)(struct mpio_conn *conn);
};

/* The target broke a rule: says so once, rate limited. */
static int mpio_recv_bad(struct mpio_conn *conn, const char *what, u32 value)
{
	struct pdu_bhs *bhs = &conn->rx.bhs;

	trace_mpio_pdu_error(conn->id, mpio_pdu_opcode(bhs),
			     be32_to_cpu(bhs->itt), what, value);
	pr_warn_ratelimited("session %u: %s itt 0x%x: %s (0x%x) [MPIO0002]\n",
			    conn->id,
			    mpio_pdu_name(mpio_pdu_opcode(bhs)),
			    be32_to_cpu(bhs->itt), what, value);
	mpio_conn_note(conn, MPIO_ERROR_PROTOCOL, "%s: %s",
		       mpio_pdu_name(mpio_pdu_opcode(bhs)), what);
	return -EPROTO;
}

/*
 * Some (gotgt) count the immediate request that they answer, RFC 7143 4.2.2.1
 * notwithstanding. Nothing is done by ExpCmdSN, so this one too many is let.
 */
static u32 mpio_recv_exp_cmdsn(struct mpio_conn *conn,
			       const struct pdu_target *p)
{
	const u32 exp_cmdsn = be32_to_cpu(p->exp_cmdsn);
	const u8 opcode = mpio_pdu_opcode(&conn->rx.bhs);

	if (likely(opcode != PDU_OP_NOP_IN && opcode != PDU_OP_TMF_RSP) ||
	    exp_cmdsn != conn->cmdsn + 1)
		return exp_cmdsn;
	conn->ops->odd(conn, MPIO_ODD_EXPCMDSN);
	return exp_cmdsn - 1;
}

/*
 * StatSN tells of answers that went missing while the connection lives, which TCP
 * does not let happen; whose answer one is, and that it is the first, ITT says. Some
 * (gotgt) answer with the ExpStatSN of the request, whatever they answered since, or
 * with 0, and are not dropped for it. What is acknowledged goes on, never back.
 */
static void mpio_recv_statsn(struct mpio_conn *conn, u32 statsn)
{
	if (unlikely(statsn != conn->exp_statsn)) {
		conn->ops->odd(conn, MPIO_ODD_STATSN);
		if ((s32)(statsn - conn->exp_statsn) < 0)
			return;
	}
	conn->exp_statsn = statsn + 1;
}

/* ExpCmdSN, MaxCmdSN, and StatSN where the PDU carries status. */
static int mpio_recv_numbers(struct mpio_conn *conn, bool has_statsn)
{
	struct pdu_target *p = (struct pdu_target *)&conn->rx.bhs;

	if (mpio_window_update(&conn->window, conn->cmdsn,
			       mpio_recv_exp_cmdsn(conn, p),
			       be32_to_cpu(p->max_cmdsn)) < 0)
		return mpio_recv_bad(conn, "acknowledges a command never sent",
				     be32_to_cpu(p->exp_cmdsn));
	if (has_statsn)
		mpio_recv_statsn(conn, be32_to_cpu(p->statsn));
	return 0;
}

static struct mpio_task *mpio_recv_task(struct mpio_conn *conn, bool scsi)
{
	struct mpio_task *task = mpio_conn_find_task(conn,
					be32_to_cpu(conn->rx.bhs.itt));
	bool is_scsi;

	if (!task)
		return NULL;
	is_scsi = task->kind == MPIO_TASK_SCSI ||
		  task->kind == MPIO_TASK_INTERNAL;
	return is_scsi == scsi ? task : NULL;
}

/* Must the target send and ask for data in order of its offsets? */
static bool mpio_recv_in_order(const struct mpio_conn *conn)
{
	return conn->params.data_pdu_in_order &&
	       conn->params.data_sequence_in_order;
}

/* Data that comes, or is asked for, in any order, but once. */
static int mpio_recv_claim(struct mpio_conn *conn, struct mpio_task *task,
			   u32 offset, u32 len, const char *again)
{
	int err = 0;

	if (len)
		err = mpio_extents_add(&conn->extents, &task->extents, offset,
				       offset + len);
	if (err == -EEXIST)
		return mpio_recv_bad(conn, again, offset);
	if (err)
		return mpio_recv_bad(conn, "leaves more gaps than can be noted",
				     offset);
	return 0;
}

/* Is what has been received the beginning of the data, without a gap? */
static bool mpio_recv_no_gap(const struct mpio_conn *conn,
			     const struct mpio_task *task)
{
	return mpio_recv_in_order(conn) ||
	       mpio_extents_are(&conn->extents, task->extents, task->received);
}

/* --------------------------------------------------- status of a command */

/*
 * A read is what came, whatever the target says: less than it says there is
 * ends short, and what nobody sent is never handed on as data. Behind a gap
 * nothing counts.
 */
static void mpio_recv_count_read(struct mpio_conn *conn,
				 struct mpio_task *task)
{
	u32 missing = task->data_len -
		      (mpio_recv_no_gap(conn, task) ? task->received : 0);

	if (missing > task->residual && task->status == SAM_STAT_GOOD &&
	    !task->response)
		conn->ops->odd(conn, MPIO_ODD_SHORT_READ);
	task->residual = max(missing, task->residual);
}

/*
 * Is the amount of data what the target says it is? Only a GOOD command may
 * hurt: its data is handed to a reader, its acknowledgement to a writer.
 */
static int mpio_recv_check_amount(struct mpio_conn *conn,
				  struct mpio_task *task, u8 flags, u32 count)
{
	if (flags & PDU_RSP_UNDERFLOW) {
		if (count > task->data_len)
			return mpio_recv_bad(conn, "residual too large", count);
		task->residual = count;
	}
	if (task->read) {
		if (task->status != SAM_STAT_GOOD || task->response)
			task->residual = 0;
		mpio_recv_count_read(conn, task);
	} else if (task->write && task->status == SAM_STAT_GOOD &&
		   !task->response) {
		u32 sent = task->tx_sent;

		/* Data copied for its digest is in the buffer, not sent yet. */
		if (conn->tx.task == task)
			sent -= conn->tx.data_remaining +
				conn->tx.copy_len - conn->tx.copy_sent;
		if (sent < task->data_len - task->residual)
			return mpio_recv_bad(conn,
					     "GOOD before the data was sent",
					     sent);
	}
	return 0;
}

static int mpio_recv_response_header(struct mpio_conn *conn)
{
	struct mpio_task *task = mpio_recv_task(conn, true);

	if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))
		return mpio_recv_bad(conn, "no such task", 0);
	if (conn->rx.data_len > MPIO_RXBUF_SIZE)
		return mpio_recv_bad(conn, "data segment too long",
				     conn->rx.data_len);
	return 0;
}

static int mpio_recv_response(struct mpio_conn *conn)
{
	struct pdu_scsi_rsp *p = (struct pdu_scsi_rsp *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, true);
	const u8 *sense;
	u32 len;
	int err;

	err = mpio_recv_numbers(conn, true);
	if (err)
		return err;
	task->response = p->response;
	task->status = p->status;
	err = mpio_recv_check_amount(conn, task, p->flags,
				     be32_to_cpu(p->residual));
	if (err)
		return err;
	if (p->status == SAM_STAT_CHECK_CONDITION) {
		if (mpio_sense_segment(conn->rx.buf, conn->rx.data_len, &sense,
				       &len))
			return mpio_recv_bad(conn, "sense longer than its segment",
					     conn->rx.data_len);
		task->sense_len = min_t(u32, len, MPIO_SENSE_MAX);
		memcpy(task->sense, sense, task->sense_len);
	}
	mpio_conn_complete_task(conn, task);
	return 0;
}

/* -------------------------------------------------------------- Data-In */

static int mpio_recv_datain_header(struct mpio_conn *conn)
{
	struct pdu_data_in *p = (struct pdu_data_in *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, true);
	u32 offset = be32_to_cpu(p->offset);
	int err;

	if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))
		return mpio_recv_bad(conn, "no such task", 0);
	if (!task->read)
		return mpio_recv_bad(conn, "command is not a read", 0);
	if (be32_to_cpu(p->datasn) != task->exp_datasn)
		return mpio_recv_bad(conn, "DataSN out of order",
				     be32_to_cpu(p->datasn));
	if (mpio_recv_in_order(conn) && offset != task->received)
		return mpio_recv_bad(conn, "offset out of order", offset);
	if (offset > task->data_len ||
	    conn->rx.data_len > task->data_len - offset)
		return mpio_recv_bad(conn, "more data than asked for",
				     conn->rx.data_len);
	if (!mpio_recv_in_order(conn)) {
		err = mpio_recv_claim(conn, task, offset, conn->rx.data_len,
				      "brings data a second time");
		if (err)
			return err;
		mpio_sg_seek(&task->rx, task->sgl, offset);
	}
	task->exp_datasn++;
	task->progress++;
	conn->rx.task = task;
	return 0;
}

static int mpio_recv_datain(struct mpio_conn *conn)
{
	struct pdu_data_in *p = (struct pdu_data_in *)&conn->rx.bhs;
	struct mpio_task *task = conn->rx.task;
	bool status = p->flags & PDU_DATA_STATUS;
	int err;

	err = mpio_recv_numbers(conn, status);
	if (err)
		return err;
	task->received += conn->rx.data_len;
	if (!status)
		return 0;
	task->status = p->status;
	err = mpio_recv_check_amount(conn, task, p->flags,
				     be32_to_cpu(p->residual));
	if (err)
		return err;
	mpio_conn_complete_task(conn, task);
	return 0;
}

/* ------------------------------------------------------------------ R2T */

static int mpio_recv_r2t(struct mpio_conn *conn)
{
	struct pdu_r2t *p = (struct pdu_r2t *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, true);
	u32 offset = be32_to_cpu(p->offset);
	u32 len = be32_to_cpu(p->data_length);
	struct mpio_r2t *r2t;
	int err;

	err = mpio_recv_numbers(conn, false);
	if (err)
		return err;
	if (!task || test_bit(MPIO_TASK_RESPONDED, &task->flags))
		return mpio_recv_bad(conn, "no such task", 0);
	if (!task->write)
		return mpio_recv_bad(conn, "command is not a write", 0);
	if (be32_to_cpu(p->r2tsn) != task->r2tsn)
		return mpio_recv_bad(conn, "R2TSN out of order",
				     be32_to_cpu(p->r2tsn));
	if (!len || len > conn->params.max_burst)
		return mpio_recv_bad(conn, "desired length out of range", len);
	if (offset > task->data_len || len > task->data_len - offset)
		return mpio_recv_bad(conn, "asks for data beyond the end",
				     offset);
	if (offset < task->r2t_next)
		return mpio_recv_bad(conn, "asks for data a second time",
				     offset);
	if (task->r2t_count >= conn->params.max_outstanding_r2t ||
	    task->r2t_count >= MPIO_MAX_R2T)
		return mpio_recv_bad(conn, "more than MaxOutstandingR2T",
				     task->r2t_count);
	if (conn->params.data_sequence_in_order)
		task->r2t_next = offset + len;
	else
		err = mpio_recv_claim(conn, task, offset, len,
				      "asks for data a second time");
	if (err)
		return err;
	r2t = &task->r2t[(task->r2t_first + task->r2t_count) % MPIO_MAX_R2T];
	r2t->ttt = be32_to_cpu(p->ttt);
	r2t->offset = offset;
	r2t->remaining = len;
	r2t->datasn = 0;
	task->r2tsn++;
	task->r2t_count++;
	task->progress++;
	if (list_empty(&task->r2t_node))
		list_add_tail(&task->r2t_node, &conn->r2t);
	return 0;
}

/* ------------------------------------------------------- everything else */

static int mpio_recv_other_header(struct mpio_conn *conn)
{
	if (conn->rx.data_len > MPIO_RXBUF_SIZE)
		return mpio_recv_bad(conn, "data segment too long",
				     conn->rx.data_len);
	return 0;
}

/* NOP-In: an answer to ours, or the target wants one, RFC 7143 11.19. */
static int mpio_recv_nop(struct mpio_conn *conn)
{
	struct pdu_nop_in *p = (struct pdu_nop_in *)&conn->rx.bhs;
	bool ours = be32_to_cpu(p->itt) != PDU_TAG_NONE;
	struct mpio_nop_reply *reply;
	struct mpio_task *task;
	int err;

	err = mpio_recv_numbers(conn, ours);
	if (err)
		return err;
	if (ours) {
		task = mpio_recv_task(conn, false);
		if (!task || task->kind != MPIO_TASK_NOP)
			return mpio_recv_bad(conn, "answers no NOP-Out", 0);
		mpio_conn_forget_task(conn, task);
		WRITE_ONCE(conn->nop_outstanding, false);
		return 0;
	}
	if (be32_to_cpu(p->ttt) == PDU_TAG_NONE || conn->async_deadline)
		return 0;
	/* There is room: see mpio_recv_must_wait(). */
	reply = &conn->nop_reply[(conn->nop_reply_first +
				  conn->nop_reply_count) % MPIO_NOP_REPLIES];
	reply->ttt = be32_to_cpu(p->ttt);
	memcpy(reply->lun, p->lun, sizeof(reply->lun));
	conn->nop_reply_count++;
	return 0;
}

static int mpio_recv_tmf(struct mpio_conn *conn)
{
	struct pdu_tmf_rsp *p = (struct pdu_tmf_rsp *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, false);
	int err;

	err = mpio_recv_numbers(conn, true);
	if (err)
		return err;
	if (!task && mpio_conn_itt_given_up(conn, be32_to_cpu(p->itt)))
		return 0;
	if (!task || task->kind != MPIO_TASK_TMF)
		return mpio_recv_bad(conn, "answers no request of ours", 0);
	task->response = p->response;
	if (task == &conn->tmf_task) {
		mpio_conn_forget_task(conn, task);
		mpio_conn_abort_answered(conn);
		return 0;
	}
	mpio_conn_complete_task(conn, task);
	return 0;
}

static int mpio_recv_logout(struct mpio_conn *conn)
{
	struct pdu_logout_rsp *p = (struct pdu_logout_rsp *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, false);
	int err;

	err = mpio_recv_numbers(conn, true);
	if (err)
		return err;
	if (!task || task->kind != MPIO_TASK_LOGOUT)
		return mpio_recv_bad(conn, "answers no Logout of ours", 0);
	if (p->response == PDU_LOGOUT_RSP_OK)
		WRITE_ONCE(conn->logged_out, true);
	if (task == &conn->async_task)
		return mpio_async_answered(conn, p);
	task->response = p->response;
	mpio_conn_complete_task(conn, task);
	return 0;
}

static int mpio_recv_text(struct mpio_conn *conn)
{
	struct pdu_text_rsp *p = (struct pdu_text_rsp *)&conn->rx.bhs;
	struct mpio_task *task = mpio_recv_task(conn, false);
	const char *why = "";
	int err;

	if (!task || task->kind != MPIO_TASK_TEXT)
		return mpio_recv_bad(conn, "was not asked for", 0);
	err = mpio_recv_numbers(conn, true);
	if (err)
		return err;
	err = mpio_async_text(conn, p, &why);
	return err == -EPROTO ? mpio_recv_bad(conn, why, p->flags) : err;
}

static int mpio_recv_async(struct mpio_conn *conn)
{
	int err = mpio_recv_numbers(conn, true);

	return err ? err : mpio_async_received(conn, (struct pdu_async *)
						     &conn->rx.bhs);
}

static int mpio_recv_reject(struct mpio_conn *conn)
{
	struct pdu_reject *p = (struct pdu_reject *)&conn->rx.bhs;

	if (mpio_reject_taken(conn, p))
		return mpio_recv_numbers(conn, true);
	return mpio_recv_bad(conn, mpio_reject_reason(p->reason), p->reason);
}

static const struct mpio_recv_op mpio_recv_ops[PDU_OPCODE_MASK + 1] = {
	[PDU_OP_NOP_IN]		= { mpio_recv_other_header, mpio_recv_nop },
	[PDU_OP_SCSI_RSP]	= { mpio_recv_response_header,
				    mpio_recv_response },
	[PDU_OP_TMF_RSP]	= { mpio_recv_other_header, mpio_recv_tmf },
	[PDU_OP_TEXT_RSP]	= { mpio_recv_other_header, mpio_recv_text },
	[PDU_OP_DATA_IN]	= { mpio_recv_datain_header, mpio_recv_datain },
	[PDU_OP_LOGOUT_RSP]	= { mpio_recv_other_header, mpio_recv_logout },
	[PDU_OP_R2T]		= { mpio_recv_other_header, mpio_recv_r2t },
	[PDU_OP_ASYNC]		= { mpio_recv_other_header, mpio_recv_async },
	[PDU_OP_REJECT]		= { mpio_recv_other_header, mpio_recv_reject },
};

/* ------------------------------------------------------- bytes into PDUs */

static const struct mpio_recv_op *mpio_recv_op(const struct mpio_conn *conn)
{
	return &mpio_recv_ops[mpio_pdu_opcode(&conn->rx.bhs)];
}

static void mpio_recv_expect(struct mpio_rx *rx, enum mpio_rx_phase phase,
			     u32 want)
{
	rx->phase = phase;
	rx->have = 0;
	rx->want = want;
}

static int mpio_recv_end_pdu(struct mpio_conn *conn)
{
	int err = mpio_recv_op(conn)->complete(conn);

	conn->rx.task = NULL;
	conn->rx.pdus++;
	mpio_recv_expect(&conn->rx, MPIO_RX_BHS, PDU_BHS_LEN);
	return err;
}

/* Header, AHS and header digest are in. */
static int mpio_recv_end_header(struct mpio_conn *conn)
{
	struct mpio_rx *rx = &conn->rx;
	int err = mpio_recv_op(conn)->header(conn);

	if (err)
		return err;
	if (!rx->data_len)
		return mpio_recv_end_pdu(conn);
	rx->crc = MPIO_CRC_SEED;
	mpio_recv_expect(rx, MPIO_RX_DATA, rx->data_len + rx->pad);
	return 0;
}

static int mpio_recv_bhs(struct mpio_conn *conn)
{
	struct mpio_rx *rx = &conn->rx;
	const char *why;

	if (mpio_pdu_check(&rx->bhs, MPIO_PHASE_FULL, conn->params.max_recv_dsl,
			   sizeof(rx->ahs), &why))
		return mpio_recv_bad(conn, why, rx->bhs.opcode);
	rx->data_len = mpio_pdu_dlength(&rx->bhs);
	rx->pad = mpio_pdu_pad(rx->data_len);
	rx->crc = MPIO_CRC_SEED;
	if (conn->params.header_digest)
		rx->crc = crc32c(rx->crc, &rx->bhs, sizeof(rx->bhs));
	if (rx->bhs.hlength)
		mpio_recv_expect(rx, MPIO_RX_AHS,
				 mpio_pdu_ahslength(&rx->bhs));
	else if (conn->params.header_digest)
		mpio_recv_expect(rx, MPIO_RX_HEADER_DIGEST, PDU_DIGEST_LEN);
	else
		return mpio_recv_end_header(conn);
	return 0;
}

static int mpio_recv_ahs(struct mpio_conn *conn)
{
	struct mpio_rx *rx = &conn->rx;

	if (!conn->params.header_digest)
		return mpio_recv_end_header(conn);
	rx->crc = crc32c(rx->crc, rx->ahs, rx->want);
	mpio_recv_expect(rx, MPIO_RX_HEADER_DIGEST, PDU_DIGEST_LEN);
	return 0;
}

static int mpio_recv_end_phase(struct mpio_conn *conn)
{
	struct mpio_rx *rx = &conn->rx;

	switch (rx->phase) {
	case MPIO_RX_BHS:
		return mpio_recv_bhs(conn);
	case MPIO_RX_AHS:
		return mpio_recv_ahs(conn);
	case MPIO_RX_HEADER_DIGEST:
		if (rx->digest != mpio_crc_final(rx->crc))
			return mpio_recv_bad(conn, "header digest is wrong",
					     le32_to_cpu(rx->digest));
		return mpio_recv_end_header(conn);
	case MPIO_RX_DATA:
		if (!conn->params.data_digest)
			return mpio_recv_end_pdu(conn);
		mpio_recv_expect(rx, MPIO_RX_DATA_DIGEST, PDU_DIGEST_LEN);
		return 0;
	case MPIO_RX_DATA_DIGEST:
		if (rx->digest != mpio_crc_final(rx->crc))
			return mpio_recv_bad(conn, "data digest is wrong",
					     le32_to_cpu(rx->digest));
		return mpio_recv_end_pdu(conn);
	}
	return -EPROTO;
}

/* Data-In bytes to the command's own pages. */
static void mpio_recv_place(struct mpio_task *task, const u8 *from, u32 len)
{
	while (len) {
		struct page *page;
		u32 offset, n = mpio_sg_piece(&task->rx, len, &page, &offset);
		u8 *to = kmap_local_page(page);

		memcpy(to + offset, from, n);
		kunmap_local(to);
		mpio_sg_advance(&task->rx, n);
		from += n;
		len -= n;
	}
}

/* @n bytes of the data segment or its padding. */
static void mpio_recv_data(struct mpio_conn *conn, const u8 *from, u32 n)
{
	struct mpio_rx *rx = &conn->rx;
	u32 data;

	if (conn->params.data_digest)
		rx->crc = crc32c(rx->crc, from, n);
	if (rx->have >= rx->data_len)
		return;
	data = min(n, rx->data_len - rx->have);
	if (rx->task)
		mpio_recv_place(rx->task, from, data);
	else
		memcpy(rx->buf + rx->have, from, data);
}

/*
 * Pings are taken as fast as they can be answered: the rest of a burst stays
 * in the socket until those before it are on their way.
 */
static bool mpio_recv_must_wait(const struct mpio_conn *conn)
{
	return conn->nop_reply_count == MPIO_NOP_REPLIES;
}

/* Returns how many of the bytes were taken, or -errno. */
static int mpio_recv_bytes(struct mpio_conn *conn, const u8 *from, size_t len)
{
	struct mpio_rx *rx = &conn->rx;
	size_t remaining = len;

	while (remaining && !mpio_recv_must_wait(conn)) {
		u32 n = min_t(size_t, remaining, rx->want - rx->have);
		int err;

		switch (rx->phase) {
		case MPIO_RX_BHS:
			memcpy((u8 *)&rx->bhs + rx->have, from, n);
			break;
		case MPIO_RX_AHS:
			memcpy(rx->ahs + rx->have, from, n);
			break;
		case MPIO_RX_DATA:
			mpio_recv_data(conn, from, n);
			break;
		case MPIO_RX_HEADER_DIGEST:
		case MPIO_RX_DATA_DIGEST:
			memcpy((u8 *)&rx->digest + rx->have, from, n);
			break;
		}
		rx->have += n;
		from += n;
		remaining -= n;
		if (rx->have < rx->want)
			break;
		err = mpio_recv_end_phase(conn);
		if (err)
			return err;
	}
	return len - remaining;
}

static int mpio_recv_actor(read_descriptor_t *desc, struct sk_buff *skb,
			   unsigned int offset, size_t len)
{
	struct mpio_conn *conn = desc->arg.data;
	struct skb_seq_state st;
	unsigned int done = 0, n;
	const u8 *from;
	int taken;

	if (conn->rx.error)
		return conn->rx.error;
	skb_prepare_seq_read(skb, offset, offset + len, &st);
	while ((n = skb_seq_read(done, &from, &st))) {
		taken = mpio_recv_bytes(conn, from, n);
		if (taken < 0) {
			conn->rx.error = taken;
			skb_abort_seq_read(&st);
			return taken;
		}
		done += taken;
		if (taken < n) {
			skb_abort_seq_read(&st);
			break;
		}
	}
	if (conn->rx.pdus >= conn->rx.budget || mpio_recv_must_wait(conn))
		desc->count = 0;
	return done;
}

/* All of a PDU, by its header. */
static u32 mpio_recv_whole(const struct mpio_conn *conn,
			   const struct pdu_bhs *bhs)
{
	u32 n = PDU_BHS_LEN + mpio_pdu_ahslength(bhs);
	u32 data = mpio_pdu_dlength(bhs);

	if (conn->params.header_digest)
		n += PDU_DIGEST_LEN;
	if (data) {
		n += data + mpio_pdu_pad(data);
		if (conn->params.data_digest)
			n += PDU_DIGEST_LEN;
	}
	return n;
}

/* The next PDU's length if its header has come, else that of a header. */
static u32 mpio_recv_peek(const struct mpio_conn *conn, struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);
	struct pdu_bhs bhs;
	u32 offset;

	if (!skb)
		return 1;
	offset = tcp_sk(sk)->copied_seq - TCP_SKB_CB(skb)->seq;
	if (offset > skb->len || skb->len - offset < sizeof(bhs) ||
	    skb_copy_bits(skb, offset, &bhs, sizeof(bhs)))
		return 1;
	return mpio_recv_whole(conn, &bhs);
}

/* Where a pass ends: how many bytes are worth the next one. */
static void mpio_recv_end_pass(struct mpio_conn *conn)
{
	struct mpio_rx *rx = &conn->rx;

	rx->enough = rx->want - rx->have;
	if (rx->phase == MPIO_RX_BHS && !rx->have)
		rx->enough = 0;		/* ask the header */
	else if (rx->phase == MPIO_RX_DATA && conn->params.data_digest)
		rx->enough += PDU_DIGEST_LEN;
	WRITE_ONCE(rx->held_since, 0);
}

/* As much of it as 32-bit processors store at once; 0 is not a time. */
static u32 mpio_recv_clock(void)
{
	return (u32)ktime_get_ns() | 1;
}

bool mpio_conn_receive_later(struct mpio_conn *conn, struct sock *sk)
{
	struct mpio_rx *rx = &conn->rx;
	u32 most = min_t(u32, MPIO_RX_GATHER, READ_ONCE(sk->sk_rcvbuf) / 4);

	sock_owned_by_me(sk);
	if (rx->error || sk->sk_err || (sk->sk_shutdown & RCV_SHUTDOWN))
		return false;
	if (!rx->enough)
		rx->enough = mpio_recv_peek(conn, sk);
	/* Also if the window is about to close, or memory is short: */
	if (tcp_epollin_ready(sk, min(rx->enough, most)))
		return false;
	if (!rx->held_since) {
		WRITE_ONCE(rx->held_since, mpio_recv_clock());
		if (!hrtimer_is_queued(&rx->timer))
			hrtimer_start(&rx->timer, MPIO_RX_GATHER_NS,
				      HRTIMER_MODE_REL);
	}
	return true;
}

/*
 * The timer is not cancelled by a pass that makes it needless, as that costs more than
 * a timer that runs in vain. This function never forwards it (hrtimer_forward()):
 * data_ready may start the timer while this runs, and only hrtimer_start() may move
 * one that is queued.
 */
static enum hrtimer_restart mpio_recv_timer(struct hrtimer *timer)
{
	struct mpio_rx *rx = container_of(timer, struct mpio_rx, timer);
	u32 since = READ_ONCE(rx->held_since), age;

	if (!since)
		return HRTIMER_NORESTART;
	age = mpio_recv_clock() - since;
	if (age < MPIO_RX_GATHER_NS) {
		hrtimer_start(timer, MPIO_RX_GATHER_NS - age,
			      HRTIMER_MODE_REL);
		return HRTIMER_NORESTART;
	}
	mpio_conn_kick(container_of(rx, struct mpio_conn, rx));
	return HRTIMER_NORESTART;
}

void mpio_conn_receive_init(struct mpio_conn *conn)
{
	hrtimer_setup(&conn->rx.timer, mpio_recv_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
}

/* Has the other side gone, and is there nothing left to read? */
static int mpio_recv_end_of_stream(const struct sock *sk)
{
	if (sk->sk_err)
		return -sk->sk_err;
	if (sk->sk_state != TCP_ESTABLISHED ||
	    (sk->sk_shutdown & RCV_SHUTDOWN))
		return -ECONNRESET;
	return 0;
}

int mpio_conn_receive(struct mpio_conn *conn, unsigned int budget)
{
	read_descriptor_t desc = {
		.arg.data = conn,
		.count = 1,
	};
	struct sock *sk = conn->sock->sk;
	int n, end;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	sock_owned_by_me(sk);
	conn->rx.pdus = 0;
	conn->rx.budget = budget;
	n = tcp_read_sock(sk, &desc, mpio_recv_actor);
	mpio_recv_end_pass(conn);
	end = mpio_recv_end_of_stream(sk);
	if (conn->rx.error)
		return conn->rx.error;
	if (mpio_recv_must_wait(conn) && !sk->sk_err)
		end = 0;	/* there may be more than nothing to read */
	if (n <= 0)
		return end;
	WRITE_ONCE(conn->last_rx, jiffies);
	/* Data that arrives from now on kicks io_work, unread data does not. */
	return end || conn->rx.pdus >= budget || mpio_recv_must_wait(conn);
}
