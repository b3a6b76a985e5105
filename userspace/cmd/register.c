// SPDX-License-Identifier: GPL-2.0
/* register: store what brings an active session back */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/auth.h"
#include "flow/connect.h"
#include "flow/mounts.h"
#include "flow/session.h"
#include "flow/show.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "net/discover.h"
#include "store/portal_name.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/secret.h"

#define COUNT_MAX	256

struct register_options {
	struct auth_options auth;
	int multipath;
	int startup;
	int64_t count;
	bool if_missing;
	bool no_verify;
	bool pass_thru;
};

static const struct option register_options[] = {
	{ "multipath", OPT_TRISTATE,
	  offsetof(struct register_options, multipath), "yes|no",
	  "flag of this record (default: as the session)" },
	AUTH_OPTIONS(register_options, auth),
	KEY_OPTIONS(register_options, auth),
	{ "startup", OPT_CHOICE, offsetof(struct register_options, startup),
	  "automatic|onboot|manual", "when restore brings it back",
	  record_key_startup_words },
	{ "count", OPT_NUMBER, offsetof(struct register_options, count), "N",
	  "so many records, one session each", NULL, 1, COUNT_MAX },
	{ "if-missing", OPT_FLAG,
	  offsetof(struct register_options, if_missing), NULL,
	  "leave sessions alone that have a record already" },
	{ "no-verify", OPT_FLAG,
	  offsetof(struct register_options, no_verify), NULL,
	  "store a secret that is given without trying it" },
	{ "pass-thru", OPT_FLAG,
	  offsetof(struct register_options, pass_thru), NULL,
	  "print the sessions" },
	{}
};

/* One run of the command. */
struct job {
	const struct register_options *o;
	struct session_list live;
	struct settings defaults;
	struct auth given;		/* CHAP secrets are read once */
	bool has_given;
};

/* Timers that differ from the defaults belong to the record. */
static void own_settings(const struct job *job, struct settings *settings)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (settings->value[i] == job->defaults.value[i])
			settings->value[i] = UNSET;
}

static void make_record(const struct job *job, const struct session *s,
			struct record *record)
{
	record_init(record);
	record->login = s->login;
	memset(&record->login.records, 0, sizeof(record->login.records));
	portal_name_load(s, record->host);
	record->port = address_port(&s->login.portal);
	own_settings(job, &record->login.settings);
	if (record->login.policy == MPIO_POLICY_UNSET)
		record->login.policy = UNSET;
	if (job->o->multipath != -1)
		record->login.multipath = job->o->multipath;
	if (job->o->startup != -1)
		record->startup = job->o->startup;
}

/* Weights and preferences of the session's paths, each by its LUN. */
static int take_paths(const struct session *s, struct record *record)
{
	struct lun_map weights = { .kind = LUN_WEIGHTS };
	struct lun_map preferred = { .kind = LUN_PREFERRED };
	struct path_list paths = {};
	const struct path *p;
	size_t i;
	int ret = kernel_get_paths(s->id, 0, &paths);

	for (i = 0; i < paths.count && !ret; i++) {
		p = &paths.item[i];
		lun_map_put(&weights, p->lun, p->lun, p->weight);
		lun_map_put(&preferred, p->lun, p->lun, p->preferred);
	}
	if (!ret)
		ret = lun_map_text(&weights, record->login.path_weights);
	if (!ret)
		ret = lun_map_text(&preferred, record->login.preferred_paths);
	lun_map_free(&weights);
	lun_map_free(&preferred);
	model_path_list_free(&paths);
	return ret;
}

/* A restored session has its portal's name in the record it came from. */
static void take_name(const struct session *s,
		      const struct record_list *stored, struct record *record)
{
	struct record *r;
	size_t i;

	for (i = 0; i < s->login.records.count; i++)
		if (!record_find(stored, s->login.records.item[i], &r) &&
		    !r->damage && !memcmp(r->login.isid, s->login.isid,
					  MPIO_ISID_LEN)) {
			copy_text(record->host, sizeof(record->host),
				  r->host);
			record->port = r->port;
		}
}

static int check_others(const struct job *job, const struct record *record,
			const struct record_list *stored)
{
	struct record other = *record;

	if (job->o->count > 1 && !record->login.multipath)
		return because(CODE_INVALID,
			       "several sessions to one target need --multipath");
	/* A record whose session's ISID is taken gets another: look without it. */
	memset(other.login.isid, 0xff, sizeof(other.login.isid));
	return record_beside(&other, stored);
}

/* Does the session take every secret of its own from a logon key? */
static bool keys_suffice(const struct session *s)
{
	struct secrets shared = {};
	bool there;

	if (!s->login.key[0])
		return false;
	if (s->login.auth != MPIO_AUTH_CHAP_MUTUAL || s->login.key_in[0])
		return true;
	there = !secret_load(SECRET_INITIATOR, shared.in, &shared.in_len) &&
		shared.in_len;
	model_secrets_wipe(&shared);
	return there;
}

