/* SPDX-License-Identifier: GPL-2.0 */
/* What people type who come from elsewhere, and what it is called here. */
#ifndef _ISCSICTL_SYNONYM_H
#define _ISCSICTL_SYNONYM_H

#include <stdbool.h>

/*
 * The command to type for @word (behind @noun, which may be NULL), or NULL.
 * Case does not matter. @known says whether there is a command.
 */
const char *synonym_find(const char *noun, const char *word,
			 bool (*known)(const char *noun, const char *verb));

#endif /* _ISCSICTL_SYNONYM_H */
