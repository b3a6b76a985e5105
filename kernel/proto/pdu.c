// SPDX-License-Identifier: GPL-2.0
/*
 * Header checks, sequence numbers, logical unit numbers. See pdu.h.
 */
#include "pdu.h"

/* One row per opcode a target may send, RFC 7143 11.2.1.2. */
struct pdu_rule {
	u8 opcode;
	bool login;		/* in the login phase, else full feature */
	bool tagged;		/* carries the ITT of a task of ours */
	bool no_data;		/* DataSegmentLength must be 0 */
	const char *name;
	const char *(*check)(const struct pdu_bhs *bhs);	/* or NULL */
};

/* Does [offset, offset + len) leave 32 bits? */
static bool wraps(__be32 offset, u32 len)
{
	return (u64)be32_to_cpu(offset) + len > 0xffffffffULL;
}

static const char *check_scsi_rsp(const struct pdu_bhs *bhs)
{
	const u8 both = PDU_RSP_OVERFLOW | PDU_RSP_UNDERFLOW;
	const u8 bidi = PDU_RSP_BI_OVERFLOW | PDU_RSP_BI_UNDERFLOW;

	/* 11.4.1: the bits of a pair are mutually exclusive. */
	if ((bhs->flags & both) == both || (bhs->flags & bidi) == bidi)
		return "SCSI Response with residual overflow and underflow";
	return NULL;
}

static const char *check_data_in(const struct pdu_bhs *bhs)
{
	const struct pdu_data_in *d = (const void *)bhs;
	const u8 both = PDU_RSP_OVERFLOW | PDU_RSP_UNDERFLOW;

	/* 11.7.3: status only with the last PDU of the command. */
	if ((d->flags & PDU_DATA_STATUS) && !(d->flags & PDU_F_FINAL))
		return "Data-In with status but without the F bit";
	if ((d->flags & PDU_DATA_STATUS) && (d->flags & both) == both)
		return "Data-In with residual overflow and underflow";
	if (wraps(d->offset, mpio_pdu_dlength(bhs)))
		return "Data-In whose offset and length exceed 32 bits";
	return NULL;
}

static const char *check_r2t(const struct pdu_bhs *bhs)
{
	const struct pdu_r2t *r = (const void *)bhs;

	if (be32_to_cpu(r->ttt) == PDU_TAG_NONE)	/* 11.8.5 */
		return "R2T with the reserved target transfer tag";
	if (!r->data_length)				/* 11.8.4 */
		return "R2T for no data";
	if (wraps(r->offset, be32_to_cpu(r->data_length)))
		return "R2T whose offset and length exceed 32 bits";
	return NULL;
}

static const char *check_text_rsp(const struct pdu_bhs *bhs)
{
	const struct pdu_text_rsp *t = (const void *)bhs;
	const bool final = t->flags & PDU_F_FINAL;

	/* 11.11.1, 11.11.2, 11.11.4 */
	if (final && (t->flags & PDU_TEXT_CONTINUE))
		return "Text Response with both F and C bits";
	if (final && be32_to_cpu(t->ttt) != PDU_TAG_NONE)
		return "final Text Response with a target transfer tag";
	if (!final && be32_to_cpu(t->ttt) == PDU_TAG_NONE)
		return "partial Text Response without target transfer tag";
	return NULL;
}

static const char *check_login_rsp(const struct pdu_bhs *bhs)
{
	const struct pdu_login_rsp *l = (const void *)bhs;
	u8 csg = PDU_LOGIN_CSG(l->flags);
	u8 nsg = PDU_LOGIN_NSG(l->flags);

	if (l->status_class)	/* 6.3.1: T, CSG and NSG are reserved then */
		return NULL;
	/* 11.13.6, 11.13.7 */
	if ((l->flags & PDU_LOGIN_TRANSIT) && (l->flags & PDU_LOGIN_CONTINUE))
		return "Login Response with both T and C bits";
	if (csg > PDU_STAGE_OPERATIONAL)
		return "Login Response of no known stage";
	if ((l->flags & PDU_LOGIN_TRANSIT) && (nsg <= csg || nsg == 2))
		return "Login Response to no possible stage";
	return NULL;
}