/* Secrets stored by connect --persistent or an earlier register. */
static int stored_secrets(const struct session *s,
			  const struct record_list *stored,
			  struct secrets *secrets)
{
	struct record *r;
	size_t i;

	for (i = 0; i < s->login.records.count; i++) {
		if (record_find(stored, s->login.records.item[i], &r) ||
		    r->damage || r->login.auth != s->login.auth)
			continue;
		if (!record_secrets(r, secrets))
			return 0;
	}
	memset(secrets, 0, sizeof(*secrets));
	if (keys_suffice(s))
		return 0;
	return because(CODE_INVALID,
		       "the session uses CHAP and no secret is stored for it: give --chap-secret-file");
}

/*
 * Tries secrets that were given by a login before they are stored. Fails only if the
 * target says that they are wrong: any other trouble may pass.
 */
static int try_secrets(const struct job *job, const struct record *record)
{
	int ret;

	if (job->o->no_verify || options_given()->dry_run)
		return 0;
	if (record->login.key[0] || record->login.key_in[0]) {
		verbose("what a logon key holds cannot be tried");
		return 0;
	}
	ret = discover_login(record, &job->given.secrets);
	if (ret && ret != CODE_AUTH) {
		note("the secret could not be tried: %s", why());
		ret = 0;
	}
	return ret;
}

static int given_secrets(struct job *job, const struct session *s,
			 struct record *record, struct secrets *secrets)
{
	struct auth_options o = job->o->auth;
	int ret;

	if (s->login.auth == MPIO_AUTH_NONE)
		return because(CODE_INVALID,
			       "the session was logged in without CHAP");
	if (o.auth != -1 && (uint32_t)o.auth != s->login.auth)
		return because(CODE_INVALID,
			       "the session was logged in with --auth %s",
			       s->login.auth == MPIO_AUTH_CHAP ? "oneway" :
			       "mutual");
	if (!job->has_given) {
		o.auth = s->login.auth;
		ret = auth_take(&o, record->login.user, &job->given);
		if (ret)
			return ret;
		job->has_given = true;
	}
	if (o.user)
		copy_text(record->login.user, sizeof(record->login.user),
			  o.user);
	if (o.user_in)
		copy_text(record->login.user_in, sizeof(record->login.user_in),
			  o.user_in);
	memcpy(record->login.key, job->given.key, sizeof(record->login.key));
	memcpy(record->login.key_in, job->given.key_in,
	       sizeof(record->login.key_in));
	*secrets = auth_own_secrets(&job->given);
	return try_secrets(job, record);
}

static int find_secrets(struct job *job, const struct session *s,
			struct record *record,
			const struct record_list *stored,
			struct secrets *secrets)
{
	memset(secrets, 0, sizeof(*secrets));
	if (auth_given(&job->o->auth))
		return given_secrets(job, s, record, secrets);
	if (s->login.auth == MPIO_AUTH_NONE)
		return 0;
	return stored_secrets(s, stored, secrets);
}

/* Is the session's own ISID stored, so that the next record needs another? */
static bool isid_stored(const struct session *s,
			const struct record_list *stored)
{
	size_t i;

	for (i = 0; i < stored->count; i++)
		if (!mpio_name_compare(stored->item[i].login.target, s->login.target) &&
		    !memcmp(stored->item[i].login.isid, s->login.isid,
			    MPIO_ISID_LEN))
			return true;
	return false;
}

static int save_records(struct job *job, const struct session *s,
			struct record *record,
			const struct record_list *stored,
			const struct secrets *secrets, struct strlist *ids)
{
	size_t i, count = job->o->count > 0 ? job->o->count : 1;
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		if (i || isid_stored(s, stored))
			ret = connect_isid_choose(s->login.target, &job->live,
						  record->login.isid);
		if (!ret)
			ret = record_new_id(record);
		if (!ret)
			ret = record_save(record, secrets);
		if (!ret) {
			strlist_add(ids, record->id);
			verbose("session %u is stored as record %s", s->id,
				record->id);
		}
	}
	return ret;
}

static void tell_duplicates(const struct session *s, size_t added,
			    const struct record_list *stored)
{
	size_t i, all = added;

	if (!s->login.records.count && added == 1)
		return;
	for (i = 0; i < stored->count; i++)
		all += !mpio_name_compare(stored->item[i].login.target, s->login.target);
	note("%zu records now restore sessions to %s", all, s->login.target);
}

/* The kernel learns which records stand behind the session. */
static int link_records(const struct session *s, const struct strlist *ids)
{
	struct strlist all = {};
	size_t i;
	int ret;

	for (i = 0; i < s->login.records.count; i++)
		strlist_add(&all, s->login.records.item[i]);
	for (i = 0; i < ids->count; i++)
		strlist_add(&all, ids->item[i]);
	ret = kernel_set_records(s->id, &all);
	strlist_free(&all);
	return ret;
}

