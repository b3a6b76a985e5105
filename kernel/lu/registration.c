// SPDX-License-Identifier: GPL-2.0
/*
 * Registrations: what each nexus of a disk has. How one that is new or comes back
 * gets it is restore.c.
 *
 * The target decides whether we are registered, not our memory: another host
 * may have shut us out while a path was away, and a path that registered
 * itself again would let us back in. A host is shut out because its network is
 * bad, so a REGISTER that is late and an answer that is lost are to be expected.
 * So a path is registered anew only if
 * - its nexus still is (REGISTER of the key over itself succeeds), or
 * - another nexus of ours vouches for it, before and after: see vouch.c. One
 *   preempted in between has only what we have just added: that is taken back.
 * Until that was seen, what we have added, or what a lost REGISTER may have, is
 * unchecked: its path carries no I/O and vouches for nobody. Otherwise the
 * disk's key is forgotten, and whoever manages the reservation has to register
 * again; what each nexus may still have is removed before it carries I/O.
 *
 * Whether registrations persist through power loss is asked each time, as a
 * REGISTER says it for the whole LU. Keys never go to the log.
 *
 * Context and locking: all of this runs in process context and sleeps for
 * answers under reserve.mutex, which serialises it with PERSISTENT RESERVE OUT
 * of the disk (reserve.c); see Documentation/locking.rst. verify_work only tries
 * it and comes back later, so that no other disk of the session has to wait.
 * Readers of reserve.key and of a path's registration hold disk->lock.
 */
#include "lu/registration.h"

#include <linux/slab.h>
#include <scsi/scsi_proto.h>

#include "lu/ask.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

/* --------------------------------------------------------- on one path */

static enum mpio_pr_answer mpio_pr_refused(const struct mpio_probe *probe)
{
	const struct mpio_sense *sense = &probe->sense;

	if (probe->task.response != PDU_RSP_COMPLETED)
		return MPIO_PR_REFUSED;
	switch (probe->task.status) {
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		return MPIO_PR_LATER;
	case SAM_STAT_CHECK_CONDITION:
		/* LOGICAL UNIT NOT READY: a port in transition, unavailable */
		return sense->key == UNIT_ATTENTION ||
		       (sense->key == NOT_READY && sense->asc == 0x04) ?
			MPIO_PR_LATER : MPIO_PR_REFUSED;
	default:
		return MPIO_PR_REFUSED;
	}
}

enum mpio_pr_answer mpio_pr_exec(struct mpio_path *path,
				 struct mpio_probe *probe, u32 cdb_len,
				 void *data, u32 len)
{
	struct mpio_path *of = probe->of;
	int ret;

	lockdep_assert_held(&path->disk->reserve.mutex);
	probe->path = path;
	probe->of = path;
	probe->changed = false;
	ret = mpio_probe_write(path->sess, probe, path->lun, cdb_len, data,
			       len);
	probe->path = NULL;
	probe->of = of;
	if (probe->changed) {
		/* It was said once, and to nobody else. */
		mpio_disk_rescan(path->disk);
		mpio_path_reverify(path, "the logical unit says it changed");
	}
	switch (ret) {
	case -ENOTCONN:
	case -ETIMEDOUT:
	case -ECANCELED:
		return MPIO_PR_LOST;
	default:
		return ret < 0 ? mpio_pr_refused(probe) : MPIO_PR_GOOD;
	}
}

bool mpio_pr_conflict(const struct mpio_probe *probe)
{
	return probe->task.response == PDU_RSP_COMPLETED &&
	       probe->task.status == SAM_STAT_RESERVATION_CONFLICT;
}

enum mpio_pr_answer mpio_pr_register(struct mpio_path *path,
				     struct mpio_probe *probe, u8 action,
				     u64 key, u64 new_key, u8 flags)
{
	const struct mpio_pr_out out = {
		.action = action,
		.key = key,
		.new_key = new_key,
		/* No list of further ports is with it: SPEC_I_PT would lie. */
		.flags = flags & (MPIO_PR_APTPL | MPIO_PR_ALL_TG_PT),
	};
	u32 gen = READ_ONCE(path->verify_gen);
	enum mpio_pr_answer answer;
	u32 len;

	lockdep_assert_held(&path->disk->reserve.mutex);
	len = mpio_pr_out_build(probe->cdb, probe->buf, &out);
	answer = mpio_pr_exec(path, probe, len, probe->buf, MPIO_PR_OUT_LEN);
	if (answer == MPIO_PR_GOOD) {
		path->disk->reserve.generation++;
		mpio_registration_set(path, new_key, gen);
	}
	return answer;
}

int mpio_pr_reservation(struct mpio_path *path, struct mpio_probe *probe,
			struct mpio_pr_reservation *res)
{
	int n;

	lockdep_assert_held(&path->disk->reserve.mutex);
	n = mpio_probe_ask(path, probe,
			   mpio_cdb_pr_read_reservation(probe->cdb, 24),
			   probe->buf, 24);
	return n < 0 ? n : mpio_pr_reservation_parse(probe->buf, n, res);
}

