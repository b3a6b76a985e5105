// SPDX-License-Identifier: GPL-2.0
/*
 * From sessions to disks. A disk belongs to no session; each one that reaches it
 * leads there by a link that bears the name which a disk of its own would have,
 * sessionN/targetH:0:0/H:0:0:LUN.
 */
#include "host/link.h"

#include <linux/sysfs.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

#define MPIO_LINK_NAME_MAX	48

static void mpio_link_name(const struct mpio_path *path, char *name)
{
	snprintf(name, MPIO_LINK_NAME_MAX, "%u:0:0:%llu",
		 path->sess->host->shost->host_no, path->lun);
}

void mpio_link_path(struct mpio_path *path)
{
	struct scsi_device *sdev = path->disk->sdev;
	char name[MPIO_LINK_NAME_MAX];

	lockdep_assert_held(&path->disk->host->mutex);
	if (!path->sess->cls || !sdev || path->linked || path->removing)
		return;
	mpio_link_name(path, name);
	path->linked = !sysfs_create_link(path->sess->cls_target,
					  &sdev->sdev_gendev.kobj, name);
}

void mpio_unlink_path(struct mpio_path *path)
{
	char name[MPIO_LINK_NAME_MAX];

	lockdep_assert_held(&path->disk->host->mutex);
	if (!path->linked)
		return;
	mpio_link_name(path, name);
	sysfs_remove_link(path->sess->cls_target, name);
	path->linked = false;
}

static void mpio_link_each(struct mpio_disk *disk,
			   void (*fn)(struct mpio_path *path))
{
	const struct mpio_path_set *set;
	unsigned int i;

	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->host->mutex));
	for (i = 0; set && i < set->count; i++)
		fn(set->path[i]);
}

void mpio_link_disk(struct mpio_disk *disk)
{
	mpio_link_each(disk, mpio_link_path);
}

void mpio_unlink_disk(struct mpio_disk *disk)
{
	mpio_link_each(disk, mpio_unlink_path);
}
