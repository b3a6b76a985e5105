/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which properties are shown, by --output: its words are names of JSON or
 * headings of tables, in any case; "+WORDS" adds to what a command shows itself.
 */
#ifndef _ISCSICTL_COLUMN_H
#define _ISCSICTL_COLUMN_H

#include <stdbool.h>

#include "base/strlist.h"

/*
 * @headings, parted by blanks, are the columns of a table by default; NULL: all
 * that have a heading. Reads --output. Once, before anything is printed.
 */
void column_choose(const char *headings);

/* The columns of a table in order; NULL when all that have a heading are. */
const struct strlist *column_list(void);

/* Is there a column of that heading in tables? */
bool column_has(const char *heading);

/* Is that property @word? */
bool column_is(const char *word, const char *name, const char *heading);

/*
 * Is a property to be shown where there are no columns? True without --output,
 * or with one that only adds. Remembers the words it has met.
 */
bool column_wanted(const char *name, const char *heading);

/* Remembers a property that there is, for column_complain(). */
void column_seen(const char *name, const char *heading);

/* A code, after a sentence, when a word of --output was none of a property. */
int column_complain(void);

#endif /* _ISCSICTL_COLUMN_H */
