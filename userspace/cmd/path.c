// SPDX-License-Identifier: GPL-2.0
/* path list, fail, reinstate, set */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/record.h"

struct path_filter {
	const char *session;
	const char *disk;
	int64_t weight;
	int preferred;
};

#define PATH_FILTER \
	{ "session", OPT_STRING, offsetof(struct path_filter, session), \
	  "ID", "only paths through this session" }, \
	{ "disk", OPT_STRING, offsetof(struct path_filter, disk), "DISK", \
	  "only paths of this disk" }

static const struct option path_filter[] = {
	PATH_FILTER,
	{}
};

static const struct option path_set_options[] = {
	PATH_FILTER,
	{ "weight", OPT_NUMBER, offsetof(struct path_filter, weight), "N",
	  "for policy WP, the lowest weight wins", NULL, 0, 65535 },
	{ "preferred", OPT_TRISTATE,
	  offsetof(struct path_filter, preferred), "yes|no",
	  "FOO returns to this path" },
	{}
};

/* Paths and the sessions they go through. */
struct view {
	struct session_list live;
	struct path_list paths;
	struct disk_list disks;
	bool *changed;			/* of each path: by this command */
};

static int view_open(struct view *view)
{
	int ret;

	memset(view, 0, sizeof(*view));
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&view->live);
	if (!ret)
		ret = kernel_get_paths(0, 0, &view->paths);
	if (!ret)
		ret = kernel_get_disks(&view->disks);
	if (!ret)
		view->changed = xcalloc(view->paths.count + 1,
					sizeof(*view->changed));
	return ret;
}

static void view_close(struct view *view)
{
	model_session_list_free(&view->live);
	model_path_list_free(&view->paths);
	model_disk_list_free(&view->disks);
	free(view->changed);
}

static void print_path(const struct view *view, const struct path *p)
{
	const struct session *s = model_session_by_number(&view->live,
							  p->session_id);
	const struct disk *d = model_disk_by_number(&view->disks, p->disk_id);
	char text[SESSION_ID_LEN + 1] = "", clash[CLASH_TEXT] = "";

	print_row();
	if (s)
		ids_session_text(s, text);
	print_u64("PathIdentifier", "PATH", p->id);
	print_str("Disk", "DISK", p->disk);
	print_u64("Lun", "LUN", p->lun);
	print_str("PathKey", "KEY", p->key);
	print_str("SessionIdentifier", NULL, text);
	print_u64("SessionNumber", "SESSION", p->session_id);
	print_str("TargetNodeAddress", NULL, p->target);
	print_str("State", "STATE", model_path_state_name(p->state));
	print_str("AluaState", "ALUA", model_alua_state_name(p->alua_state));
	print_u64("TargetPortGroup", "TPG", p->tpg);
	print_bool("IsPreferred", "PREFERRED", p->preferred);
	print_bool("IsAluaPreferred", NULL, p->alua_pref);
	print_u64("Weight", "WEIGHT", p->weight);
	print_u64("InFlight", "INFLIGHT", p->in_flight);
	print_u64("Ios", "IOS", p->ios);
	print_u64("Bytes", NULL, p->bytes);
	print_u64("Errors", "ERRORS", p->errors);
	print_u64("Failovers", NULL, p->failovers);
	print_u64("LatencyMicroseconds", "LATENCY", p->latency_us);
	print_u64("RestMilliseconds", NULL, p->rest_ms);
	print_str("Reason", NULL, p->reason);
	if (d)
		model_clash_text(d, &view->disks, clash);
	print_str("IdentityClash", NULL, clash);
}

static int filter(const struct view *view, const struct path_filter *o,
		  const struct path *p, bool *yes)
{
	const struct session *s;
	int ret;

	*yes = true;
	if (o->session) {
		ret = ids_session_find(&view->live, o->session, &s);
		if (ret)
			return failed(ret, "session %s", o->session);
		*yes = s->id == p->session_id;
	}
	if (o->disk)
		*yes &= !strcmp(disk_name(o->disk), p->disk);
	return 0;
}

static int path_list(const struct strlist *operands, const void *options)
{
	const struct path blank = {};
	struct view view;
	bool yes;
	size_t i;
	int ret = view_open(&view);

	(void)operands;
	if (ret)
		return failed(ret, "cannot list paths");
	ret = filter(&view, options, &blank, &yes);
	if (!ret) {
		print_open(PRINT_TABLE);
		for (i = 0; i < view.paths.count; i++) {
			filter(&view, options, &view.paths.item[i], &yes);
			if (yes)
				print_path(&view, &view.paths.item[i]);
		}
		print_close();
	}
	view_close(&view);
	return ret;
}

/* A path is named by its number, or by its key with --disk if need be. */
static bool names_path(const char *name, const struct path *p)
{
	char number[12];

	snprintf(number, sizeof(number), "%u", p->id);
	return !strcmp(name, number) || !strcasecmp(name, p->key);
}

struct change {
	uint32_t weight, preferred, enabled;
};

