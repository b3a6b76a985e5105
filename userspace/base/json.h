/* SPDX-License-Identifier: GPL-2.0 */
/* Reading JSON: as much as other runs of this tool write, and no more trust. */
#ifndef _ISCSICTL_JSON_H
#define _ISCSICTL_JSON_H

#include <stddef.h>

#include "base/error.h"
#include "base/strlist.h"

/*
 * Collects the string or number member @name of each object of an array (or of
 * one object alone). @objects, if not NULL, gets the text of each object.
 */
int json_strings(const char *text, const char *name, struct strlist *values,
		 struct strlist *objects);

/*
 * Prints the object @text, a member of an array, with @owner as its member
 * @name: whatever it says there itself, in whatever case, is left out. Nothing in
 * it steers a terminal. 0 or a code.
 */
int json_print_of(const char *text, const char *name, const char *owner);

/* All of standard input; at most 16 MiB. */
int json_read_stdin(char **text);

#endif /* _ISCSICTL_JSON_H */
