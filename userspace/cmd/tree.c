// SPDX-License-Identifier: GPL-2.0
/*
 * tree: host, interface, session, path, disk, and who holds it. A node knows
 * how deep it is; the list is in the order in which it is printed.
 */
#include <ifaddrs.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/address.h"
#include "base/disk.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/session.h"
#include "flow/svg.h"
#include "host/holders.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/config.h"

#define DEPTH_MAX 6

struct node {
	unsigned int depth;
	const char *kind;
	char *name;
	char *text;		/* what else there is to say of it */
	char *state;
};

struct tree {
	struct session_list sessions;
	struct path_list paths;
	struct disk_list disks;
	struct node *node;
	size_t count;
	const char *disk;	/* only what leads to it, or NULL */
};

/* Takes over @name and @text. */
static void add(struct tree *t, unsigned int depth, const char *kind,
		char *name, char *text, const char *state)
{
	t->node = xrealloc(t->node, t->count + 1, sizeof(*t->node));
	t->node[t->count++] = (struct node){
		depth, kind, name, text, xstrdup(state)
	};
}

/* "10G": what three digits can say. */
static char *size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 2 < sizeof(units)) {
		value /= 1024;
		unit++;
	}
	return xasprintf("%.*f%c", value < 10 && unit ? 1 : 0, value,
			 units[unit]);
}

static void add_disk(struct tree *t, const struct path *p)
{
	struct strlist holders = {};
	const struct disk *d = NULL;
	char *size;
	size_t i;

	for (i = 0; i < t->disks.count; i++)
		if (t->disks.item[i].id == p->disk_id)
			d = &t->disks.item[i];
	if (!d)
		return;
	size = size_text(d->size);
	add(t, 4, "disk", xstrdup(d->name[0] ? d->name : d->hctl),
	    xasprintf("%s %s %u/%u paths", size, model_policy_name(d->policy),
		      d->paths_ready, d->paths), d->failed ? "failed" : "");
	free(size);
	holders_find(d->name, &holders);
	for (i = 0; i < holders.count; i++)
		add(t, 5, "holder", xstrdup(holders.item[i]), xstrdup(""),
		    "");
	strlist_free(&holders);
}

static void add_session(struct tree *t, const struct session *s)
{
	char portal[ADDRESS_TEXT];
	const struct path *p;
	size_t i;

	address_port_text(&s->login.portal, portal);
	add(t, 2, "session", xasprintf("%u", s->id),
	    xasprintf("%s %s", s->login.target, portal),
	    model_session_state_name(s->state));
	for (i = 0; i < t->paths.count; i++) {
		p = &t->paths.item[i];
		if (p->session_id != s->id ||
		    (t->disk && strcmp(disk_name(t->disk), p->disk)))
			continue;
		add(t, 3, "path", xasprintf("%u", p->id),
		    xasprintf("LUN %" PRIu64 " %s", p->lun,
			      model_alua_state_name(p->alua_state)),
		    model_path_state_name(p->state));
		add_disk(t, p);
	}
}

/* The interface a session goes through: bound to, or that of its address. */
static char *interface_of(const struct session *s, struct ifaddrs *all)
{
	char mine[ADDRESS_TEXT], other[ADDRESS_TEXT];
	struct sockaddr_storage at;
	struct ifaddrs *a;

	if (s->login.iface[0])
		return xstrdup(s->login.iface);
	address_text(&s->local, mine);
	for (a = all; a && *mine; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family !=
		    s->local.ss_family)
			continue;
		memset(&at, 0, sizeof(at));
		memcpy(&at, a->ifa_addr, a->ifa_addr->sa_family == AF_INET ?
		       sizeof(struct sockaddr_in) :
		       sizeof(struct sockaddr_in6));
		if (!strcmp(mine, address_text(&at, other)))
			return xstrdup(a->ifa_name);
	}
	return xstrdup(*mine ? "elsewhere" : "no connection");
}

static void add_host(struct tree *t)
{
	char host[256] = "", name[MPIO_NAME_MAX + 1] = "";

	gethostname(host, sizeof(host) - 1);
	if (!config_initiator_known(name))
		name[0] = '\0';
	add(t, 0, "host", xstrdup(host), xstrdup(name), "");
}

