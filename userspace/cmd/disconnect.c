// SPDX-License-Identifier: GPL-2.0
/* disconnect: never takes the last path of a disk in use without --force */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/logout.h"
#include "flow/show.h"
#include "host/holders.h"
#include "module/ids.h"
#include "module/kernel.h"

struct disconnect_options {
	struct strlist sessions;
	bool force;
	bool all;
	bool unused;
	bool pass_thru;
};

static const struct option disconnect_options[] = {
	{ "session", OPT_LIST,
	  offsetof(struct disconnect_options, sessions), "ID",
	  "only this session (repeatable)" },
	{ "force", OPT_FLAG, offsetof(struct disconnect_options, force), NULL,
	  "even if a disk in use loses its last path" },
	{ "all", OPT_FLAG, offsetof(struct disconnect_options, all), NULL,
	  "all sessions to all targets" },
	{ "unused", OPT_FLAG, offsetof(struct disconnect_options, unused),
	  NULL, "leave sessions alone whose disks are in use" },
	{ "pass-thru", OPT_FLAG,
	  offsetof(struct disconnect_options, pass_thru), NULL,
	  "print the sessions that have gone" },
	{}
};

/* Sessions to go, as numbers. */
struct chosen {
	uint32_t *id;
	size_t count;
};

static bool is_chosen(const struct chosen *chosen, uint32_t id)
{
	size_t i;

	for (i = 0; i < chosen->count; i++)
		if (chosen->id[i] == id)
			return true;
	return false;
}

static void choose(struct chosen *chosen, uint32_t id)
{
	if (is_chosen(chosen, id))
		return;
	chosen->id = xrealloc(chosen->id, chosen->count + 1,
			      sizeof(*chosen->id));
	chosen->id[chosen->count++] = id;
}

static int choose_named(const struct session_list *live,
			const struct strlist *targets,
			const struct strlist *sessions,
			struct chosen *chosen)
{
	const struct session *s;
	size_t i;
	int ret;

	for (i = 0; i < sessions->count; i++) {
		ret = ids_session_exact(live, sessions->item[i], &s);
		if (ret)
			return failed(ret, "session %s", sessions->item[i]);
		if (targets->count &&
		    !address_name_listed(targets, s->login.target)) {
			because(CODE_INVALID, "it belongs to %s",
				s->login.target);
			return failed(CODE_INVALID, "session %s",
				      sessions->item[i]);
		}
		choose(chosen, s->id);
	}
	return 0;
}

static int choose_target(const struct session_list *live, const char *target,
			 struct chosen *chosen)
{
	bool any = false;
	size_t i;

	for (i = 0; i < live->count; i++) {
		if (mpio_name_compare(target, live->item[i].login.target))
			continue;
		choose(chosen, live->item[i].id);
		any = true;
	}
	if (any)
		return 0;
	because(CODE_NO_SESSION, "no session is connected to it");
	return failed(CODE_NO_SESSION, "cannot disconnect %s", target);
}

static int choose_all(const struct session_list *live,
		      const struct strlist *targets, struct chosen *chosen)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < live->count && !targets->count; i++)
		choose(chosen, live->item[i].id);
	for (i = 0; i < targets->count && !ret; i++)
		ret = choose_target(live, targets->item[i], chosen);
	return ret;
}

static bool stays_reachable(const struct disk *disk,
			    const struct path_list *paths,
			    const struct chosen *chosen)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (paths->item[i].disk_id == disk->id &&
		    !is_chosen(chosen, paths->item[i].session_id))
			return true;
	return false;
}

static bool touched(const struct disk *disk, const struct path_list *paths,
		    const struct chosen *chosen)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (paths->item[i].disk_id == disk->id &&
		    is_chosen(chosen, paths->item[i].session_id))
			return true;
	return false;
}

static int look_at_use(const struct chosen *chosen, bool *passing)
{
	struct path_list paths = {};
	struct disk_list disks = {};
	bool nodes = holders_any_node();
	struct disk *d;
	size_t i;
	int ret;

	ret = kernel_get_paths(0, 0, &paths);
	if (!ret)
		ret = kernel_get_disks(&disks);
	for (i = 0; i < disks.count && !ret; i++) {
		d = &disks.item[i];
		if (!touched(d, &paths, chosen) ||
		    stays_reachable(d, &paths, chosen))
			continue;
		if (d->openers)
			ret = logout_busy(d->name, passing);
		else if (nodes)
			ret = logout_check_nodes(d, passing);
	}
	model_path_list_free(&paths);
	model_disk_list_free(&disks);
	return ret;
}

/* All or nothing: looks before the first session goes. */
static int check_use(const struct chosen *chosen)
{
	struct timespec pause = { .tv_nsec = LOGOUT_PAUSE_NS };
	bool passing = false;
	int tries, ret = 0;

	for (tries = 0; tries < LOGOUT_TRIES; tries++) {
		ret = look_at_use(chosen, &passing);
		if (ret != CODE_BUSY || !passing)
			break;
		nanosleep(&pause, NULL);
	}
	return ret;
}

