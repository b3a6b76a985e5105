/* SPDX-License-Identifier: GPL-2.0 */
/* Percentiles out of counters of a latency histogram. Plain C. */
#ifndef _ISCSICTL_HISTOGRAM_H
#define _ISCSICTL_HISTOGRAM_H

#include <stdint.h>

#include <linux/iscsi_mpio.h>

/*
 * Bucket 0 counts what took less than 2 us, bucket i what took 2^i us and
 * less than 2^(i+1); the last one has no upper bound.
 */
struct histogram {
	uint64_t bucket[MPIO_LATENCY_BUCKETS];
};

/*
 * What was counted between two looks. A counter that went back, as after the
 * path was made anew, counts from 0.
 */
void histogram_since(const struct histogram *before,
		     const struct histogram *now, struct histogram *between);

/*
 * Microseconds that @permille (1 ... 1000) of the I/Os did not exceed, evenly
 * spread within their bucket; in the last bucket its lower bound. 0 when
 * nothing was counted.
 */
uint64_t histogram_percentile(const struct histogram *h, unsigned int permille);

#endif /* _ISCSICTL_HISTOGRAM_H */
