// SPDX-License-Identifier: GPL-2.0
/* Lists of extents. Failing means: a hole in a buffer passes for data. */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/extent.h"

#define COUNT 5		/* four that can be had */

struct step {
	u32 start, end;
	int ret;
};

static const struct extent_case {
	const char *desc;
	struct step steps[8];	/* until one of no bytes */
	u32 whole;		/* the list must be this and nothing else */
} extent_cases[] = {
	{ "nothing is no byte", { { 0 } }, 0 },
	{ "one piece", { { 0, 10 } }, 10 },
	{ "in order", { { 0, 10 }, { 10, 20 }, { 20, 21 } }, 21 },
	{ "backwards", { { 20, 30 }, { 10, 20 }, { 0, 10 } }, 30 },
	{ "the middle last", { { 0, 10 }, { 20, 30 }, { 10, 20 } }, 30 },
	{ "every other first", { { 10, 20 }, { 30, 40 }, { 0, 10 },
	  { 20, 30 } }, 40 },
	{ "all there is room for", { { 10, 11 }, { 20, 21 }, { 30, 31 },
	  { 40, 41 }, { 0, 10 }, { 11, 20 }, { 21, 30 }, { 31, 40 } }, 41 },
	{ "the last byte there can be", { { 1, 0xffffffff }, { 0, 1 } },
	  0xffffffff },
	{ "the same again", { { 0, 10 }, { 0, 10, -EEXIST } }, 10 },
	{ "the last byte again", { { 0, 10 }, { 9, 11, -EEXIST } }, 10 },
	{ "the first byte again", { { 10, 20 }, { 9, 11, -EEXIST },
	  { 0, 10 } }, 20 },
	{ "more than what is there", { { 5, 6 }, { 0, 10, -EEXIST },
	  { 0, 5 } }, 6 },
	{ "over a gap", { { 0, 10 }, { 20, 30 }, { 9, 21, -EEXIST },
	  { 10, 20 } }, 30 },
	{ "part of what is there", { { 0, 30 }, { 10, 20, -EEXIST } }, 30 },
	{ "more gaps than there is room for", { { 10, 11 }, { 20, 21 },
	  { 30, 31 }, { 40, 41 }, { 50, 51, -ENOSPC }, { 0, 1, -ENOSPC } },
	  0 },
};

static const struct {
	const char *desc;
	struct step steps[4];
	u32 len;
} gaps[] = {
	{ "a gap in front", { { 1, 10 } }, 9 },
	{ "a gap in the middle", { { 0, 4 }, { 5, 10 } }, 9 },
	{ "less than asked for", { { 0, 10 } }, 11 },
	{ "more than asked for", { { 0, 10 } }, 9 },
};

static bool walk(struct mpio_extents *x, u16 *list, const struct step *s,
		 unsigned int n)
{
	bool right = true;

	for (; n && s->end; s++, n--) {
		u16 was = *list;
		int ret = mpio_extents_add(x, list, s->start, s->end);

		right = right && ret == s->ret && (!ret || *list == was);
	}
	return right;
}

void test_extent(void)
{
	struct mpio_extent *pool = unit_exact(NULL, COUNT * sizeof(*pool));
	struct mpio_extents x;
	unsigned int i;
	u16 list = 0, other = 0;

	mpio_extents_init(&x, pool, COUNT);
	for (i = 0; i < ARRAY_SIZE(extent_cases); i++) {
		const struct extent_case *c = &extent_cases[i];

		check(walk(&x, &list, c->steps, ARRAY_SIZE(c->steps)) &&
		      (!c->whole || mpio_extents_are(&x, list, c->whole)),
		      c->desc);
		mpio_extents_clear(&x, &list);
		check(!list && mpio_extents_are(&x, list, 0),
		      "... and nothing is left of it");
	}
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		check(walk(&x, &list, gaps[i].steps,
			   ARRAY_SIZE(gaps[i].steps)) &&
		      !mpio_extents_are(&x, list, gaps[i].len), gaps[i].desc);
		mpio_extents_clear(&x, &list);
	}
	check(!mpio_extents_add(&x, &list, 0, 10) &&
	      !mpio_extents_add(&x, &other, 0, 10) &&
	      !mpio_extents_add(&x, &list, 20, 30) &&
	      !mpio_extents_add(&x, &other, 10, 20) &&
	      mpio_extents_are(&x, other, 20),
	      "two buffers know nothing of each other");
	mpio_extents_clear(&x, &other);
	mpio_extents_clear(&x, &list);
	mpio_extents_init(&x, pool, 1);
	check(mpio_extents_add(&x, &list, 0, 1) == -ENOSPC,
	      "a pool of nothing has no room");
	free(pool);
}
