// SPDX-License-Identifier: GPL-2.0
/*
 * restore: add a session for each record that has none. The kernel keeps
 * trying by itself, so a dead portal delays nobody, and running this again
 * changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/resolver.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "cmd/cmd.h"
#include "flow/session.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/match.h"
#include "store/record_key.h"
#include "store/settings.h"

#define RESOLVE_MS	20000	/* names may need the network to settle */
#define RETRY_MS	500

struct restore_options {
	int startup;
	int64_t wait;
};

static const struct option restore_options[] = {
	{ "startup", OPT_CHOICE, offsetof(struct restore_options, startup),
	  "automatic|onboot|manual",
	  "only these records (default: all but manual)", record_key_startup_words },
	{ "wait", OPT_TIME, offsetof(struct restore_options, wait),
	  "TIME", "wait so long for the sessions (a bare number is seconds)",
	  NULL, 0, 86400000, .unit = 1000 },
	{}
};

enum step {
	STEP_NONE,	/* it runs */
	STEP_ADD,
	STEP_KICK,	/* stopped: try once more */
	STEP_MOVE,	/* its portal's name has another address now */
	STEP_SKIP,	/* corrupt or not asked for */
};

static const char *const step_names[] = {
	"none", "add", "retry", "move", "skip"
};

struct plan {
	struct record_list stored;
	struct session_list live;
	enum step *step;
	bool *pending;		/* to be tried again: name not resolved */
	int *code;
};

static bool asked_for(const struct restore_options *o, const struct record *r)
{
	if (o->startup != -1)
		return r->startup == (uint32_t)o->startup;
	return r->startup != STARTUP_MANUAL;
}

/*
 * A session that is not logged in may try where nobody is any more. 0 with
 * *moved, or why the name is not known now.
 */
static int has_moved(const struct record *r, const struct session *s,
		     struct sockaddr_storage *to, bool *moved)
{
	struct sockaddr_storage list[ADDRESSES_MAX];
	struct mpio_portal portal;
	size_t i, count;
	int ret;

	*moved = false;
	if (s->state == MPIO_SESSION_LOGGED_IN || record_portal(r, &portal) ||
	    portal.family != MPIO_FAMILY_NAME)
		return 0;
	ret = address_resolve_portal(&portal, list, &count);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		if (address_same(&list[i], &s->login.portal))
			return 0;
	*moved = true;
	*to = list[0];
	return 0;
}

/* Its target redirects to a name: 0 with the address of that. */
static int redirect_address(const struct session *s,
			    struct sockaddr_storage *to)
{
	struct sockaddr_storage list[ADDRESSES_MAX];
	struct mpio_portal portal;
	size_t count;
	int ret;

	ret = address_parse_portal(s->redirect, &portal);
	if (!ret)
		ret = address_resolve_portal(&portal, list, &count);
	if (!ret)
		*to = list[0];
	return ret;
}

static int move(const struct record *r, const struct session *s)
{
	struct sockaddr_storage to;
	bool moved;
	int ret;

	ret = has_moved(r, s, &to, &moved);
	if (ret || moved)
		return ret ? ret : kernel_set_portal(s->id, &to, NULL);
	if (s->redirect[0]) {
		ret = redirect_address(s, &to);
		return ret ? ret : kernel_set_portal(s->id, &to, s->redirect);
	}
	return s->state == MPIO_SESSION_STOPPED ? kernel_kick(s->id) : 0;
}

/* Would it try elsewhere? Its name is asked for when it is acted upon. */
static bool may_move(const struct record *r, const struct session *s)
{
	struct sockaddr_storage to;
	struct mpio_portal portal;
	bool moved;

	if (s->state == MPIO_SESSION_LOGGED_IN)
		return false;
	if (s->redirect[0])
		return true;
	if (options_given()->dry_run)
		return !has_moved(r, s, &to, &moved) && moved;
	return !record_portal(r, &portal) && portal.family == MPIO_FAMILY_NAME;
}

static void make_plan(struct plan *plan, const struct restore_options *o)
{
	const struct session *s;
	struct record *r;
	size_t i;

	plan->step = xcalloc(plan->stored.count, sizeof(*plan->step));
	plan->pending = xcalloc(plan->stored.count, sizeof(*plan->pending));
	plan->code = xcalloc(plan->stored.count, sizeof(*plan->code));
	for (i = 0; i < plan->stored.count; i++) {
		r = &plan->stored.item[i];
		s = match_record_session(r, &plan->live);
		if (r->damage || !asked_for(o, r))
			plan->step[i] = STEP_SKIP;
		else if (!s)
			plan->step[i] = STEP_ADD;
		else if (may_move(r, s))
			plan->step[i] = STEP_MOVE;
		else if (s->state == MPIO_SESSION_STOPPED)
			plan->step[i] = STEP_KICK;
	}
}

