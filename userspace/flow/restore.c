// SPDX-License-Identifier: GPL-2.0
/*
 * Adds a session for each record that has none. The kernel keeps trying by
 * itself, so a dead portal delays nobody, and running this again changes
 * nothing.
 */
#include "flow/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/resolver.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "flow/policy.h"
#include "flow/session.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/match.h"
#include "store/record_key.h"
#include "store/settings.h"

#define RESOLVE_MS	20000	/* names may need the network to settle */
#define RETRY_MS	500

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

static bool asked_for(const struct restore *what, const struct record *r)
{
	if (what->startup != -1)
		return r->startup == (uint32_t)what->startup;
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

/*
 * Would session @s log in to another portal by record @r? A portal that is a name may:
 * it is resolved when the step is taken.
 */
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

static void make_plan(struct plan *plan, const struct restore *what)
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
		if (r->damage || !asked_for(what, r))
			plan->step[i] = STEP_SKIP;
		else if (!s)
			plan->step[i] = STEP_ADD;
		else if (may_move(r, s))
			plan->step[i] = STEP_MOVE;
		else if (s->state == MPIO_SESSION_STOPPED)
			plan->step[i] = STEP_KICK;
	}
}

static void tell_plan(const struct plan *plan, const struct restore *what)
{
	const char **told;
	size_t i;

	if (!what->tell)
		return;
	told = xcalloc(plan->stored.count, sizeof(*told));
	for (i = 0; i < plan->stored.count; i++)
		told[i] = step_names[plan->step[i]];
	what->tell(&plan->stored, told);
	free(told);
}

/* Record @id goes from the session it was registered from to session @own. */
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
	size_t i, remaining = 0;
	int ret;

	for (i = 0; i < plan->stored.count; i++) {
		if (!plan->pending[i])
			continue;
		r = &plan->stored.item[i];
		ret = act(plan, i);
		if (ret == CODE_TRANSPORT && !last) {
			remaining++;
			continue;
		}
		plan->pending[i] = false;
		/* the session is there, and goes on by itself at its old portal */
		if (ret == CODE_TRANSPORT && plan->step[i] == STEP_MOVE)
			ret = 0;
		plan->code[i] = ret;
		if (ret)
			failed(ret, "cannot restore record %s", r->id);
	}
	return remaining;
}

static int run_plan(struct plan *plan, const struct restore *what)
{
	long long end = clock_now() + (what->wait > 0 ? what->wait :
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
	size_t i, remaining = 0;

	*code = kernel_get_sessions(&plan->live);
	for (i = 0; i < plan->stored.count && !*code; i++) {
		if (plan->step[i] == STEP_SKIP || plan->code[i])
			continue;
		s = match_record_session(&plan->stored.item[i], &plan->live);
		if (s && s->state == MPIO_SESSION_LOGGED_IN &&
		    (s->scanned || s->login.no_scan))
			continue;
		remaining++;
	}
	return remaining;
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
	size_t i, remaining, all = 0;
	struct event event;
	bool got;
	int ret;

	for (i = 0; i < plan->stored.count; i++)
		all += plan->step[i] != STEP_SKIP;
	while ((remaining = count_down(plan, &ret)) && !ret &&
	       clock_now() < end) {
		terminal_progress_show("restoring", all > remaining ?
				       all - remaining : 0, all);
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

static int run(struct plan *plan, const struct restore *what)
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
	make_plan(plan, what);
	if (options_given()->dry_run) {
		tell_plan(plan, what);
		return code;
	}
	code = first_code(code, apply_defaults());
	code = first_code(code, run_plan(plan, what));
	if (what->wait > 0 && !options_given()->no_wait)
		code = first_code(code, wait_for_all(plan, what->wait));
	ret = policy_apply_stored(NULL);
	if (ret)
		code = first_code(code, failed(ret, "cannot apply the policies stored for disks"));
	return code;
}

int restore_all(const struct restore *what)
{
	struct plan plan = {};
	int ret;

	ret = run(&plan, what);
	record_list_free(&plan.stored);
	model_session_list_free(&plan.live);
	free(plan.step);
	free(plan.pending);
	free(plan.code);
	return ret;
}
