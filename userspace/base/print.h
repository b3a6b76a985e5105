/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One call prints a value either as a cell of a table, as a "Name: value"
 * line or as a JSON member. Strings of peers are made harmless on the way.
 */
#ifndef _ISCSICTL_PRINT_H
#define _ISCSICTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strlist.h"

enum print_kind {
	PRINT_TABLE,	/* values that have a heading, aligned */
	PRINT_SHOW,	/* every value on a line of its own */
	PRINT_STREAM,	/* one line a row, printed at once */
};

/* JSON when the user asked for it, else @kind. */
void print_open(enum print_kind kind);
void print_close(void);
void print_row(void);
/* In a table, the row at hand is a branch below row @parent, counted from 0. */
void print_below(size_t parent);

/* @heading NULL: in tables only when --output asks for it. */
void print_str(const char *name, const char *heading, const char *value);
/*
 * A sentence about @subject. Below a table that has no column for it, it is said
 * in a line of its own: "SUBJECT: VALUE".
 */
void print_sentence(const char *name, const char *heading, const char *subject,
		    const char *value);
void print_u64(const char *name, const char *heading, uint64_t value);
void print_bool(const char *name, const char *heading, bool value);
/* A property that there is, without a value here: in no JSON. */
void print_unset(const char *name, const char *heading);
void print_list(const char *name, const char *heading,
		const struct strlist *list);

/* Nested object (name NULL inside an array) and array of objects. */
void print_object(const char *name);
void print_object_end(void);
void print_array(const char *name);
void print_array_end(void);

/* Prints @text as a JSON string, quotes included. */
void print_quoted(const char *text);

#endif /* _ISCSICTL_PRINT_H */
