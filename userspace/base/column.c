// SPDX-License-Identifier: GPL-2.0
/* --output, as util-linux has it. */
#include "base/column.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/args.h"
#include "base/memory.h"
#include "base/options.h"

static struct strlist chosen;	/* what a command shows, and what was asked for */
static struct strlist asked;	/* words of --output not met yet */
static struct strlist known;	/* properties met, to tell of slips */
static bool only;		/* --output without "+" */
static bool met;		/* there was at least one property */

static void add_words(const char *text, const char *between,
		      struct strlist *list)
{
	char *copy = xstrdup(text), *at = copy, *word;

	while ((word = strsep(&at, between)))
		if (*word)
			strlist_add(list, word);
	free(copy);
}

void column_choose(const char *headings)
{
	const char *output = options_given()->output;

	only = output && *output != '+';
	if (headings && !only && !options_given()->wide)
		add_words(headings, " ", &chosen);
	if (!output)
		return;
	add_words(output + !only, ", ", &asked);
	/* Behind all columns that there are, an addition has its place. */
	if (only || chosen.count)
		add_words(output + !only, ", ", &chosen);
}

const struct strlist *column_list(void)
{
	return chosen.count ? &chosen : NULL;
}

bool column_has(const char *heading)
{
	size_t i;

	for (i = 0; i < chosen.count; i++)
		if (!strcasecmp(chosen.item[i], heading))
			return true;
	return !chosen.count;
}

bool column_is(const char *word, const char *name, const char *heading)
{
	return (name && !strcasecmp(word, name)) ||
	       (heading && !strcasecmp(word, heading));
}

void column_seen(const char *name, const char *heading)
{
	size_t i = 0;

	met = true;
	if (!asked.count)
		return;
	while (i < asked.count)
		if (column_is(asked.item[i], name, heading))
			strlist_remove(&asked, asked.item[i]);
		else
			i++;
	if (heading && !strlist_has(&known, heading))
		strlist_add(&known, heading);
	if (name && !strlist_has(&known, name))
		strlist_add(&known, name);
}

bool column_wanted(const char *name, const char *heading)
{
	size_t i;

	column_seen(name, heading);
	if (!only)
		return true;
	for (i = 0; i < chosen.count; i++)
		if (column_is(chosen.item[i], name, heading))
			return true;
	return false;
}

int column_complain(void)
{
	struct nearest near = {};
	size_t i;

	if (!met || !asked.count)
		return 0;
	near.word = asked.item[0];
	for (i = 0; i < known.count; i++)
		args_nearest_offer(&near, known.item[i]);
	because(CODE_INVALID, "there is no such column here%s",
		args_nearest_text(&near));
	return failed(CODE_INVALID, "--output %s", asked.item[0]);
}
