// SPDX-License-Identifier: GPL-2.0
/*
 * One response to SendTargets, with any header and any text.
 * WITH: sendtargets.c text.c name.c pdu.c
 */
#include "proof.h"
#include "proto/sendtargets.h"

/* any header, 0 to 8 bytes */
void proof_response(void)
{
	static struct mpio_sendtargets s;
	struct pdu_bhs bhs;
	const u8 *data;
	u8 room[8], buf[8];
	u32 len;

	ANY(s);
	s.finished = Frama_C_interval(0, 1);
	ANY(bhs);
	mpio_join_init(&s.rx, room, sizeof(room));
	ANY_INPUT(buf, data, len, 0);
	mpio_sendtargets_parse(&s, &bhs, data, len);
}
