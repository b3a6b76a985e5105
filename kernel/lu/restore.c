// SPDX-License-Identifier: GPL-2.0
/*
 * A nexus gets the registration of its disk back before its path carries I/O, or
 * loses what it may have and the disk has not. See registration.c for the rules.
 */
#include "lu/restore.h"

#include "lu/ask.h"
#include "lu/holder.h"
#include "lu/registration.h"
#include "lu/vouch.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_REFUSED_MS		1000U	/* until a REGISTER is repeated, */
#define MPIO_REFUSED_MAX_MS	30000U	/* doubling up to this */

/* -EACCES: RESERVATION CONFLICT, that is to say not with this @key. */
static int mpio_registration_try(struct mpio_path *path,
				 struct mpio_probe *probe, u8 action, u64 key,
				 u64 new_key, u8 flags)
{
	switch (mpio_pr_register(path, probe, action, key, new_key, flags)) {
	case MPIO_PR_GOOD:
		return 0;
	case MPIO_PR_REFUSED:
		return mpio_pr_conflict(probe) ? -EACCES : -EIO;
	case MPIO_PR_LATER:
		return -EAGAIN;
	default:
		return mpio_session_state(path->sess) ==
			MPIO_SESSION_LOGGED_IN ? -EAGAIN : -ENOTCONN;
	}
}

/* Flags of a REGISTER that shall change nothing but the key. */
static u8 mpio_registration_flags(struct mpio_path *path,
				  struct mpio_probe *probe)
{
	u8 flags = path->disk->reserve.flags;
	bool persists;
	int n;

	n = mpio_probe_ask(path, probe, mpio_cdb_pr_capabilities(probe->cdb, 8),
			   probe->buf, 8);
	if (n < 0 || mpio_pr_persists_parse(probe->buf, n, &persists))
		return flags;
	flags &= ~MPIO_PR_APTPL;
	return persists ? flags | MPIO_PR_APTPL : flags;
}

/*
 * Removes a registration that the nexus may have, under whatever key: REGISTER AND
 * IGNORE EXISTING KEY with key 0, which does nothing if there is none.
 */
static int mpio_registration_remove(struct mpio_path *path,
				    struct mpio_probe *probe, u8 flags)
{
	u64 key = path->registration.key;
	u32 gen = READ_ONCE(path->verify_gen);
	int err;

	err = mpio_registration_try(path, probe, MPIO_PR_REGISTER_IGNORE, 0, 0,
				    flags);
	if (err != -EIO && err != -EACCES)
		return err;
	/* older than SPC-3 */
	err = mpio_registration_try(path, probe, MPIO_PR_REGISTER, key, 0,
				    flags);
	if (err != -EACCES && err != -EIO)
		return err;
	mpio_registration_set(path, 0, gen);		/* it was removed */
	return 0;
}

static int mpio_registration_lost(struct mpio_path *path,
				  struct mpio_probe *probe, u8 flags)
{
	pr_notice("disk %u: its registration was removed, nothing is restored [MPIO0021]\n",
		  path->disk->id);
	mpio_registration_drop(path->disk, false);
	return mpio_registration_remove(path, probe, flags);
}

/* The nexus has the key: but did it have that before we have registered it? */
static int mpio_registration_check(struct mpio_path *path,
				   struct mpio_probe *probe, u8 flags)
{
	u32 gen = READ_ONCE(path->verify_gen);
	int vouched = mpio_vouch(path, probe, true);

	if (vouched < 0)
		return vouched;
	if (!vouched)
		return mpio_registration_lost(path, probe, flags);
	path->registration.unchecked = false;
	mpio_registration_set(path, path->disk->reserve.key, gen);
	return 0;
}

/* The nexus is not registered; others of the disk may still be. */
static int mpio_registration_renew(struct mpio_path *path,
				   struct mpio_probe *probe, u8 flags)
{
	u64 key = path->disk->reserve.key;
	int vouched = mpio_vouch(path, probe, false);
	int err;

	if (vouched < 0)
		return vouched;
	if (!vouched)
		return mpio_registration_lost(path, probe, flags);
	mpio_registration_unchecked(path, key, true);
	err = mpio_registration_try(path, probe, MPIO_PR_REGISTER_IGNORE, 0,
				    key, flags);
	if (err == -EIO)	/* older than SPC-3 */
		err = mpio_registration_try(path, probe, MPIO_PR_REGISTER, 0,
					    key, flags);
	return err ? err : mpio_registration_check(path, probe, flags);
}

