// SPDX-License-Identifier: GPL-2.0
/* Paths: their life, their state, their counters. */
#include "multipath/path.h"

#include <linux/slab.h>
#include <linux/wait_bit.h>

#include <trace/events/iscsi_mpio.h>

#include "base/change.h"
#include "base/path_config.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/notify.h"
#include "multipath/policy.h"
#include "proto/pdu.h"
#include "session/session.h"

#define MPIO_REVERIFY_CALM_MS	200
#define MPIO_ALUA_REASON	"its access state does not allow I/O"

static atomic_t mpio_path_last_id = ATOMIC_INIT(0);

static const char *const mpio_path_state_names[] = {
	[MPIO_PATH_RECOVERING]	= "recovering",
	[MPIO_PATH_READY]	= "ready",
	[MPIO_PATH_STANDBY]	= "standby",
	[MPIO_PATH_FENCED]	= "fenced",
	[MPIO_PATH_DISABLED]	= "disabled",
};

const char *mpio_path_state_name(enum mpio_path_state state)
{
	return state < ARRAY_SIZE(mpio_path_state_names) ?
		mpio_path_state_names[state] : "unknown";
}

struct mpio_path *mpio_path_alloc(struct mpio_session *sess,
				  struct mpio_disk *disk, u64 lun)
{
	struct mpio_path *path = kzalloc(sizeof(*path), GFP_KERNEL);
	struct mpio_path_config config = mpio_path_config_get(sess->configs, lun);

	if (!path)
		return NULL;
	path->stats = alloc_percpu(struct mpio_path_stats);
	if (!path->stats) {
		kfree(path);
		return NULL;
	}
	kref_init(&path->ref);
	path->id = atomic_inc_return(&mpio_path_last_id);
	path->disk = mpio_disk_get(disk);
	path->sess = mpio_session_get(sess);
	path->lun = lun;
	path->alua_state = MPIO_ALUA_NONE;
	path->weight = config.weight;
	path->preferred = config.preferred;
	path->cpu = -1;
	path->looked = jiffies;
	INIT_LIST_HEAD(&path->sess_node);
	INIT_LIST_HEAD(&path->ghost.node);
	mpio_lun_encode(lun, path->lun_wire);
	spin_lock_irq(&sess->lock);
	snprintf(path->key, sizeof(path->key), "%pISc>%pISpc,%u",
		 &sess->local, &sess->cfg.portal, sess->tpgt);
	spin_unlock_irq(&sess->lock);
	strscpy(path->reason, "not verified yet", sizeof(path->reason));
	return path;
}

static void mpio_path_free_rcu(struct rcu_head *rcu)
{
	struct mpio_path *path = container_of(rcu, struct mpio_path, rcu);

	free_percpu(path->stats);
	kfree(path);
}

static void mpio_path_release(struct kref *ref)
{
	struct mpio_path *path = container_of(ref, struct mpio_path, ref);

	mpio_disk_put(path->disk);
	mpio_session_put(path->sess);
	call_rcu(&path->rcu, mpio_path_free_rcu);
}

void mpio_path_put(struct mpio_path *path)
{
	might_sleep();
	kref_put(&path->ref, mpio_path_release);
}

/* Gives the disk a new set with @add in it and @del not. host->mutex. */
static int mpio_path_publish(struct mpio_disk *disk, struct mpio_path *add,
			     struct mpio_path *del)
{
	struct mpio_path_set *old, *new;
	unsigned int i, n;

