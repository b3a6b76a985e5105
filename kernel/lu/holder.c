// SPDX-License-Identifier: GPL-2.0
/*
 * A reservation of type 1 (write exclusive) or 3 (exclusive access) is its
 * holder's, one nexus: our other paths are shut out like any other host. Some
 * targets (LIO within a portal group) treat them so with every type. A disk is
 * to answer as if it had one path, so what the others may not do goes by the
 * holder's, which is pinned: from the RESERVE on with types 1 and 3, from the
 * first RESERVATION CONFLICT on with others.
 *
 * When the pinned path cannot carry I/O, commands wait and all others are verified
 * again. The first that is verified takes the reservation over before it becomes
 * READY: PREEMPT with our own key for itself. That unregisters our other nexuses,
 * which register anew when they are verified (restore.c). It would unregister
 * other hosts that share our key as well: where READ FULL STATUS shows such a host,
 * the holder is waited for instead.
 *
 * What a RESERVE(6) or (10) holds is pinned alike if a second path comes while it
 * holds. It ends with its nexus, so nobody takes over.
 *
 * reserve.holder, .type and .pin are written under reserve.mutex, .pin also on a
 * conflict, and read without a lock: a command that goes by an old value ends
 * in RESERVATION CONFLICT and comes back here.
 */
#include "lu/holder.h"

#include <linux/delay.h>
#include <scsi/scsi_proto.h>

#include "conn/task.h"
#include "lu/ask.h"
#include "lu/reserve.h"
#include "lu/vouch.h"
#include "multipath/disk.h"
#include "multipath/legacy.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_HOLDER_DRAIN_MS	5000

/* May every host do it, whoever holds a reservation? SPC-5 table 63 ff. */
static bool mpio_holder_roams(u8 type, u8 opcode)
{
	switch (opcode) {
	case INQUIRY:
	case REPORT_LUNS:
	case REQUEST_SENSE:
	case MAINTENANCE_IN:
	case PERSISTENT_RESERVE_IN:
		return true;
	case TEST_UNIT_READY:
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
	case READ_CAPACITY:
	case SERVICE_ACTION_IN_16:
	case MODE_SENSE:
	case MODE_SENSE_10:
		return type == MPIO_PR_WRITE_EXCLUSIVE ||
		       type == MPIO_PR_WRITE_REGISTRANTS ||
		       type == MPIO_PR_WRITE_ALL;
	default:
		return false;
	}
}

void mpio_holder_pin_legacy(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;

	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->lock));
	if (!disk->reserve.legacy || !set || set->count != 1)
		return;
	WRITE_ONCE(disk->reserve.type, MPIO_PR_EXCLUSIVE_ACCESS);
	WRITE_ONCE(disk->reserve.pin, set->path[0]->id);
}

/* A RESERVE(6) or (10) holds no longer: its nexus is gone, or it is released. */
static void mpio_holder_unpin_legacy(struct mpio_disk *disk)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	disk->reserve.legacy = false;
	WRITE_ONCE(disk->reserve.pin, 0);
	spin_unlock_irqrestore(&disk->lock, flags);
}

static bool mpio_holder_releases(u8 opcode)
{
	return opcode == MPIO_OP_RELEASE_6 || opcode == MPIO_OP_RELEASE_10;
}

/* READY paths stop until one of them has taken the reservation over. */
static void mpio_holder_lost(const struct mpio_path_set *set, u32 pin)
{
	unsigned int i;

	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];

		if (path->id != pin && mpio_path_usable(path))
			mpio_path_reverify(path,
					   "the reservation's holder is away");
	}
}

struct mpio_path *mpio_holder_route(struct mpio_disk *disk,
				    const struct mpio_task *task,
				    struct mpio_path *path)
{
	u32 pin = READ_ONCE(disk->reserve.pin);
	const struct mpio_path_set *set;
	unsigned int i;

	if (!pin || !path || path->id == pin ||
	    mpio_holder_roams(READ_ONCE(disk->reserve.type), task->cdb[0]))
		return path;
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		if (set->path[i]->id != pin || !mpio_path_usable(set->path[i]))
			continue;
		if (mpio_holder_releases(task->cdb[0]))
			mpio_holder_unpin_legacy(disk);
		return set->path[i];
	}
	if (READ_ONCE(disk->reserve.legacy)) {
		mpio_holder_unpin_legacy(disk);
		return path;
	}
	mpio_holder_lost(set, pin);
	return NULL;
}

bool mpio_holder_conflict(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	bool elsewhere = false, holder;

	spin_lock_irq(&disk->lock);
	holder = disk->reserve.holder == path->id;
	if (disk->reserve.key && disk->reserve.holder && !holder &&
	    disk->reserve.holder != MPIO_HOLDER_SOMEBODY) {
		WRITE_ONCE(disk->reserve.pin, disk->reserve.holder);
		elsewhere = true;
	}
	spin_unlock_irq(&disk->lock);
	if (holder)
		mpio_registration_reverify(path);
	return elsewhere;
}

