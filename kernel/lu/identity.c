// SPDX-License-Identifier: GPL-2.0
/*
 * Identity: which disk a logical unit belongs to, see identity.h.
 *
 * What tells two units apart may be old news: one was resized or moved to
 * another LUN number, and a path has not been looked at since. So before a
 * unit is kept apart, or a path taken out of use, every other path of the disk
 * that works is asked again, by its session's verify_work.
 */
#include "lu/identity.h"

#include <linux/blkdev.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/wait_bit.h>

#include "lu/ask.h"
#include "lu/unit.h"
#include "multipath/fence.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/notify.h"
#include "multipath/path.h"
#include "proto/name.h"
#include "session/session.h"

#define MPIO_IDENTITY_WAIT_MS	5000	/* for answers of other paths */
#define MPIO_IDENTITY_AGAIN_MS	30000	/* until they are asked once more */

/* the table of units, and what disks know of others like them */
DEFINE_MUTEX(mpio_identity_mutex);
static DEFINE_HASHTABLE(mpio_identities, 8);

static u32 mpio_identity_key(const struct mpio_lu_id *id)
{
	return jhash(id->bytes, id->len, id->type);
}

/* ------------------------------------------------ what other paths say */

/* Can the path be asked, and is what it says worth something? */
static bool mpio_identity_works(const struct mpio_path *path)
{
	enum mpio_path_state state = READ_ONCE(path->state);

	return (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY) &&
	       !READ_ONCE(path->removing) && !READ_ONCE(path->stale) &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}

/* RCU. Has the path, unless it is @not or does not work, to answer yet? */
static bool mpio_identity_owes(const struct mpio_path *path,
			       const struct mpio_path *not,
			       unsigned long since)
{
	return path != not && mpio_identity_works(path) &&
	       time_before(READ_ONCE(path->answered), since);
}

/* Has every path of the disk that works, but for @not, been asked since? */
static bool mpio_identity_asked(struct mpio_disk *disk,
				const struct mpio_path *not,
				unsigned long since)
{
	const struct mpio_path_set *set;
	bool asked = true;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (mpio_identity_owes(set->path[i], not, since))
			asked = false;
	rcu_read_unlock();
	return asked;
}

void mpio_identity_ask(struct mpio_disk *disk, const struct mpio_path *not,
		       unsigned long since)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];

		if (!mpio_identity_owes(path, not, since))
			continue;
		WRITE_ONCE(path->ask, true);
		mpio_session_verify(path->sess);
	}
	rcu_read_unlock();
}

void mpio_identity_answered(struct mpio_path *path, const struct mpio_lu *lu)
{
	WRITE_ONCE(path->size_seen, lu->unit.size);
	WRITE_ONCE(path->answered, lu->begun);
	smp_mb();	/* wake_up_var(): the answer before the waiter */
	wake_up_var(&path->disk->unit);
}

/* Do all others that work, and say a size at all, say this one? */
static bool mpio_identity_agree(struct mpio_disk *disk,
				const struct mpio_path *path, u64 size)
{
	const struct mpio_path_set *set;
	bool agree = true;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		u64 seen = READ_ONCE(set->path[i]->size_seen);

		if (set->path[i] != path &&
		    mpio_identity_works(set->path[i]) && seen && seen != size)
			agree = false;
	}
	rcu_read_unlock();
	return agree;
}

/*
 * Paths that were asked for the size of their unit and have not answered carry no I/O
 * until they do: another path has told another size, so they may lead to another
 * unit.
 */
static void mpio_identity_reverify(struct mpio_disk *disk,
				   const struct mpio_path *not,
				   unsigned long since)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		if (mpio_identity_owes(set->path[i], not, since))
			mpio_path_reverify(set->path[i],
					   "it was asked for its size and does not answer");
	rcu_read_unlock();
}

/* ------------------------------------------------------- one known path */

/* Since when others have to say the size that @path has found. */
static unsigned long mpio_identity_since(struct mpio_path *path,
					 const struct mpio_lu *lu)
{
	unsigned long since = path->size_since;

	if (since && time_after(jiffies, path->size_asked +
				msecs_to_jiffies(MPIO_IDENTITY_WAIT_MS)))
		mpio_identity_reverify(path->disk, path, since);
	if (!since || time_after(jiffies, since +
				 msecs_to_jiffies(MPIO_IDENTITY_AGAIN_MS))) {
		since = lu->begun;
		WRITE_ONCE(path->size_since, since);
		path->size_asked = jiffies;
	}
	return since;
}

