// SPDX-License-Identifier: GPL-2.0
/*
 * Headers, numbers and words of the full feature phase.
 * WITH: pdu.c
 */
#include "proof.h"
#include "proto/pdu.h"

/* any 48 bytes */
void proof_header(void)
{
	u32 max_dsl, max_ahs;
	struct pdu_bhs bhs;
	const char *why;

	ANY(bhs);
	ANY(max_dsl);
	ANY(max_ahs);
	mpio_pdu_check(&bhs, MPIO_PHASE_LOGIN, max_dsl, max_ahs, &why);
	mpio_pdu_check(&bhs, MPIO_PHASE_FULL, max_dsl, max_ahs, &why);
	mpio_pdu_name(bhs.opcode);
	mpio_reject_reason(bhs.flags);
	mpio_async_event(bhs.flags);
	mpio_tmf_name(bhs.flags);
	mpio_tmf_response(bhs.flags);
}

/* any numbers */
void proof_window(void)
{
	u32 next, exp, max;
	struct mpio_window w;

	ANY(w);
	ANY(next);
	ANY(exp);
	ANY(max);
	mpio_window_update(&w, next, exp, max);
}

/* any LUN */
void proof_lun(void)
{
	u8 wire[8];
	u64 lun;

	ANY(lun);
	mpio_lun_encode(lun, wire);
	mpio_lun_decode(wire);
}
