// SPDX-License-Identifier: GPL-2.0
/* iscsiadm -m host and -m fw: what serves the sessions, what the firmware has. */
#include "iscsiadm/iscsiadm.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "cmd/ibft.h"
#include "host/firmware.h"
#include "module/kernel.h"

static void print_flat(const struct session *s, const char *address,
		       const char *netdev)
{
	printf("tcp: [%u] %s,[<empty>],%s %s\n", s->host, address, netdev,
	       s->login.initiator);
}

static void print_tree(const struct session *s, const char *address,
		       const char *netdev)
{
	printf("Host Number: %u\n\tState: running\n\tTransport: tcp\n"
	       "\tInitiatorname: %s\n\tIPaddress: %s\n"
	       "\tHWaddress: <empty>\n\tNetdev: %s\n",
	       s->host, s->login.initiator, address, netdev);
}

/* Sessions to one target share a host: the first speaks for it. */
static int list_hosts(const struct adm *a, const struct session_list *live)
{
	const char *address, *netdev;
	const struct session *s;
	char text[ADDRESS_TEXT];
	size_t i, j;

	if (a->print >= 4 && live->count)
		iscsiadm_versions();
	for (i = 0; i < live->count; i++) {
		s = &live->item[i];
		for (j = 0; j < i && live->item[j].host != s->host; j++)
			;
		if (j < i)
			continue;
		address_text(s->local.ss_family ? &s->local : &s->login.source,
			     text);
		address = *text ? text : "<empty>";
		netdev = s->login.iface[0] ? s->login.iface : "<empty>";
		if (a->print < 1)
			print_flat(s, address, netdev);
		else
			print_tree(s, address, netdev);
		if (a->print >= 2)
			iscsiadm_sessions_of_host(live, s->host, a->print - 1);
	}
	return live->count ? 0 : iscsiadm_none(CODE_NOT_FOUND, "No records found");
}

int iscsiadm_host(const struct adm *a)
{
	struct session_list live = {};
	int ret = kernel_open_loaded();

	if (ret == CODE_UNSUPPORTED)
		ret = 0;	/* no module, no hosts */
	else if (!ret)
		ret = kernel_get_sessions(&live);
	ret = ret ? failed(ret, "Can not get list of hosts") :
	      list_hosts(a, &live);
	model_session_list_free(&live);
	return ret;
}

static void complain(const char *file, const char *reason)
{
	note("%s: %s", file, reason);
}

static void print_target(const struct firmware *ibft,
			 const struct firmware_target *t, bool found)
{
	char portal[MPIO_PORTAL_TEXT_MAX + 1], host[MPIO_HOST_MAX + 1];
	struct mpio_portal at;

	firmware_portal(t, &at);
	mpio_portal_format(&at, false, portal);
	mpio_host_format(&at, host);
	if (found) {
		printf("%s,1 %s\n", portal, t->name);
		return;
	}
	printf("# BEGIN RECORD iscsi-mpio\niface.initiatorname = %s\n"
	       "iface.transport_name = tcp\nnode.name = %s\n"
	       "node.conn[0].address = %s\nnode.conn[0].port = %u\n"
	       "# END RECORD\n", ibft->initiator, t->name, host, at.port);
}

int iscsiadm_firmware(const struct adm *a)
{
	char *dir = file_root_path(FIRMWARE_DIR);
	struct firmware ibft;
	size_t i, count = 0;
	int err = firmware_load(dir, &ibft, complain);

	free(dir);
	for (i = 0; i < FIRMWARE_OBJECTS_MAX && !err; i++) {
		if (!ibft.target[i].present)
			continue;
		count++;
		if (!a->login)
			print_target(&ibft, &ibft.target[i],
				     !strcmp(a->mode, "discovery"));
	}
	if (!err)
		firmware_wipe(&ibft);
	if (!count)
		return iscsiadm_none(CODE_NOT_FOUND,
				     "Could not get list of targets from firmware.");
	return a->login ? ibft_login(false) : 0;
}
