// SPDX-License-Identifier: GPL-2.0
/* iscsictl: finds the command in the tables, parses its line, runs it. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/input.h"
#include "cli/complete.h"
#include "cli/remote.h"
#include "cli/synonym.h"
#include "cmd/cmd.h"
#include "iscsiadm/iscsiadm.h"
#include "module/nl.h"
#include "version.h"

struct global_options global;

const struct option global_option_table[] = {
	{ "json", OPT_FLAG, offsetof(struct global_options, json), NULL,
	  "print an array of JSON objects" },
	{ "host", OPT_LIST, offsetof(struct global_options, hosts),
	  "[USER@]HOST", "run there over ssh (repeatable)" },
	{ "throttle-limit", OPT_NUMBER,
	  offsetof(struct global_options, throttle), "N",
	  "concurrent operations, 0 = choose", NULL, 0, 1024 },
	{ "timeout", OPT_TIME, offsetof(struct global_options, timeout),
	  "TIME", "give up after this time (a bare number is seconds)", NULL,
	  1, 86400000, .unit = 1000 },
	{ "root", OPT_STRING, offsetof(struct global_options, root), "DIR",
	  "use DIR as /" },
	{ "no-wait", OPT_FLAG, offsetof(struct global_options, no_wait),
	  NULL, "return at once, the kernel goes on" },
	{ "as-job", OPT_FLAG, offsetof(struct global_options, no_wait),
	  NULL, "the same" },
	{ "dry-run", OPT_FLAG, offsetof(struct global_options, dry_run),
	  NULL, "change nothing, tell what would be changed" },
	{ "verbose", OPT_FLAG, offsetof(struct global_options, verbose),
	  NULL, "say more on standard error", .letter = 'v' },
	{ "version", OPT_FLAG, offsetof(struct global_options, version),
	  NULL, "print the version", .letter = 'V' },
	{ "help", OPT_FLAG, offsetof(struct global_options, help), NULL,
	  "print help", .letter = 'h' },
	{}
};

static const struct command help_commands[];

const struct command *const command_groups[] = {
	connect_commands, disconnect_commands, portal_commands,
	target_commands, session_commands, connection_commands,
	path_commands, policy_commands, mpio_commands, chap_commands,
	register_commands, unregister_commands, record_commands,
	record_add_commands, record_change_commands,
	record_secret_commands, restore_commands,
	monitor_commands, stats_commands,
	import_commands, status_commands, top_commands, ibft_commands,
	initiator_commands, tree_commands, help_commands, rescan_commands,
	mounts_commands,
	NULL
};

static void help_options(const struct option *opt)
{
	char left[64];

	for (; opt && opt->kind != OPT_END; opt++) {
		if (opt->kind == OPT_REFUSED)
			continue;
		if (opt->kind == OPT_TRISTATE)
			snprintf(left, sizeof(left), "--%s[=%s]", opt->name,
				 opt->value);
		else
			snprintf(left, sizeof(left), "%s%c%s--%s%s%s",
				 opt->letter ? "-" : "",
				 opt->letter ? opt->letter : ' ',
				 opt->letter ? ", " : "", opt->name,
				 opt->value ? " " : "",
				 opt->value ? opt->value : "");
		printf("  %-36s %s\n", *left == ' ' ? left + 1 : left,
		       opt->help);
	}
}

static int help_all(void)
{
	const struct command *c;
	char left[64];
	size_t i;

	printf("usage: iscsictl [GLOBAL OPTIONS] [NOUN] VERB [OPTIONS] [ARGUMENTS]\n\n");
	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++) {
			snprintf(left, sizeof(left), "%s%s%s %s",
				 c->noun ? c->noun : "", c->noun ? " " : "",
				 c->verb, c->operands);
			printf("  %-34s %s\n", left, c->summary);
		}
	printf("\nglobal options:\n");
	help_options(global_option_table);
	printf("\niscsictl NOUN VERB --help tells the options of a command.\n");
	return 0;
}

static int help_command(const struct command *c)
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
	help_options(global_option_table);
	return 0;
}

/* All commands of @noun. */
static int help_noun(const char *noun)
{
	const struct command *c;
	char left[64];
	size_t i;

	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++) {
			if (!c->noun || strcmp(c->noun, noun))
				continue;
			snprintf(left, sizeof(left), "%s %s %s", c->noun,
				 c->verb, c->operands);
			printf("  %-34s %s\n", left, c->summary);
		}
	return 0;
}

/* Is @word a noun, or a verb that stands alone? */
static bool is_noun(const char *word)
{
	const struct command *c;
	size_t i;

	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++)
			if (c->noun && !strcmp(c->noun, word))
				return true;
	return false;
}

const struct command *command_find(const char *noun, const char *verb)
{
	const struct command *c;
	size_t i;

	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++)
			if (!c->noun == !noun && !strcmp(c->verb, verb) &&
			    (!noun || !strcmp(c->noun, noun)))
				return c;
	return NULL;
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

