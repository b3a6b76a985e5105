/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path: one way (session, LUN) to a logical unit (disk).
 *
 * Lifetime: kref; the session's list and the disk's set hold one each, a task
 * on a connection is counted in ->inflight, and mpio_path_del() waits for
 * those. Memory goes after a grace period, as selection reads under RCU.
 */
#ifndef _MPIO_PATH_H
#define _MPIO_PATH_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

#include <uapi/linux/iscsi_mpio.h>

#include "multipath/ghost.h"
#include "multipath/unit.h"

struct mpio_disk;
struct mpio_session;

struct mpio_path_stats {
	u64 ios, bytes, errors, failovers;
	u64 latency[MPIO_LATENCY_BUCKETS];	/* as MPIO_PA_LATENCY_COUNTS */
};

/* See marginal.h; written under disk->lock but for seen_ios. */
struct mpio_marginal {
	bool fault;			/* rests as it does not serve; READ_ONCE */
	const char *rest_why;		/* NULL: does not rest; READ_ONCE */
	unsigned long rest_until;	/* jiffies */
	unsigned long lost_at;		/* jiffies */
	u64 seen_ios;			/* when last compared; MPIO_DISK_COMPARES */
	u32 rests;			/* that came one after the other */
	u8 losses, outlier_looks;
	unsigned long error_at;		/* jiffies */
	u32 errors;			/* by weight */
};

struct mpio_path {
	struct kref ref;
	struct rcu_head rcu;
	u32 id;
	struct mpio_disk *disk;		/* holds a reference */
	struct mpio_session *sess;	/* holds a reference */
	u64 lun;
	u8 lun_wire[8];
	char key[MPIO_PATH_KEY_MAX + 1];
	struct list_head sess_node;	/* sess->paths; sess->lock */

	/* written under disk->lock, read anywhere */
	enum mpio_path_state state;
	u8 alua_state;			/* enum mpio_alua_state */
	bool alua_pref;
	u8 tpgs;			/* whose business ALUA is: INQUIRY byte 5 */
	struct mpio_unready unready;
	bool disabled;			/* by the administrator */
	bool preferred;
	u16 tpg;
	u32 weight;
	int cpu;			/* -1: not bound to one; WRITE_ONCE */
	u32 verify_gen;			/* a verdict with an older one is void */
	unsigned long verified;		/* jiffies of the last good verdict */
	bool slow;			/* answers nothing soon: verify_work */
	unsigned long looked;		/* jiffies, by verify_work; WRITE_ONCE */
	u32 looked_gen;		/* ->verify_gen then; verify_work */
	bool look_now;			/* out of turn; WRITE_ONCE */
	bool write_protected;		/* said so, with this verify_gen: */
	u32 protected_gen;		/* both disk->lock */
	char reason[64];
	bool removing;		/* mpio_path_del() waits for inflight */
	bool reset_notice;		/* of a reset by us may come; WRITE_ONCE */
	ktime_t was_reset;		/* others' last, when told; WRITE_ONCE */
	bool no_reset;			/* is known here; see fence.c */
	bool linked;			/* see host/link.c; host->mutex */
	bool stale;			/* leads to its disk no more: see host/scan.c;
					 * false under disk->lock only
					 */
	bool ask;			/* ready or not: verify_work looks at it */
	unsigned long answered;		/* jiffies: begin of the last good probe */
	u64 size_seen;			/* by that; 0 unknown */
	unsigned long size_since;	/* jiffies: not the disk's; or 0 */
	unsigned long size_asked;	/* jiffies: of others, because of that */
	struct mpio_marginal marginal;
	struct mpio_registration registration;
	struct mpio_ghost ghost;

	atomic_t inflight;
	atomic_t queued_blocks;		/* 512 byte units, for LB */
	u32 latency_us;			/* moving average, WRITE_ONCE */
	struct mpio_path_stats __percpu *stats;
};

/*
 * Process context, may sleep; takes sess->lock. Returns a path with one reference,
 * or NULL.
 */
struct mpio_path *mpio_path_alloc(struct mpio_session *sess,
				  struct mpio_disk *disk, u64 lun);
/*
 * Process context, may sleep, but not in io_work: the last reference takes that to
 * the session along, and mpio_session_put() waits for io_work.
 */
void mpio_path_put(struct mpio_path *path);

static inline struct mpio_path *mpio_path_get(struct mpio_path *path)
{
	kref_get(&path->ref);
	return path;
}

/*
 * Process context, host->mutex held. Puts the path in its session's list and
 * its disk's set; 0 or -ENOMEM. Takes references of its own.
 */
int mpio_path_add(struct mpio_path *path);

/*
 * Any context, takes disk->lock, then sess->lock. The path goes: no new command takes
 * it from now on.
 */
void mpio_path_stop(struct mpio_path *path);

/*
 * Any context, takes no lock. Has mpio_path_del() taken the path off its session's
 * list? mpio_path_del() calls mpio_disk_update() later, which kicks the fence: so
 * held writes are looked at again with this known.
 */
static inline bool mpio_path_removed(const struct mpio_path *path)
{
	return list_empty(&path->sess_node);
}

