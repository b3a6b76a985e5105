// SPDX-License-Identifier: GPL-2.0
/* Interactive logins: the first refusal is the answer, as in Windows. */
#include "flow/connect.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/args.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "flow/policy.h"
#include "host/links.h"
#include "module/kernel.h"
#include "net/discover.h"
#include "store/record.h"

#define LOGIN_TIMEOUT_MS	15000
#define LOGIN_GRACE_MS		2000
#define SCAN_TIMEOUT_MS		30000
#define DISK_TIMEOUT_MS		5000
#define DISK_LEAST_MS		1000	/* behind a scan that took them all */
#define STARTING_MS		3000	/* for a target to be told of */
#define REDIRECT_MS		2000	/* to go where a name leads */
#define LOOK_AGAIN_MS		500	/* events may be lost */
#define ISID_RANDOM		0x80	/* T = 10b */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

void connect_interrupts_catch(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static bool isid_taken(const char *target, const struct session_list *live,
		       const struct record_list *stored, const uint8_t *isid)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (!mpio_name_compare(live->item[i].login.target, target) &&
		    !memcmp(live->item[i].login.isid, isid, MPIO_ISID_LEN))
			return true;
	for (i = 0; i < stored->count; i++)
		if (!mpio_name_compare(stored->item[i].login.target, target) &&
		    !memcmp(stored->item[i].login.isid, isid, MPIO_ISID_LEN))
			return true;
	return false;
}

int connect_isid_choose_beside(const char *target, const struct session_list *live,
			       const struct record_list *stored, uint8_t *isid)
{
	int ret;

	do {
		ret = file_random_bytes(isid, MPIO_ISID_LEN);
		isid[0] = ISID_RANDOM;
	} while (!ret && isid_taken(target, live, stored, isid));
	return ret;
}

