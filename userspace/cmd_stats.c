// SPDX-License-Identifier: GPL-2.0
/* stats: counters of disks and of their paths */
#include <stdio.h>

#include "cmd.h"
#include "nl.h"
#include "print.h"

static void print_disk(const struct disk *d, const struct path_list *paths)
{
	const struct path *p;
	size_t i;

	print_row();
	print_str("Disk", "DISK", d->name);
	print_str("WWID", NULL, d->wwid);
	print_str("Serial", NULL, d->serial);
	print_u64("Size", "BYTES", d->size);
	print_u64("Paths", "PATHS", d->paths);
	print_u64("PathsReady", "READY", d->paths_ready);
	print_u64("Openers", "OPENERS", d->openers);
	print_u64("Parked", "PARKED", d->parked);
	print_bool("IsFailed", "FAILED", d->failed);
	print_u64("Failovers", "FAILOVERS", d->failovers);
	print_u64("Requeues", "REQUEUES", d->requeues);
	print_u64("NoPathErrors", "ERRORS", d->no_path_errors);
	print_array("PathCounters");
	for (i = 0; i < paths->count; i++) {
		p = &paths->item[i];
		if (p->disk_id != d->id)
			continue;
		print_object(NULL);
		print_u64("PathIdentifier", NULL, p->id);
		print_str("PathKey", NULL, p->key);
		print_u64("InFlight", NULL, p->in_flight);
		print_u64("Ios", NULL, p->ios);
		print_u64("Bytes", NULL, p->bytes);
		print_u64("Errors", NULL, p->errors);
		print_u64("Failovers", NULL, p->failovers);
		print_u64("LatencyMicroseconds", NULL, p->latency_us);
		print_object_end();
	}
	print_array_end();
}

static int stats(const struct strlist *operands, const void *options)
{
	struct disk_list disks = {};
	struct path_list paths = {};
	size_t i;
	int ret = kernel_open();

	(void)operands;
	(void)options;
	if (!ret)
		ret = kernel_get_disks(&disks);
	if (!ret)
		ret = kernel_get_paths(0, 0, &paths);
	if (ret)
		return failed(ret, "cannot get counters");
	print_open(PRINT_TABLE);
	for (i = 0; i < disks.count; i++)
		print_disk(&disks.item[i], &paths);
	print_close();
	disk_list_free(&disks);
	path_list_free(&paths);
	return 0;
}

const struct command stats_commands[] = {
	{ NULL, "stats", "", 0, 0, NULL, 0, stats,
	  "counters of disks and paths" },
	{}
};
