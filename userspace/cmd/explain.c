// SPDX-License-Identifier: GPL-2.0
/* explain: what a message means, for the data, and what to do */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/messages.h"

static void print_message(const struct message *m)
{
	char name[16];

	snprintf(name, sizeof(name), "MPIO%04u", m->id);
	print_row();
	print_str("Message", NULL, name);
	print_str("Text", NULL, m->text);
	print_str("Happened", NULL, m->happened);
	print_str("ForTheData", NULL, m->data);
	print_str("Mend", NULL, m->mend);
}

static int explain(const struct strlist *operands, const void *options)
{
	const struct message *m = NULL;
	char *line = xstrdup(""), *longer;
	size_t i;

	(void)options;
	for (i = 0; i < operands->count; i++) {
		longer = xasprintf("%s%s%s", line, *line ? " " : "",
				   operands->item[i]);
		free(line);
		line = longer;
	}
	if (operands->count)
		m = messages_find(line);
	if (operands->count && !m) {
		because(CODE_NOT_FOUND,
			"no message is like that, see iscsi-mpio-messages(7)");
		i = failed(CODE_NOT_FOUND, "%s", line);
		free(line);
		return i;
	}
	free(line);
	print_open(PRINT_SHOW);
	if (m)
		print_message(m);
	else
		for (m = messages; m->text; m++)
			print_message(m);
	print_close();
	return 0;
}

const struct command explain_commands[] = {
	{ NULL, "explain", "[MESSAGE|LINE...]", 0, 256, NULL, 0, explain,
	  "say what a message means for the data, and what to do" },
	{}
};
