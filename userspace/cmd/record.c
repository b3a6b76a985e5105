// SPDX-License-Identifier: GPL-2.0
/* record list, show, verify */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/connect.h"
#include "flow/show.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "store/match.h"

/* What is stored and, if the module is there, what runs. */
struct view {
	struct record_list stored;
	struct session_list live;
	struct duplicates *duplicates;
	bool unseen;	/* there are sessions, but not for the likes of us */
};

static int view_open(struct view *view)
{
	int ret, seen;

	memset(view, 0, sizeof(*view));
	ret = record_load_all(&view->stored);
	if (ret)
		return ret;
	view->duplicates = match_record_duplicates(&view->stored);
	seen = kernel_open_loaded();
	if (!seen)
		seen = kernel_get_sessions(&view->live);
	view->unseen = seen && seen != CODE_UNSUPPORTED;
	if (view->unseen && view->stored.count)
		note("sessions cannot be seen: %s", why());
	return 0;
}

static void view_close(struct view *view)
{
	record_list_free(&view->stored);
	model_session_list_free(&view->live);
	free(view->duplicates);
}

static void print_record(const struct view *view, const struct record *r)
{
	const struct session *s = match_record_session(r, &view->live);
	char id[SESSION_ID_LEN + 1] = "", portal[ADDRESS_TEXT] = "";
	char subject[32];

	if (s)
		ids_session_text(s, id);
	if (s && s->last_error[0])
		address_port_text(match_session_remote(s), portal);
	snprintf(subject, sizeof(subject), "record %s", r->id);
	print_row();
	print_str("RecordIdentifier", "RECORD", r->id);
	show_record(r);
	print_str("Status", "STATUS",
		  view->unseen && !r->damage ? "unknown" :
		  match_record_status_name(match_record_status(r, s)));
	print_str("SessionIdentifier", NULL, id);
	print_u64("Twins", NULL, view->duplicates[r - view->stored.item].others);
	if (r->damage)
		print_str("LastError", "ERROR", r->damage);
	else
		print_sentence("LastError", "ERROR", subject,
			       s ? s->last_error : "");
	print_str("LastErrorPortal", NULL, portal);
}

/* What a table of records alone does not show. */
static void tell_rest(const struct view *view)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < view->live.count; i++) {
		s = &view->live.item[i];
		if (!s->login.records.count)
			note("session %u to %s is not registered", s->id,
			     s->login.target);
	}
	for (i = 0; i < view->stored.count; i++)
		if (view->duplicates[i].first && view->duplicates[i].others)
			note("%zu records restore sessions to %s through %s",
			     view->duplicates[i].others + 1,
			     view->stored.item[i].login.target,
			     view->stored.item[i].host);
}

static int finish(const struct view *view, int ret)
{
	record_complain(&view->stored);
	if (view->stored.damaged)
		return first_code(ret, CODE_STORE);
	return ret;
}

static int record_list(const struct strlist *operands, const void *options)
{
	struct view view;
	size_t i;
	int ret = view_open(&view);

	(void)operands;
	(void)options;
	if (ret)
		return failed(ret, "cannot list records");
	print_open(PRINT_TABLE);
	for (i = 0; i < view.stored.count; i++)
		print_record(&view, &view.stored.item[i]);
	print_close();
	if (!options_given()->json)
		tell_rest(&view);
	ret = finish(&view, 0);
	view_close(&view);
	return ret;
}

static int record_show(const struct strlist *operands, const void *options)
{
	struct record *record;
	struct view view;
	size_t i;
	int ret = view_open(&view), one;

	(void)options;
	if (ret)
		return failed(ret, "cannot show records");
	print_open(PRINT_SHOW);
	for (i = 0; i < operands->count; i++) {
		one = record_find(&view.stored, operands->item[i], &record);
		if (one)
			failed(one, "record %s", operands->item[i]);
		else
			print_record(&view, record);
		ret = first_code(ret, one);
	}
	for (i = 0; i < view.stored.count && !operands->count; i++)
		print_record(&view, &view.stored.item[i]);
	print_close();
	ret = finish(&view, ret);
	view_close(&view);
	return ret;
}

/* A login beside a live session must neither replace it nor add disks. */
static int verify_login(const struct view *view, const struct record *record)
{
	struct attempt a = { .addresses = 1 };
	struct secrets secrets;
	int ret;

	ret = match_record_login(record, &a.login, &secrets);
	if (!ret)
		ret = connect_isid_choose(a.login.target, &view->live, a.login.isid);
	if (!ret) {
		strlist_free(&a.login.records);
		a.login.no_scan = true;
		a.address = xcalloc(1, sizeof(*a.address));
		*a.address = a.login.portal;
		a.secrets = &secrets;
		ret = connect_attempts_wait(&a, 1);
		if (ret)
			because(ret, "%s", a.why);
		else
			ret = kernel_del_session(a.id, false);
	}
	model_secrets_wipe(&secrets);
	connect_attempt_free(&a);
	return ret;
}

static int verify(const struct view *view, const struct record *record)
{
	const struct session *s = match_record_session(record, &view->live);
	int ret;

	if (record->damage)
		ret = because(CODE_STORE, "it is corrupt: %s", record->damage);
	else
		ret = verify_login(view, record);
	if (ret == CODE_EXISTS && s && s->state == MPIO_SESSION_LOGGED_IN)
		ret = 0;	/* the one session that the record may have is up */
	print_row();
	print_str("RecordIdentifier", "RECORD", record->id);
	print_str("TargetNodeAddress", "TARGET", record->login.target);
	print_str("Result", "RESULT", ret ? "failed" : "ok");
	print_str("Error", "ERROR", ret ? why() : "");
	return ret;
}

static int verify_named(const struct view *view, const struct strlist *names)
{
	struct record *record;
	size_t i;
	int ret = 0, one;

	print_open(PRINT_TABLE);
	for (i = 0; i < names->count; i++) {
		one = record_find(&view->stored, names->item[i], &record);
		if (one)
			failed(one, "record %s", names->item[i]);
		else
			one = verify(view, record);
		ret = first_code(ret, one);
	}
	for (i = 0; i < view->stored.count && !names->count; i++)
		ret = first_code(ret, verify(view, &view->stored.item[i]));
	print_close();
	return ret;
}

static int record_verify(const struct strlist *operands, const void *options)
{
	struct view view;
	int ret;

	(void)options;
	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = view_open(&view);
	if (ret)
		return failed(ret, "cannot verify records");
	ret = verify_named(&view, operands);
	if (ret) {
		because(ret, "see the table");
		failed(ret, "not all records can log in");
	}
	view_close(&view);
	return ret;
}

const struct command record_commands[] = {
	{ "record", "list", "", 0, 0, NULL, 0, record_list,
	  "what is stored beside what runs",
	  .columns = "RECORD STATUS TARGET PORTAL STARTUP" },
	{ "record", "show", "[RECORD...]", 0, 1024, NULL, 0, record_show,
	  "show all that is stored in records" },
	{ "record", "verify", "[RECORD...]", 0, 1024, NULL, 0, record_verify,
	  "log in once with each record, then out" },
	{}
};
