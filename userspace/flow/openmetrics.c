// SPDX-License-Identifier: GPL-2.0
/* A row for each metric; all samples of a metric stand together. */
#include "flow/openmetrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "module/ids.h"
#include "module/kernel.h"

enum kind {
	KIND_U32,
	KIND_U64,
	KIND_MS,	/* u64 milliseconds, shown as seconds */
	KIND_US,	/* u32 microseconds, shown as seconds */
	KIND_FLAG,
	KIND_ANY,	/* u32, shown as 1 when it is not 0 */
	KIND_TIMES,	/* histogram of microseconds, shown in seconds */
	KIND_STATE,	/* one sample for each word, 1 at the present one */
};

struct metric {
	const char *name;
	const char *help;
	bool counter;
	enum kind kind;
	size_t offset;
	const char *(*word)(uint32_t state);
	uint32_t words;
};

#define METRIC(type, member, name, ...) \
	{ name, __VA_ARGS__, offsetof(struct type, member) }

static const struct metric path_metrics[] = {
	METRIC(path, ios, "path_ios", "commands completed", true, KIND_U64),
	METRIC(path, bytes, "path_bytes", "bytes moved", true, KIND_U64),
	METRIC(path, errors, "path_errors", "commands failed by the path",
	       true, KIND_U64),
	METRIC(path, failovers, "path_failovers",
	       "commands moved away to another path", true, KIND_U64),
	METRIC(path, in_flight, "path_in_flight", "commands out now", false,
	       KIND_U32),
	METRIC(path, latency_us, "path_latency_seconds",
	       "moving average of the time a command takes", false, KIND_US),
	METRIC(path, latency, "path_command_seconds",
	       "time that commands took", false, KIND_TIMES),
	{ "path_state", "state of the path", false, KIND_STATE,
	  offsetof(struct path, state), model_path_state_name,
	  __MPIO_PATH_STATE_MAX },
	{}
};

static const struct metric disk_metrics[] = {
	METRIC(disk, size, "disk_size_bytes", "capacity", false, KIND_U64),
	METRIC(disk, paths, "disk_paths", "paths that lead to it", false,
	       KIND_U32),
	METRIC(disk, paths_ready, "disk_paths_ready",
	       "paths that may carry I/O", false, KIND_U32),
	METRIC(disk, parked, "disk_parked", "commands waiting for a path",
	       false, KIND_U32),
	METRIC(disk, held, "disk_held",
	       "writes waiting for the end of what was lost", false, KIND_U32),
	METRIC(disk, ghosts, "disk_ghost_paths",
	       "paths of which failed writes may yet be executed", false,
	       KIND_U32),
	METRIC(disk, failed, "disk_failed", "NoPathTimeout is over", false,
	       KIND_FLAG),
	METRIC(disk, clash, "disk_identity_conflict",
	       "another unit claims its identity", false, KIND_ANY),
	METRIC(disk, failovers, "disk_failovers", "commands sent again",
	       true, KIND_U64),
	METRIC(disk, requeues, "disk_requeues",
	       "commands that had to wait for a path", true, KIND_U64),
	METRIC(disk, no_path_errors, "disk_no_path_errors",
	       "commands failed for lack of a path", true, KIND_U64),
	{}
};

static const struct metric session_metrics[] = {
	METRIC(session, reconnects, "session_reconnects",
	       "logins after the first", true, KIND_U32),
	METRIC(session, connected_ms, "session_connected_seconds",
	       "since the present login", false, KIND_MS),
	{ "session_state", "state of the session", false, KIND_STATE,
	  offsetof(struct session, state), model_session_state_name,
	  __MPIO_SESSION_STATE_MAX },
	{}
};

static void put_label(const char *name, const char *value, bool first)
{
	printf("%s%s=\"", first ? "" : ",", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			printf("\\%c", *value);
		else if (*value == '\n')
			fputs("\\n", stdout);
		else
			putchar(*value);
	}
	putchar('"');
}

static void path_labels(const void *object)
{
	const struct path *p = object;
	char text[24];

	put_label("disk", p->disk, true);
	put_label("key", p->key, false);
	snprintf(text, sizeof(text), "%" PRIu64, p->lun);
	put_label("lun", text, false);
	put_label("target", p->target, false);
}

static void disk_labels(const void *object)
{
	const struct disk *d = object;

	put_label("disk", d->name, true);
	put_label("wwid", d->wwid, false);
}

static void session_labels(const void *object)
{
	const struct session *s = object;
	char text[ADDRESS_TEXT];

	ids_session_text(s, text);
	put_label("session", text, true);
	put_label("target", s->login.target, false);
	put_label("portal", address_port_text(&s->login.portal, text), false);
}

