/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for copies of data that a digest covers. TCP takes them by reference,
 * and what it has let go of is written to again: a session at work allocates
 * nothing.
 */
#ifndef _MPIO_COPIES_H
#define _MPIO_COPIES_H

#include <linux/mm_types.h>

#define MPIO_COPIES	64	/* 2 MiB, pieces of 32 KiB */

struct mpio_copies {
	struct page_frag frag[MPIO_COPIES];	/* a ring */
	u32 first;				/* the oldest */
	u32 count;				/* the newest is written to */
};

/*
 * Any context, owner of the connection. Where the next copy goes; NULL if there
 * is no memory. @want bytes, a page at most, are asked for, @room are there.
 */
u8 *mpio_copies_room(struct mpio_copies *c, u32 want, u32 *room);

/* As above. @len bytes of that room were used. */
void mpio_copies_use(struct mpio_copies *c, u32 len);

/* As above. Gives everything back; TCP keeps what it still needs. */
void mpio_copies_drop(struct mpio_copies *c);

#endif
