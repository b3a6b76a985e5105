// SPDX-License-Identifier: GPL-2.0
/*
 * Negotiation: any value for any of the keys, whatever was offered.
 * WITH: keys.c key_table.c text.c
 */
#include "proof.h"
#include "proto/keys.h"

/* values of 0 to 3 bytes, all keys */
void proof_take(void)
{
	static struct mpio_nego n;
	static char reply_room[64];
	struct mpio_offers offers;
	struct mpio_textbuf reply;
	struct mpio_pair p;
	const char *why;
	char buf[3];
	int id;

	mpio_offers_default(&offers);
	mpio_nego_init(&n, &offers, Frama_C_interval(0, 1));
	ANY(n.offered);
	ANY(n.answered);
	ANY(n.seen);
	id = Frama_C_interval_split(0, MPIO_K_COUNT - 1);
	p.key = mpio_keys[id].name;
	p.key_len = (u32)strlen(p.key);
	ANY_INPUT(buf, p.value, p.value_len, 0);
	mpio_textbuf_init(&reply, reply_room, sizeof(reply_room));
	mpio_nego_take(&n, &p, Frama_C_interval(0, 1), &reply, &why);
}
