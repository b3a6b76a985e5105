// SPDX-License-Identifier: GPL-2.0
/*
 * stats: counters of disks and of their paths. The kernel's counters only
 * grow; --clear notes where they stand, and from then on the difference is
 * shown, except to --openmetrics and --prometheus, whose readers want counters
 * that grow.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/openmetrics.h"
#include "module/kernel.h"
#include "store/kv.h"

#define CLEARED_FILE "/run/iscsi-mpio/cleared"

struct stats_options {
	bool clear;
	bool openmetrics;
	bool prometheus;
	const char *disk;
};

static const struct option stats_options[] = {
	{ "clear", OPT_FLAG, offsetof(struct stats_options, clear), NULL,
	  "count from now on" },
	{ "openmetrics", OPT_FLAG,
	  offsetof(struct stats_options, openmetrics), NULL,
	  "print everything as OpenMetrics 1.0 text" },
	{ "prometheus", OPT_FLAG, offsetof(struct stats_options, prometheus),
	  NULL, "the same for the textfile collector of node_exporter" },
	{ "disk", OPT_STRING, offsetof(struct stats_options, disk), "DISK",
	  "only this disk" },
	{}
};

struct view {
	struct info info;
	struct disk_list disks;
	struct path_list paths;
};

static int view_open(struct view *v)
{
	int ret;

	memset(v, 0, sizeof(*v));
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_info(&v->info);
	if (!ret)
		ret = kernel_get_disks(&v->disks);
	if (!ret)
		ret = kernel_get_paths(0, 0, &v->paths);
	return ret;
}

static void view_close(struct view *v)
{
	model_disk_list_free(&v->disks);
	model_path_list_free(&v->paths);
}

/* Numbers of paths and disks are not given twice by one load of the module. */
static int note_cleared(const struct view *v)
{
	struct strlist lines = {};
	const struct path *p;
	const struct disk *d;
	char *path;
	size_t i;
	int ret;

	kv_put(&lines, "Instance", "%016" PRIx64, v->info.instance);
	for (i = 0; i < v->paths.count; i++) {
		p = &v->paths.item[i];
		kv_put(&lines, "Path", "%u %" PRIu64 " %" PRIu64 " %" PRIu64
		       " %" PRIu64, p->id, p->ios, p->bytes, p->errors,
		       p->failovers);
	}
	for (i = 0; i < v->disks.count; i++) {
		d = &v->disks.item[i];
		kv_put(&lines, "Disk", "%u %" PRIu64 " %" PRIu64 " %" PRIu64,
		       d->id, d->failovers, d->requeues, d->no_path_errors);
	}
	path = file_root_path(CLEARED_FILE);
	ret = kv_save(path, "iscsi-mpio counters", &lines);
	if (ret)
		because(ret, "%s cannot be written", path);
	free(path);
	return ret;
}

