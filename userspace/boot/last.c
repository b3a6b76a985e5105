// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a machine whose disks may be gone: bounds for those who wait, and
 * a way out that needs nothing of a root file system that cannot be read.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/args.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "boot/boot.h"
#include "boot/net.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "proto/env.h"

#define LOOK_MS		500
#define SYNC_SECONDS	5
#define STACK_MAX	8	/* dm on md on dm ... */

/* "SESSION-IDENTIFIER BEFORE BOUND", a line for each session. */
#define BOUND_FILE	"/run/iscsi-mpio/bound"

static int set_patience(uint32_t id, uint32_t ms)
{
	struct settings settings;
	struct login blank;

	model_login_init(&blank);
	settings = blank.settings;
	settings.value[MPIO_TA_NO_PATH_TIMEOUT] = ms;
	return kernel_set_session_settings(id, &settings);
}

/* Lines of an earlier bound stay: they have the true values. */
static void remember(const char *lines)
{
	char *path = file_root_path(BOUND_FILE), *before, *all;
	size_t len;

	if (!*lines) {
		free(path);
		return;
	}
	if (file_read(path, &before, &len))
		before = xstrdup("");
	all = xasprintf("%s%s", before, lines);
	if (file_write(path, all, strlen(all), 0644))
		verbose("%s", why());
	free(all);
	free(before);
	free(path);
}

int boot_bound(unsigned int seconds)
{
	char id[SESSION_ID_LEN + 1], *lines = xstrdup(""), *more;
	struct session_list live = {};
	uint32_t ms = seconds * 1000, now;
	int ret, one;
	size_t i;

	ret = kernel_open_loaded();
	if (!ret)
		ret = kernel_get_sessions(&live);
	for (i = 0; i < live.count; i++) {
		now = live.item[i].login.settings
			.value[MPIO_TA_NO_PATH_TIMEOUT];
		if (now != UNSET && now <= ms)
			continue;
		one = set_patience(live.item[i].id, ms);
		ret = first_code(ret, one);
		if (one || now == UNSET)
			continue;
		ids_session_text(&live.item[i], id);
		more = xasprintf("%s%s %u %u\n", lines, id, now, ms);
		free(lines);
		lines = more;
	}
	remember(lines);
	free(lines);
	model_session_list_free(&live);
	if (ret == CODE_UNSUPPORTED)
		return 0;
	return ret ? failed(ret, "cannot bound the wait for paths") : 0;
}

/* One line of the file; whoever has set something else since is right. */
static int unbound(const char *line, const struct session_list *live)
{
	char text[SESSION_ID_LEN + 1];
	const struct session *s;
	uint32_t before, bound;
	char id[64];
	size_t i;

	if (sscanf(line, "%63s %u %u", id, &before, &bound) != 3)
		return 0;
	for (i = 0; i < live->count; i++) {
		s = &live->item[i];
		ids_session_text(s, text);
		if (!strcmp(id, text) &&
		    s->login.settings.value[MPIO_TA_NO_PATH_TIMEOUT] == bound)
			return set_patience(s->id, before);
	}
	return 0;
}

int boot_unbound(void)
{
	char *path = file_root_path(BOUND_FILE), *text, *at, *line;
	struct session_list live = {};
	size_t len;
	int ret = 0;

	if (file_read(path, &text, &len)) {
		free(path);
		return 0;	/* nothing was bound */
	}
	if (!kernel_open_loaded())
		ret = kernel_get_sessions(&live);
	at = text;
	while (!ret && (line = strsep(&at, "\n")))
		ret = unbound(line, &live);
	if (!ret)
		ret = file_remove(path);
	model_session_list_free(&live);
	free(text);
	free(path);
	return ret ? failed(ret, "cannot take the bound back") : 0;
}