	old = rcu_dereference_protected(disk->paths,
					lockdep_is_held(&disk->host->mutex));
	n = old ? old->count : 0;
	new = kmalloc(struct_size(new, path, n + 1), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->count = 0;
	mpio_choice_init(&new->choice);
	for (i = 0; i < n; i++)
		if (old->path[i] != del)
			new->path[new->count++] = old->path[i];
	if (add)
		new->path[new->count++] = add;
	spin_lock_irq(&disk->lock);
	rcu_assign_pointer(disk->paths, new);
	spin_unlock_irq(&disk->lock);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

int mpio_path_add(struct mpio_path *path)
{
	struct mpio_session *sess = path->sess;
	int err;

	lockdep_assert_held(&path->disk->host->mutex);
	path->disk->ops->joins(path);
	err = mpio_host_get_member(path->disk->host, sess);
	if (err)
		return err;
	err = mpio_path_publish(path->disk, path, NULL);
	if (err) {
		mpio_host_put_member(path->disk->host, sess);
		return err;
	}
	mpio_path_get(path);
	mpio_path_get(path);
	spin_lock_irq(&sess->lock);
	list_add_tail(&path->sess_node, &sess->paths);
	spin_unlock_irq(&sess->lock);
	/* In the list, so that a change of the setting is not missed. */
	WRITE_ONCE(path->cpu, mpio_session_processor(sess));
	mpio_policy_update(path->disk);
	WRITE_ONCE(path->disk->links_came, true);
	mpio_disk_uevent(path->disk);
	mpio_notify_path(path, MPIO_EVENT_PATH_ADDED);
	return 0;
}

enum mpio_path_state mpio_path_state_by_alua(u8 alua_state)
{
	switch (alua_state) {
	case MPIO_ALUA_STANDBY:
	case MPIO_ALUA_UNAVAILABLE:
	case MPIO_ALUA_OFFLINE:
	case MPIO_ALUA_TRANSITIONING:
		return MPIO_PATH_STANDBY;
	default:
		return MPIO_PATH_READY;
	}
}

/* disk->lock held. What a verified path may do now. */
static enum mpio_path_state mpio_path_fit(const struct mpio_path *path)
{
	lockdep_assert_held(&path->disk->lock);
	if (path->unready.key && !READ_ONCE(path->disk->admits))
		return MPIO_PATH_STANDBY;
	return mpio_path_state_by_alua(path->alua_state);
}

/* disk->lock held. The reason to be told for a state; "" where none is due. */
static void mpio_path_give_reason(struct mpio_path *path,
				  enum mpio_path_state state,
				  const char *reason)
{
	const struct mpio_unready *u = &path->unready;
	bool fit = state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY;

	lockdep_assert_held(&path->disk->lock);
	if (fit && u->key &&
	    mpio_path_state_by_alua(path->alua_state) == MPIO_PATH_READY)
		scnprintf(path->reason, sizeof(path->reason),
			  "its unit is not ready (sense %x/%02x/%02x)",
			  u->key, u->asc, u->ascq);
	else
		strscpy(path->reason, state == MPIO_PATH_READY ? "" : reason,
			sizeof(path->reason));
}

/* After disk->lock: what a new state means for others. */
static void mpio_path_changed(struct mpio_path *path, enum mpio_path_state old,
			      enum mpio_path_state state, const char *reason)
{
	struct mpio_disk *disk = path->disk;

	trace_mpio_path_state(path->id, path->sess->id, disk->id, old, state,
			      reason);
	mpio_disk_update(disk);
	/* A scan that just found the path adds the device itself. */
	if (state == MPIO_PATH_READY && !READ_ONCE(disk->sdev) &&
	    (old != MPIO_PATH_RECOVERING || READ_ONCE(path->verify_gen)))
		mpio_session_rescan(path->sess);
	mpio_notify_path(path, MPIO_EVENT_PATH_STATE);
	if (old == MPIO_PATH_READY)
		disk->ops->path_lost(disk);
}

bool mpio_path_unregistered(const struct mpio_path *path)
{
	lockdep_assert_held(&path->disk->lock);
	return !path->registration.sure &&
	       (path->disk->reserve.key || path->registration.key ||
		path->registration.stale);
}

/* disk->lock held. What is being found out about the path is old news. */
static void mpio_path_void(struct mpio_path *path)
{
	lockdep_assert_held(&path->disk->lock);
	WRITE_ONCE(path->verify_gen, path->verify_gen + 1);
	path->registration.sure = false;
}

/*
 * With @gen, only if it is still that, and for READY the registration is in order.
 * False: changed nothing. @voids: verdicts on their way are void, together with the
 * state, so that no one finds the new verify_gen with the old state.
 */
static bool mpio_path_change(struct mpio_path *path, enum mpio_path_state state,
			     const u32 *gen, bool voids, const char *reason)
{
	struct mpio_disk *disk = path->disk;
	enum mpio_path_state old;
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	if (gen && (path->verify_gen != *gen || (state == MPIO_PATH_READY &&
						 mpio_path_unregistered(path)))) {
		spin_unlock_irqrestore(&disk->lock, flags);
		return false;
	}
	if (voids)
		mpio_path_void(path);
	old = path->state;
	if (path->removing)
		state = MPIO_PATH_RECOVERING;
	else if (path->disabled)
		state = MPIO_PATH_DISABLED;
	else if (state == MPIO_PATH_READY)
		state = mpio_path_fit(path);
	WRITE_ONCE(path->state, state);
	mpio_path_give_reason(path, state, reason);
	spin_unlock_irqrestore(&disk->lock, flags);
	mpio_select_changed();
	if (old != state)
		mpio_path_changed(path, old, state, reason);
	return true;
}

void mpio_path_reconsider(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	const char *reason = MPIO_ALUA_REASON;
	enum mpio_path_state old, state;
	unsigned long flags;

	spin_lock_irqsave(&disk->lock, flags);
	old = path->state;
	state = old;
	/* The others are compared when they have been looked at. */
	if (old == MPIO_PATH_READY || old == MPIO_PATH_STANDBY)
		state = mpio_path_fit(path);
	/* A path that stands by may lack its registration; one with I/O may not. */
	if (old == MPIO_PATH_STANDBY && state == MPIO_PATH_READY &&
	    mpio_path_unregistered(path)) {
		state = MPIO_PATH_RECOVERING;
		reason = "its registration is not restored yet";
	}
	WRITE_ONCE(path->state, state);
	if (state != old)
		mpio_path_give_reason(path, state, reason);
	spin_unlock_irqrestore(&disk->lock, flags);
	mpio_select_changed();
	if (state == old)
		return;
	mpio_path_changed(path, old, state, reason);
	if (state == MPIO_PATH_RECOVERING)
		mpio_session_verify(path->sess);
}

void mpio_path_learn_alua(struct mpio_path *path, u8 alua_state, bool pref)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	WRITE_ONCE(path->alua_state, alua_state);
	WRITE_ONCE(path->alua_pref, pref);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	mpio_path_reconsider(path);
}

void mpio_path_set_state(struct mpio_path *path, enum mpio_path_state state,
			 const char *reason)
{
	mpio_path_change(path, state, NULL, state == MPIO_PATH_FENCED, reason);
}

void mpio_path_stop(struct mpio_path *path)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	WRITE_ONCE(path->removing, true);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	mpio_path_set_state(path, MPIO_PATH_RECOVERING, "being removed");
}

