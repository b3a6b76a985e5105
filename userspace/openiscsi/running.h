/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions that open-iscsi runs, as the kernel's sysfs shows them. */
#ifndef _ISCSICTL_RUNNING_H
#define _ISCSICTL_RUNNING_H

#include "base/strlist.h"
#include "module/model.h"
#include "proto/name.h"

struct running_session {
	unsigned int sid;
	char target[MPIO_NAME_MAX + 1];
	char host[MPIO_HOST_MAX + 1];	/* portal it was asked to log in at */
	uint32_t port;
	struct strlist disks;		/* kernel names */
};

struct running_sessions {
	struct running_session *item;
	size_t count;
};

/* Reads open-iscsi's sessions over iscsi_tcp that are logged in, by number. */
void running_load(struct running_sessions *list);
void running_free(struct running_sessions *list);

/*
 * Has open-iscsi's own program log @session out, and not in again at the next
 * boot. 0 or a code with a reason.
 */
int running_logout(const struct running_session *session);

#endif /* _ISCSICTL_RUNNING_H */