/* ------------------------------------------------------- what is known */

void mpio_registration_set(struct mpio_path *path, u64 key, u32 gen)
{
	struct mpio_registration *reg = &path->registration;
	struct mpio_disk *disk = path->disk;

	lockdep_assert_held(&disk->reserve.mutex);
	spin_lock_irq(&disk->lock);
	if (!key)
		reg->unchecked = false;
	reg->key = key;
	reg->sure = path->verify_gen == gen && !reg->unchecked;
	reg->maybe = false;
	reg->stale = false;
	reg->refusals = 0;
	spin_unlock_irq(&disk->lock);
}

void mpio_registration_unchecked(struct mpio_path *path, u64 key, bool adds)
{
	struct mpio_registration *reg = &path->registration;

	lockdep_assert_held(&path->disk->reserve.mutex);
	spin_lock_irq(&path->disk->lock);
	if (adds) {
		reg->unchecked = true;
		if (!reg->key)
			reg->key = key;
	}
	reg->stale = true;
	reg->sure = false;
	spin_unlock_irq(&path->disk->lock);
}

void mpio_registration_unsure(struct mpio_path *path)
{
	lockdep_assert_held(&path->disk->reserve.mutex);
	spin_lock_irq(&path->disk->lock);
	path->registration.sure = false;
	spin_unlock_irq(&path->disk->lock);
}

void mpio_registration_absorb(struct mpio_disk *disk, bool absorbs)
{
	const struct mpio_path_set *set;
	unsigned int i;

	lockdep_assert_held(&disk->reserve.mutex);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		WRITE_ONCE(set->path[i]->registration.absorbs, absorbs);
	rcu_read_unlock();
}

void mpio_registration_commit(struct mpio_disk *disk, u64 key, u8 flags)
{
	const struct mpio_path_set *set;
	unsigned int i;

	lockdep_assert_held(&disk->reserve.mutex);
	spin_lock_irq(&disk->lock);
	if (disk->reserve.key != key)
		disk->reserve.unchecked = 0;
	disk->reserve.key = key;
	disk->reserve.next_key = 0;
	disk->reserve.lost = false;
	disk->reserve.confirmed = false;
	disk->reserve.flags = flags & (MPIO_PR_APTPL | MPIO_PR_ALL_TG_PT);
	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->lock));
	for (i = 0; set && i < set->count; i++) {
		struct mpio_registration *reg = &set->path[i]->registration;

		reg->refusals = 0;
		/*
		 * A REGISTER that was lost may give the nexus this key late. A host
		 * that removes the key before that misses this nexus.
		 */
		if (key && reg->maybe)
			reg->unchecked = true;
		if (reg->key != key || reg->unchecked)
			reg->sure = false;
	}
	spin_unlock_irq(&disk->lock);
}

void mpio_registration_drop(struct mpio_disk *disk, bool cleared)
{
	const struct mpio_path_set *set;
	unsigned int i;

	lockdep_assert_held(&disk->reserve.mutex);
	spin_lock_irq(&disk->lock);
	disk->reserve.key = 0;
	disk->reserve.next_key = 0;
	disk->reserve.flags = 0;
	disk->reserve.holder = 0;
	WRITE_ONCE(disk->reserve.pin, 0);
	disk->reserve.lost = true;
	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->lock));
	for (i = 0; set && i < set->count; i++) {
		struct mpio_registration *reg = &set->path[i]->registration;

		if (cleared && !reg->unchecked)
			reg->key = 0;
		reg->sure = false;
		reg->refusals = 0;
	}
	spin_unlock_irq(&disk->lock);
	mpio_registration_sweep(disk);
}

static bool mpio_registration_missing(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	enum mpio_path_state state;
	unsigned long flags;
	bool due;

	spin_lock_irqsave(&disk->lock, flags);
	state = path->state;
	due = mpio_path_unregistered(path);
	spin_unlock_irqrestore(&disk->lock, flags);
	return due && (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY);
}

void mpio_registration_sweep(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	lockdep_assert_held(&disk->reserve.mutex);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (mpio_registration_missing(set->path[i]))
			mpio_path_reverify(set->path[i], "not registered yet");
	rcu_read_unlock();
}

/*
 * A host loses the registrations of all its nexuses at once; each of them says
 * so, and the issuer of a command is to hear it once.
 */
void mpio_registration_reverify(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	const struct mpio_path_set *set;
	unsigned long flags;
	bool registered;
	unsigned int i;

	spin_lock_irqsave(&disk->lock, flags);
	registered = disk->reserve.key;
	spin_unlock_irqrestore(&disk->lock, flags);
	if (!registered)
		return;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		enum mpio_path_state state = READ_ONCE(set->path[i]->state);

		if (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY)
			mpio_path_reverify(set->path[i],
					   "its registration may be gone");
	}
	rcu_read_unlock();
}
