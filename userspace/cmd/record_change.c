// SPDX-License-Identifier: GPL-2.0
/* record set, repair, undo: change records themselves, sessions stay up */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/connect.h"
#include "flow/session.h"
#include "module/kernel.h"
#include "store/match.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/secret.h"
#include "store/undo.h"

struct set_options {
	const char *secret_file;
	const char *secret_in_file;
	bool force;
};

static const struct option set_options[] = {
	{ "chap-secret-file", OPT_STRING,
	  offsetof(struct set_options, secret_file), "FILE|-",
	  "store this as our CHAP secret" },
	{ "target-secret-file", OPT_STRING,
	  offsetof(struct set_options, secret_in_file), "FILE|-",
	  "store this as the secret the target must prove" },
	{ "chap-secret", OPT_REFUSED, 0, "",
	  "secrets are not taken from the command line: use --chap-secret-file" },
	{ "force", OPT_FLAG, offsetof(struct set_options, force), NULL,
	  "set times that are far too short, too" },
	{}
};

static int read_secrets(const struct set_options *o, struct secrets *secrets)
{
	int ret = 0;

	if (o->secret_file && o->secret_in_file &&
	    !strcmp(o->secret_file, "-") && !strcmp(o->secret_in_file, "-"))
		return because(CODE_INVALID,
			       "only one secret can come from standard input");
	if (o->secret_file)
		ret = secret_read(o->secret_file, "CHAP secret", secrets->out,
				  &secrets->out_len);
	if (!ret && o->secret_in_file)
		ret = secret_read(o->secret_in_file,
				  "CHAP secret of the target", secrets->in,
				  &secrets->in_len);
	return ret;
}

/* A secret that is given is meant to be used. */
static void use_secrets(struct login *login, const struct secrets *secrets)
{
	if (secrets->in_len)
		login->auth = MPIO_AUTH_CHAP_MUTUAL;
	else if (secrets->out_len && login->auth == MPIO_AUTH_NONE)
		login->auth = MPIO_AUTH_CHAP;
	if (secrets->out_len)
		login->key[0] = '\0';
	if (secrets->in_len)
		login->key_in[0] = '\0';
	if (login->auth != MPIO_AUTH_NONE && !login->user[0])
		copy_text(login->user, sizeof(login->user), login->initiator);
}

/* What runs is not touched, which nobody should have to find out. */
static void tell_running(const struct record *record)
{
	struct session_list live = {};
	const struct session *s;

	if (options_given()->dry_run || kernel_open_loaded() ||
	    kernel_get_sessions(&live))
		return;
	s = match_record_session(record, &live);
	if (s)
		note("session %u of record %s keeps what it has until it is "
		     "disconnected and restored",
		     s->id, record->id);
	model_session_list_free(&live);
}

static int set_locked(const struct strlist *operands,
		      const struct set_options *o,
		      const struct secrets *secrets)
{
	struct record_list stored;
	struct record *record;
	size_t i;
	int ret;

	ret = record_load_all(&stored);
	if (!ret)
		ret = record_find(&stored, operands->item[0], &record);
	if (!ret && record->damage)
		ret = because(CODE_STORE, "it is corrupt: %s", record->damage);
	if (!ret)
		use_secrets(&record->login, secrets);
	for (i = 1; i < operands->count && !ret; i++)
		ret = record_key_assign(record, operands->item[i], o->force);
	if (!ret)
		ret = record_check(record, secrets);
	if (!ret)
		ret = record_save(record, secrets);
	if (!ret) {
		record->edited = false;
		record_complain(&(struct record_list){ record, 1, 0 });
		tell_running(record);
	}
	record_list_free(&stored);
	return ret;
}

static int record_set(const struct strlist *operands, const void *options)
{
	const struct set_options *o = options;
	struct secrets secrets = {};
	int ret = 0;

	if (operands->count < 2 && !o->secret_file && !o->secret_in_file)
		ret = because(CODE_INVALID, "give KEY=VALUE or a secret");
	if (!ret)
		ret = read_secrets(o, &secrets);
	if (!ret)
		ret = file_lock_store();
	if (!ret) {
		ret = set_locked(operands, o, &secrets);
		file_unlock_store();
	}
	model_secrets_wipe(&secrets);
	return ret ? failed(ret, "cannot change record %s",
			    operands->item[0]) : 0;
}

