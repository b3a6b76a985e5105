// SPDX-License-Identifier: GPL-2.0
/* Options from declarative tables; every refusal is one sentence. */
#include "base/args.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strlist.h"

static const struct choice yes_no[] = {
	{ "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 },
	{ "crc32c", 1 }, { "none", 0 }, { "1", 1 }, { "0", 0 },
	{ "on", 1 }, { "off", 0 }, {}
};

static void *slot(const struct option *opt, void *values)
{
	return (char *)values + opt->offset;
}

void args_defaults(const struct option *table, void *values)
{
	const struct option *opt;

	for (opt = table; opt && opt->kind != OPT_END; opt++) {
		if (opt->kind == OPT_NUMBER || opt->kind == OPT_TIME)
			*(int64_t *)slot(opt, values) = -1;
		if (opt->kind == OPT_CHOICE || opt->kind == OPT_TRISTATE)
			*(int *)slot(opt, values) = -1;
	}
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[65], la = strlen(a), lb = strlen(b), i, j, diag, up;

	if (la > 64 || lb > 64)
		return 64;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			up = row[j];
			row[j] = min3(row[j] + 1, row[j - 1] + 1,
				      diag + (a[i - 1] != b[j - 1]));
			diag = up;
		}
	}
	return row[lb];
}

void args_nearest_offer(struct nearest *near, const char *candidate)
{
	size_t len = strlen(near->word), d = distance(near->word, candidate);

	if (len >= 3 && !strncmp(near->word, candidate, len))
		d = 1;
	if (d > 1 + len / 4)
		return;
	if (!near->best || d < near->distance) {
		near->best = candidate;
		near->distance = d;
	}
}

const char *args_nearest_text(const struct nearest *near)
{
	static char text[128];

	text[0] = '\0';
	if (near->best)
		snprintf(text, sizeof(text), ", did you mean %s?", near->best);
	return text;
}

/* Digits at the beginning of @text; *end is what follows them. */
static int parse_digits(const char *text, int64_t *value, const char **end)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	char *stop;

	*value = 0;
	*end = digits + strspn(digits, "0123456789");
	if (*end == digits)
		return because(CODE_INVALID, "\"%s\" is not a number", text);
	errno = 0;
	*value = strtoll(text, &stop, 10);
	return errno ? because(CODE_INVALID, "%s is too large", text) : 0;
}

int args_number(const char *text, int64_t min, int64_t max, int64_t *value)
{
	const char *end;
	int ret = parse_digits(text, value, &end);

	if (ret)
		return ret;
	if (*end)
		return because(CODE_INVALID, "\"%s\" is not a number", text);
	if (*value < min || *value > max)
		return because(CODE_INVALID, "%s is not within %" PRId64
			       " to %" PRId64, text, min, max);
	return 0;
}

static const struct choice time_units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "s", 1000 },
	{ "ms", 1 }, {}
};

char *args_time_text(int64_t ms, char *text)
{
	const struct choice *u;

	for (u = time_units; u[1].word && (!ms || ms % u->value); u++)
		;
	if (u->value == 1 && ms >= 1000)
		snprintf(text, 32, "%" PRId64 ".%03ds", ms / 1000,
			 (int)(ms % 1000));
	else
		snprintf(text, 32, "%" PRId64 "%s", ms / u->value, u->word);
	return text;
}

static int time_unit(const char *text, const char *word, int64_t *unit)
{
	const struct choice *u;

	for (u = time_units; u->word; u++)
		if (!strcmp(u->word, word)) {
			*unit = u->value;
			return 0;
		}
	return because(CODE_INVALID,
		       "\"%s\" is not a number with ms, s, min, h or d", text);
}

int args_time(const char *text, const struct choice *words, int64_t unit,
	      int64_t min, int64_t max, int64_t *ms)
{
	char least[32], most[32];
	const struct choice *c;
	const char *end;
	int ret;

	for (c = words; c && c->word; c++)
		if (!strcasecmp(c->word, text)) {
			*ms = c->value;
			return 0;
		}
	if (words && !strpbrk(text, "0123456789"))
		return because(CODE_INVALID, "\"%s\" is neither a time nor %s",
			       text, words->word);
	ret = parse_digits(text, ms, &end);
	if (!ret && *end)
		ret = time_unit(text, end, &unit);
	if (ret)
		return ret;
	if (*ms < 0 || *ms > max / unit || *ms * unit < min)
		return because(CODE_INVALID,
			       "%s is not within %s to %s (a number alone counts %s)",
			       text, args_time_text(min, least),
			       args_time_text(max, most),
			       unit == 1000 ? "seconds" : "milliseconds");
	*ms *= unit;
	return 0;
}

int args_word_or_number(const char *text, const struct choice *words,
			int64_t min, int64_t max, int64_t *value)
{
	const struct choice *c;

	for (c = words; c && c->word; c++)
		if (!strcasecmp(c->word, text)) {
			*value = c->value;
			return 0;
		}
	if (words && !strpbrk(text, "0123456789"))
		return because(CODE_INVALID, "\"%s\" is neither a number nor %s",
			       text, words->word);
	return args_number(text, min, max, value);
}

