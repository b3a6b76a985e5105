/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor has to say: one line for each thing looked at. */
#ifndef _ISCSICTL_FINDING_H
#define _ISCSICTL_FINDING_H

#include <stddef.h>

enum finding_level {
	FINDING_OK,
	FINDING_NOTE,		/* works, and could be better; or not measured */
	FINDING_FAULT,		/* does not work, or will not when it is needed */
};

struct finding {
	enum finding_level level;
	const char *check;	/* "mtu" */
	char *about;		/* a portal, a disk, an interface, or "" */
	char *text;
	const char *how;	/* it was measured */
	char *mend;		/* the command that mends it, or NULL */
};

struct finding_list {
	struct finding *item;
	size_t count;
	const char *check;	/* that runs now */
};

/* Adds one of the check that runs. @how lives as long as the program. */
void finding_add(struct finding_list *list, enum finding_level level,
		 const char *about, const char *how, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Says what mends the finding that was added last. */
void finding_mend(struct finding_list *list, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_list_free(struct finding_list *list);

/* The finding in one line; the caller frees it. */
char *finding_line(const struct finding *f);
const char *finding_level_name(enum finding_level level);
/* How many of @list are @level. */
size_t finding_count(const struct finding_list *list, enum finding_level level);

#endif /* _ISCSICTL_FINDING_H */
