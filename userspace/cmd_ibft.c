// SPDX-License-Identifier: GPL-2.0
/*
 * ibft show, ibft connect: the targets the firmware booted from. Logging in
 * again is safe at any time; a target that has a session there is left alone.
 * A path that is dead is told, and the kernel goes on trying it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cmd.h"
#include "config.h"
#include "connect.h"
#include "file.h"
#include "ibft.h"
#include "nl.h"
#include "print.h"
#include "session.h"

#define ISID_RANDOM	0x80

struct ibft_options {
	bool all;
};

static const struct option ibft_options[] = {
	{ "all", OPT_FLAG, offsetof(struct ibft_options, all), NULL,
	  "also targets the firmware did not boot from" },
	{}
};

static bool usable(const struct ibft_target *t, bool all)
{
	return t->flags & IBFT_VALID && (all || t->flags & IBFT_SELECTED);
}

static void print_target(const struct ibft *ibft, const struct ibft_target *t)
{
	const struct ibft_nic *nic = ibft_nic_of(ibft, t);
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	print_row();
	print_u64("Index", "NO", t->index);
	print_str("NodeAddress", "TARGET", t->name);
	mpio_host_format(&t->portal, text);
	print_str("TargetPortalAddress", "PORTAL", text);
	print_u64("TargetPortalPortNumber", "PORT", t->portal.port);
	print_str("Lun", "LUN", t->lun);
	print_bool("IsValid", NULL, t->flags & IBFT_VALID);
	print_bool("IsSelected", "BOOTED", t->flags & IBFT_SELECTED);
	print_str("AuthenticationType", "AUTH", auth_name(t->auth));
	print_str("ChapUsername", NULL, t->user);
	print_str("InitiatorNodeAddress", NULL, ibft->initiator);
	print_str("InitiatorPortalAddress", "INITIATOR",
		  nic ? nic->address : "");
	print_u64("PrefixLength", NULL, nic ? nic->prefix : 0);
	print_str("Gateway", NULL, nic ? nic->gateway : "");
	print_u64("Vlan", NULL, nic ? nic->vlan : 0);
	print_str("MacAddress", NULL, nic ? nic->mac : "");
	print_str("InitiatorInterface", "INTERFACE", nic ? nic->name : "");
}

static int ibft_show(const struct strlist *operands, const void *options)
{
	struct ibft ibft;
	size_t i;
	int ret = ibft_load(&ibft);

	(void)operands;
	(void)options;
	if (ret)
		return failed(ret, "cannot show the boot table");
	print_open(PRINT_TABLE);
	for (i = 0; i < ibft.targets; i++)
		print_target(&ibft, &ibft.target[i]);
	print_close();
	ibft_free(&ibft);
	return 0;
}

/* The same ISID at every boot: reservations keep their I_T nexus. */
static void fixed_isid(const struct ibft *ibft, const struct ibft_target *t,
		       uint8_t *isid)
{
	const struct ibft_nic *nic = ibft_nic_of(ibft, t);
	char portal[MPIO_PORTAL_TEXT_MAX + 1], *text;
	uint32_t sum;

	mpio_portal_format(&t->portal, false, portal);
	text = xasprintf("%s %s %s", t->name, portal, nic ? nic->mac : "");
	sum = checksum(text, strlen(text));
	isid[0] = ISID_RANDOM;
	isid[1] = t->index;
	memcpy(isid + 2, &sum, sizeof(sum));
	free(text);
}

static const struct session *session_to(const struct session_list *live,
					const struct ibft_target *t,
					const struct sockaddr_storage *at)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (!strcmp(live->item[i].login.target, t->name) &&
		    address_same(&live->item[i].login.portal, at))
			return &live->item[i];
	return NULL;
}

