// SPDX-License-Identifier: GPL-2.0
/* See trend.h. */
#include "flow/trend.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/terminal.h"

#define STEPS 8

static const char *const blocks[STEPS] = {
	"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587",
	"\u2588",
};

struct trend {
	uint32_t id;
	size_t count;
	uint64_t value[TREND_LENGTH];	/* oldest first */
};

static struct trend *trends;
static size_t trend_count;

static struct trend *find(uint32_t id)
{
	size_t i;

	for (i = 0; i < trend_count; i++)
		if (trends[i].id == id)
			return &trends[i];
	return NULL;
}

void trend_add(uint32_t id, uint64_t value)
{
	struct trend *t = find(id);

	if (!t) {
		trends = xrealloc(trends, trend_count + 1, sizeof(*trends));
		t = &trends[trend_count++];
		memset(t, 0, sizeof(*t));
		t->id = id;
	}
	if (t->count == TREND_LENGTH)
		memmove(t->value, t->value + 1,
			--t->count * sizeof(*t->value));
	t->value[t->count++] = value;
}

char *trend_text(uint32_t id, char *text)
{
	bool utf8 = terminal_utf8();
	const struct trend *t = find(id);
	uint64_t most = 1, step;
	unsigned int shift = 0;
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; t && i < t->count; i++)
		most = t->value[i] > most ? t->value[i] : most;
	while (most >> shift >> 60)	/* so that a product fits */
		shift++;
	for (i = 0; t && i < t->count; i++) {
		step = (t->value[i] >> shift) * (STEPS - 1) /
		       (most >> shift);
		if (utf8)
			used += snprintf(text + used, TREND_TEXT - used, "%s",
					 blocks[step]);
		else
			used += snprintf(text + used, TREND_TEXT - used, "%u",
					 (unsigned int)step);
	}
	return text;
}

void trend_end(void)
{
	free(trends);
	trends = NULL;
	trend_count = 0;
}
