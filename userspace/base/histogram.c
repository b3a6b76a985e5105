// SPDX-License-Identifier: GPL-2.0
/* Counters wrap nowhere near the life of a path: sums fit 64 bits. */
#include "base/histogram.h"

#include <stddef.h>

void histogram_since(const struct histogram *before,
		     const struct histogram *now, struct histogram *between)
{
	size_t i;

	for (i = 0; i < MPIO_LATENCY_BUCKETS; i++) {
		uint64_t old = before->bucket[i];

		between->bucket[i] = now->bucket[i] < old ? now->bucket[i] :
				     now->bucket[i] - old;
	}
}

/* The @nth (from 1) of the I/Os in bucket @i, by its share of the width. */
static uint64_t within(const struct histogram *h, size_t i, uint64_t nth)
{
	uint64_t low = i ? 1ULL << i : 0;
	double width = i ? (double)low : 2;

	if (i + 1 == MPIO_LATENCY_BUCKETS)
		return low;
	return low + (uint64_t)(width * nth / h->bucket[i]);
}

uint64_t histogram_percentile(const struct histogram *h, unsigned int permille)
{
	uint64_t total = 0, rank, seen = 0;
	size_t i;

	for (i = 0; i < MPIO_LATENCY_BUCKETS; i++)
		total += h->bucket[i];
	if (!total)
		return 0;
	/* Rounded up, without total * permille, which may not fit. */
	rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
	for (i = 0; i < MPIO_LATENCY_BUCKETS; i++) {
		if (seen + h->bucket[i] >= rank)
			return within(h, i, rank - seen);
		seen += h->bucket[i];
	}
	return 0;
}
