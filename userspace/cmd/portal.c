// SPDX-License-Identifier: GPL-2.0
/* discover = portal add, portal list, refresh, remove */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "cmd/cmd.h"
#include "flow/auth.h"
#include "flow/filter.h"
#include "flow/target.h"
#include "module/kernel.h"
#include "net/discover.h"
#include "net/isns.h"
#include "store/config.h"
#include "store/portal.h"

struct discover_options {
	struct auth_options auth;
	const char *source;
	const char *iface;
	int header_digest;
	int data_digest;
	bool isns;
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
	{ "isns", OPT_FLAG, offsetof(struct discover_options, isns), NULL,
	  "the address is of an iSNS server (port 3205)" },
	{}
};

/* Which of the portals remembered: the parameters of Get-IscsiTargetPortal. */
struct portal_filter {
	const char *source;
	const char *iface;
	int header_digest;
	int data_digest;
	struct strlist nodes;
	struct strlist sessions;
	struct strlist connections;
	struct strlist initiators;
	bool pass_thru;
};

#define PORTAL_FILTER \
	{ "initiator-portal", OPT_STRING, \
	  offsetof(struct portal_filter, source), "ADDR", \
	  "only asked from this local address" }, \
	{ "iface", OPT_STRING, offsetof(struct portal_filter, iface), \
	  "NAME", "only asked through this network interface" }, \
	{ "header-digest", OPT_TRISTATE, \
	  offsetof(struct portal_filter, header_digest), "yes|no", \
	  "only with, or without, digests of headers" }, \
	{ "data-digest", OPT_TRISTATE, \
	  offsetof(struct portal_filter, data_digest), "yes|no", \
	  "only with, or without, digests of data" }, \
	FILTER_ROW("node", portal_filter, nodes, "IQN", \
		   "that told of this target"), \
	FILTER_ROW("session", portal_filter, sessions, "ID", \
		   "that told of this session's target"), \
	FILTER_ROW("connection", portal_filter, connections, "ID", \
		   "that told of this connection's target"), \
	FILTER_ROW("initiator", portal_filter, initiators, "IQN", \
		   "that told of targets connected under this initiator name")

static const struct option list_options[] = {
	PORTAL_FILTER,
	{}
};

static const struct option change_options[] = {
	PORTAL_FILTER,
	{ "pass-thru", OPT_FLAG, offsetof(struct portal_filter, pass_thru),
	  NULL, "print the portals" },
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
	portal->isns = o->isns;
	if (o->isns && !portal->portal.has_port)
		portal->portal.port = ISNS_PORT;
	if (o->isns && (auth_given(&o->auth) || o->header_digest != -1 ||
			o->data_digest != -1))
		return because(CODE_INVALID,
			       "iSNS knows neither CHAP nor digests");
	if (o->header_digest != -1)
		portal->header_digest = o->header_digest;
	if (o->data_digest != -1)
		portal->data_digest = o->data_digest;
	return 0;
}

static int save(const struct portal *portal, const struct secrets *secrets)
{
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = portal_save(portal, secrets);
	file_unlock_store();
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

	ret = config_initiator(initiator);
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
	model_secrets_wipe(&own);
	model_secrets_wipe(&auth.secrets);
	return ret;
}

static int portal_add(const struct strlist *operands, const void *options)
{
	struct portal portal;
	int ret;

	portal_init(&portal);
	ret = address_given_portal(operands->item[0], &portal.portal);
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
	print_str("Protocol", "PROTOCOL",
		  portal->isns ? "iSNS" : "SendTargets");
	print_str("InitiatorPortalAddress", "INITIATOR",
		  address_text(&portal->source, text));
	print_str("InitiatorInterface", "INTERFACE", portal->iface);
	print_bool("IsHeaderDigest", NULL, portal->header_digest == 1);
	print_bool("IsDataDigest", NULL, portal->data_digest == 1);
	print_str("AuthenticationType", "AUTH", model_auth_name(portal->auth));
	print_u64("Targets", "TARGETS", portal->targets);
}

static bool tells_of(const struct portal *portal, const char *target)
{
	size_t i;

	for (i = 0; i < portal->targets; i++)
		if (!mpio_name_compare(portal->target[i].name, target))
			return true;
	return false;
}

/* Did the portal tell of a target of the sessions that pass? */
static bool leads_to(const struct portal *portal,
		     const struct session_list *live, const bool *pass)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (pass[i] && tells_of(portal, live->item[i].login.target))
			return true;
	return false;
}

static bool digest_is(uint32_t digest, int wanted)
{
	return wanted == -1 || (digest == 1) == wanted;
}

