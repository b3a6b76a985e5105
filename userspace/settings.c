// SPDX-License-Identifier: GPL-2.0
/* One table of settings for `mpio get/set`, records and initiator.conf. */
#include "settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "args.h"
#include "print.h"

#define HOUR 3600000

static const struct choice fence_modes[] = {
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

struct setting {
	const char *name;
	int64_t min, max;
	const struct choice *words;	/* beside or instead of numbers */
	bool words_only;
};

static const struct setting table[MPIO_TA_MAX + 1] = {
	[MPIO_TA_NOP_INTERVAL] = { "NopInterval", 0, HOUR },
	[MPIO_TA_NOP_TIMEOUT] = { "NopTimeout", 1, HOUR },
	[MPIO_TA_LOGIN_TIMEOUT] = { "LoginTimeout", 1, HOUR },
	[MPIO_TA_RECONNECT_DELAY_MIN] = { "ReconnectDelayMin", 1, HOUR },
	[MPIO_TA_RECONNECT_DELAY_MAX] = { "ReconnectDelayMax", 1, HOUR },
	[MPIO_TA_NO_PATH_TIMEOUT] = { "NoPathTimeout", 0, 24 * HOUR,
				      infinite },
	[MPIO_TA_TMF_TIMEOUT] = { "TmfTimeout", 1, HOUR },
	[MPIO_TA_FENCE_MODE] = { "FenceMode", 0, 0, fence_modes, true },
	[MPIO_TA_FENCE_TIMEOUT] = { "FenceTimeout", 1, HOUR },
	[MPIO_TA_QUEUE_DEPTH] = { "QueueDepth", 1, 4096 },
	[MPIO_TA_MARGINAL_HOLD_DOWN] = { "MarginalHoldDown", 0, 24 * HOUR },
	[MPIO_TA_PROCESSOR] = { "Processor", 0, 4095, any_processor },
	[MPIO_TA_DSCP] = { "Dscp", 0, 63 },
	[MPIO_TA_CONGESTION_CONTROL] = { "CongestionControl", 0, 0,
					 congestion_controls, true },
};

const char *setting_name(unsigned int attr)
{
	return table[attr].name;
}

const char *setting_text(unsigned int attr, uint32_t value, char *text)
{
	const struct choice *c;

	for (c = table[attr].words; c && c->word; c++)
		if ((uint32_t)c->value == value)
			return c->word;
	snprintf(text, 16, "%u", value);
	return text;
}

unsigned int setting_find(const char *key)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (!strcasecmp(table[i].name, key))
			return i;
	return 0;
}

int setting_parse(struct settings *settings, unsigned int attr,
		  const char *value)
{
	const struct setting *s = &table[attr];
	int64_t number;
	int word, ret;

	if (s->words_only) {
		ret = parse_choice(value, s->words, &word);
		if (!ret)
			settings->value[attr] = word;
		return ret;
	}
	ret = parse_word_or_number(value, s->words, s->min, s->max, &number);
	if (!ret)
		settings->value[attr] = (uint32_t)number;
	return ret;
}

int setting_assign(struct settings *settings, const char *pair)
{
	const char *equals = strchr(pair, '=');
	struct nearest near;
	char key[64];
	unsigned int i;

	if (!equals || (size_t)(equals - pair) >= sizeof(key))
		return because(CODE_INVALID, "give KEY=VALUE");
	copy_text(key, equals - pair + 1, pair);
	i = setting_find(key);
	if (i)
		return setting_parse(settings, i, equals + 1);
	near = (struct nearest){ .word = key };
	for (i = 1; i <= MPIO_TA_MAX; i++)
		nearest_offer(&near, table[i].name);
	return because(CODE_INVALID, "there is no setting \"%s\"%s", key,
		       nearest_hint(&near));
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

void settings_print(const struct settings *settings)
{
	const char *text;
	unsigned int i;
	char number[16];

	for (i = 1; i <= MPIO_TA_MAX; i++) {
		if (settings->value[i] == UNSET)
			continue;
		text = setting_text(i, settings->value[i], number);
		if (text == number)
			print_u64(table[i].name, NULL,
				  settings->value[i]);
		else
			print_str(table[i].name, NULL, text);
	}
}
