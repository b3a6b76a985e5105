// SPDX-License-Identifier: GPL-2.0
#include "base/copies.h"

#include <linux/mm.h>
#include <net/sock.h>

static struct page_frag *mpio_copies_newest(struct mpio_copies *c)
{
	return &c->frag[(c->first + c->count - 1) % MPIO_COPIES];
}

static struct page_frag mpio_copies_pop(struct mpio_copies *c)
{
	struct page_frag oldest = c->frag[c->first];

	c->first = (c->first + 1) % MPIO_COPIES;
	c->count--;
	oldest.offset = 0;
	return oldest;
}

/* Has nobody else a reference to the page, and is it none of the reserves? */
static bool mpio_copies_reusable(const struct page_frag *frag)
{
	return page_ref_count(frag->page) == 1 &&
	       !page_is_pfmemalloc(frag->page);
}

/* TCP is done with them in the order in which it got them, as a rule. */
static bool mpio_copies_turn(struct mpio_copies *c, u32 want)
{
	struct page_frag frag = { };

	if (c->count && mpio_copies_reusable(&c->frag[c->first])) {
		frag = mpio_copies_pop(c);
	} else {
		if (c->count == MPIO_COPIES)
			put_page(mpio_copies_pop(c).page);
		if (!skb_page_frag_refill(want, &frag,
					  GFP_ATOMIC | __GFP_NOWARN))
			return false;
	}
	c->count++;
	*mpio_copies_newest(c) = frag;
	return true;
}

u8 *mpio_copies_room(struct mpio_copies *c, u32 want, u32 *room)
{
	struct page_frag *frag = mpio_copies_newest(c);

	if (!c->count || frag->offset + want > frag->size) {
		if (!mpio_copies_turn(c, want))
			return NULL;
		frag = mpio_copies_newest(c);
	}
	*room = frag->size - frag->offset;
	return (u8 *)page_address(frag->page) + frag->offset;
}

void mpio_copies_use(struct mpio_copies *c, u32 len)
{
	mpio_copies_newest(c)->offset += len;
}

void mpio_copies_drop(struct mpio_copies *c)
{
	while (c->count)
		put_page(mpio_copies_pop(c).page);
}
