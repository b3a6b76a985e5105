/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of KEY=VALUE lines that the tool writes: a Version line first, a
 * Checksum line last, so that damage is noticed and named. People may edit
 * them: then the checksum is wrong, and only what is valid throughout counts.
 */
#ifndef _ISCSICTL_KV_H
#define _ISCSICTL_KV_H

#include <stddef.h>

#include "base/error.h"
#include "base/strlist.h"

struct pair {
	const char *key;
	const char *value;
};

struct kv {
	char *text;		/* the pairs point into it */
	struct pair *pair;
	size_t count;
	bool edited;		/* the checksum is not that of the content */
};

/*
 * An edited file must be of pairs alone, none of them twice but "Target", and
 * the caller must refuse keys it does not know in it. Returns
 * 0, CODE_NOT_FOUND when there is no such file, CODE_STORE when it cannot be
 * read or is damaged.
 */
int kv_load(const char *path, struct kv *kv);
void kv_free(struct kv *kv);
/* First value of @key or NULL. */
const char *kv_get(const struct kv *kv, const char *key);

/*
 * A file being composed: kv_put() per line, then kv_save(),
 * which frees the lines.
 */
void kv_put(struct strlist *lines, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int kv_save(const char *path, const char *title, struct strlist *lines);

#endif /* _ISCSICTL_KV_H */
