// SPDX-License-Identifier: GPL-2.0
/*
 * Sending.
 *
 * Headers, digests and padding are copied into conn->tx.buf and go out many
 * at a time; data segments are spliced from the command's own pages between
 * them. With a data digest the bytes are copied first and the copy is spliced,
 * so that what is summed is what is sent, whatever the owner of the pages does.
 *
 * Once the last byte of a data segment is with TCP the pages may still be
 * retransmitted, but the task is not looked at again for their sake: the
 * socket holds references on them.
 */
#include "conn/send.h"

#include <linux/bvec.h>
#include <linux/crc32c.h>
#include <linux/highmem.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "base/assert.h"
#include "compat/sock_send.h"
#include "conn/conn.h"

/* Longest header with everything behind it that is not data. */
#define MPIO_TX_HEADER_MAX	(PDU_BHS_LEN + MPIO_CDB_MAX + 4 + 2 * PDU_DIGEST_LEN + 4)
#define MPIO_TX_BVECS		16

__le32 mpio_crc_final(u32 crc)
{
	return cpu_to_le32(~crc);
}

/* No new ones once the target has asked us to log out, RFC 7143 11.9.1. */
static bool mpio_send_may_command(const struct mpio_conn *conn)
{
	return !list_empty(&conn->pending) && !conn->async_deadline &&
	       mpio_window_open(&conn->window, conn->cmdsn) &&
	       mpio_conn_has_slot(conn);
}

/* May one more PDU follow at once? Then TCP may wait for it. */
static bool mpio_send_more(const struct mpio_conn *conn)
{
	if (conn->logout_sent)
		return false;
	if (conn->nop_reply_count || !list_empty(&conn->immediate) ||
	    !list_empty(&conn->r2t))
		return true;
	return mpio_send_may_command(conn);
}

/* Hands the buffer to TCP: 1 all of it, 0 the socket is full, -errno. */
static int mpio_send_flush(struct mpio_conn *conn, bool more)
{
	struct mpio_tx *tx = &conn->tx;

	while (tx->sent < tx->len) {
		int n = mpio_sock_send_copy(conn->sock->sk, tx->buf + tx->sent,
					    tx->len - tx->sent,
					    MSG_DONTWAIT | MSG_NOSIGNAL |
					    (more ? MSG_MORE : 0));

		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ? n : -EPIPE;
		tx->corked = more;
		tx->sent += n;
	}
	tx->len = 0;
	tx->sent = 0;
	return 1;
}

static void *mpio_send_reserve(struct mpio_tx *tx, u32 len)
{
	void *p = tx->buf + tx->len;

	tx->len += len;
	return p;
}

static void mpio_send_digest(struct mpio_tx *tx, u32 crc)
{
	__le32 digest = mpio_crc_final(crc);

	memcpy(mpio_send_reserve(tx, sizeof(digest)), &digest, sizeof(digest));
}

/* The header at @bhs, AHS behind it, is complete. */
static void mpio_send_end_header(struct mpio_conn *conn, void *bhs)
{
	struct mpio_tx *tx = &conn->tx;
	u8 *end = tx->buf + tx->len;

	if (conn->params.header_digest)
		mpio_send_digest(tx, crc32c(MPIO_CRC_SEED, bhs,
					    end - (u8 *)bhs));
}

static void mpio_send_start_data(struct mpio_conn *conn, struct mpio_task *task,
				 u32 offset, u32 len)
{
	struct mpio_tx *tx = &conn->tx;

	mpio_sg_seek(&task->tx, task->sgl, offset);
	tx->task = task;
	tx->data_remaining = len;
	tx->pad = mpio_pdu_pad(len);
	tx->crc = MPIO_CRC_SEED;
	tx->copy_len = 0;
	tx->copy_sent = 0;
}

/* ------------------------------------------------- PDUs without a task */

