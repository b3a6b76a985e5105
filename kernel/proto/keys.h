/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys of RFC 7143 section 13 as one table, and the negotiation of a login's
 * operational values: what we offer, what the target makes of it.
 */
#ifndef MPIO_PROTO_KEYS_H
#define MPIO_PROTO_KEYS_H

#include "text.h"

#define MPIO_ALIAS_MAX		255

enum mpio_key_type {
	MPIO_KEY_NUMBER,
	MPIO_KEY_BOOL,
	MPIO_KEY_LIST,		/* first common value */
	MPIO_KEY_STRING,
	MPIO_KEY_OBSOLETE	/* answered Reject, 13.25 */
};

/* Result function, section 13. */
enum mpio_key_result {
	MPIO_RESULT_DECLARE,	/* declarative: no answer */
	MPIO_RESULT_MIN,
	MPIO_RESULT_MAX,
	MPIO_RESULT_AND,
	MPIO_RESULT_OR,
	MPIO_RESULT_LIST,
	MPIO_RESULT_NONE	/* obsolete */
};

#define MPIO_KEY_SECURITY	0x01	/* allowed in SecurityNegotiation */
#define MPIO_KEY_OPERATIONAL	0x02	/* allowed in LoginOperational... */
#define MPIO_KEY_BY_INITIATOR	0x04	/* initiator may send it first */
#define MPIO_KEY_BY_TARGET	0x08	/* target may send it first */
#define MPIO_KEY_NO_DISCOVERY	0x10	/* irrelevant in a Discovery session */
#define MPIO_KEY_REPEATS	0x20	/* may be declared more than once */
#define MPIO_KEY_FULL_ONLY	0x40	/* full feature phase only */
#define MPIO_KEY_MAY_REFUSE	0x80	/* NotUnderstood is a fair answer */

enum mpio_key_id {
	MPIO_K_HEADER_DIGEST,
	MPIO_K_DATA_DIGEST,
	MPIO_K_MAX_CONNECTIONS,
	MPIO_K_SEND_TARGETS,
	MPIO_K_TARGET_NAME,
	MPIO_K_INITIATOR_NAME,
	MPIO_K_TARGET_ALIAS,
	MPIO_K_INITIATOR_ALIAS,
	MPIO_K_TARGET_ADDRESS,
	MPIO_K_TPGT,
	MPIO_K_INITIAL_R2T,
	MPIO_K_IMMEDIATE_DATA,
	MPIO_K_MAX_RECV_DSL,
	MPIO_K_MAX_BURST,
	MPIO_K_FIRST_BURST,
	MPIO_K_TIME2WAIT,
	MPIO_K_TIME2RETAIN,
	MPIO_K_MAX_R2T,
	MPIO_K_PDU_IN_ORDER,
	MPIO_K_SEQUENCE_IN_ORDER,
	MPIO_K_ERL,
	MPIO_K_SESSION_TYPE,
	MPIO_K_TASK_REPORTING,
	MPIO_K_PROTOCOL_LEVEL,
	MPIO_K_IF_MARKER,
	MPIO_K_OF_MARKER,
	MPIO_K_IF_MARK_INT,
	MPIO_K_OF_MARK_INT,
	MPIO_K_NODE_ARCHITECTURE,
	MPIO_K_COUNT
};

struct mpio_key {
	const char *name;
	const char *section;		/* of RFC 7143 */
	enum mpio_key_type type;
	enum mpio_key_result result;
	u32 flags;
	u32 def;			/* default: number or bool */
	u32 min;
	u32 max;
	const char *const *values;	/* MPIO_KEY_LIST: bit n is values[n] */
};

/* key_table.c */
extern const struct mpio_key mpio_keys[MPIO_K_COUNT];
extern const char *const mpio_digests[];	/* of HeaderDigest and DataDigest */

#define MPIO_DSL_MAX	0xffffff	/* of a data segment, RFC 7143 13.12 */

/* Index of the key of that name, or -ENOENT. */
int mpio_key_find(const char *name, u32 len);

/* What to ask for. Values of enum mpio_digest of the netlink ABI, and more. */
enum mpio_digest_offer {
	MPIO_OFFER_NONE = 0,	/* "None" */
	MPIO_OFFER_CRC32C = 1,	/* "CRC32C": nothing else will do */
	MPIO_OFFER_PREFER = 2,	/* "CRC32C,None" */
	MPIO_OFFER_ACCEPT = 3	/* "None,CRC32C" */
};

#define MPIO_TASK_RFC3720	0x1	/* bits of task_reporting, 13.23 */
#define MPIO_TASK_RESPONSE_FENCE 0x2
#define MPIO_TASK_FAST_ABORT	0x4

/* The iSCSIProtocolLevel with RFC 7144's task management functions. */
#define MPIO_LEVEL_QUERY	2

struct mpio_offers {
	u8 header_digest;	/* enum mpio_digest_offer */
	u8 data_digest;
	bool initial_r2t;
	bool immediate_data;
	bool data_pdu_in_order;
	bool data_sequence_in_order;
	u8 erl;
	u8 protocol_level;	/* 0: iSCSIProtocolLevel is not offered */
	u8 task_reporting;	/* 0: TaskReporting is not offered */
	u32 first_burst;
	u32 max_burst;
	u32 max_recv_dsl;
	u32 max_outstanding_r2t;
	u32 max_connections;
	u32 time2wait;
	u32 time2retain;
};

/* What an initiator of this project offers unless told otherwise. */
void mpio_offers_default(struct mpio_offers *o);

