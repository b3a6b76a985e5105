// SPDX-License-Identifier: GPL-2.0
/* connection list: a session has one connection */
#include <inttypes.h>
#include <stdio.h>

#include "address.h"
#include "cmd.h"
#include "nl.h"
#include "print.h"

static void print_connection(const struct session *s)
{
	char text[ADDRESS_TEXT];
	const struct sockaddr_storage *remote =
		s->remote.ss_family ? &s->remote : &s->login.portal;

	print_row();
	snprintf(text, sizeof(text), "%016" PRIx64 "-%x", s->instance, s->id);
	print_str("ConnectionIdentifier", "CONNECTION", text);
	print_str("InitiatorAddress", "INITIATOR",
		  address_text(&s->local, text));
	print_u64("InitiatorPortNumber", "PORT",
		  s->local.ss_family ? address_port(&s->local) : 0);
	print_str("TargetAddress", "TARGET", address_text(remote, text));
	print_u64("TargetPortNumber", "PORT", address_port(remote));
	print_str("State", "STATE", session_state_name(s->state));
	print_u64("SessionNumber", "SESSION", s->id);
}

static int connection_list(const struct strlist *operands,
			   const void *options)
{
	struct session_list live = {};
	size_t i;
	int ret = kernel_open();

	(void)operands;
	(void)options;
	if (!ret)
		ret = kernel_get_sessions(&live);
	if (ret)
		return failed(ret, "cannot list connections");
	print_open(PRINT_TABLE);
	for (i = 0; i < live.count; i++)
		print_connection(&live.item[i]);
	print_close();
	session_list_free(&live);
	return 0;
}

const struct command connection_commands[] = {
	{ "connection", "list", "", 0, 0, NULL, 0, connection_list,
	  "list connections" },
	{}
};
