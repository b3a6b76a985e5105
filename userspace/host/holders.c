// SPDX-License-Identifier: GPL-2.0
/* Mounts, swap, stacked devices and processes on a disk or its partitions. */
#include "host/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/strlist.h"

#define DEVICES_MAX 64

struct device {
	char name[64];
	mode_t kind;		/* S_IFBLK or S_IFCHR */
	dev_t dev;
	bool any;		/* each minor number of it */
};

struct devices {
	struct device item[DEVICES_MAX];
	size_t count;
};

static void add_device(struct devices *devices, const char *sysfs,
		       const char *name, mode_t kind)
{
	struct device *d = &devices->item[devices->count];
	unsigned int major, minor;
	char *path;
	FILE *f;

	path = xasprintf("%s/dev", sysfs);
	f = devices->count < DEVICES_MAX ? fopen(path, "re") : NULL;
	free(path);
	if (!f)
		return;
	if (fscanf(f, "%u:%u", &major, &minor) == 2) {
		copy_text(d->name, sizeof(d->name), name);
		d->kind = kind;
		d->dev = makedev(major, minor);
		devices->count++;
	}
	fclose(f);
}

static void find_devices(const char *disk, struct devices *devices)
{
	char *base = xasprintf("/sys/block/%s", disk), *path;
	DIR *dir = opendir(base);
	struct dirent *e;

	add_device(devices, base, disk, S_IFBLK);
	while (dir && (e = readdir(dir))) {
		if (strncmp(e->d_name, disk, strlen(disk)))
			continue;
		path = xasprintf("%s/%s", base, e->d_name);
		add_device(devices, path, e->d_name, S_IFBLK);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(base);
}

static const struct device *device_of(const struct devices *devices,
				      mode_t mode, dev_t dev)
{
	size_t i;

	for (i = 0; i < devices->count; i++)
		if (devices->item[i].kind == (mode & S_IFMT) &&
		    (devices->item[i].any ?
		     major(devices->item[i].dev) == major(dev) :
		     devices->item[i].dev == dev))
			return &devices->item[i];
	return NULL;
}

static void add(struct strlist *holders, char *text)
{
	if (!strlist_has(holders, text))
		strlist_add(holders, text);
	free(text);
}

static void find_mounts(const struct devices *devices,
			struct strlist *holders)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, where[4096];
	unsigned int major, minor;
	const struct device *d;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0) {
		if (sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor,
			   where) != 3)
			continue;
		d = device_of(devices, S_IFBLK, makedev(major, minor));
		if (d)
			add(holders, xasprintf("%s (mounted %s)", where,
					       d->name));
	}
	free(line);
	if (f)
		fclose(f);
}

static void find_swap(const struct devices *devices, struct strlist *holders)
{
	FILE *f = fopen("/proc/swaps", "re");
	char line[4352], path[4096];
	const struct device *d;
	struct stat st;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%4095s", path) != 1 || stat(path, &st) ||
		    !S_ISBLK(st.st_mode))
			continue;
		d = device_of(devices, st.st_mode, st.st_rdev);
		if (d)
			add(holders, xasprintf("swap on %s", d->name));
	}
	if (f)
		fclose(f);
}

/* Names of what is stacked right upon a block device. */
static struct strlist stacked_on(const char *device)
{
	char *path = xasprintf("/sys/class/block/%s/holders", device);
	struct strlist names = {};
	struct dirent *e;
	DIR *dir;

	dir = opendir(path);
	free(path);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			strlist_add(&names, e->d_name);
	if (dir)
		closedir(dir);
	return names;
}

static void find_stacked(const struct devices *devices,
			 struct strlist *holders)
{
	struct strlist names;
	size_t i, n;

	for (i = 0; i < devices->count; i++) {
		names = stacked_on(devices->item[i].name);
		for (n = 0; n < names.count; n++)
			add(holders, xasprintf("%s (holds %s)", names.item[n],
					       devices->item[i].name));
		strlist_free(&names);
	}
}

