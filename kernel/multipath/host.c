// SPDX-License-Identifier: GPL-2.0
/* Hosts: the disks of a Scsi_Host, and the sessions with paths to them. */
#include "multipath/host.h"

#include <linux/rculist.h>
#include <linux/slab.h>
#include <scsi/scsi_host.h>

#include "multipath/disk.h"

LIST_HEAD(mpio_hosts);

static void mpio_host_release(struct kref *ref)
{
	struct mpio_host *host = container_of(ref, struct mpio_host, ref);

	scsi_host_put(host->shost);
	kfree(host);
}

void mpio_host_put(struct mpio_host *host)
{
	kref_put(&host->ref, mpio_host_release);
}

/* host->mutex held. An id under which the disk's LUN number is still free. */
static u32 mpio_host_free_id(struct mpio_host *host, u64 lun)
{
	struct mpio_disk *disk;
	u32 id = 0;

	lockdep_assert_held(&host->mutex);
again:
	list_for_each_entry(disk, &host->disks, host_node) {
		if (disk->scsi_id == id && disk->scsi_lun == lun) {
			id++;
			goto again;
		}
	}
	return id;
}

void mpio_host_add_disk(struct mpio_host *host, struct mpio_disk *disk)
{
	mutex_lock(&host->mutex);
	disk->scsi_id = mpio_host_free_id(host, disk->scsi_lun);
	list_add_tail(&disk->host_node, &host->disks);
	mpio_disk_get(disk);
	mutex_unlock(&host->mutex);
}

static struct mpio_member *mpio_host_member(struct mpio_host *host,
					    const struct mpio_session *sess)
{
	struct mpio_member *member;

	lockdep_assert_held(&host->mutex);
	list_for_each_entry(member, &host->members, node)
		if (member->sess == sess)
			return member;
	return NULL;
}

int mpio_host_get_member(struct mpio_host *host, struct mpio_session *sess)
{
	struct mpio_member *member = mpio_host_member(host, sess);

	lockdep_assert_held(&host->mutex);
	if (!member) {
		member = kzalloc(sizeof(*member), GFP_KERNEL);
		if (!member)
			return -ENOMEM;
		member->sess = sess;
		list_add_tail_rcu(&member->node, &host->members);
	}
	member->paths++;
	return 0;
}

void mpio_host_put_member(struct mpio_host *host, struct mpio_session *sess)
{
	struct mpio_member *member = mpio_host_member(host, sess);

	lockdep_assert_held(&host->mutex);
	if (--member->paths)
		return;
	list_del_rcu(&member->node);
	kfree_rcu(member, rcu);
}
