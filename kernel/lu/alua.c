// SPDX-License-Identifier: GPL-2.0
/*
 * ALUA. One answer to REPORT TARGET PORT GROUPS speaks of all port groups, so each
 * path of the disk learns from it, not only the one that asked: a path nobody
 * sends I/O to would get its unit attention never.
 *
 * Groups are made active only where nobody else does it: with explicit access
 * alone, and no path in the best state left, whether those that are left carry
 * I/O (non-optimized) or not (standby). Where the target moves by itself, too, it
 * is given time to, and told only when no path is left that carries I/O. Two hosts
 * that each reach another port group would still snatch the LU from each other for
 * ever: after each activation of a disk the next one has to wait, twice as long as
 * the last time. Back to the preferred one it goes when a path of that returns,
 * but only if it was us who left it.
 */
#include "lu/alua.h"

#include <scsi/scsi_proto.h>

#include "base/assert.h"
#include "lu/ask.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

/* Between activations; the back-off begins anew after a quiet time. */
#define MPIO_ALUA_BACKOFF_MIN_MS	1000
#define MPIO_ALUA_BACKOFF_MAX_MS	30000
#define MPIO_ALUA_QUIET_MS		300000
/* Time for a target with implicit access to change states by itself, ms. */
#define MPIO_ALUA_IMPLICIT_MS		3000
/* Time a new disk waits for optimized paths if the first is not one, ms. */
#define MPIO_ALUA_ARRIVAL_MS		3000

int mpio_alua_ask(struct mpio_session *sess, struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_tpg_iter it;
	struct mpio_tpg tpg;
	u32 len;
	int n;

	lu->alua_state = MPIO_ALUA_NONE;
	lu->alua_pref = false;
	lu->tpg = 0;
	lu->ntpgs = 0;
	if (!lu->inquiry.tpgs || !probe->vpd83.has_tpg)
		return 0;
	len = mpio_cdb_rtpg(probe->cdb, MPIO_PROBE_BUF, false);
	n = mpio_probe_read(sess, probe, lun, len, probe->buf, MPIO_PROBE_BUF);
	/* If RTPG fails so does the probe, unless the unit does not know it. */
	if (n < 0)
		return n == -EIO && probe->sense.key == ILLEGAL_REQUEST ? 0 : n;
	if (mpio_tpg_first(&it, probe->buf, n))
		return 0;
	while (mpio_tpg_next(&it, &tpg) == 1) {
		struct mpio_lu_tpg t = {
			.tpg = tpg.tpg,
			.state = tpg.state,
			.pref = tpg.pref,
		};

		if (lu->ntpgs < MPIO_LU_TPGS)
			lu->tpgs[lu->ntpgs++] = t;
		if (tpg.tpg == probe->vpd83.tpg) {
			lu->tpg = tpg.tpg;
			lu->alua_state = tpg.state;
			lu->alua_pref = tpg.pref;
		}
	}
	return 0;
}

static const struct mpio_lu_tpg *mpio_alua_find(const struct mpio_lu *lu,
						u16 tpg)
{
	unsigned int i;

	for (i = 0; i < lu->ntpgs; i++)
		if (lu->tpgs[i].tpg == tpg)
			return &lu->tpgs[i];
	return NULL;
}

void mpio_alua_share(struct mpio_disk *disk, const struct mpio_path *asked,
		     const struct mpio_lu *lu)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; lu->ntpgs && set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];
		const struct mpio_lu_tpg *t;

		if (path == asked ||
		    READ_ONCE(path->alua_state) == MPIO_ALUA_NONE)
			continue;
		t = mpio_alua_find(lu, READ_ONCE(path->tpg));
		if (t)
			mpio_path_learn_alua(path, t->state, t->pref);
	}
	rcu_read_unlock();
}

/* Is a path in the best state, or a port group about to get there? */
static bool mpio_alua_settled(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	bool settled = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_path *path = set->path[i];
		u8 alua = READ_ONCE(path->alua_state);

		if (mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN &&
		    (alua == MPIO_ALUA_TRANSITIONING ||
		     (mpio_path_usable(path) && mpio_alua_is_best(alua))))
			settled = true;
	}
	rcu_read_unlock();
	return settled;
}

/* Is this the port group we have left for want of paths? */
static bool mpio_alua_not_preferred(const struct mpio_path *path)
{
	return READ_ONCE(path->alua_pref) &&
	       test_bit(MPIO_DISK_NOT_PREFERRED, &path->disk->flags);
}

static bool mpio_alua_due(const struct mpio_disk *disk)
{
	unsigned long last = READ_ONCE(disk->stpg_last);

	return !last || time_after_eq(jiffies, last +
			msecs_to_jiffies(READ_ONCE(disk->stpg_backoff_ms)));
}

/* The sessions of a disk log in side by side: the worst may be first. */
static bool mpio_alua_early(const struct mpio_disk *disk, u8 state)
{
	return state == MPIO_ALUA_NONOPTIMIZED &&
	       time_before(jiffies, disk->born +
			   msecs_to_jiffies(MPIO_ALUA_ARRIVAL_MS));
}

