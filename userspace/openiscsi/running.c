// SPDX-License-Identifier: GPL-2.0
/* /sys/class/iscsi_session and what hangs on it; only their tool logs out. */
#include "openiscsi/running.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/child.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"

#define SESSIONS "/sys/class/iscsi_session"

/* First line of a file, "" when there is none. */
static void attribute(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void attribute(char *text, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	FILE *f;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	text[0] = '\0';
	f = fopen(path, "re");
	if (f && fgets(text, size, f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* Names of the entries of @dir that begin with @prefix or with a digit. */
static void entries(const char *dir, const char *prefix, struct strlist *names)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' &&
		    !strncmp(e->d_name, prefix, strlen(prefix)))
			strlist_add(names, e->d_name);
	if (d)
		closedir(d);
}

/* DEVICE/targetH:C:I/H:C:I:L/block/sdX */
static void find_disks(const char *device, struct strlist *disks)
{
	struct strlist targets = {}, units = {};
	char *target, *block;
	size_t i, j;

	entries(device, "target", &targets);
	for (i = 0; i < targets.count; i++) {
		target = xasprintf("%s/%s", device, targets.item[i]);
		entries(target, "", &units);
		for (j = 0; j < units.count; j++) {
			block = xasprintf("%s/%s/block", target, units.item[j]);
			entries(block, "", disks);
			free(block);
		}
		strlist_free(&units);
		free(target);
	}
	strlist_free(&targets);
}

/* The host it is on, whose driver is the transport. */
static bool is_tcp(const char *device)
{
	const char *host = strstr(device, "/host");
	char driver[32];

	if (!host)
		return false;
	attribute(driver, sizeof(driver), "/sys/class/scsi_host/%.*s/proc_name",
		  (int)strcspn(host + 1, "/"), host + 1);
	return !strcmp(driver, "iscsi_tcp");
}

static bool load_one(const char *name, struct running_session *s)
{
	char link[PATH_MAX], device[PATH_MAX], text[MPIO_HOST_MAX + 1];
	struct mpio_portal portal;

	memset(s, 0, sizeof(*s));
	if (sscanf(name, "session%u", &s->sid) != 1)
		return false;
	snprintf(link, sizeof(link), SESSIONS "/%s/device", name);
	if (!realpath(link, device) || !is_tcp(device))
		return false;
	attribute(text, sizeof(text), SESSIONS "/%s/state", name);
	if (strcmp(text, "LOGGED_IN"))
		return false;
	attribute(s->target, sizeof(s->target), SESSIONS "/%s/targetname",
		  name);
	attribute(text, sizeof(text),
		  "/sys/class/iscsi_connection/connection%u:0/persistent_address",
		  s->sid);
	if (address_parse_portal(text, &portal))
		return false;
	mpio_host_format(&portal, s->host);
	attribute(text, sizeof(text),
		  "/sys/class/iscsi_connection/connection%u:0/persistent_port",
		  s->sid);
	s->port = strtoul(text, NULL, 10);
	find_disks(device, &s->disks);
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct running_session *x = a, *y = b;

	return (x->sid > y->sid) - (x->sid < y->sid);
}

void running_load(struct running_sessions *list)
{
	struct strlist names = {};
	size_t i;

	memset(list, 0, sizeof(*list));
	entries(SESSIONS, "session", &names);
	list->item = xcalloc(names.count + 1, sizeof(*list->item));
	for (i = 0; i < names.count; i++)
		if (load_one(names.item[i], &list->item[list->count]))
			list->count++;
	qsort(list->item, list->count, sizeof(*list->item), by_number);
	strlist_free(&names);
}

void running_free(struct running_sessions *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		strlist_free(&list->item[i].disks);
	free(list->item);
	memset(list, 0, sizeof(*list));
}

int running_logout(const struct running_session *s)
{
	char sid[16], *portal = xasprintf("%s:%u", s->host, s->port);
	const char *const stay_out[] = {
		"/sbin/iscsiadm", "-m", "node", "-T", s->target, "-p", portal,
		"-o", "update", "-n", "node.startup", "-v", "manual", NULL,
	};
	const char *const log_out[] = {
		"/sbin/iscsiadm", "-m", "session", "-r", sid, "-u", NULL,
	};
	int ret;

	snprintf(sid, sizeof(sid), "%u", s->sid);
	ret = child_run(stay_out, NULL, NULL);
	if (!ret)
		ret = child_run(log_out, NULL, NULL);
	free(portal);
	return ret;
}
