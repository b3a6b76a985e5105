// SPDX-License-Identifier: GPL-2.0
/*
 * The key table against RFC 7143 section 13, and every way a target may
 * answer. Failing means: a session runs with values the target did not agree
 * to, or a good target is refused.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/quirk.h"

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
	bool odd;		/* let pass and noted */
	bool final;		/* in the final response */
	bool twice_bad;		/* the same again is fatal */
} takes[] = {
	{ "number below our offer", "MaxBurstLength=512", 0, "", NULL },
	{ "hex number", "MaxBurstLength=0x200", 0, "", NULL },
	{ "number above our offer", "FirstBurstLength=262145", 0, "", NULL,
	  .odd = true },
	{ "number below its bound", "MaxBurstLength=511", -EPROTO, "",
	  "malformed" },
	{ "no number", "MaxBurstLength=", -EPROTO, "", "malformed" },
	{ "a range is no answer", "MaxBurstLength=512~1024", -EPROTO, "",
	  "malformed" },
	{ "maximum: more than offered", "DefaultTime2Wait=3600", 0, "", NULL },
	{ "maximum: less than offered", "DefaultTime2Wait=1", 0, "", NULL,
	  .odd = true },
	{ "AND answered No", "ImmediateData=No", 0, "", NULL },
	{ "OR answered Yes", "InitialR2T=Yes", 0, "", NULL },
	{ "no boolean", "InitialR2T=Maybe", 0, "", NULL, .odd = true },
	{ "boolean in lower case", "ImmediateData=yes", 0, "", NULL,
	  .odd = true },
	{ "boolean as a number", "DataSequenceInOrder=0", 0, "", NULL,
	  .odd = true },
	{ "OR with Yes answered No", "DataPDUInOrder=No", 0, "", NULL,
	  .odd = true },
	{ "Irrelevant", "FirstBurstLength=Irrelevant", 0, "", NULL },
	{ "Reject", "MaxOutstandingR2T=Reject", 0, "", NULL, .odd = true },
	{ "NotUnderstood for a mandatory key", "InitialR2T=NotUnderstood",
	  0, "", NULL, .odd = true },
	{ "NotUnderstood for an order", "DataPDUInOrder=NotUnderstood",
	  0, "", NULL, .odd = true },
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
	{ "digest required, declined", "DataDigest=None", -EOPNOTSUPP, "",
	  "has no CRC32C", .digest = MPIO_OFFER_CRC32C },
	{ "digest required, rejected", "DataDigest=Reject", -EOPNOTSUPP, "",
	  "has no CRC32C", .digest = MPIO_OFFER_CRC32C },
	{ "digest required, not understood", "DataDigest=NotUnderstood",
	  -EOPNOTSUPP, "", "has no CRC32C", .digest = MPIO_OFFER_CRC32C },
	{ "a list is no answer", "DataDigest=CRC32C,None", -EPROTO, "",
	  "not offered", .digest = MPIO_OFFER_PREFER },
	{ "alias", "TargetAlias=disks", 0, "", NULL },
	{ "alias in the security stage", "TargetAlias=disks", 0, "", NULL,
	  .security = true },
	{ "portal group tag", "TargetPortalGroupTag=65535", 0, "", NULL },
	{ "portal group tag too large", "TargetPortalGroupTag=65536",
	  0, "", NULL, .odd = true, .twice_bad = true },
	{ "operational key in the security stage", "MaxBurstLength=512",
	  0, "", NULL, .security = true, .odd = true },
	{ "digest that is off in the security stage", "HeaderDigest=None",
	  0, "", NULL, .security = true, .odd = true },
	{ "digest in the security stage", "HeaderDigest=CRC32C", -EPROTO, "",
	  "another stage", .security = true, .digest = MPIO_OFFER_ACCEPT },
	{ "length declared in the security stage",
	  "MaxRecvDataSegmentLength=512", 0, "", NULL, .security = true,
	  .odd = true },
	{ "no marker in the security stage", "IFMarker=No", 0, "", NULL,
	  .security = true, .odd = true },
	{ "marker in the security stage", "IFMarker=Yes", -EPROTO, "",
	  "another stage", .security = true },
	{ "MaxRecvDataSegmentLength", "MaxRecvDataSegmentLength=512", 0, "",
	  NULL },
	{ "MaxRecvDataSegmentLength too small",
	  "MaxRecvDataSegmentLength=511", -EPROTO, "", "out of bounds" },
	{ "MaxRecvDataSegmentLength too large",
	  "MaxRecvDataSegmentLength=16777216", 0, "", NULL, .odd = true },
	{ "MaxRecvDataSegmentLength not understood",
	  "MaxRecvDataSegmentLength=NotUnderstood", 0, "", NULL,
	  .odd = true },
	{ "TargetAddress", "TargetAddress=10.0.0.1:3260,1", 0, "", NULL },
	{ "TargetName echoed", "TargetName=iqn.2001-04.com.x:t", 0, "", NULL,
	  .odd = true },
	{ "another TargetName", "TargetName=iqn.2001-04.com.x:u", -EPROTO, "",
	  "somebody else" },
	{ "InitiatorName echoed", "InitiatorName=iqn.2001-04.com.x:i", 0, "",
	  NULL, .odd = true },
	{ "another InitiatorName", "InitiatorName=iqn.2001-04.com.x:j",
	  -EPROTO, "", "somebody else" },
	{ "InitiatorName refused", "InitiatorName=NotUnderstood", 0, "", NULL,
	  .odd = true },
	{ "SessionType echoed", "SessionType=Normal", 0, "", NULL,
	  .odd = true },
	{ "unknown key", "X-org.example.y=1", 2,
	  "X-org.example.y=NotUnderstood", NULL },
	{ "unknown key in the security stage", "FutureKey=1", 2,
	  "FutureKey=NotUnderstood", NULL, .security = true },
	{ "unknown key refused", "X-a=NotUnderstood", 0, "", NULL,
	  .odd = true },
	{ "unknown key rejected", "X-a=Reject", 0, "", NULL, .odd = true },
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
	  "HeaderDigest=None", NULL, .before = true, .twice_bad = true },
	{ "proposal: list, the unwanted first", "HeaderDigest=CRC32C,None", 1,
	  "HeaderDigest=CRC32C", NULL, .before = true,
	  .digest = MPIO_OFFER_ACCEPT, .twice_bad = true },
	{ "proposal: nothing in common", "HeaderDigest=CRC32C", 1,
	  "HeaderDigest=Reject", NULL, .before = true, .twice_bad = true },
	{ "proposal: protocol level", "iSCSIProtocolLevel=2", 1,
	  "iSCSIProtocolLevel=1", NULL },
	{ "proposal: task reporting", "TaskReporting=FastAbort,RFC3720", 1,
	  "TaskReporting=RFC3720", NULL },
	{ "proposal in discovery", "MaxBurstLength=512", 1,
	  "MaxBurstLength=Irrelevant", NULL, .discovery = true },
	{ "reserved word as proposal", "MaxBurstLength=Irrelevant", 0, "",
	  NULL, .before = true, .odd = true },
	{ "no marker at the end", "IFMarker=No", 0, "", NULL, .final = true,
	  .odd = true },
	{ "marker at the end", "OFMarker=Yes", -EPROTO, "", "final response",
	  .final = true },
	{ "interval at the end", "OFMarkInt=1~2", 0, "", NULL, .final = true,
	  .odd = true },
	{ "number at the end", "MaxOutstandingR2T=1", 0, "", NULL,
	  .before = true, .final = true, .odd = true },
	{ "digest at the end", "DataDigest=CRC32C", -EPROTO, "",
	  "final response", .before = true, .final = true,
	  .digest = MPIO_OFFER_ACCEPT },
	{ "no digest at the end", "DataDigest=None", 0, "", NULL,
	  .before = true, .final = true, .odd = true },
	{ "reporting at the end", "TaskReporting=FastAbort", 0, "", NULL,
	  .final = true, .odd = true },
	{ "reporting not offered", "TaskReporting=FastAbort", 0, "", NULL,
	  .later = 1, .odd = true },
	{ "protocol level above ours", "iSCSIProtocolLevel=3", 0, "", NULL,
	  .later = 1, .odd = true },
	{ "protocol level out of bounds", "iSCSIProtocolLevel=32", 0, "",
	  NULL, .later = 1, .odd = true },
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

