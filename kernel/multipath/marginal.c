// SPDX-License-Identifier: GPL-2.0
/* Resting of paths that are not worth their I/O. See marginal.h. */
#include "multipath/marginal.h"

#include <linux/rcupdate.h>

#include "base/assert.h"
#include "base/change.h"
#include "multipath/disk.h"
#include "multipath/notify.h"
#include "session/session.h"

/* A path is marginal after _LOSSES losses, each within _WINDOW of the last. */
#define MPIO_MARGINAL_LOSSES	3
#define MPIO_MARGINAL_WINDOW	(60 * HZ)
#define MPIO_MARGINAL_DOUBLINGS	6
#define MPIO_MARGINAL_REST_MAX	600000	/* ms, unless the setting is more */

/*
 * A path is an outlier if it is _TIMES slower and _US microseconds slower than the
 * best in _LOOKS successive comparisons of at least _IOS commands each. All paths of
 * a disk are compared at once, over the same time.
 */
#define MPIO_OUTLIER_LOOKS	3
#define MPIO_OUTLIER_IOS	16
#define MPIO_OUTLIER_TIMES	8
#define MPIO_OUTLIER_US		20000
#define MPIO_OUTLIER_PERIOD	HZ
#define MPIO_OUTLIER_STALE	(30 * HZ)

/* Of errors, by weight: three serious ones, or sixteen that may pass. */
#define MPIO_MARGINAL_ERRORS	48

/* disk->lock held. False: resting is switched off. */
static bool mpio_marginal_rest(struct mpio_path *path, const char *why,
			       bool fault)
{
	u32 hold = mpio_setting(path->sess, MPIO_TA_MARGINAL_HOLD_DOWN);
	struct mpio_marginal *m = &path->marginal;
	unsigned long now = jiffies;
	u64 ms;

	lockdep_assert_held(&path->disk->lock);
	if (!hold)
		return false;
	if (m->rests && time_after(now, m->rest_until + MPIO_MARGINAL_WINDOW))
		m->rests = 0;
	ms = min_t(u64, (u64)hold << min(m->rests, MPIO_MARGINAL_DOUBLINGS),
		   max(hold, MPIO_MARGINAL_REST_MAX));
	m->rests++;
	m->outlier_looks = 0;
	m->errors = 0;
	WRITE_ONCE(m->fault, fault);
	WRITE_ONCE(m->rest_until, now + msecs_to_jiffies(ms));
	WRITE_ONCE(m->rest_why, why);
	/* Latency is measured anew after the rest. */
	WRITE_ONCE(path->latency_us, 0);
	return true;
}

static void mpio_marginal_rested(struct mpio_path *path, const char *why)
{
	mpio_select_changed();
	pr_info_ratelimited("session %u lun %llu: avoided for %u ms, %s [MPIO0006]\n",
			    path->sess->id, path->lun,
			    mpio_marginal_rest_ms(path), why);
	mpio_notify_path(path, MPIO_EVENT_PATH_STATE);
}

void mpio_marginal_lost(struct mpio_path *path)
{
	static const char why[] = "its connection is lost again and again";
	struct mpio_marginal *m = &path->marginal;
	unsigned long flags, now = jiffies;
	bool rests = false;

	spin_lock_irqsave(&path->disk->lock, flags);
	if (m->losses && time_after(now, m->lost_at + MPIO_MARGINAL_WINDOW))
		m->losses = 0;
	m->lost_at = now;
	if (m->losses < MPIO_MARGINAL_LOSSES)
		m->losses++;
	if (m->losses == MPIO_MARGINAL_LOSSES)
		rests = mpio_marginal_rest(path, why, false);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	if (rests)
		mpio_marginal_rested(path, why);
}

static void mpio_marginal_blame(struct mpio_path *path, u32 weight,
				const char *why)
{
	struct mpio_marginal *m = &path->marginal;
	unsigned long flags, now = jiffies;
	bool rests = false;

	spin_lock_irqsave(&path->disk->lock, flags);
	if (time_after(now, m->error_at + MPIO_MARGINAL_WINDOW))
		m->errors = 0;
	m->error_at = now;
	m->errors += weight;
	/* Errors of commands sent before the rest do not count again. */
	if (m->errors >= MPIO_MARGINAL_ERRORS &&
	    !(mpio_path_resting(path) && m->fault))
		rests = mpio_marginal_rest(path, why, true);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	if (rests)
		mpio_marginal_rested(path, why);
}

void mpio_marginal_error(struct mpio_path *path, u32 weight)
{
	mpio_marginal_blame(path, weight, "its commands fail again and again");
}

void mpio_marginal_mute(struct mpio_path *path)
{
	mpio_marginal_blame(path, MPIO_MARGINAL_ERRORS,
			    "a command was not answered");
}