/* REGISTER of the key over itself; -EACCES: the nexus has not got it. */
static int mpio_registration_confirm(struct mpio_path *path,
				     struct mpio_probe *probe, u8 flags)
{
	struct mpio_reserve *r = &path->disk->reserve;
	u32 count, generation;
	int err;

	if (r->no_status) {
		err = mpio_pr_count(path, probe, r->key, &count, &generation);
		if (err)
			return err;
	}
	err = mpio_registration_try(path, probe, MPIO_PR_REGISTER, r->key,
				    r->key, flags);
	if (!err && r->no_status && !path->registration.unchecked) {
		r->generation = generation + 1;
		r->confirmed = true;
	}
	return err;
}

static int mpio_registration_replay(struct mpio_path *path,
				    struct mpio_probe *probe)
{
	const struct mpio_reserve *r = &path->disk->reserve;
	u8 flags = mpio_registration_flags(path, probe);
	int err;

	if (!r->key)
		return mpio_registration_remove(path, probe, flags);
	err = mpio_registration_confirm(path, probe, flags);
	/* A change whose outcome nobody knows is undone: it comes again. */
	if (err == -EACCES && r->next_key)
		err = mpio_registration_try(path, probe, MPIO_PR_REGISTER,
					    r->next_key, r->key, flags);
	if (err == -EACCES)
		return mpio_registration_renew(path, probe, flags);
	if (!err && path->registration.unchecked)
		return mpio_registration_check(path, probe, flags);
	return err;
}

/* The target refuses, having no room, say: the next try waits, longer each time. */
static void mpio_registration_refused(struct mpio_path *path)
{
	struct mpio_registration *reg = &path->registration;
	u32 ms;

	spin_lock_irq(&path->disk->lock);
	if (reg->refused_gen != path->verify_gen)
		reg->refusals = 0;
	ms = min(MPIO_REFUSED_MS << min(reg->refusals, 16U),
		 MPIO_REFUSED_MAX_MS);
	if (!reg->refusals++)
		pr_notice("session %u lun %llu: the target refuses its registration, no I/O goes there [MPIO0022]\n",
			  path->sess->id, path->lun);
	reg->refused_gen = path->verify_gen;
	reg->retry_at = jiffies + msecs_to_jiffies(ms);
	spin_unlock_irq(&path->disk->lock);
}

bool mpio_registration_rests(const struct mpio_path *path)
{
	const struct mpio_registration *reg = &path->registration;
	bool rests;

	spin_lock_irq(&path->disk->lock);
	rests = mpio_path_unregistered(path) && reg->refusals &&
		reg->refused_gen == path->verify_gen &&
		time_before(jiffies, reg->retry_at);
	spin_unlock_irq(&path->disk->lock);
	return rests;
}

/* Settles who holds the reservation; if that fails the path is looked at again. */
static int mpio_registration_settle(struct mpio_path *path,
				    struct mpio_probe *probe)
{
	int err = mpio_holder_settle(path, probe);

	if (err)
		mpio_registration_unsure(path);
	return err;
}

int mpio_registration_restore(struct mpio_path *path, struct mpio_probe *probe)
{
	struct mpio_disk *disk = path->disk;
	int err = 0;
	bool due;

	spin_lock_irq(&disk->lock);
	due = mpio_path_unregistered(path);
	spin_unlock_irq(&disk->lock);
	if (!due)
		return 0;
	if (!mutex_trylock(&disk->reserve.mutex))
		return -EAGAIN;
	/* The last holder of the mutex may have restored it. */
	spin_lock_irq(&disk->lock);
	due = mpio_path_unregistered(path);
	spin_unlock_irq(&disk->lock);
	if (due)
		err = mpio_registration_replay(path, probe);
	if (due && !err)
		err = mpio_registration_settle(path, probe);
	if (due && !err)	/* the probe has read its unit attentions */
		WRITE_ONCE(path->registration.absorbs, false);
	if (err && err != -ENOTCONN && err != -EAGAIN)
		mpio_registration_refused(path);
	mutex_unlock(&disk->reserve.mutex);
	return err;
}
