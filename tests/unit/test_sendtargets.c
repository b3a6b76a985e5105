// SPDX-License-Identifier: GPL-2.0
/*
 * SendTargets. Failing means: discovery shows other targets than there are,
 * or does not end.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/sendtargets.h"

struct answer {
	u8 opcode, flags;
	u32 ttt;
	const char *text;
	u8 reason;
	s32 itt_off, exp_off, len_off;
};

static const struct st_case {
	const char *desc;
	struct answer answers[3];
	const char *want;	/* name@portal; ... */
	u32 skipped;
	const char *why;
} cases[] = {
	{ "two targets, three portals", {
		{ 0x24, 0x80, ~0U, "TargetName=iqn.2001-04.org.a|"
		  "TargetAddress=10.0.0.1:3260,1|"
		  "TargetAddress=[fe80::1]:3260,2|"
		  "TargetName=iqn.2001-04.org.b|TargetAddress=nas,1|" } },
	  "iqn.2001-04.org.a@10.0.0.1:3260,1;"
	  "iqn.2001-04.org.a@[fe80::1]:3260,2;"
	  "iqn.2001-04.org.b@nas:3260,1;" },
	{ "no target", { { 0x24, 0x80, ~0U, "" } }, "" },
	{ "targets without address", {
		{ 0x24, 0x80, ~0U, "TargetName=iqn.2001-04.org.a|"
		  "TargetName=iqn.2001-04.org.b|" } },
	  "iqn.2001-04.org.a@;iqn.2001-04.org.b@;" },
	{ "continued in the middle of a name", {
		{ 0x24, 0x40, 7, "TargetName=iqn.2001" },
		{ 0x24, 0x00, 7, "-04.org.a|TargetAdd" },
		{ 0x24, 0x80, ~0U, "ress=10.0.0.1,1|" } },
	  "iqn.2001-04.org.a@10.0.0.1:3260,1;" },
	{ "names as targets have them", {
		{ 0x24, 0x80, ~0U, "TargetName=iqn.EMC.0648.SE1F|"
		  "TargetName=disk_1|TargetAddress=10.0.0.8,1|" } },
	  "iqn.EMC.0648.SE1F@;disk_1@10.0.0.8:3260,1;" },
	{ "bad names and addresses are passed over", {
		{ 0x24, 0x80, ~0U, "TargetAddress=10.0.0.9,1|TargetName=di sk|"
		  "TargetAddress=10.0.0.8,1|TargetName=iqn.2001-04.org.a|"
		  "TargetAddress=10.0.0,1|X-a=b|TargetAddress=10.0.0.1,1|" } },
	  "iqn.2001-04.org.a@10.0.0.1:3260,1;", 2 },
	{ "text without NUL", {
		{ 0x24, 0x80, ~0U, "TargetName=iqn.2001-04.org.a|Target" } },
	  "", 0, "NUL" },
	{ "Reject", { { 0x3f, 0x80, ~0U, "", 5 } }, "", 0, "not supported" },
	{ "Async message", { { 0x32, 0x80, 0, "" } }, "", 0, "ends" },
	{ "another PDU", { { 0x21, 0x80, 0, "" } }, "", 0, "unexpected" },
	{ "foreign tag", { { 0x24, 0x80, ~0U, "", 0, 1 } }, "", 0,
	  "foreign" },
	{ "another length", { { 0x24, 0x80, ~0U, "", 0, 0, 0, 1 } }, "", 0,
	  "foreign" },
	{ "counts immediate requests", {
		{ 0x24, 0x40, 7, "TargetName=iqn.2001", 0, 0, 1 },
		{ 0x24, 0x80, ~0U, "-04.org.a|", 0, 0, 2 } },
	  "iqn.2001-04.org.a@;" },
	{ "acknowledges what was not sent", {
		{ 0x24, 0x80, ~0U, "", 0, 0, 2 } }, "", 0, "never sent" },
	{ "partial without tag", { { 0x24, 0, ~0U, "" } }, "", 0,
	  "without target transfer tag" },
	{ "too many targets", {
		{ 0x24, 0, 1, "TargetName=iqn.2001-04.org.aaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|" },
		{ 0x24, 0, 1, "TargetName=iqn.2001-04.org.aaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|" },
		{ 0x24, 0, 1, "TargetName=iqn.2001-04.org.aaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|" },
	  }, "", 0, "more text" },
};

static struct mpio_login_config cfg = { .itt = 0xfffffffe, .cmdsn = 9 };
static struct mpio_login login = { .cfg = &cfg, .exp_statsn = 4,
				   .window = { 9, 12 } };

