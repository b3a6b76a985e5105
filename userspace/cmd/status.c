// SPDX-License-Identifier: GPL-2.0
/*
 * status: desired beside actual on one screen. Rows are records, then the
 * sessions no record restores, then disks with less than all their paths or
 * whose identity another disk claims, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/match.h"

/* All there is to know; without the module only what is stored. */
struct view {
	bool module;
	struct info info;
	struct record_list stored;
	struct duplicates *duplicates;
	struct session_list live;
	struct path_list paths;
	struct disk_list disks;
};

struct tally {
	size_t records, connected, connecting, missing, failed, doubled;
	size_t sessions, logged_in, extra;
	size_t paths, ready;
	size_t disks, whole, degraded, dead;
};

static int view_open(struct view *v)
{
	int ret;

	memset(v, 0, sizeof(*v));
	ret = record_load_all(&v->stored);
	if (ret)
		return ret;
	v->duplicates = match_record_duplicates(&v->stored);
	ret = kernel_open_loaded();
	if (ret == CODE_UNSUPPORTED)
		return 0;
	v->module = !ret;
	if (!ret)
		ret = kernel_get_info(&v->info);
	if (!ret)
		ret = kernel_get_sessions(&v->live);
	if (!ret)
		ret = kernel_get_paths(0, 0, &v->paths);
	if (!ret)
		ret = kernel_get_disks(&v->disks);
	return ret;
}

static void view_close(struct view *v)
{
	record_list_free(&v->stored);
	free(v->duplicates);
	model_session_list_free(&v->live);
	model_path_list_free(&v->paths);
	model_disk_list_free(&v->disks);
}

static const char *disk_state(const struct disk *d)
{
	if (d->failed || !d->paths_ready)
		return "no-path";
	return d->paths_ready < d->paths ? "degraded" : "whole";
}

static void count_records(const struct view *v, struct tally *t)
{
	const struct record *r;
	size_t i;

	for (i = 0; i < v->stored.count; i++) {
		r = &v->stored.item[i];
		t->records++;
		t->doubled += !!v->duplicates[i].others;
		switch (match_record_status(r, match_record_session(r, &v->live))) {
		case RECORD_CONNECTED:
			t->connected++;
			break;
		case RECORD_CONNECTING:
			t->connecting++;
			break;
		case RECORD_MISSING:
			t->missing++;
			break;
		case RECORD_FAILED:
			t->failed++;
			break;
		}
	}
}

static void count(const struct view *v, struct tally *t)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	count_records(v, t);
	for (i = 0; i < v->live.count; i++) {
		t->sessions++;
		t->logged_in += v->live.item[i].state ==
				MPIO_SESSION_LOGGED_IN;
		t->extra += !v->live.item[i].login.records.count;
	}
	for (i = 0; i < v->paths.count; i++) {
		t->paths++;
		t->ready += v->paths.item[i].state == MPIO_PATH_READY ||
			    v->paths.item[i].state == MPIO_PATH_STANDBY;
	}
	for (i = 0; i < v->disks.count; i++) {
		const char *state = disk_state(&v->disks.item[i]);

		t->disks++;
		t->whole += *state == 'w';
		t->degraded += *state == 'd';
		t->dead += *state == 'n';
	}
}

static void print_tally(const struct view *v, const struct tally *t)
{
	char name[MPIO_NAME_MAX + 1];

	if (config_initiator_known(name))
		printf("initiator  %s\n", name);
	if (v->module)
		printf("module     iscsi_mpio %s\n", v->info.version);
	else
		printf("module     iscsi_mpio is not loaded\n");
	printf("records    %zu: %zu connected, %zu connecting, %zu missing, %zu failed\n",
	       t->records, t->connected, t->connecting, t->missing,
	       t->failed);
	printf("sessions   %zu: %zu logged in, %zu not registered\n",
	       t->sessions, t->logged_in, t->extra);
	printf("disks      %zu: %zu whole, %zu degraded, %zu without a path\n",
	       t->disks, t->whole, t->degraded, t->dead);
	printf("paths      %zu: %zu ready\n\n", t->paths, t->ready);
}

