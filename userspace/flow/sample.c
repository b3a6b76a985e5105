// SPDX-License-Identifier: GPL-2.0
/* Paths keep their number while they live, and it is not given again. */
#include "flow/sample.h"

#include <string.h>

#include "base/clock.h"
#include "module/kernel.h"

int sample_take(struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	sample->ms = clock_now();
	return kernel_get_paths(0, 0, &sample->paths);
}

struct rate sample_rate(const struct sample *before, const struct sample *now,
			size_t i)
{
	const struct path *p = &now->paths.item[i], *old = NULL;
	long long ms = now->ms - before->ms;
	struct histogram between;
	struct rate rate = {};
	size_t j;

	/* Dumps keep their order: path @p is mostly at its index of before. */
	for (j = 0; j < before->paths.count; j++) {
		old = &before->paths.item[(i + j) % before->paths.count];
		if (old->id == p->id)
			break;
	}
	if (!old || old->id != p->id || ms <= 0)
		return rate;
	rate.ios = (p->ios - old->ios) * 1000 / ms;
	rate.bytes = (p->bytes - old->bytes) * 1000 / ms;
	rate.errors = p->errors - old->errors;
	histogram_since(&old->latency, &p->latency, &between);
	rate.p50 = histogram_percentile(&between, 500);
	rate.p99 = histogram_percentile(&between, 990);
	return rate;
}
