/* SPDX-License-Identifier: GPL-2.0 */
/* Rates of paths: the difference of two looks at their counters. */
#ifndef _ISCSICTL_SAMPLE_H
#define _ISCSICTL_SAMPLE_H

#include "module/model.h"

/* Counters of all paths at one instant; freed with model_path_list_free(). */
struct sample {
	long long ms;			/* CLOCK_MONOTONIC */
	struct path_list paths;
};

struct rate {
	uint64_t ios;			/* a second */
	uint64_t bytes;			/* a second */
	uint64_t errors;		/* within the interval */
	uint64_t p50, p99;		/* us, of those within the interval */
};

int sample_take(struct sample *sample);
/* Of now->paths.item[i] since @before; zero for a path that is new. */
struct rate sample_rate(const struct sample *before, const struct sample *now,
			size_t i);

#endif /* _ISCSICTL_SAMPLE_H */
