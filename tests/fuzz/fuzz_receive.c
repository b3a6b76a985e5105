// SPDX-License-Identifier: GPL-2.0
/*
 * The sending and receiving half of a connection (receive.c, send.c, itt.c,
 * async.c, abort.c and task.c as they are in the module) between commands and a
 * target that the input makes up: mostly right, so that much gets through,
 * cut and garbled as it likes. Whatever the target says:
 *
 *  - no byte is written outside a command's buffer (ASan), and a READ that is
 *    called good has every byte it claims to have, from where it belongs;
 *  - no command is completed twice, and none is forgotten; none ends but by an
 *    answer to itself, and a WRITE that is called good has been sent;
 *  - nothing is sent that no command and no valid R2T asked for;
 *  - what breaks a rule for certain ends the connection;
 *  - bytes that came are looked at, at once or by a timer that runs.
 *
 * mutants.py shows that it notices when the code does not do so.
 */
#include "engine/run.h"

struct run t;
struct owner sess;
static struct sock sk;
static struct socket sock = { &sk };

/* --------------------------------------------------- what the module calls */

struct workqueue_struct *mpio_io_wq;

u32 crc32c(u32 crc, const void *data, size_t len)
{
	const u8 *p = data;

	while (len--) {
		int i;

		crc ^= *p++;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

static void told(struct mpio_conn *conn, enum mpio_error code, const char *fmt,
		 va_list args)
{
	char text[MPIO_ERROR_MAX + 1];

	must(conn == &sess.conn && code != MPIO_ERROR_OK);
	must_say(fmt);
	vsnprintf(text, sizeof(text), fmt, args);
}

static void told_lost(struct mpio_conn *conn, enum mpio_error code,
		      enum mpio_loss loss, const char *fmt, va_list args)
{
	must(loss == MPIO_LOSS_SILENT);
	told(conn, code, fmt, args);
}

static void told_odd(struct mpio_conn *conn, enum mpio_odd odd)
{
	must(conn == &sess.conn);
	must(odd == MPIO_ODD_SHORT_READ || odd == MPIO_ODD_EXPCMDSN ||
	     odd == MPIO_ODD_STATSN);
}

static void told_lus_changed(struct mpio_conn *conn)
{
	must(conn == &sess.conn);
}

static void told_delay(struct mpio_conn *conn, unsigned long delay)
{
	must(conn == &sess.conn && delay <= HZ);
}

static void told_wait(struct mpio_conn *conn, u32 seconds)
{
	must(conn == &sess.conn && seconds <= 0xffff);
}

static const struct mpio_conn_ops owner = {
	.lost		= told_lost,
	.note		= told,
	.odd		= told_odd,
	.lus_changed	= told_lus_changed,
	.watch		= told_delay,
	.wait		= told_wait,
};

void kicked(void)
{
	t.kicked = true;
}

/* Time passes when it is looked at. */
u64 ktime_get_ns(void)
{
	t.now += 20000;
	return t.now;
}

/* Byte @offset of what a command reads or writes; never 0. */
u8 pattern(const struct command *c, u32 offset)
{
	return (u8)((c->seed + offset * 7 + (offset >> 8)) % 255 + 1);
}

static void give_back(struct command *c)
{
	c->busy = false;
	free(c->buffer);
	free(c->sense);
	c->buffer = NULL;
	c->sense = NULL;
}

/* To another path, which is this one here. */
static void retarget(struct command *c)
{
	struct mpio_task *task = &c->task;

	mpio_task_rewind(task);
	must(task->itt == PDU_TAG_NONE && !task->tx_sent && !task->received);
	c->retargeted = true;
	c->sent = false;
	c->answered = false;
	c->out = 0;
	c->unsolicited = 0;
	c->nasked = 0;
	memset(c->came, 0, sizeof(c->came));
	task->conn = &sess.conn;
	task->state = MPIO_TASK_PENDING;
	list_add_tail(&task->node, &sess.conn.pending);
}

/* What a command that ends has been through, and what came of it. */
static void check_end(const struct command *c)
{
	const struct mpio_task *task = &c->task;
	bool good = !task->error && !task->status && !task->response;
	u32 i;

	must(!good || task->residual <= c->len);
	must(task->error || c->answered || t.tainted);
	must(task->sense_len <= MPIO_SENSE_MAX);
	for (i = 0; !c->write && good && !t.tainted &&
	     i < c->len - task->residual; i++)
		must(c->buffer[i] == pattern(c, i));
	for (i = 0; c->write && i < c->len; i++)
		must(c->buffer[i] == pattern(c, i));
	if (c->write && good)
		must(c->out >= c->len - task->residual);
}

static void done(struct mpio_task *task)
{
	struct command *c = container_of(task, struct command, task);

	must(c->busy);
	must(list_empty(&task->node) && list_empty(&task->r2t_node));
	must(!task->extents);
	must(sess.conn.tx.task != task && sess.conn.rx.task != task);
	check_end(c);
	if (!task->error && task->status == SAM_STAT_BUSY && !c->retargeted)
		retarget(c);
	else
		give_back(c);
}

static void lost(struct mpio_task *task)
{
	abort();	/* nothing outlives the connection */
}

static const struct mpio_task_ops issuer = {
	.done	= done,
	.lost	= lost,
};

/* --------------------------------------------------------------- socket */

int skb_copy_bits(const struct sk_buff *skb, u32 offset, void *to, u32 len)
{
	must(offset + len <= skb->len);
	memcpy(to, skb->data + offset, len);
	return 0;
}

void skb_prepare_seq_read(struct sk_buff *skb, u32 from, u32 to,
			  struct skb_seq_state *st)
{
	st->from = skb->data + from;
	st->rest = to - from;
}

unsigned int skb_seq_read(unsigned int consumed, const u8 **data,
			  struct skb_seq_state *st)
{
	must(consumed <= st->rest);
	*data = st->from + consumed;
	return min(st->rest - consumed, t.piece);
}

bool tcp_epollin_ready(const struct sock *s, int n)
{
	must(s == &sk && n > 0);
	return t.arrived - t.at >= (u32)n;
}

int tcp_read_sock(struct sock *s, read_descriptor_t *desc,
		  int (*actor)(read_descriptor_t *desc, struct sk_buff *skb,
			       unsigned int offset, size_t len))
{
	int copied = 0;

	while (t.at < t.arrived) {
		struct sk_buff skb = { t.arrived - t.at, 0, t.stream + t.at };
		int used = actor(desc, &skb, 0, skb.len);

		must(used <= (int)skb.len);
		if (used <= 0)
			return copied ? copied : used;
		t.at += used;
		copied += used;
		if (!desc->count)
			break;
	}
	return copied;
}

/* Some target guesses the tag of a command that is not on the wire yet. */
struct command *find(u32 itt)
{
	u32 i;

	for (i = 0; i < t.ncommands; i++) {
		struct command *c = &t.command[i];

		if (c->sent ? c->itt == itt :
		    c->busy && c->task.state == MPIO_TASK_SENT &&
		    c->task.itt == itt)
			return c;
	}
	return NULL;
}

static void check_data(const struct command *c, u32 offset, const u8 *data,
		       u32 len)
{
	u32 i;

	must(offset <= c->len && len <= c->len - offset);
	for (i = 0; i < len; i++)
		must(data[i] == pattern(c, offset + i));
}

static void check_command(const struct pdu_scsi_cmd *p, const u8 *data,
			  u32 len)
{
	const struct mpio_params *prm = &sess.conn.params;
	u32 itt = be32_to_cpu(p->itt), i;
	struct command *c = NULL;

	for (i = 0; i < t.ncommands; i++)
		if (!t.command[i].sent && t.command[i].task.itt == itt)
			c = &t.command[i];
	must(c && itt != PDU_TAG_NONE);
	c->sent = true;
	c->itt = itt;
	must(be32_to_cpu(p->cmdsn) == t.cmdsn);
	must(mpio_sna_lte(t.cmdsn++, sess.conn.window.max_cmdsn));
	must(be32_to_cpu(p->data_length) == c->len);
	must(!len || (c->write && prm->immediate_data));
	must(len <= prm->first_burst);
	check_data(c, 0, data, len);
	c->unsolicited = len;
	c->out = len;
}

static void check_data_out(const struct pdu_data_out *p, const u8 *data,
			   u32 len)
{
	u32 offset = be32_to_cpu(p->offset), ttt = be32_to_cpu(p->ttt), i;
	struct command *c = find(be32_to_cpu(p->itt));
	bool final = p->flags & PDU_F_FINAL;

	must(c && c->write && len);
	check_data(c, offset, data, len);
	c->out += len;
	if (ttt == PDU_TAG_NONE) {
		must(!sess.conn.params.initial_r2t && offset == c->unsolicited);
		c->unsolicited += len;
		must(c->unsolicited <= sess.conn.params.first_burst);
		return;
	}
	for (i = 0; i < c->nasked; i++) {
		struct asked *a = &c->asked[i];

		if (a->ttt != ttt || a->offset + a->sent != offset ||
		    len > a->len - a->sent ||
		    a->datasn != be32_to_cpu(p->datasn))
			continue;
		a->sent += len;
		a->datasn++;
		must(final == (a->sent == a->len));
		return;
	}
	must(t.tainted);
}

static void check_sent(const u8 *pdu, const u8 *data, u32 len)
{
	const struct pdu_bhs *bhs = (const void *)pdu;

	must(len <= sess.conn.params.max_xmit_dsl);
	switch (bhs->opcode & PDU_OPCODE_MASK) {
	case PDU_OP_SCSI_CMD:
		check_command((const void *)pdu, data, len);
		return;
	case PDU_OP_DATA_OUT:
		check_data_out((const void *)pdu, data, len);
		return;
	case PDU_OP_NOP_OUT:
	case PDU_OP_TMF_REQ:
	case PDU_OP_TEXT_REQ:
	case PDU_OP_LOGOUT_REQ:
		must(!len);
		return;
	}
	abort();
}

static u32 check_digest(const u8 *data, u32 len)
{
	u32 want = cpu_to_le32(~crc32c(MPIO_CRC_SEED, data, len));

	must(!memcmp(data + len, &want, sizeof(want)));
	return sizeof(want);
}

/* Takes whole PDUs off what we have sent. */
static void parse_sent(void)
{
	const struct mpio_params *prm = &sess.conn.params;

	while (t.out_len >= PDU_BHS_LEN) {
		struct pdu_bhs *bhs = (void *)t.out;
		u32 header = PDU_BHS_LEN + mpio_pdu_ahslength(bhs);
		u32 data = mpio_pdu_dlength(bhs);
		u32 padded = data + mpio_pdu_pad(data);
		u32 start = header + (prm->header_digest ? 4 : 0);
		u32 all = start + padded +
			  (data && prm->data_digest ? 4 : 0);

		must(all <= SENT);
		if (t.out_len < all)
			return;
		if (prm->header_digest)
			check_digest(t.out, header);
		if (data && prm->data_digest)
			check_digest(t.out + start, padded);
		check_sent(t.out, t.out + start, data);
		t.out_len -= all;
		memmove(t.out, t.out + all, t.out_len);
	}
}

static void take_sent(const void *data, u32 len)
{
	must(len <= SENT - t.out_len);
	memcpy(t.out + t.out_len, data, len);
	t.out_len += len;
	parse_sent();
}

/* ------------------------------------------- pages that data is copied to */

static struct page copies[8] __attribute__((aligned(4096)));

static u32 sum(const u8 *at, u32 len)
{
	return crc32c(1, at, len);
}

static void keep_copy(const u8 *at, u32 len)
{
	if (at < (u8 *)copies || at >= (u8 *)(copies + ARRAY_SIZE(copies)) ||
	    t.ncopies == COPIES)
		return;
	t.copy[t.ncopies].at = at;
	t.copy[t.ncopies].len = len;
	t.copy[t.ncopies++].sum = sum(at, len);
}

static void check_copies(void)
{
	u32 i;

	for (i = 0; i < t.ncopies; i++)
		must(sum(t.copy[i].at, t.copy[i].len) == t.copy[i].sum);
}

/* The network is done with the two pages from @page on. */
static void forget_copies(const struct page *page)
{
	u32 i, rest = 0;

	check_copies();
	for (i = 0; i < t.ncopies; i++)
		if (t.copy[i].at < (u8 *)page ||
		    t.copy[i].at >= (u8 *)(page + 2))
			t.copy[rest++] = t.copy[i];
	t.ncopies = rest;
}

bool skb_page_frag_refill(u32 sz, struct page_frag *frag, gfp_t gfp)
{
	static u32 turn;

	if (t.no_frags)
		return false;
	if (!frag->page || frag->offset + sz > frag->size) {
		*frag = (struct page_frag){ copies + turn++ % 4 * 2, 0,
					    2 * sizeof(copies[0]) };
		forget_copies(frag->page);
	}
	return true;
}

/* Now and then it is not done with a page. */
int page_ref_count(const struct page *page)
{
	if (t.frags_asked++ % 3 == 2)
		return 2;
	forget_copies(page);
	return 1;
}

int tcp_sendmsg_locked(struct sock *s, struct kernel_msghdr *msg, size_t len)
{
	const struct iov_iter *iter = &msg->msg_iter;
	u32 rest = min_t(u32, len, t.room), all = rest;
	unsigned int i;

	must(s == &sk && len);
	if (!rest)
		return -EAGAIN;
	t.room -= rest;
	for (i = 0; i < iter->n && rest; i++) {
		const u8 *from;
		u32 n;

		if (iter->kvec) {
			from = iter->kvec[i].iov_base;
			n = min_t(u32, rest, iter->kvec[i].iov_len);
		} else {
			from = (u8 *)iter->bvec[i].bv_page +
			       iter->bvec[i].bv_offset;
			n = min(rest, iter->bvec[i].bv_len);
			keep_copy(from, n);
		}
		take_sent(from, n);
		rest -= n;
	}
	must(!rest);
	return (int)all;
}

/* -------------------------------------------------------------- commands */

u32 feed_u32(void)
{
	u32 v = feed_byte(&t.f);

	v |= (u32)feed_byte(&t.f) << 8;
	v |= (u32)feed_byte(&t.f) << 16;
	return v | (u32)feed_byte(&t.f) << 24;
}

/* Up to three pieces of the buffer, at any alignment. */
static void scatter(struct command *c, u32 at)
{
	u32 first = c->len > 1 ? 1 + at % (c->len - 1) : 1;
	u32 second = (c->len - first) / 2;
	struct scatterlist *sg = c->sg;
	u32 lens[3] = { first, second, c->len - first - second }, from = 0, i;

	for (i = 0; i < 3; i++) {
		if (!lens[i])
			continue;
		*sg++ = (struct scatterlist){ (struct page *)(c->buffer + from),
					      0, lens[i], false };
		from += lens[i];
	}
	sg[-1].last = true;
}

static void submit(void)
{
	u8 what = feed_byte(&t.f), size = feed_byte(&t.f);
	struct command *c = &t.command[t.ncommands];
	struct mpio_conn *conn = &sess.conn;
	struct mpio_task *task = &c->task;
	u32 i, tag = what % TAGS;

	if (t.ncommands == COMMANDS)
		return;
	for (i = 0; i < t.ncommands; i++)
		if (t.command[i].busy && t.command[i].task.slot == tag)
			return;
	t.ncommands++;
	memset(c, 0, sizeof(*c));
	c->busy = true;
	c->write = what & 0x80;
	c->len = what & 0x40 ? 0 : 1 + size * (what & 0x20 ? 96U : 1U);
	c->seed = t.ncommands * 31;
	c->buffer = calloc(1, c->len + !c->len);
	c->sense = calloc(1, MPIO_SENSE_MAX);
	must(c->buffer && c->sense);
	for (i = 0; c->write && i < c->len; i++)
		c->buffer[i] = pattern(c, i);
	scatter(c, size);
	task->kind = MPIO_TASK_SCSI;
	task->ops = &issuer;
	task->sc = &c->sc;
	task->conn = conn;
	task->slot = (u16)tag;
	task->cdb = c->cdb;
	task->cdb_len = what & 0x10 ? 32 : 16;
	task->data_len = c->len;
	task->sgl = c->len ? c->sg : NULL;
	task->write = c->len && c->write;
	task->read = c->len && !c->write;
	task->sense = c->sense;
	mpio_task_rewind(task);
	task->state = MPIO_TASK_PENDING;
	list_add_tail(&task->node, &conn->pending);
}

static void submit_nop(void)
{
	struct mpio_conn *conn = &sess.conn;

	if (conn->nop_outstanding)
		return;
	mpio_task_init_internal(&conn->nop_task, MPIO_TASK_NOP, NULL, NULL, 0);
	conn->nop_task.slot = MPIO_SLOT_NOP;
	conn->nop_outstanding = true;
	list_add_tail(&conn->nop_task.node, &conn->immediate);
}

static void time_out(void)
{
	u32 i = feed_byte(&t.f) % COMMANDS;

	if (i >= t.ncommands || !t.command[i].busy)
		return;
	set_bit(MPIO_TASK_ABORT, &t.command[i].task.flags);
	set_bit(MPIO_CONN_ABORTS, &sess.conn.flags);
}

/* ------------------------------------------------------------------- run */

/* Nobody is linked twice, or to what is gone. */
static void check_list(const struct list_head *list)
{
	const struct list_head *n = list;
	u32 count = 0;

	do {
		must(n->next->prev == n && count++ <= COMMANDS);
		n = n->next;
	} while (n != list);
}

/* One pass of io_work; false when the connection is dead. */
static bool pass(void)
{
	struct mpio_conn *conn = &sess.conn;
	struct mpio_task *task, *next;
	int sent, taken;
	u32 i;

	t.kicked = false;
	if (test_bit(MPIO_CONN_ABORTS, &conn->flags))
		mpio_conn_abort_tasks(conn);
	sent = mpio_conn_send(conn);
	taken = mpio_conn_receive(conn, MPIO_RX_BUDGET);
	must((s32)(conn->exp_statsn - t.exp_statsn) >= 0);
	t.exp_statsn = conn->exp_statsn;
	must(!conn->rx.held_since);
	must(conn->nop_reply_count <= MPIO_NOP_REPLIES);
	check_list(&conn->r2t);
	check_copies();
	for (i = 0; i < t.ncommands; i++)
		must(!t.command[i].busy || t.command[i].task.r2t_count <=
		     conn->params.max_outstanding_r2t);
	list_for_each_entry_safe(task, next, &conn->done, node) {
		list_del_init(&task->node);
		mpio_task_finish(task);
	}
	must(!t.wrong || t.at < t.len || taken < 0);
	return sent >= 0 && taken >= 0;
}

/*
 * Bytes have arrived. False: they are not worth a pass yet, and then a timer
 * runs; unless all of what was said is there.
 */
static bool data_ready(void)
{
	struct mpio_conn *conn = &sess.conn;
	struct hrtimer *timer = &conn->rx.timer;
	struct sk_buff skb = { t.arrived - t.at, 0, t.stream + t.at };
	u32 fired;
	bool held;

	if (t.at == t.arrived)
		return true;
	sk.sk_receive_queue.first = &skb;
	held = mpio_conn_receive_later(conn, &sk);
	sk.sk_receive_queue.first = NULL;
	if (!held)
		return true;
	must(t.arrived < t.len || t.tainted);
	must(timer->queued);
	if (feed_byte(&t.f) & 1)
		return false;
	for (fired = 0; fired < 100 && !t.kicked; fired++) {
		must(timer->queued);
		timer->queued = false;
		must(timer->function(timer) == HRTIMER_NORESTART);
	}
	must(t.kicked);
	return true;
}

static bool in_list(const struct mpio_task *task, const struct list_head *list)
{
	const struct mpio_task *one;

	list_for_each_entry(one, list, node)
		if (one == task)
			return true;
	return false;
}

/* Every command is in one place, or has been given back. */
static void take_apart(void)
{
	struct mpio_conn *conn = &sess.conn;
	u32 i, found;

	for (i = 0; i < t.ncommands; i++) {
		struct command *c = &t.command[i];

		if (!c->busy)
			continue;
		found = in_list(&c->task, &conn->pending) +
			(conn->slots[c->task.slot].task == &c->task);
		must(found == 1);
		mpio_conn_forget_task(conn, &c->task);
		give_back(c);
	}
	for (i = 0; i < MPIO_SLOTS; i++)
		if (conn->slots[i].task)
			mpio_conn_forget_task(conn, conn->slots[i].task);
	must(list_empty(&conn->pending) && list_empty(&conn->done));
	must(list_empty(&conn->r2t) && !conn->slots_used);
}

static void init_params(struct mpio_params *prm)
{
	u8 a = feed_byte(&t.f), b = feed_byte(&t.f);

	mpio_params_default(prm);
	prm->header_digest = a & 1;
	prm->data_digest = a & 2;
	prm->immediate_data = a & 4;
	prm->initial_r2t = a & 8;
	prm->data_pdu_in_order = a & 16;
	prm->data_sequence_in_order = a & 32;
	prm->max_outstanding_r2t = 1 + (a >> 6) * 2;
	prm->max_xmit_dsl = b & 1 ? 512 : 8192;
	prm->max_recv_dsl = 8192;
	t.no_frags = b & 8;
	prm->first_burst = b & 2 ? 512 : 4096;
	prm->max_burst = b & 4 ? 2048 : 65536;
}

static void init(void)
{
	static struct mpio_extent extent[MPIO_EXTENTS];
	static struct mpio_slot slots[MPIO_SLOTS];
	static u8 txbuf[MPIO_TXBUF_SIZE], rxbuf[MPIO_RXBUF_SIZE], bounce[4096];
	struct mpio_conn *conn = &sess.conn;

	memset(conn, 0, sizeof(*conn));
	memset(slots, 0, sizeof(slots));
	sk = (struct sock){ .sk_state = TCP_ESTABLISHED, .sk_rcvbuf = 1 << 20 };
	conn->ops = &owner;
	conn->settings = &sess.settings;
	conn->sock = &sock;
	conn->slots = slots;
	conn->extent = extent;
	/* A small pool, so that it is found empty. */
	mpio_extents_init(&conn->extents, extent, 24);
	conn->tx.buf = txbuf;
	conn->tx.bounce = bounce;
	conn->rx.buf = rxbuf;
	conn->rx.want = PDU_BHS_LEN;
	INIT_LIST_HEAD(&conn->immediate);
	INIT_LIST_HEAD(&conn->pending);
	INIT_LIST_HEAD(&conn->r2t);
	INIT_LIST_HEAD(&conn->done);
	init_params(&conn->params);
	/* Numbers wrap. */
	conn->cmdsn = feed_byte(&t.f) - 16U;
	t.cmdsn = conn->cmdsn;
	conn->exp_statsn = feed_byte(&t.f) - 16U;
	t.exp_statsn = conn->exp_statsn;
	conn->window.exp_cmdsn = conn->cmdsn;
	conn->window.max_cmdsn = conn->cmdsn + 3;
	mpio_conn_receive_init(conn);
	set_bit(MPIO_CONN_UP, &conn->flags);
	t.ncommands = 0;
	t.tainted = false;
	t.len = 0;
	t.at = 0;
	t.arrived = 0;
	t.late = 0;
	t.wrong = false;
	t.kicked = false;
	t.now = 0;
	t.ncopies = 0;
	t.piece = 1 + feed_byte(&t.f);
	t.out_len = 0;
	t.room = SENT;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	bool alive = true;

	t.f = (struct feed){ data, size };
	init();
	while (t.f.rest && alive) {
		u8 op = feed_byte(&t.f), what = op & 31;

		t.garble = op & 0x20;
		if (what < 19)
			target_says(what);
		else if (what < 25)
			submit();
		else if (what < 27)
			submit_nop();
		else if (what < 29)
			time_out();
		else if (what < 31)
			t.room = feed_byte(&t.f) * 64U;
		else
			t.late = feed_byte(&t.f);
		if (op & 0x80)
			continue;	/* more comes at once */
		t.arrived = max(t.arrived, t.len - min(t.len, t.late));
		t.late = 0;
		if (!data_ready())
			continue;
		alive = pass();
		if (t.at == t.len) {
			t.at = 0;
			t.len = 0;
			t.arrived = 0;
			t.wrong = false;
		}
		if (!(op & 0x40))
			t.room = SENT;
	}
	take_apart();
	return 0;
}
