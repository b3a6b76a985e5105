// SPDX-License-Identifier: GPL-2.0
/*
 * One completion for all shells: the tables of commands say what is wanted,
 * by the placeholder of an option or an operand ("IQN", "DISK", ...).
 */
#include "cli/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/options.h"
#include "cli/commands.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/portal.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/settings.h"

static const char *typed;	/* what candidates must begin with */

static struct strlist offered;	/* each once */

static void offer(const char *word)
{
	if (strncmp(word, typed, strlen(typed)) || strlist_has(&offered, word))
		return;
	strlist_add(&offered, word);
	puts(word);
}

static void offer_sessions(bool with_records)
{
	char id[SESSION_ID_LEN + 1];
	struct session_list live = {};
	struct record_list stored;
	size_t i;

	if (!kernel_open_loaded() && !kernel_get_sessions(&live))
		for (i = 0; i < live.count; i++) {
			ids_session_text(&live.item[i], id);
			offer(id);
		}
	model_session_list_free(&live);
	if (!with_records || record_load_all(&stored))
		return;
	for (i = 0; i < stored.count; i++)
		offer(stored.item[i].id);
	record_list_free(&stored);
}

static void offer_records(void)
{
	struct record_list stored;
	size_t i;

	if (record_load_all(&stored))
		return;
	for (i = 0; i < stored.count; i++)
		offer(stored.item[i].id);
	record_list_free(&stored);
}

static void offer_targets(void)
{
	struct portal_list portals;
	struct session_list live = {};
	size_t i, j;

	if (!portal_load_all(&portals))
		for (i = 0; i < portals.count; i++)
			for (j = 0; j < portals.item[i].targets; j++)
				offer(portals.item[i].target[j].name);
	portal_list_free(&portals);
	if (!kernel_open_loaded() && !kernel_get_sessions(&live))
		for (i = 0; i < live.count; i++)
			offer(live.item[i].login.target);
	model_session_list_free(&live);
}

/* Offers portals that were discovered from; with @of_targets also those of targets. */
static void offer_portals(bool of_targets)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const struct portal *p;
	struct portal_list portals;
	size_t i, j;

	if (portal_load_all(&portals))
		return;
	for (i = 0; i < portals.count; i++) {
		p = &portals.item[i];
		mpio_portal_format(&p->portal, false, text);
		if (!p->is_static)
			offer(text);
		for (j = 0; of_targets && j < p->targets; j++) {
			mpio_portal_format(&p->target[j].portal, false, text);
			offer(text);
		}
	}
	portal_list_free(&portals);
}

static void offer_disks(void)
{
	struct disk_list disks = {};
	size_t i;

	if (!kernel_open_loaded() && !kernel_get_disks(&disks))
		for (i = 0; i < disks.count; i++)
			offer(disks.item[i].name);
	model_disk_list_free(&disks);
}

static void offer_paths(void)
{
	struct path_list paths = {};
	size_t i;

	if (!kernel_open_loaded() && !kernel_get_paths(0, 0, &paths))
		for (i = 0; i < paths.count; i++)
			offer(paths.item[i].key);
	model_path_list_free(&paths);
}

/* "KEY=", and behind that which words it may have. */
static void offer_key(const char *name, const struct choice *words, bool yes_no)
{
	static const struct choice yes_or_no[] = { { "Yes" }, { "No" }, {} };
	const struct choice *c;
	char *word = xasprintf("%s=", name);

	if (strncmp(typed, word, strlen(word))) {
		offer(word);
		free(word);
		return;
	}
	free(word);
	for (c = yes_no ? yes_or_no : words; c && c->word; c++) {
		word = xasprintf("%s=%s", name, c->word);
		offer(word);
		free(word);
	}
}

/* Of settings, and with @records of all that a record has. */
static void offer_keys(bool records)
{
	struct record_property property;
	struct record none;
	unsigned int i;
	size_t j;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		offer_key(settings_name(i), settings_words(i), false);
	record_init(&none);
	for (j = 0; records && record_key_at(&none, j, &property); j++)
		offer_key(property.name, property.words, property.is_bool);
}

static void offer_columns(const char *columns)
{
	char *copy = xstrdup(columns ? columns : ""), *at = copy, *word;

	while ((word = strsep(&at, " ")))
		offer(word);
	free(copy);
}

static void offer_policies(void)
{
	uint32_t i;

	for (i = 0; i < __MPIO_POLICY_MAX; i++)
		offer(model_policy_name(i));
}