/*
 * Where the target has implicit access as well: has it had its time, and left us
 * without any path?
 */
static bool mpio_alua_abandoned(const struct mpio_disk *disk, u8 state)
{
	return (state == MPIO_ALUA_STANDBY || state == MPIO_ALUA_UNAVAILABLE) &&
	       READ_ONCE(disk->no_path) && !mpio_disk_usable(disk) &&
	       time_after(jiffies, READ_ONCE(disk->no_path_since) +
			  msecs_to_jiffies(MPIO_ALUA_IMPLICIT_MS));
}

bool mpio_alua_may_activate(const struct mpio_path *path)
{
	return (READ_ONCE(path->tpgs) & MPIO_TPGS_EXPLICIT) &&
	       !mpio_alua_settled(path->disk);
}

bool mpio_alua_wanted(const struct mpio_path *path)
{
	u8 alua = READ_ONCE(path->alua_state);

	return READ_ONCE(path->tpgs) == MPIO_TPGS_EXPLICIT &&
	       alua == MPIO_ALUA_NONOPTIMIZED &&
	       READ_ONCE(path->state) == MPIO_PATH_READY &&
	       !mpio_alua_early(path->disk, alua) && mpio_alua_due(path->disk) &&
	       (mpio_alua_not_preferred(path) || !mpio_alua_settled(path->disk));
}

/* MPIO_DISK_STPG held. One that failed is tried again before long. */
static void mpio_alua_back_off(struct mpio_disk *disk, bool done)
{
	unsigned long quiet = msecs_to_jiffies(MPIO_ALUA_QUIET_MS);
	u32 ms = READ_ONCE(disk->stpg_backoff_ms);

	mpio_assert_bit_held(MPIO_DISK_STPG, &disk->flags);
	if (!ms || time_after(jiffies, disk->stpg_last + quiet))
		ms = MPIO_ALUA_BACKOFF_MIN_MS;
	else if (done)
		ms = min_t(u32, 2 * ms, MPIO_ALUA_BACKOFF_MAX_MS);
	WRITE_ONCE(disk->stpg_backoff_ms, ms);
	WRITE_ONCE(disk->stpg_last, jiffies | 1);
}

/* MPIO_DISK_STPG held. The port group that @lu was asked in is active now. */
static void mpio_alua_note_preferred(struct mpio_disk *disk,
				     const struct mpio_lu *lu)
{
	unsigned int i;

	mpio_assert_bit_held(MPIO_DISK_STPG, &disk->flags);
	if (lu->alua_pref)
		clear_bit(MPIO_DISK_NOT_PREFERRED, &disk->flags);
	for (i = 0; i < lu->ntpgs && !lu->alua_pref; i++)
		if (lu->tpgs[i].pref)
			set_bit(MPIO_DISK_NOT_PREFERRED, &disk->flags);
}

bool mpio_alua_activate(struct mpio_path *path, struct mpio_probe *probe)
{
	struct mpio_disk *disk = path->disk;
	const struct mpio_lu *lu = &probe->lu;
	u32 len;
	int n;

	if (!(lu->inquiry.tpgs & MPIO_TPGS_EXPLICIT) || !lu->ntpgs ||
	    (lu->inquiry.tpgs != MPIO_TPGS_EXPLICIT &&
	     !mpio_alua_abandoned(disk, lu->alua_state)) ||
	    mpio_alua_is_best(lu->alua_state) ||
	    lu->alua_state == MPIO_ALUA_OFFLINE ||
	    lu->alua_state == MPIO_ALUA_TRANSITIONING ||
	    READ_ONCE(path->state) == MPIO_PATH_DISABLED ||
	    mpio_alua_early(disk, lu->alua_state) || !mpio_alua_due(disk) ||
	    (!mpio_alua_not_preferred(path) && mpio_alua_settled(disk)))
		return false;
	/* One SET TARGET PORT GROUPS at a time: the next would undo its effect. */
	if (test_and_set_bit(MPIO_DISK_STPG, &disk->flags))
		return true;
	len = mpio_stpg_data(probe->buf, MPIO_PROBE_BUF, MPIO_ALUA_OPTIMIZED,
			     lu->tpg);
	n = mpio_probe_write(path->sess, probe, path->lun,
			     mpio_cdb_stpg(probe->cdb, len), probe->buf, len);
	if (n != -ENOTCONN)
		mpio_alua_back_off(disk, n >= 0);
	if (n >= 0)
		mpio_alua_note_preferred(disk, lu);
	clear_bit(MPIO_DISK_STPG, &disk->flags);
	pr_info_ratelimited("disk %u: portal group %u %s active/optimized [MPIO0020]\n",
			    disk->id, lu->tpg,
			    n < 0 ? "could not be made" : "made");
	return n >= 0;
}