static int has_way(const struct portal *portal,
		   const struct portal_filter *o, bool *yes)
{
	struct sockaddr_storage source;
	int ret;

	*yes = digest_is(portal->header_digest, o->header_digest) &&
	       digest_is(portal->data_digest, o->data_digest) &&
	       (!o->iface || !strcmp(o->iface, portal->iface));
	if (!o->source)
		return 0;
	ret = address_parse(o->source, &source);
	*yes &= !ret && address_same(&portal->source, &source);
	return ret;
}

static int of_node(const struct portal *portal, const struct strlist *nodes,
		   bool *yes)
{
	char name[MPIO_NAME_MAX + 1];
	bool any = !nodes->count;
	size_t i;

	for (i = 0; i < nodes->count; i++) {
		if (address_parse_name(nodes->item[i], name))
			return CODE_INVALID;
		any |= tells_of(portal, name);
	}
	*yes &= any;
	return 0;
}

/* All, or those named; the code of the first that is not there. */
static int choose_named(const struct portal_list *list,
			const struct strlist *operands, bool *chosen)
{
	struct mpio_portal at;
	struct portal *named;
	size_t i;
	int ret, first = 0;

	for (i = 0; i < list->count; i++)
		chosen[i] = !operands->count && !list->item[i].is_static;
	for (i = 0; i < operands->count; i++) {
		ret = address_parse_portal(operands->item[i], &at);
		named = ret ? NULL : portal_find(list, &at);
		if (named)
			chosen[named - list->item] = true;
		else if (!ret)
			ret = because(CODE_NOT_FOUND,
				      "there is no such portal");
		if (ret)
			failed(ret, "portal %s", operands->item[i]);
		first = first_code(first, ret);
	}
	return first;
}

static int passes(const struct portal *portal, const struct portal_filter *o,
		  bool *yes)
{
	int ret = has_way(portal, o, yes);

	return ret ? ret : of_node(portal, &o->nodes, yes);
}

/* Leaves those chosen that pass the filter, which is checked in any case. */
static int narrow(const struct portal_list *list,
		  const struct portal_filter *o, bool *chosen)
{
	static const struct portal none;
	size_t i;
	bool yes;
	int ret = passes(&none, o, &yes);

	for (i = 0; i < list->count && !ret; i++) {
		ret = passes(&list->item[i], o, &yes);
		chosen[i] &= yes;
	}
	return ret ? failed(ret, "cannot choose portals") : 0;
}

/* Narrows to portals that told of targets of the sessions named. */
static int choose_by_session(const struct portal_list *list,
			     const struct portal_filter *o, bool *chosen)
{
	struct session_filter filter = { .sessions = o->sessions,
					 .connections = o->connections,
					 .initiators = o->initiators };
	struct session_list live;
	bool *pass;
	size_t i;
	int ret;

	if (!filter_any(&filter))
		return 0;
	ret = filter_live(&filter, "cannot choose portals", &live, &pass);
	for (i = 0; i < list->count && !ret; i++)
		chosen[i] &= leads_to(&list->item[i], &live, pass);
	free(pass);
	model_session_list_free(&live);
	return ret;
}

/* Is what was named there? Each target that no portal chosen told of is told. */
static int check_chosen(const struct portal_list *list, const bool *chosen,
			const struct strlist *nodes, bool named)
{
	char name[MPIO_NAME_MAX + 1];
	bool any = false, told;
	size_t i, j;
	int first = 0;

	for (i = 0; i < list->count; i++)
		any |= chosen[i];
	for (j = 0; j < nodes->count; j++) {
		address_parse_name(nodes->item[j], name);
		for (i = 0, told = false; i < list->count && !told; i++)
			told = chosen[i] && tells_of(&list->item[i], name);
		if (told)
			continue;
		because(CODE_NOT_FOUND, "no portal remembered told of it");
		first = failed(CODE_NOT_FOUND, "target %s", name);
	}
	if (any || first || !named)
		return first;
	because(CODE_NOT_FOUND, "none of those remembered is like that");
	return failed(CODE_NOT_FOUND, "cannot choose portals");
}

static bool is_narrowed(const struct portal_filter *o)
{
	return o->source || o->iface || o->header_digest != -1 ||
	       o->data_digest != -1 || o->nodes.count || o->sessions.count ||
	       o->connections.count || o->initiators.count;
}

/* Acts on one portal; the progress line is gone before anything is told. */
static int act_on(struct portal *portal, const char *what,
		  int (*act)(struct portal *portal))
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	int ret = act(portal);

	terminal_progress_end();
	mpio_portal_format(&portal->portal, false, text);
	return ret ? failed(ret, "cannot %s portal %s", what, text) : 0;
}

