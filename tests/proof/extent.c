// SPDX-License-Identifier: GPL-2.0
/*
 * What of a buffer has come, in pieces of any place and order.
 * WITH: extent.c
 */
#include "proof.h"
#include "proto/extent.h"

/* 3 pieces, pool for 2 */
void proof_extents(void)
{
	struct mpio_extent pool[3];
	struct mpio_extents x;
	u32 start, end, i;
	u16 list = 0;

	mpio_extents_init(&x, pool, 3);
	for (i = 0; i < 3; i++) {
		ANY(start);
		ANY(end);
		if (start < end)
			mpio_extents_add(&x, &list, start, end);
	}
	mpio_extents_are(&x, list, end);
	mpio_extents_clear(&x, &list);
}
