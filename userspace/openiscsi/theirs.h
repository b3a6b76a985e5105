/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions that open-iscsi runs, as the kernel's sysfs shows them. */
#ifndef _ISCSICTL_THEIRS_H
#define _ISCSICTL_THEIRS_H

#include "base/strlist.h"
#include "module/model.h"
#include "proto/name.h"

struct their_session {
	unsigned int sid;
	char target[MPIO_NAME_MAX + 1];
	char host[MPIO_HOST_MAX + 1];	/* portal it was asked to log in at */
	uint32_t port;
	struct strlist disks;		/* kernel names */
};

struct their_sessions {
	struct their_session *item;
	size_t count;
};

/* Those over iscsi_tcp that are logged in, by number; none without them. */
void theirs_load(struct their_sessions *list);
void theirs_free(struct their_sessions *list);

/*
 * Has open-iscsi's own program log @session out, and not in again at the next
 * boot. 0 or a code with a reason.
 */
int theirs_logout(const struct their_session *session);

#endif /* _ISCSICTL_THEIRS_H */
