// SPDX-License-Identifier: GPL-2.0
/*
 * The login machine against scripted targets. A script is a list of turns:
 * what the request must look like and what the target answers. '|' stands for
 * NUL in texts. Failing means: a login ends elsewhere than RFC 7143 6.3 says.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/login.h"

#define IQN_I	"iqn.2001-04.org.example:i"
#define IQN_T	"iqn.2001-04.org.example:t"
#define NAMES	"InitiatorName=" IQN_I "|SessionType=Normal|TargetName=" IQN_T "|"
#define OFFERS	"HeaderDigest=None|DataDigest=None|MaxConnections=1|" \
		"InitialR2T=No|ImmediateData=Yes|" \
		"MaxRecvDataSegmentLength=262144|MaxBurstLength=16777215|" \
		"FirstBurstLength=262144|DefaultTime2Wait=2|" \
		"DefaultTime2Retain=0|MaxOutstandingR2T=8|" \
		"DataPDUInOrder=Yes|DataSequenceInOrder=Yes|" \
		"ErrorRecoveryLevel=0|"
#define DISCOVERY_OFFERS "HeaderDigest=None|DataDigest=None|" \
		"MaxRecvDataSegmentLength=262144|DefaultTime2Wait=2|" \
		"DefaultTime2Retain=0|ErrorRecoveryLevel=0|"
#define AGREED	"HeaderDigest=None|DataDigest=None|InitialR2T=No|" \
		"MaxBurstLength=262144|FirstBurstLength=65536|" \
		"MaxOutstandingR2T=1|"
#define CHAP_C	"CHAP_I=7|CHAP_C=0x000102030405060708090a0b0c0d0e0f|"
#define R_MD5	"CHAP_N=me|CHAP_R=0x224e9f329c60f9422160c9474a775acc|"
#define OURS	"CHAP_I=1|CHAP_C=0x02030405060708090a0b0c0d0e0f1011|"
#define PROOF	"CHAP_N=you|CHAP_R=0xeb5860d181fec090ca467add1f3169aa|"

/* Flags: T, C, then stages. S security, O operational, F full feature. */
#define S	0x00
#define O	0x04
#define S_O	0x81
#define S_F	0x83
#define O_F	0x87
#define C	0x40

#define ODD(n)	(1U << MPIO_ODD_##n)
/* Of every script that says no group tag and leaves the security stage out. */
#define NOTED	(ODD(NO_TPGT) | ODD(SECURITY))

enum quirk {
	FINE, BAD_ITT, BAD_STATSN, BAD_VERSION, BAD_LENGTH, BAD_ACK,
	BAD_OPCODE, NO_TSIH, BAD_MAX
};

struct turn {
	u8 want_flags;
	const char *want;	/* NULL: whatever */
	u8 flags;
	const char *text;
	u16 status;
	enum quirk quirk;
};