static void put_value(const struct metric *m, const void *at)
{
	uint64_t number;

	switch (m->kind) {
	case KIND_U64:
		memcpy(&number, at, sizeof(number));
		printf(" %" PRIu64 "\n", number);
		break;
	case KIND_MS:
		memcpy(&number, at, sizeof(number));
		printf(" %" PRIu64 ".%03" PRIu64 "\n", number / 1000,
		       number % 1000);
		break;
	case KIND_US:
		number = *(const uint32_t *)at;
		printf(" %" PRIu64 ".%06" PRIu64 "\n", number / 1000000,
		       number % 1000000);
		break;
	case KIND_ANY:
		printf(" %d\n", *(const uint32_t *)at != 0);
		break;
	case KIND_FLAG:
		printf(" %d\n", *(const bool *)at);
		break;
	default:
		printf(" %" PRIu32 "\n", *(const uint32_t *)at);
	}
}

static void put_states(const struct metric *m, const void *object,
		       void (*labels)(const void *object))
{
	uint32_t is = *(const uint32_t *)((const char *)object + m->offset);
	char name[64];
	uint32_t i;

	snprintf(name, sizeof(name), "iscsi_mpio_%s", m->name);
	for (i = 0; i < m->words; i++) {
		printf("%s{", name);
		labels(object);
		put_label(name, m->word(i), false);
		printf("} %d\n", i == is);
	}
}

/* Counts up to each bound; that of the last bucket is infinite. */
static void put_times(const struct metric *m, const void *object,
		      void (*labels)(const void *object))
{
	const struct histogram *h = (const void *)((const char *)object +
						   m->offset);
	uint64_t sum = 0;
	char bound[24];
	uint32_t i;

	for (i = 0; i < MPIO_LATENCY_BUCKETS; i++) {
		sum += h->bucket[i];
		snprintf(bound, sizeof(bound), "%g", (2ULL << i) / 1e6);
		printf("iscsi_mpio_%s_bucket{", m->name);
		labels(object);
		put_label("le", i + 1 < MPIO_LATENCY_BUCKETS ? bound : "+Inf",
			  false);
		printf("} %" PRIu64 "\n", sum);
	}
	printf("iscsi_mpio_%s_count{", m->name);
	labels(object);
	printf("} %" PRIu64 "\n", sum);
}

/* 0.0.4 knows neither state sets nor names of counters apart from samples'. */
static void put_head(const struct metric *m, bool classic)
{
	const char *suffix = classic && m->counter ? "_total" : "";

	printf("# HELP iscsi_mpio_%s%s %s.\n# TYPE iscsi_mpio_%s%s %s\n",
	       m->name, suffix, m->help, m->name, suffix,
	       m->counter ? "counter" :
	       m->kind == KIND_TIMES ? "histogram" :
	       m->kind == KIND_STATE && !classic ? "stateset" : "gauge");
}

/* All metrics of @count objects of @size bytes each. */
static void put_metrics(const struct metric *m, const void *objects,
			size_t count, size_t size,
			void (*labels)(const void *object), bool classic)
{
	const char *object;
	size_t i;

	for (; m->name; m++) {
		put_head(m, classic);
		for (i = 0; i < count; i++) {
			object = (const char *)objects + i * size;
			if (m->kind == KIND_STATE) {
				put_states(m, object, labels);
				continue;
			}
			if (m->kind == KIND_TIMES) {
				put_times(m, object, labels);
				continue;
			}
			printf("iscsi_mpio_%s%s{", m->name,
			       m->counter ? "_total" : "");
			labels(object);
			putchar('}');
			put_value(m, object + m->offset);
		}
	}
}

int openmetrics_print(const struct info *info, const struct disk_list *disks,
		      const struct path_list *paths, bool classic)
{
	struct session_list live = {};
	int ret = kernel_get_sessions(&live);

	if (ret)
		return ret;
	printf("# HELP iscsi_mpio_module%s version of the module.\n"
	       "# TYPE iscsi_mpio_module%s\n"
	       "iscsi_mpio_module_info{", classic ? "_info" : "",
	       classic ? "_info gauge" : " info");
	put_label("version", info->version, true);
	printf("} 1\n");
	put_metrics(session_metrics, live.item, live.count,
		    sizeof(*live.item), session_labels, classic);
	put_metrics(disk_metrics, disks->item, disks->count,
		    sizeof(*disks->item), disk_labels, classic);
	put_metrics(path_metrics, paths->item, paths->count,
		    sizeof(*paths->item), path_labels, classic);
	if (!classic)
		printf("# EOF\n");
	model_session_list_free(&live);
	return 0;
}
