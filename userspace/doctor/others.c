// SPDX-License-Identifier: GPL-2.0
/* Who else takes care of our disks: multipathd, open-iscsi. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "doctor/check.h"
#include "doctor/subject.h"
#include "openiscsi/running.h"

static const char how_dm[] = "/sys/block/*/holders";
static const char how_adm[] = "/sys/class/iscsi_session";

/* A map of dm-multipath over @disk: its name in @map. */
static bool mapped(const char *disk, char *map, size_t size)
{
	char *path = file_root_path("/sys/block/%s/holders", disk), uuid[256];
	bool found = false;
	struct dirent *e;
	DIR *d = opendir(path);

	free(path);
	while (!found && d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		subject_line(uuid, sizeof(uuid), "/sys/block/%s/dm/uuid",
			     e->d_name);
		found = !strncmp(uuid, "mpath-", 6);
		subject_line(map, size, "/sys/block/%s/dm/name", e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

static void tell_maps(struct subject *sub)
{
	struct finding_list *list = &sub->findings;
	size_t i, count = 0;
	char map[256];

	for (i = 0; i < sub->disks.count; i++) {
		const struct disk *d = &sub->disks.item[i];

		if (!d->name[0] || !subject_has_disk(sub, d) ||
		    !mapped(d->name, map, sizeof(map)))
			continue;
		count++;
		finding_add(list, FINDING_FAULT, d->name, how_dm,
			    "multipathd has put its map %s over it: two "
			    "kinds of multipath on one disk",
			    map);
		finding_mend(list, "multipath -f %s; "
			     "/etc/multipath/conf.d/iscsi-mpio.conf keeps "
			     "our disks out of it",
			     map);
	}
	if (!count)
		finding_add(list, FINDING_OK, "multipathd", how_dm,
			    "it has no map over a disk of ours");
}

static bool ours(const struct subject *sub, const char *target)
{
	size_t i;

	for (i = 0; i < sub->live.count; i++)
		if (!mpio_name_compare(sub->live.item[i].login.target, target))
			return true;
	return false;
}

static void tell_running(struct subject *sub)
{
	struct finding_list *list = &sub->findings;
	struct running_sessions all = {};
	size_t i, both = 0;

	running_load(&all);
	for (i = 0; i < all.count; i++) {
		if (!ours(sub, all.item[i].target))
			continue;
		both++;
		finding_add(list, FINDING_FAULT, all.item[i].target, how_adm,
			    "open-iscsi is logged in to it, too: one unit is "
			    "two disks, and both may be written to");
		finding_mend(list, "iscsictl import open-iscsi, or iscsiadm "
			     "-m node -T %s -u",
			     all.item[i].target);
	}
	if (!both)
		finding_add(list, FINDING_OK, "open-iscsi", how_adm,
			    "it has %zu sessions, to none of our targets",
			    all.count);
	running_free(&all);
}

void others_check(struct subject *sub)
{
	tell_maps(sub);
	tell_running(sub);
}
