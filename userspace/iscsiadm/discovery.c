// SPDX-License-Identifier: GPL-2.0
/* iscsiadm -m discovery and discoverydb */
#include "iscsiadm/iscsiadm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "net/discover.h"
#include "net/isns.h"
#include "openiscsi/openiscsi.h"
#include "store/config.h"
#include "store/portal.h"
#include "store/record.h"

#define AUTH_PREFIX "discovery.sendtargets"

static const char *iface_of(const struct portal *p)
{
	struct login bound;

	model_login_init(&bound);
	bound.source = p->source;
	memcpy(bound.iface, p->iface, sizeof(bound.iface));
	return iscsiadm_iface_name(&bound);
}

static void print_found(const struct portal *p)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const struct known_target *t;
	size_t i;

	for (i = 0; i < p->targets; i++) {
		t = &p->target[i];
		mpio_portal_format(&t->portal, false, text);
		printf("%s,%d %s\n", text, t->portal.tpgt, t->name);
	}
}

static void print_targets(const struct portal *p)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const char *last = "";
	size_t i;

	for (i = 0; i < p->targets; i++) {
		if (mpio_name_compare(last, p->target[i].name))
			printf("Target: %s\n", p->target[i].name);
		last = p->target[i].name;
		mpio_portal_format(&p->target[i].portal, false, text);
		printf("\tPortal: %s,%d\n\t\tIface Name: %s\n", text,
		       p->target[i].portal.tpgt, iface_of(p));
	}
}

static void print_tree(const struct portal *p)
{
	char host[MPIO_PORTAL_TEXT_MAX + 1];

	mpio_host_format(&p->portal, host);
	printf("DiscoveryAddress: %s,%u\n", host, p->portal.port);
	print_targets(p);
}

/* Prints ways of records; those that discovery has told of stand above already. */
static size_t print_static(const struct portal_list *all)
{
	struct record_list stored = {};
	char host[MPIO_HOST_MAX + 1];
	struct mpio_portal at;
	size_t i, count = 0;

	for (i = 0; i < all->count; i++)
		if (all->item[i].is_static) {
			print_targets(&all->item[i]);
			count += all->item[i].targets;
		}
	if (record_load_all(&stored))
		return count;
	for (i = 0; i < stored.count; i++) {
		const struct record *r = &stored.item[i];

		if (r->damage || r->login.discovered || record_portal(r, &at))
			continue;
		mpio_host_format(&at, host);
		printf("Target: %s\n\tPortal: %s:%u,-1\n\t\tIface Name: %s\n",
		       r->login.target, host, at.port,
		       iscsiadm_iface_name(&r->login));
		count++;
	}
	record_list_free(&stored);
	return count;
}

static size_t print_asked(const struct portal_list *all, bool isns)
{
	size_t i, count = 0;

	for (i = 0; i < all->count; i++) {
		const struct portal *p = &all->item[i];

		if (p->is_static || p->isns != isns)
			continue;
		print_tree(p);
		count++;
	}
	return count;
}

static size_t or_none(size_t count)
{
	if (!count)
		printf("No targets found.\n");
	return count;
}

/* The four kinds, each with a line of its own whether or not there is one. */
static size_t list_trees(const struct portal_list *all)
{
	size_t count;

	printf("SENDTARGETS:\n");
	count = or_none(print_asked(all, false));
	printf("iSNS:\n");
	count += or_none(print_asked(all, true));
	printf("STATIC:\n");
	count += or_none(print_static(all));
	printf("FIRMWARE:\n");
	return count + or_none(0);
}

static int list(const struct portal_list *all, int level)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	size_t i, count = 0;

	if (level > 0)
		return list_trees(all) ? 0 : CODE_NOT_FOUND;
	for (i = 0; i < all->count; i++) {
		if (all->item[i].is_static)
			continue;
		count++;
		mpio_portal_format(&all->item[i].portal, false, text);
		printf("%s via %s\n", text,
		       all->item[i].isns ? "isns" : "sendtargets");
	}
	return count ? 0 : CODE_NOT_FOUND;
}

static int save(const struct portal *p, const struct secrets *secrets)
{
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = portal_save(p, secrets);
	file_unlock_store();
	return ret;
}

static int ask(const struct adm *a, struct portal *p)
{
	char initiator[MPIO_NAME_MAX + 1];
	struct secrets secrets;
	int ret;

	ret = config_initiator(initiator);
	if (!ret)
		ret = portal_secrets(p, &secrets);
	if (ret)
		return ret;
	ret = discover(p, &secrets, initiator);
	model_secrets_wipe(&secrets);
	if (!ret && a->op != ADM_OP_NONPERSISTENT)
		ret = save(p, NULL);
	return ret;
}

