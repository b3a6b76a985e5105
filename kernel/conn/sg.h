/* SPDX-License-Identifier: GPL-2.0 */
/* Positions in scatterlists. */
#ifndef _MPIO_SG_H
#define _MPIO_SG_H

#include <linux/scatterlist.h>
#include <linux/types.h>

/* A position in a scatterlist, moved forward only. */
struct mpio_sg_cursor {
	struct scatterlist *sg;
	u32 sg_offset;		/* within *sg */
	u32 offset;		/* within the whole buffer */
};

/* Any context. Sets the cursor to the start of a scatterlist. */
static inline void mpio_sg_start(struct mpio_sg_cursor *cur,
				 struct scatterlist *sgl)
{
	cur->sg = sgl;
	cur->sg_offset = 0;
	cur->offset = 0;
}

/*
 * Any context. Moves the cursor to byte @offset of the buffer @sgl, backwards
 * by starting over. @offset must not exceed the buffer's length.
 */
void mpio_sg_seek(struct mpio_sg_cursor *cur, struct scatterlist *sgl,
		  u32 offset);

/*
 * Any context. Gives back the longest contiguous piece at the cursor, at most
 * @max bytes: its page and offset in it; returns its length.
 */
u32 mpio_sg_piece(struct mpio_sg_cursor *cur, u32 max, struct page **page,
		  u32 *offset);

/* Any context. Moves the cursor @n bytes, which mpio_sg_piece() gave. */
void mpio_sg_advance(struct mpio_sg_cursor *cur, u32 n);

#endif
