// SPDX-License-Identifier: GPL-2.0
/* Groups: the disks of a SCSI host, and the sessions with paths to them. */
#include "multipath/group.h"

#include <linux/rculist.h>
#include <linux/slab.h>
#include <scsi/scsi_host.h>

#include "multipath/disk.h"

LIST_HEAD(mpio_groups);

static void mpio_group_release(struct kref *ref)
{
	struct mpio_group *group = container_of(ref, struct mpio_group, ref);

	scsi_host_put(group->host);
	kfree(group);
}

void mpio_group_put(struct mpio_group *group)
{
	kref_put(&group->ref, mpio_group_release);
}

/* group->mutex held. An id under which the disk's LUN number is still free. */
static u32 mpio_group_free_id(struct mpio_group *group, u64 lun)
{
	struct mpio_disk *disk;
	u32 id = 0;

	lockdep_assert_held(&group->mutex);
again:
	list_for_each_entry(disk, &group->disks, group_node) {
		if (disk->scsi_id == id && disk->scsi_lun == lun) {
			id++;
			goto again;
		}
	}
	return id;
}

void mpio_group_add_disk(struct mpio_group *group, struct mpio_disk *disk)
{
	mutex_lock(&group->mutex);
	disk->scsi_id = mpio_group_free_id(group, disk->scsi_lun);
	list_add_tail(&disk->group_node, &group->disks);
	mpio_disk_get(disk);
	mutex_unlock(&group->mutex);
}

static struct mpio_member *mpio_group_member(struct mpio_group *group,
					     const struct mpio_session *sess)
{
	struct mpio_member *member;

	lockdep_assert_held(&group->mutex);
	list_for_each_entry(member, &group->members, node)
		if (member->sess == sess)
			return member;
	return NULL;
}

int mpio_group_enter(struct mpio_group *group, struct mpio_session *sess)
{
	struct mpio_member *member = mpio_group_member(group, sess);

	lockdep_assert_held(&group->mutex);
	if (!member) {
		member = kzalloc(sizeof(*member), GFP_KERNEL);
		if (!member)
			return -ENOMEM;
		member->sess = sess;
		list_add_tail_rcu(&member->node, &group->members);
	}
	member->paths++;
	return 0;
}

void mpio_group_exit(struct mpio_group *group, struct mpio_session *sess)
{
	struct mpio_member *member = mpio_group_member(group, sess);

	lockdep_assert_held(&group->mutex);
	if (--member->paths)
		return;
	list_del_rcu(&member->node);
	kfree_rcu(member, rcu);
}
