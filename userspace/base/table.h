/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables by libsmartcols, which knows how wide characters and terminals are. One
 * at a time; cells are given by property, and table_end() prints those that
 * base/column.h names. On a terminal long texts are wrapped in their columns.
 */
#ifndef _ISCSICTL_TABLE_H
#define _ISCSICTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

void table_begin(void);
/* Starts a row. */
void table_row(void);
/* A cell of the row at hand; @number: stands to the right. @text is copied. */
void table_cell(const char *name, const char *heading, const char *text,
		bool number);
/* The row at hand is a branch below row @parent, counted from 0. */
void table_below(size_t parent);
void table_end(void);

#endif /* _ISCSICTL_TABLE_H */
