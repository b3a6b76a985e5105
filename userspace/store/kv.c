// SPDX-License-Identifier: GPL-2.0
/* KEY=VALUE files with version and checksum. */
#include "store/kv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "store/config.h"

#define VERSION		"1"
#define CHECKSUM	"Checksum="
#define MANY_KEY	"Target"

/* Is the last line the checksum of all before it? Cuts it off. */
static int verify(char *text, size_t len, bool *edited)
{
	char *last = NULL, *at = text;
	unsigned int want;
	int used = 0;

	if (strlen(text) != len)
		return because(CODE_STORE, "it holds a NUL byte");
	while ((at = strstr(at, CHECKSUM))) {
		if (at == text || at[-1] == '\n')
			last = at;
		at++;
	}
	if (!last)
		return because(CODE_STORE, "its checksum line is missing");
	if (sscanf(last, CHECKSUM "%8x%n", &want, &used) != 1 ||
	    strcmp(last + used, "\n"))
		return because(CODE_STORE, "its checksum line is damaged");
	*edited = file_checksum(text, last - text) != want;
	*last = '\0';
	return 0;
}

/* More care with what no checksum vouches for. */
static int check_edited(const struct kv *kv, const char *stray)
{
	size_t i;

	if (stray)
		return because(CODE_STORE,
			       "it was edited, and \"%.40s\" is no KEY=VALUE",
			       stray);
	for (i = 0; i < kv->count; i++)
		if (strcmp(kv->pair[i].key, MANY_KEY) &&
		    kv_get(kv, kv->pair[i].key) != kv->pair[i].value)
			return because(CODE_STORE,
				       "it was edited, and has %s twice",
				       kv->pair[i].key);
	return 0;
}

static int split(struct kv *kv)
{
	struct lines lines = { .next = kv->text };
	const char *version;
	char *key, *value;

	while (config_lines_next(&lines, &key, &value)) {
		kv->pair = xrealloc(kv->pair, kv->count + 1,
				    sizeof(*kv->pair));
		kv->pair[kv->count++] = (struct pair){ key, value };
	}
	version = kv_get(kv, "Version");
	if (!version)
		return because(CODE_STORE, "its version line is missing");
	if (strcmp(version, VERSION))
		return because(CODE_STORE,
			       "its version is %s, this tool knows %s",
			       version, VERSION);
	return kv->edited ? check_edited(kv, lines.stray) : 0;
}

int kv_load(const char *path, struct kv *kv)
{
	size_t len;
	int ret;

	memset(kv, 0, sizeof(*kv));
	ret = file_read(path, &kv->text, &len);
	if (ret == -ENOENT)
		return because(CODE_NOT_FOUND, "%s does not exist", path);
	if (ret)
		return because_errno(-ret, "cannot read %s", path);
	ret = verify(kv->text, len, &kv->edited);
	if (!ret)
		ret = split(kv);
	if (ret)
		kv_free(kv);
	return ret;
}

void kv_free(struct kv *kv)
{
	free(kv->text);
	free(kv->pair);
	memset(kv, 0, sizeof(*kv));
}

const char *kv_get(const struct kv *kv, const char *key)
{
	size_t i;

	for (i = 0; i < kv->count; i++)
		if (!strcmp(kv->pair[i].key, key))
			return kv->pair[i].value;
	return NULL;
}

void kv_put(struct strlist *lines, const char *key, const char *fmt, ...)
{
	char *value = NULL, *line;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&value, fmt, ap) < 0)
		exit(CODE_NOMEM);
	va_end(ap);
	line = xasprintf("%s=%s", key, value);
	strlist_add(lines, line);
	free(line);
	free(value);
}

int kv_save(const char *path, const char *title, struct strlist *lines)
{
	char *text = NULL;
	size_t size, i;
	FILE *mem = open_memstream(&text, &size);
	int ret;

	if (!mem)
		exit(CODE_NOMEM);
	fprintf(mem, "# %s, written by iscsictl\nVersion=" VERSION "\n",
		title);
	for (i = 0; i < lines->count; i++)
		fprintf(mem, "%s\n", lines->item[i]);
	fflush(mem);
	fprintf(mem, CHECKSUM "%08x\n", file_checksum(text, size));
	fclose(mem);
	ret = file_write(path, text, size, 0644);
	free(text);
	strlist_free(lines);
	return ret;
}
