// SPDX-License-Identifier: GPL-2.0
/*
 * Load balance policies.
 *
 * Selection runs for every command under RCU. It takes no lock and writes
 * nothing that another CPU writes too. Codes and meanings are those of MPIO
 * on Windows: FOO one path, RR all usable paths in turn, RRWS the best access
 * state in turn, LQD the fewest commands in flight, WP the lowest weight, LB
 * the fewest blocks in flight; `latency` expects each path to take (queue + 1)
 * times its average latency.
 */
#include "policy.h"

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "group.h"
#include "head.h"
#include "marginal.h"
#include "path.h"
#include "session.h"

#define MPIO_RANK_RESTS	2

/* Better access states first, those that rest behind all others. */
static unsigned int mpio_path_rank(const struct mpio_path *path)
{
	return !mpio_alua_is_best(READ_ONCE(path->alua_state)) +
	       (mpio_path_resting(path) ? MPIO_RANK_RESTS : 0);
}

/*
 * Cost of taking @path now: lowest wins, first one among equals. The upper
 * half is the access state where the policy heeds it.
 */
typedef u64 (*mpio_cost_fn)(const struct mpio_path *path);

static u64 mpio_cost_foo(const struct mpio_path *path)
{
	u32 choice = READ_ONCE(path->preferred) ? 0 :
		     READ_ONCE(path->alua_pref) ? 1 : 2;

	return (u64)mpio_path_rank(path) << 32 | choice;
}

static u64 mpio_cost_queue(const struct mpio_path *path)
{
	return (u64)mpio_path_rank(path) << 32 |
	       (u32)atomic_read(&path->inflight);
}

static u64 mpio_cost_weight(const struct mpio_path *path)
{
	return (u64)mpio_path_resting(path) << 32 | READ_ONCE(path->weight);
}

static u64 mpio_cost_blocks(const struct mpio_path *path)
{
	return (u64)mpio_path_rank(path) << 32 |
	       (u32)atomic_read(&path->queued_blocks);
}

static u64 mpio_cost_latency(const struct mpio_path *path)
{
	u64 expect = (u64)(READ_ONCE(path->latency_us) + 1) *
		     (atomic_read(&path->inflight) + 1);

	return (u64)mpio_path_rank(path) << 48 | min(expect, (1ULL << 48) - 1);
}

static struct mpio_path *mpio_select_cheapest(const struct mpio_path_set *set,
					      unsigned int start,
					      mpio_cost_fn cost)
{
	struct mpio_path *best = NULL;
	u64 best_cost = U64_MAX;
	unsigned int n;

	for (n = 0; n < set->count; n++, start++) {
		struct mpio_path *path;
		u64 c;

		if (start >= set->count)
			start = 0;
		path = set->path[start];
		if (!mpio_path_usable(path))
			continue;
		c = cost(path);
		if (c < best_cost) {
			best = path;
			best_cost = c;
		}
	}
	return best;
}

static unsigned int mpio_next_start(struct mpio_head *head, unsigned int count)
{
	u32 at = this_cpu_inc_return(*head->rr);

	return count == 2 ? at & 1 : at % count;
}

/* Those of at most @rank, in turn. */
static struct mpio_path *mpio_select_rank(const struct mpio_path_set *set,
					  unsigned int start, unsigned int rank)
{
	unsigned int n;

	for (n = 0; n < set->count; n++, start++) {
		struct mpio_path *path;

		if (start >= set->count)
			start = 0;
		path = set->path[start];
		if (mpio_path_usable(path) && mpio_path_rank(path) <= rank)
			return path;
	}
	return NULL;
}

/* @rank and what is better than it, in turn; if there is none, the next. */
static struct mpio_path *mpio_select_rr(const struct mpio_path_set *set,
					unsigned int start, unsigned int rank)
{
	struct mpio_path *path;

	do {
		path = mpio_select_rank(set, start, rank);
	} while (unlikely(!path) && ++rank <= MPIO_RANK_RESTS + 1);
	return path;
}