/* By the placeholder of what is wanted; files are the shell's business. */
static void offer_values(const struct command *c, const char *placeholder)
{
	if (strstr(placeholder, "IQN"))
		offer_targets();
	else if (strstr(placeholder, "ID|RECORD"))
		offer_sessions(true);
	else if (strstr(placeholder, "RECORD"))
		offer_records();
	else if (strstr(placeholder, "ID"))
		offer_sessions(false);
	else if (strstr(placeholder, "DISK"))
		offer_disks();
	else if (strstr(placeholder, "PATH"))
		offer_paths();
	else if (strstr(placeholder, "POLICY"))
		offer_policies();
	else if (strstr(placeholder, "KEY=VALUE"))
		offer_keys(!c || !c->noun || strcmp(c->noun, "mpio"));
	else if (strstr(placeholder, "[+]LIST"))
		offer_columns(c ? c->columns : NULL);
	else if (strstr(placeholder, "ADDR"))
		offer_portals(strchr(placeholder, '[') &&
			      placeholder != (c ? c->operands : NULL));
}

static const struct option *find_option(const struct command *c,
					const char *word)
{
	const struct option *tables[] = { c ? c->options : NULL,
					  c && c->input ? input_options : NULL,
					  options_global };
	const struct option *opt;
	size_t i;

	for (i = 0; i < 3; i++)
		for (opt = tables[i]; opt && opt->kind != OPT_END; opt++)
			if (word[1] == '-' ? !strcmp(opt->name, word + 2) :
			    word[1] == opt->letter && !word[2])
				return opt;
	return NULL;
}

static void offer_options(const struct command *c)
{
	const struct option *tables[] = { c ? c->options : NULL,
					  c && c->input ? input_options : NULL,
					  options_global };
	const struct option *opt;
	char *word;
	size_t i;

	for (i = 0; i < 3; i++)
		for (opt = tables[i]; opt && opt->kind != OPT_END; opt++) {
			if (opt->kind == OPT_REFUSED)
				continue;
			word = xasprintf("--%s", opt->name);
			offer(word);
			free(word);
		}
}

static void offer_choices(const struct command *command,
			  const struct option *opt)
{
	const struct choice *c;

	if (!opt->choices) {
		offer_values(command, opt->value);
		return;
	}
	for (c = opt->choices; c->word; c++)
		offer(c->word);
}

/* The verbs of @noun, or, with NULL, all nouns and everyday verbs. */
static void offer_verbs(const char *noun)
{
	const struct command *c, *last = NULL;
	size_t i;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++) {
			if (noun && c->noun && !strcmp(c->noun, noun))
				offer(c->verb);
			if (noun)
				continue;
			if (!c->noun)
				offer(c->verb);
			else if (!last || strcmp(last->noun, c->noun))
				offer(c->noun);
			last = c->noun ? c : last;
		}
}

/* What the words before the one being typed amount to. */
struct line {
	const char *noun;
	const struct command *command;
	const struct option *pending;	/* wants a value */
	unsigned int operands;
};

/* The placeholder of operand @number: "B" of "A [B...]" from the second on. */
static const char *placeholder_of(const char *operands, unsigned int number)
{
	const char *next;

	while (number-- && (next = strchr(operands, ' ')))
		operands = next + 1;
	return operands;
}

static void take_word(struct line *line, const char *word)
{
	if (line->pending) {
		line->pending = NULL;
		return;
	}
	if (*word == '-') {
		line->pending = find_option(line->command, word);
		if (line->pending && (line->pending->kind == OPT_FLAG ||
				      line->pending->kind == OPT_TRISTATE))
			line->pending = NULL;
		return;
	}
	if (line->command) {
		line->operands++;
		return;
	}
	line->command = commands_find(line->noun, word);
	if (!line->command && !line->noun)
		line->noun = word;
}

int complete(int count, char **words)
{
	struct line line = {};
	int i;

	typed = count ? words[count - 1] : "";
	for (i = 0; i < count - 1; i++)
		take_word(&line, words[i]);
	if (line.pending)
		offer_choices(line.command, line.pending);
	else if (*typed == '-')
		offer_options(line.command);
	else if (line.command)
		offer_values(line.command,
			     placeholder_of(line.command->operands,
					    line.operands));
	else
		offer_verbs(line.noun);
	kernel_close();
	return 0;
}
