// SPDX-License-Identifier: GPL-2.0
/* The kernel refuses while the last path of a disk in use would go. */
#include "flow/logout.h"

#include <stdio.h>
#include <time.h>

#include "base/strlist.h"
#include "host/holders.h"
#include "module/kernel.h"
#include "store/portal_name.h"

static int busy(const char *what, const char *name,
		const struct strlist *holders)
{
	char list[400] = "";
	size_t i, len = 0;

	for (i = 0; i < holders->count && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%s",
				i ? ", " : "", holders->item[i]);
	return because(CODE_BUSY, "%s %s would lose its last path and is in use%s%s",
		       what, name, len ? " by " : "", list);
}

int logout_busy(const char *disk, bool *passing)
{
	struct strlist holders = {};
	int ret;

	holders_find(disk, &holders);
	*passing = !holders.count;
	ret = busy("disk", disk, &holders);
	strlist_free(&holders);
	return ret;
}

int logout_check_nodes(const struct disk *disk, bool *passing)
{
	struct strlist holders = {};
	int ret = 0;

	holders_find_nodes(disk->hctl, &holders);
	*passing = false;
	if (holders.count)
		ret = disk->name[0] ? busy("disk", disk->name, &holders) :
				      busy("unit", disk->hctl, &holders);
	strlist_free(&holders);
	return ret;
}

/* A session that has just logged in may have got its disks meanwhile. */
static bool who_is_busy(uint32_t id, bool *passing)
{
	struct session_list live = {};
	const struct session *s;
	bool known;

	if (kernel_get_sessions(&live))
		return false;
	s = model_session_by_number(&live, id);
	known = s && s->disks.count;
	if (known)
		logout_busy(s->disks.item[0], passing);
	else
		because(CODE_BUSY, "its disk is in use");
	model_session_list_free(&live);
	return known;
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
		if (ret != CODE_BUSY || !who_is_busy(id, &passing))
			break;
	}
	if (!ret && session)
		portal_name_remove(session);
	return ret;
}
