// SPDX-License-Identifier: GPL-2.0
/*
 * The key table against RFC 7143 section 13, and every way a target may
 * answer. Failing means: a session runs with values the target did not agree
 * to, or a good target is refused.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/keys.h"

/* Typed from the RFC, not from the table under test. */
static const struct {
	const char *name, *section;
	u32 def, min, max;
	enum mpio_key_result result;
} rfc[] = {
	{ "HeaderDigest", "13.1", 0, 0, 0, MPIO_RESULT_LIST },
	{ "DataDigest", "13.1", 0, 0, 0, MPIO_RESULT_LIST },
	{ "MaxConnections", "13.2", 1, 1, 65535, MPIO_RESULT_MIN },
	{ "SendTargets", "13.3", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "TargetName", "13.4", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "InitiatorName", "13.5", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "TargetAlias", "13.6", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "InitiatorAlias", "13.7", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "TargetAddress", "13.8", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "TargetPortalGroupTag", "13.9", 0, 0, 65535, MPIO_RESULT_DECLARE },
	{ "InitialR2T", "13.10", 1, 0, 1, MPIO_RESULT_OR },
	{ "ImmediateData", "13.11", 1, 0, 1, MPIO_RESULT_AND },
	{ "MaxRecvDataSegmentLength", "13.12", 8192, 512, 16777215,
	  MPIO_RESULT_DECLARE },
	{ "MaxBurstLength", "13.13", 262144, 512, 16777215, MPIO_RESULT_MIN },
	{ "FirstBurstLength", "13.14", 65536, 512, 16777215,
	  MPIO_RESULT_MIN },
	{ "DefaultTime2Wait", "13.15", 2, 0, 3600, MPIO_RESULT_MAX },
	{ "DefaultTime2Retain", "13.16", 20, 0, 3600, MPIO_RESULT_MIN },
	{ "MaxOutstandingR2T", "13.17", 1, 1, 65535, MPIO_RESULT_MIN },
	{ "DataPDUInOrder", "13.18", 1, 0, 1, MPIO_RESULT_OR },
	{ "DataSequenceInOrder", "13.19", 1, 0, 1, MPIO_RESULT_OR },
	{ "ErrorRecoveryLevel", "13.20", 0, 0, 2, MPIO_RESULT_MIN },
	{ "SessionType", "13.21", 0, 0, 255, MPIO_RESULT_DECLARE },
	{ "TaskReporting", "13.23", 0, 0, 0, MPIO_RESULT_LIST },
	{ "iSCSIProtocolLevel", "13.24", 1, 0, 31, MPIO_RESULT_MIN },
	{ "IFMarker", "13.25", 0, 0, 0, MPIO_RESULT_NONE },
	{ "OFMarker", "13.25", 0, 0, 0, MPIO_RESULT_NONE },
	{ "IFMarkInt", "13.25", 0, 0, 0, MPIO_RESULT_NONE },
	{ "OFMarkInt", "13.25", 0, 0, 0, MPIO_RESULT_NONE },
	{ "X#NodeArchitecture", "13.26", 0, 0, 255, MPIO_RESULT_DECLARE },
};

static void test_table(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rfc); i++) {
		int id = mpio_key_find(rfc[i].name, strlen(rfc[i].name));
		const struct mpio_key *k = id < 0 ? NULL : &mpio_keys[id];

		check(k && !strcmp(k->section, rfc[i].section) &&
		      k->def == rfc[i].def && k->min == rfc[i].min &&
		      k->max == rfc[i].max && k->result == rfc[i].result,
		      rfc[i].name);
	}
	check(ARRAY_SIZE(rfc) == MPIO_K_COUNT, "the table holds no more keys");
	check(mpio_key_find("headerdigest", 12) == -ENOENT &&
	      mpio_key_find("HeaderDiges", 11) == -ENOENT, "names are exact");
}