static void subtract_path(struct view *v, const char *line)
{
	uint64_t ios, bytes, errors, failovers;
	struct path *p;
	unsigned int id;
	size_t i;

	if (sscanf(line, "%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &id, &ios, &bytes, &errors, &failovers) != 5)
		return;
	for (i = 0; i < v->paths.count; i++) {
		p = &v->paths.item[i];
		if (p->id != id)
			continue;
		p->ios -= ios;
		p->bytes -= bytes;
		p->errors -= errors;
		p->failovers -= failovers;
	}
}

static void subtract_disk(struct view *v, const char *line)
{
	uint64_t failovers, requeues, errors;
	struct disk *d;
	unsigned int id;
	size_t i;

	if (sscanf(line, "%u %" SCNu64 " %" SCNu64 " %" SCNu64, &id,
		   &failovers, &requeues, &errors) != 4)
		return;
	for (i = 0; i < v->disks.count; i++) {
		d = &v->disks.item[i];
		if (d->id != id)
			continue;
		d->failovers -= failovers;
		d->requeues -= requeues;
		d->no_path_errors -= errors;
	}
}

static void subtract_cleared(struct view *v)
{
	char *path = file_root_path(CLEARED_FILE), instance[20];
	const char *of;
	struct kv kv;
	size_t i;
	int ret = kv_load(path, &kv);

	free(path);
	if (ret)
		return;		/* never cleared, or not since the boot */
	snprintf(instance, sizeof(instance), "%016" PRIx64, v->info.instance);
	of = kv_get(&kv, "Instance");
	for (i = 0; of && !strcmp(of, instance) && i < kv.count; i++) {
		if (!strcmp(kv.pair[i].key, "Path"))
			subtract_path(v, kv.pair[i].value);
		else if (!strcmp(kv.pair[i].key, "Disk"))
			subtract_disk(v, kv.pair[i].value);
	}
	kv_free(&kv);
}

static void print_path(const struct path *p)
{
	print_object(NULL);
	print_u64("PathIdentifier", NULL, p->id);
	print_str("PathKey", NULL, p->key);
	print_str("State", NULL, model_path_state_name(p->state));
	print_u64("InFlight", NULL, p->in_flight);
	print_u64("Ios", NULL, p->ios);
	print_u64("Bytes", NULL, p->bytes);
	print_u64("Errors", NULL, p->errors);
	print_u64("Failovers", NULL, p->failovers);
	print_u64("LatencyMicroseconds", NULL, p->latency_us);
	print_object_end();
}

static void print_disk(const struct disk *d, const struct path_list *paths)
{
	uint64_t ios = 0, bytes = 0;
	size_t i;

	for (i = 0; i < paths->count; i++) {
		if (paths->item[i].disk_id != d->id)
			continue;
		ios += paths->item[i].ios;
		bytes += paths->item[i].bytes;
	}
	print_row();
	print_str("Disk", "DISK", d->name);
	print_str("WWID", NULL, d->wwid);
	print_str("Serial", NULL, d->serial);
	print_u64("Size", "SIZE", d->size);
	print_u64("Paths", "PATHS", d->paths);
	print_u64("PathsReady", "READY", d->paths_ready);
	print_u64("Openers", "OPENERS", d->openers);
	print_u64("Ios", "IOS", ios);
	print_u64("Bytes", "BYTES", bytes);
	print_u64("Parked", "PARKED", d->parked);
	print_u64("Held", NULL, d->held);
	print_u64("GhostPaths", NULL, d->ghosts);
	print_bool("IsFailed", "FAILED", d->failed);
	print_u64("Failovers", "FAILOVERS", d->failovers);
	print_u64("Requeues", "REQUEUES", d->requeues);
	print_u64("NoPathErrors", "ERRORS", d->no_path_errors);
	print_array("PathCounters");
	for (i = 0; i < paths->count; i++)
		if (paths->item[i].disk_id == d->id)
			print_path(&paths->item[i]);
	print_array_end();
}

static int print_view(struct view *v, const char *disk)
{
	size_t i, printed = 0;

	subtract_cleared(v);
	print_open(PRINT_TABLE);
	for (i = 0; i < v->disks.count; i++) {
		if (disk && strcmp(disk_name(disk), v->disks.item[i].name))
			continue;
		print_disk(&v->disks.item[i], &v->paths);
		printed++;
	}
	print_close();
	if (disk && !printed)
		return because(CODE_NOT_FOUND, "%s is not a disk of ours",
			       disk);
	return 0;
}

static int stats(const struct strlist *operands, const void *options)
{
	const struct stats_options *o = options;
	struct view v;
	int ret;

	(void)operands;
	if (o->clear + o->openmetrics + o->prometheus + !!o->disk > 1) {
		because(CODE_INVALID,
			"give one of --clear, --openmetrics, --prometheus and --disk");
		return failed(CODE_INVALID, "cannot get counters");
	}
	ret = view_open(&v);
	if (!ret && o->clear)
		ret = note_cleared(&v);
	else if (!ret && (o->openmetrics || o->prometheus))
		ret = openmetrics_print(&v.info, &v.disks, &v.paths,
					o->prometheus);
	else if (!ret)
		ret = print_view(&v, o->disk);
	view_close(&v);
	return ret ? failed(ret, "cannot get counters") : 0;
}

const struct command stats_commands[] = {
	{ NULL, "stats", "", 0, 0, stats_options,
	  sizeof(struct stats_options), stats,
	  "counters of disks and paths",
	  .columns = "DISK PATHS READY IOS BYTES PARKED FAILED FAILOVERS ERRORS" },
	{}
};
