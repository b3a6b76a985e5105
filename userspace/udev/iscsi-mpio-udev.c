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

#include "host/bypath.h"

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

/*
 * udev takes LINKS_MAX bytes of links from one property and OUTPUT_MAX bytes from
 * one program: the links come in as many properties as it takes, ISCSI_MPIO_LINKS,
 * ISCSI_MPIO_LINKS_2 and so on, of which the rule knows PROPERTIES_MAX.
 */
#define LINKS_MAX	1000
#define OUTPUT_MAX	15000
#define PROPERTIES_MAX	16

struct links {
	int properties;
	size_t len;	/* of the present property */
	size_t total;
};

/* Starts a property where the present one is full. -1: there is no more room. */
static int add_link(struct links *l, const char *link)
{
	size_t len = strlen(link) + 1;

	if (l->total + len > OUTPUT_MAX)
		return -1;
	if (!l->properties || l->len + len > LINKS_MAX) {
		if (l->properties == PROPERTIES_MAX)
			return -1;
		if (l->properties++)
			printf("\nISCSI_MPIO_LINKS_%d=", l->properties);
		else
			printf("ISCSI_MPIO_LINKS=");
		l->len = 0;
	} else {
		putchar(' ');
	}
	fputs(link, stdout);
	l->len += len;
	l->total += len;
	return 0;
}

static int print_links(FILE *paths, int partition)
{
	char name[BYPATH_LEN], first[BYPATH_LEN] = "", part[16] = "";
	char link[BYPATH_LEN + 32];
	struct links links = { 0 };

	if (partition)
		snprintf(part, sizeof(part), "-part%d", partition);
	while (bypath_next(paths, name)) {
		/* whatever order the paths came in */
		if (!*first || strcmp(name, first) < 0)
			memcpy(first, name, sizeof(first));
		snprintf(link, sizeof(link), "disk/by-path/%s%s", name, part);
		if (add_link(&links, link))
			break;
	}
	if (links.properties)
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
