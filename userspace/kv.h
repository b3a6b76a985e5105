/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of KEY=VALUE lines that the tool alone writes: a Version line first,
 * a Checksum line last, so that damage is noticed and named.
 */
#ifndef _ISCSICTL_KV_H
#define _ISCSICTL_KV_H

#include <stddef.h>

#include "error.h"

struct pair {
	const char *key;
	const char *value;
};

struct kv {
	char *text;		/* the pairs point into it */
	struct pair *pair;
	size_t count;
};

/*
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
