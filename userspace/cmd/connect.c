// SPDX-License-Identifier: GPL-2.0
/* connect: one session for each portal x count */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/auth.h"
#include "flow/connect.h"
#include "flow/show.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/portal.h"
#include "store/portal_name.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/settings.h"

#define COUNT_MAX	256
#define COUNT_AUTO	0	/* one for each processor, bound to it */

static const struct choice count_words[] = {
	{ "auto", COUNT_AUTO }, {}
};

struct connect_options {
	struct strlist portals;
	struct strlist set;
	struct auth_options auth;
	int multipath;
	bool persistent;
	bool no_scan;
	int64_t count;
	const char *source;
	const char *iface;
	int header_digest;
	int data_digest;
	bool force;
};

static const struct option connect_options[] = {
	{ "portal", OPT_LIST, offsetof(struct connect_options, portals),
	  "ADDR[:PORT]", "through this portal (repeatable)" },
	{ "multipath", OPT_TRISTATE,
	  offsetof(struct connect_options, multipath), "yes|no",
	  "allow several sessions, merge the paths of a disk" },
	{ "persistent", OPT_FLAG,
	  offsetof(struct connect_options, persistent), NULL,
	  "register the session too" },
	{ "count", OPT_NUMBER, offsetof(struct connect_options, count),
	  "N|auto", "sessions for each portal", count_words, 1, COUNT_MAX },
	{ "initiator-portal", OPT_STRING,
	  offsetof(struct connect_options, source), "ADDR",
	  "connect from this local address" },
	{ "iface", OPT_STRING, offsetof(struct connect_options, iface),
	  "NAME", "connect through this network interface" },
	AUTH_OPTIONS(connect_options, auth),
	KEY_OPTIONS(connect_options, auth),
	{ "header-digest", OPT_TRISTATE,
	  offsetof(struct connect_options, header_digest), "yes|no",
	  "CRC32C over headers" },
	{ "data-digest", OPT_TRISTATE,
	  offsetof(struct connect_options, data_digest), "yes|no",
	  "CRC32C over data" },
	{ "no-scan", OPT_FLAG, offsetof(struct connect_options, no_scan),
	  NULL, "log in, add no disks" },
	{ "set", OPT_LIST, offsetof(struct connect_options, set),
	  "KEY=VALUE", "any other key of a record (repeatable)" },
	{ "force", OPT_FLAG, offsetof(struct connect_options, force), NULL,
	  "set times that are far too short, too" },
	{}
};

/* What the targets of one command share. */
struct batch {
	struct auth auth;		/* secrets are read once */
	bool has_auth;
	uint32_t *id;			/* sessions to print */
	size_t count;
	bool reported;
};

/* Everything that is done for one target. */
struct job {
	const struct connect_options *o;
	struct batch *batch;
	struct record template;
	struct auth auth;
	struct mpio_portal *portal;
	size_t portals;
	size_t count;			/* sessions for each of them */
	struct session_list live;
	struct attempt *attempt;
	struct record *record;		/* beside each attempt */
	size_t attempts;
	size_t *via;			/* portal of each address in turn */
	int code;			/* of portals that were left out */
};

static int take_options(struct job *job)
{
	const struct connect_options *o = job->o;
	struct login *login = &job->template.login;
	int ret = record_key_options(&job->template, &o->set, o->force, o->source,
				     o->iface);

	if (ret)
		return ret;
	if (o->multipath != -1)
		login->multipath = o->multipath;
	login->no_scan |= o->no_scan;
	if (o->header_digest != -1)
		login->header_digest = o->header_digest;
	if (o->data_digest != -1)
		login->data_digest = o->data_digest;
	return 0;
}

static size_t session_count(const struct connect_options *o)
{
	long processors;

	if (o->count > 0)
		return o->count;
	if (o->count != COUNT_AUTO)
		return 1;
	processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors < 1)
		return 1;
	return processors < COUNT_MAX ? processors : COUNT_MAX;
}

