// SPDX-License-Identifier: GPL-2.0
/*
 * A linear or striped device names its disks in its table as MAJOR:MINOR. A
 * table with other numbers is loaded beside the one in use; resuming the
 * device makes the kernel finish what is on its way and take the new one.
 */
#include "host/dm_move.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "host/holders.h"

#define NUMBER_TEXT	24	/* "MAJOR:MINOR" */

static bool read_word(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	bool got = f && fgets(text, size, f);

	if (f)
		fclose(f);
	text[got ? strcspn(text, "\n") : 0] = '\0';
	return *text;
}

/* "MAJOR:MINOR" of a disk or partition. */
static bool number_of(const char *name, char *text)
{
	char *path = xasprintf("/sys/class/block/%s/dev", name);
	bool got = read_word(path, text, NUMBER_TEXT);

	free(path);
	return got;
}

/* The disk itself, then its partitions. */
static void devices_of(const char *disk, struct strlist *names)
{
	char *dir = xasprintf("/sys/block/%s", disk), *path, word[16];
	struct dirent *e;
	DIR *d = opendir(dir);

	strlist_add(names, disk);
	while (d && (e = readdir(d))) {
		path = xasprintf("%s/%s/partition", dir, e->d_name);
		if (e->d_name[0] != '.' && read_word(path, word, sizeof(word)))
			strlist_add(names, e->d_name);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
}

static void stacked_on(const char *device, struct strlist *names)
{
	char *dir = xasprintf("/sys/class/block/%s/holders", device);
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && !strlist_has(names, e->d_name))
			strlist_add(names, e->d_name);
	if (d)
		closedir(d);
	free(dir);
}

/* Their table is one that a change of numbers moves. */
static bool can_move(const char *table)
{
	char kind[32];

	for (; *table; table += strcspn(table, "\n"), table += *table == '\n')
		if (sscanf(table, "%*u %*u %31s", kind) != 1 ||
		    (strcmp(kind, "linear") && strcmp(kind, "striped")))
			return false;
	return true;
}

static int table_of(const char *dm, char *name, size_t size, char **table)
{
	char *path = xasprintf("/sys/block/%s/dm/name", dm);
	bool got = read_word(path, name, size);
	const char *const argv[] = { "dmsetup", "table", name, NULL };

	free(path);
	if (!got)
		return because(CODE_BUSY, "%s is no device-mapper device", dm);
	return child_run(argv, NULL, table);
}

/* Adds to @stay what stands on @device and cannot move. */
static void find_fixed(const char *device, struct strlist *stay)
{
	struct strlist above = {};
	char name[128], *table, *text;
	size_t i;
	int ret;

	stacked_on(device, &above);
	for (i = 0; i < above.count; i++) {
		table = NULL;
		ret = table_of(above.item[i], name, sizeof(name), &table);
		if (ret || !can_move(table)) {
			text = xasprintf("%s (holds %s)", above.item[i],
					 device);
			strlist_add(stay, text);
			free(text);
		}
		free(table);
	}
	strlist_free(&above);
}

int dm_move_check(const char *disk)
{
	struct strlist devices = {}, stay = {}, users = {};
	char list[400] = "";
	size_t i, len = 0;

	devices_of(disk, &devices);
	for (i = 0; i < devices.count; i++)
		find_fixed(devices.item[i], &stay);
	holders_find(disk, &users);
	for (i = 0; i < users.count; i++)
		if (!strstr(users.item[i], " (holds "))
			strlist_add(&stay, users.item[i]);
	for (i = 0; i < stay.count && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%s",
				i ? ", " : "", stay.item[i]);
	i = stay.count;
	strlist_free(&devices);
	strlist_free(&stay);
	strlist_free(&users);
	if (!i)
		return 0;
	return because(CODE_BUSY,
		       "%s is in use by %s: stop that first (only linear and striped device-mapper devices, as of LVM, move while in use)",
		       disk, list);
}

/* @table with @to for each word that is @from; the caller frees it. */
static char *renumber(const char *table, const char *from, const char *to)
{
	char *text = NULL;
	size_t size, len;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		exit(CODE_NOMEM);
	while (*table) {
		len = strcspn(table, "\n ");
		if (len == strlen(from) && !strncmp(table, from, len))
			fputs(to, mem);
		else
			fwrite(table, 1, len, mem);
		table += len;
		if (*table)
			fputc(*table++, mem);
	}
	fclose(mem);
	return text;
}

static int move_one(const char *dm, const char *from, const char *to)
{
	char name[128], *table = NULL, *moved;
	const char *const load[] = { "dmsetup", "load", name, NULL };
	const char *const resume[] = { "dmsetup", "resume", name, NULL };
	int ret;

	ret = table_of(dm, name, sizeof(name), &table);
	if (ret)
		return ret;
	moved = renumber(table, from, to);
	ret = child_run(load, moved, NULL);
	if (!ret)
		ret = child_run(resume, NULL, NULL);
	free(moved);
	free(table);
	return ret;
}

/* The same partition of the other disk, or the disk itself. */
static int counterpart(const char *device, const char *from, const char *to,
		       char *number)
{
	const char *part = device + strlen(from);
	char *name = xasprintf("%s%s", to, part);
	bool got = number_of(name, number);

	free(name);
	return got ? 0 : because(CODE_BUSY, "%s has no partition %s", to, part);
}

int dm_move_disk(const char *from, const char *to, bool *moved)
{
	struct strlist devices = {}, above = {};
	char old[NUMBER_TEXT], new[NUMBER_TEXT];
	size_t i, j;
	int ret = 0;

	devices_of(from, &devices);
	for (i = 0; i < devices.count && !ret; i++) {
		stacked_on(devices.item[i], &above);
		if (above.count)
			ret = counterpart(devices.item[i], from, to, new);
		if (!ret && !number_of(devices.item[i], old))
			ret = because(CODE_BUSY, "%s is gone", from);
		for (j = 0; j < above.count && !ret; j++) {
			*moved = true;
			ret = move_one(above.item[j], old, new);
		}
		strlist_free(&above);
	}
	strlist_free(&devices);
	return ret;
}
