// SPDX-License-Identifier: GPL-2.0
/*
 * SendTargets with any sequence of responses. Every target reported has a
 * valid name, and the list ends.
 */
#include "fuzz.h"
#include "../../kernel/proto/sendtargets.h"

static void walk(const struct mpio_sendtargets *s)
{
	struct mpio_target_iter it;
	struct mpio_target t;
	const char *why = NULL;
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	u32 n = 0;
	int ret;

	mpio_target_iter_init(&it, s);
	while ((ret = mpio_target_next(&it, &t, &why)) > 0) {
		if (ret == 2) {
			must_say(it.why);
			must(it.bad && it.skipped);
			must(++n <= s->rx.len);
			continue;
		}
		must(!mpio_name_check(t.name, strlen(t.name), &why));
		if (t.has_portal)
			must(mpio_portal_format(&t.portal, true, text) <
			     sizeof(text));
		must(++n <= s->rx.len);
	}
	if (ret < 0)
		must_say(why);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct mpio_login_config cfg = { .itt = 1, .cmdsn = 5 };
	static struct mpio_login l = { .cfg = &cfg, .window = { 5, 8 } };
	enum mpio_sendtargets_step step = MPIO_SENDTARGETS_SEND;
	struct feed f = { data, size };
	struct mpio_sendtargets s;
	struct pdu_text_req req;
	u8 *buf = malloc(2048), *text, small[64];
	u32 len;

	must(buf);
	mpio_sendtargets_init(&s, &l, buf, 2048);
	while (step == MPIO_SENDTARGETS_SEND && f.rest) {
		u8 how = feed_byte(&f);
		struct pdu_text_rsp rsp = {
			.opcode = how & 0x10 ? feed_byte(&f) : PDU_OP_TEXT_RSP,
			.flags = how & 0xc0,
			.itt = cpu_to_be32(2),
			.ttt = cpu_to_be32(how & 0x20 ? PDU_TAG_NONE : 3),
			.exp_cmdsn = cpu_to_be32(5),
			.max_cmdsn = cpu_to_be32(8),
		};

		mpio_sendtargets_build(&s, &req, small, &len);
		must(len <= sizeof(small));
		text = feed_copy(&f, feed_byte(&f), &len);
		mpio_put24(rsp.dlength, len);
		step = mpio_sendtargets_parse(&s, (struct pdu_bhs *)&rsp, text,
					      len);
		free(text);
	}
	if (step == MPIO_SENDTARGETS_DONE)
		walk(&s);
	if (step == MPIO_SENDTARGETS_FAILED)
		must_say(s.why);
	free(buf);
	return 0;
}
