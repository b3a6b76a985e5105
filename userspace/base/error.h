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

#endif /* _ISCSICTL_ERROR_H */
