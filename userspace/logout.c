// SPDX-License-Identifier: GPL-2.0
/* The kernel refuses while the last path of a disk in use would go. */
#include "logout.h"

#include <stdio.h>
#include <time.h>

#include "hint.h"
#include "holders.h"
#include "nl.h"

int logout_busy(const char *disk, bool *passing)
{
	struct strlist holders = {};
	char list[400] = "";
	size_t i, len = 0;
	int ret;

	holders_find(disk, &holders);
	*passing = !holders.count;
	for (i = 0; i < holders.count && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%s",
				i ? ", " : "", holders.item[i]);
	ret = because(CODE_BUSY, "disk %s would lose its last path and is in use%s%s",
		      disk, len ? " by " : "", list);
	strlist_free(&holders);
	return ret;
}

/* The path that went before made udev look at the disk: it lets go soon. */
int logout_session(const struct session *session, uint32_t id, bool force)
{
	const struct timespec pause = { .tv_nsec = LOGOUT_PAUSE_NS };
	int tries, ret = CODE_BUSY;
	bool passing = true;

	for (tries = 0; tries < LOGOUT_TRIES && passing; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		ret = kernel_del_session(id, force);
		if (ret != CODE_BUSY || !session ||
		    !session->disks.count)
			break;
		logout_busy(session->disks.item[0], &passing);
	}
	if (!ret && session)
		hint_remove(session);
	return ret;
}
