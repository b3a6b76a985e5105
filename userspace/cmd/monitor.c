// SPDX-License-Identifier: GPL-2.0
/* monitor: one line or one JSON object for each event */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "module/ids.h"
#include "module/kernel.h"

struct monitor_options {
	int64_t count;
};

static const struct option monitor_options[] = {
	{ "count", OPT_NUMBER, offsetof(struct monitor_options, count), "N",
	  "end after so many events", NULL, 1, 1000000 },
	{}
};

static void print_time(uint64_t ns)
{
	time_t secs = ns / 1000000000;
	char text[40];
	struct tm tm;
	size_t len;

	localtime_r(&secs, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	len += snprintf(text + len, sizeof(text) - len, ".%03u",
			(unsigned int)(ns / 1000000 % 1000));
	strftime(text + len, sizeof(text) - len, "%z", &tm);
	print_str("Time", "TIME", text);
}

static void print_session(const struct session *s)
{
	char text[ADDRESS_TEXT], id[SESSION_ID_LEN + 1], label[24];

	ids_session_text(s, id);
	snprintf(label, sizeof(label), "session %u", s->id);
	if (options_given()->json) {
		print_u64("SessionNumber", NULL, s->id);
		print_str("SessionIdentifier", NULL, id);
	} else {
		print_str("Session", "SESSION", label);
	}
	print_str("TargetNodeAddress", "TARGET", s->login.target);
	print_str("TargetPortal", "PORTAL",
		  address_port_text(&s->login.portal, text));
	print_str("State", "STATE", model_session_state_name(s->state));
	print_str("LastError", "ERROR", s->last_error);
	print_u64("LastErrorCode", NULL, s->last_error_code);
}

static void print_path(const struct path *p)
{
	char label[24];

	snprintf(label, sizeof(label), "path %u", p->id);
	if (options_given()->json)
		print_u64("PathIdentifier", NULL, p->id);
	else
		print_str("Path", "PATH", label);
	print_str("Disk", "DISK", p->disk);
	print_str("PathKey", "KEY", p->key);
	print_str("State", "STATE", model_path_state_name(p->state));
	print_str("AluaState", NULL, model_alua_state_name(p->alua_state));
	print_str("Reason", "REASON", p->reason);
}

static void print_disk(const struct disk *d)
{
	print_str("Disk", "DISK", d->name);
	print_str("WWID", "WWID", d->wwid);
	print_u64("Paths", NULL, d->paths);
	print_u64("PathsReady", NULL, d->paths_ready);
	print_u64("Parked", NULL, d->parked);
}

static void print_event(const struct event *e)
{
	print_open(PRINT_STREAM);
	print_row();
	print_time(e->time);
	print_str("Event", "EVENT", model_event_name(e->type));
	if (e->has_session)
		print_session(&e->session);
	if (e->has_path)
		print_path(&e->path);
	if (e->has_disk)
		print_disk(&e->disk);
	print_close();
}

static int monitor(const struct strlist *operands, const void *options)
{
	const struct monitor_options *o = options;
	long long end = clock_now() + options_given()->timeout;
	int64_t rest = o->count;
	struct event event;
	bool got;
	int ret;

	(void)operands;
	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	while (!ret && rest && (options_given()->timeout < 0 || clock_now() < end)) {
		ret = kernel_next_event(&event, 200, &got);
		if (ret || !got)
			continue;
		print_event(&event);
		kernel_event_free(&event);
		rest -= rest > 0;
		if (ferror(stdout))
			break;
	}
	return ret ? failed(ret, "cannot watch events") : 0;
}

const struct command monitor_commands[] = {
	{ NULL, "monitor", "", 0, 0, monitor_options,
	  sizeof(struct monitor_options), monitor,
	  "print events as they happen" },
	{}
};
