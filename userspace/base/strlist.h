/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of strings. */
#ifndef _ISCSICTL_STRLIST_H
#define _ISCSICTL_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

/* Growing list of strings; owns its items. */
struct strlist {
	char **item;
	size_t count;
};

void strlist_add(struct strlist *list, const char *text);
bool strlist_has(const struct strlist *list, const char *text);
void strlist_remove(struct strlist *list, const char *text);
void strlist_free(struct strlist *list);

#endif /* _ISCSICTL_STRLIST_H */