/* One login; *id is set instead when there is a session already. */
static int prepare(const struct ibft *ibft, const struct ibft_target *t,
		   const struct session_list *live, struct attempt *a)
{
	const struct session *s;
	struct settings stored;
	uint32_t policy;
	int ret;

	login_init(&a->login);
	memcpy(a->login.target, t->name, sizeof(a->login.target));
	memcpy(a->login.initiator, ibft->initiator,
	       sizeof(a->login.initiator));
	memcpy(a->login.user, t->user, sizeof(a->login.user));
	memcpy(a->login.user_in, t->user_in, sizeof(a->login.user_in));
	a->login.auth = t->auth;
	a->login.multipath = true;
	a->secrets = &t->secrets;
	a->keep = true;
	ret = config_load(t->name, &stored, &policy);
	if (ret)
		return ret;
	a->login.settings = stored;
	a->login.policy = policy;
	/* The root file system waits for its disk as long as it takes. */
	if (stored.value[MPIO_TA_NO_PATH_TIMEOUT] == UNSET)
		a->login.settings.value[MPIO_TA_NO_PATH_TIMEOUT] =
			MPIO_FOREVER;
	if (!a->login.initiator[0])
		ret = initiator_name(a->login.initiator);
	fixed_isid(ibft, t, a->login.isid);
	a->address = xcalloc(ADDRESSES_MAX, sizeof(*a->address));
	if (!ret)
		ret = portal_resolve(&t->portal, a->address, &a->addresses);
	if (ret)
		return ret;
	s = session_to(live, t, a->address);
	if (s) {
		a->id = s->id;
		a->done = true;
	}
	return 0;
}

static int settle(const struct attempt *attempt, size_t count)
{
	uint32_t *id = xcalloc(count + 1, sizeof(*id));
	char text[ADDRESS_TEXT];
	size_t i, good = 0;
	int ret = 0;

	for (i = 0; i < count; i++) {
		if (attempt[i].id)
			id[good++] = attempt[i].id;
		if (!attempt[i].code)
			continue;
		because(attempt[i].code, "%s", attempt[i].why);
		failed(attempt[i].code, "cannot connect to %s at %s",
		       attempt[i].login.target,
		       address_port_text(&attempt[i].login.portal, text));
		ret = first_code(ret, attempt[i].code);
	}
	ret = first_code(ret, sessions_report(id, good));
	free(id);
	return ret;
}

static int connect_all(const struct ibft *ibft, bool all)
{
	struct attempt *attempt = xcalloc(ibft->targets + 1,
					  sizeof(*attempt));
	struct session_list live = {};
	size_t i, count = 0;
	int ret;

	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = kernel_get_sessions(&live);
	for (i = 0; i < ibft->targets && !ret; i++)
		if (usable(&ibft->target[i], all))
			ret = prepare(ibft, &ibft->target[i], &live,
				      &attempt[count++]);
	if (!ret && !count)
		ret = because(CODE_NOT_FOUND,
			      "the firmware booted from no target: --all takes all that are valid");
	if (ret) {
		failed(ret, "cannot connect as the firmware did");
	} else {
		for (i = 0; i < count && global.no_wait; i++)
			if (!attempt[i].done)
				attempt_start(&attempt[i]);
		if (!global.no_wait)
			attempts_wait(attempt, count);
		ret = settle(attempt, count);
	}
	for (i = 0; i < count; i++)
		attempt_free(&attempt[i]);
	free(attempt);
	session_list_free(&live);
	return ret;
}

static int ibft_connect(const struct strlist *operands, const void *options)
{
	const struct ibft_options *o = options;
	struct ibft ibft;
	int ret = ibft_load(&ibft);

	(void)operands;
	if (ret)
		return failed(ret, "cannot read the boot table");
	ret = connect_all(&ibft, o->all);
	ibft_free(&ibft);
	return ret;
}

const struct command ibft_commands[] = {
	{ "ibft", "show", "", 0, 0, NULL, 0, ibft_show,
	  "show the targets the firmware booted from" },
	{ "ibft", "connect", "", 0, 0, ibft_options,
	  sizeof(struct ibft_options), ibft_connect,
	  "log in to the targets the firmware booted from" },
	{}
};