static void print_plan(const struct plan *plan)
{
	const struct record *r;
	size_t i;

	print_open(PRINT_TABLE);
	for (i = 0; i < plan->stored.count; i++) {
		r = &plan->stored.item[i];
		print_row();
		print_str("RecordIdentifier", "RECORD", r->id);
		print_str("TargetNodeAddress", "TARGET", r->login.target);
		print_str("TargetPortalAddress", "PORTAL", r->host);
		print_str("Startup", "STARTUP", record_key_startup_name(r->startup));
		print_str("Action", "ACTION", step_names[plan->step[i]]);
	}
	print_close();
}

/* The record leaves the session it was registered from: it has its own. */
static void move_record(struct plan *plan, const char *id, uint32_t own)
{
	struct session *s;
	size_t i;

	for (i = 0; i < plan->live.count; i++) {
		s = &plan->live.item[i];
		if (s->id == own || !strlist_has(&s->login.records, id))
			continue;
		strlist_remove(&s->login.records, id);
		if (kernel_set_records(s->id, &s->login.records))
			verbose("session %u keeps record %s: %s", s->id, id,
				why());
	}
}

static int add_session(struct plan *plan, const struct record *record)
{
	struct settings stored;
	struct secrets secrets;
	struct login login;
	uint32_t id, policy;
	int ret;

	ret = config_load(record->login.target, &stored, &policy);
	if (ret)
		return ret;
	ret = match_record_login(record, &login, &secrets);
	settings_merge(&login.settings, &stored);
	if (login.policy == UNSET)
		login.policy = policy;
	if (!ret)
		ret = kernel_add_session(&login, &secrets, &id);
	model_secrets_wipe(&secrets);
	strlist_free(&login.records);
	if (!ret)
		move_record(plan, record->id, id);
	return ret;
}

/* How many sessions have neither logged in nor failed once. */
static size_t under_way(const struct session_list *live)
{
	size_t i, count = 0;

	for (i = 0; i < live->count; i++)
		count += live->item[i].state == MPIO_SESSION_CONNECTING &&
			 !live->item[i].last_error_code;
	return count;
}

/* Waits until --throttle-limit lets the next login begin. */
static int wait_for_turn(void)
{
	struct session_list live = {};
	struct event event;
	size_t busy;
	bool got;
	int ret = 0;

	while (options_given()->throttle > 0 && !ret) {
		ret = kernel_get_sessions(&live);
		busy = under_way(&live);
		model_session_list_free(&live);
		if (ret || busy < (size_t)options_given()->throttle)
			break;
		ret = kernel_next_event(&event, RETRY_MS, &got);
		if (!ret && got)
			kernel_event_free(&event);
	}
	return ret;
}

static int act(struct plan *plan, size_t i)
{
	struct record *r = &plan->stored.item[i];
	int ret;

	switch (plan->step[i]) {
	case STEP_ADD:
		ret = wait_for_turn();
		return ret ? ret : add_session(plan, r);
	case STEP_KICK:
		return kernel_kick(match_record_session(r, &plan->live)->id);
	case STEP_MOVE:
		return move(r, match_record_session(r, &plan->live));
	case STEP_NONE:
		return session_adopt(match_record_session(r, &plan->live), r->id);
	default:
		return 0;
	}
}

/*
 * Acts on all that is pending. A name that cannot be resolved or a scope
 * whose interface is not there yet stays pending.
 */
static size_t act_pending(struct plan *plan, bool last)
{
	const struct record *r;
	size_t i, rest = 0;
	int ret;

	for (i = 0; i < plan->stored.count; i++) {
		if (!plan->pending[i])
			continue;
		r = &plan->stored.item[i];
		ret = act(plan, i);
		if (ret == CODE_TRANSPORT && !last) {
			rest++;
			continue;
		}
		plan->pending[i] = false;
		/* one that is there goes on by itself where it is */
		if (ret == CODE_TRANSPORT && plan->step[i] == STEP_MOVE)
			ret = 0;
		plan->code[i] = ret;
		if (ret)
			failed(ret, "cannot restore record %s", r->id);
	}
	return rest;
}

static int run_plan(struct plan *plan, const struct restore_options *o)
{
	long long end = clock_now() + (o->wait > 0 ? o->wait :
				      options_given()->timeout > 0 ?
				      options_given()->timeout : RESOLVE_MS);
	size_t i;
	int ret = 0;

	for (i = 0; i < plan->stored.count; i++)
		plan->pending[i] = plan->step[i] != STEP_SKIP;
	resolver_beside(true);
	while (act_pending(plan, clock_now() >= end))
		resolver_wait(RETRY_MS);
	resolver_beside(false);
	for (i = 0; i < plan->stored.count; i++)
		ret = first_code(ret, plan->code[i]);
	return ret;
}

