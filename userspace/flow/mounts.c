// SPDX-License-Identifier: GPL-2.0
/* The file has a line "fstab WHAT WHERE" or "crypttab WHAT NAME" for each. */
#include "flow/mounts.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "host/bypath.h"
#include "host/holders.h"
#include "module/kernel.h"
#include "proto/name.h"
#include "store/config.h"
#include "store/record.h"

#define NOTED		CONFIG_DIR "/mounts"
#define FIELDS		4

static const char head[] =
	"# Written by iscsictl mounts: what is on its disks and without _netdev.\n";

/* The columns of a file: which is the device, which is its use. */
struct source {
	const char *file;
	unsigned int what, where;
};

static const struct source sources[] = {
	{ "fstab", 0, 1 },
	{ "crypttab", 1, 0 },
};

/* Is @word one of the options, of either file? */
static bool has_option(char *options, const char *word)
{
	const struct mntent line = { .mnt_opts = options };

	return hasmntopt(&line, word);
}

/* "\040" of fstab(5) and quotes round a tag's value come off. */
static char *unescape(const char *text)
{
	char *plain = xstrdup(text), *to = plain;
	unsigned int code;

	for (; *text; text++) {
		if (*text == '"')
			continue;
		if (*text == '\\' && sscanf(text + 1, "%3o", &code) == 1 &&
		    strspn(text + 1, "01234567") >= 3) {
			*to++ = code;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
	return plain;
}

/* As udev writes it into the name of a link. */
static void put_encoded(FILE *to, const char *text)
{
	for (; *text; text++)
		if (bypath_keeps(*text))
			fputc(*text, to);
		else
			fprintf(to, "\\x%02x", *text);
}

/* "LABEL=data" and the like as the link udev makes; the caller frees it. */
static char *device_path(const char *what)
{
	static const struct {
		const char *tag, *dir;
	} tags[] = {
		{ "LABEL=", "by-label" }, { "UUID=", "by-uuid" },
		{ "PARTLABEL=", "by-partlabel" },
		{ "PARTUUID=", "by-partuuid" },
	};
	char *plain = unescape(what), *path = NULL;
	size_t i, size;
	FILE *f;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strncmp(plain, tags[i].tag, strlen(tags[i].tag)))
			continue;
		f = open_memstream(&path, &size);
		if (!f)
			exit(CODE_NOMEM);
		fprintf(f, "/dev/disk/%s/", tags[i].dir);
		put_encoded(f, plain + strlen(tags[i].tag));
		fclose(f);
		free(plain);
		return path;
	}
	return plain;
}

/* Not of disks: a swap area belongs to no target that a word could change. */
static bool is_foreign(const struct source *s, char *const *field)
{
	static const char *const roots[] = { "/", "/usr", "none", "swap" };
	size_t i;

	if (has_option(field[3], "noauto") || !strcmp(field[2], "swap"))
		return true;
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (s->what == 0 && !strcmp(field[s->where], roots[i]))
			return true;
	return false;
}

static void add_line(struct mount_list *list, const struct source *s,
		     char *text)
{
	char *field[FIELDS] = { "", "", "", "" };
	struct mount_line *line;
	size_t count = 0;
	char *word;

	while (count < FIELDS && (word = strsep(&text, " \t")))
		if (*word)
			field[count++] = word;
	if (count < 2 || *field[0] == '#' || is_foreign(s, field))
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	line = &list->item[list->count++];
	memset(line, 0, sizeof(*line));
	line->file = s->file;
	line->what = xstrdup(field[s->what]);
	line->where = xstrdup(field[s->where]);
	line->netdev = has_option(field[3], "_netdev");
}

static void read_source(struct mount_list *list, const struct source *s)
{
	char *path = file_root_path("/etc/%s", s->file), *text, *at, *line;
	size_t len;

	if (!file_read(path, &text, &len)) {
		at = text;
		while ((line = strsep(&at, "\n")))
			add_line(list, s, line);
		free(text);
	}
	free(path);
}