static const char *check_untagged(const struct pdu_bhs *bhs)
{
	/* 11.9, 11.17: bytes 16-19 are 0xffffffff */
	if (be32_to_cpu(bhs->itt) != PDU_TAG_NONE)
		return "initiator task tag in a PDU that answers no task";
	return NULL;
}

static const char *check_nop_in(const struct pdu_bhs *bhs)
{
	const struct pdu_nop_in *n = (const void *)bhs;

	/* 11.19.1: neither a ping nor an answer, so nothing to carry */
	if (be32_to_cpu(n->itt) == PDU_TAG_NONE &&
	    be32_to_cpu(n->ttt) == PDU_TAG_NONE && mpio_pdu_dlength(bhs))
		return "NOP-In with data but without any tag";
	return NULL;
}

static const struct pdu_rule rules[] = {
	/* opcode           login  tagged no data */
	{ PDU_OP_NOP_IN,     false, false, false, "NOP-In", check_nop_in },
	{ PDU_OP_SCSI_RSP,   false, true,  false, "SCSI Response",
	  check_scsi_rsp },
	{ PDU_OP_TMF_RSP,    false, true,  true,
	  "Task Management Function Response", NULL },
	{ PDU_OP_LOGIN_RSP,  true,  true,  false, "Login Response",
	  check_login_rsp },
	{ PDU_OP_TEXT_RSP,   false, true,  false, "Text Response",
	  check_text_rsp },
	{ PDU_OP_DATA_IN,    false, true,  false, "Data-In", check_data_in },
	{ PDU_OP_LOGOUT_RSP, false, true,  true,  "Logout Response", NULL },
	{ PDU_OP_R2T,        false, true,  true,  "R2T", check_r2t },
	{ PDU_OP_ASYNC,      false, false, false, "Asynchronous Message",
	  check_untagged },
	{ PDU_OP_REJECT,     false, false, false, "Reject", check_untagged },
};

static const struct pdu_rule *find_rule(u8 opcode)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].opcode == opcode)
			return &rules[i];
	return NULL;
}

int mpio_pdu_check(const struct pdu_bhs *bhs, enum mpio_pdu_phase phase,
		   u32 max_dsl, u32 max_ahs, const char **why)
{
	const struct pdu_rule *r = find_rule(mpio_pdu_opcode(bhs));
	const char *bad = NULL;

	if (!r)
		bad = "opcode that no target may send";
	else if (r->login != (phase == MPIO_PHASE_LOGIN))
		bad = "PDU of another phase of the connection";
	else if (mpio_pdu_ahslength(bhs) > max_ahs)
		bad = "additional header segments too long";
	else if (mpio_pdu_dlength(bhs) > max_dsl)
		bad = "data segment longer than MaxRecvDataSegmentLength";
	else if (r->no_data && mpio_pdu_dlength(bhs))
		bad = "data segment in a PDU that has none";
	else if (r->tagged && be32_to_cpu(bhs->itt) == PDU_TAG_NONE)
		bad = "reserved initiator task tag";
	else if (r->check)
		bad = r->check(bhs);
	if (!bad)
		return 0;
	*why = bad;
	return -EPROTO;
}

const char *mpio_pdu_name(u8 opcode)
{
	static const struct {
		u8 opcode;
		const char *name;
	} requests[] = {
		{ PDU_OP_NOP_OUT, "NOP-Out" },
		{ PDU_OP_SCSI_CMD, "SCSI Command" },
		{ PDU_OP_TMF_REQ, "Task Management Function Request" },
		{ PDU_OP_LOGIN_REQ, "Login Request" },
		{ PDU_OP_TEXT_REQ, "Text Request" },
		{ PDU_OP_DATA_OUT, "Data-Out" },
		{ PDU_OP_LOGOUT_REQ, "Logout Request" },
		{ PDU_OP_SNACK_REQ, "SNACK Request" },
	};
	const struct pdu_rule *r = find_rule(opcode & PDU_OPCODE_MASK);
	unsigned int i;

	if (r)
		return r->name;
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].opcode == (opcode & PDU_OPCODE_MASK))
			return requests[i].name;
	return "unknown";
}

