// SPDX-License-Identifier: GPL-2.0
/* By /dev and /sys/dev/block. */
#include "base/disk.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

const char *disk_name(const char *disk)
{
	return strncmp(disk, "/dev/", 5) ? disk : disk + 5;
}

/* The disk that block device @dev is, or is a partition of. */
static bool disk_of(dev_t dev, char *disk, size_t size)
{
	char *path = xasprintf("/sys/dev/block/%u:%u", major(dev),
			       minor(dev));
	char link[PATH_MAX], *part, *slash;
	ssize_t len = readlink(path, link, sizeof(link) - 1);
	bool whole;

	part = xasprintf("%s/partition", path);
	whole = access(part, F_OK);
	free(part);
	free(path);
	if (len <= 0)
		return false;
	link[len] = '\0';
	slash = whole ? NULL : strrchr(link, '/');
	if (slash)
		*slash = '\0';
	slash = strrchr(link, '/');
	return copy_text(disk, size, slash ? slash + 1 : link);
}

void disk_whole(const char *name, char *disk, size_t size)
{
	char *path = *name == '/' ? xstrdup(name) :
		     xasprintf("/dev/%s", name);
	struct stat st;

	copy_text(disk, size, disk_name(name));
	if (!stat(path, &st) && S_ISBLK(st.st_mode))
		disk_of(st.st_rdev, disk, size);
	free(path);
}
