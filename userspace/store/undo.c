// SPDX-License-Identifier: GPL-2.0
/*
 * Copies of records before they change. A copy is complete on the disk before
 * the record is touched, and stays until the record is back, so that a power
 * cut loses neither.
 */
#include "store/undo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"

#define SECRET_DIR	CONFIG_DIR "/secrets"
#define UNDO_DIR	SECRET_DIR "/undo"
#define RECORD_SUFFIX	".conf"
#define PARTS		3

/* Files a record consists of; its own is the last to be written. */
static const struct part {
	const char *dir, *suffix;
	mode_t mode;
} parts[PARTS] = {
	{ SECRET_DIR, ".chap", 0600 },
	{ SECRET_DIR, ".mutual", 0600 },
	{ CONFIG_DIR "/records", RECORD_SUFFIX, 0644 },
};

struct copy {
	char *text[PARTS];	/* NULL: there is no such file */
	size_t len[PARTS];
};

static char *part_path(const char *dir, const char *id, size_t part)
{
	return file_root_path("%s/%s%s", dir, id, parts[part].suffix);
}

char *undo_path(const char *id)
{
	return part_path(UNDO_DIR, id, PARTS - 1);
}

static void copy_free(struct copy *copy)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		if (copy->text[i])
			explicit_bzero(copy->text[i], copy->len[i]);
		free(copy->text[i]);
	}
	memset(copy, 0, sizeof(*copy));
}

/* The files of @id, from the store or, with @kept, from what undo has. */
static int copy_read(const char *id, bool kept, struct copy *copy)
{
	size_t i;
	int ret = 0;

	memset(copy, 0, sizeof(*copy));
	for (i = 0; i < PARTS && !ret; i++) {
		char *path = part_path(kept ? UNDO_DIR : parts[i].dir, id, i);
		int err = file_read(path, &copy->text[i], &copy->len[i]);

		if (err && err != -ENOENT)
			ret = because_errno(-err, "cannot read %s", path);
		free(path);
	}
	return ret;
}

static int copy_write(const char *id, bool kept, const struct copy *copy)
{
	char *dir = file_root_path(SECRET_DIR);
	size_t i;
	int ret = kept ? file_make_dir(dir, 0700) : 0;

	free(dir);
	for (i = 0; i < PARTS && !ret; i++) {
		char *path = part_path(kept ? UNDO_DIR : parts[i].dir, id, i);

		if (copy->text[i])
			ret = file_write(path, copy->text[i], copy->len[i],
					 kept ? 0600 : parts[i].mode);
		else if (!access(path, F_OK))
			ret = file_remove(path);
		free(path);
	}
	return ret;
}

int undo_forget(void)
{
	struct strlist names = {};
	char *dir = file_root_path(UNDO_DIR), *path;
	size_t i;
	int ret = file_list_dir(dir, "", &names);

	for (i = 0; i < names.count && !ret; i++) {
		path = xasprintf("%s/%s", dir, names.item[i]);
		ret = file_remove(path);
		free(path);
	}
	strlist_free(&names);
	free(dir);
	return ret;
}

int undo_keep(const char *id)
{
	static struct strlist seen;	/* by this command */
	static bool begun;
	struct copy copy;
	int ret;

	if (error_dry_run || strlist_has(&seen, id))
		return 0;
	strlist_add(&seen, id);
	ret = copy_read(id, false, &copy);
	if (!ret && copy.text[PARTS - 1]) {
		if (!begun)
			ret = undo_forget();
		begun = true;
		if (!ret)
			ret = copy_write(id, true, &copy);
	}
	copy_free(&copy);
	return ret;
}

int undo_list(struct strlist *ids)
{
	struct strlist names = {};
	char *dir = file_root_path(UNDO_DIR);
	int ret = file_list_dir(dir, RECORD_SUFFIX, &names);
	size_t i;

	for (i = 0; i < names.count; i++) {
		names.item[i][strlen(names.item[i]) -
			      strlen(RECORD_SUFFIX)] = '\0';
		strlist_add(ids, names.item[i]);
	}
	strlist_free(&names);
	free(dir);
	return ret;
}

/* Swaps @id; what it was is in *now, which has no record if there was none. */
static int bring_back(const char *id, struct copy *now)
{
	struct copy old = {};
	int ret = copy_read(id, false, now);

	if (!ret)
		ret = copy_read(id, true, &old);
	if (!ret)
		ret = copy_write(id, false, &old);
	copy_free(&old);
	return ret;
}

int undo_take(const struct strlist *ids)
{
	struct copy *now = xcalloc(ids->count, sizeof(*now));
	size_t i;
	int ret = 0;

	for (i = 0; i < ids->count && !ret; i++)
		ret = bring_back(ids->item[i], &now[i]);
	if (!ret)
		ret = undo_forget();
	for (i = 0; i < ids->count && !ret; i++)
		if (now[i].text[PARTS - 1])
			ret = copy_write(ids->item[i], true, &now[i]);
	for (i = 0; i < ids->count; i++)
		copy_free(&now[i]);
	free(now);
	return ret;
}
