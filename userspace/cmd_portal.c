// SPDX-License-Identifier: GPL-2.0
/* discover = portal add, portal list, refresh, remove */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "auth.h"
#include "cmd.h"
#include "config.h"
#include "discover.h"
#include "file.h"
#include "portal.h"
#include "print.h"
#include "target.h"

struct discover_options {
	struct auth_options auth;
	const char *source;
	const char *iface;
	int header_digest;
	int data_digest;
};

static const struct option discover_options[] = {
	AUTH_OPTIONS(discover_options, auth),
	{ "initiator-portal", OPT_STRING,
	  offsetof(struct discover_options, source), "ADDR",
	  "connect from this local address" },
	{ "iface", OPT_STRING, offsetof(struct discover_options, iface),
	  "NAME", "connect through this network interface" },
	{ "header-digest", OPT_TRISTATE,
	  offsetof(struct discover_options, header_digest), "yes|no",
	  "CRC32C over headers" },
	{ "data-digest", OPT_TRISTATE,
	  offsetof(struct discover_options, data_digest), "yes|no",
	  "CRC32C over data" },
	{}
};

static int take_options(const struct discover_options *o,
			struct portal *portal)
{
	if (o->source && address_parse(o->source, &portal->source))
		return CODE_INVALID;
	if (o->iface && !copy_text(portal->iface, sizeof(portal->iface),
				   o->iface))
		return because(CODE_INVALID,
			       "an interface name has at most %d characters",
			       MPIO_IFACE_MAX);
	if (o->header_digest != -1)
		portal->header_digest = o->header_digest;
	if (o->data_digest != -1)
		portal->data_digest = o->data_digest;
	return 0;
}

static int save(const struct portal *portal, const struct secrets *secrets)
{
	int ret = store_lock();

	if (ret)
		return ret;
	ret = portal_save(portal, secrets);
	store_unlock();
	return ret;
}

static void print_found(const struct portal *portal)
{
	size_t i;

	print_open(PRINT_TABLE);
	for (i = 0; i < portal->targets; i++)
		target_portal_print(&portal->target[i]);
	print_close();
}

static int ask(struct portal *portal, const struct discover_options *o)
{
	char initiator[MPIO_NAME_MAX + 1];
	struct secrets own;
	struct auth auth;
	int ret;

	ret = initiator_name(initiator);
	if (!ret)
		ret = auth_take(&o->auth, initiator, &auth);
	if (ret)
		return ret;
	portal->auth = auth.type;
	memcpy(portal->user, auth.user, sizeof(portal->user));
	memcpy(portal->user_in, auth.user_in, sizeof(portal->user_in));
	own = auth_own_secrets(&auth);
	ret = discover(portal, &auth.secrets, initiator);
	if (!ret)
		ret = save(portal, &own);
	secrets_wipe(&own);
	secrets_wipe(&auth.secrets);
	return ret;
}

static int portal_add(const struct strlist *operands, const void *options)
{
	struct portal portal;
	int ret;

	portal_init(&portal);
	ret = portal_parse(operands->item[0], &portal.portal);
	if (!ret)
		ret = take_options(options, &portal);
	if (!ret) {
		portal.portal.tpgt = -1;
		portal_name(&portal);
		ret = ask(&portal, options);
	}
	if (ret)
		ret = failed(ret, "cannot discover targets at %s",
			     operands->item[0]);
	else
		print_found(&portal);
	portal_free(&portal);
	return ret;
}

static void print_portal(const struct portal *portal)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	mpio_host_format(&portal->portal, text);
	print_row();
	print_str("TargetPortalAddress", "PORTAL", text);
	print_u64("TargetPortalPortNumber", "PORT", portal->portal.port);
	print_str("InitiatorPortalAddress", "INITIATOR",
		  address_text(&portal->source, text));
	print_str("InitiatorInterface", "INTERFACE", portal->iface);
	print_bool("IsHeaderDigest", NULL, portal->header_digest == 1);
	print_bool("IsDataDigest", NULL, portal->data_digest == 1);
	print_str("AuthenticationType", "AUTH", auth_name(portal->auth));
	print_u64("Targets", "TARGETS", portal->targets);
}

static int portal_list(const struct strlist *operands, const void *options)
{
	struct portal_list list;
	size_t i;
	int ret;

	(void)operands;
	(void)options;
	ret = portals_load(&list);
	if (ret)
		return failed(ret, "cannot list portals");
	print_open(PRINT_TABLE);
	for (i = 0; i < list.count; i++)
		if (!list.item[i].is_static)
			print_portal(&list.item[i]);
	print_close();
	portal_list_free(&list);
	return 0;
}

/* Calls @act for each portal named, for all when none is. */
static int for_each(const struct strlist *operands, const char *what,
		    int (*act)(struct portal *portal))
{
	struct portal_list list;
	struct mpio_portal at;
	struct portal *portal;
	size_t i;
	int ret, first = 0;

	ret = portals_load(&list);
	if (ret)
		return failed(ret, "cannot list portals");
	for (i = 0; i < operands->count; i++) {
		ret = portal_parse(operands->item[i], &at);
		portal = ret ? NULL : portal_find(&list, &at);
		if (!ret && !portal)
			ret = because(CODE_NOT_FOUND,
				      "there is no such portal");
		if (!ret)
			ret = act(portal);
		if (ret)
			failed(ret, "cannot %s portal %s", what,
			       operands->item[i]);
		first = first_code(first, ret);
	}
	for (i = 0; i < list.count && !operands->count; i++) {
		portal = &list.item[i];
		ret = portal->is_static ? 0 : act(portal);
		if (ret)
			failed(ret, "cannot %s portal %s", what,
			       portal->portal.host);
		first = first_code(first, ret);
	}
	portal_list_free(&list);
	return first;
}

static int refresh(struct portal *portal)
{
	char initiator[MPIO_NAME_MAX + 1];
	struct secrets secrets;
	int ret;

	ret = initiator_name(initiator);
	if (!ret)
		ret = portal_secrets(portal, &secrets);
	if (ret)
		return ret;
	ret = discover(portal, &secrets, initiator);
	secrets_wipe(&secrets);
	return ret ? ret : save(portal, NULL);
}

static int portal_refresh(const struct strlist *operands, const void *options)
{
	(void)options;
	return for_each(operands, "refresh", refresh);
}

static int forget(struct portal *portal)
{
	int ret = store_lock();

	if (ret)
		return ret;
	ret = portal_forget(portal);
	store_unlock();
	return ret;
}

static int portal_remove(const struct strlist *operands, const void *options)
{
	(void)options;
	return for_each(operands, "remove", forget);
}

const struct command portal_commands[] = {
	{ NULL, "discover", "ADDR[:PORT]", 1, 1, discover_options,
	  sizeof(struct discover_options), portal_add,
	  "ask a portal for its targets and remember it" },
	{ "portal", "add", "ADDR[:PORT]", 1, 1, discover_options,
	  sizeof(struct discover_options), portal_add,
	  "the same as discover" },
	{ "portal", "list", "", 0, 0, NULL, 0, portal_list,
	  "list the portals remembered" },
	{ "portal", "refresh", "[ADDR[:PORT]...]", 0, 1024, NULL, 0,
	  portal_refresh, "ask portals again" },
	{ "target", "refresh", "", 0, 0, NULL, 0, portal_refresh,
	  "ask all portals again" },
	{ "portal", "remove", "ADDR[:PORT]...", 1, 1024, NULL, 0,
	  portal_remove, "forget portals, sessions stay" },
	{}
};
