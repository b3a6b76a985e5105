// SPDX-License-Identifier: GPL-2.0
/* session list, session show */
#include <stdlib.h>

#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/filter.h"
#include "flow/show.h"

static int print_sessions(const struct session_filter *o,
			  enum print_kind kind)
{
	struct session_list live;
	bool *pass;
	size_t i;
	int ret;

	ret = filter_live(o, "cannot list sessions", &live, &pass);
	if (!ret) {
		print_open(kind);
		for (i = 0; i < live.count; i++)
			if (pass[i])
				show_session(&live.item[i]);
		print_close();
	}
	free(pass);
	model_session_list_free(&live);
	return ret;
}

static int session_list(const struct strlist *operands, const void *options)
{
	(void)operands;
	return print_sessions(options, PRINT_TABLE);
}

static int session_show(const struct strlist *operands, const void *options)
{
	struct session_filter o = *(const struct session_filter *)options;
	size_t i;

	for (i = 0; i < operands->count; i++)
		strlist_add(&o.sessions, operands->item[i]);
	return print_sessions(&o, PRINT_SHOW);
}

const struct command session_commands[] = {
	{ "session", "list", "", 0, 0, filter_options,
	  sizeof(struct session_filter), session_list, "list sessions",
	  .columns = SESSION_COLUMNS },
	{ "session", "show", "[ID...]", 0, 1024, filter_options,
	  sizeof(struct session_filter), session_show,
	  "show all that is known about sessions" },
	{}
};