void mpio_path_del(struct mpio_path *path)
{
	struct mpio_disk *disk = path->disk;
	struct mpio_session *sess = path->sess;

	mpio_path_stop(path);
	mutex_lock(&disk->host->mutex);
	while (mpio_path_publish(disk, NULL, path))
		cond_resched();		/* small and GFP_KERNEL: comes */
	mpio_host_put_member(disk->host, sess);
	mpio_disk_uevent(disk);
	mutex_unlock(&disk->host->mutex);
	spin_lock_irq(&sess->lock);
	list_del_init(&path->sess_node);
	spin_unlock_irq(&sess->lock);

	/* After a grace period no submitter has chosen the path; then wait for I/O. */
	synchronize_rcu();
	wait_var_event(&path->inflight, !atomic_read(&path->inflight));
	disk->ops->removed(path);
	mpio_policy_update(disk);
	mpio_disk_update(disk);
	mpio_notify_path(path, MPIO_EVENT_PATH_DELETED);
	mpio_path_put(path);		/* of the list */
	mpio_path_put(path);		/* of the set */
}

void mpio_path_set_alua(struct mpio_path *path, u8 alua_state)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	WRITE_ONCE(path->alua_state, alua_state);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	mpio_select_changed();
}

void mpio_path_invalidate(struct mpio_path *path, const char *reason)
{
	mpio_path_change(path, MPIO_PATH_RECOVERING, NULL, true, reason);
}

void mpio_path_set_stale(struct mpio_path *path, const char *reason)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	WRITE_ONCE(path->stale, true);
	mpio_path_void(path);
	spin_unlock_irqrestore(&path->disk->lock, flags);
	mpio_path_set_state(path, MPIO_PATH_FENCED, reason);
}

void mpio_path_unset_stale(struct mpio_path *path, u32 gen)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	if (path->verify_gen == gen)
		WRITE_ONCE(path->stale, false);
	spin_unlock_irqrestore(&path->disk->lock, flags);
}