static bool noted(const struct mpio_quirks *q)
{
	char text[MPIO_QUIRK_TEXT_MAX + 1];
	u32 at = 0;

	return mpio_quirk_next(q, &at, text);
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
		n.initiator_name = "iqn.2001-04.com.x:i";
		n.target_name = "iqn.2001-04.com.x:t";
		n.final = takes[i].final;
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
		check(noted(&n.quirks) == takes[i].odd, "... and noted");
		/* The same again: of no harm, where it changes nothing. */
		ret = take(&n, takes[i].pair, takes[i].security, &r, &why);
		check(ret == (takes[i].ret == 2 ? 2 :
		      takes[i].twice_bad ? -EPROTO : 0), takes[i].pair);
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
	strcpy(n.params.target_alias, "first");
	check(!take(&n, "TargetAlias=again", false, &b, &why) &&
	      !strcmp(n.params.target_alias, "first"), "alias declared twice");
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
	check(!take(&n, pair, false, &b, &why) &&
	      strlen(n.params.target_alias) == 255 &&
	      n.quirks.key[MPIO_K_TARGET_ALIAS] == 1 << MPIO_WRONG_ABOVE,
	      "alias of 256 bytes");
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

/*
 * Each cell of the table of wrong answers, made to happen. What is fatal fails
 * the login, all else leaves a value no bolder than both sides' and a note.
 */
static const struct {
	enum mpio_wrong wrong;
	const char *number, *boolean, *list;
} cells[] = {
	/* RESULT depends on the key: see values_of() */
	{ MPIO_WRONG_ABOVE, "4294967295", NULL, NULL },
	{ MPIO_WRONG_VALUE, "x", "x", "x" },
	{ MPIO_WRONG_SPELT, NULL, "nO", NULL },
	{ MPIO_WRONG_REFUSED, "NotUnderstood", "Reject", "NotUnderstood" },
	{ MPIO_WRONG_STAGE, "1024", "No", "CRC32C" },
	{ MPIO_WRONG_LATE, "1024", "Yes", "CRC32C" },
};

/* Never bolder than what we offered, whatever the target says. */
static bool sober(const struct mpio_nego *n)
{
	const struct mpio_params *p = &n->params;
	const struct mpio_offers *o = &n->offers;

	return p->first_burst <= o->first_burst &&
	       p->max_burst <= o->max_burst &&
	       p->max_outstanding_r2t <= o->max_outstanding_r2t &&
	       p->max_outstanding_r2t && p->max_connections == 1 && !p->erl &&
	       p->time2wait <= 3600 && !p->time2retain &&
	       p->max_xmit_dsl >= 512 && p->max_xmit_dsl <= 0xffffff &&
	       !p->header_digest && !p->data_digest &&
	       p->protocol_level <= 2 && p->data_pdu_in_order &&
	       p->data_sequence_in_order;
}

static const char *word_of(const struct mpio_key *k, unsigned int cell)
{
	switch (k->type) {
	case MPIO_KEY_NUMBER:
		return cells[cell].number;
	case MPIO_KEY_BOOL:
		return cells[cell].boolean;
	case MPIO_KEY_LIST:
		return cells[cell].list;
	default:
		return NULL;
	}
}

static void walk_cell(int id, unsigned int cell)
{
	const struct mpio_key *k = &mpio_keys[id];
	const enum mpio_wrong wrong = cells[cell].wrong;
	const bool fatal = mpio_quirk_rows[id].remedy[wrong] == MPIO_FATAL;
	const bool late = wrong == MPIO_WRONG_LATE;
	char buf[1024], reply[128], pair[128];
	const char *word = word_of(k, cell), *why = NULL;
	struct mpio_textbuf b, r;
	struct mpio_offers o;
	struct mpio_nego n;
	int ret;

	/* words that are fair answers, or not of the key's kind */
	if (!word || (late && k->result == MPIO_RESULT_DECLARE) ||
	    (wrong == MPIO_WRONG_STAGE && (k->flags & MPIO_KEY_SECURITY)) ||
	    (wrong == MPIO_WRONG_REFUSED && (k->flags & MPIO_KEY_MAY_REFUSE)))
		return;
	mpio_offers_default(&o);
	o.task_reporting = 3;
	o.protocol_level = 2;
	mpio_nego_init(&n, &o, false);
	mpio_textbuf_init(&b, buf, sizeof(buf));
	mpio_textbuf_init(&r, reply, sizeof(reply));
	/* late: all is offered but what the target then proposes */
	n.seen = late ? 1U << id : 0;
	if (wrong != MPIO_WRONG_STAGE)
		mpio_nego_offer(&n, &b);
	n.seen = 0;
	n.final = late;
	snprintf(pair, sizeof(pair), "%s=%s", k->name, word);
	ret = take(&n, pair, wrong == MPIO_WRONG_STAGE, &r, &why);
	if (wrong == MPIO_WRONG_STAGE)
		mpio_nego_offer(&n, &b);
	if (ret >= 0)
		mpio_nego_finish(&n, &why);
	check(fatal ? ret == -EPROTO && why : !ret && sober(&n) &&
	      n.quirks.key[id] & 1U << wrong, pair);
	if (fatal || wrong == MPIO_WRONG_STAGE)
		return;
	/* a second, other answer: the safer of the two */
	ret = take(&n, pair, false, &r, &why);
	check(ret == -EPROTO || sober(&n), "... and twice");
}

static void test_wrong_answers(void)
{
	unsigned int cell;
	int id;

	for (id = 0; id < MPIO_K_COUNT; id++) {
		check(mpio_quirk_rows[id].reason &&
		      mpio_quirk_rows[id].reason[0], mpio_keys[id].name);
		for (cell = 0; cell < ARRAY_SIZE(cells); cell++)
			walk_cell(id, cell);
	}
}

/* Values that a result function forbids, and what is made of them. */
static void test_safer(void)
{
	static const struct {
		const char *pair;
		size_t at;
		bool byte;
		u32 value;
	} rows[] = {
#define P(f) offsetof(struct mpio_params, f), sizeof(((struct mpio_params *)0)->f) == 1
		{ "DefaultTime2Wait=0", P(time2wait), 2 },
		{ "DefaultTime2Wait=5", P(time2wait), 5 },
		{ "DefaultTime2Wait=9999", P(time2wait), 2 },
		{ "DefaultTime2Retain=3600", P(time2retain), 0 },
		{ "FirstBurstLength=16777215", P(first_burst), 262144 },
		{ "FirstBurstLength=NotUnderstood", P(first_burst), 65536 },
		{ "MaxBurstLength=16777216", P(max_burst), 0xffffff },
		{ "MaxConnections=4", P(max_connections), 1 },
		{ "MaxConnections=0", P(max_connections), 1 },
		{ "ErrorRecoveryLevel=2", P(erl), 0 },
		{ "ErrorRecoveryLevel=3", P(erl), 0 },
		{ "MaxOutstandingR2T=16", P(max_outstanding_r2t), 8 },
		{ "MaxOutstandingR2T=0", P(max_outstanding_r2t), 1 },
		{ "InitialR2T=NotUnderstood", P(initial_r2t), 1 },
		{ "InitialR2T=no", P(initial_r2t), 0 },
		{ "ImmediateData=Reject", P(immediate_data), 0 },
		{ "ImmediateData=YES", P(immediate_data), 1 },
		{ "DataPDUInOrder=NotUnderstood", P(data_pdu_in_order), 1 },
		{ "MaxRecvDataSegmentLength=33554432", P(max_xmit_dsl),
		  0xffffff },
		{ "MaxRecvDataSegmentLength=Reject", P(max_xmit_dsl), 8192 },
		{ "iSCSIProtocolLevel=31", P(protocol_level), 2 },
		{ "TaskReporting=Everything", P(task_reporting),
		  MPIO_TASK_RFC3720 },
#undef P
	};
	char reply[64];
	struct mpio_textbuf b;
	struct mpio_offers o;
	struct mpio_nego n;
	const char *why = NULL;
	unsigned int i;
	u32 v;

	mpio_offers_default(&o);
	o.task_reporting = 3;
	o.protocol_level = 2;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		offers_text(&o, false, &n);
		mpio_textbuf_init(&b, reply, sizeof(reply));
		check(!take(&n, rows[i].pair, false, &b, &why) &&
		      !mpio_nego_finish(&n, &why), rows[i].pair);
		v = *((u8 *)&n.params + rows[i].at);
		if (!rows[i].byte)
			memcpy(&v, (u8 *)&n.params + rows[i].at, 4);
		check(v == rows[i].value, "... as the safer value");
	}
}

