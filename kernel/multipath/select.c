// SPDX-License-Identifier: GPL-2.0
/*
 * Selection of a path. See select.h.
 *
 * Codes and meanings of the policies are those of MPIO on Windows: FOO one
 * path, RR all usable paths in turn, RRWS the best access state in turn, LQD
 * the fewest commands in flight, WP the lowest weight, LB the fewest blocks in
 * flight; `latency` expects each path to take (queue + 1) times its average
 * latency.
 *
 * Each policy is two costs. That of mpio_cost_standing() changes only when
 * somebody calls mpio_select_changed(): paths of the lowest are the choice, a
 * mask that is kept. That of mpio_cost_now() is looked at for every command;
 * the policies that have none take the paths of the choice in turn.
 *
 * A choice may be out of date for a moment. That can cost an I/O on the second
 * best path, never one on a path that is not usable: that is looked at last.
 */
#include "multipath/select.h"

#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "base/change.h"
#include "multipath/disk.h"
#include "multipath/marginal.h"
#include "multipath/path.h"
#include "session/session.h"

/*
 * Costs of what may be wrong with a path, in ascending order: each outweighs the sum
 * of those before. MarginalRank says whether a resting path comes after paths of the
 * same access state (_RESTS) or after all others (_RESTS_LAST). A path that rests
 * because it did not serve its commands (_FAULT) comes after those, and one whose
 * unit is not ready (_UNREADY) last.
 */
#define MPIO_COST_RESTS		1
#define MPIO_COST_ACCESS	2
#define MPIO_COST_RESTS_LAST	4
#define MPIO_COST_FAULT		8
#define MPIO_COST_UNREADY	16

void mpio_choice_init(struct mpio_choice *choice)
{
	*choice = (struct mpio_choice){
		.gen = atomic_read(&mpio_select_gen) - 1,
	};
}

/* ----------------------------------------------------------- two costs */

static u32 mpio_cost_trouble(const struct mpio_path *path)
{
	u32 cost = READ_ONCE(path->unready.key) ? MPIO_COST_UNREADY : 0;

	if (!mpio_path_resting(path))
		return cost;
	if (READ_ONCE(path->marginal.fault))
		return cost + MPIO_COST_FAULT;
	return cost + (mpio_setting(path->sess, MPIO_TA_MARGINAL_RANK) ==
		       MPIO_MARGINAL_LAST ? MPIO_COST_RESTS_LAST :
					    MPIO_COST_RESTS);
}

/* Better access states first. */
static u32 mpio_cost_rank(const struct mpio_path *path)
{
	return mpio_cost_trouble(path) +
	       (mpio_alua_is_best(READ_ONCE(path->alua_state)) ?
		0 : MPIO_COST_ACCESS);
}

static u64 mpio_cost_standing(enum mpio_policy policy,
			      const struct mpio_path *path)
{
	u32 choice;

	switch (policy) {
	case MPIO_POLICY_FOO:
		choice = READ_ONCE(path->preferred) ? 0 :
			 READ_ONCE(path->alua_pref) ? 1 : 2;
		return (u64)mpio_cost_rank(path) << 32 | choice;
	case MPIO_POLICY_WP:
		return (u64)mpio_cost_trouble(path) << 32 |
		       READ_ONCE(path->weight);
	case MPIO_POLICY_RR:
		return mpio_cost_trouble(path);
	default:
		return mpio_cost_rank(path);
	}
}

/* FOO and WP use one path: they do not rotate among equals. */
static bool mpio_select_one(enum mpio_policy policy)
{
	return policy == MPIO_POLICY_FOO || policy == MPIO_POLICY_WP;
}

static __always_inline u64 mpio_cost_now(enum mpio_policy policy,
					 const struct mpio_path *path)
{
	switch (policy) {
	case MPIO_POLICY_LQD:
		return atomic_read(&path->inflight);
	case MPIO_POLICY_LB:
		return atomic_read(&path->queued_blocks);
	case MPIO_POLICY_LATENCY:
		return ((u64)READ_ONCE(path->latency_us) + 1) *
		       ((u32)atomic_read(&path->inflight) + 1);
	default:
		return 0;
	}
}

/* ---------------------------------------------- without a choice made */

/*
 * Looks at everything but @not. For sets too large for a mask, and when the
 * choice has just gone out of date.
 */
static struct mpio_path *mpio_select_anew(enum mpio_policy policy,
					  const struct mpio_path_set *set,
					  unsigned int start,
					  const struct mpio_path *not)
{
	u64 best_standing = U64_MAX, best_now = U64_MAX;
	struct mpio_path *best = NULL;
	unsigned int n;

	for (n = 0; n < set->count; n++, start++) {
		struct mpio_path *path;
		u64 standing, now;

		if (start >= set->count)
			start = 0;
		path = set->path[start];
		if (path == not || !mpio_path_usable(path))
			continue;
		standing = mpio_cost_standing(policy, path);
		now = mpio_cost_now(policy, path);
		if (standing > best_standing ||
		    (standing == best_standing && now >= best_now))
			continue;
		best = path;
		best_standing = standing;
		best_now = now;
	}
	return best;
}

/* --------------------------------------------------------- the choice */

static void mpio_choice_work_out(enum mpio_policy policy,
				 const struct mpio_path_set *set,
				 struct mpio_choice *choice)
{
	unsigned int i, count = min(set->count, MPIO_CHOICE_PATHS);
	u64 best = U64_MAX;

