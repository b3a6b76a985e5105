/* SPDX-License-Identifier: GPL-2.0 */
/* Options that every command takes. */
#ifndef _ISCSICTL_OPTIONS_H
#define _ISCSICTL_OPTIONS_H

#include "base/args.h"
#include "base/strlist.h"

/* What holds for every command. */
struct global_options {
	bool json;
	bool verbose;
	bool version;
	bool help;
	bool no_wait;
	bool dry_run;
	bool noheadings;
	bool wide;
	const char *output;
	struct strlist hosts;
	int64_t throttle;	/* -1 unset, 0 choose */
	int64_t timeout;	/* ms, -1 unset */
	const char *root;
};

extern const struct option options_global[];

/* Before the first option is read: all of them are unset. */
void options_init(void);

/* Table and values, for args_option(). */
struct option_set options_set(void);

/* As if --timeout had been given; for a program without such options. ms. */
void options_set_timeout(int64_t ms);

/* What was given on the command line of this process. */
const struct global_options *options_given(void);

#endif /* _ISCSICTL_OPTIONS_H */
