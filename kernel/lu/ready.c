// SPDX-License-Identifier: GPL-2.0
/* Readiness of logical units and when paths are looked at. See ready.h. */
#include "lu/ready.h"

#include <linux/jiffies.h>
#include <scsi/scsi_proto.h>

#include "lu/alua.h"
#include "lu/ask.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

/* Between looks at a path that ought to carry I/O, or that a disk waits for. */
#define MPIO_READY_SOON		HZ
/* Time for a unit to become ready before its device is added anyway. */
#define MPIO_READY_ARRIVAL	(3 * HZ)
#define MPIO_ASC_NO_MEDIUM	0x3a

/* ------------------------------------------------------- what a unit says */

/*
 * May it not carry I/O here? The key alone says so, whatever the additional
 * code: those of vendors are many. RDAC arrays without ALUA tell ownership by
 * 94/01. A unit that does not know the command, or has something to report, is
 * no less ready for that.
 */
static bool mpio_ready_refused(const struct mpio_sense *s)
{
	switch (s->key) {
	case NOT_READY:
	case HARDWARE_ERROR:
	case ABORTED_COMMAND:
		return true;
	case ILLEGAL_REQUEST:
		return s->asc == 0x94 && s->ascq == 0x01;
	default:
		return false;
	}
}

int mpio_ready_ask(struct mpio_session *sess, struct mpio_probe *probe,
		   u64 lun)
{
	struct mpio_unready *unready = &probe->lu.unready;
	int err = mpio_probe_read(sess, probe, lun,
				  mpio_cdb_test_unit_ready(probe->cdb), NULL,
				  0);

	memset(unready, 0, sizeof(*unready));
	switch (err) {
	case -EIO:
		if (probe->task.response == PDU_RSP_COMPLETED &&
		    mpio_ready_refused(&probe->sense))
			*unready = (struct mpio_unready){
				.key = probe->sense.key,
				.asc = probe->sense.asc,
				.ascq = probe->sense.ascq,
			};
		return 0;
	case -EBUSY:
		return probe->task.status == SAM_STAT_BUSY ||
		       probe->task.status == SAM_STAT_TASK_SET_FULL ?
			-EBUSY : 0;
	default:
		return err < 0 ? err : 0;
	}
}

/* Has the disk a path on which its unit is ready? */
static bool mpio_ready_has_other(const struct mpio_disk *disk)
{
	return mpio_disk_other_path(disk, NULL);
}

bool mpio_ready_check(struct mpio_path *path, const struct mpio_lu *lu)
{
	struct mpio_disk *disk = path->disk;
	struct mpio_unready unready = lu->unready;
	unsigned long flags;

	/* A drive without a tape has a good path all the same. */
	if (!mpio_disk_is_direct(disk))
		unready.key = 0;
	spin_lock_irqsave(&disk->lock, flags);
	path->unready = unready;
	spin_unlock_irqrestore(&disk->lock, flags);
	if (!unready.key)
		return false;
	if (!mpio_ready_has_other(disk) &&
	    ((lu->inquiry.removable && unready.asc == MPIO_ASC_NO_MEDIUM) ||
	     (!READ_ONCE(disk->sdev) &&
	      time_after(jiffies, disk->born + MPIO_READY_ARRIVAL))))
		WRITE_ONCE(disk->admits, true);
	return !READ_ONCE(disk->admits);
}

static void mpio_ready_reconsider(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		mpio_path_reconsider(set->path[i]);
	rcu_read_unlock();
}

void mpio_ready_served(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;

	if (!READ_ONCE(disk->admits) || READ_ONCE(path->unready.key) ||
	    !mpio_path_usable(path))
		return;
	WRITE_ONCE(disk->admits, false);
	mpio_ready_reconsider(disk);
}

static bool mpio_ready_stands_by(const struct mpio_path *path)
{
	return READ_ONCE(path->state) == MPIO_PATH_STANDBY &&
	       READ_ONCE(path->unready.key) &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}

/* How many paths stand by for want of readiness? */
static unsigned int mpio_ready_standing(const struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i, n = 0;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		n += mpio_ready_stands_by(set->path[i]);
	rcu_read_unlock();
	return n;
}

