// SPDX-License-Identifier: GPL-2.0
/*
 * Extents of two buffers from one pool, against a map of bytes: what is taken
 * is new, what is refused is not, and no gap is overlooked.
 */
#include "fuzz.h"
#include "../../kernel/proto/extent.h"

#define BYTES	256
#define POOL	12

struct buffer {
	u16 list;
	u8 map[BYTES];
};

static u32 count(const struct buffer *b, u32 from, u32 to)
{
	u32 n = 0;

	while (from < to)
		n += b->map[from++];
	return n;
}

/* Extents that the map makes. */
static u32 runs(const struct buffer *b)
{
	u32 i, n = 0;

	for (i = 0; i < BYTES; i++)
		n += b->map[i] && (!i || !b->map[i - 1]);
	return n;
}

static void add(struct mpio_extents *x, struct buffer *b,
		const struct buffer *other, u32 start, u32 end)
{
	int ret = mpio_extents_add(x, &b->list, start, end);

	must((ret == -EEXIST) == (count(b, start, end) != 0));
	if (ret == -ENOSPC)
		must(runs(b) + runs(other) == POOL - 1);
	if (!ret)
		memset(b->map + start, 1, end - start);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct buffer buffers[2] = { };
	struct mpio_extent *pool = malloc(POOL * sizeof(*pool));
	struct feed f = { data, size };
	struct mpio_extents x;

	must(pool);
	mpio_extents_init(&x, pool, POOL);
	while (f.rest >= 3) {
		u8 which = feed_byte(&f);
		u32 a = feed_byte(&f), b = feed_byte(&f);
		struct buffer *buffer = &buffers[which & 1];
		u32 all;

		if (which & 0x80) {
			mpio_extents_clear(&x, &buffer->list);
			memset(buffer->map, 0, BYTES);
		} else if (a < b) {
			add(&x, buffer, &buffers[!(which & 1)], a, b);
		}
		all = count(buffer, 0, BYTES);
		must(mpio_extents_are(&x, buffer->list, all) ==
		     (count(buffer, 0, all) == all));
	}
	free(pool);
	return 0;
}
