// SPDX-License-Identifier: GPL-2.0
/* Groups: which sessions share a SCSI host. See group.h. */
#include "group.h"

#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <scsi/scsi_host.h>

#include "head.h"
#include "host.h"
#include "session.h"

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

/* T10 vendor ids and serial numbers collide between targets in practice. */
static bool mpio_group_id_unique(const struct mpio_lu_id *id)
{
	return id->type == MPIO_DESIG_NAA || id->type == MPIO_DESIG_EUI64 ||
	       id->type == MPIO_DESIG_SCSI_NAME;
}

struct mpio_head *mpio_group_find_head(struct mpio_group *group,
				       const struct mpio_lu_id *id,
				       const char *target)
{
	bool unique = mpio_group_id_unique(id);
	struct mpio_head *head;

	lockdep_assert_held(&group->mutex);
	list_for_each_entry(head, &group->heads, group_node)
		if (mpio_lu_id_equal(&head->lu_id, id) && !head->dying &&
		    (unique || !mpio_name_compare(head->target_name, target)))
			return head;
	return NULL;
}

static struct mpio_group *mpio_group_create(struct mpio_session *sess)
{
	struct mpio_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	int err;

	if (!group)
		return ERR_PTR(-ENOMEM);
	kref_init(&group->ref);
	mutex_init(&group->scan_mutex);
	mutex_init(&group->mutex);
	INIT_LIST_HEAD(&group->heads);
	INIT_LIST_HEAD(&group->sessions);
	group->multipath = sess->cfg.multipath;
	strscpy(group->target_name, sess->cfg.target_name,
		sizeof(group->target_name));
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

static bool mpio_group_shows(struct mpio_group *group,
			     const struct mpio_lu_id *ids, unsigned int nids,
			     const char *target)
{
	bool shows = false;
	unsigned int i;

	mutex_lock(&group->mutex);
	for (i = 0; i < nids && !shows; i++)
		shows = mpio_group_find_head(group, &ids[i], target);
	mutex_unlock(&group->mutex);
	return shows;
}

/* Registry mutex held. An open group the session belongs in, or NULL. */
static struct mpio_group *mpio_group_choose(const struct mpio_session *sess,
					    const struct mpio_lu_id *ids,
					    unsigned int nids)
{
	struct mpio_group *group, *same_name = NULL;

	if (!sess->cfg.multipath)
		return NULL;
	list_for_each_entry(group, &mpio_groups, node) {
		if (group->closed || !group->multipath)
			continue;
		if (mpio_group_shows(group, ids, nids, sess->cfg.target_name))
			return group;
		if (!mpio_name_compare(group->target_name, sess->cfg.target_name))
			same_name = group;
	}
	return same_name;
}

int mpio_group_join(struct mpio_session *sess, const struct mpio_lu_id *ids,
		    unsigned int nids)
{
	struct mpio_group *group;
	unsigned int noio;

	/* The recovery road takes this mutex, too. */
	mutex_lock(&mpio_registry_mutex);
	noio = memalloc_noio_save();
	group = mpio_group_choose(sess, ids, nids);
	if (group)
		kref_get(&group->ref);
	else
		group = mpio_group_create(sess);
	memalloc_noio_restore(noio);
	if (IS_ERR(group)) {
		mutex_unlock(&mpio_registry_mutex);
		return PTR_ERR(group);
	}
	mutex_lock(&group->mutex);
	list_add_tail_rcu(&sess->group_node, &group->sessions);
	mutex_unlock(&group->mutex);
	WRITE_ONCE(sess->group, group);
	mutex_unlock(&mpio_registry_mutex);
	return 0;
}

void mpio_group_leave(struct mpio_session *sess)
{
	struct mpio_group *group = sess->group;
	bool last;

	if (!group)
		return;
	mutex_lock(&mpio_registry_mutex);
	WRITE_ONCE(sess->group, NULL);
	mutex_lock(&group->mutex);
	list_del_rcu(&sess->group_node);	/* it joins no other */
	last = list_empty(&group->sessions);
	mutex_unlock(&group->mutex);
	if (last) {
		group->closed = true;
		list_del_init(&group->node);
	}
	mutex_unlock(&mpio_registry_mutex);
	if (last)
		scsi_remove_host(group->host);
	mpio_group_put(group);
}