/* Are they within the bounds of section 13? 0 or -EINVAL with @why. */
int mpio_offers_check(const struct mpio_offers *o, const char **why);

/* Outcome of a negotiation; RFC defaults until the target has spoken. */
struct mpio_params {
	bool header_digest;	/* CRC32C */
	bool data_digest;
	bool initial_r2t;
	bool immediate_data;
	bool data_pdu_in_order;
	bool data_sequence_in_order;
	u8 erl;
	u8 protocol_level;
	u8 task_reporting;	/* one MPIO_TASK_* bit */
	u32 first_burst;
	u32 max_burst;
	u32 max_recv_dsl;	/* ours: what the target may send */
	u32 max_xmit_dsl;	/* the target's: what we may send */
	u32 max_outstanding_r2t;
	u32 max_connections;
	u32 time2wait;		/* seconds */
	u32 time2retain;	/* seconds */
	s32 tpgt;		/* -1 while not declared */
	char target_alias[MPIO_ALIAS_MAX + 1];
};

void mpio_params_default(struct mpio_params *p);

/* How an answer, a declaration or a proposal can be wrong; see quirk.c. */
enum mpio_wrong {
	MPIO_WRONG_RESULT,	/* its result function forbids the value */
	MPIO_WRONG_ABOVE,	/* above the upper bound, or too long */
	MPIO_WRONG_VALUE,	/* below the lower bound, or no such value */
	MPIO_WRONG_SPELT,	/* "yes" for "Yes" */
	MPIO_WRONG_REFUSED,	/* NotUnderstood or Reject, mandatory key */
	MPIO_WRONG_TWICE,
	MPIO_WRONG_STAGE,	/* in the security stage */
	MPIO_WRONG_LATE,	/* proposed in the final response */
	MPIO_WRONG_ECHO,	/* a key that only initiators send */
	MPIO_WRONGS
};

/* Oddities that are not of one key. */
enum mpio_odd {
	MPIO_ODD_TSIH,		/* TSIH 0 in the final response */
	MPIO_ODD_STATSN,
	MPIO_ODD_NO_TPGT,
	MPIO_ODD_ANSWER,	/* to a key that was not offered */
	MPIO_ODD_AUTH_STAGE,	/* AuthMethod in the operational stage */
	MPIO_ODD_MAXCMDSN,
	MPIO_ODD_CHAP_LISTS,	/* the four of enum mpio_avoid in use */
	MPIO_ODD_LEVEL,
	MPIO_ODD_SECURITY,
	MPIO_ODD_DIGEST,
	MPIO_ODD_SHORT_READ,	/* full feature phase: GOOD and too little */
	MPIO_ODD_EXPCMDSN,	/* and an immediate request is counted */
	MPIO_ODDS
};

/* What a target got wrong and was let pass. */
struct mpio_quirks {
	u32 odd;			/* bit per enum mpio_odd */
	u16 key[MPIO_K_COUNT];		/* bit per enum mpio_wrong */
};

/* A negotiation under way; zero @seen, @offered and @answered first. */
struct mpio_nego {
	struct mpio_offers offers;
	struct mpio_params params;
	struct mpio_quirks quirks;
	const char *initiator_name;	/* what we said, or NULL: any echo */
	const char *target_name;	/* will do */
	bool discovery;
	bool final;		/* no answer of ours follows any more */
	u32 offered;		/* bit per enum mpio_key_id: we sent it */
	u32 answered;		/* ... and the target answered */
	u32 seen;		/* target declared or proposed it */
};

void mpio_nego_init(struct mpio_nego *n, const struct mpio_offers *o,
		    bool discovery);

/* Write all operational offers; marks them offered. */
void mpio_nego_offer(struct mpio_nego *n, struct mpio_textbuf *b);

/**
 * mpio_nego_take - one pair the target sent
 * @n: the negotiation
 * @p: the pair; security keys (section 12) must not come here
 * @security: the pair came in the SecurityNegotiation stage
 * @reply: our answer is appended, if one is due
 * @why: sentence when refused
 *
 * Takes answers to our offers, declarations and proposals of the target;
 * answers unknown keys NotUnderstood and obsolete ones Reject. What is wrong
 * is looked up in the table in quirk.c, and noted in @n->quirks if it is let pass.
 *
 * Return: 0 when no answer is due, 1 when one was appended, 2 when it was
 * NotUnderstood; -EPROTO when the target broke a rule, -EOPNOTSUPP when it
 * refuses what we require.
 */
int mpio_nego_take(struct mpio_nego *n, const struct mpio_pair *p,
		   bool security, struct mpio_textbuf *reply,
		   const char **why);

/*
 * After the last pair: keys the target left unanswered get their defaults
 * (-EOPNOTSUPP where we require more), integrity rules are applied.
 */
int mpio_nego_finish(struct mpio_nego *n, const char **why);

/**
 * mpio_keys_declared - text of a target in the full feature phase
 * @t: the text, from its start
 * @params: max_xmit_dsl is set to a MaxRecvDataSegmentLength declared
 * @why: sentence when refused
 *
 * Only declarations need no answer; of those only the length matters to us.
 *
 * Return: 0 when that was all there is, 1 when the target proposes something
 * or says what a login has to settle, -EPROTO for bad text. @params is touched
 * with 0 only.
 */
int mpio_keys_declared(struct mpio_text *t, struct mpio_params *params,
		       const char **why);

#endif /* MPIO_PROTO_KEYS_H */