static const struct login_case {
	const char *desc;
	enum mpio_login_auth auth;
	u32 algs;		/* 0: MD5 alone */
	s32 tpgt;		/* expected; 0: any */
	bool discovery, security_stage, digest, hash_fails, level;
	struct turn turns[8];
	enum mpio_login_step step;
	enum mpio_login_fail fail;
	bool permanent;
	u32 avoid;		/* what is tried next */
	u32 odd;		/* bit of enum mpio_odd that is noted */
	const char *why;
} cases[] = {
	{ .desc = "one exchange, no authentication", .turns = {
		{ O_F, NAMES OFFERS, O_F, "TargetPortalGroupTag=1|" AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "discovery", .discovery = true, .turns = {
		{ O_F, "InitiatorName=" IQN_I "|SessionType=Discovery|"
		  DISCOVERY_OFFERS, O_F, "HeaderDigest=None|" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "target takes two exchanges", .turns = {
		{ O_F, NULL, O, AGREED },
		{ O_F, "", O_F, "" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "target declares late and in pieces", .turns = {
		{ O_F, NULL, O, "HeaderDigest=None|" },
		{ O_F, "", O, "TargetAlias=x|" },
		{ O_F, "", O, "" },
		{ O_F, "", O_F, "MaxRecvDataSegmentLength=1024|" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "unknown, obsolete and vendor keys are answered", .turns = {
		{ O_F, NULL, O, "X-a=1|OFMarker=No|FutureKey=2|" },
		{ O_F, "X-a=NotUnderstood|OFMarker=Reject|"
		  "FutureKey=NotUnderstood|", O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "unknown key in the final response is left", .turns = {
		{ O_F, NULL, O_F, "X-a=1|" AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "proposal in the final response", .turns = {
		{ O_F, NULL, O_F, "TaskReporting=RFC3720|OFMarker=No|" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "marker in the final response", .turns = {
		{ O_F, NULL, O_F, "OFMarker=Yes|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "final response" },
	{ .desc = "SCST: DefaultTime2Wait=0", .security_stage = true, .turns = {
		{ S_O, NAMES "AuthMethod=None|", S_O,
		  "AuthMethod=None|TargetPortalGroupTag=1|" },
		{ O_F, OFFERS, O_F, "DefaultTime2Wait=0|" AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "names echoed", .turns = {
		{ O_F, NULL, O_F, "InitiatorName=" IQN_I "|TargetName=" IQN_T
		  "|SessionType=Normal|" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "another TargetName", .turns = {
		{ O_F, NULL, O_F, "TargetName=" IQN_I "|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "somebody else" },
	{ .desc = "AuthMethod=None late", .turns = {
		{ O_F, NULL, O_F, "AuthMethod=None|" },
	  }, .step = MPIO_LOGIN_DONE, .odd = ODD(AUTH_STAGE) },
	{ .desc = "answers to nothing", .turns = {
		{ O_F, NULL, O, "X-a=NotUnderstood|AnyKey=Reject|" },
		{ O_F, "", O_F, "" },
	  }, .step = MPIO_LOGIN_DONE, .odd = ODD(ANSWER) },
	{ .desc = "operational answers in the security stage",
	  .security_stage = true, .turns = {
		{ S_O, NULL, S_O, "AuthMethod=None|HeaderDigest=None|"
		  "MaxBurstLength=512|MaxRecvDataSegmentLength=65536|" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "digest in the security stage", .security_stage = true,
	  .turns = {
		{ S_O, NULL, S_O, "HeaderDigest=CRC32C|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another stage" },
	{ .desc = "security stage called invalid", .security_stage = true,
	  .turns = {
		{ S_O, NULL, S, "", PDU_LOGIN_BAD_REQUEST },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_REFUSED,
	  .avoid = MPIO_NO_SECURITY, .why = "0x020b" },
	{ .desc = "protocol level called invalid", .level = true, .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_INITIATOR_ERROR },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_REFUSED,
	  .avoid = MPIO_NO_LEVEL, .why = "0x0200" },
	{ .desc = "nothing left to leave out", .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_INITIATOR_ERROR },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_REFUSED,
	  .why = "0x0200" },
	{ .desc = "digest that was not asked for", .turns = {
		{ O_F, NULL, O_F, "DataDigest=CRC32C|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .avoid = MPIO_NO_NO_DIGEST, .why = "not offered" },
	{ .desc = "no CRC32C though required", .digest = true, .turns = {
		{ O_F, NULL, O_F, "HeaderDigest=None|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_NEGOTIATION,
	  .why = "the target has no CRC32C" },
	{ .desc = "response joined over the C bit", .turns = {
		{ O_F, NULL, O | C, "TargetAli" },
		{ O, "", O | C, "" },
		{ O, "", O, "as=two|MaxBurstLength=512|" },
		{ O_F, "", O_F, "" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "empty security stage on request", .security_stage = true,
	  .turns = {
		{ S_O, NAMES "AuthMethod=None|", S_O,
		  "AuthMethod=None|TargetPortalGroupTag=1|" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "empty security stage, target hesitates",
	  .security_stage = true, .turns = {
		{ S_O, NULL, S, "X-a=1|" },
		{ S_O, "X-a=NotUnderstood|", S_O, "" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "empty security stage, target demands CHAP",
	  .security_stage = true, .turns = {
		{ S_O, NULL, S, "AuthMethod=CHAP|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "demands authentication" },
	{ .desc = "CHAP one-way", .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NAMES "AuthMethod=CHAP|", S,
		  "TargetPortalGroupTag=1|AuthMethod=CHAP|" },
		{ S, "CHAP_A=5|", S, "CHAP_A=5|" CHAP_C },
		{ S_O, R_MD5, S_O, "" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "CHAP one-way, target proves itself unasked",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, R_MD5, S_O, "CHAP_N=x|CHAP_R=0x00|" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "CHAP mutual", .auth = MPIO_LOGIN_AUTH_MUTUAL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, "CHAP_A=5|", S, "CHAP_A=5|" CHAP_C },
		{ S_O, R_MD5 OURS, S_O, PROOF },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "CHAP mutual, stage changes later",
	  .auth = MPIO_LOGIN_AUTH_MUTUAL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, R_MD5 OURS, S, "" },
		{ S_O, "", S, PROOF },
		{ S_O, "", S_O, "" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "CHAP keys over the C bit", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, "CHAP_A=5|", S | C, "CHAP_A=5|CHAP_I=7|CHAP_C=0x0001" },
		{ S, "", S, "02030405060708090a0b0c0d0e0f|" },
		{ S_O, R_MD5, S_O, "" },
		{ O_F, OFFERS, O_F, AGREED },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "mutual skipped", .auth = MPIO_LOGIN_AUTH_MUTUAL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, NULL, S_O, "" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "skipped mutual" },
	{ .desc = "mutual answered wrongly", .auth = MPIO_LOGIN_AUTH_MUTUAL,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, NULL, S_O, "CHAP_N=you|"
		  "CHAP_R=0xeb5860d181fec090ca467add1f3169ab|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "mutual CHAP secret" },
	{ .desc = "mutual proof twice", .auth = MPIO_LOGIN_AUTH_MUTUAL,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, NULL, S, PROOF },
		{ S_O, NULL, S_O, PROOF },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "anew" },
	{ .desc = "second challenge", .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, NULL, S, "CHAP_A=5|" CHAP_C },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "anew" },
	{ .desc = "reflected challenge", .auth = MPIO_LOGIN_AUTH_MUTUAL,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|CHAP_I=1|"
		  "CHAP_C=0x02030405060708090a0b0c0d0e0f1011|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "reflects" },
	{ .desc = "CHAP declined", .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=None|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "AuthMethod=None" },
	{ .desc = "AuthMethod left unanswered", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .turns = {
		{ S, NULL, S, "" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "did not answer AuthMethod" },
	{ .desc = "challenge before its turn", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|CHAP_A=5|" CHAP_C },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "before their turn" },
	{ .desc = "AuthMethod twice in a text", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|AuthMethod=CHAP|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "twice" },
	{ .desc = "AuthMethod twice in two texts",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "AuthMethod=CHAP|CHAP_A=5|" CHAP_C },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "twice" },
	{ .desc = "CHAP key twice", .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|CHAP_A=5|" CHAP_C },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "twice" },
	{ .desc = "hash fails", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .hash_fails = true, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_LOCAL,
	  .why = "hash" },
	{ .desc = "target rejects the CHAP_A list",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .algs = MPIO_CHAP_ALL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, "CHAP_A=8,7,6,5|", S, "CHAP_A=Reject|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .avoid = MPIO_NO_CHAP_LISTS, .why = "none of our" },
	{ .desc = "target breaks on the CHAP_A list",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .algs = MPIO_CHAP_ALL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "", PDU_LOGIN_AUTH_FAILED },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .avoid = MPIO_NO_CHAP_LISTS, .why = "0x0201" },
	{ .desc = "target is busy on the CHAP_A list",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .algs = MPIO_CHAP_ALL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "", PDU_LOGIN_UNAVAILABLE },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_BUSY,
	  .why = "0x0301" },
	{ .desc = "wrong secret", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .algs = MPIO_CHAP_ALL, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, S, "CHAP_A=5|" CHAP_C },
		{ S_O, R_MD5, S, "", PDU_LOGIN_AUTH_FAILED },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "refuses our authentication" },
	{ .desc = "authentication wanted where none was offered", .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_AUTH_FAILED },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_AUTH,
	  .permanent = true, .why = "demands authentication (CHAP)" },
	{ .desc = "not found", .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_NOT_FOUND },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_NOT_FOUND,
	  .permanent = true, .why = "0x0203" },
	{ .desc = "forbidden", .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_FORBIDDEN },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_FORBIDDEN,
	  .permanent = true, .why = "0x0202" },
	{ .desc = "unknown initiator error", .turns = {
		{ O_F, NULL, 0, "", 0x02ee },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_REFUSED,
	  .why = "0x02ee" },
	{ .desc = "unknown target error", .turns = {
		{ O_F, NULL, 0, "", 0x03ee },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_BUSY,
	  .why = "0x03ee" },
	{ .desc = "unknown class", .turns = {
		{ O_F, NULL, 0, "", 0x0900 },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "0x0900" },
	{ .desc = "redirect for a while", .turns = {
		{ O_F, NULL, 0, "X-a=1|TargetAddress=[fe80::1]:3261|",
		  PDU_LOGIN_MOVED_TEMP },
	  }, .step = MPIO_LOGIN_REDIRECT },
	{ .desc = "redirect for good, during CHAP",
	  .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|" },
		{ S, NULL, 0, "TargetAddress=nas:3261,1|",
		  PDU_LOGIN_MOVED_PERM },
	  }, .step = MPIO_LOGIN_REDIRECT },
	{ .desc = "redirect to nowhere", .turns = {
		{ O_F, NULL, 0, "", PDU_LOGIN_MOVED_TEMP },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "nowhere" },
	{ .desc = "redirect to no address", .turns = {
		{ O_F, NULL, 0, "TargetAddress=1.2.3|",
		  PDU_LOGIN_MOVED_TEMP },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "TargetAddress=1.2.3" },
	{ .desc = "redirect without end of text", .turns = {
		{ O_F, NULL, 0, "TargetAddress=1.2.3.4",
		  PDU_LOGIN_MOVED_TEMP },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "NUL" },
	{ .desc = "portal group as expected", .tpgt = 7, .turns = {
		{ O_F, NULL, O_F, "TargetPortalGroupTag=7|" },
	  }, .step = MPIO_LOGIN_DONE },
	{ .desc = "another portal group, before any secret", .tpgt = 7,
	  .auth = MPIO_LOGIN_AUTH_CHAP, .turns = {
		{ S, NULL, S, "AuthMethod=CHAP|TargetPortalGroupTag=8|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_TPGT,
	  .why = "portal group" },
	{ .desc = "digest required and refused", .digest = true, .turns = {
		{ O_F, NULL, O_F, "HeaderDigest=Reject|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_NEGOTIATION,
	  .why = "HeaderDigest=Reject" },
	{ .desc = "digest required and not answered", .digest = true,
	  .turns = {
		{ O_F, NULL, O_F, "" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_NEGOTIATION,
	  .why = "digest" },
	{ .desc = "security key in the operational stage", .turns = {
		{ O_F, NULL, O, "AuthMethod=CHAP|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "wrong stage" },
	{ .desc = "CHAP key in the operational stage", .turns = {
		{ O_F, NULL, O, "CHAP_A=5|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another stage" },
	{ .desc = "text without NUL", .turns = {
		{ O_F, NULL, O_F, "HeaderDigest=None" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "NUL" },
	{ .desc = "stage of the response", .turns = {
		{ O_F, NULL, S_O, "" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another stage" },
	{ .desc = "stage changed unasked", .auth = MPIO_LOGIN_AUTH_CHAP,
	  .turns = {
		{ S, NULL, S_O, "AuthMethod=CHAP|" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "unasked" },
	{ .desc = "stage skipped", .security_stage = true, .turns = {
		{ S_O, NULL, S_F, "" },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another stage than asked" },
	{ .desc = "foreign task tag", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_ITT },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "foreign" },
	{ .desc = "another opcode", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_OPCODE },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another phase" },
	{ .desc = "another length than the header's", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_LENGTH },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "another length" },
	{ .desc = "another version", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_VERSION },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_VERSION,
	  .permanent = true, .why = "version" },
	{ .desc = "acknowledges what was not sent", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_ACK },
	  }, .step = MPIO_LOGIN_FAILED, .fail = MPIO_FAIL_PROTOCOL,
	  .why = "never sent" },
	{ .desc = "no session handle", .turns = {
		{ O_F, NULL, O_F, "", .quirk = NO_TSIH },
	  }, .step = MPIO_LOGIN_DONE, .odd = ODD(TSIH) },
	{ .desc = "StatSN that jumps is noted", .turns = {
		{ O_F, NULL, O, "" },
		{ O_F, NULL, O_F, "", .quirk = BAD_STATSN },
	  }, .step = MPIO_LOGIN_DONE, .odd = ODD(STATSN) },
	{ .desc = "MaxCmdSN too small is ignored", .turns = {
		{ O_F, NULL, O_F, "", .quirk = BAD_MAX },
	  }, .step = MPIO_LOGIN_DONE },
};

static const u8 secret[] = "initiatorsecret";
static const u8 secret_in[] = "targetsecret1234";
static struct mpio_login login;
static struct mpio_login_config cfg;
static int hash_countdown;

static void config(const struct login_case *tc)
{
	unsigned int i;

	memset(&cfg, 0, sizeof(cfg));
	cfg.initiator_name = IQN_I;
	cfg.target_name = tc->discovery ? NULL : IQN_T;
	memcpy(cfg.isid, "\x80\1\2\3\4\5", 6);
	cfg.cid = 1;
	cfg.itt = 0x1234;
	cfg.cmdsn = 0xfffffff0;
	cfg.tpgt = tc->tpgt ? tc->tpgt : -1;
	cfg.auth = tc->auth;
	mpio_offers_default(&cfg.offers);
	cfg.avoid = tc->security_stage ? 0 : MPIO_NO_SECURITY;
	cfg.offers.protocol_level = tc->level ? 2 : 0;
	if (tc->digest)
		cfg.offers.header_digest = MPIO_OFFER_CRC32C;
	cfg.chap = (struct mpio_chap_config){
		.name = "me", .secret = secret, .name_in = "you",
		.secret_len = sizeof(secret) - 1, .secret_in = secret_in,
		.secret_in_len = sizeof(secret_in) - 1,
		.mutual = tc->auth == MPIO_LOGIN_AUTH_MUTUAL,
		.algs = tc->algs ? tc->algs : MPIO_CHAP_BIT(MPIO_CHAP_MD5),
		.ops = &unit_hash_ops,
		.hash_priv = tc->hash_fails ? &hash_countdown : NULL,
	};
	hash_countdown = 0;
	for (i = 0; i < sizeof(cfg.chap.random); i++)
		cfg.chap.random[i] = i + 1;
}

static char *bars(char *buf, u32 len, char from, char to)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (buf[i] == from)
			buf[i] = to;
	return buf;
}

/* The request must say what the script expects. */
static bool request_ok(const struct turn *turn, u32 exp_statsn)
{
	static u8 data[PDU_LOGIN_DSL + 4];	/* too big for a kernel */
	struct pdu_login_req req;
	u32 len = 0;

	if (mpio_login_build(&login, &req, data, PDU_LOGIN_DSL, &len))
		return false;
	bars((char *)data, len, '\0', '|')[len] = '\0';
	return req.opcode == 0x43 && req.flags == turn->want_flags &&
	       mpio_get24(req.dlength) == len && !req.hlength &&
	       !memcmp(req.isid, cfg.isid, 6) && !req.tsih &&
	       be32_to_cpu(req.itt) == cfg.itt &&
	       be16_to_cpu(req.cid) == cfg.cid &&
	       be32_to_cpu(req.cmdsn) == cfg.cmdsn &&
	       be32_to_cpu(req.exp_statsn) == exp_statsn &&
	       (!turn->want || !strcmp((char *)data, turn->want));
}

static enum mpio_login_step respond(const struct turn *turn, u32 statsn)
{
	u32 len = strlen(turn->text);
	struct pdu_login_rsp rsp = {
		.opcode = turn->quirk == BAD_OPCODE ? 0x24 : 0x23,
		.flags = turn->flags,
		.version_active = turn->quirk == BAD_VERSION,
		.tsih = cpu_to_be16(turn->quirk == NO_TSIH ? 0 : 99),
		.itt = cpu_to_be32(turn->quirk == BAD_ITT ? 1 : cfg.itt),
		.statsn = cpu_to_be32(turn->quirk == BAD_STATSN ?
				      statsn + 5 : statsn),
		.exp_cmdsn = cpu_to_be32(cfg.cmdsn +
					 (turn->quirk == BAD_ACK)),
		.max_cmdsn = cpu_to_be32(turn->quirk == BAD_MAX ?
					 cfg.cmdsn - 2 : cfg.cmdsn + 31),
		.status_class = turn->status >> 8,
		.status_detail = turn->status & 255,
	};
	enum mpio_login_step step;
	char *text = unit_exact(turn->text, len);

	mpio_put24(rsp.dlength, len + (turn->quirk == BAD_LENGTH));
	bars(text, len, '|', '\0');
	step = mpio_login_parse(&login, &rsp, (u8 *)text, len);
	free(text);
	return step;
}

static void run(const struct login_case *tc)
{
	enum mpio_login_step step = MPIO_LOGIN_SEND;
	const char *why = NULL;
	u32 statsn = 0xfffffffe;
	bool ok;
	int i;

	config(tc);
	ok = !mpio_login_init(&login, &cfg, &why);
	for (i = 0; ok && step == MPIO_LOGIN_SEND && i < 8 &&
	     tc->turns[i].text; i++) {
		ok = request_ok(&tc->turns[i], i ? statsn : 0);
		step = respond(&tc->turns[i], statsn++);
	}
	/* the script must have been played to its end */
	ok = ok && (i == 8 || !tc->turns[i].text) && step == tc->step;
	if (step == MPIO_LOGIN_FAILED)
		ok = ok && login.fail == tc->fail &&
		     login.permanent == tc->permanent &&
		     mpio_login_avoid(&login, false, cfg.avoid) ==
		     tc->avoid &&
		     unit_says(login.why, tc->why);
	else if (step == MPIO_LOGIN_DONE)
		ok = ok && login.tsih == (tc->odd & ODD(TSIH) ? 0 : 99) &&
		     (login.quirks.odd & ~NOTED) == tc->odd &&
		     login.window.exp_cmdsn == cfg.cmdsn &&
		     login.chap_alg == (tc->auth ? 5 : 0);
	check(ok, tc->desc);
	if (!ok)
		printf("  turn %d step %d fail %d: %s\n", i, step, login.fail,
		       login.why);
	/* over is over */
	if (step != MPIO_LOGIN_SEND) {
		u8 data[512];
		struct pdu_login_req req;
		u32 len;

		check(mpio_login_build(&login, &req, data, 512, &len) ==
		      -EINVAL && respond(&tc->turns[0], 0) ==
		      MPIO_LOGIN_FAILED, "... and nothing follows");
	}
}

static void test_results(void)
{
	static const struct login_case done = { .turns = {
		{ .text = "" } } };
	static const struct turn piece = {
		.want_flags = O_F, .flags = O_F,
		.text = "TargetPortalGroupTag=3|TargetAlias=a|" AGREED };
	static const struct turn moved = {
		.want_flags = O_F, .status = PDU_LOGIN_MOVED_PERM,
		.text = "TargetAddress=[fe80::1]:3261|" };
	const char *why;

	config(&done);
	mpio_login_init(&login, &cfg, &why);
	check(request_ok(&piece, 0) &&
	      respond(&piece, 41) == MPIO_LOGIN_DONE &&
	      login.params.tpgt == 3 && !login.params.initial_r2t &&
	      login.params.max_burst == 262144 &&
	      login.params.first_burst == 65536 && login.exp_statsn == 42 &&
	      login.window.max_cmdsn == cfg.cmdsn + 31 &&
	      !strcmp(login.params.target_alias, "a"), "results of a login");
	mpio_login_clear(&login);
	check(login.params.tpgt == 3 && login.tsih == 99 &&
	      !login.rx_buf[0] && !login.tx_buf[0],
	      "clearing keeps the results");
	mpio_login_init(&login, &cfg, &why);
	check(request_ok(&moved, 0) &&
	      respond(&moved, 1) == MPIO_LOGIN_REDIRECT &&
	      login.redirect_permanent && login.redirect.port == 3261 &&
	      login.redirect.family == MPIO_FAMILY_IPV6,
	      "where a redirect leads");
	cfg.tsih = 5;
	mpio_login_init(&login, &cfg, &why);
	request_ok(&piece, 0);
	check(respond(&piece, 1) == MPIO_LOGIN_FAILED &&
	      unit_says(login.why, "TSIH"), "another session handle");
}

/* Requests of more than the buffer holds go out with the C bit. */
static void test_long_request(void)
{
	static const struct login_case plain = { .turns = { { .text = "" } } };
	static const struct turn empty = { .flags = O, .text = "" };
	static const struct turn early = { .flags = O, .text = "A=1|" };
	u8 *data = unit_exact(NULL, 512);
	struct pdu_login_req req;
	char alias[256];
	const char *why;
	u32 len = 0, total = 0;
	int n = 0;

	memset(alias, 'x', 255);
	alias[255] = '\0';
	config(&plain);
	cfg.initiator_alias = alias;
	mpio_login_init(&login, &cfg, &why);
	do {
		check(!mpio_login_build(&login, &req, data, 512, &len),
		      "piece of a long request");
		total += len;
		if (!(req.flags & PDU_LOGIN_CONTINUE))
			break;
		check(!(req.flags & PDU_LOGIN_TRANSIT) && len == 512,
		      "a piece has C and no T");
	} while (respond(&empty, n++) == MPIO_LOGIN_SEND);
	check(n == 1 && total == login.tx.len && req.flags == O_F,
	      "the last piece has T");
	mpio_login_init(&login, &cfg, &why);
	mpio_login_build(&login, &req, data, 512, &len);
	check(respond(&early, 1) == MPIO_LOGIN_FAILED &&
	      unit_says(login.why, "unfinished"),
	      "target answers a piece with data");
	mpio_login_init(&login, &cfg, &why);
	check(mpio_login_build(&login, &req, data, 508, &len) == -EINVAL &&
	      mpio_login_build(&login, &req, data, 513, &len) == -EINVAL &&
	      !mpio_login_build(&login, &req, data, 512, &len) &&
	      mpio_login_build(&login, &req, data, 512, &len) == -EINVAL,
	      "buffer too small, request built twice");
	free(data);
}

/* Targets that never come to an end. */
static void test_endless(void)
{
	static const struct login_case plain = { .turns = { { .text = "" } } };
	static const struct turn empty = { .want_flags = O_F, .flags = O,
					   .text = "" };
	struct turn more = { .flags = O | C };
	char text[4096];
	const char *why;
	u8 data[512];
	struct pdu_login_req req;
	u32 len;
	int n = 0;

	config(&plain);
	mpio_login_init(&login, &cfg, &why);
	while (!mpio_login_build(&login, &req, data, 512, &len))
		if (respond(&empty, n++) != MPIO_LOGIN_SEND)
			break;
	check(n == MPIO_LOGIN_EXCHANGES + 1 &&
	      unit_says(login.why, "does not come to an end"),
	      "target that never changes stage");

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	more.text = text;
	mpio_login_init(&login, &cfg, &why);
	for (n = 0; !mpio_login_build(&login, &req, data, 512, &len); n++)
		if (respond(&more, n) != MPIO_LOGIN_SEND)
			break;
	check(n == 4 && unit_says(login.why, "more text"),
	      "target that never stops talking");

	for (n = 0; n + 4 < (int)sizeof(text); n += 4)
		memcpy(text + n, "Aa=|", 5);
	more.text = text;
	mpio_login_init(&login, &cfg, &why);
	for (n = 0; !mpio_login_build(&login, &req, data, 512, &len); n++) {
		more.flags = n == 2 ? O : O | C;
		if (respond(&more, n) != MPIO_LOGIN_SEND)
			break;
	}
	check(n == 2 && unit_says(login.why, "more answers than fit"),
	      "target that asks for too many answers");
}

static void test_configs(void)
{
	static const struct login_case chap = {
		.auth = MPIO_LOGIN_AUTH_CHAP };
	static const struct login_case plain = { .desc = "" };
	const char *why = NULL;
	char alias[257];

	memset(alias, 'x', 256);
	alias[256] = '\0';
#define BAD(tc, field, value, says, desc) do {				\
		config(tc);						\
		cfg.field = value;					\
		check(mpio_login_init(&login, &cfg, &why) == -EINVAL &&	\
		      unit_says(why, says), desc);			\
	} while (0)
	BAD(&plain, initiator_name, NULL, "no initiator", "no name");
	BAD(&plain, initiator_name, "a b", "blanks", "bad name");
	BAD(&plain, target_name, "a/b", "slashes", "bad target name");
	BAD(&plain, initiator_alias, alias, "alias", "long alias");
	BAD(&plain, itt, PDU_TAG_NONE, "tag", "reserved tag");
	BAD(&plain, auth, 3, "unknown kind", "kind of authentication");
	BAD(&plain, offers.erl, 3, "ErrorRecoveryLevel", "bad offer");
	BAD(&chap, chap.secret_len, 3, "12 bytes", "short secret");
	BAD(&chap, chap.mutual, true, "disagree", "mutual or not");
}

/* What is left out next, by where a target hangs up. */
static void test_avoid(void)
{
	static const struct login_case plain = { .security_stage = true,
						 .level = true };
	static const struct login_case chap = { .auth = MPIO_LOGIN_AUTH_CHAP,
		.algs = MPIO_CHAP_ALL, .security_stage = true, .level = true };
	static const struct turn none = { .want_flags = S_O, .flags = S_O,
		.text = "AuthMethod=None|" };
	static const struct turn method = { .want_flags = S, .flags = S,
		.text = "AuthMethod=CHAP|" };
	static const struct turn late = { .want_flags = O_F, .flags = O,
		.text = "" };
	const char *why;

	config(&plain);
	mpio_login_init(&login, &cfg, &why);
	request_ok(&none, 0);
	check(mpio_login_avoid(&login, true, 0) == MPIO_NO_SECURITY &&
	      !mpio_login_avoid(&login, true, MPIO_NO_SECURITY),
	      "hangs up at the security stage");
	respond(&none, 1);
	check(mpio_login_avoid(&login, true, 0) == MPIO_NO_LEVEL &&
	      mpio_login_avoid(&login, true, MPIO_NO_LEVEL) ==
	      MPIO_NO_SECURITY &&
	      !mpio_login_avoid(&login, true,
				MPIO_NO_LEVEL | MPIO_NO_SECURITY),
	      "hangs up at the offers, then at a second request");
	cfg.avoid = MPIO_NO_LEVEL;
	mpio_login_init(&login, &cfg, &why);
	request_ok(&none, 0);
	respond(&none, 1);
	check(!strstr(login.tx_buf, "Level") && request_ok(&late, 2) &&
	      mpio_login_avoid(&login, true, cfg.avoid) == MPIO_NO_SECURITY &&
	      !mpio_login_avoid(&login, false, cfg.avoid),
	      "the level is left out");
	config(&chap);
	mpio_login_init(&login, &cfg, &why);
	request_ok(&method, 0);
	check(!mpio_login_avoid(&login, true, 0),
	      "authentication is never left out");
	respond(&method, 1);
	check(mpio_login_avoid(&login, true, 0) == MPIO_NO_CHAP_LISTS,
	      "hangs up at a list of algorithms");
	cfg.avoid = MPIO_NO_CHAP_LISTS;
	mpio_login_init(&login, &cfg, &why);
	request_ok(&method, 0);
	respond(&method, 1);
	check(!strcmp(login.tx_buf, "CHAP_A=5"), "MD5 alone");
	config(&plain);
	cfg.avoid = MPIO_NO_NO_DIGEST | MPIO_NO_SECURITY;
	mpio_login_init(&login, &cfg, &why);
	check(login.nego.offers.data_digest == MPIO_OFFER_ACCEPT,
	      "a digest that is forced on us");
}

/* A group tag that is none, where one is expected before any secret. */
static void test_bad_tag(void)
{
	static const struct login_case chap = { .auth = MPIO_LOGIN_AUTH_CHAP,
		.tpgt = 3 };
	static const struct turn turn = { .want_flags = S, .flags = S,
		.text = "AuthMethod=CHAP|TargetPortalGroupTag=70000|" };
	const char *why;

	config(&chap);
	mpio_login_init(&login, &cfg, &why);
	request_ok(&turn, 0);
	check(respond(&turn, 1) == MPIO_LOGIN_FAILED &&
	      login.fail == MPIO_FAIL_TPGT, "a bad tag where one is expected");
	cfg.tpgt = -1;
	mpio_login_init(&login, &cfg, &why);
	request_ok(&turn, 0);
	check(respond(&turn, 1) == MPIO_LOGIN_SEND, "... and where none is");
}

/* Which request on its way may have the target end an older session. */
static void test_may_end_old(void)
{
	static const struct login_case plain = { .security_stage = true };
	static const struct login_case chap = { .auth = MPIO_LOGIN_AUTH_CHAP };
	static const struct turn none = { .want_flags = S_O };
	static const struct turn method = { .want_flags = S, .flags = S,
		.text = "AuthMethod=CHAP|" };
	static const struct turn challenge = { .want = "CHAP_A=5|",
		.flags = S, .text = "CHAP_A=5|" CHAP_C };
	static const struct turn proof = { .want_flags = S_O, .want = R_MD5,
		.flags = S_O, .text = "" };
	static const struct turn offers = { .want_flags = O_F };
	const char *why;

	config(&plain);
	mpio_login_init(&login, &cfg, &why);
	check(request_ok(&none, 0) && mpio_login_may_end_old(&login),
	      "may end the old session: AuthMethod=None");
	cfg.avoid = MPIO_NO_SECURITY;
	mpio_login_init(&login, &cfg, &why);
	check(request_ok(&offers, 0) && mpio_login_may_end_old(&login),
	      "... the operational stage at once");
	config(&chap);
	mpio_login_init(&login, &cfg, &why);
	check(request_ok(&method, 0) && !mpio_login_may_end_old(&login),
	      "... AuthMethod=CHAP does not");
	respond(&method, 1);
	check(request_ok(&challenge, 2) && !mpio_login_may_end_old(&login),
	      "... nor CHAP_A");
	respond(&challenge, 2);
	check(request_ok(&proof, 3) && mpio_login_may_end_old(&login),
	      "... but CHAP_R");
	respond(&proof, 3);
	check(request_ok(&offers, 4) && mpio_login_may_end_old(&login),
	      "... and what comes after it");
}

void test_login(void)
{
	unsigned int i;

	test_avoid();
	test_may_end_old();
	test_bad_tag();

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		run(&cases[i]);
	test_results();
	test_long_request();
	test_endless();
	test_configs();
}
