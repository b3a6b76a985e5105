// SPDX-License-Identifier: GPL-2.0
/* One table of settings for `mpio get/set`, records and initiator.conf. */
#include "store/settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/args.h"
#include "base/memory.h"
#include "lib/bounds.h"

#define DAY 86400000LL

static const struct choice fence_modes[] = {
	{ "auto", MPIO_FENCE_AUTO },
	{ "reinstate", MPIO_FENCE_REINSTATE },
	{ "reset", MPIO_FENCE_RESET },
	{ "wait", MPIO_FENCE_WAIT },
	{ "none", MPIO_FENCE_NONE },
	{}
};

static const struct choice infinite[] = {
	{ "infinite", -1 }, {}
};

static const struct choice any_processor[] = {
	{ "any", -1 }, {}
};

static const struct choice congestion_controls[] = {
	{ "default", MPIO_CONGESTION_DEFAULT },
	{ "reno", MPIO_CONGESTION_RENO },
	{ "cubic", MPIO_CONGESTION_CUBIC },
	{ "bbr", MPIO_CONGESTION_BBR },
	{ "dctcp", MPIO_CONGESTION_DCTCP },
	{ "htcp", MPIO_CONGESTION_HTCP },
	{ "vegas", MPIO_CONGESTION_VEGAS },
	{ "westwood", MPIO_CONGESTION_WESTWOOD },
	{}
};

static const struct choice marginal_ranks[] = {
	{ "access", MPIO_MARGINAL_ACCESS },
	{ "last", MPIO_MARGINAL_LAST },
	{}
};

static const struct choice same_unit[] = {
	{ "no", 0 }, { "yes", 1 }, {}
};

/* As kernel/base/setting.c has them; there a time is always in milliseconds. */
struct setting {
	int64_t min, max;
	int64_t usual;		/* ms: it is a time, and this its default */
	int64_t low;		/* ms: less is a slip of the unit */
	const struct choice *words;	/* beside or instead of numbers */
	bool words_only;
};

static const struct setting table[MPIO_TA_MAX + 1] = {
	[MPIO_TA_NOP_INTERVAL] = { 0, DAY, 5000, 50 },
	[MPIO_TA_NOP_TIMEOUT] = { 50, DAY, 5000, 100 },
	[MPIO_TA_LOGIN_TIMEOUT] = { 100, DAY, 15000, 200 },
	[MPIO_TA_RECONNECT_DELAY_MIN] = { 10, DAY, 100, 10 },
	[MPIO_TA_RECONNECT_DELAY_MAX] = { 10, DAY, 5000, 50 },
	[MPIO_TA_NO_PATH_TIMEOUT] = { 0, 49 * DAY, 120000, 1000, infinite },
	[MPIO_TA_TMF_TIMEOUT] = { 100, DAY, 10000, 200 },
	[MPIO_TA_FENCE_MODE] = { .words = fence_modes, .words_only = true },
	[MPIO_TA_FENCE_TIMEOUT] = { 0, DAY, 10000, 200 },
	[MPIO_TA_QUEUE_DEPTH] = { 1, 1024 },
	[MPIO_TA_MARGINAL_HOLD_DOWN] = { 0, DAY, 10000, 100 },
	[MPIO_TA_PROCESSOR] = { 0, 4095, .words = any_processor },
	[MPIO_TA_DSCP] = { 0, 63 },
	[MPIO_TA_CONGESTION_CONTROL] = { .words = congestion_controls,
					 .words_only = true },
	[MPIO_TA_PATH_VERIFY_PERIOD] = { 100, DAY, 5000, 200 },
	[MPIO_TA_MARGINAL_RANK] = { .words = marginal_ranks,
				    .words_only = true },
	[MPIO_TA_SAME_UNIT] = { .words = same_unit, .words_only = true },
};

const char *settings_name(unsigned int attr)
{
	return bounds_setting_name(attr);
}

const char *settings_text(unsigned int attr, uint32_t value, char *text)
{
	const struct choice *c;

	for (c = table[attr].words; c && c->word; c++)
		if ((uint32_t)c->value == value)
			return c->word;
	snprintf(text, 16, "%u", value);
	return text;
}

const struct choice *settings_words(unsigned int attr)
{
	return table[attr].words;
}

unsigned int settings_find(const char *key)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (!strcasecmp(settings_name(i), key))
			return i;
	return 0;
}

int settings_parse(struct settings *settings, unsigned int attr,
		   const char *value)
{
	const struct setting *s = &table[attr];
	int64_t number;
	int word, ret;

	if (!*value) {
		settings->value[attr] = UNSET;
		return 0;
	}
	if (s->words_only) {
		ret = args_choice(value, s->words, &word);
		if (!ret)
			settings->value[attr] = word;
		return ret;
	}
	if (s->usual)
		ret = args_time(value, s->words, 1, s->min, s->max, &number);
	else
		ret = args_word_or_number(value, s->words, s->min, s->max,
					  &number);
	if (!ret)
		settings->value[attr] = (uint32_t)number;
	return ret;
}

/* 0 is said on purpose; what is too little was mostly meant in seconds. */
int settings_too_low(const struct settings *settings, unsigned int attr)
{
	const struct setting *s = &table[attr];
	uint32_t value = settings->value[attr];
	char is[32], usual[32];

	if (!value || value >= s->low)
		return 0;
	return because(CODE_INVALID,
		       "that is %s where %s is usual (a number alone counts milliseconds): say %us, or --force",
		       args_time_text(value, is), args_time_text(s->usual, usual),
		       value);
}

int settings_assign(struct settings *settings, const char *pair, bool force)
{
	const char *equals = strchr(pair, '=');
	struct nearest near;
	char key[64];
	unsigned int i;
	int ret;

	if (!equals || (size_t)(equals - pair) >= sizeof(key))
		return because(CODE_INVALID, "give KEY=VALUE");
	copy_text(key, equals - pair + 1, pair);
	i = settings_find(key);
	if (i && !equals[1])
		return because(CODE_INVALID, "give KEY=VALUE");
	if (i) {
		ret = settings_parse(settings, i, equals + 1);
		return ret || force ? ret : settings_too_low(settings, i);
	}
	near = (struct nearest){ .word = key };
	for (i = 1; i <= MPIO_TA_MAX; i++)
		args_nearest_offer(&near, settings_name(i));
	return because(CODE_INVALID, "there is no setting \"%s\"%s", key,
		       args_nearest_text(&near));
}

bool settings_any(const struct settings *settings)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (settings->value[i] != UNSET)
			return true;
	return false;
}

void settings_merge(struct settings *to, const struct settings *from)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (to->value[i] == UNSET)
			to->value[i] = from->value[i];
}
