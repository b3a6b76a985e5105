// SPDX-License-Identifier: GPL-2.0
/* All commands of the program, their help, and suggestions for mistyped ones. */
#include "cli/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/input.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cli/synonym.h"
#include "cmd/cmd.h"

static const struct command help_commands[];

const struct command *const commands_all[] = {
	connect_commands, disconnect_commands, portal_commands,
	target_commands, session_commands, connection_commands,
	path_commands, policy_commands, mpio_commands, chap_commands,
	register_commands, unregister_commands, record_commands,
	record_add_commands, record_change_commands,
	record_secret_commands, restore_commands,
	monitor_commands, stats_commands,
	import_commands, status_commands, top_commands, ibft_commands,
	initiator_commands, tree_commands, help_commands, rescan_commands,
	mounts_commands, doctor_commands, explain_commands,
	NULL
};

static void help_options(const struct option *opt)
{
	char column[64];

	for (; opt && opt->kind != OPT_END; opt++) {
		if (opt->kind == OPT_REFUSED)
			continue;
		if (opt->kind == OPT_TRISTATE)
			snprintf(column, sizeof(column), "--%s[=%s]", opt->name,
				 opt->value);
		else
			snprintf(column, sizeof(column), "%s%c%s--%s%s%s",
				 opt->letter ? "-" : "",
				 opt->letter ? opt->letter : ' ',
				 opt->letter ? ", " : "", opt->name,
				 opt->value ? " " : "",
				 opt->value ? opt->value : "");
		printf("  %-36s %s\n", *column == ' ' ? column + 1 : column,
		       opt->help);
	}
}

int commands_help_all(void)
{
	const struct command *c;
	char column[64];
	size_t i;

	printf("usage: iscsictl [GLOBAL OPTIONS] [NOUN] VERB [OPTIONS] [ARGUMENTS]\n\n");
	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++) {
			snprintf(column, sizeof(column), "%s%s%s %s",
				 c->noun ? c->noun : "", c->noun ? " " : "",
				 c->verb, c->operands);
			printf("  %-34s %s\n", column, c->summary);
		}
	printf("\nglobal options:\n");
	help_options(options_global);
	printf("\niscsictl NOUN VERB --help tells the options of a command.\n");
	return 0;
}

int commands_help(const struct command *c)
{
	printf("usage: iscsictl %s%s%s [OPTIONS] %s\n\n%s\n",
	       c->noun ? c->noun : "", c->noun ? " " : "", c->verb,
	       c->operands, c->summary);
	if (c->options) {
		printf("\noptions:\n");
		help_options(c->options);
		if (c->input)
			help_options(input_options);
	}
	printf("\nglobal options:\n");
	help_options(options_global);
	return 0;
}

/* All commands of @noun. */
static int help_noun(const char *noun)
{
	const struct command *c;
	char column[64];
	size_t i;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++) {
			if (!c->noun || strcmp(c->noun, noun))
				continue;
			snprintf(column, sizeof(column), "%s %s %s", c->noun,
				 c->verb, c->operands);
			printf("  %-34s %s\n", column, c->summary);
		}
	return 0;
}

bool commands_noun(const char *word)
{
	const struct command *c;
	size_t i;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++)
			if (c->noun && !strcmp(c->noun, word))
				return true;
	return false;
}

const struct command *commands_find(const char *noun, const char *verb)
{
	const struct command *c;
	size_t i;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++)
			if (!c->noun == !noun && !strcmp(c->verb, verb) &&
			    (!noun || !strcmp(c->noun, noun)))
				return c;
	return NULL;
}

static bool commands_known(const char *noun, const char *verb)
{
	return commands_find(noun, verb);
}

/* The same word in small letters may be one of ours. */
static const char *lower_case(const char *word, char *small, size_t size)
{
	size_t i;

	for (i = 0; word[i] && i + 1 < size; i++)
		small[i] = tolower((unsigned char)word[i]);
	small[i] = '\0';
	return small;
}

int commands_unknown(const char *noun, const char *verb)
{
	const char *synonym = synonym_find(noun, verb, commands_known);
	bool own = synonym && noun && commands_find(noun, synonym);
	char small[64];
	struct nearest near = {
		.word = lower_case(verb, small, sizeof(small)),
	};
	const struct command *c;
	size_t i;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++) {
			if (noun && (!c->noun || strcmp(noun, c->noun)))
				continue;
			args_nearest_offer(&near, !noun && c->noun ? c->noun :
					   c->verb);
		}
	if (synonym)
		because(CODE_INVALID, "no such command, here it is: iscsictl %s%s%s",
			own ? noun : "", own ? " " : "", synonym);
	else
		because(CODE_INVALID, "no such command%s",
			args_nearest_text(&near));
	return failed(CODE_INVALID, "%s%s%s", noun ? noun : "",
		      noun ? " " : "", verb);
}

int commands_missing_verb(const char *noun)
{
	const struct command *c;
	char list[128] = "";
	size_t i, len = 0;

	for (i = 0; commands_all[i]; i++)
		for (c = commands_all[i]; c->verb; c++)
			if (c->noun && !strcmp(c->noun, noun) &&
			    len < sizeof(list))
				len += snprintf(list + len,
						sizeof(list) - len, "%s%s",
						len ? ", " : "", c->verb);
	because(CODE_INVALID, "say what to do: %s", list);
	return failed(CODE_INVALID, "%s", noun);
}

/* "help", "help session", "help session list", "help connect". */
static int help_words(const struct strlist *operands, const void *options)
{
	const char *first = operands->count ? operands->item[0] : NULL;
	const char *second = operands->count > 1 ? operands->item[1] : NULL;
	const struct command *c;

	(void)options;
	if (!first)
		return commands_help_all();
	if (commands_noun(first) && !second)
		return help_noun(first);
	c = commands_noun(first) ? commands_find(first, second) :
	    commands_find(NULL, first);
	if (c && (commands_noun(first) || !second))
		return commands_help(c);
	return commands_noun(first) ? commands_unknown(first, second) :
	       commands_unknown(NULL, first);
}

static const struct command help_commands[] = {
	{ NULL, "help", "[COMMAND]", 0, 2, NULL, 0, help_words,
	  "say what commands there are and what they take" },
	{}
};
