/* SPDX-License-Identifier: GPL-2.0 */
/* What people type who come from elsewhere, and what it is called here. */
#ifndef _ISCSICTL_SYNONYM_H
#define _ISCSICTL_SYNONYM_H

/*
 * The command to type for @word (behind @noun, which may be NULL), or NULL.
 * Case does not matter.
 */
const char *synonym_find(const char *noun, const char *word);

#endif /* _ISCSICTL_SYNONYM_H */
