// SPDX-License-Identifier: GPL-2.0
/* Positions in the buffers of tasks. */
#include "conn/sg.h"

#include <linux/highmem.h>
#include <linux/mm.h>

void mpio_sg_seek(struct mpio_sg_cursor *cur, struct scatterlist *sgl,
		  u32 offset)
{
	if (offset < cur->offset || !cur->sg)
		mpio_sg_start(cur, sgl);
	while (cur->offset < offset) {
		u32 n = min(offset - cur->offset,
			    cur->sg->length - cur->sg_offset);

		mpio_sg_advance(cur, n);
	}
}

u32 mpio_sg_piece(struct mpio_sg_cursor *cur, u32 max, struct page **page,
		  u32 *offset)
{
	u32 at = cur->sg->offset + cur->sg_offset;
	u32 n = min(cur->sg->length - cur->sg_offset, max);

	*page = nth_page(sg_page(cur->sg), at >> PAGE_SHIFT);
	*offset = at & ~PAGE_MASK;
	if (IS_ENABLED(CONFIG_HIGHMEM))
		n = min_t(u32, n, PAGE_SIZE - *offset);
	return n;
}

void mpio_sg_advance(struct mpio_sg_cursor *cur, u32 n)
{
	cur->offset += n;
	cur->sg_offset += n;
	if (cur->sg_offset == cur->sg->length && !sg_is_last(cur->sg)) {
		cur->sg = sg_next(cur->sg);
		cur->sg_offset = 0;
	}
}
