// SPDX-License-Identifier: GPL-2.0
/* See finding.h. */
#include "doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define TEXT_MAX_LEN 1024

static char *text_of(const char *fmt, va_list args)
{
	char text[TEXT_MAX_LEN];

	vsnprintf(text, sizeof(text), fmt, args);
	return xstrdup(text);
}

void finding_add(struct finding_list *list, enum finding_level level,
		 const char *about, const char *how, const char *fmt, ...)
{
	struct finding *f;
	va_list args;

	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	f = &list->item[list->count++];
	memset(f, 0, sizeof(*f));
	f->level = level;
	f->check = list->check;
	f->about = xstrdup(about);
	f->how = how;
	va_start(args, fmt);
	f->text = text_of(fmt, args);
	va_end(args);
}

void finding_mend(struct finding_list *list, const char *fmt, ...)
{
	struct finding *f = &list->item[list->count - 1];
	va_list args;

	free(f->mend);
	va_start(args, fmt);
	f->mend = text_of(fmt, args);
	va_end(args);
}

void finding_list_free(struct finding_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		free(list->item[i].about);
		free(list->item[i].text);
		free(list->item[i].mend);
	}
	free(list->item);
	memset(list, 0, sizeof(*list));
}

char *finding_line(const struct finding *f)
{
	return xasprintf("%-5s %s%s%s: %s (by %s)%s%s",
			 finding_level_name(f->level), f->check,
			 *f->about ? " " : "", f->about, f->text, f->how,
			 f->mend ? "; mend: " : "", f->mend ? f->mend : "");
}

const char *finding_level_name(enum finding_level level)
{
	switch (level) {
	case FINDING_OK:
		return "ok";
	case FINDING_NOTE:
		return "note";
	default:
		return "fault";
	}
}

size_t finding_count(const struct finding_list *list, enum finding_level level)
{
	size_t i, count = 0;

	for (i = 0; i < list->count; i++)
		count += list->item[i].level == level;
	return count;
}
