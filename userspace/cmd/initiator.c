// SPDX-License-Identifier: GPL-2.0
/* initiator get, set: the name this host logs in with */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/record.h"

struct initiator_options {
	bool generate;
	bool if_missing;
};

static const struct option initiator_options[] = {
	{ "generate", OPT_FLAG, offsetof(struct initiator_options, generate),
	  NULL, "make a new name at random" },
	{ "if-missing", OPT_FLAG,
	  offsetof(struct initiator_options, if_missing), NULL,
	  "leave a name alone that is there already" },
	{}
};

static int initiator_get(const struct strlist *operands, const void *options)
{
	char name[MPIO_NAME_MAX + 1];
	const char *file;
	int ret;

	(void)operands;
	(void)options;
	ret = config_initiator_find(name, &file);
	if (!ret && !file)
		ret = because(CODE_NOT_FOUND,
			      "there is none yet: the first login makes one, or initiator set");
	if (ret)
		return failed(ret, "cannot get the initiator name");
	print_open(PRINT_TABLE);
	print_row();
	print_str("InitiatorNodeAddress", "INITIATOR", name);
	print_str("File", "FILE", file);
	print_close();
	return 0;
}

/* What was stored or runs under another name goes on under it. */
static void tell_others(const char *name)
{
	struct session_list live = {};
	struct record_list stored;
	size_t i, records = 0, sessions = 0;

	if (!record_load_all(&stored))
		for (i = 0; i < stored.count; i++)
			records += !stored.item[i].damage &&
				   strcmp(stored.item[i].login.initiator,
					  name);
	record_list_free(&stored);
	if (!kernel_open_loaded() && !kernel_get_sessions(&live))
		for (i = 0; i < live.count; i++)
			sessions += strcmp(live.item[i].login.initiator, name);
	model_session_list_free(&live);
	if (records)
		note("%zu records keep another name: record set ID "
		     "InitiatorNodeAddress=%s changes it",
		     records, name);
	if (sessions)
		note("%zu sessions run under another name", sessions);
}

static int set(const struct strlist *operands,
	       const struct initiator_options *o)
{
	char name[MPIO_NAME_MAX + 1];
	const char *file;
	int ret;

	if (operands->count == o->generate)
		return because(CODE_INVALID, "give a name or --generate");
	if (operands->count && address_parse_name(operands->item[0], name))
		return CODE_INVALID;
	if (o->if_missing) {
		char there[MPIO_NAME_MAX + 1];

		ret = config_initiator_find(there, &file);
		if (ret || file)
			return ret;
	}
	ret = config_initiator_set(operands->count ? name : NULL, name);
	if (ret)
		return ret;
	if (!options_given()->json && !options_given()->dry_run)
		printf("%s\n", name);
	tell_others(name);
	return 0;
}

static int initiator_set(const struct strlist *operands, const void *options)
{
	int ret = set(operands, options);

	return ret ? failed(ret, "cannot set the initiator name") : 0;
}

const struct command initiator_commands[] = {
	{ "initiator", "get", "", 0, 0, NULL, 0, initiator_get,
	  "show the name this host logs in with" },
	{ "initiator", "set", "[NAME]", 0, 1, initiator_options,
	  sizeof(struct initiator_options), initiator_set,
	  "change the name this host logs in with" },
	{}
};
