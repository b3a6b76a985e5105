// SPDX-License-Identifier: GPL-2.0
/* Failures as sentences, memory that is there or the program ends. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

bool error_verbose;
bool error_dry_run;
const char *error_program = "iscsictl";

static char reason[512];

const char *why(void)
{
	return reason[0] ? reason : "unknown reason";
}

int because(int code, const char *fmt, ...)
{
	char text[sizeof(reason)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy_text(reason, sizeof(reason), text);
	return code;
}

static int code_of_errno(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return CODE_ACCESS;
	case ENOMEM:
		return CODE_NOMEM;
	default:
		return CODE_STORE;
	}
}

/* For files: the code that fits @err, "<fmt>: <strerror>". */
int because_errno(int err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return because(code_of_errno(err), "%s: %s", text, strerror(err));
}

/* One line on stderr; words of others in it do not steer the terminal. */
static void vline(const char *before, const char *fmt, va_list ap,
		  const char *after)
{
	char *text = NULL, *line;

	if (vasprintf(&text, fmt, ap) < 0)
		exit(CODE_NOMEM);
	line = xasprintf("%s: %s%s%s%s", error_program, before, text,
			 after ? ": " : "", after ? after : "");
	utf8_clean(line, false);
	fflush(stdout);
	fprintf(stderr, "%s\n", line);
	free(line);
	free(text);
}

int failed(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vline("", fmt, ap, why());
	va_end(ap);
	reason[0] = '\0';
	return code;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vline("", fmt, ap, NULL);
	va_end(ap);
}

void verbose(const char *fmt, ...)
{
	va_list ap;

	if (!error_verbose)
		return;
	va_start(ap, fmt);
	vline("", fmt, ap, NULL);
	va_end(ap);
}

bool would(const char *fmt, ...)
{
	va_list ap;

	if (!error_dry_run)
		return false;
	va_start(ap, fmt);
	vline("would ", fmt, ap, NULL);
	va_end(ap);
	return true;
}

static void *checked(void *p)
{
	if (!p) {
		fputs("iscsictl: out of memory: the system has none left\n",
		      stderr);
		exit(CODE_NOMEM);
	}
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return checked(NULL);
	return checked(realloc(old, count * size));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	return checked(len < 0 ? NULL : text);
}

bool copy_text(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);
	bool whole = len < size;

	if (!whole)
		len = size - 1;
	memmove(to, from, len);
	to[len] = '\0';
	return whole;
}

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