/* Which lines were remembered; others of that file have gone. */
static void read_noted(struct mount_list *list)
{
	char *path = file_root_path(NOTED), *text, *at, *line, *own;
	struct mount_line *m;
	size_t i, len;

	if (!file_read(path, &text, &len)) {
		at = text;
		while ((line = strsep(&at, "\n")))
			for (i = 0; i < list->count; i++) {
				m = &list->item[i];
				own = xasprintf("%s %s %s", m->file, m->what,
						m->where);
				m->noted |= !strcmp(own, line);
				free(own);
			}
		free(text);
	}
	free(path);
}

/* Targets that the initramfs logs in to: of the root, and said to be so. */
static void early_targets(const struct disk_list *disks,
			  struct strlist *targets)
{
	static const char *const where[] = { "/", "/usr" };
	struct record_list records = {};
	struct stat st;
	size_t i, j;

	for (i = 0; i < disks->count; i++)
		for (j = 0; j < sizeof(where) / sizeof(where[0]); j++)
			if (!stat(where[j], &st) &&
			    holders_carry(disks->item[i].name, st.st_dev))
				strlist_add(targets, disks->item[i].target);
	if (!record_load_all(&records))
		for (i = 0; i < records.count; i++)
			if (records.item[i].startup == STARTUP_ONBOOT)
				strlist_add(targets,
					    records.item[i].login.target);
	record_list_free(&records);
}

static bool is_among(const struct strlist *targets, const char *target)
{
	size_t i;

	for (i = 0; i < targets->count; i++)
		if (!mpio_name_compare(targets->item[i], target))
			return true;
	return false;
}

static void look_at(struct mount_line *line, const struct disk_list *disks,
		    const struct strlist *early)
{
	char *path = device_path(line->what);
	const struct disk *d;
	struct stat st;
	size_t i;

	line->present = !stat(path, &st) && S_ISBLK(st.st_mode);
	for (i = 0; i < disks->count && line->present; i++) {
		d = &disks->item[i];
		if (!d->name[0] || !holders_carry(d->name, st.st_rdev))
			continue;
		copy_text(line->disk, sizeof(line->disk), d->name);
		line->early = is_among(early, d->target);
		break;
	}
	free(path);
}

int mounts_find(struct mount_list *list)
{
	struct disk_list disks = {};
	struct strlist early = {};
	size_t i;

	memset(list, 0, sizeof(*list));
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		read_source(list, &sources[i]);
	read_noted(list);
	/* without the module there are no disks of ours */
	if (list->count && !kernel_open_loaded() &&
	    !kernel_get_disks(&disks)) {
		early_targets(&disks, &early);
		for (i = 0; i < list->count; i++)
			look_at(&list->item[i], &disks, &early);
	}
	strlist_free(&early);
	model_disk_list_free(&disks);
	return 0;
}

void mounts_free(struct mount_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		free(list->item[i].what);
		free(list->item[i].where);
	}
	free(list->item);
	memset(list, 0, sizeof(*list));
}

bool mounts_local(const struct mount_line *line)
{
	if (line->netdev || line->early)
		return false;
	/* what is not there now is as it was */
	return line->present ? line->disk[0] : line->noted;
}

int mounts_store(const struct mount_list *list)
{
	char *path = file_root_path(NOTED), *text, *more, *before = NULL;
	const struct mount_line *m;
	size_t i, len, lines = 0;
	int ret = 0;

	text = xstrdup(head);
	for (i = 0; i < list->count; i++) {
		m = &list->item[i];
		if (!mounts_local(m))
			continue;
		more = xasprintf("%s%s %s %s\n", text, m->file, m->what,
				 m->where);
		free(text);
		text = more;
		lines++;
	}
	if (file_read(path, &before, &len))
		before = NULL;
	if (before ? strcmp(before, text) != 0 : lines > 0)
		ret = file_write(path, text, strlen(text), 0644);
	free(before);
	free(text);
	free(path);
	return ret;
}