static void test_twice(void)
{
	static const struct {
		const char *first, *second, *why;	/* NULL: let pass */
	} rows[] = {
		{ "MaxBurstLength=1024", "MaxBurstLength=512", NULL },
		{ "MaxBurstLength=512", "MaxBurstLength=1024", NULL },
		{ "MaxBurstLength=512", "MaxBurstLength=x", NULL },
		{ "HeaderDigest=None", "HeaderDigest=CRC32C", "twice" },
		{ "HeaderDigest=CRC32C", "HeaderDigest=None", "twice" },
		{ "HeaderDigest=CRC32C", "HeaderDigest=CRC32C", NULL },
		{ "TargetPortalGroupTag=1", "TargetPortalGroupTag=1", NULL },
		{ "TargetPortalGroupTag=1", "TargetPortalGroupTag=2",
		  "twice" },
	};
	char reply[64];
	struct mpio_textbuf b;
	struct mpio_offers o;
	struct mpio_nego n;
	unsigned int i;

	mpio_offers_default(&o);
	o.header_digest = MPIO_OFFER_ACCEPT;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why = NULL;
		int ret;

		offers_text(&o, false, &n);
		mpio_textbuf_init(&b, reply, sizeof(reply));
		ret = take(&n, rows[i].first, false, &b, &why);
		check(!ret, rows[i].first);
		ret = take(&n, rows[i].second, false, &b, &why);
		check(rows[i].why ? ret == -EPROTO &&
		      unit_says(why, rows[i].why) : !ret, rows[i].second);
		check(rows[i].why || !b.len, "... with no answer");
		if (!strncmp(rows[i].first, "MaxBurst", 8))
			check(n.params.max_burst == 512, "... the smaller");
	}
}

