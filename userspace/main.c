// SPDX-License-Identifier: GPL-2.0
/* iscsictl: finds the command in the tables, parses its line, runs it. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/column.h"
#include "base/input.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/remote.h"
#include "iscsiadm/iscsiadm.h"
#include "module/kernel.h"

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
	struct option_set set = options_set();
	struct strlist words = {};
	const char *noun = NULL;
	int ret;

	ret = parse_words(argc, argv, at, &set, 1, 1, &words);
	if (ret || !words.count)
		return ret;
	if (commands_noun(words.item[0])) {
		noun = words.item[0];
		ret = parse_words(argc, argv, at, &set, 1, 2, &words);
		if (ret)
			return ret;
		if (words.count < 2 && options_given()->help)
			return 0;
		if (words.count < 2)
			return commands_missing_verb(noun);
	}
	*command = commands_find(noun, words.item[words.count - 1]);
	ret = *command ? 0 :
	      commands_unknown(noun, words.item[words.count - 1]);
	strlist_free(&words);
	return ret;
}

static int run_here(const struct command *c, const struct strlist *operands,
		    const void *options)
{
	int ret;

	column_choose(c->columns);
	ret = c->run(operands, options);
	return first_code(ret, column_complain());
}

static int run(int argc, char **argv, int at, const struct command *c)
{
	void *options = xcalloc(1, c->size);
	struct input input = {};
	struct option_set sets[] = {
		{ c->options, options },
		options_set(),
		{ input_options, &input },
	};
	struct strlist operands = {};
	int ret;

	args_defaults(c->options, options);
	ret = parse_words(argc, argv, &at, sets, c->input ? 3 : 2, (size_t)-1,
			  &operands);
	error_verbose = options_given()->verbose;
	error_dry_run = options_given()->dry_run;
	if (!ret && options_given()->help)
		return commands_help(c);
	if (!ret && input.from_json && !options_given()->hosts.count)
		ret = input_take(c, &input, options, &operands);
	/* What is in the pipe for a host is looked at there. */
	if (!ret && !(input.from_json && options_given()->hosts.count))
		ret = check_operands(c, &operands);
	if (!ret && options_given()->hosts.count)
		ret = remote_run(argc, argv);
	else if (!ret)
		ret = run_here(c, &operands, options);
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

	/* How wide characters are, nothing else. */
	setlocale(LC_CTYPE, "");
	options_init();
	if (!strcmp(basename(argv[0]), "iscsiadm"))
		return flush(iscsiadm_main(argc, argv));
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return flush(complete(argc - 2, argv + 2));
	ret = find_command(argc, argv, &at, &command);
	if (ret)
		return ret;
	if (options_given()->version) {
		printf("iscsictl %s\n", ISCSICTL_VERSION);
		return flush(0);
	}
	if (command)
		return flush(run(argc, argv, at, command));
	if (options_given()->help || argc == 1) {
		commands_help_all();
		return flush(options_given()->help ? 0 : CODE_INVALID);
	}
	because(CODE_INVALID, "name a command, iscsictl --help lists them");
	return failed(CODE_INVALID, "nothing to do");
}