/* All is equal but the size: was it resized, or is it another? */
static enum mpio_verdict mpio_identity_resized(struct mpio_path *path,
					       const struct mpio_lu *lu,
					       const char **why)
{
	struct mpio_disk *disk = path->disk;
	unsigned long since;

	/* tgt gives the next volume of a LUN the last one's identity. */
	if (!mpio_lu_id_worldwide(&disk->unit.id) &&
	    lu->unit.size < READ_ONCE(disk->unit.size)) {
		*why = "the logical unit is smaller than the disk";
		return MPIO_VERDICT_OTHER;
	}
	since = mpio_identity_since(path, lu);
	if (!mpio_identity_asked(disk, path, since)) {
		mpio_identity_ask(disk, path, since);
		*why = "its size is not the disk's, the other paths are asked";
		return READ_ONCE(path->state) == MPIO_PATH_FENCED ?
			MPIO_VERDICT_UNCERTAIN : MPIO_VERDICT_WAIT;
	}
	if (mpio_identity_agree(disk, path, lu->unit.size))
		return MPIO_VERDICT_FIT;
	*why = "its size is not the disk's, which the other paths confirm";
	return MPIO_VERDICT_UNCERTAIN;
}

static const char *mpio_identity_sentence(enum mpio_unit_difference difference)
{
	switch (difference) {
	case MPIO_UNIT_TYPE:
		return "the logical unit has another device type";
	case MPIO_UNIT_VENDOR:
		return "the logical unit has another vendor";
	case MPIO_UNIT_PRODUCT:
		return "the logical unit has another product name";
	case MPIO_UNIT_SERIAL:
		return "the logical unit has another serial number";
	default:
		return "another logical unit answers here";
	}
}

enum mpio_verdict mpio_identity_check(struct mpio_path *path,
				      const struct mpio_lu *lu,
				      const char **why)
{
	enum mpio_unit_difference difference =
		mpio_unit_compare(&path->disk->unit, &lu->unit);

	if (difference == MPIO_UNIT_SIZE)
		return mpio_identity_resized(path, lu, why);
	WRITE_ONCE(path->size_since, 0);
	if (difference == MPIO_UNIT_SAME)
		return MPIO_VERDICT_FIT;
	*why = mpio_identity_sentence(difference);
	return MPIO_VERDICT_OTHER;
}

/* ------------------------------------------------------ a unit's place */

/* How the paths of a disk stand to a unit that a session shows. */
struct mpio_relation {
	bool any;		/* there is a path that counts */
	bool target;		/* one of the same target name */
	bool place;		/* and the same LUN number */
	bool elsewhere;		/* in the same portal group, by another LUN */
	bool same_unit;		/* of a session with SameUnit */
};

/* A path that does not lead to its disk says nothing of the disk's unit. */
static bool mpio_identity_counts(const struct mpio_path *path)
{
	return !READ_ONCE(path->removing) && !READ_ONCE(path->stale) &&
	       READ_ONCE(path->state) != MPIO_PATH_FENCED &&
	       !READ_ONCE(path->sess->removing);
}

static void mpio_identity_relate(struct mpio_disk *disk,
				 const struct mpio_session *sess, u64 lun,
				 struct mpio_relation *rel)
{
	const struct mpio_path_set *set;
	unsigned int i;

	memset(rel, 0, sizeof(*rel));
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_path *path = set->path[i];
		const struct mpio_session *other = path->sess;

		if (!mpio_identity_counts(path))
			continue;
		rel->any = true;
		rel->same_unit |= mpio_setting(other, MPIO_TA_SAME_UNIT);
		if (mpio_name_compare(other->cfg.target_name,
				      sess->cfg.target_name))
			continue;
		rel->target = true;
		rel->place |= path->lun == lun;
		rel->elsewhere |= path->lun != lun &&
			(other == sess ||
			 READ_ONCE(other->tpgt) == READ_ONCE(sess->tpgt));
	}
	rcu_read_unlock();
	if (rel->any)
		return;
	rel->target = !mpio_name_compare(disk->target_name,
					 sess->cfg.target_name);
	/* Its first path is about to be added. */
	if (!set)
		rel->elsewhere = rel->target && disk->scsi_lun != lun;
}

/* Of a unit that is the same as the disk's in all it says. */
static bool mpio_identity_fits(const struct mpio_disk *disk,
			       const struct mpio_session *sess,
			       const struct mpio_relation *rel)
{
	if (!sess->cfg.multipath || !disk->host->multipath)
		return disk->host == sess->host && !rel->any;
	if (mpio_setting(sess, MPIO_TA_SAME_UNIT) && rel->same_unit)
		return true;
	if (rel->elsewhere)
		return false;
	if (!rel->target && !mpio_lu_id_worldwide(&disk->unit.id))
		return false;
	/* There are two of that name, which nothing else tells apart. */
	return !disk->identity.clash ||
	       disk->identity.why != MPIO_UNIT_SAME || rel->place;
}

