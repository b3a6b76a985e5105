/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the module, events and errors by their names, MPIO0001 and so on:
 * what they mean and what to do. A name stays what it is for ever. A line of
 * the kernel's log ends with its name; events are MPIO01xx, errors of the tool and of
 * sessions MPIO02xx, where xx is the number of enum mpio_event and the exit status.
 */
#ifndef _ISCSICTL_MESSAGES_H
#define _ISCSICTL_MESSAGES_H

#include <stddef.h>

#define MESSAGES_EVENT	100
#define MESSAGES_ERROR	200

struct message {
	unsigned int id;
	const char *text;	/* as in the source of the module, without name */
	const char *happened;
	const char *data;	/* what that means for what is stored on the disks */
	const char *mend;
};

/* By number, ended by a row without text. */
extern const struct message messages[];

/*
 * The one named @words ("MPIO0012", "12" for the exit status 12), or of which the
 * line @words is. NULL when there is none.
 */
const struct message *messages_find(const char *words);

#endif /* _ISCSICTL_MESSAGES_H */