static int remove_one(const struct session_list *live, uint32_t id,
		      bool force)
{
	const struct session *s = model_session_by_number(live, id);
	int ret = logout_session(s, id, force);

	return ret ? failed(ret, "cannot disconnect session %u", id) : 0;
}

/* Which of the disks are open, by their block device or another node. */
static bool *find_used(const struct disk_list *disks)
{
	bool *used = xcalloc(disks->count + 1, sizeof(*used));
	bool nodes = holders_any_node(), passing;
	const struct disk *d;
	size_t i;

	for (i = 0; i < disks->count; i++) {
		d = &disks->item[i];
		used[i] = d->openers ||
			  (nodes && logout_check_nodes(d, &passing));
	}
	return used;
}

/* What is in use stays, with all its paths; the rest goes. */
static int keep_used(struct chosen *chosen)
{
	struct path_list paths = {};
	struct disk_list disks = {};
	size_t i, j, kept = 0;
	bool *used, stays;
	int ret;

	ret = kernel_get_paths(0, 0, &paths);
	if (!ret)
		ret = kernel_get_disks(&disks);
	used = find_used(&disks);
	for (i = 0; i < chosen->count && !ret; i++) {
		struct chosen one = { &chosen->id[i], 1 };

		stays = false;
		for (j = 0; j < disks.count; j++)
			stays |= used[j] &&
				 touched(&disks.item[j], &paths, &one);
		if (!stays)
			chosen->id[kept++] = chosen->id[i];
	}
	if (!ret)
		chosen->count = kept;
	free(used);
	model_path_list_free(&paths);
	model_disk_list_free(&disks);
	return ret;
}

static int remove_chosen(const struct session_list *live,
			 struct chosen *chosen,
			 const struct disconnect_options *o)
{
	size_t i;
	int ret = 0;

	if (o->unused)
		ret = keep_used(chosen);
	else if (!o->force)
		ret = check_use(chosen);
	if (ret)
		return failed(ret, "cannot disconnect");
	if (options_given()->dry_run || o->pass_thru)
		print_open(PRINT_TABLE);
	for (i = 0; i < chosen->count; i++) {
		int one = options_given()->dry_run ? 0 :
			  remove_one(live, chosen->id[i], o->force);

		ret = first_code(ret, one);
		if (!one && (options_given()->dry_run || o->pass_thru))
			show_session(model_session_by_number(live, chosen->id[i]));
	}
	if (options_given()->dry_run || o->pass_thru)
		print_close();
	return ret;
}

/* A name cannot be mistaken for what `session list` prints. */
static bool is_session(const char *word)
{
	return ids_is_number(word) || (strlen(word) == SESSION_ID_LEN &&
	       strspn(word, "0123456789abcdefABCDEF-") == SESSION_ID_LEN);
}

/* Sorts operands into names of targets, as those spell them, and session numbers. */
static int take_operands(const struct strlist *operands,
			 struct strlist *targets, struct strlist *sessions)
{
	char name[MPIO_NAME_MAX + 1];
	size_t i;

	for (i = 0; i < operands->count; i++) {
		if (is_session(operands->item[i])) {
			strlist_add(sessions, operands->item[i]);
			continue;
		}
		if (address_parse_name(operands->item[i], name))
			return failed(CODE_INVALID, "target %s",
				      operands->item[i]);
		strlist_add(targets, name);
	}
	return 0;
}

/* --session narrows the targets named beside it; operands add up. */
static int choose_any(const struct session_list *live,
		      const struct strlist *targets,
		      const struct strlist *sessions,
		      const struct disconnect_options *o,
		      struct chosen *chosen)
{
	const struct strlist none = {};
	int ret = 0;

	if (sessions->count)
		ret = choose_named(live, &none, sessions, chosen);
	if (!ret && o->sessions.count)
		return choose_named(live, targets, &o->sessions, chosen);
	if (!ret && (targets->count || o->all))
		ret = choose_all(live, targets, chosen);
	return ret;
}

static int disconnect(const struct strlist *operands, const void *options)
{
	const struct disconnect_options *o = options;
	struct session_list live = {};
	struct strlist targets = {}, sessions = {};
	struct chosen chosen = {};
	int ret;

	ret = take_operands(operands, &targets, &sessions);
	if (ret)
		return ret;
	if (!operands->count && !o->sessions.count && !o->all) {
		because(CODE_INVALID, "name a target or a session, or give --all");
		return failed(CODE_INVALID, "cannot disconnect");
	}
	if (o->all && kernel_open_loaded() == CODE_UNSUPPORTED)
		return 0;	/* no module, no sessions */
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&live);
	if (ret)
		return failed(ret, "cannot disconnect");
	ret = choose_any(&live, &targets, &sessions, o, &chosen);
	if (!ret)
		ret = remove_chosen(&live, &chosen, o);
	free(chosen.id);
	strlist_free(&targets);
	strlist_free(&sessions);
	model_session_list_free(&live);
	return ret;
}

const struct command disconnect_commands[] = {
	{ NULL, "disconnect", "[IQN|ID...]", 0, 1024, disconnect_options,
	  sizeof(struct disconnect_options), disconnect,
	  "log out, records stay", "SessionIdentifier|NodeAddress",
	  .columns = SESSION_COLUMNS },
	{}
};