static void process_name(const char *pid, char *name, size_t size)
{
	char *path = xasprintf("/proc/%s/comm", pid);
	FILE *f = fopen(path, "re");

	name[0] = '\0';
	if (f && fgets(name, size, f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	free(path);
}

/* The process that started @pid, "" when that is not known. */
static void parent_of(const char *pid, char *parent, size_t size)
{
	char *path = xasprintf("/proc/%s/stat", pid), line[256], *rest = NULL;
	FILE *f = fopen(path, "re");
	int number = 0;

	if (f && fgets(line, sizeof(line), f))
		rest = strrchr(line, ')');	/* a name may hold anything */
	if (!rest || sscanf(rest, ") %*c %d", &number) != 1)
		number = 0;
	snprintf(parent, size, "%d", number);
	if (f)
		fclose(f);
	free(path);
}

/*
 * udev reads a disk after each writer has closed it, and soon lets go; so do
 * the programs that its rules run.
 */
static bool is_udev(const char *pid)
{
	char name[64], parent[NAME_MAX + 1];
	int i;

	snprintf(parent, sizeof(parent), "%s", pid);
	for (i = 0; i < 3; i++) {
		process_name(parent, name, sizeof(name));
		if (!strcmp(name, "(udev-worker)") ||
		    !strcmp(name, "systemd-udevd"))
			return true;
		parent_of(parent, parent, sizeof(parent));
	}
	return false;
}

static void find_in_process(const char *pid, const struct devices *devices,
			    struct strlist *holders)
{
	char *base = xasprintf("/proc/%s/fd", pid), *path, name[64];
	DIR *dir = opendir(base);
	const struct device *d;
	struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir))) {
		path = xasprintf("%s/%s", base, e->d_name);
		d = !stat(path, &st) ?
		    device_of(devices, st.st_mode, st.st_rdev) : NULL;
		free(path);
		if (!d)
			continue;
		if (is_udev(pid))
			continue;
		process_name(pid, name, sizeof(name));
		add(holders, xasprintf("process %s %s (has %s open)", pid,
				       name, d->name));
	}
	if (dir)
		closedir(dir);
	free(base);
}

static void find_processes(const struct devices *devices,
			   struct strlist *holders)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;

	/* Not this process: it holds only files that its caller has open as well. */
	while (proc && (e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    atoi(e->d_name) != getpid())
			find_in_process(e->d_name, devices, holders);
	if (proc)
		closedir(proc);
}

void holders_find(const char *disk, struct strlist *holders)
{
	struct devices devices = {};

	find_devices(disk, &devices);
	find_mounts(&devices, holders);
	find_swap(&devices, holders);
	find_stacked(&devices, holders);
	find_processes(&devices, holders);
}

bool holders_any_node(void)
{
	const struct devices nodes = {
		.item = {
			{ "sg", S_IFCHR, makedev(SCSI_GENERIC_MAJOR, 0), true },
			{ "st", S_IFCHR, makedev(SCSI_TAPE_MAJOR, 0), true },
			{ "ch", S_IFCHR, makedev(SCSI_CHANGER_MAJOR, 0), true },
		},
		.count = 3,
	};
	struct strlist holders = {};
	bool any;

	find_processes(&nodes, &holders);
	any = holders.count;
	strlist_free(&holders);
	return any;
}

void holders_find_nodes(const char *hctl, struct strlist *holders)
{
	static const char *const classes[] = {
		"scsi_generic", "scsi_tape", "scsi_changer",
	};
	struct devices devices = {};
	char *base, *path;
	struct dirent *e;
	size_t i;
	DIR *dir;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		base = xasprintf("/sys/class/scsi_device/%s/device/%s", hctl,
				 classes[i]);
		dir = opendir(base);
		while (dir && (e = readdir(dir))) {
			path = xasprintf("%s/%s", base, e->d_name);
			if (e->d_name[0] != '.')
				add_device(&devices, path, e->d_name, S_IFCHR);
			free(path);
		}
		if (dir)
			closedir(dir);
		free(base);
	}
	if (devices.count)
		find_processes(&devices, holders);
}

/* What is stacked upon the devices found so far, and upon that. */
static void add_stacked(struct devices *devices)
{
	struct strlist names;
	size_t i, n;
	char *base;

	for (i = 0; i < devices->count; i++) {
		names = stacked_on(devices->item[i].name);
		for (n = 0; n < names.count; n++) {
			base = xasprintf("/sys/block/%s", names.item[n]);
			add_device(devices, base, names.item[n], S_IFBLK);
			free(base);
		}
		strlist_free(&names);
	}
}

bool holders_carry(const char *disk, dev_t dev)
{
	struct devices devices = {};

	find_devices(disk, &devices);
	add_stacked(&devices);
	return device_of(&devices, S_IFBLK, dev);
}
