// SPDX-License-Identifier: GPL-2.0
/* What sessions have, and what they are told to stand for. */
#include "flow/session.h"

#include "base/disk.h"
#include "base/strlist.h"
#include "module/kernel.h"

bool session_has_disk(const struct session *session, const char *disk)
{
	char whole[64];

	disk_whole(disk, whole, sizeof(whole));
	return strlist_has(&session->disks, whole);
}

int session_adopt(const struct session *s, const char *id)
{
	struct strlist all = {};
	size_t i;
	int ret;

	if (strlist_has(&s->login.records, id))
		return 0;
	for (i = 0; i < s->login.records.count; i++)
		strlist_add(&all, s->login.records.item[i]);
	strlist_add(&all, id);
	ret = kernel_set_records(s->id, &all);
	strlist_free(&all);
	return ret;
}