/* One pair of a target after our default offers, or before them. */
static const struct {
	const char *desc, *pair;
	int ret;
	const char *reply, *why;
	bool before;		/* we have offered nothing */
	bool security, discovery;
	u8 digest;
	u8 later;		/* TaskReporting and iSCSIProtocolLevel too */
} takes[] = {
	{ "number below our offer", "MaxBurstLength=512", 0, "", NULL },
	{ "hex number", "MaxBurstLength=0x200", 0, "", NULL },
	{ "number above our offer", "FirstBurstLength=262145", -EPROTO, "",
	  "result function" },
	{ "number below its bound", "MaxBurstLength=511", -EPROTO, "",
	  "malformed" },
	{ "no number", "MaxBurstLength=", -EPROTO, "", "malformed" },
	{ "a range is no answer", "MaxBurstLength=512~1024", -EPROTO, "",
	  "malformed" },
	{ "maximum: more than offered", "DefaultTime2Wait=3600", 0, "", NULL },
	{ "maximum: less than offered", "DefaultTime2Wait=1", -EPROTO, "",
	  "result function" },
	{ "AND answered No", "ImmediateData=No", 0, "", NULL },
	{ "OR answered Yes", "InitialR2T=Yes", 0, "", NULL },
	{ "no boolean", "InitialR2T=Maybe", -EPROTO, "", "malformed" },
	{ "OR with Yes answered No", "DataPDUInOrder=No", -EPROTO, "",
	  "result function" },
	{ "Irrelevant", "FirstBurstLength=Irrelevant", 0, "", NULL },
	{ "Reject", "MaxOutstandingR2T=Reject", 0, "", NULL },
	{ "NotUnderstood for a mandatory key", "InitialR2T=NotUnderstood",
	  -EPROTO, "", "does not understand" },
	{ "NotUnderstood for a later key", "TaskReporting=NotUnderstood", 0,
	  "", NULL, .later = 1 },
	{ "digest none", "HeaderDigest=None", 0, "", NULL },
	{ "digest not offered", "HeaderDigest=CRC32C", -EPROTO, "",
	  "not offered" },
	{ "digest unheard of", "HeaderDigest=MD5", -EPROTO, "",
	  "not offered" },
	{ "digest offered", "DataDigest=CRC32C", 0, "", NULL,
	  .digest = MPIO_OFFER_PREFER },
	{ "digest preferred but declined", "DataDigest=None", 0, "", NULL,
	  .digest = MPIO_OFFER_PREFER },
	{ "digest accepted", "DataDigest=CRC32C", 0, "", NULL,
	  .digest = MPIO_OFFER_ACCEPT },
	{ "digest required, declined", "DataDigest=None", -EPROTO, "",
	  "not offered", .digest = MPIO_OFFER_CRC32C },
	{ "digest required, rejected", "DataDigest=Reject", -EOPNOTSUPP, "",
	  "digest", .digest = MPIO_OFFER_CRC32C },
	{ "a list is no answer", "DataDigest=CRC32C,None", -EPROTO, "",
	  "not offered", .digest = MPIO_OFFER_PREFER },
	{ "alias", "TargetAlias=disks", 0, "", NULL },
	{ "alias in the security stage", "TargetAlias=disks", 0, "", NULL,
	  .security = true },
	{ "portal group tag", "TargetPortalGroupTag=65535", 0, "", NULL },
	{ "portal group tag too large", "TargetPortalGroupTag=65536",
	  -EPROTO, "", "out of bounds" },
	{ "operational key in the security stage", "MaxBurstLength=512",
	  -EPROTO, "", "another stage", .security = true },
	{ "MaxRecvDataSegmentLength", "MaxRecvDataSegmentLength=512", 0, "",
	  NULL },
	{ "MaxRecvDataSegmentLength too small",
	  "MaxRecvDataSegmentLength=511", -EPROTO, "", "out of bounds" },
	{ "MaxRecvDataSegmentLength not understood",
	  "MaxRecvDataSegmentLength=NotUnderstood", -EPROTO, "",
	  "not offered" },
	{ "TargetAddress", "TargetAddress=10.0.0.1:3260,1", 0, "", NULL },
	{ "TargetName of the target", "TargetName=iqn.2001-04.com.x", -EPROTO,
	  "", "only initiators" },
	{ "InitiatorName refused", "InitiatorName=NotUnderstood", -EPROTO, "",
	  "only initiators" },
	{ "unknown key", "X-org.example.y=1", 2,
	  "X-org.example.y=NotUnderstood", NULL },
	{ "unknown key in the security stage", "FutureKey=1", 2,
	  "FutureKey=NotUnderstood", NULL, .security = true },
	{ "unknown key refused", "X-a=NotUnderstood", -EPROTO, "",
	  "not offered" },
	{ "unknown key rejected", "X-a=Reject", -EPROTO, "", "not offered" },
	{ "obsolete marker", "IFMarker=Yes", 1, "IFMarker=Reject", NULL },
	{ "obsolete interval", "OFMarkInt=1~2", 1, "OFMarkInt=Reject", NULL },
	{ "architecture", "X#NodeArchitecture=a/1,b/2", 0, "", NULL },
	{ "proposal: minimum", "MaxBurstLength=512", 1, "MaxBurstLength=512",
	  NULL, .before = true },
	{ "proposal: ours is less", "FirstBurstLength=16777215", 1,
	  "FirstBurstLength=262144", NULL, .before = true },
	{ "proposal: maximum", "DefaultTime2Wait=0", 1, "DefaultTime2Wait=2",
	  NULL, .before = true },
	{ "proposal: boolean", "InitialR2T=Yes", 1, "InitialR2T=Yes", NULL,
	  .before = true },
	{ "proposal: boolean AND", "ImmediateData=Yes", 1,
	  "ImmediateData=Yes", NULL, .before = true },
	{ "proposal out of bounds", "MaxConnections=0", 1,
	  "MaxConnections=Reject", NULL, .before = true },
	{ "proposal: list", "HeaderDigest=MD5,CRC32C,None", 1,
	  "HeaderDigest=None", NULL, .before = true },
	{ "proposal: list, theirs first", "HeaderDigest=CRC32C,None", 1,
	  "HeaderDigest=CRC32C", NULL, .before = true,
	  .digest = MPIO_OFFER_ACCEPT },
	{ "proposal: nothing in common", "HeaderDigest=CRC32C", 1,
	  "HeaderDigest=Reject", NULL, .before = true },
	{ "proposal: protocol level", "iSCSIProtocolLevel=2", 1,
	  "iSCSIProtocolLevel=1", NULL },
	{ "proposal: task reporting", "TaskReporting=FastAbort,RFC3720", 1,
	  "TaskReporting=RFC3720", NULL },
	{ "proposal in discovery", "MaxBurstLength=512", 1,
	  "MaxBurstLength=Irrelevant", NULL, .discovery = true },
	{ "reserved word as proposal", "MaxBurstLength=Irrelevant", -EPROTO,
	  "", "not offered", .before = true },
	{ "task reporting", "TaskReporting=ResponseFence", 0, "", NULL,
	  .later = 1 },
	{ "protocol level", "iSCSIProtocolLevel=1", 0, "", NULL, .later = 1 },
};

