// SPDX-License-Identifier: GPL-2.0
/* record set, undo: what changes records themselves, sessions stay up */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "match.h"
#include "nl.h"
#include "record.h"
#include "session.h"
#include "undo.h"

static int set_locked(const struct strlist *operands)
{
	struct record_list stored;
	struct record *record;
	size_t i;
	int ret;

	ret = records_load(&stored);
	if (!ret)
		ret = record_find(&stored, operands->item[0], &record);
	if (!ret && record->damage)
		ret = because(CODE_STORE, "it is corrupt: %s", record->damage);
	for (i = 1; i < operands->count && !ret; i++)
		ret = record_assign(record, operands->item[i]);
	if (!ret)
		ret = record_save(record, NULL);
	if (!ret)
		records_complain(&(struct record_list){ record, 1, 0 });
	record_list_free(&stored);
	return ret;
}

static int record_set(const struct strlist *operands, const void *options)
{
	int ret = store_lock();

	(void)options;
	if (!ret) {
		ret = set_locked(operands);
		store_unlock();
	}
	return ret ? failed(ret, "cannot change record %s",
			    operands->item[0]) : 0;
}

struct undo_options {
	bool forget;
};

static const struct option undo_options[] = {
	{ "forget", OPT_FLAG, offsetof(struct undo_options, forget), NULL,
	  "delete what could be brought back, secrets too" },
	{}
};

/* A record that has come since may have taken the place of @old. */
static int check_place(const struct record *old,
		       const struct record_list *stored)
{
	const struct record *r;
	size_t i;

	if (old->damage)
		return 0;	/* it comes back as it was */
	for (i = 0; i < stored->count; i++) {
		r = &stored->item[i];
		if (r->damage || !strcmp(r->id, old->id) ||
		    strcmp(r->login.target, old->login.target))
			continue;
		if (!memcmp(r->login.isid, old->login.isid, MPIO_ISID_LEN))
			return because(CODE_EXISTS,
				       "record %s restores the session of record %s meanwhile",
				       r->id, old->id);
		if (!r->login.multipath || !old->login.multipath)
			return because(CODE_EXISTS,
				       "record %s restores a session to %s meanwhile, and one of them is without --multipath",
				       r->id, r->login.target);
	}
	return 0;
}

static int check_places(const struct strlist *ids)
{
	struct record_list stored;
	struct record old;
	char *path;
	size_t i;
	int ret;

	ret = records_load(&stored);
	for (i = 0; i < ids->count && !ret; i++) {
		path = undo_path(ids->item[i]);
		record_init(&old);
		copy_text(old.id, sizeof(old.id), ids->item[i]);
		record_read(&old, path);
		ret = check_place(&old, &stored);
		record_free(&old);
		free(path);
	}
	record_list_free(&stored);
	return ret;
}

/* Sessions that run know again which record stands for them. */
static int relink(const struct strlist *ids)
{
	struct session_list live = {};
	struct record_list stored;
	const struct session *s;
	struct record *r;
	size_t i;
	int ret;

	ret = records_load(&stored);
	if (!ret && !kernel_open_loaded())
		ret = kernel_get_sessions(&live);
	for (i = 0; i < ids->count && !ret; i++) {
		r = record_exact(&stored, ids->item[i]);
		s = r ? record_session(r, &live) : NULL;
		if (s)
			ret = session_adopt(s, r->id);
		if (r && !global.json)
			printf("record %s of %s is back\n", r->id,
			       r->login.target);
	}
	session_list_free(&live);
	record_list_free(&stored);
	return ret;
}

static int undo_locked(void)
{
	struct strlist ids = {};
	size_t i;
	int ret;

	ret = undo_list(&ids);
	if (!ret && !ids.count)
		ret = because(CODE_NOT_FOUND,
			      "no record was changed or removed since");
	if (!ret)
		ret = check_places(&ids);
	if (!ret && global.dry_run) {
		for (i = 0; i < ids.count; i++)
			would("bring record %s back", ids.item[i]);
	} else if (!ret) {
		ret = undo_take(&ids);
		if (!ret)
			ret = relink(&ids);
	}
	strlist_free(&ids);
	return ret;
}

static int record_undo(const struct strlist *operands, const void *options)
{
	const struct undo_options *o = options;
	int ret = store_lock();

	(void)operands;
	if (!ret) {
		ret = o->forget ? undo_forget() : undo_locked();
		store_unlock();
	}
	return ret ? failed(ret, "cannot undo") : 0;
}

const struct command record_change_commands[] = {
	{ "record", "set", "RECORD KEY=VALUE...", 2, 64, NULL, 0, record_set,
	  "change a record" },
	{ "record", "undo", "", 0, 0, undo_options,
	  sizeof(struct undo_options), record_undo,
	  "bring back what was changed or removed last" },
	{}
};