static void mpio_send_nop_reply(struct mpio_conn *conn)
{
	struct mpio_nop_reply *r = &conn->nop_reply[conn->nop_reply_first];
	struct pdu_nop_out *p = mpio_send_reserve(&conn->tx, sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->opcode = PDU_OP_NOP_OUT | PDU_IMMEDIATE;
	p->flags = PDU_F_FINAL;
	memcpy(p->lun, r->lun, sizeof(p->lun));
	p->itt = cpu_to_be32(PDU_TAG_NONE);
	p->ttt = cpu_to_be32(r->ttt);
	p->cmdsn = cpu_to_be32(conn->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
	mpio_send_end_header(conn, p);
	conn->nop_reply_first = (conn->nop_reply_first + 1) % MPIO_NOP_REPLIES;
	conn->nop_reply_count--;
}

/* ------------------------------------------------------ immediate PDUs */

static void mpio_build_nop(struct mpio_conn *conn, struct mpio_task *task,
			   struct pdu_nop_out *p)
{
	p->opcode = PDU_OP_NOP_OUT | PDU_IMMEDIATE;
	p->flags = PDU_F_FINAL;
	p->itt = cpu_to_be32(task->itt);
	p->ttt = cpu_to_be32(PDU_TAG_NONE);
	p->cmdsn = cpu_to_be32(conn->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
}

static void mpio_build_tmf(struct mpio_conn *conn, struct mpio_task *task,
			   struct pdu_tmf_req *p)
{
	p->opcode = PDU_OP_TMF_REQ | PDU_IMMEDIATE;
	p->flags = PDU_F_FINAL | task->tmf_function;
	memcpy(p->lun, task->lun, sizeof(p->lun));
	p->itt = cpu_to_be32(task->itt);
	p->rtt = cpu_to_be32(task->tmf_ref_itt);
	p->cmdsn = cpu_to_be32(conn->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
	/* For QUERY and ABORT TASK only, RFC 7143 11.5.5 and RFC 7144 6.3.3 */
	p->ref_cmdsn = cpu_to_be32(task->tmf_ref_cmdsn);
}

static void mpio_build_logout(struct mpio_conn *conn, struct mpio_task *task,
			      struct pdu_logout_req *p)
{
	conn->logout_sent = true;
	p->opcode = PDU_OP_LOGOUT_REQ | PDU_IMMEDIATE;
	p->flags = PDU_F_FINAL | PDU_LOGOUT_SESSION;
	p->itt = cpu_to_be32(task->itt);
	p->cid = cpu_to_be16(conn->cid);
	p->cmdsn = cpu_to_be32(conn->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
}

static void mpio_build_text(struct mpio_conn *conn, struct mpio_task *task,
			    struct pdu_text_req *p)
{
	p->opcode = PDU_OP_TEXT_REQ | PDU_IMMEDIATE;
	p->flags = PDU_F_FINAL;
	p->itt = cpu_to_be32(task->itt);
	p->ttt = cpu_to_be32(task->ttt);
	p->cmdsn = cpu_to_be32(conn->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
}

static void mpio_send_immediate(struct mpio_conn *conn)
{
	struct mpio_task *task = list_first_entry(&conn->immediate,
						  struct mpio_task, node);
	void *p = mpio_send_reserve(&conn->tx, PDU_BHS_LEN);

	list_del_init(&task->node);
	mpio_conn_assign_itt(conn, task);
	WRITE_ONCE(task->state, MPIO_TASK_SENT);
	memset(p, 0, PDU_BHS_LEN);
	switch (task->kind) {
	case MPIO_TASK_NOP:
		mpio_build_nop(conn, task, p);
		break;
	case MPIO_TASK_TMF:
		mpio_build_tmf(conn, task, p);
		break;
	case MPIO_TASK_TEXT:
		mpio_build_text(conn, task, p);
		break;
	default:
		mpio_build_logout(conn, task, p);
	}
	mpio_send_end_header(conn, p);
}

/* ------------------------------------------------------- SCSI commands */

/* CDBs over 16 bytes go on in an AHS, RFC 7143 11.2.2.4. */
static u32 mpio_build_ahs(struct mpio_conn *conn, const struct mpio_task *task)
{
	u32 extra = task->cdb_len - PDU_CDB_LEN;
	/* Not sizeof, which has a byte of padding: 11.2.2.3 has 1 reserved. */
	u32 len = ALIGN(offsetof(struct pdu_ahs, specific) + 1 + extra, 4);
	u8 *ahs = mpio_send_reserve(&conn->tx, len);

	memset(ahs, 0, len);
	mpio_put16(ahs, extra + 1);
	ahs[2] = PDU_AHS_EXT_CDB;
	memcpy(ahs + 4, task->cdb + PDU_CDB_LEN, extra);
	return len;
}

static void mpio_send_command(struct mpio_conn *conn)
{
	struct mpio_task *task = list_first_entry(&conn->pending,
						  struct mpio_task, node);
	const struct mpio_params *prm = &conn->params;
	struct pdu_scsi_cmd *p;
	u32 burst = 0, immediate = 0;

	list_del_init(&task->node);
	mpio_conn_assign_itt(conn, task);
	WRITE_ONCE(task->state, MPIO_TASK_SENT);
	if (task->write) {
		burst = min(prm->first_burst, task->data_len);
		if (prm->immediate_data)
			immediate = min(burst, prm->max_xmit_dsl);
		if (!prm->initial_r2t)
			task->unsolicited_remaining = burst - immediate;
	}

	p = mpio_send_reserve(&conn->tx, sizeof(*p));
	memset(p, 0, sizeof(*p));
	p->opcode = PDU_OP_SCSI_CMD;
	p->flags = PDU_ATTR_SIMPLE | (task->read ? PDU_CMD_READ : 0) |
		   (task->write ? PDU_CMD_WRITE : 0) |
		   (task->unsolicited_remaining ? 0 : PDU_F_FINAL);
	mpio_put24(p->dlength, immediate);
	memcpy(p->lun, task->lun, sizeof(p->lun));
	p->itt = cpu_to_be32(task->itt);
	p->data_length = cpu_to_be32(task->data_len);
	task->cmdsn = conn->cmdsn++;
	p->cmdsn = cpu_to_be32(task->cmdsn);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
	memcpy(p->cdb, task->cdb, min_t(u32, task->cdb_len, PDU_CDB_LEN));
	if (task->cdb_len > PDU_CDB_LEN)
		p->hlength = mpio_build_ahs(conn, task) / 4;
	mpio_send_end_header(conn, p);

	task->r2t_next = immediate + task->unsolicited_remaining;
	if (immediate) {
		task->tx_sent = immediate;
		mpio_send_start_data(conn, task, 0, immediate);
	}
	if (task->unsolicited_remaining)
		list_add(&task->r2t_node, &conn->r2t);	/* before all else */
}

/* ------------------------------------------------------------ Data-Out */

static void mpio_send_data_out(struct mpio_conn *conn)
{
	struct mpio_task *task = list_first_entry(&conn->r2t, struct mpio_task,
						  r2t_node);
	struct mpio_r2t *r2t = &task->r2t[task->r2t_first];
	bool unsolicited = task->unsolicited_remaining;
	struct pdu_data_out *p;
	u32 remaining, offset, len, datasn, ttt;

	if (unsolicited) {
		remaining = task->unsolicited_remaining;
		offset = task->tx_sent;
		ttt = PDU_TAG_NONE;
		datasn = task->unsolicited_datasn++;
	} else {
		remaining = r2t->remaining;
		offset = r2t->offset;
		ttt = r2t->ttt;
		datasn = r2t->datasn++;
	}
	len = min(remaining, conn->params.max_xmit_dsl);
	p = mpio_send_reserve(&conn->tx, sizeof(*p));
	memset(p, 0, sizeof(*p));
	p->opcode = PDU_OP_DATA_OUT;
	p->flags = len == remaining ? PDU_F_FINAL : 0;
	mpio_put24(p->dlength, len);
	memcpy(p->lun, task->lun, sizeof(p->lun));
	p->itt = cpu_to_be32(task->itt);
	p->ttt = cpu_to_be32(ttt);
	p->exp_statsn = cpu_to_be32(conn->exp_statsn);
	p->datasn = cpu_to_be32(datasn);
	p->offset = cpu_to_be32(offset);
	mpio_send_end_header(conn, p);

	task->progress++;
	task->tx_sent += len;
	if (unsolicited) {
		task->unsolicited_remaining -= len;
	} else {
		r2t->offset += len;
		r2t->remaining -= len;
		if (!r2t->remaining) {
			task->r2t_first = (task->r2t_first + 1) % MPIO_MAX_R2T;
			task->r2t_count--;
		}
	}
	if (!task->unsolicited_remaining) {
		list_del_init(&task->r2t_node);
		if (task->r2t_count)	/* others get their turn */
			list_add_tail(&task->r2t_node, &conn->r2t);
	}
	mpio_send_start_data(conn, task, offset, len);
}

/* -------------------------------------------------------- data segments */

/* May these pages be spliced, or are they slab memory? */
static bool mpio_pages_ok(struct page *page, u32 offset, u32 len)
{
	u32 n = DIV_ROUND_UP(offset + len, PAGE_SIZE);

	while (n--)
		if (!sendpage_ok(nth_page(page, n)))
			return false;
	return true;
}

/* Up to MPIO_TX_BVECS pieces from the task's pages: as mpio_send_flush(). */
static int mpio_send_pages(struct mpio_conn *conn)
{
	struct mpio_tx *tx = &conn->tx;
	struct mpio_sg_cursor at = tx->task->tx;
	struct bio_vec bvec[MPIO_TX_BVECS];
	unsigned int n = 0;
	u32 len = 0;
	bool splice = true, more;
	int ret;

	while (n < MPIO_TX_BVECS && len < tx->data_remaining) {
		struct bio_vec *bv = &bvec[n];
		u32 piece = mpio_sg_piece(&at, tx->data_remaining - len,
					  &bv->bv_page, &bv->bv_offset);

		bv->bv_len = piece;
		splice = splice && mpio_pages_ok(bv->bv_page, bv->bv_offset,
						 piece);
		mpio_sg_advance(&at, piece);
		len += piece;
		n++;
	}
	more = len < tx->data_remaining || tx->pad || mpio_send_more(conn);
	ret = mpio_sock_send_bvec(conn->sock->sk, bvec, n, len, splice,
				  MSG_DONTWAIT | MSG_NOSIGNAL |
				  (more ? MSG_MORE : 0));
	if (ret == -EAGAIN)
		return 0;
	if (ret <= 0)
		return ret ? ret : -EPIPE;
	tx->corked = more;
	tx->data_remaining -= ret;
	if (ret == len) {
		tx->task->tx = at;
	} else {
		mpio_sg_seek(&tx->task->tx, tx->task->sgl,
			     tx->task->tx.offset + ret);
	}
	return 1;
}

/* Where the next data is copied to: @room bytes of memory that TCP may keep. */
static u32 mpio_send_copy_room(struct mpio_tx *tx)
{
	u32 want = min_t(u32, tx->data_remaining, PAGE_SIZE), room = PAGE_SIZE;

	tx->copy = mpio_copies_room(&tx->copies, want, &room);
	tx->copy_spliced = tx->copy;
	if (!tx->copy)
		tx->copy = tx->bounce;
	return room;
}

/* Copies whole pages where it can, as processors do that best. */
static void mpio_send_copy(u8 *to, const u8 *from, u32 n)
{
	if (PAGE_ALIGNED(to) && PAGE_ALIGNED(from)) {
		for (; n >= PAGE_SIZE; n -= PAGE_SIZE) {
			copy_page(to, (void *)from);
			to += PAGE_SIZE;
			from += PAGE_SIZE;
		}
	}
	memcpy(to, from, n);
}

/* Copies and sums the next piece of the data segment. */
static void mpio_send_fill_copy(struct mpio_tx *tx)
{
	struct mpio_sg_cursor *cur = &tx->task->tx;
	u32 room = min(mpio_send_copy_room(tx), tx->data_remaining);

	tx->copy_len = 0;
	tx->copy_sent = 0;
	while (tx->copy_len < room) {
		u8 *to = tx->copy + tx->copy_len, *from;
		struct page *page;
		u32 offset, n;

		/* Summed while it is in the cache: not too much at a time. */
		n = mpio_sg_piece(cur, min_t(u32, room - tx->copy_len, SZ_8K),
				  &page, &offset);
		from = kmap_local_page(page);
		mpio_send_copy(to, from + offset, n);
		kunmap_local(from);
		tx->crc = crc32c(tx->crc, to, n);
		mpio_sg_advance(cur, n);
		tx->copy_len += n;
	}
	tx->data_remaining -= room;
	if (tx->copy_spliced)
		mpio_copies_use(&tx->copies, room);
}

static int mpio_send_copied(struct mpio_conn *conn)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE;
	struct mpio_tx *tx = &conn->tx;
	struct sock *sk = conn->sock->sk;
	u32 len;
	u8 *at;
	int n;

	if (tx->copy_sent == tx->copy_len)
		mpio_send_fill_copy(tx);
	at = tx->copy + tx->copy_sent;
	len = tx->copy_len - tx->copy_sent;
	if (tx->copy_spliced) {
		struct bio_vec bvec;

		bvec_set_page(&bvec, virt_to_page(at), len, offset_in_page(at));
		n = mpio_sock_send_bvec(sk, &bvec, 1, len, true, flags);
	} else {
		n = mpio_sock_send_copy(sk, at, len, flags);
	}
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n ? n : -EPIPE;
	tx->corked = true;
	tx->copy_sent += n;
	return 1;
}

/*
 * The data segment is with TCP: puts padding and digest behind it into the buffer, and
 * completes the task if that was answered meanwhile.
 */
static void mpio_send_end_data(struct mpio_conn *conn)
{
	struct mpio_tx *tx = &conn->tx;
	struct mpio_task *task = tx->task;
	static const u8 zero[4];

	/* The buffer is empty: pads so that the next header is aligned. */
	tx->len = -tx->pad & 3;
	tx->sent = tx->len;
	memcpy(mpio_send_reserve(tx, tx->pad), zero, tx->pad);
	if (conn->params.data_digest)
		mpio_send_digest(tx, crc32c(tx->crc, zero, tx->pad));
	tx->task = NULL;
	if (test_bit(MPIO_TASK_RESPONDED, &task->flags))
		mpio_conn_complete_task(conn, task);
}

/* The data segment under way: 1 done, 0 the socket is full, -errno. */
static int mpio_send_data(struct mpio_conn *conn)
{
	struct mpio_tx *tx = &conn->tx;
	int ret = mpio_send_flush(conn, true);

	while (ret > 0 && (tx->data_remaining || tx->copy_sent < tx->copy_len))
		ret = conn->params.data_digest ? mpio_send_copied(conn) :
						 mpio_send_pages(conn);
	if (ret > 0)
		mpio_send_end_data(conn);
	return ret;
}

/* Puts the next PDU's header into the buffer; false when there is none. */
static bool mpio_send_next(struct mpio_conn *conn)
{
	bool command = mpio_send_may_command(conn);
	bool data = !list_empty(&conn->r2t);

	if (conn->logout_sent)
		return false;
	if (conn->nop_reply_count) {
		mpio_send_nop_reply(conn);
		return true;
	}
	if (!list_empty(&conn->immediate)) {
		mpio_send_immediate(conn);
		return true;
	}
	/* Unsolicited data follows its command before the next one. */
	if (data && list_first_entry(&conn->r2t, struct mpio_task,
				     r2t_node)->unsolicited_remaining)
		command = false;
	if (command && data) {
		command = !conn->tx.data_turn;
		conn->tx.data_turn = command;
	}
	if (command)
		mpio_send_command(conn);
	else if (data)
		mpio_send_data_out(conn);
	return command || data;
}

static int mpio_send_all(struct mpio_conn *conn)
{
	struct mpio_tx *tx = &conn->tx;
	int ret;

	do {
		if (tx->task) {
			ret = mpio_send_data(conn);
			if (ret <= 0)
				return ret;
		}
		if (tx->len + MPIO_TX_HEADER_MAX > MPIO_TXBUF_SIZE) {
			ret = mpio_send_flush(conn, true);
			if (ret <= 0)
				return ret;
		}
	} while (mpio_send_next(conn));
	return mpio_send_flush(conn, false);
}

int mpio_conn_send(struct mpio_conn *conn)
{
	struct mpio_tx *tx = &conn->tx;
	unsigned int noreclaim;
	int ret;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	sock_owned_by_me(conn->sock->sk);
	if (tx->error)
		return tx->error;
	/* The disk behind this socket may be where memory is freed to. */
	noreclaim = memalloc_noreclaim_save();
	ret = mpio_send_all(conn);
	memalloc_noreclaim_restore(noreclaim);
	if (ret < 0)
		tx->error = ret;	/* the socket tells only once */
	return ret;
}