static int take(struct mpio_nego *n, const char *text, bool security,
		struct mpio_textbuf *b, const char **why)
{
	const char *eq = strchr(text, '=');
	struct mpio_pair p = { text, eq + 1, eq - text, strlen(eq + 1) };

	return mpio_nego_take(n, &p, security, b, why);
}

static void test_take(void)
{
	char buf[1024], reply[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(takes); i++) {
		struct mpio_textbuf b, r;
		struct mpio_offers o;
		struct mpio_nego n;
		const char *why = NULL;
		int ret;

		mpio_offers_default(&o);
		o.header_digest = takes[i].digest;
		o.data_digest = takes[i].digest;
		o.task_reporting = takes[i].later ? 3 : 0;
		o.protocol_level = takes[i].later ? 2 : 0;
		mpio_nego_init(&n, &o, takes[i].discovery);
		mpio_textbuf_init(&b, buf, sizeof(buf));
		mpio_textbuf_init(&r, reply, sizeof(reply));
		reply[0] = '\0';
		if (!takes[i].before)
			mpio_nego_offer(&n, &b);
		ret = take(&n, takes[i].pair, takes[i].security, &r, &why);
		check(!b.overflow && ret == takes[i].ret &&
		      !strcmp(reply, takes[i].reply) &&
		      (takes[i].why ? unit_says(why, takes[i].why) : !why),
		      takes[i].desc);
		if (ret < 0)
			continue;
		/* nothing may be said twice, except where addresses are */
		ret = take(&n, takes[i].pair, takes[i].security, &r, &why);
		check(ret == (takes[i].ret == 2 ? 2 :
		      strncmp(takes[i].pair, "TargetAddress", 13) ?
		      -EPROTO : 0), "... but not twice");
	}
}

