// SPDX-License-Identifier: GPL-2.0
/* Options of every command: main() has them read, all others only look. */
#include "base/options.h"

#include <stddef.h>

static struct global_options given;

const struct option options_global[] = {
	{ "json", OPT_FLAG, offsetof(struct global_options, json), NULL,
	  "print an array of JSON objects", .letter = 'J' },
	{ "output", OPT_STRING, offsetof(struct global_options, output),
	  "[+]LIST", "show these columns or JSON properties; + adds",
	  .letter = 'o' },
	{ "noheadings", OPT_FLAG, offsetof(struct global_options, noheadings),
	  NULL, "no headings, values alone", .letter = 'n' },
	{ "wide", OPT_FLAG, offsetof(struct global_options, wide),
	  NULL, "all columns, and no wrapping", .letter = 'w' },
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

void options_init(void)
{
	args_defaults(options_global, &given);
}

struct option_set options_set(void)
{
	return (struct option_set){ options_global, &given };
}

void options_set_timeout(int64_t ms)
{
	given.timeout = ms;
}

const struct global_options *options_given(void)
{
	return &given;
}
