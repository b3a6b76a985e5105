// SPDX-License-Identifier: GPL-2.0
/*
 * The target that fuzz_receive plays: what it says is up to the input, mostly
 * right, and wrong_if() notes what certainly is not.
 */
#include "run.h"

static void say(const void *data, u32 len)
{
	if (len > STREAM - t.len)
		return;
	memcpy(t.stream + t.len, data, len);
	t.len += len;
}

static void say_digest(const u8 *data, u32 len)
{
	u32 crc = cpu_to_le32(~crc32c(MPIO_CRC_SEED, data, len));

	if (t.garble)
		crc ^= 0x100;
	say(&crc, sizeof(crc));
}

/*
 * What is said next breaks a rule if @so. Known only while the connection knows
 * as much as the target: nothing else is on its way.
 */
static void wrong_if(bool so)
{
	if (so && !t.len && !t.tainted &&
	    sess.conn.rx.phase == MPIO_RX_BHS && !sess.conn.rx.have)
		t.wrong = true;
}

static void say_pdu(struct pdu_bhs *bhs, const u8 *data, u32 len)
{
	const struct mpio_params *prm = &sess.conn.params;
	static u8 padded[STREAM];

	mpio_put24(bhs->dlength, len);
	wrong_if(t.garble && (prm->header_digest || (prm->data_digest && len)));
	say(bhs, sizeof(*bhs));
	if (prm->header_digest)
		say_digest((u8 *)bhs, sizeof(*bhs));
	if (!len)
		return;
	memset(padded, 0, len + 4);
	memcpy(padded, data, len);
	len += mpio_pdu_pad(len);
	say(padded, len);
	if (prm->data_digest)
		say_digest(padded, len);
}

/* A command by a byte of the input; NULL: none, and an ITT of @itt. */
static struct command *choose(u32 *itt)
{
	u8 which = feed_byte(&t.f);
	u32 i, n = which & 0x3f;

	switch (which >> 6) {
	case 3:
		*itt = which & 1 ? sess.conn.nop_task.itt :
		       which & 2 ? sess.conn.tmf_task.itt :
		       which & 4 ? sess.conn.text_task.itt :
		       which & 8 ? sess.conn.async_task.itt : feed_u32();
		return find(*itt);
	case 2:		/* any, finished ones and half sent ones as well */
		if (t.ncommands) {
			const struct command *c = &t.command[n % t.ncommands];

			n = c->busy ? c->task.itt : c->itt;
		}
		*itt = n;
		return find(*itt);
	}
	for (i = 0; i < t.ncommands; i++)
		if (t.command[i].busy && t.command[i].sent && !n--)
			break;
	*itt = i < t.ncommands ? t.command[i].itt : 0;
	return find(*itt);
}

static void numbers(struct pdu_target *p, bool status, u8 how)
{
	struct mpio_conn *conn = &sess.conn;

	/* One ahead or two behind is odd, and nothing more. */
	p->statsn = cpu_to_be32(conn->exp_statsn);
	if (status && how >> 6 == 3)
		p->statsn = cpu_to_be32(conn->exp_statsn - 2 + 3 * (how & 1U));
	p->exp_cmdsn = cpu_to_be32(conn->cmdsn + (how >> 4 == 0xb));
	p->max_cmdsn = cpu_to_be32(conn->cmdsn + (how & 15) - 1);
}

/* Has it brought any of that before? It has now. */
static bool brings_again(struct command *c, u32 offset, u32 len)
{
	bool again = false;
	u32 i;

	for (i = offset; i < c->len && i - offset < len; i++) {
		again |= c->came[i];
		c->came[i] = true;
	}
	return again;
}

static void say_data_in(u8 how)
{
	struct pdu_data_in p = { .opcode = PDU_OP_DATA_IN };
	u8 more = feed_byte(&t.f);
	u32 itt, offset, len, i;
	struct command *c = choose(&itt);
	struct mpio_task *task = c ? &c->task : NULL;
	u8 data[255 * 64] = { };

	offset = task && !(more & 0x40) ? task->received : feed_u32() % 30000;
	if (more & 0x20)
		offset = feed_byte(&t.f);
	len = feed_byte(&t.f) * (more & 0x10 ? 64U : 1U);
	if (task && !(more & 0x08))
		len = min(len, task->data_len - min(offset, task->data_len));
	for (i = 0; c && i < len; i++)
		data[i] = pattern(c, offset + i) ^ (c->write ? 0xff : 0);
	wrong_if(!c || !c->busy || c->answered || !task->read);
	wrong_if(task && more == 0xff);
	wrong_if(c && brings_again(c, offset, len));
	p.flags = more & 1 ? PDU_F_FINAL | PDU_DATA_STATUS : 0;
	p.itt = cpu_to_be32(itt);
	p.ttt = cpu_to_be32(PDU_TAG_NONE);
	p.offset = cpu_to_be32(offset);
	p.datasn = cpu_to_be32((task ? task->exp_datasn : 0) + (more == 0xff));
	numbers((void *)&p, more & 1, how);
	if ((more & 3) == 3) {
		p.flags |= PDU_RSP_UNDERFLOW;
		p.residual = cpu_to_be32(c ? c->len - min(c->len, offset + len)
					   : 1);
		if (more & 4)
			p.residual = cpu_to_be32(feed_byte(&t.f));
	}
	if (c && more & 1)
		c->answered = true;
	say_pdu((void *)&p, data, len);
}