void mpio_marginal_forget(struct mpio_path *path)
{
	struct mpio_marginal *m = &path->marginal;
	unsigned long flags;
	bool rested;

	spin_lock_irqsave(&path->disk->lock, flags);
	rested = m->rest_why;
	WRITE_ONCE(m->rest_why, NULL);
	m->rests = 0;
	m->losses = 0;
	m->errors = 0;
	spin_unlock_irqrestore(&path->disk->lock, flags);
	if (rested)
		mpio_notify_path(path, MPIO_EVENT_PATH_STATE);
}

u32 mpio_marginal_rest_ms(const struct mpio_path *path)
{
	long rest = READ_ONCE(path->marginal.rest_until) - jiffies;

	return READ_ONCE(path->marginal.rest_why) && rest > 0 ?
		jiffies_to_msecs(rest) : 0;
}

/* Enough commands since the disk's paths were last compared to go by? */
static bool mpio_marginal_busy(const struct mpio_path *path, u64 ios)
{
	return ios - path->marginal.seen_ios >= MPIO_OUTLIER_IOS;
}

/*
 * MPIO_DISK_COMPARES held, under RCU. The latency of the quickest path that has
 * carried I/O since the last comparison; @busy counts such paths. Others are left
 * out: a latency from when the disk had little to do does not compare with that
 * of a path which has all the load now.
 */
static u32 mpio_marginal_best_us(const struct mpio_disk *disk,
				 const struct mpio_path_set *set,
				 unsigned int *busy)
{
	unsigned int i;
	u32 best = 0;

	mpio_assert_bit_held(MPIO_DISK_COMPARES, &disk->flags);
	*busy = 0;
	for (i = 0; i < set->count; i++) {
		const struct mpio_path *path = set->path[i];
		u32 us = READ_ONCE(path->latency_us);

		if (!us || !mpio_path_usable(path) || mpio_path_resting(path) ||
		    !mpio_marginal_busy(path, mpio_path_ios(path)))
			continue;
		++*busy;
		if (!best || us < best)
			best = us;
	}
	return best;
}

static void mpio_marginal_check(struct mpio_path *path, u32 best)
{
	static const char why[] = "it takes many times as long as the others";
	struct mpio_marginal *m = &path->marginal;
	u32 us = READ_ONCE(path->latency_us);
	bool outlier, rests = false;
	unsigned long flags;

	outlier = best && us / MPIO_OUTLIER_TIMES > best &&
		  us - best > MPIO_OUTLIER_US;
	spin_lock_irqsave(&path->disk->lock, flags);
	if (!mpio_path_resting(path)) {
		m->outlier_looks = outlier ? m->outlier_looks + 1 : 0;
		if (m->outlier_looks >= MPIO_OUTLIER_LOOKS)
			rests = mpio_marginal_rest(path, why, false);
	}
	spin_unlock_irqrestore(&path->disk->lock, flags);
	if (rests)
		mpio_marginal_rested(path, why);
}

/* As soon as two paths can be compared, or it is time to begin afresh. */
static void mpio_marginal_compare(struct mpio_disk *disk)
{
	unsigned long now = jiffies, age;
	const struct mpio_path_set *set;
	unsigned int i, busy = 0;
	u32 best = 0;

	if (test_and_set_bit_lock(MPIO_DISK_COMPARES, &disk->flags))
		return;
	age = now - disk->compared;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	if (set && age >= MPIO_OUTLIER_PERIOD)
		best = mpio_marginal_best_us(disk, set, &busy);
	if (set && (busy > 1 || age >= MPIO_OUTLIER_STALE)) {
		disk->compared = now;
		for (i = 0; i < set->count; i++) {
			struct mpio_path *path = set->path[i];
			u64 ios = mpio_path_ios(path);

			/* Too few commands say nothing, this way or that. */
			if (busy < 2 || mpio_marginal_busy(path, ios))
				mpio_marginal_check(path, busy < 2 ? 0 : best);
			path->marginal.seen_ios = ios;
		}
	}
	rcu_read_unlock();
	clear_bit_unlock(MPIO_DISK_COMPARES, &disk->flags);
}

/* Whether its rest is over; it has long since been chosen again. */
static void mpio_marginal_wake(struct mpio_path *path)
{
	struct mpio_marginal *m = &path->marginal;
	bool over;

	spin_lock_irq(&path->disk->lock);
	over = m->rest_why && !mpio_path_resting(path);
	if (over)
		WRITE_ONCE(m->rest_why, NULL);
	spin_unlock_irq(&path->disk->lock);
	if (over)
		mpio_notify_path(path, MPIO_EVENT_PATH_STATE);
}

void mpio_marginal_watch(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		mpio_marginal_wake(path);
		mpio_marginal_compare(path->disk);
	}
}