/* Is it worth a word that two units of one designator are two disks? */
static bool mpio_identity_matters(const struct mpio_disk *disk,
				  const struct mpio_session *sess,
				  enum mpio_unit_difference difference)
{
	return difference != MPIO_UNIT_SAME || disk->host == sess->host ||
	       (sess->cfg.multipath && disk->host->multipath);
}

struct mpio_search {
	struct mpio_disk *disk;		/* the one it belongs to, or NULL */
	struct mpio_disk *dying;	/* that would be it, and may stay after all */
	struct mpio_disk *clash;
	enum mpio_unit_difference why;
};

static void mpio_identity_search(struct mpio_session *sess,
				 const struct mpio_lu *lu,
				 struct mpio_search *search)
{
	struct mpio_disk *disk, *place = NULL;
	struct mpio_relation rel;
	unsigned int fitting = 0;

	memset(search, 0, sizeof(*search));
	hash_for_each_possible(mpio_identities, disk, identity.node,
			       mpio_identity_key(&lu->unit.id)) {
		enum mpio_unit_difference difference;
		bool fits;

		if (!mpio_lu_id_equal(&disk->unit.id, &lu->unit.id))
			continue;
		difference = mpio_unit_compare(&disk->unit, &lu->unit);
		mpio_identity_relate(disk, sess, lu->lun, &rel);
		fits = difference == MPIO_UNIT_SAME &&
		       mpio_identity_fits(disk, sess, &rel);
		if (READ_ONCE(disk->dying)) {
			if (fits)
				search->dying = disk;
		} else if (fits) {
			search->disk = disk;
			fitting++;
			if (rel.place)
				place = disk;
		} else if (!search->clash &&
			   mpio_identity_matters(disk, sess, difference)) {
			search->clash = disk;
			search->why = difference;
		}
	}
	if (fitting > 1 && !place) {
		search->clash = search->disk;
		search->why = MPIO_UNIT_SAME;
	}
	if (fitting > 1)
		search->disk = place;
}

static void mpio_identity_clash(struct mpio_disk *disk,
				const struct mpio_search *search)
{
	struct mpio_disk *other = search->clash;

	if (!other)
		return;
	disk->identity.why = search->why;
	WRITE_ONCE(disk->identity.clash, other->id);
	/* The worst that is known of it stays. */
	if (other->identity.clash && search->why != MPIO_UNIT_SAME)
		return;
	other->identity.why = search->why;
	other->identity.told = true;	/* together with the new one */
	WRITE_ONCE(other->identity.clash, disk->id);
}

static struct mpio_disk *mpio_identity_new(struct mpio_session *sess,
					   const struct mpio_lu *lu,
					   const struct mpio_search *search)
{
	struct mpio_disk *disk = mpio_disk_alloc(sess->host, sess,
						&lu->unit, lu->lun,
						&mpio_lu_unit_ops);

	lockdep_assert_held(&mpio_identity_mutex);
	if (!disk)
		return ERR_PTR(-ENOMEM);
	mpio_fence_init(disk);
	mpio_host_add_disk(sess->host, disk);
	hash_add(mpio_identities, &disk->identity.node,
		 mpio_identity_key(&disk->unit.id));
	mpio_identity_clash(disk, search);
	return disk;
}

/* Once. @asked is referenced when -EAGAIN says that it has to be waited for. */
static struct mpio_disk *mpio_identity_try(struct mpio_session *sess,
					   const struct mpio_lu *lu,
					   struct mpio_disk **asked)
{
	struct mpio_disk *disk = ERR_PTR(-EAGAIN);
	struct mpio_search search;
	unsigned int noio;

	mutex_lock(&mpio_identity_mutex);
	noio = memalloc_noio_save();	/* the registry mutex may be held */
	mpio_identity_search(sess, lu, &search);
	if (search.disk) {
		disk = mpio_disk_get(search.disk);
	} else if (search.dying) {
		*asked = mpio_disk_get(search.dying);
	} else if (search.clash &&
		   !mpio_identity_asked(search.clash, NULL, lu->begun)) {
		*asked = mpio_disk_get(search.clash);
		mpio_identity_ask(search.clash, NULL, lu->begun);
	} else {
		disk = mpio_identity_new(sess, lu, &search);
	}
	memalloc_noio_restore(noio);
	mutex_unlock(&mpio_identity_mutex);
	return disk;
}

/*
 * Is it worthwhile to look once more? A disk that was dying has gone or stays;
 * the paths of one that clashes have said what they lead to.
 */
