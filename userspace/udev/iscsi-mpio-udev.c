// SPDX-License-Identifier: GPL-2.0
/*
 * Prints by-path links of a block device for a udev rule:
 *
 *	iscsi-mpio-udev /devices/.../block/sda[/sda1]
 *
 * from the attribute "paths" of its SCSI device, one line for each path:
 * ADDRESS:PORT TARGET LUN STATE. Prints nothing for devices of others.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS_LEN	80
#define NAME_LEN	224
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

/*
 * "[fe80::1%eth0]:3260" becomes "fe80::1_eth0:3260", as other tools name such
 * links; a link name holds what udev allows.
 */
static void make_link_text(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '[' || *text == ']')
			continue;
		if (isalnum((unsigned char)*text) || *text & 0x80 ||
		    strchr("#+-.:=@_", *text))
			*to++ = *text;
		else
			*to++ = '_';
	}
	*to = '\0';
}

static int print_links(FILE *paths, int partition)
{
	char address[ADDRESS_LEN], target[NAME_LEN], part[16] = "";
	char first[ADDRESS_LEN + NAME_LEN + 64] = "", line[512];
	unsigned long long lun;
	int count = 0;

	if (partition)
		snprintf(part, sizeof(part), "-part%d", partition);
	while (count < PATHS_MAX && fgets(line, sizeof(line), paths)) {
		if (sscanf(line, "%79s %223s %llu", address, target,
			   &lun) != 3)
			continue;
		make_link_text(address);
		make_link_text(target);
		if (!count++) {
			snprintf(first, sizeof(first),
				 "ip-%s-iscsi-%s-lun-%llu", address, target,
				 lun);
			printf("ISCSI_MPIO_LINKS=");
		} else {
			putchar(' ');
		}
		printf("disk/by-path/ip-%s-iscsi-%s-lun-%llu%s", address,
		       target, lun, part);
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