/* Sessions of one interface stand together, in the order of the first. */
static void build(struct tree *t)
{
	size_t i, j, count = t->sessions.count;
	char **iface = xcalloc(count + 1, sizeof(*iface));
	char local[ADDRESS_TEXT];
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all))
		all = NULL;
	for (i = 0; i < count; i++)
		if (!t->disk || session_has_disk(&t->sessions.item[i],
						 t->disk))
			iface[i] = interface_of(&t->sessions.item[i], all);
	add_host(t);
	for (i = 0; i < count; i++) {
		if (!iface[i])
			continue;
		address_text(&t->sessions.item[i].local, local);
		add(t, 1, "interface", xstrdup(iface[i]), xstrdup(local), "");
		for (j = i; j < count; j++) {
			if (!iface[j] || (j != i && strcmp(iface[i], iface[j])))
				continue;
			add_session(t, &t->sessions.item[j]);
			if (j == i)
				continue;
			free(iface[j]);
			iface[j] = NULL;
		}
		free(iface[i]);
		iface[i] = NULL;
	}
	free(iface);
	if (all)
		freeifaddrs(all);
}

static void print_node(const struct node *n)
{
	char *label;

	if (!options_given()->json) {
		label = xasprintf("%s %s", n->kind, n->name);
		print_str("Node", "NODE", label);
		free(label);
	}
	print_str("Kind", NULL, n->kind);
	print_str("Name", NULL, n->name);
	print_str("Text", "DETAIL", n->text);
	print_str("State", "STATE", n->state);
}

static void print_tree(const struct tree *t)
{
	size_t parent[DEPTH_MAX] = {}, i;
	const struct node *n;

	print_open(PRINT_TABLE);
	for (i = 0; i < t->count; i++) {
		n = &t->node[i];
		parent[n->depth] = i;
		print_row();
		if (n->depth)
			print_below(parent[n->depth - 1]);
		if (options_given()->json) {
			print_u64("Index", NULL, i);
			print_u64("Parent", NULL,
				  n->depth ? parent[n->depth - 1] : 0);
			print_u64("Depth", NULL, n->depth);
		}
		print_node(n);
	}
	print_close();
}

static int draw_tree(const struct tree *t, const char *file)
{
	struct svg_node *node = xcalloc(t->count + 1, sizeof(*node));
	size_t i;
	int ret;

	for (i = 0; i < t->count; i++)
		node[i] = (struct svg_node){
			t->node[i].depth, t->node[i].kind, t->node[i].name,
			t->node[i].text, t->node[i].state
		};
	ret = svg_write(file, node, t->count);
	free(node);
	return ret;
}

struct tree_options {
	const char *disk;
	const char *svg;
};

static const struct option tree_options[] = {
	{ "disk", OPT_STRING, offsetof(struct tree_options, disk), "DISK",
	  "only what leads to this disk" },
	{ "svg", OPT_STRING, offsetof(struct tree_options, svg), "FILE",
	  "draw it as a picture for a browser instead" },
	{}
};

static int tree(const struct strlist *operands, const void *options)
{
	const struct tree_options *o = options;
	struct tree t = { .disk = o->disk };
	size_t i;
	int ret;

	(void)operands;
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&t.sessions);
	if (!ret)
		ret = kernel_get_paths(0, 0, &t.paths);
	if (!ret)
		ret = kernel_get_disks(&t.disks);
	if (!ret) {
		build(&t);
		if (o->svg)
			ret = draw_tree(&t, o->svg);
		else
			print_tree(&t);
	}
	for (i = 0; i < t.count; i++) {
		free(t.node[i].name);
		free(t.node[i].text);
		free(t.node[i].state);
	}
	free(t.node);
	model_session_list_free(&t.sessions);
	model_path_list_free(&t.paths);
	model_disk_list_free(&t.disks);
	return ret ? failed(ret, "cannot show the tree") : 0;
}

const struct command tree_commands[] = {
	{ NULL, "tree", "", 0, 0, tree_options, sizeof(struct tree_options),
	  tree, "host, interfaces, sessions, paths, disks and who holds them",
	  .columns = "NODE STATE DETAIL" },
	{}
};