/* It has a record; whether it knows is another matter. */
static int relink_records(const struct session *s,
			  const struct record_list *stored)
{
	size_t i;

	for (i = 0; i < stored->count; i++) {
		const struct record *r = &stored->item[i];

		if (r->damage || mpio_name_compare(r->login.target, s->login.target) ||
		    memcmp(r->login.isid, s->login.isid, MPIO_ISID_LEN))
			continue;
		verbose("session %u has record %s already", s->id, r->id);
		return session_adopt(s, r->id);
	}
	return 0;
}

static int register_locked(struct job *job, const struct session *s)
{
	struct record_list stored;
	struct strlist ids = {};
	struct secrets secrets = {};
	struct record record;
	int ret;

	make_record(job, s, &record);
	ret = record_load_all(&stored);
	if (!ret && job->o->if_missing && isid_stored(s, &stored)) {
		ret = relink_records(s, &stored);
		record_list_free(&stored);
		return ret;
	}
	if (!ret) {
		take_name(s, &stored, &record);
		ret = check_others(job, &record, &stored);
	}
	if (!ret)
		ret = take_paths(s, &record);
	if (!ret)
		ret = find_secrets(job, s, &record, &stored, &secrets);
	if (!ret)
		ret = save_records(job, s, &record, &stored, &secrets, &ids);
	if (ids.count) {
		ret = first_code(ret, link_records(s, &ids));
		tell_duplicates(s, ids.count, &stored);
	}
	model_secrets_wipe(&secrets);
	strlist_free(&ids);
	record_list_free(&stored);
	return ret;
}

/*
 * Mounts on @disks that systemd would take for local ones are remembered as ours.
 * Once for all sessions, as each line is compared with each disk there is.
 */
static void tell_mounts(const struct strlist *disks)
{
	const struct mount_line *m;
	struct mount_list list;
	size_t i;

	if (mounts_find(&list))
		return;
	for (i = 0; i < list.count; i++) {
		m = &list.item[i];
		if (mounts_local(m) && strlist_has(disks, m->disk))
			note("%s in /etc/%s is without _netdev: ordered while this is installed",
			     m->where, m->file);
	}
	if (mounts_store(&list))
		note("mounts: %s", why());
	mounts_free(&list);
}

/* Adds the disks of a session that has been registered to @disks. */
static int register_one(struct job *job, const char *id, uint32_t *number,
			struct strlist *disks)
{
	const struct session *s;
	size_t i;
	int ret;

	*number = 0;
	ret = ids_session_find(&job->live, id, &s);
	if (!ret && s->state != MPIO_SESSION_LOGGED_IN &&
	    s->state != MPIO_SESSION_RECOVERING)
		ret = because(CODE_NO_SESSION,
			      "it is %s: only a session that has logged in can be registered",
			      model_session_state_name(s->state));
	if (!ret)
		ret = file_lock_store();
	if (ret)
		return failed(ret, "cannot register session %s", id);
	ret = register_locked(job, s);
	file_unlock_store();
	if (ret)
		return failed(ret, "cannot register session %s", id);
	*number = s->id;
	for (i = 0; i < s->disks.count; i++)
		strlist_add(disks, s->disks.item[i]);
	return 0;
}

static int register_all(struct job *job, const struct strlist *ids)
{
	uint32_t *number = xcalloc(ids->count, sizeof(*number));
	struct strlist disks = {};
	bool any = false;
	size_t i;
	int ret = 0, one;

	for (i = 0; i < ids->count; i++) {
		/* A second mention of a session must see the first record. */
		if (i && kernel_get_sessions(&job->live))
			one = failed(CODE_INTERNAL, "session %s",
				     ids->item[i]);
		else
			one = register_one(job, ids->item[i], &number[i],
					   &disks);
		any |= !one;
		ret = first_code(ret, one);
	}
	if (any)
		tell_mounts(&disks);
	strlist_free(&disks);
	if (job->o->pass_thru)
		ret = first_code(ret, show_sessions(number, ids->count));
	free(number);
	return ret;
}

static int register_sessions(const struct strlist *operands,
			     const void *options)
{
	struct job job = { .o = options };
	int ret = 0;

	if (!operands->count)
		ret = because(CODE_INVALID, "name a session");
	if (!ret)
		ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&job.live);
	if (!ret)
		ret = kernel_get_settings(&job.defaults);
	if (ret)
		ret = failed(ret, "cannot register");
	else
		ret = register_all(&job, operands);
	model_secrets_wipe(&job.given.secrets);
	model_session_list_free(&job.live);
	return ret;
}

const struct command register_commands[] = {
	{ NULL, "register", "ID...", 0, 1024, register_options,
	  sizeof(struct register_options), register_sessions,
	  "bring sessions back after every restart", "SessionIdentifier",
	  .columns = SESSION_COLUMNS },
	{}
};
