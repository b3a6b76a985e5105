// SPDX-License-Identifier: GPL-2.0
/* target list, refresh, add, remove */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cmd.h"
#include "file.h"
#include "nl.h"
#include "portal.h"
#include "print.h"

struct target_options {
	struct strlist portals;
	const char *node;
};

static const struct option list_options[] = {
	{ "node", OPT_STRING, offsetof(struct target_options, node), "IQN",
	  "only this target" },
	{}
};

static const struct option add_options[] = {
	{ "portal", OPT_LIST, offsetof(struct target_options, portals),
	  "ADDR[:PORT]", "where the target is (repeatable)" },
	{}
};

void target_portal_print(const struct known_target *target)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	print_row();
	print_str("NodeAddress", "TARGET", target->name);
	if (!global.json) {
		mpio_portal_format(&target->portal, true, text);
		print_str("Portal", "PORTAL", text);
	}
	mpio_host_format(&target->portal, text);
	print_str("TargetPortalAddress", NULL, text);
	print_u64("TargetPortalPortNumber", NULL, target->portal.port);
	if (target->portal.tpgt >= 0)
		print_u64("TargetPortalGroupTag", NULL, target->portal.tpgt);
}

/* A target and all portals that lead to it, from every source. */
struct target {
	const char *name;
	struct strlist portals;
	bool connected;
	bool discovered;
};

struct targets {
	struct target *item;
	size_t count, room;
};

static int by_name(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct target *add_target(struct targets *all, const char *name)
{
	struct target *t;

	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : 64;
		all->item = xrealloc(all->item, all->room,
				     sizeof(*all->item));
	}
	t = &all->item[all->count++];
	memset(t, 0, sizeof(*t));
	t->name = name;
	return t;
}

static void collect(struct targets *all, const struct portal_list *portals,
		    const struct session_list *live)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const struct portal *p;
	struct target *t;
	size_t i, j;

	for (i = 0; i < portals->count; i++) {
		p = &portals->item[i];
		for (j = 0; j < p->targets; j++) {
			t = add_target(all, p->target[j].name);
			mpio_portal_format(&p->target[j].portal, true, text);
			strlist_add(&t->portals, text);
			t->discovered = !p->is_static;
		}
	}
	for (i = 0; i < live->count; i++) {
		t = add_target(all, live->item[i].login.target);
		strlist_add(&t->portals,
			    address_port_text(&live->item[i].login.portal,
					      text));
		t->connected = live->item[i].state == MPIO_SESSION_LOGGED_IN;
	}
}

/* Is a portal known without or with its group tag already? */
static bool portal_known(const struct strlist *list, const char *text)
{
	size_t i, len = strcspn(text, ",");

	for (i = 0; i < list->count; i++)
		if (strcspn(list->item[i], ",") == len &&
		    !strncmp(list->item[i], text, len))
			return true;
	return false;
}

static void merge(struct targets *all)
{
	struct target *kept, *t;
	size_t i, j, count = 0;

	if (!all->count)
		return;
	qsort(all->item, all->count, sizeof(*all->item), by_name);
	for (i = 0; i < all->count; i++) {
		t = &all->item[i];
		kept = count ? &all->item[count - 1] : NULL;
		if (!kept || strcmp(kept->name, t->name)) {
			all->item[count++] = *t;
			continue;
		}
		kept->connected |= t->connected;
		kept->discovered |= t->discovered;
		for (j = 0; j < t->portals.count; j++)
			if (!portal_known(&kept->portals, t->portals.item[j]))
				strlist_add(&kept->portals,
					    t->portals.item[j]);
		strlist_free(&t->portals);
	}
	all->count = count;
}

static void print_target(const struct target *t)
{
	print_row();
	print_str("NodeAddress", "TARGET", t->name);
	print_bool("IsConnected", "CONNECTED", t->connected);
	print_bool("IsDiscovered", NULL, t->discovered);
	print_list("Portals", "PORTALS", &t->portals);
}

