// SPDX-License-Identifier: GPL-2.0
/*
 * record set-secret: another CHAP secret for records and for the sessions that
 * run from them. One path after the other: the new secret is tried by a login
 * beside it, then stored, then given to the kernel for its next login. The
 * connection of the path is not touched, so no I/O waits for any of this, and
 * the first path that is refused ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "module/kernel.h"
#include "net/discover.h"
#include "store/match.h"
#include "store/secret.h"

struct secret_options {
	const char *secret_file;
	const char *secret_in_file;
	const char *node;
	bool no_verify;
};

static const struct option secret_options[] = {
	{ "node", OPT_STRING, offsetof(struct secret_options, node), "IQN",
	  "all records of this target" },
	{ "chap-secret-file", OPT_STRING,
	  offsetof(struct secret_options, secret_file), "FILE|-",
	  "our new CHAP secret" },
	{ "target-secret-file", OPT_STRING,
	  offsetof(struct secret_options, secret_in_file), "FILE|-",
	  "the new secret the target must prove" },
	{ "chap-secret", OPT_REFUSED, 0, "",
	  "secrets are not taken from the command line: use --chap-secret-file" },
	{ "no-verify", OPT_FLAG, offsetof(struct secret_options, no_verify),
	  NULL, "do not try the secret before it is stored" },
	{}
};

struct job {
	const struct secret_options *o;
	struct secrets given;
	struct record_list stored;
	struct session_list live;
	bool module;
};

static int read_secrets(struct job *job)
{
	const struct secret_options *o = job->o;
	struct secrets *s = &job->given;
	int ret = 0;

	if (!o->secret_file && !o->secret_in_file)
		return because(CODE_INVALID,
			       "give --chap-secret-file or --target-secret-file");
	if (o->secret_file && o->secret_in_file &&
	    !strcmp(o->secret_file, "-") && !strcmp(o->secret_in_file, "-"))
		return because(CODE_INVALID,
			       "only one secret can come from standard input");
	if (o->secret_file)
		ret = secret_read(o->secret_file, "New CHAP secret", s->out,
				  &s->out_len);
	if (!ret && o->secret_in_file)
		ret = secret_read(o->secret_in_file,
				  "New CHAP secret of the target", s->in,
				  &s->in_len);
	return ret;
}

/* Does the record log in with secrets of the kind that are given? */
static int check_kind(const struct job *job, const struct record *record)
{
	const struct login *login = &record->login;

	if (record->damage)
		return because(CODE_STORE, "it is corrupt: %s",
			       record->damage);
	if (login->auth == MPIO_AUTH_NONE)
		return because(CODE_INVALID, "it logs in without CHAP");
	if (job->given.in_len && login->auth != MPIO_AUTH_CHAP_MUTUAL)
		return because(CODE_INVALID,
			       "it does not authenticate the target");
	if ((job->given.out_len && login->key[0]) ||
	    (job->given.in_len && login->key_in[0]))
		return because(CODE_INVALID,
			       "its secret comes from a logon key: change that");
	return record_check(record, &job->given);
}

static int try_new(const struct job *job, const struct record *record)
{
	struct secrets all = {};
	int ret;

	if (job->o->no_verify || options_given()->dry_run)
		return 0;
	ret = record_secrets(record, &all);
	if (ret && !job->given.out_len)
		return ret;
	if (job->given.out_len) {
		memcpy(all.out, job->given.out, sizeof(all.out));
		all.out_len = job->given.out_len;
	}
	if (job->given.in_len) {
		memcpy(all.in, job->given.in, sizeof(all.in));
		all.in_len = job->given.in_len;
	}
	ret = discover_login(record, &all);
	model_secrets_wipe(&all);
	return ret;
}

/* The kernel's copy, which the session's next login takes. */
static int change_session(const struct job *job, const struct session *s)
{
	int ret;

	if (!s || s->login.auth == MPIO_AUTH_NONE)
		return 0;
	ret = kernel_set_secrets(s->id, &job->given);
	/* One that has given up may have done so for the old secret. */
	if (!ret && s->state == MPIO_SESSION_STOPPED)
		ret = kernel_kick(s->id);
	return ret;
}

static int change_one(const struct job *job, const struct record *record)
{
	const struct session *s = match_record_session(record, &job->live);
	int ret;

	ret = try_new(job, record);
	if (!ret)
		ret = record_save(record, &job->given);
	if (!ret)
		ret = change_session(job, s);
	if (ret)
		return failed(ret, "cannot change the secret of record %s",
			      record->id);
	if (options_given()->json || options_given()->dry_run)
		return 0;
	if (s)
		printf("record %s of %s and session %u have the new secret\n",
		       record->id, record->login.target, s->id);
	else
		printf("record %s of %s has the new secret\n", record->id,
		       record->login.target);
	return 0;
}

/* All that are meant, each once; a name that is wrong changes nothing. */
static int choose(const struct job *job, const struct strlist *names,
		  bool *chosen, size_t *count)
{
	char target[MPIO_NAME_MAX + 1];
	const struct record *r;
	struct record *found;
	size_t i;
	int ret;

	if (job->o->node && address_parse_name(job->o->node, target))
		return failed(CODE_INVALID, "--node %s", job->o->node);
	for (i = 0; i < names->count; i++) {
		ret = record_find(&job->stored, names->item[i], &found);
		if (ret)
			return failed(ret, "record %s", names->item[i]);
		chosen[found - job->stored.item] = true;
	}
	for (i = 0; i < job->stored.count; i++) {
		r = &job->stored.item[i];
		if (job->o->node && !r->damage &&
		    !mpio_name_compare(r->login.target, target))
			chosen[i] = true;
		if (!chosen[i])
			continue;
		ret = check_kind(job, r);
		if (ret)
			return failed(ret, "record %s", r->id);
		++*count;
	}
	if (*count)
		return 0;
	because(CODE_NOT_FOUND, "there is no record of it");
	return failed(CODE_NOT_FOUND, "target %s", job->o->node);
}

static int change_all(const struct job *job, const struct strlist *names)
{
	bool *chosen = xcalloc(job->stored.count + 1, sizeof(*chosen));
	size_t i, count = 0;
	int ret;

	ret = choose(job, names, chosen, &count);
	for (i = 0; i < job->stored.count && !ret; i++)
		if (chosen[i])
			ret = change_one(job, &job->stored.item[i]);
	free(chosen);
	return ret;
}

static int record_set_secret(const struct strlist *operands,
			     const void *options)
{
	struct job job = { .o = options };
	int ret = 0;

	if (!operands->count && !job.o->node)
		ret = because(CODE_INVALID, "name a record, or --node");
	if (!ret)
		ret = read_secrets(&job);
	if (!ret)
		ret = file_lock_store();
	if (ret) {
		model_secrets_wipe(&job.given);
		return failed(ret, "cannot change the secret");
	}
	ret = record_load_all(&job.stored);
	job.module = !ret && !kernel_open_loaded();
	if (job.module)
		ret = kernel_get_sessions(&job.live);
	if (ret)
		failed(ret, "cannot change the secret");
	else
		ret = change_all(&job, operands);
	file_unlock_store();
	model_secrets_wipe(&job.given);
	record_list_free(&job.stored);
	model_session_list_free(&job.live);
	return ret;
}

const struct command record_secret_commands[] = {
	{ "record", "set-secret", "[RECORD...]", 0, 1024, secret_options,
	  sizeof(struct secret_options), record_set_secret,
	  "another CHAP secret, for records and their sessions" },
	{}
};
