// SPDX-License-Identifier: GPL-2.0
/* See memory.h. */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

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
