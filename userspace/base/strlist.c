// SPDX-License-Identifier: GPL-2.0
/* See strlist.h. */
#include "base/strlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void strlist_add(struct strlist *list, const char *text)
{
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	list->item[list->count++] = xstrdup(text);
}

bool strlist_has(const struct strlist *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!strcmp(list->item[i], text))
			return true;
	return false;
}

void strlist_remove(struct strlist *list, const char *text)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++) {
		if (strcmp(list->item[i], text))
			list->item[kept++] = list->item[i];
		else
			free(list->item[i]);
	}
	list->count = kept;
}

void strlist_free(struct strlist *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->item[i]);
	free(list->item);
	list->item = NULL;
	list->count = 0;
}