static int prepare_login(struct job *job, const char *target)
{
	struct login *login = &job->template.login;
	struct settings stored;
	uint32_t policy;
	int ret;

	job->count = session_count(job->o);
	record_init(&job->template);
	ret = address_parse_name(target, login->target);
	if (!ret)
		ret = take_options(job);
	if (!ret)
		ret = address_parse_name(target, login->target);
	if (!ret && !login->initiator[0])
		ret = config_initiator(login->initiator);
	if (!ret)
		ret = config_load(login->target, &stored, &policy);
	if (ret)
		return ret;
	settings_merge(&login->settings, &stored);
	if (login->policy == UNSET)
		login->policy = policy;
	ret = job->batch->has_auth ? 0 :
	      auth_take(&job->o->auth, login->initiator, &job->batch->auth);
	job->batch->has_auth = !ret;
	job->auth = job->batch->auth;
	login->auth = job->auth.type;
	memcpy(login->user, job->auth.user, sizeof(login->user));
	memcpy(login->user_in, job->auth.user_in, sizeof(login->user_in));
	memcpy(login->key, job->auth.key, sizeof(login->key));
	memcpy(login->key_in, job->auth.key_in, sizeof(login->key_in));
	return ret;
}

static int given_portals(struct job *job)
{
	size_t i, j;

	job->portals = job->o->portals.count;
	job->portal = xcalloc(job->portals, sizeof(*job->portal));
	for (i = 0; i < job->portals; i++) {
		if (address_given_portal(job->o->portals.item[i], &job->portal[i]))
			return CODE_INVALID;
		for (j = 0; j < i; j++)
			if (mpio_portal_equal(&job->portal[i],
					      &job->portal[j]))
				return because(CODE_INVALID,
					       "portal %s is given twice: use --count for more sessions through it",
					       job->o->portals.item[i]);
	}
	return 0;
}

/* Portals of the target: those given, else those discovered. */
static int find_portals(struct job *job)
{
	struct login *login = &job->template.login;
	struct mpio_portal *known;
	struct portal_list stored;
	size_t count;
	int ret;

	ret = portal_load_all(&stored);
	if (ret)
		return ret;
	portal_target_spelling(&stored, login->target);
	count = portal_target_portals(&stored, login->target, &known);
	portal_list_free(&stored);
	login->discovered = count > 0;
	if (job->o->portals.count) {
		free(known);
		return given_portals(job);
	}
	job->portal = known;
	job->portals = count;
	if (count)
		return 0;
	return because(CODE_NOT_FOUND,
		       "the target is not known: run iscsictl discover first or give --portal");
}

static int check_multipath(const struct job *job)
{
	const struct login *login = &job->template.login;
	const struct session *s;
	size_t i;

	if (!login->multipath && (job->count > 1 ||
				  job->o->portals.count > 1))
		return because(CODE_INVALID,
			       "several sessions to one target need --multipath");
	for (i = 0; i < job->live.count; i++) {
		s = &job->live.item[i];
		if (mpio_name_compare(s->login.target, login->target))
			continue;
		if (!login->multipath)
			return because(CODE_EXISTS,
				       "session %u is connected to it already: further sessions need --multipath",
				       s->id);
		if (!s->login.multipath)
			return because(CODE_EXISTS,
				       "session %u to it was connected without --multipath",
				       s->id);
	}
	return 0;
}

/*
 * Keeps the portals that are addresses here and now: a foreign zone or a name
 * nobody knows is told and left out, unless nothing else is left.
 */
static int usable_portals(struct job *job)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	size_t i, n, kept = 0;
	int ret, code = 0;

	for (i = 0; i < job->portals; i++) {
		ret = address_resolve_portal(&job->portal[i], address, &n);
		if (!ret) {
			job->portal[kept++] = job->portal[i];
			continue;
		}
		code = ret;
		if (job->portals == 1)
			break;
		mpio_portal_format(&job->portal[i], false, text);
		if (!job->o->portals.count)
			note("portal %s is left out: %s", text, why());
		else	/* given, so it was meant */
			job->code = first_code(job->code,
					       failed(ret, "portal %s", text));
	}
	job->portals = kept;
	return kept ? 0 : code;
}

