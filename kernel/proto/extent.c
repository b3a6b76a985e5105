// SPDX-License-Identifier: GPL-2.0
/* Lists of extents, see extent.h. */
#include "extent.h"

void mpio_extents_init(struct mpio_extents *x, struct mpio_extent *pool,
		       u16 count)
{
	u16 i;

	x->pool = pool;
	x->free = count > 1 ? 1 : 0;
	for (i = 1; i < count; i++)
		pool[i].next = i + 1 < count ? (u16)(i + 1) : 0;
}

int mpio_extents_add(struct mpio_extents *x, u16 *list, u32 start, u32 end)
{
	struct mpio_extent *pool = x->pool;
	u16 before = 0, after = *list, new;

	while (after && pool[after].end <= start) {
		before = after;
		after = pool[after].next;
	}
	if (after && pool[after].start < end)
		return -EEXIST;
	if (after && pool[after].start == end) {
		pool[after].start = start;
		if (before && pool[before].end == start) {
			/* it closes the gap between the two */
			pool[before].end = pool[after].end;
			pool[before].next = pool[after].next;
			pool[after].next = x->free;
			x->free = after;
		}
		return 0;
	}
	if (before && pool[before].end == start) {
		pool[before].end = end;
		return 0;
	}
	new = x->free;
	if (!new)
		return -ENOSPC;
	x->free = pool[new].next;
	pool[new].start = start;
	pool[new].end = end;
	pool[new].next = after;
	if (before)
		pool[before].next = new;
	else
		*list = new;
	return 0;
}

bool mpio_extents_are(const struct mpio_extents *x, u16 list, u32 len)
{
	const struct mpio_extent *first = &x->pool[list];

	if (!list)
		return !len;
	return !first->start && first->end == len && !first->next;
}

void mpio_extents_clear(struct mpio_extents *x, u16 *list)
{
	u16 last = *list;

	if (!last)
		return;
	while (x->pool[last].next)
		last = x->pool[last].next;
	x->pool[last].next = x->free;
	x->free = *list;
	*list = 0;
}