static int change_named(const struct view *view, const char *name,
			const struct path_filter *o, const struct change *c)
{
	size_t i, hits = 0;
	bool yes;
	int ret = 0;

	for (i = 0; i < view->paths.count; i++) {
		const struct path *p = &view->paths.item[i];

		ret = filter(view, o, p, &yes);
		if (ret)
			return ret;
		if (!yes || (name && !names_path(name, p)))
			continue;
		hits++;
		ret = kernel_set_path(p->id, c->weight, c->preferred, c->enabled);
		if (ret)
			return failed(ret, "path %u of %s", p->id, p->disk);
		view->changed[i] = true;
	}
	if (hits)
		return 0;
	because(CODE_NOT_FOUND, "there is no such path");
	return failed(CODE_NOT_FOUND, "path %s", name ? name : "");
}

/* What was changed in paths of @s goes into @r, which restores it. */
static int change_record(const struct view *view, const struct session *s,
			 const struct change *c, struct record *r)
{
	struct lun_map weights, preferred = {};
	const struct path *p;
	size_t i;
	int ret;

	ret = lun_map_parse(r->login.path_weights, LUN_WEIGHTS, &weights);
	if (!ret)
		ret = lun_map_parse(r->login.preferred_paths, LUN_PREFERRED,
				    &preferred);
	for (i = 0; i < view->paths.count && !ret; i++) {
		p = &view->paths.item[i];
		if (!view->changed[i] || p->session_id != s->id)
			continue;
		if (c->weight != UNSET)
			lun_map_put(&weights, p->lun, p->lun, c->weight);
		if (c->preferred != UNSET)
			lun_map_put(&preferred, p->lun, p->lun, c->preferred);
	}
	if (!ret)
		ret = lun_map_text(&weights, r->login.path_weights);
	if (!ret)
		ret = lun_map_text(&preferred, r->login.preferred_paths);
	lun_map_free(&weights);
	lun_map_free(&preferred);
	return ret ? ret : record_save(r, NULL);
}

static bool session_changed(const struct view *view, const struct session *s)
{
	size_t i;

	for (i = 0; i < view->paths.count; i++)
		if (view->changed[i] && view->paths.item[i].session_id == s->id)
			return true;
	return false;
}

static int change_records(const struct view *view, const struct change *c)
{
	struct record_list stored;
	const struct session *s;
	struct record *r;
	size_t i, j;
	int ret = record_load_all(&stored);

	for (i = 0; i < view->live.count && !ret; i++) {
		s = &view->live.item[i];
		if (!s->login.records.count || !session_changed(view, s))
			continue;
		for (j = 0; j < stored.count && !ret; j++) {
			r = &stored.item[j];
			if (!r->damage && strlist_has(&s->login.records, r->id))
				ret = change_record(view, s, c, r);
		}
	}
	record_list_free(&stored);
	return ret;
}

/* A registered session has its paths as they were set when it comes back. */
static int store_change(const struct view *view, const struct change *c)
{
	int ret;

	if (c->weight == UNSET && c->preferred == UNSET)
		return 0;
	ret = file_lock_store();
	if (!ret) {
		ret = change_records(view, c);
		file_unlock_store();
	}
	return ret ? failed(ret, "the paths were changed, but not for the next restart") :
	       0;
}

static int change(const struct strlist *operands, const struct path_filter *o,
		  const struct change *c)
{
	struct view view;
	size_t i;
	int ret;

	if (!operands->count && !o->session && !o->disk) {
		because(CODE_INVALID,
			"name a path by number or key, or give --session or --disk");
		return failed(CODE_INVALID, "cannot change paths");
	}
	ret = view_open(&view);
	if (ret)
		return failed(ret, "cannot change paths");
	if (!operands->count)
		ret = change_named(&view, NULL, o, c);
	for (i = 0; i < operands->count; i++)
		ret = first_code(ret, change_named(&view, operands->item[i], o,
						   c));
	ret = first_code(ret, store_change(&view, c));
	view_close(&view);
	return ret;
}

static int path_fail(const struct strlist *operands, const void *options)
{
	return change(operands, options,
		      &(struct change){ UNSET, UNSET, 0 });
}

static int path_reinstate(const struct strlist *operands, const void *options)
{
	return change(operands, options,
		      &(struct change){ UNSET, UNSET, 1 });
}

static int path_set(const struct strlist *operands, const void *options)
{
	const struct path_filter *o = options;
	struct change c = { UNSET, UNSET, UNSET };

	if (o->weight >= 0)
		c.weight = o->weight;
	if (o->preferred >= 0)
		c.preferred = o->preferred;
	if (o->weight < 0 && o->preferred < 0) {
		because(CODE_INVALID, "give --weight or --preferred");
		return failed(CODE_INVALID, "nothing to set");
	}
	return change(operands, o, &c);
}

const struct command path_commands[] = {
	{ "path", "list", "", 0, 0, path_filter, sizeof(struct path_filter),
	  path_list, "list the paths of all disks",
	  .columns = "PATH DISK SESSION STATE ALUA IOS ERRORS LATENCY" },
	{ "path", "fail", "[PATH...]", 0, 1024, path_filter,
	  sizeof(struct path_filter), path_fail,
	  "take paths out of use" },
	{ "path", "reinstate", "[PATH...]", 0, 1024, path_filter,
	  sizeof(struct path_filter), path_reinstate,
	  "put paths back into use" },
	{ "path", "set", "[PATH...]", 0, 1024, path_set_options,
	  sizeof(struct path_filter), path_set,
	  "set weight or preference of paths" },
	{}
};
