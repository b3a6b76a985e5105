// SPDX-License-Identifier: GPL-2.0
/* top: the paths of all disks, live; --once and --json for scripts */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/disk.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "cmd/cmd.h"
#include "flow/sample.h"
#include "flow/trend.h"
#include "module/kernel.h"

#define SCREEN_HEAD	4	/* lines that are not rows of the table */

enum order {
	ORDER_PATH,
	ORDER_IOPS,
	ORDER_BYTES,
	ORDER_LATENCY,
	ORDER_QUEUE,
};

struct top_options {
	bool once;
	int64_t interval;
	int64_t count;
	int sort;
	const char *disk;
};

static const struct choice orders[] = {
	{ "path", ORDER_PATH }, { "iops", ORDER_IOPS },
	{ "bytes", ORDER_BYTES }, { "latency", ORDER_LATENCY },
	{ "queue", ORDER_QUEUE }, {}
};

static const struct option top_options[] = {
	{ "once", OPT_FLAG, offsetof(struct top_options, once), NULL,
	  "one table of one interval, then end" },
	{ "interval", OPT_TIME, offsetof(struct top_options, interval),
	  "TIME", "between two looks (1s; a bare number is milliseconds)",
	  NULL, 100, 3600000, .unit = 1 },
	{ "count", OPT_NUMBER, offsetof(struct top_options, count), "N",
	  "end after so many tables", NULL, 1, 1000000 },
	{ "sort", OPT_CHOICE, offsetof(struct top_options, sort),
	  "path|iops|bytes|latency|queue", "the highest first", orders },
	{ "disk", OPT_STRING, offsetof(struct top_options, disk), "DISK",
	  "only paths of this disk" },
	{}
};

struct row {
	const struct path *path;
	struct rate rate;
};

/* What is on the screen. */
struct picture {
	struct row *row;
	size_t count;
	uint64_t ios, bytes, queue;
};

static enum order sorted_by;

static uint64_t weight(const struct row *row)
{
	switch (sorted_by) {
	case ORDER_IOPS:
		return row->rate.ios;
	case ORDER_BYTES:
		return row->rate.bytes;
	case ORDER_LATENCY:
		return row->rate.p99;
	case ORDER_QUEUE:
		return row->path->in_flight;
	default:
		return 0;
	}
}

static int by_weight(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uint64_t wx = weight(x), wy = weight(y);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return (x->path->id > y->path->id) - (x->path->id < y->path->id);
}

static void compose(struct picture *pic, const struct top_options *o,
		    const struct sample *before, const struct sample *now)
{
	struct row *row;
	size_t i;

	memset(pic, 0, sizeof(*pic));
	pic->row = xcalloc(now->paths.count + 1, sizeof(*pic->row));
	for (i = 0; i < now->paths.count; i++) {
		const struct path *p = &now->paths.item[i];

		if (o->disk && strcmp(disk_name(o->disk), p->disk))
			continue;
		row = &pic->row[pic->count++];
		row->path = p;
		row->rate = sample_rate(before, now, i);
		trend_add(p->id, row->rate.p99);
		pic->ios += row->rate.ios;
		pic->bytes += row->rate.bytes;
		pic->queue += p->in_flight;
	}
	qsort(pic->row, pic->count, sizeof(*pic->row), by_weight);
}

/* 1234567 bytes a second as "1.23" megabytes. */
static void print_megabytes(uint64_t bytes)
{
	char text[32];

	if (options_given()->json) {
		print_u64("BytesPerSecond", NULL, bytes);
		return;
	}
	snprintf(text, sizeof(text), "%.2f", bytes / 1e6);
	print_str("BytesPerSecond", "MB/s", text);
}

