/* SPDX-License-Identifier: GPL-2.0 */
/* Exit codes and the one way in which a failure is told. */
#ifndef _ISCSICTL_ERROR_H
#define _ISCSICTL_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* The numbers of iscsiadm(8). */
enum code {
	CODE_OK = 0,
	CODE_ERROR = 1,
	CODE_NO_SESSION = 2,
	CODE_NOMEM = 3,
	CODE_TRANSPORT = 4,
	CODE_STORE = 6,
	CODE_INVALID = 7,
	CODE_CONNECT_TIMEOUT = 8,
	CODE_INTERNAL = 9,
	CODE_PDU_TIMEOUT = 11,
	CODE_ACCESS = 13,
	CODE_EXISTS = 15,
	CODE_LOGIN = 19,
	CODE_NOT_FOUND = 21,
	CODE_AUTH = 24,
	CODE_UNSUPPORTED = 27,
	CODE_BUSY = 28,
	CODE_AGAIN = 29,
};

extern bool error_verbose;
/* What failures begin with: "iscsictl", or "iscsiadm" when called so. */
extern const char *error_program;

/*
 * because() remembers why something failed and returns @code; the command
 * that knows what the user wanted then calls failed(), which prints
 * "iscsictl: <what>: <why>" and returns @code.
 */
int because(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int because_errno(int err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int failed(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *why(void);

/* First failure of several wins. */
static inline int first_code(int first, int next)
{
	return first ? first : next;
}

/* A line for the user on stderr; verbose(): only with -v. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * With --dry-run: says what would be done and returns true, so that whoever is
 * about to change something stored or in the kernel leaves it.
 */
extern bool error_dry_run;
bool would(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Allocation that ends the program (exit 3) instead of failing. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Copies what fits; false when @from had to be cut. */
bool copy_text(char *to, size_t size, const char *from);

/* Growing list of strings; owns its items. */
struct strlist {
	char **item;
	size_t count;
};

void strlist_add(struct strlist *list, const char *text);
bool strlist_has(const struct strlist *list, const char *text);
void strlist_remove(struct strlist *list, const char *text);
void strlist_free(struct strlist *list);

#endif /* _ISCSICTL_ERROR_H */