static const char default_offers[] =
	"HeaderDigest=None|DataDigest=None|MaxConnections=1|InitialR2T=No|"
	"ImmediateData=Yes|MaxRecvDataSegmentLength=262144|"
	"MaxBurstLength=16777215|FirstBurstLength=262144|DefaultTime2Wait=2|"
	"DefaultTime2Retain=0|MaxOutstandingR2T=8|DataPDUInOrder=Yes|"
	"DataSequenceInOrder=Yes|ErrorRecoveryLevel=0|";

static const char *offers_text(const struct mpio_offers *o, bool discovery,
			       struct mpio_nego *n)
{
	static char buf[1024];
	struct mpio_textbuf b;
	u32 i;

	mpio_textbuf_init(&b, buf, sizeof(buf) - 1);
	mpio_nego_init(n, o, discovery);
	mpio_nego_offer(n, &b);
	for (i = 0; i < b.len; i++)
		if (!buf[i])
			buf[i] = '|';
	buf[b.len] = '\0';
	return buf;
}

static void test_offer(void)
{
	struct mpio_offers o;
	struct mpio_nego n;

	mpio_offers_default(&o);
	check(!strcmp(offers_text(&o, false, &n), default_offers),
	      "default offers");
	check(!strcmp(offers_text(&o, true, &n),
		      "HeaderDigest=None|DataDigest=None|"
		      "MaxRecvDataSegmentLength=262144|DefaultTime2Wait=2|"
		      "DefaultTime2Retain=0|ErrorRecoveryLevel=0|"),
	      "offers for discovery");
	o.header_digest = MPIO_OFFER_PREFER;
	o.data_digest = MPIO_OFFER_ACCEPT;
	o.task_reporting = 7;
	o.protocol_level = 2;
	check(strstr(offers_text(&o, false, &n),
		     "HeaderDigest=CRC32C,None|DataDigest=None,CRC32C|") &&
	      strstr(offers_text(&o, false, &n),
		     "TaskReporting=FastAbort,ResponseFence,RFC3720|"
		     "iSCSIProtocolLevel=2|"), "all offers");
}