/* Writes @record as it was understood; what was not is gone, and named. */
static int repair_record(struct record *record,
			 const struct record_list *stored)
{
	static const uint8_t none[MPIO_ISID_LEN];
	const struct session_list live = {};
	size_t i, lost = record->unusable.count;
	int ret = 0;

	if (!record->damage && !record->edited)
		return 0;
	if (!record->login.target[0] || !record->host[0])
		return because(CODE_STORE, "%s: nothing can be made of it",
			       record->damage);
	for (i = 0; i < lost; i++)
		note("record %s: left out: %s", record->id,
		     record->unusable.item[i]);
	if (!memcmp(record->login.isid, none, sizeof(none)))
		ret = connect_isid_choose_beside(record->login.target, &live, stored,
						 record->login.isid);
	if (!ret)
		ret = record_check(record, NULL);
	if (!ret)
		ret = record_save(record, NULL);
	if (!ret && !options_given()->json && !options_given()->dry_run)
		printf("record %s of %s is whole again\n", record->id,
		       record->login.target);
	return ret;
}

static int repair_one(const char *id, const struct record_list *stored)
{
	struct record *record, fresh;
	char *path;
	int ret;

	ret = record_find(stored, id, &record);
	if (ret)
		return failed(ret, "record %s", id);
	record_init(&fresh);
	copy_text(fresh.id, sizeof(fresh.id), record->id);
	path = record_path(record->id);
	record_salvage(&fresh, path);
	free(path);
	ret = repair_record(&fresh, stored);
	if (ret)
		failed(ret, "cannot repair record %s", record->id);
	record_free(&fresh);
	return ret;
}

static int record_repair(const struct strlist *operands, const void *options)
{
	struct record_list stored;
	size_t i;
	int ret = file_lock_store(), one;

	(void)options;
	if (ret)
		return failed(ret, "cannot repair records");
	ret = record_load_all(&stored);
	if (ret)
		failed(ret, "cannot repair records");
	for (i = 0; i < operands->count && !ret; i++) {
		one = repair_one(operands->item[i], &stored);
		ret = first_code(ret, one);
	}
	for (i = 0; i < stored.count && !operands->count; i++)
		if (stored.item[i].damage || stored.item[i].edited)
			ret = first_code(ret, repair_one(stored.item[i].id,
							 &stored));
	record_list_free(&stored);
	file_unlock_store();
	return ret;
}

struct undo_options {
	bool forget;
};

static const struct option undo_options[] = {
	{ "forget", OPT_FLAG, offsetof(struct undo_options, forget), NULL,
	  "delete what could be brought back, secrets too" },
	{}
};

/* Refuses if a record that was stored since has taken the place of one of @ids. */
static int check_places(const struct strlist *ids)
{
	struct record_list stored;
	struct record old;
	char *path;
	size_t i;
	int ret;

	ret = record_load_all(&stored);
	for (i = 0; i < ids->count && !ret; i++) {
		path = undo_path(ids->item[i]);
		record_init(&old);
		copy_text(old.id, sizeof(old.id), ids->item[i]);
		record_read(&old, path);
		if (!old.damage)	/* else it comes back as it was */
			ret = record_beside(&old, &stored);
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

	ret = record_load_all(&stored);
	if (!ret && !kernel_open_loaded())
		ret = kernel_get_sessions(&live);
	for (i = 0; i < ids->count && !ret; i++) {
		r = record_exact(&stored, ids->item[i]);
		s = r ? match_record_session(r, &live) : NULL;
		if (s)
			ret = session_adopt(s, r->id);
		if (r && !options_given()->json)
			printf("record %s of %s is back\n", r->id,
			       r->login.target);
	}
	model_session_list_free(&live);
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
	if (!ret && options_given()->dry_run) {
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
	int ret = file_lock_store();

	(void)operands;
	if (!ret) {
		ret = o->forget ? undo_forget() : undo_locked();
		file_unlock_store();
	}
	return ret ? failed(ret, "cannot undo") : 0;
}

const struct command record_change_commands[] = {
	{ "record", "set", "RECORD [KEY=VALUE...]", 1, 64, set_options,
	  sizeof(struct set_options), record_set,
	  "change a record; KEY= unsets, times as 5s, 500ms, 2min" },
	{ "record", "repair", "[RECORD...]", 0, 1024, NULL, 0, record_repair,
	  "write anew what was edited by hand or is damaged" },
	{ "record", "undo", "", 0, 0, undo_options,
	  sizeof(struct undo_options), record_undo,
	  "bring back what was changed or removed last" },
	{}
};
