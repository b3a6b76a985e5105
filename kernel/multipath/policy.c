// SPDX-License-Identifier: GPL-2.0
/*
 * Load balance policies: which one is in force for a disk. What they do is in
 * select.c.
 */
#include "multipath/policy.h"

#include <linux/list.h>
#include <linux/slab.h>

#include "base/change.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

/*
 * A policy that was set for a target by name. The list is changed under the registry
 * mutex and mpio_policy_lock, and read under the latter.
 */
struct mpio_target_policy {
	struct list_head node;
	enum mpio_policy policy;
	char target[MPIO_NAME_MAX + 1];
};

static LIST_HEAD(mpio_target_policies);
static DEFINE_SPINLOCK(mpio_policy_lock);
static enum mpio_policy mpio_default_policy;	/* registry mutex; READ_ONCE */

static enum mpio_policy mpio_target_policy(const char *target)
{
	enum mpio_policy policy = MPIO_POLICY_UNSET;
	struct mpio_target_policy *t;

	spin_lock(&mpio_policy_lock);
	list_for_each_entry(t, &mpio_target_policies, node)
		if (!mpio_name_compare(t->target, target))
			policy = t->policy;
	spin_unlock(&mpio_policy_lock);
	return policy;
}

/* Without any word of the administrator: RRWS on ALUA, else RR. */
static enum mpio_policy mpio_policy_by_alua(struct mpio_disk *disk)
{
	enum mpio_policy policy = MPIO_POLICY_RR;
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (READ_ONCE(set->path[i]->alua_state) != MPIO_ALUA_NONE)
			policy = MPIO_POLICY_RRWS;
	rcu_read_unlock();
	return policy;
}

static enum mpio_policy mpio_policy_wanted(struct mpio_disk *disk,
					   unsigned int *source)
{
	enum mpio_policy policy = READ_ONCE(disk->disk_policy);

	*source = 3;
	if (policy)
		return policy;
	*source = 2;
	policy = mpio_target_policy(disk->target_name);
	if (policy)
		return policy;
	*source = 1;
	policy = READ_ONCE(mpio_default_policy);
	if (policy)
		return policy;
	*source = 0;
	return mpio_policy_by_alua(disk);
}

enum mpio_policy mpio_policy_resolve(struct mpio_disk *disk,
				     unsigned int *source)
{
	enum mpio_policy policy = mpio_policy_wanted(disk, source);

	/* RR is RRWS where paths have access states, as on Windows. */
	return policy == MPIO_POLICY_RR ? mpio_policy_by_alua(disk) : policy;
}

void mpio_policy_update(struct mpio_disk *disk)
{
	static DEFINE_MUTEX(last_word);
	unsigned int source;

	mutex_lock(&last_word);
	WRITE_ONCE(disk->policy, mpio_policy_resolve(disk, &source));
	mutex_unlock(&last_word);
	mpio_select_changed();
}

static void mpio_policy_update_all(void)
{
	struct mpio_host *host;
	struct mpio_disk *disk;

	lockdep_assert_held(&mpio_registry_mutex);
	list_for_each_entry(host, &mpio_hosts, node) {
		mutex_lock(&host->mutex);
		list_for_each_entry(disk, &host->disks, host_node)
			mpio_policy_update(disk);
		mutex_unlock(&host->mutex);
	}
}

struct mpio_target_policy *mpio_policy_prepare(const char *target,
					       enum mpio_policy policy)
{
	struct mpio_target_policy *new = kzalloc(sizeof(*new), GFP_KERNEL);

	if (new) {
		strscpy(new->target, target, sizeof(new->target));
		new->policy = policy;
	}
	return new;
}

void mpio_policy_apply(struct mpio_target_policy *new)
{
	struct mpio_target_policy *t;

	mutex_lock(&mpio_registry_mutex);
	spin_lock(&mpio_policy_lock);
	list_for_each_entry(t, &mpio_target_policies, node) {
		if (!mpio_name_compare(t->target, new->target)) {
			list_del(&t->node);
			kfree(t);
			break;
		}
	}
	if (new->policy)
		list_add(&new->node, &mpio_target_policies);
	else
		kfree(new);
	spin_unlock(&mpio_policy_lock);
	mpio_policy_update_all();
	mutex_unlock(&mpio_registry_mutex);
}

int mpio_policy_set_target(const char *target, enum mpio_policy policy)
{
	struct mpio_target_policy *new = mpio_policy_prepare(target, policy);

	if (!new)
		return -ENOMEM;
	mpio_policy_apply(new);
	return 0;
}

void mpio_policy_set_default(enum mpio_policy policy)
{
	mutex_lock(&mpio_registry_mutex);
	WRITE_ONCE(mpio_default_policy, policy);
	mpio_policy_update_all();
	mutex_unlock(&mpio_registry_mutex);
}

enum mpio_policy mpio_policy_default(void)
{
	return READ_ONCE(mpio_default_policy);
}

void mpio_policy_exit(void)
{
	struct mpio_target_policy *t, *next;

	list_for_each_entry_safe(t, next, &mpio_target_policies, node)
		kfree(t);
	INIT_LIST_HEAD(&mpio_target_policies);
}
