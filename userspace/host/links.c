// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for links in /dev/disk: looks at them again after each event that udev has
 * dealt with, which udev announces once the links are made.
 */
#include "host/links.h"

#include <dirent.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "host/bypath.h"

#define LINKS_MS	5000
#define LOOK_AGAIN_MS	200	/* events are not told in other namespaces */
#define UDEV_GROUP	2	/* what udev sends on, the kernel's are in 1 */

/* The first that is there counts for udev. */
static const char *const rules[] = {
	"/etc/udev/rules.d/60-iscsi-mpio.rules",
	"/run/udev/rules.d/60-iscsi-mpio.rules",
	"/usr/local/lib/udev/rules.d/60-iscsi-mpio.rules",
	"/usr/lib/udev/rules.d/60-iscsi-mpio.rules",
	"/lib/udev/rules.d/60-iscsi-mpio.rules",
};

/* Does anybody listen where udev does? */
static bool udev_runs(void)
{
	struct sockaddr_un to = {
		.sun_family = AF_UNIX,
		.sun_path = "/run/udev/control",
	};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool runs;

	runs = fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to));
	if (fd >= 0)
		close(fd);
	return runs;
}

/* One that is masked is a link to /dev/null, or empty. */
static bool udev_makes_them(void)
{
	struct stat st;
	size_t i;

	if (!udev_runs())
		return false;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!stat(rules[i], &st))
			return S_ISREG(st.st_mode) && st.st_size;
	return false;
}

/* Does the link lead to @device? */
static bool link_leads(const char *name, const char *part, const char *device)
{
	char path[BYPATH_LEN + 64], to[PATH_MAX];
	const char *base;
	ssize_t len;

	snprintf(path, sizeof(path), "/dev/disk/by-path/%s%s", name, part);
	len = readlink(path, to, sizeof(to) - 1);
	if (len < 0)
		return false;
	to[len] = '\0';
	base = strrchr(to, '/');
	return !strcmp(base ? base + 1 : to, device);
}

/* The same for all partitions of @disk, which sysfs has by then. */
static bool partitions_linked(const char *disk, const char *name)
{
	char *base = xasprintf("/sys/block/%s", disk), *path, part[32];
	DIR *dir = opendir(base);
	bool good = true;
	struct dirent *e;
	unsigned int n;
	FILE *f;

	while (dir && good && (e = readdir(dir))) {
		if (strncmp(e->d_name, disk, strlen(disk)))
			continue;
		path = xasprintf("%s/%s/partition", base, e->d_name);
		f = fopen(path, "re");
		free(path);
		if (!f)
			continue;
		if (fscanf(f, "%u", &n) == 1) {
			snprintf(part, sizeof(part), "-part%u", n);
			good = link_leads(name, part, e->d_name);
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
	free(base);
	return good;
}

static bool is_linked(const char *disk)
{
	char *path = xasprintf("/sys/block/%s/device/paths", disk);
	FILE *paths = fopen(path, "re");
	char name[BYPATH_LEN];
	bool good = true;

	free(path);
	if (!paths)
		return true;	/* it has gone, or another namespace has it */
	while (good && bypath_next(paths, name))
		good = link_leads(name, "", disk) &&
		       partitions_linked(disk, name);
	fclose(paths);
	return good;
}

static const char *first_unlinked(const struct strlist *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (!is_linked(names->item[i]))
			return names->item[i];
	return NULL;
}

static int listen_udev(void)
{
	struct sockaddr_nl any = {
		.nl_family = AF_NETLINK,
		.nl_groups = UDEV_GROUP,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void links_wait(const struct strlist *names, const volatile sig_atomic_t *stop)
{
	long long limit = clock_now() + LINKS_MS;
	struct pollfd fd = { .events = POLLIN };
	const char *late = NULL;
	char drain[8192];

	if (!names->count || !udev_makes_them())
		return;
	fd.fd = listen_udev();
	while (!*stop && (late = first_unlinked(names)) &&
	       clock_now() < limit) {
		if (poll(&fd, 1, LOOK_AGAIN_MS) <= 0)
			continue;
		while (recv(fd.fd, drain, sizeof(drain), 0) > 0)
			;
	}
	if (late && !*stop)
		note("udev has not made all links of %s yet", late);
	if (fd.fd >= 0)
		close(fd.fd);
}