int args_choice(const char *text, const struct choice *choices, int *value)
{
	const struct choice *c;
	char list[256] = "";
	size_t len = 0;

	for (c = choices; c->word; c++) {
		if (!strcasecmp(c->word, text)) {
			*value = c->value;
			return 0;
		}
		if (len < sizeof(list))
			len += snprintf(list + len, sizeof(list) - len, "%s%s",
					len ? ", " : "", c->word);
	}
	return because(CODE_INVALID, "\"%s\" is none of %s", text, list);
}

static int store(const struct option *opt, void *values, const char *text)
{
	void *to = slot(opt, values);

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)to = true;
		return 0;
	case OPT_TRISTATE:
		return args_choice(text ? text : "yes", yes_no, to);
	case OPT_STRING:
		if (*(const char **)to)
			return because(CODE_INVALID, "given twice");
		*(const char **)to = text;
		return *text ? 0 : because(CODE_INVALID, "empty value");
	case OPT_LIST:
		strlist_add(to, text);
		return *text ? 0 : because(CODE_INVALID, "empty value");
	case OPT_NUMBER:
		return args_word_or_number(text, opt->choices, opt->min,
					   opt->max, to);
	case OPT_TIME:
		return args_time(text, opt->choices, opt->unit, opt->min,
				 opt->max, to);
	case OPT_CHOICE:
		return args_choice(text, opt->choices, to);
	default:
		return because(CODE_INVALID, "%s", opt->help);
	}
}

static const struct option *find(const struct option_set *sets, size_t count,
				 const char *name, size_t len, void **values)
{
	const struct option *opt;
	size_t i;

	for (i = 0; i < count; i++)
		for (opt = sets[i].table; opt && opt->kind != OPT_END; opt++)
			if ((strlen(opt->name) == len &&
			     !strncmp(opt->name, name, len)) ||
			    (len == 1 && opt->letter == *name)) {
				*values = sets[i].values;
				return opt;
			}
	return NULL;
}

/* Options of iscsiadm that one types without thinking. */
static const char *foreign(char letter)
{
	static const struct {
		char letter;
		const char *here;
	} rows[] = {
		{ 'm', "a noun, as in session list; iscsiadm's own are "
		  "those of /usr/lib/iscsi-mpio/iscsiadm" },
		{ 'p', "--portal ADDR[:PORT]" },
		{ 'T', "the target's name as an argument, or --node" },
		{ 'r', "--session ID" },
		{ 'I', "--iface NAME" },
		{ 'l', "connect" },
		{ 'u', "disconnect" },
		{ 'j', "--json" },
		{ 'f', "--force" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].letter == letter)
			return rows[i].here;
	return NULL;
}

static int unknown(const struct option_set *sets, size_t count,
		   const char *name, size_t len, bool single)
{
	char *word = strndup(name, len);
	struct nearest near = { .word = word ? word : "" };
	const struct option *opt;
	size_t i;

	for (i = 0; i < count; i++)
		for (opt = sets[i].table; opt && opt->kind != OPT_END; opt++)
			args_nearest_offer(&near, opt->name);
	if (single && near.best && !strcmp(near.best, near.word))
		because(CODE_INVALID,
			"long options begin with two dashes here: --%s",
			near.best);
	else if (single && len == 1 && foreign(*name))
		because(CODE_INVALID, "no such option, here it is: %s",
			foreign(*name));
	else
		because(CODE_INVALID, "no such option%s%s%s",
			near.best ? ", did you mean --" : "",
			near.best ? near.best : "", near.best ? "?" : "");
	failed(CODE_INVALID, "%s%s", single ? "-" : "--", near.word);
	free(word);
	return CODE_INVALID;
}

static bool wants_value(const struct option *opt)
{
	return opt->kind != OPT_FLAG && opt->kind != OPT_TRISTATE &&
	       opt->kind != OPT_REFUSED;
}

int args_option(const struct option_set *sets, size_t count,
		int argc, char **argv, int *at)
{
	const char *arg = argv[*at], *name = arg + (arg[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const char *value = equals ? equals + 1 : NULL;
	const struct option *opt;
	bool single = len == 1;
	void *values = NULL;
	int ret;

	opt = find(sets, count, name, len, &values);
	if (!opt || (arg[1] != '-') != single)
		return unknown(sets, count, name, len, arg[1] != '-');
	if (opt->kind == OPT_REFUSED && value)
		memset((char *)value, '*', strlen(value));
	if (opt->kind == OPT_FLAG && value) {
		because(CODE_INVALID, "takes no value");
		return failed(CODE_INVALID, "--%s", opt->name);
	}
	if (wants_value(opt) && !value) {
		if (*at + 1 >= argc) {
			because(CODE_INVALID, "needs a value (%s)",
				opt->value);
			return failed(CODE_INVALID, "--%s", opt->name);
		}
		value = argv[++*at];
	}
	ret = store(opt, values, value);
	if (ret)
		return failed(ret, "--%s", opt->name);
	++*at;
	return 0;
}
