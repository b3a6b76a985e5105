// SPDX-License-Identifier: GPL-2.0
/* restore: brings back the sessions of all records. */
#include "base/print.h"
#include "cmd/cmd.h"
#include "flow/restore.h"
#include "store/record_key.h"

struct restore_options {
	int startup;
	int64_t wait;
};

static const struct option restore_options[] = {
	{ "startup", OPT_CHOICE, offsetof(struct restore_options, startup),
	  "automatic|onboot|manual",
	  "only these records (default: all but manual)", record_key_startup_words },
	{ "wait", OPT_TIME, offsetof(struct restore_options, wait),
	  "TIME", "wait so long for the sessions (a bare number is seconds)",
	  NULL, 0, 86400000, .unit = 1000 },
	{}
};

static void print_plan(const struct record_list *records,
		       const char *const *action)
{
	const struct record *r;
	size_t i;

	print_open(PRINT_TABLE);
	for (i = 0; i < records->count; i++) {
		r = &records->item[i];
		print_row();
		print_str("RecordIdentifier", "RECORD", r->id);
		print_str("TargetNodeAddress", "TARGET", r->login.target);
		print_str("TargetPortalAddress", "PORTAL", r->host);
		print_str("Startup", "STARTUP", record_key_startup_name(r->startup));
		print_str("Action", "ACTION", action[i]);
	}
	print_close();
}

static int restore(const struct strlist *operands, const void *options)
{
	const struct restore_options *o = options;
	struct restore what = {
		.startup = o->startup, .wait = o->wait, .tell = print_plan,
	};

	(void)operands;
	return restore_all(&what);
}

const struct command restore_commands[] = {
	{ NULL, "restore", "", 0, 0, restore_options,
	  sizeof(struct restore_options), restore,
	  "bring back the sessions of all records",
	  .columns = "RECORD TARGET PORTAL STARTUP ACTION" },
	{}
};
