// SPDX-License-Identifier: GPL-2.0
/* Failures as sentences. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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