static int unknown_command(const char *noun, const char *verb)
{
	const char *synonym = synonym_find(noun, verb);
	bool own = synonym && noun && command_find(noun, synonym);
	char small[64];
	struct nearest near = {
		.word = lower_case(verb, small, sizeof(small)),
	};
	const struct command *c;
	size_t i;

	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++) {
			if (noun && (!c->noun || strcmp(noun, c->noun)))
				continue;
			nearest_offer(&near, !noun && c->noun ? c->noun :
				      c->verb);
		}
	if (synonym)
		because(CODE_INVALID, "no such command, here it is: iscsictl %s%s%s",
			own ? noun : "", own ? " " : "", synonym);
	else
		because(CODE_INVALID, "no such command%s",
			nearest_hint(&near));
	return failed(CODE_INVALID, "%s%s%s", noun ? noun : "",
		      noun ? " " : "", verb);
}

static int missing_verb(const char *noun)
{
	const struct command *c;
	char list[128] = "";
	size_t i, len = 0;

	for (i = 0; command_groups[i]; i++)
		for (c = command_groups[i]; c->verb; c++)
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
		return help_all();
	if (is_noun(first) && !second)
		return help_noun(first);
	c = is_noun(first) ? command_find(first, second) :
	    command_find(NULL, first);
	if (c && (is_noun(first) || !second))
		return help_command(c);
	return is_noun(first) ? unknown_command(first, second) :
	       unknown_command(NULL, first);
}

static const struct command help_commands[] = {
	{ NULL, "help", "[COMMAND]", 0, 2, NULL, 0, help_words,
	  "say what commands there are and what they take" },
	{}
};

static int check_operands(const struct command *c,
			  const struct strlist *operands)
{
	int code = CODE_INVALID;

	if (operands->count < c->min)
		because(code, "missing argument: %s", c->operands);
	else if (operands->count > c->max)
		because(code, "unexpected argument \"%s\"",
			operands->item[c->max]);
	else
		return 0;
	return failed(code, "%s%s%s", c->noun ? c->noun : "",
		      c->noun ? " " : "", c->verb);
}

/* Options before the command are global ones, behind it also its own. */
static int parse_words(int argc, char **argv, int *at,
		       const struct option_set *sets, size_t count, size_t stop,
		       struct strlist *words)
{
	int ret;

	while (*at < argc && words->count < stop) {
		if (!strcmp(argv[*at], "--")) {
			for (++*at; *at < argc; ++*at)
				strlist_add(words, argv[*at]);
			return 0;
		}
		if (argv[*at][0] != '-' || !argv[*at][1]) {
			strlist_add(words, argv[(*at)++]);
			continue;
		}
		ret = args_option(sets, count, argc, argv, at);
		if (ret)
			return ret;
	}
	return 0;
}

static int find_command(int argc, char **argv, int *at,
			const struct command **command)
{
	struct option_set set = { global_option_table, &global };
	struct strlist words = {};
	const char *noun = NULL;
	int ret;

	ret = parse_words(argc, argv, at, &set, 1, 1, &words);
	if (ret || !words.count)
		return ret;
	if (is_noun(words.item[0])) {
		noun = words.item[0];
		ret = parse_words(argc, argv, at, &set, 1, 2, &words);
		if (ret)
			return ret;
		if (words.count < 2 && global.help)
			return 0;
		if (words.count < 2)
			return missing_verb(noun);
	}
	*command = command_find(noun, words.item[words.count - 1]);
	ret = *command ? 0 :
	      unknown_command(noun, words.item[words.count - 1]);
	strlist_free(&words);
	return ret;
}

static int run(int argc, char **argv, int at, const struct command *c)
{
	void *options = xcalloc(1, c->size);
	struct input input = {};
	struct option_set sets[] = {
		{ c->options, options },
		{ global_option_table, &global },
		{ input_options, &input },
	};
	struct strlist operands = {};
	int ret;

	args_defaults(c->options, options);
	ret = parse_words(argc, argv, &at, sets, c->input ? 3 : 2, (size_t)-1,
			  &operands);
	error_verbose = global.verbose;
	error_dry_run = global.dry_run;
	if (!ret && global.help)
		return help_command(c);
	if (!ret && input.from_json && !global.hosts.count)
		ret = input_take(c, &input, options, &operands);
	/* What is in the pipe for a host is looked at there. */
	if (!ret && !(input.from_json && global.hosts.count))
		ret = check_operands(c, &operands);
	if (!ret && global.hosts.count)
		ret = remote_run(argc, argv);
	else if (!ret)
		ret = c->run(&operands, options);
	kernel_close();
	strlist_free(&operands);
	free(options);
	return ret;
}

/* An answer that could not be written is a failure. */
static int flush(int ret)
{
	if (!fflush(stdout) && !ferror(stdout))
		return ret;
	because(CODE_ERROR, "standard output cannot be written");
	return first_code(ret, failed(CODE_ERROR, "output lost"));
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	int at = 1, ret;

	args_defaults(global_option_table, &global);
	if (!strcmp(basename(argv[0]), "iscsiadm"))
		return flush(iscsiadm_main(argc, argv));
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return flush(complete(argc - 2, argv + 2));
	ret = find_command(argc, argv, &at, &command);
	if (ret)
		return ret;
	if (global.version) {
		printf("iscsictl %s\n", ISCSICTL_VERSION);
		return flush(0);
	}
	if (command)
		return flush(run(argc, argv, at, command));
	if (global.help || argc == 1) {
		help_all();
		return flush(global.help ? 0 : CODE_INVALID);
	}
	because(CODE_INVALID, "name a command, iscsictl --help lists them");
	return failed(CODE_INVALID, "nothing to do");
}