static int target_list(const struct strlist *operands, const void *options)
{
	const struct target_options *o = options;
	char name[MPIO_NAME_MAX + 1] = "";
	struct session_list live = {};
	struct portal_list portals;
	struct targets all = {};
	size_t i;
	int ret;

	(void)operands;
	if (o->node && name_parse(o->node, name))
		return failed(CODE_INVALID, "--node %s", o->node);
	ret = portals_load(&portals);
	if (ret)
		return failed(ret, "cannot list targets");
	/* Without the module nothing is connected, and that is the answer. */
	if (!kernel_open_loaded())
		kernel_get_sessions(&live);
	collect(&all, &portals, &live);
	merge(&all);
	print_open(PRINT_TABLE);
	for (i = 0; i < all.count; i++) {
		if (!*name || !strcmp(name, all.item[i].name))
			print_target(&all.item[i]);
		strlist_free(&all.item[i].portals);
	}
	print_close();
	free(all.item);
	session_list_free(&live);
	portal_list_free(&portals);
	return 0;
}

static struct portal *find_static(struct portal_list *list)
{
	struct portal *p;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->item[i].is_static)
			return &list->item[i];
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	p = &list->item[list->count++];
	portal_init(p);
	portal_name_static(p);
	return p;
}

static int add_portals(struct portal *p, const char *name,
		       const struct strlist *portals)
{
	struct mpio_portal at;
	size_t i, j;

	for (i = 0; i < portals->count; i++) {
		if (portal_parse(portals->item[i], &at))
			return CODE_INVALID;
		for (j = 0; j < p->targets; j++)
			if (!strcmp(p->target[j].name, name) &&
			    mpio_portal_equal(&p->target[j].portal, &at))
				return because(CODE_INVALID,
					       "portal %s is known already",
					       portals->item[i]);
		portal_add_target(p, name, &at);
	}
	return 0;
}

static int change_static(const char *target, const struct strlist *portals,
			 int (*change)(struct portal *p, const char *name,
				       const struct strlist *portals))
{
	char name[MPIO_NAME_MAX + 1];
	struct portal_list list = {};
	struct portal *p;
	int ret;

	ret = name_parse(target, name);
	if (!ret)
		ret = store_lock();
	if (ret)
		return ret;
	ret = portals_load(&list);
	if (!ret) {
		p = find_static(&list);
		ret = change(p, name, portals);
		if (!ret)
			ret = portal_save(p, NULL);
	}
	portal_list_free(&list);
	store_unlock();
	return ret;
}

static int target_add(const struct strlist *operands, const void *options)
{
	const struct target_options *o = options;
	const char *target = operands->item[0];
	int ret;

	if (o->portals.count)
		ret = change_static(target, &o->portals, add_portals);
	else
		ret = because(CODE_INVALID, "give --portal");
	return ret ? failed(ret, "cannot add target %s", target) : 0;
}

static int remove_portals(struct portal *p, const char *name,
			  const struct strlist *portals)
{
	size_t i, kept = 0;

	(void)portals;
	for (i = 0; i < p->targets; i++)
		if (strcmp(p->target[i].name, name))
			p->target[kept++] = p->target[i];
	if (kept == p->targets)
		return because(CODE_NOT_FOUND,
			       "it was not added with target add");
	p->targets = kept;
	return 0;
}

static int target_remove(const struct strlist *operands, const void *options)
{
	const char *target = operands->item[0];
	int ret = change_static(target, NULL, remove_portals);

	(void)options;
	return ret ? failed(ret, "cannot remove target %s", target) : 0;
}

const struct command target_commands[] = {
	{ "target", "list", "", 0, 0, list_options,
	  sizeof(struct target_options), target_list,
	  "list all known targets" },
	{ "target", "add", "IQN", 1, 1, add_options,
	  sizeof(struct target_options), target_add,
	  "make a target known without discovery" },
	{ "target", "remove", "IQN", 1, 1, NULL, 0, target_remove,
	  "forget a target made known by hand" },
	{}
};