struct mpio_path *mpio_policy_select(struct mpio_head *head,
				     const struct mpio_path_set *set)
{
	struct mpio_path *path;
	unsigned int start;

	if (unlikely(!set || !set->count))
		return NULL;
	if (set->count == 1) {
		path = set->path[0];
		return mpio_path_usable(path) ? path : NULL;
	}
	switch (READ_ONCE(head->policy)) {
	case MPIO_POLICY_FOO:
		return mpio_select_cheapest(set, 0, mpio_cost_foo);
	case MPIO_POLICY_WP:
		return mpio_select_cheapest(set, 0, mpio_cost_weight);
	case MPIO_POLICY_RR:
		start = mpio_next_start(head, set->count);
		return mpio_select_rr(set, start, MPIO_RANK_RESTS - 1);
	case MPIO_POLICY_LQD:
		start = mpio_next_start(head, set->count);
		return mpio_select_cheapest(set, start, mpio_cost_queue);
	case MPIO_POLICY_LB:
		start = mpio_next_start(head, set->count);
		return mpio_select_cheapest(set, start, mpio_cost_blocks);
	case MPIO_POLICY_LATENCY:
		start = mpio_next_start(head, set->count);
		return mpio_select_cheapest(set, start, mpio_cost_latency);
	default:
		start = mpio_next_start(head, set->count);
		return mpio_select_rr(set, start, 0);
	}
}

/* What was set for targets by name; registry mutex. */
struct mpio_target_policy {
	struct list_head node;
	enum mpio_policy policy;
	char target[MPIO_NAME_MAX + 1];
};

static LIST_HEAD(mpio_target_policies);
static DEFINE_SPINLOCK(mpio_policy_lock);	/* the list and the default */
static enum mpio_policy mpio_default_policy;

static enum mpio_policy mpio_target_policy(const char *target)
{
	enum mpio_policy policy = MPIO_POLICY_UNSET;
	struct mpio_target_policy *t;

	spin_lock(&mpio_policy_lock);
	list_for_each_entry(t, &mpio_target_policies, node)
		if (!strcmp(t->target, target))
			policy = t->policy;
	spin_unlock(&mpio_policy_lock);
	return policy;
}

/* Without any word of the administrator: RRWS on ALUA, else RR. */
static enum mpio_policy mpio_policy_by_alua(struct mpio_head *head)
{
	enum mpio_policy policy = MPIO_POLICY_RR;
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++)
		if (READ_ONCE(set->path[i]->alua_state) != MPIO_ALUA_NONE)
			policy = MPIO_POLICY_RRWS;
	rcu_read_unlock();
	return policy;
}

static enum mpio_policy mpio_policy_wanted(struct mpio_head *head,
					   unsigned int *source)
{
	enum mpio_policy policy = READ_ONCE(head->disk_policy);

	*source = 3;
	if (policy)
		return policy;
	*source = 2;
	policy = mpio_target_policy(head->target_name);
	if (policy)
		return policy;
	*source = 1;
	policy = READ_ONCE(mpio_default_policy);
	if (policy)
		return policy;
	*source = 0;
	return mpio_policy_by_alua(head);
}

enum mpio_policy mpio_policy_resolve(struct mpio_head *head,
				     unsigned int *source)
{
	enum mpio_policy policy = mpio_policy_wanted(head, source);

	/* As on Windows: not all of the paths are there to be used in turn. */
	return policy == MPIO_POLICY_RR ? mpio_policy_by_alua(head) : policy;
}

static void mpio_policy_update_all(void)
{
	struct mpio_group *group;
	struct mpio_head *head;

	lockdep_assert_held(&mpio_registry_mutex);
	list_for_each_entry(group, &mpio_groups, node) {
		mutex_lock(&group->mutex);
		list_for_each_entry(head, &group->heads, group_node)
			mpio_head_update_policy(head);
		mutex_unlock(&group->mutex);
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
		if (!strcmp(t->target, new->target)) {
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
