// SPDX-License-Identifier: GPL-2.0
/* connection list: a session has one connection */
#include <stdlib.h>

#include "base/address.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/filter.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/match.h"

static void print_connection(const struct session *s)
{
	char text[ADDRESS_TEXT];
	const struct sockaddr_storage *remote = match_session_remote(s);

	print_row();
	ids_connection_text(s, text);
	print_str("ConnectionIdentifier", "CONNECTION", text);
	print_str("InitiatorAddress", "INITIATOR",
		  address_text(&s->local, text));
	print_u64("InitiatorPortNumber", "LPORT",
		  s->local.ss_family ? address_port(&s->local) : 0);
	print_str("TargetAddress", "TARGET", address_text(remote, text));
	print_u64("TargetPortNumber", "PORT", address_port(remote));
	print_str("State", "STATE", model_session_state_name(s->state));
	print_u64("SessionNumber", "SESSION", s->id);
}

static int connection_list(const struct strlist *operands,
			   const void *options)
{
	struct session_filter o = *(const struct session_filter *)options;
	struct session_list live;
	bool *pass;
	size_t i;
	int ret;

	for (i = 0; i < operands->count; i++)
		strlist_add(&o.connections, operands->item[i]);
	ret = filter_live(&o, "cannot list connections", &live, &pass);
	if (!ret) {
		print_open(PRINT_TABLE);
		for (i = 0; i < live.count; i++)
			if (pass[i])
				print_connection(&live.item[i]);
		print_close();
	}
	free(pass);
	model_session_list_free(&live);
	return ret;
}

const struct command connection_commands[] = {
	{ "connection", "list", "[ID...]", 0, 1024, filter_options,
	  sizeof(struct session_filter), connection_list,
	  "list connections",
	  .columns = "CONNECTION INITIATOR TARGET PORT STATE SESSION" },
	{}
};