void mpio_holder_set(struct mpio_disk *disk, u32 id, u8 scope_type)
{
	struct mpio_reserve *r = &disk->reserve;
	u8 type = scope_type & 0x0f;
	bool single = type == MPIO_PR_WRITE_EXCLUSIVE ||
		      type == MPIO_PR_EXCLUSIVE_ACCESS;

	lockdep_assert_held(&r->mutex);
	spin_lock_irq(&disk->lock);
	r->holder = id;
	WRITE_ONCE(r->type, type);
	if (!id || id == MPIO_HOLDER_SOMEBODY)
		WRITE_ONCE(r->pin, 0);
	else if (single || r->pin)
		WRITE_ONCE(r->pin, id);
	spin_unlock_irq(&disk->lock);
}

void mpio_holder_reverify_others(struct mpio_disk *disk, struct mpio_path *path)
{
	struct mpio_path *other = NULL;

	lockdep_assert_held(&disk->reserve.mutex);
	while ((other = mpio_path_next_of(disk, other)))
		if (other != path)
			mpio_registration_unsure(other);
}

static bool mpio_holder_drained(struct mpio_disk *disk, struct mpio_path *path)
{
	struct mpio_path *other = NULL;
	bool drained = true;

	while ((other = mpio_path_next_of(disk, other)))
		drained &= other == path || !atomic_read(&other->inflight);
	return drained;
}

bool mpio_holder_stop_others(struct mpio_disk *disk, struct mpio_path *path)
{
	struct mpio_path *other = NULL;
	unsigned int ms;

	lockdep_assert_held(&disk->reserve.mutex);
	mpio_holder_reverify_others(disk, path);
	while ((other = mpio_path_next_of(disk, other)))
		if (other != path && mpio_path_alive(other))
			mpio_path_reverify(other,
					   "the reservation is being moved");
	/* After a grace period no submitter sends over one of them any more. */
	synchronize_rcu_expedited();
	for (ms = 0; ms < MPIO_HOLDER_DRAIN_MS; ms += 20) {
		if (mpio_holder_drained(disk, path))
			return true;
		msleep(20);
	}
	return false;
}

enum mpio_pr_answer mpio_holder_move(struct mpio_path *path,
				     struct mpio_probe *probe, u64 key,
				     u8 scope_type)
{
	const struct mpio_pr_out out = {
		.action = MPIO_PR_PREEMPT,
		.scope_type = scope_type,
		.key = key,
		.new_key = key,
	};
	struct mpio_disk *disk = path->disk;
	enum mpio_pr_answer answer;
	u32 len;

	lockdep_assert_held(&disk->reserve.mutex);
	len = mpio_pr_out_build(probe->cdb, probe->buf, &out);
	mpio_registration_absorb(disk, true);
	answer = mpio_pr_exec(path, probe, len, probe->buf, MPIO_PR_OUT_LEN);
	/* A path verified during the PREEMPT is not registered, though it seems so. */
	mpio_holder_reverify_others(disk, path);
	mpio_registration_sweep(disk);
	if (answer == MPIO_PR_GOOD) {
		disk->reserve.generation++;
		mpio_holder_set(disk, path->id, scope_type);
	}
	return answer;
}

/* Is the pinned path usable? Then it carries what needs the reservation. */
static bool mpio_holder_serves(struct mpio_disk *disk, u32 pin)
{
	const struct mpio_path_set *set;
	bool serves = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (set->path[i]->id == pin)
			serves = mpio_path_usable(set->path[i]);
	rcu_read_unlock();
	return serves;
}

static bool mpio_holder_able(const struct mpio_probe *probe)
{
	return mpio_alua_is_best(probe->lu.alua_state) ||
	       probe->lu.alua_state == MPIO_ALUA_NONOPTIMIZED;
}

int mpio_holder_settle(struct mpio_path *path, struct mpio_probe *probe)
{
	struct mpio_reserve *r = &path->disk->reserve;
	struct mpio_pr_reservation res;
	int err;

	lockdep_assert_held(&r->mutex);
	if (!r->pin || r->pin == path->id || !mpio_holder_able(probe) ||
	    mpio_holder_serves(path->disk, r->pin))
		return 0;
	err = mpio_pr_reservation(path, probe, &res);
	if (err)
		return err;
	if (!res.held || (res.scope_type & 0x0f) != r->type ||
	    (res.key && res.key != r->key)) {
		mpio_holder_set(path->disk, 0, 0);
		return 0;
	}
	err = mpio_vouch_shared(path, probe);
	if (err)
		return err > 0 ? -EAGAIN : err;
	switch (mpio_holder_move(path, probe, r->key, res.scope_type)) {
	case MPIO_PR_GOOD:
		return 0;
	case MPIO_PR_REFUSED:
		return -EIO;
	case MPIO_PR_LATER:
		return -EAGAIN;
	default:
		return mpio_session_state(path->sess) ==
			MPIO_SESSION_LOGGED_IN ? -EAGAIN : -ENOTCONN;
	}
}