static void json_tally(const struct view *v, const struct tally *t)
{
	char name[MPIO_NAME_MAX + 1];

	print_str("Kind", NULL, "summary");
	print_str("InitiatorNodeAddress", NULL,
		  config_initiator_known(name) ? name : "");
	print_str("ModuleVersion", NULL, v->module ? v->info.version : "");
	print_u64("Records", NULL, t->records);
	print_u64("RecordsConnected", NULL, t->connected);
	print_u64("RecordsConnecting", NULL, t->connecting);
	print_u64("RecordsMissing", NULL, t->missing);
	print_u64("RecordsFailed", NULL, t->failed);
	print_u64("RecordsDoubled", NULL, t->doubled);
	print_u64("Sessions", NULL, t->sessions);
	print_u64("SessionsLoggedIn", NULL, t->logged_in);
	print_u64("SessionsExtra", NULL, t->extra);
	print_u64("Paths", NULL, t->paths);
	print_u64("PathsReady", NULL, t->ready);
	print_u64("Disks", NULL, t->disks);
	print_u64("DisksWhole", NULL, t->whole);
	print_u64("DisksDegraded", NULL, t->degraded);
	print_u64("DisksWithoutPath", NULL, t->dead);
}

/* "1/2" paths of the session's disks, "" when it has none. */
static void session_paths(const struct view *v, const struct session *s,
			  char *text, size_t size)
{
	const struct path *p;
	size_t i, all = 0, ready = 0;

	for (i = 0; i < v->paths.count; i++) {
		p = &v->paths.item[i];
		if (p->session_id != s->id)
			continue;
		all++;
		ready += p->state == MPIO_PATH_READY ||
			 p->state == MPIO_PATH_STANDBY;
	}
	snprintf(text, size, "%zu/%zu", ready, all);
	if (!all)
		text[0] = '\0';
}

/* What a record's or an extra session's row says about the live side. */
static void print_actual(const struct view *v, const struct session *s,
			 const char *subject, const char *error)
{
	char text[ADDRESS_TEXT] = "", paths[24] = "", number[12] = "";
	struct strlist none = {};

	if (s) {
		snprintf(number, sizeof(number), "%u", s->id);
		session_paths(v, s, paths, sizeof(paths));
	}
	if (s && *error)
		address_port_text(match_session_remote(s), text);
	if (options_given()->json)
		print_u64("SessionNumber", NULL, s ? s->id : 0);
	else
		print_str("SessionNumber", "SESSION", number);
	print_list("Disks", "DISKS", s ? &s->disks : &none);
	print_str("PathsReady", "PATHS", paths);
	print_u64("ReconnectCount", NULL, s ? s->reconnects : 0);
	print_str("LastErrorPortal", NULL, text);
	if (!options_given()->json && *text) {
		char *told = xasprintf("%s: %s", text, error);

		print_sentence("LastError", "ERROR", subject, told);
		free(told);
	} else {
		print_sentence("LastError", "ERROR", subject, error);
	}
}

static void print_record(const struct view *v, size_t i)
{
	const struct record *r = &v->stored.item[i];
	const struct session *s = match_record_session(r, &v->live);
	char subject[32];

	snprintf(subject, sizeof(subject), "record %s", r->id);
	print_row();
	print_str("Kind", NULL, "record");
	print_str("Status", "STATUS",
		  match_record_status_name(match_record_status(r, s)));
	print_str("RecordIdentifier", "RECORD", r->id);
	print_str("TargetNodeAddress", "TARGET", r->login.target);
	print_str("TargetPortalAddress", "PORTAL", r->host);
	print_u64("Twins", NULL, v->duplicates[i].others);
	print_actual(v, s, subject,
		     r->damage ? r->damage : s ? s->last_error : "");
}

