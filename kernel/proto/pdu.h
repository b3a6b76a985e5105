/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be said about a PDU from its header alone, sequence numbers and
 * logical unit numbers. Any context; nothing here sleeps or keeps state.
 */
#ifndef MPIO_PROTO_PDU_H
#define MPIO_PROTO_PDU_H

#include "wire.h"

enum mpio_pdu_phase {
	MPIO_PHASE_LOGIN,	/* Login Response only, RFC 7143 6.3 */
	MPIO_PHASE_FULL		/* everything but Login Response */
};

/**
 * mpio_pdu_check - is this header one a target may send now?
 * @bhs: the 48 bytes as received
 * @phase: of this connection
 * @max_dsl: bytes of data segment we can take: what we declared as
 *	MaxRecvDataSegmentLength, PDU_LOGIN_DSL in the login phase
 * @max_ahs: bytes of additional header segments the caller has room for
 * @why: set to a constant sentence when the header is refused
 *
 * Checks opcode, lengths, and per opcode what needs no knowledge of the task:
 * reserved tags, exclusive flags, offset + length within 32 bits.
 *
 * Return: 0, or -EPROTO: the connection must be dropped.
 */
int mpio_pdu_check(const struct pdu_bhs *bhs, enum mpio_pdu_phase phase,
		   u32 max_dsl, u32 max_ahs, const char **why);

/* Name of an opcode ("Data-In"), for messages; "unknown" if it is none. */
const char *mpio_pdu_name(u8 opcode);

/* Words of RFC 7143 for codes in messages; never NULL. */
const char *mpio_reject_reason(u8 reason);	/* 11.17.1 */
const char *mpio_async_event(u8 event);		/* 11.9.1 */
const char *mpio_tmf_name(u8 function);		/* 11.5.1, those we send */
const char *mpio_tmf_response(u8 response);	/* 11.6.1 */

static inline u8 mpio_pdu_opcode(const struct pdu_bhs *bhs)
{
	return bhs->opcode & PDU_OPCODE_MASK;
}

static inline u32 mpio_pdu_dlength(const struct pdu_bhs *bhs)
{
	return mpio_get24(bhs->dlength);
}

static inline u32 mpio_pdu_ahslength(const struct pdu_bhs *bhs)
{
	return (u32)bhs->hlength * 4;
}

/* Bytes of padding behind @len bytes of data, 11.1. */
static inline u32 mpio_pdu_pad(u32 len)
{
	return -len & 3;
}

/* Serial arithmetic of RFC 1982 with 32 bits, RFC 7143 4.2.2.1. */
static inline bool mpio_sna_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool mpio_sna_lte(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

static inline bool mpio_sna_gt(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

static inline bool mpio_sna_gte(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

/* Command window of a session; the caller serialises access. */
struct mpio_window {
	u32 exp_cmdsn;
	u32 max_cmdsn;
};

/* May a numbered command carry @cmdsn now? */
static inline bool mpio_window_open(const struct mpio_window *w, u32 cmdsn)
{
	return mpio_sna_lte(cmdsn, w->max_cmdsn);
}

/**
 * mpio_window_update - take over ExpCmdSN and MaxCmdSN of a received PDU
 * @w: the window
 * @next_cmdsn: number the next numbered command will carry
 * @exp_cmdsn: from the PDU, host byte order
 * @max_cmdsn: from the PDU, host byte order
 *
 * RFC 7143 4.2.2.1: a pair with MaxCmdSN < ExpCmdSN - 1 is ignored, and so is
 * each number that is older than ours. A window of more than 2^31 - 1 cannot
 * be told from a closed one and counts as such.
 *
 * Return: 1 when the window grew, 0 when it did not, -EPROTO when the target
 * acknowledges a command never sent (nothing is changed then).
 */
int mpio_window_update(struct mpio_window *w, u32 next_cmdsn, u32 exp_cmdsn,
		       u32 max_cmdsn);

/*
 * 8 byte LUN of SAM-5 4.7 from and to the number Linux uses for it (two bytes
 * of each level, first level lowest), addressing method bits included.
 */
void mpio_lun_encode(u64 lun, u8 wire[8]);
u64 mpio_lun_decode(const u8 wire[8]);

#endif /* MPIO_PROTO_PDU_H */