static void say_response(u8 how)
{
	static const u8 status[] = { 0x02, 0x08, 0x18, 0x28, 0x40, 0x04, 0xff };
	struct pdu_scsi_rsp p = { .opcode = PDU_OP_SCSI_RSP,
				  .flags = PDU_F_FINAL };
	u8 more = feed_byte(&t.f), data[400] = { };
	u32 itt, len;
	struct command *c = choose(&itt);

	p.itt = cpu_to_be32(itt);
	p.status = more & 1 ? status[feed_byte(&t.f) % ARRAY_SIZE(status)] : 0;
	p.response = more & 2 ? feed_byte(&t.f) & 1 : 0;
	numbers((void *)&p, true, how);
	if (more & 4) {
		p.flags |= PDU_RSP_UNDERFLOW;
		p.residual = cpu_to_be32(more & 8 || !c ? feed_byte(&t.f) :
					 c->len - c->task.received);
	}
	for (len = 0; more & 16 && len < sizeof(data) && t.f.rest &&
	     len < more >> 5; len++)
		data[len] = feed_byte(&t.f);
	/* Sense data of any length. */
	if (more & 16 && more >> 5 == 7 && p.status == SAM_STAT_CHECK_CONDITION) {
		len = 2 + data[2] + (data[3] & 1) * 128U;
		data[0] = (u8)((len - 2) >> 8);
		data[1] = (u8)(len - 2);
	}
	wrong_if(!c || !c->busy || c->answered);
	if (c)
		c->answered = true;
	say_pdu((void *)&p, data, len);
}

/* May the target ask for that? Then we may send it. */
static void note_r2t(struct command *c, u32 ttt, u32 offset, u32 len)
{
	if (!c || !c->busy || !c->write || c->nasked == R2TS || !len ||
	    len > sess.conn.params.max_burst || offset > c->len ||
	    len > c->len - offset || ttt == PDU_TAG_NONE)
		return;
	c->asked[c->nasked++] = (struct asked){ ttt, offset, len, 0, 0 };
}

static void say_r2t(u8 how)
{
	struct pdu_r2t p = { .opcode = PDU_OP_R2T, .flags = PDU_F_FINAL };
	u8 more = feed_byte(&t.f);
	u32 itt, ttt = feed_byte(&t.f), offset, len;
	struct command *c = choose(&itt);
	struct mpio_task *task = c ? &c->task : NULL;

	offset = task && !(more & 1) ? task->r2t_next : feed_u32() % 30000;
	if (more & 2)
		offset = feed_byte(&t.f);
	len = more & 4 ? feed_u32() : feed_byte(&t.f) * 32U;
	if (task && !(more & 8))
		len = min(len, task->data_len - min(offset, task->data_len));
	if (more & 16)
		ttt = PDU_TAG_NONE;
	p.itt = cpu_to_be32(itt);
	p.ttt = cpu_to_be32(ttt);
	p.r2tsn = cpu_to_be32((task ? task->r2tsn : 0) + (more >> 6 == 3));
	p.offset = cpu_to_be32(offset);
	p.data_length = cpu_to_be32(len);
	numbers((void *)&p, false, how);
	wrong_if(!c || !c->busy || c->answered || !task->write);
	wrong_if(task && more >> 6 == 3);
	wrong_if(task && offset < task->r2t_next);
	wrong_if(!len || len > sess.conn.params.max_burst);
	wrong_if(c && (offset > c->len || len > c->len - offset));
	note_r2t(c, ttt, offset, len);
	say_pdu((void *)&p, NULL, 0);
}

/* Opcodes with little to them. */
static void say_other(u8 opcode, u8 how)
{
	struct pdu_bhs bhs = { .opcode = opcode, .flags = PDU_F_FINAL };
	u8 more = feed_byte(&t.f), data[256];
	u32 itt, len = 0, i;

	choose(&itt);
	if (more & 1)
		itt = PDU_TAG_NONE;
	bhs.itt = cpu_to_be32(itt);
	if (more & 2)
		bhs.flags = feed_byte(&t.f);
	for (i = 2; more & 4 && i < 4; i++)
		((u8 *)&bhs)[i] = feed_byte(&t.f);
	mpio_put32((u8 *)&bhs + 20, more & 8 ? feed_byte(&t.f) : PDU_TAG_NONE);
	((u8 *)&bhs)[36] = more & 16 ? feed_byte(&t.f) : 0;
	numbers((void *)&bhs, opcode != PDU_OP_NOP_IN || itt != PDU_TAG_NONE,
		how);
	for (len = 0; more & 32 && t.f.rest && len < sizeof(data) &&
	     len < more; len++)
		data[len] = feed_byte(&t.f);
	say_pdu(&bhs, data, len);
}

static void say_anything(void)
{
	u32 len = feed_byte(&t.f);
	u8 *data = feed_copy(&t.f, len, &len);

	t.tainted = true;
	say(data, len);
	free(data);
}

void target_says(u8 what)
{
	static const u8 opcodes[] = {
		PDU_OP_NOP_IN, PDU_OP_TMF_RSP, PDU_OP_TEXT_RSP,
		PDU_OP_LOGOUT_RSP, PDU_OP_ASYNC, PDU_OP_REJECT,
	};
	u8 how = feed_byte(&t.f);

	if (what < 6)
		say_data_in(how);
	else if (what < 9)
		say_response(how);
	else if (what < 12)
		say_r2t(how);
	else if (what < 12 + sizeof(opcodes))
		say_other(opcodes[what - 12], how);
	else
		say_anything();
}