/* Each portal, or, without multipath, all known ones tried in turn. */
static int plan_attempts(struct job *job)
{
	size_t i, n;
	bool in_turn = !job->template.login.multipath;
	struct attempt *a;
	size_t portal;
	int ret;

	job->attempts = in_turn ? 1 : job->portals * job->count;
	job->attempt = xcalloc(job->attempts, sizeof(*job->attempt));
	job->record = xcalloc(job->attempts, sizeof(*job->record));
	for (i = 0; i < (in_turn ? job->portals : job->attempts); i++) {
		a = &job->attempt[in_turn ? 0 : i];
		a->address = xrealloc(a->address,
				      a->addresses + ADDRESSES_MAX,
				      sizeof(*a->address));
		portal = in_turn ? i : i / job->count;
		ret = address_resolve_portal(&job->portal[portal],
					     a->address + a->addresses, &n);
		if (ret)
			return ret;
		job->via = xrealloc(job->via, a->addresses + n,
				    sizeof(*job->via));
		while (n--)
			job->via[a->addresses++] = portal;
	}
	return 0;
}

/* The portal of attempt @i: the one whose address is or was tried last. */
static const struct mpio_portal *portal_of(const struct job *job, size_t i)
{
	size_t tried = job->attempt[i].next;

	if (job->template.login.multipath)
		return &job->portal[i / job->count];
	return &job->portal[job->via[tried ? tried - 1 : 0]];
}

static int plan_record(struct job *job, size_t i)
{
	struct secrets own = auth_own_secrets(&job->auth);
	struct attempt *a = &job->attempt[i];
	struct record *record = &job->record[i];
	const struct mpio_portal *portal = portal_of(job, i);
	int ret;

	*record = job->template;
	record->login.settings = a->login.settings;
	memset(&record->unknown, 0, sizeof(record->unknown));
	memcpy(record->login.isid, a->login.isid, MPIO_ISID_LEN);
	mpio_host_format(portal, record->host);
	record->port = portal->port;
	ret = file_lock_store();
	if (!ret)
		ret = record_new_id(record);
	if (!ret)
		ret = record_save(record, &own);
	file_unlock_store();
	model_secrets_wipe(&own);
	if (ret)
		record->id[0] = '\0';
	else
		strlist_add(&a->login.records, record->id);
	return ret;
}

static void prepare_attempts(struct job *job)
{
	struct attempt *a;
	size_t i;
	int ret;

	for (i = 0; i < job->attempts; i++) {
		a = &job->attempt[i];
		a->login = job->template.login;
		if (job->o->count == COUNT_AUTO)
			a->login.settings.value[MPIO_TA_PROCESSOR] =
				i % job->count;
		memset(&a->login.records, 0, sizeof(a->login.records));
		a->secrets = &job->auth.secrets;
		a->wait = job->o->persistent;
		ret = connect_isid_choose(a->login.target, &job->live, a->login.isid);
		if (!ret && job->o->persistent)
			ret = plan_record(job, i);
		if (ret) {
			a->done = true;
			a->code = ret;
			copy_text(a->why, sizeof(a->why), why());
			continue;
		}
		if (options_given()->no_wait)
			connect_attempt_start(a);
	}
}

/* Tells each failure; the record of a refused login goes again. */
static int settle(struct job *job)
{
	struct attempt *a;
	char text[ADDRESS_TEXT];
	size_t i;
	int ret = 0;

	for (i = 0; i < job->attempts; i++) {
		a = &job->attempt[i];
		if (!a->code)
			continue;
		because(a->code, "%s", a->why);
		failed(a->code, "cannot connect to %s at %s", a->login.target,
		       address_port_text(&a->address[a->next ? a->next - 1 : 0],
					 text));
		ret = first_code(ret, a->code);
		/* a target that is busy: the kernel goes on, and the record too */
		if (!job->record[i].id[0] || a->logged_in ||
		    (a->wait && a->busy && a->id))
			continue;
		if (!file_lock_store() && record_remove(job->record[i].id))
			failed(CODE_STORE, "record %s stays",
			       job->record[i].id);
		file_unlock_store();
	}
	return ret;
}