int connect_isid_choose(const char *target, const struct session_list *live,
			uint8_t *isid)
{
	struct record_list stored;
	int ret = record_load_all(&stored);

	if (!ret)
		ret = connect_isid_choose_beside(target, live, &stored, isid);
	record_list_free(&stored);
	return ret;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void finish(struct attempt *a, int code, const char *reason)
{
	a->done = true;
	a->code = code;
	if (reason != a->why)
		copy_text(a->why, sizeof(a->why), reason);
}

void connect_attempt_start(struct attempt *a)
{
	int ret;

	a->login.portal = a->address[a->next++];
	ret = kernel_add_session(&a->login, a->secrets, &a->id);
	if (ret)
		finish(a, ret, why());
	else if (options_given()->dry_run)
		finish(a, 0, "");
}

/* Removes the session; another address of the portal is tried if it helps. */
static void give_up(struct attempt *a, int code, const char *reason)
{
	char kept[sizeof(a->why)];

	if (a->keep) {
		finish(a, code, reason);
		return;
	}
	copy_text(kept, sizeof(kept), reason);
	if (kernel_del_session(a->id, false))
		verbose("session %u stays: %s", a->id, why());
	a->id = 0;
	if ((code == CODE_TRANSPORT || code == CODE_CONNECT_TIMEOUT) &&
	    a->next < a->addresses && !interrupted)
		connect_attempt_start(a);
	else
		finish(a, code, kept);
}

/*
 * The target redirects to a name, which the kernel cannot resolve. True when it
 * has been told the address, and has not had the time to go there.
 */
static bool answer_redirect(struct attempt *a, const struct session *s)
{
	struct sockaddr_storage list[ADDRESSES_MAX];
	struct mpio_portal portal;
	size_t count;

	if (!s->redirect[0])
		return false;
	if (a->told)
		return now_ms() < a->told + REDIRECT_MS;
	if (address_parse_portal(s->redirect, &portal) ||
	    address_resolve_portal(&portal, list, &count) ||
	    kernel_set_portal(a->id, &list[0], s->redirect)) {
		verbose("redirected to %s: %s", s->redirect, why());
		return false;
	}
	a->told = now_ms();
	return true;
}

/*
 * "Not operational now" is what LIO answers to a name it has never heard, too. So
 * where nobody has told of the target and the portal, asked twice, does not, the
 * name is wrong. Between the two a target that starts has its time. Whoever says
 * how long to wait, or keeps a record, waits.
 */
static bool no_such_target(struct attempt *a)
{
	bool told;

	if (a->known || a->wait || a->keep || a->login.discovered ||
	    options_given()->timeout > 0)
		return false;
	if (a->untold && now_ms() < a->untold + STARTING_MS)
		return false;
	if (discover_target_told(&a->login, &told) || told) {
		a->known = true;
		return false;
	}
	if (a->untold)
		return true;
	a->untold = now_ms();
	return false;
}

/* A target that is busy now may be ready before the time is over. */
static void wait_busy(struct attempt *a, const char *reason)
{
	if (no_such_target(a)) {
		give_up(a, CODE_NOT_FOUND,
			"the target is not operational, nor does its portal tell of it: the name may be wrong");
		return;
	}
	if (!a->busy)
		verbose("session %u: %s, trying again", a->id, reason);
	a->busy = true;
	copy_text(a->why, sizeof(a->why), reason);
}

static void outcome(struct attempt *a, const struct session *s)
{
	if (!s) {
		a->id = 0;
		finish(a, CODE_NO_SESSION,
		       "the session was removed by somebody else");
		return;
	}
	switch (s->state) {
	case MPIO_SESSION_LOGGED_IN:
		if (!a->logged_in)
			a->logged_in = now_ms();
		if (s->scanned || a->login.no_scan)
			a->done = true;
		break;
	case MPIO_SESSION_STOPPED:
		give_up(a, s->last_error_code ? (int)s->last_error_code :
			CODE_LOGIN, s->last_error);
		break;
	case MPIO_SESSION_CONNECTING:
		if (s->last_error_code == CODE_AGAIN)
			wait_busy(a, s->last_error);
		else if (s->last_error_code && !answer_redirect(a, s))
			give_up(a, s->last_error_code, s->last_error);
		break;
	}
}

/* Of those not started as many as may run at a time beside the others. */
static void start_more(struct attempt *attempt, size_t count)
{
	size_t limit = options_given()->throttle > 0 ? (size_t)options_given()->throttle : count;
	size_t i, running = 0;

	for (i = 0; i < count; i++)
		running += attempt[i].next && !attempt[i].done;
	for (i = 0; i < count && running < limit && !interrupted; i++) {
		if (attempt[i].next || attempt[i].done)
			continue;
		connect_attempt_start(&attempt[i]);
		running += !attempt[i].done;
	}
}

/* Looks at all sessions; returns how many are still to come. */
static size_t look(struct attempt *attempt, size_t count, int *ret)
{
	struct session_list live = {};
	size_t i, rest = 0;

	*ret = kernel_get_sessions(&live);
	for (i = 0; i < count && !*ret; i++) {
		if (!attempt[i].done && attempt[i].next)
			outcome(&attempt[i],
				model_session_by_number(&live, attempt[i].id));
		rest += !attempt[i].done;
	}
	model_session_list_free(&live);
	return rest;
}

static long long patience(const struct attempt *attempt, size_t count)
{
	long long wait = 0, one;
	size_t i;

	if (options_given()->timeout > 0)
		return options_given()->timeout;
	for (i = 0; i < count; i++) {
		one = attempt[i].login.settings.value[MPIO_TA_LOGIN_TIMEOUT];
		if (one == UNSET)
			one = LOGIN_TIMEOUT_MS;
		one = (one + LOGIN_GRACE_MS) * attempt[i].addresses;
		wait = one > wait ? one : wait;
	}
	if (options_given()->throttle > 0)
		wait *= (count + options_given()->throttle - 1) / options_given()->throttle;
	return wait;
}

static void drain_events(int ms)
{
	struct event event;
	bool got;

	do {
		if (kernel_next_event(&event, ms, &got))
			return;
		if (got)
			kernel_event_free(&event);
		ms = 0;
	} while (got);
}

static void out_of_time(struct attempt *a)
{
	if (!a->next)
		finish(a, CODE_ERROR, interrupted ? "interrupted" :
		       "the time was over before its turn");
	a->next = a->addresses;
	if (a->done)
		return;
	if (interrupted)
		give_up(a, CODE_ERROR, "interrupted");
	else if (a->logged_in)
		finish(a, CODE_PDU_TIMEOUT,
		       "logged in, but its logical units did not all answer in time");
	else if (!a->busy)
		give_up(a, CODE_CONNECT_TIMEOUT,
			"the portal did not answer in time");
	else if (a->wait)
		finish(a, CODE_AGAIN, a->why);
	else
		give_up(a, CODE_AGAIN, a->why);
}

/* Is the logical unit at @hctl a disk whose block device is still to come? */
static bool disk_missing(const struct disk *disk)
{
	char path[96];
	int type = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/scsi_device/%s/device/type",
		 disk->hctl);
	f = disk->name[0] ? NULL : fopen(path, "re");
	if (!f)
		return false;
	if (fscanf(f, "%d", &type) != 1)
		type = -1;
	fclose(f);
	return type == 0;
}

