// SPDX-License-Identifier: GPL-2.0
/* rescan: looks for new, changed and vanished logical units, tells what is new */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/connect.h"
#include "flow/filter.h"
#include "module/ids.h"
#include "module/kernel.h"

#define RESCAN_TIMEOUT_MS	120000
#define LOOK_AGAIN_MS		100

struct rescan_options {
	struct session_filter filter;
};

static const struct option rescan_options[] = {
	FILTER_ROW("session", rescan_options, filter.sessions, "ID",
		   "this session"),
	FILTER_ROW("node", rescan_options, filter.nodes, "IQN",
		   "to this target"),
	{}
};

/* Sessions, paths and disks at one time. */
struct view {
	struct session_list live;
	struct path_list paths;
	struct disk_list disks;
};

static int view_take(struct view *v)
{
	int ret;

	memset(v, 0, sizeof(*v));
	ret = kernel_get_sessions(&v->live);
	if (!ret)
		ret = kernel_get_disks(&v->disks);
	if (!ret)
		ret = kernel_get_paths(0, 0, &v->paths);
	return ret;
}

static void view_free(struct view *v)
{
	model_session_list_free(&v->live);
	model_path_list_free(&v->paths);
	model_disk_list_free(&v->disks);
}

static const struct path *path_by_number(const struct path_list *list,
					 uint32_t id)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->item[i].id == id)
			return &list->item[i];
	return NULL;
}

/*
 * The disks to which @s has a path in @in: all, or those that are not in
 * @beside (unless that is NULL).
 */
static void disks_of(const struct session *s, const struct view *in,
		     const struct view *beside, struct strlist *names)
{
	const struct disk *d;
	const struct path *p;
	size_t i;

	for (i = 0; i < in->paths.count; i++) {
		p = &in->paths.item[i];
		d = model_disk_by_number(&in->disks, p->disk_id);
		if (p->session_id != s->id || !d || !d->name[0] ||
		    strlist_has(names, d->name))
			continue;
		if (!beside || !model_disk_by_number(&beside->disks, d->id))
			strlist_add(names, d->name);
	}
}

/* Paths of @s in @in that are not in @beside. */
static size_t more_paths(const struct session *s, const struct view *in,
			 const struct view *beside)
{
	size_t i, count = 0;

	for (i = 0; i < in->paths.count; i++)
		count += in->paths.item[i].session_id == s->id &&
			 !path_by_number(&beside->paths,
					 in->paths.item[i].id);
	return count;
}

static void print_change(const struct session *s, const struct view *before,
			 const struct view *after)
{
	struct strlist all = {}, new = {}, gone = {};
	char text[SESSION_ID_LEN + 1];

	disks_of(s, after, NULL, &all);
	disks_of(s, after, before, &new);
	disks_of(s, before, after, &gone);
	ids_session_text(s, text);
	print_row();
	print_str("SessionIdentifier", NULL, text);
	print_u64("SessionNumber", "SESSION", s->id);
	print_str("TargetNodeAddress", "TARGET", s->login.target);
	print_str("State", NULL, model_session_state_name(s->state));
	print_list("Disks", "DISKS", &all);
	print_list("NewDisks", "NEW", &new);
	print_list("GoneDisks", "GONE", &gone);
	print_u64("NewPaths", "PATHS+", more_paths(s, after, before));
	print_u64("GonePaths", "PATHS-", more_paths(s, before, after));
	strlist_free(&all);
	strlist_free(&new);
	strlist_free(&gone);
}

/* A session as it is now, or NULL when it has gone or never was to be scanned. */
static const struct session *still(const struct view *now,
				   const struct session *s, bool wanted)
{
	return wanted ? model_session_by_number(&now->live, s->id) : NULL;
}

/* Sessions of @live that are in @wanted and still being scanned. */
static int pending(const struct session_list *live, const bool *wanted,
		   size_t *count)
{
	struct session_list now = {};
	const struct session *s;
	int ret = kernel_get_sessions(&now);
	size_t i;

	*count = 0;
	for (i = 0; i < live->count && !ret; i++) {
		s = wanted[i] ? model_session_by_number(&now, live->item[i].id) :
				NULL;
		*count += s && s->state == MPIO_SESSION_LOGGED_IN &&
			  s->scan_pending;
	}
	model_session_list_free(&now);
	return ret;
}

static int wait_for_scans(const struct session_list *live, const bool *wanted)
{
	long long limit = clock_now() + (options_given()->timeout > 0 ? options_given()->timeout :
					RESCAN_TIMEOUT_MS);
	struct event event;
	size_t rest;
	bool got;
	int ret;

	for (;;) {
		ret = pending(live, wanted, &rest);
		if (ret || !rest)
			return ret;
		if (clock_now() > limit)
			return because(CODE_PDU_TIMEOUT,
				       "%zu sessions are still being scanned, the kernel goes on",
				       rest);
		ret = kernel_next_event(&event, LOOK_AGAIN_MS, &got);
		if (!ret && got)
			kernel_event_free(&event);
		if (ret)
			return ret;
	}
}

/* Orders the scans; @wanted loses those that were refused. */
static int order(const struct session_list *live, bool *wanted)
{
	int ret = 0, one;
	size_t i;

	for (i = 0; i < live->count; i++) {
		if (!wanted[i])
			continue;
		one = kernel_scan(live->item[i].id);
		if (one)
			failed(one, "cannot scan session %u",
			       live->item[i].id);
		wanted[i] = !one;
		ret = first_code(ret, one);
	}
	return ret;
}

static void wait_for_disks(const struct session_list *live,
			   const bool *wanted)
{
	uint32_t *id = xcalloc(live->count, sizeof(*id));
	size_t i, count = 0;

	for (i = 0; i < live->count; i++)
		if (wanted[i])
			id[count++] = live->item[i].id;
	connect_disks_wait(id, count);
	free(id);
}

static int report(const struct view *before, const bool *wanted)
{
	const struct session *s;
	struct view after;
	size_t i;
	int ret;

	wait_for_disks(&before->live, wanted);
	ret = view_take(&after);
	if (!ret)
		print_open(PRINT_TABLE);
	for (i = 0; i < before->live.count && !ret; i++) {
		s = still(&after, &before->live.item[i], wanted[i]);
		if (s)
			print_change(s, before, &after);
	}
	if (!ret)
		print_close();
	view_free(&after);
	return ret ? failed(ret, "cannot tell what is new") : 0;
}

static int rescan_view(const struct session_filter *filter,
		       const struct view *before)
{
	bool *wanted;
	int ret, refused = 0;

	ret = filter_sessions(filter, &before->live, &wanted);
	if (ret)
		return ret;
	if (!options_given()->dry_run)
		refused = order(&before->live, wanted);
	if (!options_given()->dry_run && !options_given()->no_wait)
		ret = wait_for_scans(&before->live, wanted);
	if (ret)
		failed(ret, "cannot wait for the scans");
	else if (!options_given()->no_wait)
		ret = report(before, wanted);
	free(wanted);
	return first_code(refused, ret);
}

static int rescan(const struct strlist *operands, const void *options)
{
	const struct rescan_options *o = options;
	struct view before = {};
	int ret;

	(void)operands;
	ret = filter_check(&o->filter);
	if (ret)
		return ret;
	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = view_take(&before);
	ret = ret ? failed(ret, "cannot rescan") :
		    rescan_view(&o->filter, &before);
	view_free(&before);
	return ret;
}

const struct command rescan_commands[] = {
	{ NULL, "rescan", "", 0, 0, rescan_options,
	  sizeof(struct rescan_options), rescan,
	  "look for new and vanished logical units now" },
	{}
};