static int op_discover(const struct adm *a, struct portal *p)
{
	int ret = ask(a, p);

	if (ret)
		return failed(ret, "Could not perform %s discovery",
			      p->isns ? "iSNS" : "SendTargets");
	print_found(p);
	if (!p->targets)
		return iscsiadm_none(CODE_NOT_FOUND, "No portals found");
	if (a->op != ADM_OP_NONPERSISTENT) {
		ret = iscsiadm_bind_found(a, p);
		if (ret)
			return failed(ret, "Could not bind what was found");
	}
	return a->login ? iscsiadm_login_found(a, &p->portal) : 0;
}

static int op_update(const struct adm *a, struct portal *p)
{
	struct secrets secrets;
	const char *rest;
	size_t i;
	int ret;

	if (portal_secrets(p, &secrets))
		memset(&secrets, 0, sizeof(secrets));	/* none so far */
	ret = 0;
	for (i = 0; i < a->names.count && !ret; i++) {
		if (openiscsi_auth_key(a->names.item[i], AUTH_PREFIX, &rest) &&
		    strcmp(rest, "chap_algs"))
			ret = openiscsi_set_auth(rest, a->values.item[i],
						 &p->auth, p->user,
						 p->user_in, &secrets);
		else if (strncmp(a->names.item[i], "discovery.", 10))
			ret = because(CODE_INVALID, "Invalid param name.");
		if (ret)
			failed(ret, "Cannot modify %s", a->names.item[i]);
	}
	if (!ret && !p->user[0] && config_initiator(p->user))
		ret = failed(CODE_STORE, "Could not name the initiator");
	if (!ret) {
		ret = portal_save(p, &secrets);
		if (ret)
			failed(ret, "Could not save the discovery record");
	}
	model_secrets_wipe(&secrets);
	return ret;
}

static int not_there(const struct portal *p, int code)
{
	char host[MPIO_HOST_MAX + 1];

	mpio_host_format(&p->portal, host);
	fprintf(stderr, "iscsiadm: Discovery record [%s,%u] not found.\n",
		host, p->portal.port);
	return code;
}

/* new, update, delete and show of one discovery record. */
static int op_record(const struct adm *a, struct portal *known,
		     struct portal *fresh)
{
	char host[MPIO_HOST_MAX + 1];
	int ret = 0;

	if (!known && a->op != ADM_OP_NEW)
		return not_there(fresh, CODE_STORE);
	switch (a->op) {
	case ADM_OP_NEW:
		if (!known)
			ret = portal_save(fresh, NULL);
		mpio_host_format(&fresh->portal, host);
		if (!ret)
			printf("New discovery record for [%s,%u] added.\n",
			       host, fresh->portal.port);
		break;
	case ADM_OP_UPDATE:
		return op_update(a, known);
	case ADM_OP_DELETE:
		ret = portal_forget(known);
		break;
	default:
		print_tree(known);
	}
	return ret ? failed(ret, "Could not change the discovery record") : 0;
}

static int run(const struct adm *a, struct portal_list *all,
	       struct portal *fresh)
{
	bool db = !strcmp(a->mode, "discoverydb");
	struct portal *known = portal_find(all, &fresh->portal);
	int ret;

	if (db && !a->discover) {
		ret = file_lock_store();
		if (ret)
			return failed(ret, "Could not change the discovery record");
		ret = op_record(a, known, fresh);
		file_unlock_store();
		return ret;
	}
	if (db && !known && a->op == ADM_OP_NONE)
		return op_discover(a, fresh);
	return op_discover(a, known ? known : fresh);
}

static int with_portal(const struct adm *a, struct portal_list *all)
{
	struct login bound;
	struct portal fresh;
	int ret;

	model_login_init(&bound);
	portal_init(&fresh);
	ret = address_parse_portal(a->portal, &fresh.portal);
	if (!ret && a->iface)
		ret = openiscsi_iface(a->iface, &bound);
	if (ret) {
		portal_free(&fresh);
		return failed(ret, "Cannot parse portal %s", a->portal);
	}
	fresh.isns = a->type && !strcmp(a->type, "isns");
	if (fresh.isns && !fresh.portal.has_port)
		fresh.portal.port = ISNS_PORT;
	fresh.portal.tpgt = -1;
	fresh.source = bound.source;
	memcpy(fresh.iface, bound.iface, sizeof(fresh.iface));
	portal_name(&fresh);
	ret = run(a, all, &fresh);
	portal_free(&fresh);
	return ret;
}

int iscsiadm_discovery(const struct adm *a)
{
	struct portal_list all;
	int ret;

	if (a->type && (!strcmp(a->type, "fw") || !strcmp(a->type, "firmware")))
		return iscsiadm_firmware(a);
	if (a->type && strcmp(a->type, "st") &&
	    strcmp(a->type, "sendtargets") && strcmp(a->type, "isns")) {
		because(CODE_UNSUPPORTED,
			"they are sendtargets, isns and fw");
		return failed(CODE_UNSUPPORTED, "discovery type %s", a->type);
	}
	ret = portal_load_all(&all);
	if (ret)
		return failed(ret, "Could not read the discovery records");
	if (a->portal)
		ret = with_portal(a, &all);
	else
		ret = list(&all, a->print);
	portal_list_free(&all);
	return ret;
}
