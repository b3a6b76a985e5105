// SPDX-License-Identifier: GPL-2.0
/* Resting of paths that are not worth their I/O. See marginal.h. */
#include "marginal.h"

#include <linux/rcupdate.h>

#include "head.h"
#include "netlink.h"
#include "session.h"

/* So many losses, none of them longer after the one before, are too many. */
#define MPIO_MARGINAL_LOSSES	3
#define MPIO_MARGINAL_WINDOW	(60 * HZ)
#define MPIO_MARGINAL_DOUBLINGS	6
#define MPIO_MARGINAL_REST_MAX	600000	/* ms, unless the setting is more */

/*
 * So many times as long as the others and so much longer, in so many looks one
 * after the other with so many commands each: an outlier.
 */
#define MPIO_OUTLIER_LOOKS	3
#define MPIO_OUTLIER_IOS	16
#define MPIO_OUTLIER_TIMES	8
#define MPIO_OUTLIER_US		20000

/* head->lock held. False: resting is switched off. */
static bool mpio_marginal_rest(struct mpio_path *path, const char *why)
{
	u32 hold = mpio_setting(path->sess, MPIO_TA_MARGINAL_HOLD_DOWN);
	struct mpio_marginal *m = &path->marginal;
	unsigned long now = jiffies;
	u64 ms;

	lockdep_assert_held(&path->head->lock);
	if (!hold)
		return false;
	if (m->rests && time_after(now, m->rest_until + MPIO_MARGINAL_WINDOW))
		m->rests = 0;
	ms = min_t(u64, (u64)hold << min(m->rests, MPIO_MARGINAL_DOUBLINGS),
		   max(hold, MPIO_MARGINAL_REST_MAX));
	m->rests++;
	m->outlier_looks = 0;
	WRITE_ONCE(m->rest_until, now + msecs_to_jiffies(ms));
	WRITE_ONCE(m->rest_why, why);
	/* What it takes after the rest is another story. */
	WRITE_ONCE(path->latency_us, 0);
	return true;
}

static void mpio_marginal_rested(struct mpio_path *path, const char *why)
{
	mpio_select_changed();
	pr_info_ratelimited("session %u lun %llu: avoided for %u ms, %s\n",
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

	spin_lock_irqsave(&path->head->lock, flags);
	if (m->losses && time_after(now, m->lost_at + MPIO_MARGINAL_WINDOW))
		m->losses = 0;
	m->lost_at = now;
	if (m->losses < MPIO_MARGINAL_LOSSES)
		m->losses++;
	if (m->losses == MPIO_MARGINAL_LOSSES)
		rests = mpio_marginal_rest(path, why);
	spin_unlock_irqrestore(&path->head->lock, flags);
	if (rests)
		mpio_marginal_rested(path, why);
}

u32 mpio_marginal_rest_ms(const struct mpio_path *path)
{
	long left = READ_ONCE(path->marginal.rest_until) - jiffies;

	return READ_ONCE(path->marginal.rest_why) && left > 0 ?
		jiffies_to_msecs(left) : 0;
}

/*
 * The quickest of the other paths, or 0: there is none. Only of those that have
 * had enough commands since @since: what one took while the disk had little to
 * do says nothing about another that has all the load now.
 */
static u32 mpio_marginal_best_us(const struct mpio_path *path,
				 unsigned long since)
{
	const struct mpio_path_set *set;
	u32 best = 0;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(path->head->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_path *other = set->path[i];
		u32 us = READ_ONCE(other->latency_us);

		if (other != path && us && mpio_path_usable(other) &&
		    !mpio_path_resting(other) &&
		    time_after(READ_ONCE(other->marginal.judged), since) &&
		    (!best || us < best))
			best = us;
	}
	rcu_read_unlock();
	return best;
}

static bool mpio_marginal_outlier(const struct mpio_path *path,
				  unsigned long since)
{
	u32 us = READ_ONCE(path->latency_us);
	u32 best = mpio_marginal_best_us(path, since);

	return best && us / MPIO_OUTLIER_TIMES > best &&
	       us - best > MPIO_OUTLIER_US;
}

static void mpio_marginal_look(struct mpio_path *path)
{
	static const char why[] = "it takes many times as long as the others";
	struct mpio_marginal *m = &path->marginal;
	unsigned long now = jiffies, period = now - m->judged;
	u64 ios = mpio_path_ios(path);
	bool over = false, rests = false;
	bool judge, outlier;

	/* Too few say nothing, this way or that. */
	judge = ios - m->seen_ios >= MPIO_OUTLIER_IOS;
	if (judge) {
		m->seen_ios = ios;
		WRITE_ONCE(m->judged, now);
	}
	/* The others are looked at as often, but not at the same time. */
	outlier = judge && mpio_marginal_outlier(path, now - 2 * period);
	spin_lock_irq(&path->head->lock);
	if (!mpio_path_resting(path)) {
		over = m->rest_why;
		WRITE_ONCE(m->rest_why, NULL);
		if (judge)
			m->outlier_looks = outlier ? m->outlier_looks + 1 : 0;
		if (m->outlier_looks >= MPIO_OUTLIER_LOOKS)
			rests = mpio_marginal_rest(path, why);
	}
	spin_unlock_irq(&path->head->lock);
	if (rests)
		mpio_marginal_rested(path, why);
	else if (over)		/* long since chosen again */
		mpio_notify_path(path, MPIO_EVENT_PATH_STATE);
}

void mpio_marginal_watch(struct mpio_session *sess)
{
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path)))
		mpio_marginal_look(path);
}
