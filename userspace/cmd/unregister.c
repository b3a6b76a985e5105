// SPDX-License-Identifier: GPL-2.0
/* unregister: remove records, sessions stay up */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/show.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/record.h"

struct unregister_options {
	bool all;
	bool pass_thru;
};

static const struct option unregister_options[] = {
	{ "all-duplicates", OPT_FLAG,
	  offsetof(struct unregister_options, all), NULL,
	  "all records of the session, not one of them" },
	{ "pass-thru", OPT_FLAG,
	  offsetof(struct unregister_options, pass_thru), NULL,
	  "print the sessions" },
	{}
};

struct job {
	const struct unregister_options *o;
	bool module;			/* the kernel side is there */
	struct session_list live;
	struct record_list stored;
	uint32_t *number;		/* sessions to print */
	size_t numbers;
};

/* Takes @id off the list of the session that has it. */
static int unlink_record(struct job *job, const char *id)
{
	struct session *s;
	size_t i;

	for (i = 0; i < job->live.count; i++) {
		s = &job->live.item[i];
		if (!strlist_has(&s->login.records, id))
			continue;
		strlist_remove(&s->login.records, id);
		job->number = xrealloc(job->number, job->numbers + 1,
				       sizeof(*job->number));
		job->number[job->numbers++] = s->id;
		return kernel_set_records(s->id, &s->login.records);
	}
	return 0;
}

static int remove_record(struct job *job, const char *id)
{
	char name[RECORD_ID_LEN + 1];
	int ret;

	copy_text(name, sizeof(name), id);
	ret = record_remove(name);
	return ret ? ret : unlink_record(job, name);
}

static void tell(size_t removed, size_t rest, const char *what)
{
	if (options_given()->json || options_given()->dry_run)
		return;
	printf("%zu record%s of %s removed", removed, removed == 1 ? "" : "s",
	       what);
	if (rest)
		printf(", %zu remain%s", rest, rest == 1 ? "s" : "");
	printf("\n");
}

/* The record to go first: a duplicate rather than the session's own. */
static const char *one_record(struct job *job, const struct session *s)
{
	const struct strlist *ids = &s->login.records;
	struct record *r;
	size_t i;

	for (i = ids->count; i > 0; i--)
		if (!record_find(&job->stored, ids->item[i - 1], &r) &&
		    memcmp(r->login.isid, s->login.isid, MPIO_ISID_LEN))
			return ids->item[i - 1];
	return ids->item[0];
}

static int of_session(struct job *job, const struct session *s)
{
	size_t removed = 0;
	int ret = 0;

	if (!s->login.records.count)
		return because(CODE_NOT_FOUND, "it is not registered");
	while (s->login.records.count && !ret) {
		ret = remove_record(job, one_record(job, s));
		removed += !ret;
		if (!job->o->all)
			break;
	}
	tell(removed, s->login.records.count, s->login.target);
	return ret;
}

/* No prefix: what is deleted is named by all of its name. */
static int nothing_named(struct job *job, const char *id)
{
	const struct record *r;
	size_t i, len = strlen(id);

	if (ids_is_number(id))
		return because(CODE_NO_SESSION, "there is no such session");
	for (i = 0; i < job->stored.count && len; i++) {
		r = &job->stored.item[i];
		if (!strncasecmp(r->id, id, len))
			return because(CODE_INVALID,
				       "give all of the record's identifier, %s",
				       r->id);
	}
	return because(CODE_NO_SESSION, "there is no such session or record");
}

static int unregister_one(struct job *job, const char *id)
{
	struct record *record = record_exact(&job->stored, id);
	const struct session *s;
	int ret;

	if (!record && job->module) {
		ret = ids_session_exact(&job->live, id, &s);
		if (!ret)
			return of_session(job, s);
		if (ret != CODE_NO_SESSION)
			return ret;
	}
	if (!record)
		return nothing_named(job, id);
	ret = remove_record(job, record->id);
	if (!ret)
		tell(1, 0, record->login.target[0] ? record->login.target :
		     record->id);
	return ret;
}

static int open_job(struct job *job)
{
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = record_load_all(&job->stored);
	if (ret)
		return ret;
	job->module = !kernel_open_loaded();
	return job->module ? kernel_get_sessions(&job->live) : 0;
}

static int unregister(const struct strlist *operands, const void *options)
{
	struct job job = { .o = options };
	size_t i;
	int ret, one;

	ret = open_job(&job);
	if (ret)
		failed(ret, "cannot unregister");
	for (i = 0; i < operands->count && (!ret || i); i++) {
		one = unregister_one(&job, operands->item[i]);
		if (one)
			failed(one, "cannot unregister %s", operands->item[i]);
		ret = first_code(ret, one);
	}
	file_unlock_store();
	if (job.o->pass_thru && job.module)
		ret = first_code(ret, show_sessions(job.number,
						    job.numbers));
	record_list_free(&job.stored);
	model_session_list_free(&job.live);
	free(job.number);
	return ret;
}

const struct command unregister_commands[] = {
	{ NULL, "unregister", "ID|RECORD...", 1, 1024, unregister_options,
	  sizeof(struct unregister_options), unregister,
	  "remove records, sessions stay up", "SessionIdentifier" },
	{}
};