	for (i = 0; i < count; i++) {
		const struct mpio_path *path = set->path[i];
		u64 cost;

		if (!mpio_path_usable(path))
			continue;
		if (mpio_path_resting(path)) {
			unsigned long end = READ_ONCE(path->marginal.rest_until);

			if (!choice->ends || time_before(end, choice->until))
				choice->until = end;
			choice->ends = true;
		}
		cost = mpio_cost_standing(policy, path);
		if (cost > best || (cost == best && mpio_select_one(policy)))
			continue;
		if (cost < best) {
			best = cost;
			choice->mask = 0;
			choice->bound = 0;
		}
		choice->mask |= BIT(i);
		if (READ_ONCE(path->cpu) >= 0)
			choice->bound |= BIT(i);
	}
}

/* One at a time: the others do without meanwhile. */
static bool mpio_choice_make(struct mpio_disk *disk, struct mpio_path_set *set)
{
	struct mpio_choice *choice = &set->choice;
	struct mpio_choice new = {};
	u32 gen;

	if (set->count > MPIO_CHOICE_PATHS ||
	    test_and_set_bit_lock(0, &choice->making))
		return false;
	/* Before all that the choice depends on, the policy, too. */
	gen = atomic_read_acquire(&mpio_select_gen);
	mpio_choice_work_out(READ_ONCE(disk->policy), set, &new);
	WRITE_ONCE(choice->mask, new.mask);
	WRITE_ONCE(choice->bound, new.bound);
	WRITE_ONCE(choice->until, new.until);
	WRITE_ONCE(choice->ends, new.ends);
	/* A reader that sees gen sees the choice, too: mpio_choice_holds(). */
	smp_store_release(&choice->gen, gen);
	clear_bit_unlock(0, &choice->making);
	return true;
}

static bool mpio_choice_holds(const struct mpio_choice *choice)
{
	/* Before the choice is read: mpio_choice_make(). */
	u32 gen = smp_load_acquire(&choice->gen);

	return gen == (u32)atomic_read(&mpio_select_gen) &&
	       (!READ_ONCE(choice->ends) ||
		time_before(jiffies, READ_ONCE(choice->until)));
}

/*
 * Of several sessions of one portal that are bound to processors, keeps the one of
 * this processor, or all if there is none. Sessions not bound are kept.
 */
static unsigned long mpio_choice_local(const struct mpio_path_set *set,
				       unsigned long mask, unsigned long bound)
{
	unsigned long rest = mask & bound, local = 0;
	int cpu = raw_smp_processor_id();

	while (rest) {
		unsigned long bit = rest & -rest;

		if (READ_ONCE(set->path[__ffs(bit)]->cpu) == cpu)
			local |= bit;
		rest &= ~bit;
	}
	return local ? local | (mask & ~bound) : mask;
}

/* The first of @mask after @last, in a circle. */
static unsigned int mpio_choice_next(unsigned long mask, unsigned int last)
{
	unsigned long later = mask & (~1UL << last);

	return __ffs(later ? later : mask);
}

/* The cheapest of @mask, the first after @last among equals. */
static __always_inline unsigned int
mpio_choice_cheapest(enum mpio_policy policy, const struct mpio_path_set *set,
		     unsigned long mask, unsigned int last)
{
	unsigned long rest = mask & (~1UL << last), earlier = mask & ~rest;
	unsigned int best = 0;
	u64 cost = U64_MAX;

	for (;;) {
		for (; rest; rest &= rest - 1) {
			unsigned int i = __ffs(rest);
			u64 c = mpio_cost_now(policy, set->path[i]);

			if (c < cost) {
				if (!c)
					return i;
				cost = c;
				best = i;
			}
		}
		if (!earlier)
			return best;
		rest = earlier;
		earlier = 0;
	}
}

static unsigned int mpio_choice_pick(enum mpio_policy policy,
				     const struct mpio_path_set *set,
				     unsigned long mask, unsigned int last)
{
	switch (policy) {
	case MPIO_POLICY_LQD:
		return mpio_choice_cheapest(MPIO_POLICY_LQD, set, mask, last);
	case MPIO_POLICY_LB:
		return mpio_choice_cheapest(MPIO_POLICY_LB, set, mask, last);
	case MPIO_POLICY_LATENCY:
		return mpio_choice_cheapest(MPIO_POLICY_LATENCY, set, mask,
					    last);
	default:
		return mpio_choice_next(mask, last);
	}
}

struct mpio_path *mpio_select_path(struct mpio_disk *disk,
				   struct mpio_path_set *set)
{
	enum mpio_policy policy = READ_ONCE(disk->policy);
	unsigned int last, start;
	unsigned long mask, bound;
	struct mpio_path *path;

	if (unlikely(!set || !set->count))
		return NULL;
	last = this_cpu_read(*disk->last_path);
	if (unlikely(!mpio_choice_holds(&set->choice)) &&
	    !mpio_choice_make(disk, set))
		goto anew;
	mask = READ_ONCE(set->choice.mask);
	if (unlikely(!mask))
		goto anew;
	bound = READ_ONCE(set->choice.bound);
	if (unlikely(bound))
		mask = mpio_choice_local(set, mask, bound);
	last = mpio_choice_pick(policy, set, mask, last % MPIO_CHOICE_PATHS);
	path = set->path[last];
	if (likely(mpio_path_usable(path))) {
		this_cpu_write(*disk->last_path, last);
		return path;
	}
anew:
	start = mpio_select_one(policy) ? 0 : (last + 1) % set->count;
	this_cpu_write(*disk->last_path, start);
	return mpio_select_anew(policy, set, start, NULL);
}

struct mpio_path *mpio_select_other(struct mpio_disk *disk,
				    const struct mpio_path_set *set,
				    struct mpio_path *path)
{
	struct mpio_path *other = mpio_select_anew(READ_ONCE(disk->policy), set,
						   0, path);

	return other && !READ_ONCE(other->unready.key) ? other : path;
}
