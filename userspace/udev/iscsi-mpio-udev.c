// SPDX-License-Identifier: GPL-2.0
/*
 * Prints by-path links of a block device for a udev rule:
 *
 *	iscsi-mpio-udev /devices/.../block/sda[/sda1]
 *
 * from the attribute "paths" of its SCSI device, one line for each path:
 * ADDRESS:PORT TARGET LUN STATE. Prints nothing for devices of others.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bypath.h"

#define PATHS_MAX	64

/* Opens the attribute of the disk, or of the disk a partition is on. */
static FILE *open_paths(const char *devpath, int *partition)
{
	char name[PATH_MAX];
	FILE *f;

	*partition = 0;
	snprintf(name, sizeof(name), "/sys%s/device/paths", devpath);
	f = fopen(name, "re");
	if (f)
		return f;
	snprintf(name, sizeof(name), "/sys%s/partition", devpath);
	f = fopen(name, "re");
	if (!f)
		return NULL;
	if (fscanf(f, "%d", partition) != 1)
		*partition = 0;
	fclose(f);
	snprintf(name, sizeof(name), "/sys%s/../device/paths", devpath);
	return *partition ? fopen(name, "re") : NULL;
}

static int print_links(FILE *paths, int partition)
{
	char name[BYPATH_LEN], first[BYPATH_LEN] = "", part[16] = "";
	int count = 0;

	if (partition)
		snprintf(part, sizeof(part), "-part%d", partition);
	while (count < PATHS_MAX && bypath_next(paths, name)) {
		/* whatever order the paths came in */
		if (!count || strcmp(name, first) < 0)
			memcpy(first, name, sizeof(first));
		printf("%s", count++ ? " " : "ISCSI_MPIO_LINKS=");
		printf("disk/by-path/%s%s", name, part);
	}
	if (count)
		printf("\nISCSI_MPIO_PATH=%s\n", first);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int partition, ret;
	FILE *paths;

	if (argc != 2) {
		fputs("usage: iscsi-mpio-udev DEVPATH\n", stderr);
		return EXIT_FAILURE;
	}
	paths = open_paths(argv[1], &partition);
	if (!paths)
		return EXIT_SUCCESS;
	ret = print_links(paths, partition);
	fclose(paths);
	return ret;
}