static void print_extra(const struct view *v, const struct session *s)
{
	char text[ADDRESS_TEXT], subject[32];

	snprintf(subject, sizeof(subject), "session %u", s->id);
	print_row();
	print_str("Kind", NULL, "session");
	print_str("Status", "STATUS", s->state == MPIO_SESSION_LOGGED_IN ?
		  "extra" : model_session_state_name(s->state));
	print_str("RecordIdentifier", "RECORD", "");
	print_str("TargetNodeAddress", "TARGET", s->login.target);
	print_str("TargetPortalAddress", "PORTAL",
		  address_text(&s->login.portal, text));
	print_actual(v, s, subject, s->last_error);
}

/* Says in @text what I/O of the disk waits for; "" if for nothing. */
static void waits_text(const struct disk *d, char *text, size_t len)
{
	text[0] = '\0';
	if (d->ghosts)
		snprintf(text, len,
			 "%u writes wait: what has failed on %s may yet be executed",
			 d->held, d->ghost);
	else if (d->held)
		snprintf(text, len,
			 "%u writes wait for the end of what a lost path had",
			 d->held);
	else if (d->parked)
		snprintf(text, len, "%u commands wait for a path", d->parked);
}

static void print_disk(const struct view *v, const struct disk *d)
{
	char clash[CLASH_TEXT];
	char text[MPIO_PATH_KEY_MAX + 96], subject[64];

	print_row();
	print_str("Kind", NULL, "disk");
	print_str("Status", "STATUS", disk_state(d));
	print_str("RecordIdentifier", "RECORD", "");
	print_str("TargetNodeAddress", "TARGET", d->target);
	print_str("TargetPortalAddress", "PORTAL", "");
	if (!options_given()->json)
		print_str("SessionNumber", "SESSION", "");
	print_str("Disk", "DISKS", d->name);
	snprintf(text, sizeof(text), "%u/%u", d->paths_ready, d->paths);
	print_str("PathsReady", "PATHS", text);
	waits_text(d, text, sizeof(text));
	model_clash_text(d, &v->disks, clash);
	print_str("IdentityClash", NULL, clash);
	snprintf(subject, sizeof(subject), "disk %s", d->name);
	print_sentence("LastError", "ERROR", subject, d->failed ?
		       "I/O fails: NoPathTimeout is over" :
		       *text || options_given()->json ? text : clash);
}

static void print_rows(const struct view *v, const struct tally *t)
{
	size_t i;

	print_open(PRINT_TABLE);
	if (options_given()->json) {
		print_row();
		json_tally(v, t);
	}
	for (i = 0; i < v->stored.count; i++)
		print_record(v, i);
	for (i = 0; i < v->live.count; i++)
		if (!v->live.item[i].login.records.count)
			print_extra(v, &v->live.item[i]);
	for (i = 0; i < v->disks.count; i++)
		if (*disk_state(&v->disks.item[i]) != 'w' ||
		    v->disks.item[i].clash || v->disks.item[i].ghosts ||
		    v->disks.item[i].held)
			print_disk(v, &v->disks.item[i]);
	print_close();
}

static int status(const struct strlist *operands, const void *options)
{
	struct view v;
	struct tally t;
	int ret;

	(void)operands;
	(void)options;
	ret = view_open(&v);
	if (ret) {
		view_close(&v);
		return failed(ret, "cannot tell the status");
	}
	count(&v, &t);
	if (!options_given()->json)
		print_tally(&v, &t);
	print_rows(&v, &t);
	record_complain(&v.stored);
	ret = v.stored.damaged ? CODE_STORE : 0;
	view_close(&v);
	return ret;
}

const struct command status_commands[] = {
	{ NULL, "status", "", 0, 0, NULL, 0, status,
	  "one screen: what is stored, what runs, what is wrong",
	  .columns = "STATUS RECORD TARGET PORTAL DISKS PATHS" },
	{}
};