/*
 * Process context, may sleep; no locks held but disk->scan_mutex. The reverse of
 * mpio_path_add(): no new command takes the path, and those on it have come back when
 * this returns.
 */
void mpio_path_del(struct mpio_path *path);

/*
 * Any context, takes disk->lock, then sess->lock; neither may be held. Changes the
 * state (a DISABLED path stays so until reinstated), tells listeners and wakes the
 * disk. FENCED voids what a verification or a scan that began before is about to
 * find.
 */
void mpio_path_set_state(struct mpio_path *path, enum mpio_path_state state,
			 const char *reason);
/* The same with FENCED, and the path is ->stale. */
void mpio_path_set_stale(struct mpio_path *path, const char *reason);

/*
 * Any context, takes disk->lock. The target says that the path's access state is
 * @alua_state. The path's own state stays as it is.
 */
void mpio_path_set_alua(struct mpio_path *path, u8 alua_state);

/*
 * Any context, takes disk->lock, then sess->lock. The answer to REPORT TARGET PORT
 * GROUPS on another path has told this one's access state. A path that is READY or
 * STANDBY changes its state at once, others when they are verified.
 */
void mpio_path_learn_alua(struct mpio_path *path, u8 alua_state, bool pref);

/*
 * Any context, takes disk->lock, then sess->lock. A path that is READY or STANDBY
 * changes its state if its unit's readiness, or whether its disk is admitted to
 * paths that are not ready, asks for it.
 */
void mpio_path_reconsider(struct mpio_path *path);

/* Any context. What a verified path may do, by what the target says of it. */
enum mpio_path_state mpio_path_state_by_alua(u8 alua_state);

/*
 * Any context, takes disk->lock. The unit calls itself write-protected through
 * @path. True: it did so before, and was verified to be the right unit since.
 */
bool mpio_path_protected(struct mpio_path *path);

/* Any context. States in which a path is as good as any. */
static inline bool mpio_alua_is_best(u8 alua_state)
{
	return alua_state == MPIO_ALUA_NONE ||
	       alua_state == MPIO_ALUA_OPTIMIZED ||
	       alua_state == MPIO_ALUA_LBA_DEPENDENT;
}

/*
 * Any context, takes disk->lock. The path is not ->stale any more, if nothing has
 * changed since its verify_gen was @gen.
 */
void mpio_path_unset_stale(struct mpio_path *path, u32 gen);

/*
 * Any context, takes disk->lock, then sess->lock. The path carries no I/O until it
 * was verified again: RECOVERING, and path->verify_gen counts.
 */
void mpio_path_invalidate(struct mpio_path *path, const char *reason);
/* The same, and has verify_work look at the path. */
void mpio_path_reverify(struct mpio_path *path, const char *reason);

/*
 * Process context, takes disk->lock, then sess->lock. The path was looked at and
 * found fit to carry I/O, as far as its access state allows: READY or STANDBY. False
 * if path->verify_gen has changed since @gen, or if a registration has to be
 * restored first; then nothing has changed.
 */
bool mpio_path_verified(struct mpio_path *path, u32 gen);
/*
 * The same for a path that cannot carry I/O now, for its unit's readiness or its
 * access state: STANDBY, whether it is registered or not.
 */
bool mpio_path_stand_by(struct mpio_path *path, u32 gen);

/*
 * disk->lock held. Is it uncertain whether the path's nexus is registered as its
 * disk is? Then the path may not carry I/O before that is settled.
 */
bool mpio_path_unregistered(const struct mpio_path *path);

/*
 * Any context, takes disk->lock, then sess->lock. The administrator fails the path
 * (iscsictl: "path fail"; here: disabled), or reinstates it.
 */
void mpio_path_set_disabled(struct mpio_path *path, bool disabled);

/*
 * Any context, takes no lock; under rcu_read_lock() or with a reference. May a
 * command take the path: is it READY, and its session LOGGED_IN?
 */
bool mpio_path_usable(const struct mpio_path *path);

/*
 * Any context, takes no lock. Is the path READY or STANDBY, and its session
 * LOGGED_IN? Commands about registrations go over such paths.
 */
bool mpio_path_alive(const struct mpio_path *path);

/*
 * Process context, takes sess->lock; no spinlock held, as it puts. The path of @sess
 * after @prev (NULL: the first), referenced; drops the reference to @prev.
 */
struct mpio_path *mpio_path_next(struct mpio_session *sess,
				 struct mpio_path *prev);

/*
 * Process context, no spinlock held, as it puts. The path of @disk with the next
 * number after @prev (NULL: the first), referenced; drops the reference to @prev.
 * NULL: none.
 */
struct mpio_path *mpio_path_next_of(struct mpio_disk *disk,
				    struct mpio_path *prev);

/*
 * Process context, takes the registry mutex, then sess->lock. Path by number,
 * referenced, or NULL.
 */
struct mpio_path *mpio_path_find(u32 id);

/* Any context. Commands so far: the first of the counters below, alone. */
u64 mpio_path_ios(const struct mpio_path *path);

/* Any context. Sums the per-CPU counters. */
void mpio_path_read_stats(const struct mpio_path *path,
			  struct mpio_path_stats *sum);

const char *mpio_path_state_name(enum mpio_path_state state);

#endif