/* How many records are not up yet; *code is of the first of them. */
static size_t count_down(struct plan *plan, int *code)
{
	const struct session *s;
	size_t i, rest = 0;

	*code = kernel_get_sessions(&plan->live);
	for (i = 0; i < plan->stored.count && !*code; i++) {
		if (plan->step[i] == STEP_SKIP || plan->code[i])
			continue;
		s = match_record_session(&plan->stored.item[i], &plan->live);
		if (s && s->state == MPIO_SESSION_LOGGED_IN &&
		    (s->scanned || s->login.no_scan))
			continue;
		rest++;
	}
	return rest;
}

/* One line for each record that is not up when the time is over. */
static int tell_missing(const struct plan *plan)
{
	const struct session *s;
	const struct record *r;
	int ret = 0, code;
	size_t i;

	for (i = 0; i < plan->stored.count; i++) {
		r = &plan->stored.item[i];
		if (plan->step[i] == STEP_SKIP || plan->code[i])
			continue;
		s = match_record_session(r, &plan->live);
		if (s && s->state == MPIO_SESSION_LOGGED_IN)
			continue;
		code = s && s->last_error_code ? (int)s->last_error_code :
		       CODE_CONNECT_TIMEOUT;
		because(code, "%s", s && s->last_error[0] ? s->last_error :
			"the portal has not answered yet");
		failed(code, "record %s is not connected to %s at %s", r->id,
		       r->login.target, r->host);
		ret = first_code(ret, code);
	}
	return ret;
}

static int wait_for_all(struct plan *plan, int64_t ms)
{
	long long end = clock_now() + ms;
	size_t i, rest, all = 0;
	struct event event;
	bool got;
	int ret;

	for (i = 0; i < plan->stored.count; i++)
		all += plan->step[i] != STEP_SKIP;
	while ((rest = count_down(plan, &ret)) && !ret && clock_now() < end) {
		terminal_progress_show("restoring", all > rest ? all - rest : 0, all);
		ret = kernel_next_event(&event, RETRY_MS, &got);
		if (ret)
			break;
		if (got)
			kernel_event_free(&event);
	}
	terminal_progress_end();
	if (ret)
		return failed(ret, "cannot watch sessions");
	return tell_missing(plan);
}

/* What initiator.conf says about all sessions. */
static int apply_defaults(void)
{
	struct settings settings;
	uint32_t policy;
	int ret;

	ret = config_load(NULL, &settings, &policy);
	if (!ret && settings_any(&settings))
		ret = kernel_set_settings(&settings);
	if (!ret && policy != UNSET)
		ret = kernel_set_policy(policy, 0, NULL);
	return ret ? failed(ret, "cannot apply the stored defaults") : 0;
}

static int prepare(struct plan *plan)
{
	int ret;

	if (options_given()->dry_run) {
		if (!kernel_open_loaded())
			kernel_get_sessions(&plan->live);
		return 0;
	}
	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = kernel_get_sessions(&plan->live);
	return ret;
}

static int run(struct plan *plan, const struct restore_options *o)
{
	int ret, code;

	ret = record_load_all(&plan->stored);
	if (ret)
		return failed(ret, "cannot read the records");
	record_complain(&plan->stored);
	code = plan->stored.damaged ? CODE_STORE : 0;
	if (plan->stored.count == plan->stored.damaged && !options_given()->dry_run)
		return code;
	ret = prepare(plan);
	if (ret)
		return failed(ret, "cannot restore sessions");
	make_plan(plan, o);
	if (options_given()->dry_run) {
		print_plan(plan);
		return code;
	}
	code = first_code(code, apply_defaults());
	code = first_code(code, run_plan(plan, o));
	if (o->wait > 0 && !options_given()->no_wait)
		code = first_code(code, wait_for_all(plan, o->wait));
	return code;
}

static int restore(const struct strlist *operands, const void *options)
{
	struct plan plan = {};
	int ret;

	(void)operands;
	ret = run(&plan, options);
	record_list_free(&plan.stored);
	model_session_list_free(&plan.live);
	free(plan.step);
	free(plan.pending);
	free(plan.code);
	return ret;
}

const struct command restore_commands[] = {
	{ NULL, "restore", "", 0, 0, restore_options,
	  sizeof(struct restore_options), restore,
	  "bring back the sessions of all records" },
	{}
};
