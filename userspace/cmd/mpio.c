// SPDX-License-Identifier: GPL-2.0
/* mpio get, mpio set: timers and limits, live and stored */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/show.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/record.h"
#include "store/settings.h"

struct mpio_options {
	const char *session;
	const char *node;
	bool is_default;
	bool all;
	bool force;
};

static const struct option mpio_options[] = {
	{ "session", OPT_STRING, offsetof(struct mpio_options, session), "ID",
	  "of this session" },
	{ "node", OPT_STRING, offsetof(struct mpio_options, node), "IQN",
	  "of all sessions to this target, present and future" },
	{ "default", OPT_FLAG, offsetof(struct mpio_options, is_default),
	  NULL, "of sessions to come" },
	{}
};

static const struct option set_options[] = {
	{ "session", OPT_STRING, offsetof(struct mpio_options, session), "ID",
	  "of this session, and of its records" },
	{ "node", OPT_STRING, offsetof(struct mpio_options, node), "IQN",
	  "of all sessions to this target, present and future" },
	{ "default", OPT_FLAG, offsetof(struct mpio_options, is_default),
	  NULL, "of sessions to come (this is meant if nothing is said)" },
	{ "all", OPT_FLAG, offsetof(struct mpio_options, all), NULL,
	  "of sessions to come and of all that run" },
	{ "force", OPT_FLAG, offsetof(struct mpio_options, force), NULL,
	  "set times that are far too short, too" },
	{}
};

/* What the options speak about. */
struct scope {
	struct session_list live;
	const struct session *session;
	char target[MPIO_NAME_MAX + 1];
};

static int scope_open(const struct mpio_options *o, struct scope *scope)
{
	int ret;

	memset(scope, 0, sizeof(*scope));
	if (!!o->session + !!o->node + o->is_default + o->all > 1)
		return because(CODE_INVALID, o->all ?
			       "--all goes with none of --session, --node and --default" :
			       "give one of --session, --node and --default");
	if (o->node && address_parse_name(o->node, scope->target))
		return CODE_INVALID;
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(&scope->live);
	if (!ret && o->session)
		ret = ids_session_find(&scope->live, o->session, &scope->session);
	return ret;
}

static bool covered(const struct scope *scope, const struct session *s)
{
	if (scope->session)
		return s == scope->session;
	return !scope->target[0] || !mpio_name_compare(scope->target, s->login.target);
}

static int print_defaults(void)
{
	struct settings settings;
	int ret = kernel_get_settings(&settings);

	if (ret)
		return ret;
	print_open(PRINT_SHOW);
	print_row();
	show_settings(&settings);
	print_close();
	return 0;
}

static void print_sessions(const struct scope *scope)
{
	char text[SESSION_ID_LEN + 1];
	const struct session *s;
	size_t i;

	print_open(PRINT_SHOW);
	for (i = 0; i < scope->live.count; i++) {
		s = &scope->live.item[i];
		if (!covered(scope, s))
			continue;
		print_row();
		ids_session_text(s, text);
		print_str("SessionIdentifier", NULL, text);
		print_u64("SessionNumber", NULL, s->id);
		print_str("TargetNodeAddress", NULL, s->login.target);
		show_settings(&s->login.settings);
	}
	print_close();
}

static int mpio_get(const struct strlist *operands, const void *options)
{
	const struct mpio_options *o = options;
	struct scope scope;
	int ret = scope_open(o, &scope);

	(void)operands;
	if (!ret && !o->session && !o->node)
		ret = print_defaults();
	else if (!ret)
		print_sessions(&scope);
	model_session_list_free(&scope.live);
	return ret ? failed(ret, "cannot get settings") : 0;
}

/* A registered session keeps what was set when it comes back. */
static int store_in_records(const struct strlist *ids,
			    const struct settings *settings)
{
	struct record_list stored = {};
	struct settings changed;
	size_t i;
	int ret;

	if (!ids->count)
		return 0;
	ret = file_lock_store();
	if (ret)
		return ret;
	ret = record_load_all(&stored);
	for (i = 0; i < stored.count && !ret; i++) {
		struct record *r = &stored.item[i];

		if (r->damage || !strlist_has(ids, r->id))
			continue;
		changed = *settings;
		settings_merge(&changed, &r->login.settings);
		r->login.settings = changed;
		ret = record_save(r, NULL);
	}
	record_list_free(&stored);
	file_unlock_store();
	return ret;
}

/* What was changed, counted to be told. */
struct reach {
	size_t sessions, unregistered;
};

static int set_sessions(const struct scope *scope,
			const struct settings *settings, struct reach *reach)
{
	const struct session *s;
	size_t i;
	int ret = 0;

	for (i = 0; i < scope->live.count && !ret; i++) {
		s = &scope->live.item[i];
		if (!covered(scope, s))
			continue;
		ret = kernel_set_session_settings(s->id, settings);
		if (!ret)
			ret = store_in_records(&s->login.records, settings);
		reach->sessions++;
		reach->unregistered += !s->login.records.count;
	}
	return ret;
}

/* Nobody should have to guess what has the new value now. */
static void tell_reach(const struct mpio_options *o,
		       const struct scope *scope, const struct reach *reach)
{
	if (options_given()->json || options_given()->dry_run)
		return;
	if (o->session)
		printf("changed: session %u%s\n", scope->session->id,
		       reach->unregistered ?
		       ", until it ends: it is not registered" :
		       " and its records");
	else if (o->node)
		printf("changed: %zu sessions to %s, and those to come\n",
		       reach->sessions, scope->target);
	else if (o->all)
		printf("changed: all %zu sessions, and those to come\n",
		       reach->sessions);
	else
		printf("changed: sessions to come; %zu that run keep what "
		       "they have (--all is for them, too)\n",
		       scope->live.count);
}

static int set(const struct mpio_options *o, const struct settings *settings)
{
	struct reach reach = {};
	struct scope scope;
	int ret = scope_open(o, &scope);

	if (!ret && !o->session && !o->node)
		ret = kernel_set_settings(settings);
	if (!ret && (o->session || o->node || o->all))
		ret = set_sessions(&scope, settings, &reach);
	if (!ret && !o->session)
		ret = config_store(o->node ? scope.target : NULL, settings,
				   UNSET);
	if (!ret)
		tell_reach(o, &scope, &reach);
	model_session_list_free(&scope.live);
	return ret;
}

static int mpio_set(const struct strlist *operands, const void *options)
{
	const struct mpio_options *o = options;
	struct login blank;
	size_t i;
	int ret;

	model_login_init(&blank);
	for (i = 0; i < operands->count; i++) {
		ret = settings_assign(&blank.settings, operands->item[i],
				      o->force);
		if (ret)
			return failed(ret, "cannot set %s",
				      operands->item[i]);
	}
	ret = set(o, &blank.settings);
	return ret ? failed(ret, "cannot change settings") : 0;
}

const struct command mpio_commands[] = {
	{ "mpio", "get", "", 0, 0, mpio_options, sizeof(struct mpio_options),
	  mpio_get, "show timers and limits" },
	{ "mpio", "set", "KEY=VALUE...", 1, 64, set_options,
	  sizeof(struct mpio_options), mpio_set,
	  "change timers and limits at once, times as 5s, 500ms, 2min" },
	{}
};