/*
 * Calls @act for each portal chosen, or only prints them with --dry-run. The
 * others are tried when one fails; the first failure is the answer.
 */
static int for_each(const struct strlist *operands,
		    const struct portal_filter *o, const char *what,
		    int (*act)(struct portal *portal))
{
	bool print = !act || options_given()->dry_run || o->pass_thru, *chosen;
	struct portal_list list;
	size_t i;
	int ret, first;

	ret = portal_load_all(&list);
	if (ret)
		return failed(ret, "cannot list portals");
	chosen = xcalloc(list.count + 1, sizeof(*chosen));
	first = choose_named(&list, operands, chosen);
	ret = narrow(&list, o, chosen);
	if (!ret)
		ret = choose_by_session(&list, o, chosen);
	first = first_code(first, ret);
	if (act && !first)
		first = check_chosen(&list, chosen, &o->nodes, is_narrowed(o));
	for (i = 0; i < list.count && !ret && act && !options_given()->dry_run; i++) {
		int one;

		if (!chosen[i])
			continue;
		terminal_progress_show(what, i, list.count);
		one = act_on(&list.item[i], what, act);
		chosen[i] = !one;
		first = first_code(first, one);
	}
	if (print && !ret) {
		print_open(PRINT_TABLE);
		for (i = 0; i < list.count; i++)
			if (chosen[i])
				print_portal(&list.item[i]);
		print_close();
	}
	free(chosen);
	portal_list_free(&list);
	return first;
}

static int portal_list(const struct strlist *operands, const void *options)
{
	return for_each(operands, options, "list", NULL);
}

/* Only the answer is new: what else is stored may have changed meanwhile. */
static int save_answer(const struct portal *portal)
{
	struct portal_list list;
	struct portal *stored;
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = portal_load_all(&list);
	stored = ret ? NULL : portal_find(&list, &portal->portal);
	if (stored) {
		free(stored->target);
		stored->target = portal->target;
		stored->targets = portal->targets;
		ret = portal_save(stored, NULL);
		stored->target = NULL;
		stored->targets = 0;
	}
	portal_list_free(&list);
	file_unlock_store();
	return ret;
}

static int refresh(struct portal *portal)
{
	char initiator[MPIO_NAME_MAX + 1];
	struct secrets secrets;
	int ret;

	ret = config_initiator(initiator);
	if (!ret)
		ret = portal_secrets(portal, &secrets);
	if (ret)
		return ret;
	ret = discover(portal, &secrets, initiator);
	model_secrets_wipe(&secrets);
	return ret ? ret : save_answer(portal);
}

static int portal_refresh(const struct strlist *operands, const void *options)
{
	return for_each(operands, options, "refresh", refresh);
}

/* The portals that told of the targets named, or all. */
static int target_refresh(const struct strlist *operands, const void *options)
{
	struct portal_filter o = *(const struct portal_filter *)options;
	const struct strlist none = {};
	size_t i;

	for (i = 0; i < operands->count; i++)
		strlist_add(&o.nodes, operands->item[i]);
	return for_each(&none, &o, "refresh", refresh);
}

static int forget(struct portal *portal)
{
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = portal_forget(portal);
	file_unlock_store();
	return ret;
}

static int portal_remove(const struct strlist *operands, const void *options)
{
	return for_each(operands, options, "remove", forget);
}

const struct command portal_commands[] = {
	{ NULL, "discover", "ADDR[:PORT]", 1, 1, discover_options,
	  sizeof(struct discover_options), portal_add,
	  "ask a portal for its targets and remember it" },
	{ "portal", "add", "ADDR[:PORT]", 1, 1, discover_options,
	  sizeof(struct discover_options), portal_add,
	  "the same as discover" },
	{ "portal", "list", "[ADDR[:PORT]...]", 0, 1024, list_options,
	  sizeof(struct portal_filter), portal_list,
	  "list the portals remembered",
	  .columns = "PORTAL PORT PROTOCOL AUTH TARGETS INITIATOR INTERFACE" },
	{ "portal", "refresh", "[ADDR[:PORT]...]", 0, 1024, change_options,
	  sizeof(struct portal_filter), portal_refresh, "ask portals again",
	  "TargetPortalAddress" },
	{ "target", "refresh", "[IQN...]", 0, 1024, change_options,
	  sizeof(struct portal_filter), target_refresh,
	  "ask again the portals that told of targets", "NodeAddress" },
	{ "portal", "remove", "ADDR[:PORT]...", 1, 1024, change_options,
	  sizeof(struct portal_filter), portal_remove,
	  "forget portals, sessions stay", "TargetPortalAddress" },
	{}
};