/* The disk driver probes behind the scan: a user expects to see the disks. */
static void names_wait(long long limit)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	struct disk_list disks = {};
	bool missing;
	size_t i;

	do {
		missing = false;
		if (kernel_get_disks(&disks))
			break;
		for (i = 0; i < disks.count; i++)
			missing |= disk_missing(&disks.item[i]);
		if (missing)
			nanosleep(&pause, NULL);
	} while (missing && now_ms() < limit && !interrupted);
	model_disk_list_free(&disks);
}

/*
 * Whoever mounts next by a link expects that to be there: of @count sessions,
 * as a path that joins a disk has links, too. A disk that has stood still since
 * @since, through the scan, is not waited for as long again behind it.
 */
static void disks_wait(const uint32_t *id, size_t count, long long since)
{
	long long now = now_ms(), limit = since + DISK_TIMEOUT_MS;
	struct session_list live = {};
	struct strlist names = {};
	const struct session *s;
	size_t i, j;

	if (limit < now + DISK_LEAST_MS)
		limit = now + DISK_LEAST_MS;
	names_wait(limit);
	if (!kernel_get_sessions(&live))
		for (i = 0; i < count; i++) {
			s = model_session_by_number(&live, id[i]);
			for (j = 0; s && j < s->disks.count; j++)
				if (!strlist_has(&names, s->disks.item[j]))
					strlist_add(&names, s->disks.item[j]);
		}
	if (policy_apply_stored(&names))
		note("the policies stored for disks are not in force: %s", why());
	links_wait(&names, &interrupted);
	strlist_free(&names);
	model_session_list_free(&live);
}

void connect_disks_wait(const uint32_t *id, size_t count)
{
	disks_wait(id, count, now_ms());
}

static void attempts_disks(const struct attempt *attempt, size_t count)
{
	uint32_t *id = xcalloc(count, sizeof(*id));
	long long since = 0;
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		if (attempt[i].id && attempt[i].logged_in) {
			id[n++] = attempt[i].id;
			if (attempt[i].logged_in > since)
				since = attempt[i].logged_in;
		}
	disks_wait(id, n, since);
	free(id);
}

int connect_attempts_wait(struct attempt *attempt, size_t count)
{
	long long limit = now_ms() + patience(attempt, count);
	size_t i, rest;
	bool scanning;
	int ret;

	connect_interrupts_catch();
	for (;;) {
		start_more(attempt, count);
		rest = look(attempt, count, &ret);
		if (ret || !rest || interrupted)
			break;
		if (count > 1)
			terminal_progress_show("logging in", count - rest, count);
		scanning = true;
		for (i = 0; i < count; i++)
			scanning &= attempt[i].done || attempt[i].logged_in;
		if (now_ms() > limit + (scanning ? SCAN_TIMEOUT_MS : 0))
			break;
		drain_events(LOOK_AGAIN_MS);
	}
	for (i = 0; i < count; i++) {
		if (ret && !attempt[i].done)
			finish(&attempt[i], ret, why());
		else if (!attempt[i].done)
			out_of_time(&attempt[i]);
	}
	attempts_disks(attempt, count);
	terminal_progress_end();
	for (i = 0, ret = 0; i < count; i++)
		ret = first_code(ret, attempt[i].code);
	return ret;
}

void connect_attempt_free(struct attempt *attempt)
{
	model_login_free(&attempt->login);
	free(attempt->address);
}