/* Is @device ("8:1") the disk, a partition of it or stacked upon it? */
static bool lies_on(const char *device, const char *disk, int depth)
{
	char path[300], link[300], line[32];
	struct dirent *e;
	bool found;
	DIR *dir;
	FILE *f;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/dev/block/%s", device);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = '\0';
	snprintf(path, sizeof(path), "/block/%s", disk);
	n = strlen(path);
	found = strstr(link, path) &&
		(strstr(link, path)[n] == '\0' || strstr(link, path)[n] == '/');
	snprintf(path, sizeof(path), "/sys/dev/block/%s/slaves", device);
	dir = found || depth > STACK_MAX ? NULL : opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/block/%.64s/dev",
			 e->d_name);
		f = fopen(path, "re");
		if (f && fgets(line, sizeof(line), f)) {
			line[strcspn(line, "\n")] = '\0';
			found = lies_on(line, disk, depth + 1);
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * The device below what is mounted at @where: by the mount's source when the
 * file system has made up a number of its own, as Btrfs does.
 */
static bool find_device(const char *where, char *device, size_t size)
{
	char line[PATH_MAX], number[32], at[PATH_MAX], source[PATH_MAX], *rest;
	FILE *f = fopen("/proc/self/mountinfo", "re");
	bool found = false;
	struct stat st;

	while (f && fgets(line, sizeof(line), f)) {
		rest = strstr(line, " - ");
		if (!rest || sscanf(line, "%*s %*s %31s %*s %4095s", number,
				    at) != 2 || strcmp(at, where) ||
		    sscanf(rest, " - %*s %4095s", source) != 1)
			continue;
		found = true;	/* the last one is on top */
		snprintf(device, size, "%s", number);
		if (!strncmp(number, "0:", 2) && !stat(source, &st) &&
		    S_ISBLK(st.st_mode))
			snprintf(device, size, "%u:%u", major(st.st_rdev),
				 minor(st.st_rdev));
	}
	if (f)
		fclose(f);
	return found;
}

/*
 * The disk in @disks which the programs that end a machine are on, or NULL;
 * one without a path before any other.
 */
static const struct disk *root_disk(const struct disk_list *disks)
{
	static const char *const places[] = { "/", "/usr" };
	const struct disk *found = NULL, *disk;
	char device[32];
	size_t i, place;

	for (place = 0; place < ARRAY_SIZE(places); place++) {
		if (!find_device(places[place], device, sizeof(device)))
			continue;
		for (i = 0; i < disks->count; i++) {
			disk = &disks->item[i];
			if (disk->name[0] && lies_on(device, disk->name, 0) &&
			    (!found || !disk->paths_ready))
				found = disk;
		}
	}
	return found;
}

bool boot_root_is_ours(void)
{
	struct disk_list disks = {};
	bool ours;

	ours = !kernel_open_loaded() && !kernel_get_disks(&disks) &&
	       root_disk(&disks);
	model_disk_list_free(&disks);
	return ours;
}

/* 1 when the root's disk has no path and none comes in time. */
static int root_is_gone(unsigned int seconds)
{
	long long limit = clock_now() + seconds * 1000LL;
	struct disk_list disks = {};
	const struct disk *root;
	struct event event;
	bool got;
	int gone;

	if (kernel_open_loaded() || kernel_listen())
		return 0;
	for (;;) {
		if (kernel_get_disks(&disks))
			return 0;
		root = root_disk(&disks);
		gone = root && !root->paths_ready;
		if (!gone || root->failed || clock_now() >= limit)
			break;
		if (kernel_next_event(&event, LOOK_MS, &got))
			break;
		if (got)
			kernel_event_free(&event);
	}
	model_disk_list_free(&disks);
	return gone;
}

/* What can be written elsewhere is; a disk that hangs does not hold us. */
static void sync_for(int seconds)
{
	struct timespec limit = { .tv_sec = seconds };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (!fork()) {
		sync();
		_exit(0);
	}
	sigtimedwait(&set, NULL, &limit);
}

int boot_last(const char *how, unsigned int seconds)
{
	static const struct choice ways[] = {
		{ "reboot", LINUX_REBOOT_CMD_RESTART },
		{ "poweroff", LINUX_REBOOT_CMD_POWER_OFF },
		{ "halt", (int)LINUX_REBOOT_CMD_HALT },
		{ "kexec", LINUX_REBOOT_CMD_KEXEC },
		{}
	};
	int way;

	if (args_choice(how, ways, &way))
		return failed(CODE_INVALID, "last %s", how);
	if (!root_is_gone(seconds))
		return 0;
	note("the disk of the root file system is gone: %s now", how);
	sync_for(SYNC_SECONDS);
	reboot(way);
	reboot(LINUX_REBOOT_CMD_RESTART);	/* no kernel loaded, say */
	return CODE_ERROR;
}
