// SPDX-License-Identifier: GPL-2.0
/* disconnect: never takes the last path of a disk in use without --force */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "cmd.h"
#include "hint.h"
#include "holders.h"
#include "ids.h"
#include "nl.h"

#define PASSING_TRIES		300	/* 15 s for udev to let go */
#define PASSING_PAUSE_NS	50000000

struct disconnect_options {
	struct strlist sessions;
	bool force;
	bool all;
	bool unused;
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

static int choose_named(const struct session_list *live, const char *target,
			const struct disconnect_options *o,
			struct chosen *chosen)
{
	const struct session *s;
	size_t i;
	int ret;

	for (i = 0; i < o->sessions.count; i++) {
		ret = session_find(live, o->sessions.item[i], &s);
		if (ret)
			return failed(ret, "session %s", o->sessions.item[i]);
		if (*target && strcmp(target, s->login.target)) {
			because(CODE_INVALID, "it belongs to %s",
				s->login.target);
			return failed(CODE_INVALID, "session %s",
				      o->sessions.item[i]);
		}
		choose(chosen, s->id);
	}
	return 0;
}

static int choose_all(const struct session_list *live, const char *target,
		      struct chosen *chosen)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (!*target || !strcmp(target, live->item[i].login.target))
			choose(chosen, live->item[i].id);
	if (chosen->count || !*target)
		return 0;
	because(CODE_NO_SESSION, "no session is connected to it");
	return failed(CODE_NO_SESSION, "cannot disconnect %s", target);
}

/*
 * "sda is in use by /mnt (mounted sda1), process 12 fio (...)"; *passing: by
 * nobody but udev, or somebody who is gone already.
 */
static int say_busy(const char *disk, bool *passing)
{
	struct strlist holders = {};
	char list[400] = "";
	size_t i, len = 0;
	int ret;

	holders_find(disk, &holders);
	*passing = !holders.count;
	for (i = 0; i < holders.count && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%s",
				i ? ", " : "", holders.item[i]);
	ret = because(CODE_BUSY, "disk %s would lose its last path and is in use%s%s",
		      disk, len ? " by " : "", list);
	strlist_free(&holders);
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
	struct disk *d;
	size_t i;
	int ret;

	ret = kernel_get_paths(0, 0, &paths);
	if (!ret)
		ret = kernel_get_disks(&disks);
	for (i = 0; i < disks.count && !ret; i++) {
		d = &disks.item[i];
		if (d->openers && touched(d, &paths, chosen) &&
		    !stays_reachable(d, &paths, chosen))
			ret = say_busy(d->name, passing);
	}
	path_list_free(&paths);
	disk_list_free(&disks);
	return ret;
}

/* All or nothing: looks before the first session goes. */
static int check_use(const struct chosen *chosen)
{
	struct timespec pause = { .tv_nsec = PASSING_PAUSE_NS };
	bool passing = false;
	int tries, ret = 0;

	for (tries = 0; tries < PASSING_TRIES; tries++) {
		ret = look_at_use(chosen, &passing);
		if (ret != CODE_BUSY || !passing)
			break;
		nanosleep(&pause, NULL);
	}
	return ret;
}

/* The path that went before made udev look at the disk: it lets go soon. */
static int remove_when_free(const struct session *s, uint32_t id, bool force)
{
	const struct timespec pause = { .tv_nsec = PASSING_PAUSE_NS };
	int tries, ret = CODE_BUSY;
	bool passing = true;

	for (tries = 0; tries < PASSING_TRIES && passing; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		ret = kernel_del_session(id, force);
		if (ret != CODE_BUSY || !s || !s->disks.count)
			break;
		say_busy(s->disks.item[0], &passing);
	}
	return ret;
}

static int remove_one(const struct session_list *live, uint32_t id,
		      bool force)
{
	const struct session *s = session_by_number(live, id);
	int ret = remove_when_free(s, id, force);

	if (ret)
		return failed(ret, "cannot disconnect session %u", id);
	if (s)
		hint_remove(s);
	return 0;
}

/* What is in use stays, with all its paths; the rest goes. */
static int keep_used(struct chosen *chosen)
{
	struct path_list paths = {};
	struct disk_list disks = {};
	size_t i, j, kept = 0;
	bool used;
	int ret;

	ret = kernel_get_paths(0, 0, &paths);
	if (!ret)
		ret = kernel_get_disks(&disks);
	for (i = 0; i < chosen->count && !ret; i++) {
		struct chosen one = { &chosen->id[i], 1 };

		used = false;
		for (j = 0; j < disks.count; j++)
			used |= disks.item[j].openers &&
				touched(&disks.item[j], &paths, &one);
		if (!used)
			chosen->id[kept++] = chosen->id[i];
	}
	if (!ret)
		chosen->count = kept;
	path_list_free(&paths);
	disk_list_free(&disks);
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
	for (i = 0; i < chosen->count; i++)
		ret = first_code(ret, remove_one(live, chosen->id[i],
						 o->force));
	return ret;
}

static int disconnect(const struct strlist *operands, const void *options)
{
	const struct disconnect_options *o = options;
	char target[MPIO_NAME_MAX + 1] = "";
	struct session_list live = {};
	struct chosen chosen = {};
	int ret;

	if (operands->count && name_parse(operands->item[0], target))
		return failed(CODE_INVALID, "target %s", operands->item[0]);
	if (!operands->count && !o->sessions.count && !o->all) {
		because(CODE_INVALID, "name a target, --session or --all");
		return failed(CODE_INVALID, "cannot disconnect");
	}
	if (o->all && kernel_open_loaded() == CODE_UNSUPPORTED)
		return 0;	/* no module, no sessions */
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&live);
	if (ret)
		return failed(ret, "cannot disconnect");
	if (o->sessions.count)
		ret = choose_named(&live, target, o, &chosen);
	else
		ret = choose_all(&live, target, &chosen);
	if (!ret)
		ret = remove_chosen(&live, &chosen, o);
	free(chosen.id);
	session_list_free(&live);
	return ret;
}

const struct command disconnect_commands[] = {
	{ NULL, "disconnect", "[IQN]", 0, 1, disconnect_options,
	  sizeof(struct disconnect_options), disconnect,
	  "log out, records stay" },
	{}
};
