// SPDX-License-Identifier: GPL-2.0
/* Percentiles. Failing means: "top" tells a wrong latency. */
#include "unit.h"
#include "../../userspace/base/histogram.h"

#define LAST (MPIO_LATENCY_BUCKETS - 1)

static const struct percentile_case {
	const char *desc;
	struct histogram h;
	uint64_t p50, p99, p100;
} percentile_cases[] = {
	{ "nothing counted", { {} }, 0, 0, 0 },
	{ "one command under 2 us is in its whole bucket",
	  { { [0] = 1 } }, 2, 2, 2 },
	{ "one command of 64 to 128 us", { { [6] = 1 } }, 128, 128, 128 },
	{ "evenly spread within a bucket",
	  { { [10] = 100 } }, 1536, 2037, 2048 },
	{ "the rank is rounded up: two of three are half of them",
	  { { [3] = 1, [4] = 1, [5] = 1 } }, 32, 64, 64 },
	{ "one slow command of a hundred is beyond 99 percent",
	  { { [5] = 99, [20] = 1 } }, 48, 64, 2097152 },
	{ "two of a hundred are not",
	  { { [5] = 98, [20] = 2 } }, 48, 1572864, 2097152 },
	{ "empty buckets between are passed over",
	  { { [1] = 50, [19] = 50 } }, 4, 1038090, 1048576 },
	{ "the last bucket has no end: its beginning is told",
	  { { [LAST] = 5 } }, 1ULL << LAST, 1ULL << LAST, 1ULL << LAST },
	{ "counters near the end of 64 bits",
	  { { [4] = 1ULL << 62, [8] = 1ULL << 62 } }, 32, 506, 512 },
};

static void test_percentiles(void)
{
	const struct percentile_case *c = percentile_cases;
	unsigned int i;

	for (i = 0; i < sizeof(percentile_cases) / sizeof(*c); i++, c++)
		check(histogram_percentile(&c->h, 500) == c->p50 &&
		      histogram_percentile(&c->h, 990) == c->p99 &&
		      histogram_percentile(&c->h, 1000) == c->p100, c->desc);
}

void test_histogram(void)
{
	const struct histogram before = { { [2] = 10, [7] = 5 } };
	const struct histogram now = { { [2] = 12, [7] = 3, [9] = 1 } };
	struct histogram between;

	test_percentiles();
	histogram_since(&before, &now, &between);
	check(between.bucket[2] == 2 && between.bucket[9] == 1 &&
	      !between.bucket[0], "counts of an interval are differences");
	check(between.bucket[7] == 3,
	      "a counter that went back began anew");
	histogram_since(&now, &now, &between);
	check(!histogram_percentile(&between, 990),
	      "an interval without commands has no latency");
}