/* RFC 7143 11.17.1 */
static const char *const reject_reasons[] = {
	[PDU_REJECT_DATA_DIGEST] = "data digest error",
	[PDU_REJECT_SNACK] = "SNACK reject",
	[PDU_REJECT_PROTOCOL] = "protocol error",
	[PDU_REJECT_UNSUPPORTED] = "command not supported",
	[PDU_REJECT_IMMEDIATE] = "too many immediate commands",
	[PDU_REJECT_IN_PROGRESS] = "task in progress",
	[PDU_REJECT_DATA_ACK] = "invalid data ack",
	[PDU_REJECT_FIELD] = "invalid PDU field",
	[PDU_REJECT_LONG_OP] = "out of target transfer tags",
	[PDU_REJECT_NEGOTIATION] = "negotiation reset",
	[PDU_REJECT_WAIT_LOGOUT] = "waiting for logout",
};

/* RFC 7143 11.9.1 */
static const char *const async_events[] = {
	[PDU_ASYNC_SCSI] = "SCSI event",
	[PDU_ASYNC_LOGOUT] = "logout request",
	[PDU_ASYNC_CONN_DROP] = "connection drop",
	[PDU_ASYNC_SESSION_DROP] = "session drop",
	[PDU_ASYNC_NEGOTIATE] = "negotiation request",
	[PDU_ASYNC_TASK_TERM] = "task termination",
};

/* RFC 7143 11.6.1, RFC 7144 6.4 */
static const char *const tmf_responses[] = {
	[PDU_TMF_RSP_COMPLETE] = "function complete",
	[PDU_TMF_RSP_NO_TASK] = "task does not exist",
	[PDU_TMF_RSP_NO_LUN] = "LUN does not exist",
	[PDU_TMF_RSP_ALLEGIANT] = "task still allegiant",
	[PDU_TMF_RSP_NO_REASSIGN] = "allegiance reassignment not supported",
	[PDU_TMF_RSP_UNSUPPORTED] = "function not supported",
	[PDU_TMF_RSP_UNAUTHORIZED] = "function authorization failed",
	[PDU_TMF_RSP_SUCCEEDED] = "function succeeded",
};

/* RFC 7143 11.5.1, RFC 7144 6.3 */
static const char *const tmf_names[] = {
	[PDU_TMF_ABORT_TASK] = "ABORT TASK",
	[PDU_TMF_LU_RESET] = "LOGICAL UNIT RESET",
	[PDU_TMF_QUERY_TASK] = "QUERY TASK",
};

static const char *word(const char *const *words, unsigned int n, u8 i)
{
	return i < n && words[i] ? words[i] : "unknown";
}

const char *mpio_reject_reason(u8 reason)
{
	return word(reject_reasons, ARRAY_SIZE(reject_reasons), reason);
}

const char *mpio_async_event(u8 event)
{
	if (event >= PDU_ASYNC_VENDOR)
		return "vendor event";
	return word(async_events, ARRAY_SIZE(async_events), event);
}

const char *mpio_tmf_name(u8 function)
{
	return word(tmf_names, ARRAY_SIZE(tmf_names), function);
}

const char *mpio_tmf_response(u8 response)
{
	if (response == PDU_TMF_RSP_REJECTED)
		return "function rejected";
	return word(tmf_responses, ARRAY_SIZE(tmf_responses), response);
}

int mpio_window_update(struct mpio_window *w, u32 next_cmdsn, u32 exp_cmdsn,
		       u32 max_cmdsn)
{
	bool grew = false;

	if (mpio_sna_gt(exp_cmdsn, next_cmdsn))
		return -EPROTO;
	if (mpio_sna_lt(max_cmdsn, exp_cmdsn - 1))
		return 0;
	if (mpio_sna_gt(exp_cmdsn, w->exp_cmdsn))
		w->exp_cmdsn = exp_cmdsn;
	if (mpio_sna_gt(max_cmdsn, w->max_cmdsn)) {
		w->max_cmdsn = max_cmdsn;
		grew = true;
	}
	return grew;
}

void mpio_lun_encode(u64 lun, u8 wire[8])
{
	unsigned int i;

	for (i = 0; i < 8; i += 2) {
		mpio_put16(wire + i, (u16)lun);
		lun >>= 16;
	}
}

u64 mpio_lun_decode(const u8 wire[8])
{
	u64 lun = 0;
	unsigned int i;

	for (i = 0; i < 8; i += 2)
		lun |= (u64)mpio_get16(wire + i) << (i * 8);
	return lun;
}