static void test_bounds(void)
{
	static const struct {
		const char *desc, *why;
		size_t at;
		u32 value;
		bool byte;
	} bad[] = {
#define F(f) offsetof(struct mpio_offers, f)
		{ "max_burst", "MaxBurstLength", F(max_burst), 511, false },
		{ "max_recv_dsl", "MaxRecvDataSegmentLength",
		  F(max_recv_dsl), 1 << 24, false },
		{ "first_burst", "FirstBurstLength", F(first_burst), 0,
		  false },
		{ "first_burst > max_burst", "must not exceed", F(max_burst),
		  512, false },
		{ "erl", "ErrorRecoveryLevel", F(erl), 3, true },
		{ "max_connections", "MaxConnections", F(max_connections), 0,
		  false },
		{ "time2wait", "DefaultTime2Wait", F(time2wait), 3601,
		  false },
		{ "digest", "digest", F(header_digest), 4, true },
		{ "task_reporting", "RFC3720", F(task_reporting), 4, true },
		{ "task_reporting bits", "RFC3720", F(task_reporting), 11,
		  true },
#undef F
	};
	struct mpio_offers o;
	const char *why = NULL;
	unsigned int i;

	mpio_offers_default(&o);
	check(!mpio_offers_check(&o, &why) && !why, "defaults are valid");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mpio_offers_default(&o);
		if (bad[i].byte)
			*((u8 *)&o + bad[i].at) = (u8)bad[i].value;
		else
			memcpy((u8 *)&o + bad[i].at, &bad[i].value, 4);
		check(mpio_offers_check(&o, &why) == -EINVAL &&
		      unit_says(why, bad[i].why), bad[i].desc);
	}
}

static void test_outcome(void)
{
	static const char *const answers[] = {
		"HeaderDigest=CRC32C", "InitialR2T=No", "ImmediateData=No",
		"MaxBurstLength=8192", "FirstBurstLength=4096",
		"MaxOutstandingR2T=2", "MaxRecvDataSegmentLength=65536",
		"TargetPortalGroupTag=3", "TaskReporting=ResponseFence",
		"DefaultTime2Wait=5", "DefaultTime2Retain=0",
	};
	char reply[64];
	struct mpio_textbuf b;
	struct mpio_offers o;
	struct mpio_nego n;
	const char *why = NULL;
	unsigned int i;
	int err = 0;

	mpio_offers_default(&o);
	o.header_digest = MPIO_OFFER_CRC32C;
	o.task_reporting = 3;
	offers_text(&o, false, &n);
	mpio_textbuf_init(&b, reply, sizeof(reply));
	for (i = 0; i < ARRAY_SIZE(answers); i++)
		err |= take(&n, answers[i], false, &b, &why);
	err |= take(&n, "TargetAlias=a\001b", false, &b, &why);
	err |= mpio_nego_finish(&n, &why);
	check(!err && n.params.header_digest && !n.params.data_digest &&
	      !n.params.initial_r2t && !n.params.immediate_data &&
	      n.params.max_burst == 8192 && n.params.first_burst == 4096 &&
	      n.params.max_outstanding_r2t == 2 &&
	      n.params.max_xmit_dsl == 65536 &&
	      n.params.max_recv_dsl == 262144 && n.params.tpgt == 3 &&
	      n.params.task_reporting == MPIO_TASK_RESPONSE_FENCE &&
	      n.params.time2wait == 5 && !n.params.time2retain &&
	      !strcmp(n.params.target_alias, "a?b"), "all values answered");

	mpio_offers_default(&o);
	offers_text(&o, false, &n);
	check(!mpio_nego_finish(&n, &why) && n.params.initial_r2t &&
	      n.params.immediate_data && n.params.max_burst == 262144 &&
	      n.params.first_burst == 65536 &&
	      n.params.max_outstanding_r2t == 1 &&
	      n.params.max_xmit_dsl == 8192 && n.params.tpgt == -1 &&
	      n.params.task_reporting == MPIO_TASK_RFC3720 &&
	      !n.params.header_digest, "nothing answered: RFC defaults");

	offers_text(&o, false, &n);
	take(&n, "MaxBurstLength=1024", false, &b, &why);
	take(&n, "FirstBurstLength=4096", false, &b, &why);
	check(!mpio_nego_finish(&n, &why) && n.params.first_burst == 1024,
	      "FirstBurstLength never exceeds MaxBurstLength");

	o.data_digest = MPIO_OFFER_CRC32C;
	offers_text(&o, false, &n);
	check(mpio_nego_finish(&n, &why) == -EOPNOTSUPP &&
	      unit_says(why, "digest"), "required digest left unanswered");
	offers_text(&o, false, &n);
	n.seen = 1U << MPIO_K_TARGET_ALIAS;
	check(take(&n, "TargetAlias=again", false, &b, &why) == -EPROTO,
	      "alias declared twice");
}