static void print_rows(const struct picture *pic, size_t limit)
{
	char trend[TREND_TEXT];
	const struct row *row;
	const struct path *p;
	size_t i;

	print_open(PRINT_TABLE);
	for (i = 0; i < pic->count && i < limit; i++) {
		row = &pic->row[i];
		p = row->path;
		print_row();
		print_u64("PathIdentifier", "PATH", p->id);
		print_str("Disk", "DISK", p->disk);
		print_str("PathKey", "KEY", p->key);
		print_str("State", "STATE", model_path_state_name(p->state));
		print_str("AluaState", "ALUA", model_alua_state_name(p->alua_state));
		print_u64("IosPerSecond", "IOPS", row->rate.ios);
		print_megabytes(row->rate.bytes);
		print_u64("LatencyMicroseconds", "LATENCY", p->latency_us);
		print_u64("LatencyP50Microseconds", "P50", row->rate.p50);
		print_u64("LatencyP99Microseconds", "P99", row->rate.p99);
		print_u64("InFlight", "QUEUE", p->in_flight);
		print_u64("Errors", "ERRORS", row->rate.errors);
		if (!options_given()->json)
			print_str("LatencyTrend", "TREND",
				  trend_text(p->id, trend));
		print_str("TargetNodeAddress", NULL, p->target);
		print_str("Reason", NULL, p->reason);
	}
	print_close();
}

static void draw(const struct picture *pic)
{
	unsigned int columns, rows;
	time_t now = time(NULL);
	struct tm tm;
	char clock[16];

	localtime_r(&now, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	terminal_screen_clear(&columns, &rows);
	printf("%s  %zu paths, %llu IOPS, %.2f MB/s, %llu in flight\n", clock,
	       pic->count, (unsigned long long)pic->ios, pic->bytes / 1e6,
	       (unsigned long long)pic->queue);
	printf("sort: p path, i IOPS, m MB/s, l P99 (us), u queue; q quits\n\n");
	print_rows(pic, rows > SCREEN_HEAD ? rows - SCREEN_HEAD : 1);
}

/* False when the user has had enough. */
static bool obey(int key)
{
	static const struct {
		char key;
		enum order order;
	} keys[] = {
		{ 'p', ORDER_PATH }, { 'i', ORDER_IOPS }, { 'm', ORDER_BYTES },
		{ 'l', ORDER_LATENCY }, { 'u', ORDER_QUEUE },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			sorted_by = keys[i].order;
	return key != 'q';
}

static void pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* One interval; *go is false when it was the last. */
static int step(const struct top_options *o, struct sample *before,
		bool screen, bool *go)
{
	long ms = o->interval > 0 ? o->interval : 1000;
	struct picture pic;
	struct sample now;
	int ret;

	if (screen)
		*go = obey(terminal_screen_key(ms));
	else
		pause_ms(ms);
	if (!*go)
		return 0;
	ret = sample_take(&now);
	if (ret)
		return ret;
	compose(&pic, o, before, &now);
	if (screen)
		draw(&pic);
	else
		print_rows(&pic, pic.count);
	free(pic.row);
	model_path_list_free(&before->paths);
	*before = now;
	return 0;
}

static int top(const struct strlist *operands, const void *options)
{
	const struct top_options *o = options;
	int64_t rest = o->count;
	struct sample before;
	bool screen, go = true;
	int ret;

	(void)operands;
	sorted_by = o->sort == -1 ? ORDER_PATH : (enum order)o->sort;
	ret = kernel_open();
	if (!ret)
		ret = sample_take(&before);
	if (ret)
		return failed(ret, "cannot watch paths");
	screen = !o->once && !options_given()->json && terminal_screen_begin();
	if (o->once || options_given()->json || !screen)
		rest = rest > 0 ? rest : 1;
	while (!ret && go && rest) {
		ret = step(o, &before, screen, &go);
		rest -= rest > 0;
	}
	terminal_screen_end();
	trend_end();
	model_path_list_free(&before.paths);
	return ret ? failed(ret, "cannot watch paths") : 0;
}

const struct command top_commands[] = {
	{ NULL, "top", "", 0, 0, top_options, sizeof(struct top_options), top,
	  "live table of all paths",
	  .columns = "PATH DISK STATE IOPS MB/s LATENCY P50 P99 QUEUE ERRORS TREND" },
	{}
};
