// SPDX-License-Identifier: GPL-2.0
/*
 * Negotiation with any text. Whatever the target says, the outcome is within
 * the bounds of RFC 7143 section 13 and within what we offered.
 */
#include "fuzz.h"
#include "../../kernel/proto/keys.h"

static void check_params(const struct mpio_nego *n)
{
	const struct mpio_params *p = &n->params;
	const struct mpio_offers *o = &n->offers;

	must(p->max_xmit_dsl >= 512 && p->max_xmit_dsl <= 0xffffff);
	must(p->max_burst >= 512 && p->max_burst <= 0xffffff);
	must(p->first_burst >= 512 && p->first_burst <= p->max_burst);
	must(p->max_outstanding_r2t >= 1 && p->max_outstanding_r2t <= 65535);
	must(p->max_connections == 1 && p->erl == 0);
	must(p->time2wait <= 3600 && p->time2retain <= 3600);
	must(p->tpgt >= -1 && p->tpgt <= 65535);
	must(p->data_pdu_in_order && p->data_sequence_in_order);
	must(p->first_burst <= o->first_burst && p->max_burst <= o->max_burst);
	must(p->max_outstanding_r2t <= o->max_outstanding_r2t);
	must(o->immediate_data || !p->immediate_data);
	must(!o->initial_r2t || p->initial_r2t);
	must(o->header_digest != MPIO_OFFER_NONE || !p->header_digest);
	must(o->header_digest != MPIO_OFFER_CRC32C || p->header_digest);
	must(memchr(p->target_alias, 0, sizeof(p->target_alias)));
}

/* The same text in the full feature phase. */
static void check_declared(const u8 *text, u32 len)
{
	const char *why = NULL;
	struct mpio_params p;
	struct mpio_text t;
	int ret;

	mpio_params_default(&p);
	mpio_text_init(&t, text, len);
	ret = mpio_keys_declared(&t, &p, &why);
	if (ret < 0)
		must_say(why);
	must(ret <= 1 && p.max_xmit_dsl >= 512 && p.max_xmit_dsl <= 0xffffff);
	must(!ret || p.max_xmit_dsl == 8192);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	char out[1024], reply[256];
	struct mpio_textbuf b, r;
	struct mpio_offers o;
	const char *why = NULL;
	struct mpio_nego n;
	struct mpio_text t;
	struct mpio_pair p;
	u8 how = feed_byte(&f);
	u32 len;
	u8 *copy = feed_copy(&f, f.rest, &len);
	int ret = 0;

	mpio_offers_default(&o);
	o.header_digest = how & 3;
	o.data_digest = how & 3;
	o.initial_r2t = how & 4;
	o.immediate_data = how & 8;
	o.task_reporting = how & 16 ? 7 : 0;
	o.protocol_level = how & 16 ? 2 : 0;
	mpio_nego_init(&n, &o, how & 32);
	mpio_textbuf_init(&b, out, sizeof(out));
	mpio_textbuf_init(&r, reply, sizeof(reply));
	if (!(how & 64))
		mpio_nego_offer(&n, &b);
	must(!b.overflow);
	mpio_text_init(&t, copy, len);
	while (ret >= 0 && mpio_text_next(&t, &p, &why) == 1) {
		ret = mpio_nego_take(&n, &p, how & 128, &r, &why);
		if (ret < 0)
			must_say(why);
	}
	if (how & 64)	/* late: what the target proposed is settled */
		mpio_nego_offer(&n, &b);
	if (ret >= 0 && !mpio_nego_finish(&n, &why) && !(how & 96))
		check_params(&n);
	check_declared(copy, len);
	free(copy);
	return 0;
}
