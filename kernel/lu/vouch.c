// SPDX-License-Identifier: GPL-2.0
/*
 * Who vouches for a registration that we are about to add, or have added?
 *
 * Only another nexus of the disk that has the disk's key at the target, and got
 * it by an order that was answered. What is uncertain (registration.unchecked)
 * vouches for nobody: two that were added in error would vouch for each other.
 *
 * READ FULL STATUS names the nexus of each registration, and so tells ours
 * from that of another host with the same key, and one of ours from another.
 * Targets without it, or that leave the ISID out, only have READ KEYS: then as
 * many as are unchecked are taken from the count, and PRGENERATION must be what
 * it was when a nexus of ours last confirmed its registration, but for what we
 * have changed ourselves. If it is not, such a nexus confirms again first.
 *
 * Locking: reserve.mutex of the disk is held; the set of paths is read under
 * RCU. Nothing here allocates but what a long list needs, and that may fail.
 */
#include "lu/vouch.h"

#include <linux/slab.h>
#include <scsi/scsi_proto.h>

#include "lu/ask.h"
#include "lu/registration.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_VOUCH_DESCRIPTOR	320U	/* of READ FULL STATUS, at most */

/* ----------------------------------------------------------- READ KEYS */

/* More keys than the buffer holds: with memory for as many as were reported. */
static int mpio_pr_count_many(struct mpio_path *path, struct mpio_probe *probe,
			      u64 key, u32 reported, u32 *count,
			      u32 *generation)
{
	u32 len = min_t(u32, 8 + 8 * min_t(u32, reported, MPIO_PR_IN_MAX / 8),
			MPIO_PR_IN_MAX & ~7U);
	struct mpio_pr_keys keys;
	u8 *buf;
	int n;

	buf = kmalloc(len, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	n = mpio_probe_ask(path, probe, mpio_cdb_pr_read_keys(probe->cdb, len),
			   buf, len);
	if (n >= 0)
		n = mpio_pr_keys_parse(buf, n, &keys);
	if (!n) {
		*count = mpio_pr_keys_matching(&keys, key);
		*generation = keys.generation;
	}
	/* The list was cut: the key may be among those that are not in it. */
	if (!n && !*count && keys.count < keys.reported)
		n = -E2BIG;
	kfree(buf);
	return n;
}

int mpio_pr_count(struct mpio_path *path, struct mpio_probe *probe, u64 key,
		  u32 *count, u32 *generation)
{
	struct mpio_pr_keys keys;
	int n;

	lockdep_assert_held(&path->disk->reserve.mutex);
	n = mpio_probe_ask(path, probe,
			   mpio_cdb_pr_read_keys(probe->cdb, MPIO_PROBE_BUF),
			   probe->buf, MPIO_PROBE_BUF);
	if (n < 0)
		return n;
	n = mpio_pr_keys_parse(probe->buf, n, &keys);
	if (n)
		return n;
	if (keys.count < keys.reported)
		return mpio_pr_count_many(path, probe, key, keys.reported,
					  count, generation);
	*generation = keys.generation;
	*count = mpio_pr_keys_matching(&keys, key);
	return 0;
}

/* Does @path surely have the disk's key, unless somebody took it away? */
static bool mpio_vouch_sure(const struct mpio_path *path)
{
	const struct mpio_registration *reg = &path->registration;

	return !reg->unchecked && reg->key == path->disk->reserve.key;
}

/* How many nexuses besides @path may have the key, and ought not to. */
static u32 mpio_vouch_unchecked(const struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	const struct mpio_path_set *set;
	unsigned int i;
	u32 n;

	spin_lock_irq(&disk->lock);
	n = disk->reserve.unchecked;
	set = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->lock));
	for (i = 0; set && i < set->count; i++)
		if (set->path[i] != path)
			n += set->path[i]->registration.unchecked;
	spin_unlock_irq(&disk->lock);
	return n;
}

/* Has one other path, whose registration is sure, verified: that confirms it. */
static void mpio_vouch_have_confirmed(const struct mpio_path *path)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(path->disk->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *other = set->path[i];

		if (other == path || !mpio_vouch_sure(other) ||
		    mpio_session_state(other->sess) != MPIO_SESSION_LOGGED_IN)
			continue;
		if (READ_ONCE(other->state) == MPIO_PATH_READY ||
		    READ_ONCE(other->state) == MPIO_PATH_STANDBY)
			mpio_path_reverify(other,
					   "it has to confirm its registration");
		break;
	}
	rcu_read_unlock();
}

static int mpio_vouch_by_keys(struct mpio_path *path, struct mpio_probe *probe,
			      bool self)
{
	struct mpio_reserve *r = &path->disk->reserve;
	u32 count, next = 0, generation;
	int err;

	/* While the key is being changed a nexus has the one or the other. */
	err = mpio_pr_count(path, probe, r->key, &count, &generation);
	if (!err && r->next_key && r->next_key != r->key) {
		err = mpio_pr_count(path, probe, r->next_key, &next,
				    &generation);
		count += next;
	}
	if (err)
		return err;
	if (count <= self)
		return 0;
	if (count - self <= mpio_vouch_unchecked(path))
		return -EAGAIN;
	if (r->confirmed && r->generation == generation)
		return 1;
	r->confirmed = false;
	mpio_vouch_have_confirmed(path);
	return -EAGAIN;
}

/* ---------------------------------------------------- READ FULL STATUS */