static bool mpio_identity_settled(struct mpio_disk *disk,
				  const struct mpio_lu *lu)
{
	if (READ_ONCE(disk->dying))
		return !hash_hashed(&disk->identity.node);
	return mpio_identity_asked(disk, NULL, lu->begun);
}

struct mpio_disk *mpio_identity_claim(struct mpio_session *sess,
				      const struct mpio_lu *lu)
{
	unsigned long end = jiffies + msecs_to_jiffies(MPIO_IDENTITY_WAIT_MS);
	struct mpio_disk *disk, *asked;
	bool late;

	for (;;) {
		disk = mpio_identity_try(sess, lu, &asked);
		if (disk != ERR_PTR(-EAGAIN))
			return disk;
		late = time_after(jiffies, end);
		if (!late)
			wait_var_event_timeout(&asked->unit,
					       READ_ONCE(sess->removing) ||
					       mpio_identity_settled(asked, lu),
					       msecs_to_jiffies(MPIO_IDENTITY_WAIT_MS));
		mpio_disk_put(asked);
		if (late || READ_ONCE(sess->removing))
			return ERR_PTR(-EAGAIN);
	}
}

/* ------------------------------------------------------------- clashes */

/* Another disk of that designator, or NULL. */
static struct mpio_disk *mpio_identity_other(const struct mpio_disk *disk,
					     u32 id)
{
	struct mpio_disk *other;

	lockdep_assert_held(&mpio_identity_mutex);
	hash_for_each_possible(mpio_identities, other, identity.node,
			       mpio_identity_key(&disk->unit.id))
		if (other != disk && (!id || other->id == id) &&
		    mpio_lu_id_equal(&other->unit.id, &disk->unit.id))
			return other;
	return NULL;
}

void mpio_identity_forget(struct mpio_disk *gone)
{
	struct mpio_disk *disk, *other;

	lockdep_assert_held(&mpio_identity_mutex);
	hash_del(&gone->identity.node);
	smp_mb();	/* wake_up_var(): the table before the waiter */
	wake_up_var(&gone->unit);
	hash_for_each_possible(mpio_identities, disk, identity.node,
			       mpio_identity_key(&gone->unit.id)) {
		if (disk->identity.clash != gone->id)
			continue;
		/* There may be a third. */
		other = mpio_identity_other(disk, 0);
		if (other)
			disk->identity.why = mpio_unit_compare(&disk->unit,
							       &other->unit);
		WRITE_ONCE(disk->identity.clash, other ? other->id : 0);
	}
}

#define MPIO_WHO_MAX	(DISK_NAME_LEN + 48)

/* "sda (session 1 lun 0)" */
static void mpio_identity_who(struct mpio_disk *disk, char *who)
{
	const struct mpio_path_set *set;
	struct gendisk *gendisk;
	int len;

	mutex_lock(&disk->host->mutex);
	gendisk = mpio_disk_gendisk(disk);
	if (gendisk) {
		len = snprintf(who, MPIO_WHO_MAX, "%s", gendisk->disk_name);
		put_device(disk_to_dev(gendisk));
	} else {
		len = snprintf(who, MPIO_WHO_MAX, "disk %u", disk->id);
	}
	mutex_unlock(&disk->host->mutex);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	if (set && set->count)
		snprintf(who + len, MPIO_WHO_MAX - len,
			 " (session %u lun %llu)", set->path[0]->sess->id,
			 set->path[0]->lun);
	rcu_read_unlock();
}

void mpio_identity_warn(struct mpio_disk *disk)
{
	char who[MPIO_WHO_MAX], whose[MPIO_WHO_MAX];
	struct mpio_disk *other = NULL;
	enum mpio_unit_difference why;

	if (!READ_ONCE(disk->identity.clash) || READ_ONCE(disk->identity.told))
		return;
	mutex_lock(&mpio_identity_mutex);
	if (disk->identity.clash && !disk->identity.told)
		other = mpio_identity_other(disk, disk->identity.clash);
	if (other)
		mpio_disk_get(other);
	disk->identity.told = true;
	why = disk->identity.why;
	mutex_unlock(&mpio_identity_mutex);
	if (!other)
		return;
	mpio_identity_who(disk, who);
	mpio_identity_who(other, whose);
	pr_warn("%s claims the identity of %s with %s: they stay two disks [MPIO0019]\n",
		who, whose, why == MPIO_UNIT_SAME ?
		"nothing that tells which is which" :
		mpio_unit_difference_name(why));
	mpio_notify_disk(disk, MPIO_EVENT_DISK_CLASH);
	mpio_disk_put(other);
}