static enum mpio_sendtargets_step answer(struct mpio_sendtargets *s,
					 const struct answer *a)
{
	u32 len = strlen(a->text), i;
	char *text = unit_exact(a->text, len);
	struct pdu_text_rsp rsp = {
		.opcode = a->opcode, .flags = a->flags,
		.ttt = cpu_to_be32(a->ttt),
		.itt = cpu_to_be32(s->itt + a->itt_off),
		.statsn = cpu_to_be32(s->exp_statsn),
		.exp_cmdsn = cpu_to_be32(9 + a->exp_off),
		.max_cmdsn = cpu_to_be32(12),
	};
	enum mpio_sendtargets_step step;

	rsp.rsvd2[0] = a->reason;
	mpio_put24(rsp.dlength, len + a->len_off);
	for (i = 0; i < len; i++)
		if (text[i] == '|')
			text[i] = '\0';
	step = mpio_sendtargets_parse(s, (struct pdu_bhs *)&rsp, (u8 *)text,
				      len);
	free(text);
	return step;
}

static bool request_ok(struct mpio_sendtargets *s, bool first, u32 ttt,
		       u32 counted)
{
	static const char all[] = "SendTargets=All";
	struct pdu_text_req req;
	u8 data[64];
	u32 len;

	mpio_sendtargets_build(s, &req, data, &len);
	return req.opcode == 0x44 && req.flags == 0x80 &&
	       be32_to_cpu(req.ttt) == ttt && be32_to_cpu(req.itt) == 0 &&
	       be32_to_cpu(req.cmdsn) == 9 + counted &&
	       mpio_get24(req.dlength) == len &&
	       len == (first ? sizeof(all) : 0) && !memcmp(data, all, len);
}

static void run(const struct st_case *tc)
{
	enum mpio_sendtargets_step step = MPIO_SENDTARGETS_SEND;
	char got[1024] = "", portal[MPIO_PORTAL_TEXT_MAX + 1];
	struct mpio_target_iter it = { 0 };
	struct mpio_sendtargets s;
	struct mpio_target t;
	const char *why = "";
	bool ok = true;
	u8 *buf = unit_exact(NULL, 250);
	int i, ret = 0;

	mpio_sendtargets_init(&s, &login, buf, 250);
	for (i = 0; i < 3 && step == MPIO_SENDTARGETS_SEND; i++) {
		ok = ok && request_ok(&s, !i, i ? s.ttt : ~0U,
				      i ? tc->answers[i - 1].exp_off : 0);
		step = answer(&s, &tc->answers[i]);
	}
	if (step == MPIO_SENDTARGETS_DONE) {
		mpio_target_iter_init(&it, &s);
		while ((ret = mpio_target_next(&it, &t, &why)) > 0) {
			ok = ok && (ret == 1 || (it.bad_len && it.why));
			if (ret == 2)
				continue;
			portal[0] = '\0';
			if (t.has_portal)
				mpio_portal_format(&t.portal, true, portal);
			sprintf(got + strlen(got), "%s@%s;", t.name, portal);
		}
	} else {
		why = s.why;
	}
	check(ok && !strcmp(got, tc->want) && it.skipped == tc->skipped &&
	      (tc->why ? unit_says(why, tc->why) :
	       step == MPIO_SENDTARGETS_DONE && !ret), tc->desc);
	free(buf);
}

static void test_end(void)
{
	static const struct answer empty = { 0x24, 0, 1, "" };
	static const struct answer last = { 0x24, 0x80, ~0U, "" };
	struct mpio_sendtargets s;
	struct pdu_logout_req req;
	u8 buf[4];
	u32 n = 0;

	mpio_sendtargets_init(&s, &login, buf, sizeof(buf));
	while (answer(&s, &empty) == MPIO_SENDTARGETS_SEND)
		n++;
	check(n == MPIO_SENDTARGETS_PDUS && unit_says(s.why, "does not end"),
	      "list that does not end");
	mpio_sendtargets_init(&s, &login, buf, sizeof(buf));
	check(answer(&s, &last) == MPIO_SENDTARGETS_DONE &&
	      answer(&s, &last) == MPIO_SENDTARGETS_FAILED,
	      "answer after the last");
	mpio_sendtargets_logout(&s, &req);
	check(req.opcode == 0x46 && req.flags == 0x80 &&
	      be32_to_cpu(req.exp_statsn) == 5, "logout");
}

void test_sendtargets(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		run(&cases[i]);
	test_end();
}
