// SPDX-License-Identifier: GPL-2.0
/* target list, refresh, add, remove */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/filter.h"
#include "module/kernel.h"
#include "store/portal.h"

/* Which targets: the parameters of Get-IscsiTarget. */
struct list_options {
	struct strlist nodes;
	struct strlist portals;
	struct session_filter filter;	/* sessions that lead to them */
};

static const struct option list_options[] = {
	FILTER_ROW("node", list_options, nodes, "IQN", "this target"),
	FILTER_ROW("portal", list_options, portals, "ADDR[:PORT]",
		   "known to be behind this portal"),
	FILTER_ROW("session", list_options, filter.sessions, "ID",
		   "of this session"),
	FILTER_ROW("connection", list_options, filter.connections, "ID",
		   "of this connection"),
	FILTER_ROW("initiator", list_options, filter.initiators, "IQN",
		   "connected under this initiator name"),
	FILTER_ROW("disk", list_options, filter.disks, "DISK",
		   "that this disk is on"),
	{}
};

struct add_options {
	struct strlist portals;
	bool if_missing;
};

static const struct option add_options[] = {
	{ "portal", OPT_LIST, offsetof(struct add_options, portals),
	  "ADDR[:PORT]", "where the target is (repeatable)" },
	{ "if-missing", OPT_FLAG, offsetof(struct add_options, if_missing),
	  NULL, "a portal that is known already is no mistake" },
	{}
};

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

	return mpio_name_compare(x->name, y->name);
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
		if (!kept || mpio_name_compare(kept->name, t->name)) {
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

/* The targets and portals that the operands select, spelt as they are stored. */
struct wanted {
	struct strlist names;
	struct strlist portals;
	bool *pass;			/* sessions, or NULL: any target */
	struct session_list live;
};

static int take_wanted(const struct strlist *operands,
		       const struct list_options *o, struct wanted *w)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	struct mpio_portal portal;
	size_t i;

	for (i = 0; i < operands->count + o->nodes.count; i++) {
		const char *name = i < operands->count ? operands->item[i] :
				   o->nodes.item[i - operands->count];

		if (address_parse_name(name, text))
			return failed(CODE_INVALID, "target %s", name);
		strlist_add(&w->names, text);
	}
	for (i = 0; i < o->portals.count; i++) {
		if (address_parse_portal(o->portals.item[i], &portal))
			return failed(CODE_INVALID, "--portal %s",
				      o->portals.item[i]);
		mpio_portal_format(&portal, false, text);
		strlist_add(&w->portals, text);
	}
	return filter_check(&o->filter);
}

static bool is_wanted(const struct wanted *w, const struct target *t)
{
	bool yes = !w->names.count || address_name_listed(&w->names, t->name);
	bool any = !w->portals.count;
	size_t i;

	for (i = 0; i < w->portals.count; i++)
		any |= portal_known(&t->portals, w->portals.item[i]);
	yes &= any;
	any = !w->pass;
	for (i = 0; i < w->live.count && w->pass; i++)
		any |= w->pass[i] &&
		       !mpio_name_compare(w->live.item[i].login.target, t->name);
	return yes && any;
}

static int look(const struct list_options *o, struct wanted *w,
		struct portal_list *portals)
{
	int ret = portal_load_all(portals);

	/* Without the module nothing is connected, and that is the answer. */
	if (!ret && !kernel_open_loaded())
		ret = kernel_get_sessions(&w->live);
	if (ret)
		return failed(ret, "cannot list targets");
	if (!filter_any(&o->filter))
		return 0;
	return filter_sessions(&o->filter, &w->live, &w->pass);
}

/* Each target named that is not known is told. */
static int check_known(const struct strlist *operands,
		       const struct targets *all)
{
	char name[MPIO_NAME_MAX + 1];
	size_t i, j;
	int ret = 0;

	for (i = 0; i < operands->count; i++) {
		address_parse_name(operands->item[i], name);
		for (j = 0; j < all->count; j++)
			if (!mpio_name_compare(all->item[j].name, name))
				break;
		if (j < all->count)
			continue;
		because(CODE_NOT_FOUND, "no portal told of it");
		ret = failed(CODE_NOT_FOUND, "target %s", name);
	}
	return ret;
}

static int target_list(const struct strlist *operands, const void *options)
{
	const struct list_options *o = options;
	struct portal_list portals = {};
	struct targets all = {};
	struct wanted w = {};
	size_t i;
	int ret;

	ret = take_wanted(operands, o, &w);
	if (!ret)
		ret = look(o, &w, &portals);
	if (!ret) {
		collect(&all, &portals, &w.live);
		merge(&all);
		ret = check_known(operands, &all);
		print_open(PRINT_TABLE);
		for (i = 0; i < all.count; i++) {
			if (is_wanted(&w, &all.item[i]))
				print_target(&all.item[i]);
			strlist_free(&all.item[i].portals);
		}
		print_close();
	}
	free(all.item);
	free(w.pass);
	strlist_free(&w.names);
	strlist_free(&w.portals);
	model_session_list_free(&w.live);
	portal_list_free(&portals);
	return ret;
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
		       const struct add_options *o)
{
	const struct strlist *portals = &o->portals;
	struct mpio_portal at;
	size_t i, j;

	for (i = 0; i < portals->count; i++) {
		if (address_given_portal(portals->item[i], &at))
			return CODE_INVALID;
		for (j = 0; j < p->targets; j++)
			if (!mpio_name_compare(p->target[j].name, name) &&
			    mpio_portal_equal(&p->target[j].portal, &at))
				break;
		if (j == p->targets)
			portal_add_target(p, name, &at);
		else if (!o->if_missing)
			return because(CODE_INVALID,
				       "portal %s is known already",
				       portals->item[i]);
	}
	return 0;
}

static int change_static(const char *target, const struct add_options *o,
			 int (*change)(struct portal *p, const char *name,
				       const struct add_options *o))
{
	char name[MPIO_NAME_MAX + 1];
	struct portal_list list = {};
	struct portal *p;
	int ret;

	ret = address_parse_name(target, name);
	if (!ret)
		ret = file_lock_store();
	if (ret)
		return ret;
	ret = portal_load_all(&list);
	if (!ret && list.static_damaged)
		ret = because(CODE_STORE,
			      "the file of targets added by hand is corrupt: mend or remove it");
	if (!ret) {
		p = find_static(&list);
		ret = change(p, name, o);
		if (!ret)
			ret = portal_save(p, NULL);
	}
	portal_list_free(&list);
	file_unlock_store();
	return ret;
}

static int target_add(const struct strlist *operands, const void *options)
{
	const struct add_options *o = options;
	const char *target = operands->item[0];
	int ret;

	if (o->portals.count)
		ret = change_static(target, o, add_portals);
	else
		ret = because(CODE_INVALID, "give --portal");
	return ret ? failed(ret, "cannot add target %s", target) : 0;
}

static int remove_portals(struct portal *p, const char *name,
			  const struct add_options *o)
{
	size_t i, kept = 0;

	(void)o;
	for (i = 0; i < p->targets; i++)
		if (mpio_name_compare(p->target[i].name, name))
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
	{ "target", "list", "[IQN...]", 0, 1024, list_options,
	  sizeof(struct list_options), target_list,
	  "list all known targets",
	  .columns = "TARGET CONNECTED PORTALS" },
	{ "target", "add", "IQN", 1, 1, add_options,
	  sizeof(struct add_options), target_add,
	  "make a target known without discovery" },
	{ "target", "remove", "IQN", 1, 1, NULL, 0, target_remove,
	  "forget a target made known by hand" },
	{}
};