static void test_quirk_texts(void)
{
	char text[MPIO_QUIRK_TEXT_MAX + 1];
	struct mpio_quirks q = { 0 }, more = { 0 };
	u32 at = 0, count = 0, i;

	check(!mpio_quirk_next(&q, &at, text), "no quirks, no words");
	for (i = 0; i < MPIO_ODDS; i++)
		mpio_quirks_note(&more, i);
	for (i = 0; i < MPIO_K_COUNT * MPIO_WRONGS; i++)
		mpio_quirks_note_key(&more, i / MPIO_WRONGS, i % MPIO_WRONGS);
	check(mpio_quirks_add(&q, &more) && !mpio_quirks_add(&q, &more),
	      "quirks are news once");
	for (at = 0; mpio_quirk_next(&q, &at, text); count++)
		if (!text[0] || strlen(text) >= MPIO_QUIRK_TEXT_MAX ||
		    strstr(text, ": ") == text + strlen(text) - 2)
			break;
	check(count == MPIO_ODDS + MPIO_K_COUNT * MPIO_WRONGS,
	      "every quirk has words");
}

void test_keys(void)
{
	test_wrong_answers();
	test_safer();
	test_twice();
	test_quirk_texts();
	test_table();
	test_offer();
	test_take();
	test_bounds();
	test_outcome();
	test_long_alias();
	test_declared();
}
