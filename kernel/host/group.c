// SPDX-License-Identifier: GPL-2.0
/* Which sessions share a SCSI host: how they join a group and leave it. */
#include "host/group.h"

#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <scsi/scsi_host.h>

#include "base/work.h"
#include "host/host.h"
#include "lu/identity.h"
#include "multipath/group.h"
#include "multipath/disk.h"
#include "proto/name.h"
#include "session/session.h"

static void mpio_group_remove_work(struct work_struct *work)
{
	mpio_group_remove_host(container_of(work, struct mpio_group,
					    remove_work));
}

static struct mpio_group *mpio_group_create(struct mpio_session *sess)
{
	struct mpio_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	int err;

	if (!group)
		return ERR_PTR(-ENOMEM);
	kref_init(&group->ref);
	mutex_init(&group->mutex);
	INIT_LIST_HEAD(&group->disks);
	INIT_LIST_HEAD(&group->members);
	INIT_WORK(&group->remove_work, mpio_group_remove_work);
	group->multipath = sess->cfg.multipath;
	strscpy(group->target_name, sess->cfg.target_name,
		sizeof(group->target_name));
	strscpy(group->initiator_name, sess->cfg.initiator_name,
		sizeof(group->initiator_name));
	group->host = mpio_host_alloc(group);
	if (!group->host) {
		kfree(group);
		return ERR_PTR(-ENOMEM);
	}
	err = mpio_host_add(group->host);
	if (err) {
		mpio_group_put(group);
		return ERR_PTR(err);
	}
	list_add_tail(&group->node, &mpio_groups);
	return group;
}

/* Registry mutex held. The open group of the session's target, or NULL. */
static struct mpio_group *mpio_group_choose(const struct mpio_session *sess)
{
	struct mpio_group *group;

	lockdep_assert_held(&mpio_registry_mutex);
	if (!sess->cfg.multipath)
		return NULL;
	list_for_each_entry(group, &mpio_groups, node)
		if (group->multipath &&
		    !mpio_name_compare(group->target_name,
				       sess->cfg.target_name))
			return group;
	return NULL;
}

int mpio_group_join(struct mpio_session *sess)
{
	struct mpio_group *group;
	unsigned int noio;

	lockdep_assert_held(&mpio_registry_mutex);
	/* The recovery road takes this mutex, too. */
	noio = memalloc_noio_save();
	group = mpio_group_choose(sess);
	if (group)
		kref_get(&group->ref);
	else
		group = mpio_group_create(sess);
	memalloc_noio_restore(noio);
	if (IS_ERR(group))
		return PTR_ERR(group);
	group->sessions++;
	WRITE_ONCE(sess->group, group);
	return 0;
}

/* Registry mutex held. True: nobody finds it any more, its host goes. */
static bool mpio_group_close(struct mpio_group *group)
{
	bool empty;

	lockdep_assert_held(&mpio_registry_mutex);
	mutex_lock(&group->mutex);
	empty = list_empty(&group->disks);
	mutex_unlock(&group->mutex);
	if (!empty || group->sessions || list_empty(&group->node))
		return false;
	list_del_init(&group->node);
	return true;
}

void mpio_group_leave(struct mpio_session *sess)
{
	struct mpio_group *group = sess->group;
	bool last;

	if (!group)
		return;
	mutex_lock(&mpio_registry_mutex);
	WRITE_ONCE(sess->group, NULL);	/* it joins no other */
	group->sessions--;
	last = mpio_group_close(group);
	mutex_unlock(&mpio_registry_mutex);
	if (last)
		scsi_remove_host(group->host);
	mpio_group_put(group);
}

void mpio_group_remove_host(struct mpio_group *group)
{
	if (!group)
		return;
	scsi_remove_host(group->host);
	mpio_group_put(group);
}

void mpio_group_remove_host_later(struct mpio_group *group)
{
	if (group)
		queue_work(mpio_scan_wq, &group->remove_work);
}

struct mpio_group *mpio_group_remove_disk(struct mpio_disk *disk)
{
	struct mpio_group *group = disk->group;
	bool listed, last;

	mutex_lock(&mpio_registry_mutex);
	mutex_lock(&mpio_identity_mutex);
	mutex_lock(&group->mutex);
	listed = !list_empty(&disk->group_node);
	if (listed) {
		list_del_init(&disk->group_node);
		mpio_identity_forget(disk);
	}
	mutex_unlock(&group->mutex);
	mutex_unlock(&mpio_identity_mutex);
	last = mpio_group_close(group);
	if (last)
		kref_get(&group->ref);
	mutex_unlock(&mpio_registry_mutex);
	if (listed) {
		mpio_fence_kick(disk);		/* its ghosts go as well */
		mpio_disk_put(disk);
	}
	return last ? group : NULL;
}