enum mpio_vouch_whose {
	MPIO_VOUCH_FOREIGN,
	MPIO_VOUCH_SURE,
	MPIO_VOUCH_UNCHECKED,
	MPIO_VOUCH_UNCLEAR,	/* a certain and an unchecked nexus of ours */
};

/* Is @reg a registration that a nexus of ours, removed since, has left behind? */
static bool mpio_vouch_stray(const struct mpio_path *asking,
			     const struct mpio_pr_registrant *reg)
{
	const struct mpio_reserve *r = &asking->disk->reserve;
	bool stray = false;
	u32 i;

	spin_lock_irq(&asking->disk->lock);
	for (i = 0; i < min_t(u32, r->strays_seen, MPIO_STRAYS); i++)
		stray |= mpio_pr_registrant_is(reg,
					       asking->sess->cfg.initiator_name,
					       r->stray[i]);
	spin_unlock_irq(&asking->disk->lock);
	return stray;
}

static enum mpio_vouch_whose
mpio_vouch_whose(const struct mpio_path *asking,
		 const struct mpio_pr_registrant *reg)
{
	const struct mpio_path_set *set;
	bool sure = false, unchecked = false;
	unsigned int i;

	if (!reg->name)
		return MPIO_VOUCH_UNCLEAR;
	rcu_read_lock();
	set = rcu_dereference(asking->disk->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_path *path = set->path[i];
		const struct mpio_session_config *cfg = &path->sess->cfg;

		if (!mpio_pr_registrant_is(reg, cfg->initiator_name, cfg->isid))
			continue;
		if (path != asking && mpio_vouch_sure(path))
			sure = true;
		else
			unchecked = true;
	}
	rcu_read_unlock();
	if (sure)
		return unchecked ? MPIO_VOUCH_UNCLEAR : MPIO_VOUCH_SURE;
	return unchecked || mpio_vouch_stray(asking, reg) ?
		MPIO_VOUCH_UNCHECKED : MPIO_VOUCH_FOREIGN;
}

/* Which nexus the list is searched for. */
enum mpio_vouch_wanted {
	MPIO_VOUCH_WITNESS,
	MPIO_VOUCH_STRANGER,
};

/* 1, 0; -E2BIG: not in this part of it; -EOPNOTSUPP: it does not tell. */
static int mpio_vouch_look(const struct mpio_path *path,
			   enum mpio_vouch_wanted wanted, const u8 *data,
			   u32 len, u32 size)
{
	const struct mpio_reserve *r = &path->disk->reserve;
	struct mpio_pr_registrant reg;
	struct mpio_pr_status status;
	bool unclear = false;

	if (mpio_pr_status_parse(data, len, &status))
		return -EPROTO;
	while (mpio_pr_status_next(&status, &reg)) {
		if (reg.key != r->key &&
		    (!r->next_key || reg.key != r->next_key))
			continue;
		switch (mpio_vouch_whose(path, &reg)) {
		case MPIO_VOUCH_SURE:
			if (wanted == MPIO_VOUCH_WITNESS)
				return 1;
			break;
		case MPIO_VOUCH_FOREIGN:
			if (wanted == MPIO_VOUCH_STRANGER)
				return 1;
			break;
		case MPIO_VOUCH_UNCLEAR:
			unclear = true;
			break;
		default:
			break;
		}
	}
	/* Some say how many there are only as far as there is room. */
	if (status.cut || status.len || size - len < MPIO_VOUCH_DESCRIPTOR)
		return -E2BIG;
	return unclear ? -EOPNOTSUPP : 0;
}

static int mpio_vouch_read(struct mpio_path *path, struct mpio_probe *probe,
			   enum mpio_vouch_wanted wanted, u8 *buf, u32 size)
{
	int n = mpio_probe_ask(path, probe,
			       mpio_cdb_pr_full_status(probe->cdb, size), buf,
			       size);

	if (n == -EIO && probe->sense.key == ILLEGAL_REQUEST)
		return -EOPNOTSUPP;
	return n < 0 ? n : mpio_vouch_look(path, wanted, buf, n, size);
}

static int mpio_vouch_by_status(struct mpio_path *path,
				struct mpio_probe *probe,
				enum mpio_vouch_wanted wanted)
{
	int n = mpio_vouch_read(path, probe, wanted, probe->buf,
				MPIO_PROBE_BUF);
	u8 *buf;

	if (n != -E2BIG)
		return n;
	buf = kmalloc(MPIO_PR_IN_MAX, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	n = mpio_vouch_read(path, probe, wanted, buf, MPIO_PR_IN_MAX);
	kfree(buf);
	return n;
}

int mpio_vouch(struct mpio_path *path, struct mpio_probe *probe, bool self)
{
	struct mpio_reserve *r = &path->disk->reserve;
	int n = -EOPNOTSUPP;

	lockdep_assert_held(&r->mutex);
	if (!r->no_status)
		n = mpio_vouch_by_status(path, probe, MPIO_VOUCH_WITNESS);
	if (n != -EOPNOTSUPP)
		return n;
	r->no_status = true;
	return mpio_vouch_by_keys(path, probe, self);
}

int mpio_vouch_shared(struct mpio_path *path, struct mpio_probe *probe)
{
	int n;

	lockdep_assert_held(&path->disk->reserve.mutex);
	if (path->disk->reserve.no_status)
		return 0;
	n = mpio_vouch_by_status(path, probe, MPIO_VOUCH_STRANGER);
	return n == -EOPNOTSUPP ? 0 : n;
}
