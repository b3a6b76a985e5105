/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions for all records, for the command and for the start of a machine. */
#ifndef _ISCSICTL_RESTORE_H
#define _ISCSICTL_RESTORE_H

#include <stdint.h>

struct record_list;

struct restore {
	int startup;	/* only these records (enum startup); -1: all but manual */
	int64_t wait;	/* for the sessions, in ms; up to 0: not at all */
	/*
	 * On a dry run: what would be done for each of @records, a word each.
	 * May be NULL.
	 */
	void (*tell)(const struct record_list *records,
		     const char *const *action);
};

/* 0 or a code; whatever went wrong has been said. */
int restore_all(const struct restore *what);

#endif /* _ISCSICTL_RESTORE_H */
