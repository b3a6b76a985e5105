// SPDX-License-Identifier: GPL-2.0
/*
 * SendTargets, RFC 7143 appendix C, 11.10 and 11.11. See sendtargets.h.
 */
#include "sendtargets.h"

void mpio_sendtargets_init(struct mpio_sendtargets *s,
			   const struct mpio_login *l, void *buf, u32 cap)
{
	memset(s, 0, sizeof(*s));
	s->cmdsn = l->cfg->cmdsn;
	s->exp_statsn = l->exp_statsn;
	s->window = l->window;
	s->itt = l->cfg->itt + 1;
	if (s->itt == PDU_TAG_NONE)
		s->itt = 0;
	s->ttt = PDU_TAG_NONE;
	mpio_join_init(&s->rx, buf, cap);
}

void mpio_sendtargets_build(struct mpio_sendtargets *s,
			    struct pdu_text_req *bhs, u8 *data, u32 *len)
{
	struct mpio_textbuf b;

	mpio_textbuf_init(&b, data, 64);
	memset(data, 0, 64);
	if (s->ttt == PDU_TAG_NONE)	/* the first: the rest is empty */
		mpio_text_put(&b, "SendTargets", "All");
	memset(bhs, 0, sizeof(*bhs));
	bhs->opcode = PDU_OP_TEXT_REQ | PDU_IMMEDIATE;
	bhs->flags = PDU_F_FINAL;
	mpio_put24(bhs->dlength, b.len);
	bhs->itt = cpu_to_be32(s->itt);
	bhs->ttt = cpu_to_be32(s->ttt);
	bhs->cmdsn = cpu_to_be32(s->cmdsn);
	bhs->exp_statsn = cpu_to_be32(s->exp_statsn);
	*len = b.len;
}

static enum mpio_sendtargets_step st_fail(struct mpio_sendtargets *s,
					  const char *why)
{
	s->why = why;
	return MPIO_SENDTARGETS_FAILED;
}

/*
 * Some (istgt) count immediate requests. No data go by CmdSN here, and they take
 * the next request by their own count: that is followed, by one a response.
 */
static void follow_count(struct mpio_sendtargets *s, u32 exp_cmdsn)
{
	if (exp_cmdsn == s->cmdsn + 1)
		s->cmdsn = exp_cmdsn;
}

enum mpio_sendtargets_step
mpio_sendtargets_parse(struct mpio_sendtargets *s, const struct pdu_bhs *bhs,
		       const u8 *data, u32 len)
{
	const struct pdu_reject *rej = (const void *)bhs;
	const struct pdu_text_rsp *rsp = (const void *)bhs;
	const char *why = "";

	if (s->finished)
		return st_fail(s, "Text Response without a request");
	switch (mpio_pdu_opcode(bhs)) {
	case PDU_OP_TEXT_RSP:
		break;
	case PDU_OP_REJECT:
		return st_fail(s, mpio_reject_reason(rej->reason));
	case PDU_OP_ASYNC:
		return st_fail(s, "the target ends the discovery session");
	default:
		return st_fail(s, "unexpected PDU in a discovery session");
	}
	if (mpio_pdu_dlength(bhs) != len ||
	    be32_to_cpu(rsp->itt) != s->itt)
		return st_fail(s, "Text Response with a foreign task tag");
	if (++s->pdus > MPIO_SENDTARGETS_PDUS)
		return st_fail(s, "the list of targets does not end");
	s->exp_statsn = be32_to_cpu(rsp->statsn) + 1;
	follow_count(s, be32_to_cpu(rsp->exp_cmdsn));
	if (mpio_window_update(&s->window, s->cmdsn,
			       be32_to_cpu(rsp->exp_cmdsn),
			       be32_to_cpu(rsp->max_cmdsn)) < 0)
		return st_fail(s, "the target acknowledges commands never sent");
	if (mpio_join_add(&s->rx, data, len, &why))
		return st_fail(s, why);
	if (rsp->flags & PDU_F_FINAL) {
		s->finished = true;
		return MPIO_SENDTARGETS_DONE;
	}
	s->ttt = be32_to_cpu(rsp->ttt);
	if (s->ttt == PDU_TAG_NONE)
		return st_fail(s, "partial Text Response without target transfer tag");
	return MPIO_SENDTARGETS_SEND;
}

void mpio_sendtargets_logout(struct mpio_sendtargets *s,
			     struct pdu_logout_req *bhs)
{
	memset(bhs, 0, sizeof(*bhs));
	bhs->opcode = PDU_OP_LOGOUT_REQ | PDU_IMMEDIATE;
	bhs->flags = PDU_F_FINAL | PDU_LOGOUT_SESSION;
	bhs->itt = cpu_to_be32(s->itt);
	bhs->cmdsn = cpu_to_be32(s->cmdsn);
	bhs->exp_statsn = cpu_to_be32(s->exp_statsn);
}

void mpio_target_iter_init(struct mpio_target_iter *it,
			   const struct mpio_sendtargets *s)
{
	memset(it, 0, sizeof(*it));
	mpio_text_init(&it->text, s->rx.buf, s->rx.len);
}

static void skip(struct mpio_target_iter *it, const struct mpio_pair *p,
		 const char *why)
{
	it->skipped++;
	it->bad = p->value;
	it->bad_len = p->value_len;
	it->why = why;
}

/* A TargetName begins a record; a bad one takes its addresses with it. */
static bool take_name(struct mpio_target_iter *it, const struct mpio_pair *p)
{
	const char *why;

	it->listed = false;
	it->named = !mpio_name_take(p->value, p->value_len, it->target.name,
				    &why);
	if (!it->named)
		skip(it, p, why);
	return it->named;
}

static bool take_address(struct mpio_target_iter *it,
			 const struct mpio_pair *p)
{
	const char *why;

	it->listed = true;
	if (mpio_portal_parse(p->value, p->value_len, &it->target.portal,
			      &why)) {
		skip(it, p, why);
		return false;
	}
	it->target.has_portal = true;
	return true;
}

/* The name at hand had no address at all: reported once, without one. */
static bool bare_name(struct mpio_target_iter *it, struct mpio_target *t)
{
	if (!it->named || it->listed)
		return false;
	it->listed = true;
	it->target.has_portal = false;
	memset(&it->target.portal, 0, sizeof(it->target.portal));
	*t = it->target;
	return true;
}

int mpio_target_next(struct mpio_target_iter *it, struct mpio_target *t,
		     const char **why)
{
	struct mpio_pair p;
	u32 before;
	int ret;

	for (;;) {
		before = it->text.pos;
		ret = mpio_text_next(&it->text, &p, why);
		if (ret < 0)
			return ret;
		if (!ret)
			return bare_name(it, t);
		if (mpio_pair_is(&p, "TargetName")) {
			if (bare_name(it, t)) {
				it->text.pos = before;	/* come back */
				return 1;
			}
			if (!take_name(it, &p))
				return 2;
		} else if (it->named && mpio_pair_is(&p, "TargetAddress")) {
			if (!take_address(it, &p))
				return 2;
			*t = it->target;
			return 1;
		}
	}
}