bool mpio_ready_admit(struct mpio_disk *disk)
{
	unsigned int stood = mpio_ready_standing(disk);

	if (!stood)
		return false;
	WRITE_ONCE(disk->admits, true);
	mpio_ready_reconsider(disk);
	/* A path that has to be registered first is RECOVERING: admitted, but later. */
	return mpio_disk_other_path(disk, NULL) || mpio_disk_usable(disk) ||
	       mpio_ready_standing(disk) < stood;
}

/* ------------------------------------------------- looking at paths again */

/*
 * Standing by for want of access is told by REPORT TARGET PORT GROUPS, for
 * want of readiness by TEST UNIT READY. Where nothing else carries I/O, or a
 * port group may have to be activated, nobody asks for economy.
 */
bool mpio_ready_same(struct mpio_path *path, struct mpio_probe *probe)
{
	u8 alua = READ_ONCE(path->alua_state);
	struct mpio_unready *now = &probe->lu.unready;
	struct mpio_unready was = path->unready;
	struct mpio_disk *disk = path->disk;
	int err;

	if (!mpio_disk_is_direct(disk) ||
	    READ_ONCE(path->state) != MPIO_PATH_STANDBY ||
	    READ_ONCE(path->verify_gen) != path->looked_gen ||
	    alua == MPIO_ALUA_TRANSITIONING || !mpio_ready_has_other(disk) ||
	    mpio_alua_may_activate(path))
		return false;
	probe->changed = false;
	if (mpio_path_state_by_alua(alua) == MPIO_PATH_STANDBY) {
		probe->lu.inquiry.tpgs = path->tpgs;
		probe->vpd83.has_tpg = true;
		probe->vpd83.tpg = READ_ONCE(path->tpg);
		err = mpio_alua_ask(path->sess, probe, path->lun);
		if (err || probe->changed || probe->lu.alua_state != alua)
			return false;
		mpio_alua_share(disk, path, &probe->lu);
		return true;
	}
	err = mpio_ready_ask(path->sess, probe, path->lun);
	return !err && !probe->changed && now->key == was.key &&
	       now->asc == was.asc && now->ascq == was.ascq;
}

/* 0: not at all; else how long after the last look the next one is due. */
static unsigned long mpio_ready_period(const struct mpio_path *path)
{
	u32 ms = mpio_setting(path->sess, MPIO_TA_PATH_VERIFY_PERIOD);
	unsigned long period = msecs_to_jiffies(ms);

	if (READ_ONCE(path->state) == MPIO_PATH_STANDBY &&
	    READ_ONCE(path->alua_state) == MPIO_ALUA_TRANSITIONING)
		return msecs_to_jiffies(MPIO_ALUA_POLL_MS);
	switch (READ_ONCE(path->state)) {
	case MPIO_PATH_DISABLED:
		return 0;
	case MPIO_PATH_READY:
		if (!READ_ONCE(path->unready.key))
			return 0;
		fallthrough;
	case MPIO_PATH_STANDBY:
	case MPIO_PATH_FENCED:
		return mpio_ready_has_other(path->disk) ? period :
			min_t(unsigned long, period, MPIO_READY_SOON);
	default:
		return MPIO_READY_SOON;
	}
}

bool mpio_ready_due(const struct mpio_path *path)
{
	unsigned long period = mpio_ready_period(path);

	if (!period)
		return mpio_alua_wanted(path);
	return READ_ONCE(path->state) == MPIO_PATH_RECOVERING ||
	       READ_ONCE(path->look_now) ||
	       time_after_eq(jiffies, READ_ONCE(path->looked) + period);
}

unsigned long mpio_ready_next(struct mpio_session *sess, unsigned long next)
{
	struct mpio_path *path;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	list_for_each_entry(path, &sess->paths, sess_node) {
		unsigned long period = mpio_ready_period(path), at;

		if (!period && !mpio_alua_wanted(path))
			continue;
		at = period ? READ_ONCE(path->looked) + period : jiffies;
		if (time_before(at, next))
			next = at;
	}
	spin_unlock_irqrestore(&sess->lock, flags);
	return next;
}

void mpio_ready_path_lost(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];
		bool by = READ_ONCE(path->state) == MPIO_PATH_STANDBY;

		if (by)
			WRITE_ONCE(path->look_now, true);
		if (by || mpio_alua_wanted(path))
			mpio_session_look(path->sess);
	}
	rcu_read_unlock();
}