static void test_long_alias(void)
{
	char pair[300] = "TargetAlias=", reply[8];
	struct mpio_textbuf b;
	struct mpio_offers o;
	struct mpio_nego n;
	const char *why = NULL;

	mpio_offers_default(&o);
	mpio_textbuf_init(&b, reply, sizeof(reply));
	memset(pair + 12, 'x', 255);
	mpio_nego_init(&n, &o, false);
	check(!take(&n, pair, false, &b, &why) &&
	      strlen(n.params.target_alias) == 255, "alias of 255 bytes");
	pair[12 + 255] = 'x';
	mpio_nego_init(&n, &o, false);
	check(take(&n, pair, false, &b, &why) == -EPROTO &&
	      unit_says(why, "255"), "alias of 256 bytes");
}

/* What a target says in the full feature phase; NULs are written as '|'. */
static const struct {
	const char *desc;
	const char *text;
	int ret;
	u32 max_xmit_dsl;
	const char *why;
} declared[] = {
	{ "nothing", "", 0, 8192 },
	{ "an alias", "TargetAlias=x|", 0, 8192 },
	{ "a length", "MaxRecvDataSegmentLength=512|", 0, 512 },
	{ "a length among others",
	  "TargetAlias=x|MaxRecvDataSegmentLength=0x1000|"
	  "TargetPortalGroupTag=1|TargetAddress=10.9.1.2,1|", 0, 4096 },
	{ "the last length counts", "MaxRecvDataSegmentLength=512|"
	  "MaxRecvDataSegmentLength=16777215|", 0, 0xffffff },
	{ "a proposal after a length",
	  "MaxRecvDataSegmentLength=512|MaxBurstLength=512|", 1, 8192 },
	{ "a digest", "HeaderDigest=CRC32C|", 1, 8192 },
	{ "a vendor's key", "X-org.test=1|", 1, 8192 },
	{ "an obsolete key", "IFMarker=No|", 1, 8192 },
	{ "what only initiators say", "SendTargets=All|", 1, 8192 },
	{ "a name of discovery", "TargetName=iqn.2026-11.org.test:x|", 1, 8192 },
	{ "too short", "MaxRecvDataSegmentLength=511|", -EPROTO, 8192,
	  "out of range" },
	{ "too long", "MaxRecvDataSegmentLength=16777216|", -EPROTO, 8192,
	  "out of range" },
	{ "no number", "MaxRecvDataSegmentLength=No|", -EPROTO, 8192,
	  "out of range" },
	{ "no pair", "nothing|", -EPROTO, 8192, "" },
	{ "no end", "TargetAlias=x", -EPROTO, 8192, "" },
	{ "bad text after a length", "MaxRecvDataSegmentLength=512|nothing|",
	  -EPROTO, 8192, "" },
};

static void test_declared(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(declared); i++) {
		u32 len = strlen(declared[i].text);
		char *text = unit_exact(declared[i].text, len);
		struct mpio_params p;
		struct mpio_text t;
		const char *why = NULL;
		u32 j;

		for (j = 0; j < len; j++)
			if (text[j] == '|')
				text[j] = '\0';
		mpio_params_default(&p);
		mpio_text_init(&t, text, len);
		check(mpio_keys_declared(&t, &p, &why) == declared[i].ret &&
		      p.max_xmit_dsl == declared[i].max_xmit_dsl &&
		      (!declared[i].why || unit_says(why, declared[i].why)),
		      declared[i].desc);
		free(text);
	}
}

void test_keys(void)
{
	test_table();
	test_offer();
	test_take();
	test_bounds();
	test_outcome();
	test_long_alias();
	test_declared();
}