/* A path that was verified a moment ago is asked again a little later. */
void mpio_path_reverify(struct mpio_path *path, const char *reason)
{
	unsigned long calm = READ_ONCE(path->verified) +
			     msecs_to_jiffies(MPIO_REVERIFY_CALM_MS);

	mpio_path_invalidate(path, reason);
	if (time_before(jiffies, calm))
		mpio_session_verify_later(path->sess, MPIO_REVERIFY_CALM_MS);
	else
		mpio_session_verify(path->sess);
}

bool mpio_path_verified(struct mpio_path *path, u32 gen)
{
	WRITE_ONCE(path->verified, jiffies);
	return mpio_path_change(path, MPIO_PATH_READY, &gen, false,
				MPIO_ALUA_REASON);
}

bool mpio_path_stand_by(struct mpio_path *path, u32 gen)
{
	return mpio_path_change(path, MPIO_PATH_STANDBY, &gen, false,
				MPIO_ALUA_REASON);
}

bool mpio_path_protected(struct mpio_path *path)
{
	unsigned long flags;
	bool known;

	spin_lock_irqsave(&path->disk->lock, flags);
	known = path->write_protected && path->protected_gen == path->verify_gen;
	path->write_protected = true;
	/* The check of the unit that follows raises verify_gen once. */
	path->protected_gen = path->verify_gen + !known;
	spin_unlock_irqrestore(&path->disk->lock, flags);
	return known;
}

void mpio_path_set_disabled(struct mpio_path *path, bool disabled)
{
	unsigned long flags;

	spin_lock_irqsave(&path->disk->lock, flags);
	path->disabled = disabled;
	spin_unlock_irqrestore(&path->disk->lock, flags);
	mpio_path_set_state(path, MPIO_PATH_RECOVERING, disabled ?
			    "failed by the administrator" :
			    "reinstated, not verified yet");
	if (!disabled)
		mpio_session_verify(path->sess);
}

bool mpio_path_alive(const struct mpio_path *path)
{
	enum mpio_path_state state = READ_ONCE(path->state);

	return (state == MPIO_PATH_READY || state == MPIO_PATH_STANDBY) &&
	       mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN;
}

struct mpio_path *mpio_path_next_of(struct mpio_disk *disk,
				    struct mpio_path *prev)
{
	u32 after = prev ? prev->id : 0;
	const struct mpio_path_set *set;
	struct mpio_path *next = NULL;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];

		if (path->id > after && (!next || path->id < next->id) &&
		    !READ_ONCE(path->removing))
			next = path;
	}
	if (next && !kref_get_unless_zero(&next->ref))
		next = NULL;
	rcu_read_unlock();
	if (prev)
		mpio_path_put(prev);
	return next;
}

struct mpio_path *mpio_path_next(struct mpio_session *sess,
				 struct mpio_path *prev)
{
	u32 after = prev ? prev->id : 0;
	struct mpio_path *path = prev, *found = NULL;

	spin_lock_irq(&sess->lock);
	/*
	 * On from where @prev is listed, as a session may have thousands of paths; from
	 * the beginning if @prev was removed.
	 */
	if (!prev || list_empty(&prev->sess_node))
		path = list_entry(&sess->paths, struct mpio_path, sess_node);
	list_for_each_entry_continue(path, &sess->paths, sess_node) {
		if (path->id > after) {
			found = mpio_path_get(path);
			break;
		}
	}
	spin_unlock_irq(&sess->lock);
	if (prev)
		mpio_path_put(prev);
	return found;
}

struct mpio_path *mpio_path_find(u32 id)
{
	struct mpio_path *path = NULL;
	struct mpio_session *sess;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(sess, &mpio_sessions, node) {
		while ((path = mpio_path_next(sess, path)))
			if (path->id == id)
				goto out;
	}
out:
	mutex_unlock(&mpio_registry_mutex);
	return path;
}

u64 mpio_path_ios(const struct mpio_path *path)
{
	u64 ios = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		ios += READ_ONCE(per_cpu_ptr(path->stats, cpu)->ios);
	return ios;
}

void mpio_path_read_stats(const struct mpio_path *path,
			  struct mpio_path_stats *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct mpio_path_stats *s = per_cpu_ptr(path->stats, cpu);

		sum->ios += READ_ONCE(s->ios);
		sum->bytes += READ_ONCE(s->bytes);
		sum->errors += READ_ONCE(s->errors);
		sum->failovers += READ_ONCE(s->failovers);
		for (i = 0; i < MPIO_LATENCY_BUCKETS; i++)
			sum->latency[i] += READ_ONCE(s->latency[i]);
	}
}