/*
 * Without multipath another portal than the first may have answered, and a
 * login may have found out what the target does not stand.
 */
static int keep_findings(struct job *job, size_t i,
			 const struct session_list *live)
{
	const struct session *s = model_session_by_number(live, job->attempt[i].id);
	const struct mpio_portal *portal = portal_of(job, i);
	struct record *record = &job->record[i];
	bool moved = portal != &job->portal[0] &&
		     !job->template.login.multipath;
	int ret;

	if (!record->id[0] || (!moved && !(s && s->login.avoid)))
		return 0;
	if (s)
		record->login.avoid = s->login.avoid;
	if (moved) {
		mpio_host_format(portal, record->host);
		record->port = portal->port;
	}
	ret = file_lock_store();
	if (!ret)
		ret = record_save(record, NULL);
	file_unlock_store();
	return ret ? failed(ret, "record %s is not up to date", record->id) :
	       0;
}

/* Remembers by which name each portal was given, and what logins found out. */
static int keep_all(struct job *job)
{
	struct session_list live = {};
	const struct session *s;
	size_t i;
	int ret = 0;

	if (kernel_get_sessions(&live))
		return 0;
	for (i = 0; i < job->attempts; i++) {
		s = model_session_by_number(&live, job->attempt[i].id);
		if (s)
			portal_name_save(s, portal_of(job, i));
		if (job->attempt[i].id)
			ret = first_code(ret, keep_findings(job, i, &live));
	}
	model_session_list_free(&live);
	return ret;
}

/* The sessions are printed when all targets had their turn. */
static int collect(struct job *job)
{
	struct batch *b = job->batch;
	size_t i;
	int ret;

	b->id = xrealloc(b->id, b->count + job->attempts + 1, sizeof(*b->id));
	for (i = 0; i < job->attempts; i++)
		if (job->attempt[i].id)
			b->id[b->count++] = job->attempt[i].id;
	ret = keep_all(job);
	b->reported = true;
	return ret;
}

static int run(struct job *job, const char *target)
{
	int ret;

	ret = prepare_login(job, target);
	if (!ret)
		ret = find_portals(job);
	if (!ret)
		ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&job->live);
	if (!ret)
		ret = check_multipath(job);
	if (!ret)
		ret = usable_portals(job);
	if (!ret)
		ret = plan_attempts(job);
	if (!ret)
		ret = kernel_listen();
	if (ret)
		return failed(ret, "cannot connect to %s", target);
	connect_interrupts_catch();
	prepare_attempts(job);
	if (!options_given()->no_wait)
		connect_attempts_wait(job->attempt, job->attempts);
	ret = first_code(settle(job), job->code);
	return first_code(ret, collect(job));
}

static int connect_target(const struct connect_options *o,
			  struct batch *batch, const char *target)
{
	struct job job = { .o = o, .batch = batch };
	size_t i;
	int ret;

	ret = run(&job, target);
	model_secrets_wipe(&job.auth.secrets);
	for (i = 0; i < job.attempts; i++)
		connect_attempt_free(&job.attempt[i]);
	free(job.attempt);
	free(job.record);
	free(job.portal);
	free(job.via);
	model_session_list_free(&job.live);
	record_free(&job.template);
	return ret;
}

/* One after the other; a target that fails does not keep the others away. */
static int connect_targets(const struct strlist *operands,
			   const void *options)
{
	struct batch batch = {};
	size_t i;
	int ret = 0;

	for (i = 0; i < operands->count; i++)
		ret = first_code(ret, connect_target(options, &batch,
						     operands->item[i]));
	if (batch.count || (batch.reported && options_given()->json))
		ret = first_code(ret, show_sessions(batch.id, batch.count));
	model_secrets_wipe(&batch.auth.secrets);
	free(batch.id);
	return ret;
}

const struct command connect_commands[] = {
	{ NULL, "connect", "IQN...", 1, 1024, connect_options,
	  sizeof(struct connect_options), connect_targets,
	  "log in to a target", "NodeAddress|TargetNodeAddress",
	  .columns = SESSION_COLUMNS },
	{}
};
