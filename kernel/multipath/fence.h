/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fence: a write that may still be on its way to the medium over a failed
 * connection is sent again only when it cannot be executed any more. See
 * fence.c.
 */
#ifndef _MPIO_FENCE_H
#define _MPIO_FENCE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "conn/task.h"

struct mpio_fence_target;
struct mpio_disk;
struct mpio_inquiry;
struct mpio_path;
struct mpio_session;

/*
 * Of a disk: its held writes and its ghosts, and the reset that ends what the LU
 * has of them.
 */
struct mpio_fence {
	struct list_head held;		/* tasks; disk->lock */
	struct list_head ghosts;	/* of paths; disk->lock */
	struct delayed_work work;	/* mpio_recover_wq */
	/* What is known of who serves the LU; WRITE_ONCE */
	const struct mpio_fence_target *target;
	struct mpio_task reset;		/* of the work, or of a connection */
	bool answered;			/* and of the work again; release */
	/* Work only: */
	struct mpio_path *path;		/* that it is on, referenced, or NULL */
	unsigned int slot;		/* taken in path->sess */
	unsigned long asked;		/* jiffies */
	u32 verify_gen;			/* of the path then */
	unsigned long again;		/* jiffies | 1, not before; or 0 */
	u32 backoff_ms;
	u32 last_path;			/* id */
};

/* Process context, once for each disk: before anything else is done with it. */
void mpio_fence_init(struct mpio_disk *disk);

/* Process context. What INQUIRY says of the target behind the disk. */
void mpio_fence_learn(struct mpio_disk *disk,
		      const struct mpio_inquiry *inquiry);

/*
 * Process context, takes mpio_sessions_lock. Called before the first
 * mpio_fence_hold() of a lost connection: sets sess->fence_sibling if there is
 * another session through whose portal the nexus can be ended.
 */
void mpio_fence_begin(struct mpio_session *sess);

/*
 * Process context, takes disk->lock. The session's connection died under @task,
 * which was sent and has left @path; the caller has a reference to @path. True: the
 * fence has taken the task and the reference, and will hand the task to its disk.
 * False: the task may be sent again at once.
 */
bool mpio_fence_hold(struct mpio_session *sess, struct mpio_path *path,
		     struct mpio_task *task);

/*
 * Any context, takes disk->lock. @task was sent over @path and was to be aborted,
 * and the target says that it has no such task. True: a LOGICAL UNIT RESET that
 * has not ended, ours or another initiator's, may have taken the task along, so the
 * fence holds it. False: the task is over.
 */
bool mpio_fence_hold_unknown(struct mpio_path *path, struct mpio_task *task);

/*
 * Process context, takes sess->lock, then disk->lock. As mpio_fence_hold() for a
 * PERSISTENT RESERVE OUT, which reserve.work has sent in a task of its own during
 * login number @gen to portal group @tpgt.
 */
bool mpio_fence_hold_late(struct mpio_session *sess, struct mpio_task *task,
			  u32 gen, u16 tpgt);

/* What waits for the fence of a disk, and why. */
struct mpio_fence_tally {
	u32 held;			/* writes */
	u32 ghosts;			/* paths that have them */
	const struct mpio_path *first;	/* of these, or NULL */
};

/* Any context, disk->lock held, for as long as @tally is looked at. */
void mpio_fence_count(const struct mpio_disk *disk,
		      struct mpio_fence_tally *tally);

/* Any context, takes no lock. Does the fence hold writes of this session? */
bool mpio_fence_pending(struct mpio_session *sess);

/*
 * Process context, no locks held. Does the fence hold a write of this session whose
 * nexus no login has ended yet? Then connect_work logs in without back-off.
 */
bool mpio_fence_urgent(struct mpio_session *sess);

/*
 * Process context (connect_work, no connection open), sleeps for answers.
 * Tries to have the old nexus ended by a login with its ISID through a living
 * portal of its portal group.
 */
void mpio_fence_try(struct mpio_session *sess);

/*
 * Process context (connect_work), no locks held. The last login is over, and the
 * flags of held writes say what it has ended: clears sess->login_out and has the
 * disks look at their held writes again.
 */
void mpio_fence_login_over(struct mpio_session *sess);

/*
 * Process context (connect_work), no locks held. The session has logged in again,
 * which ends the nexus of its held writes.
 */
void mpio_fence_reinstated(struct mpio_session *sess);

/*
 * Any context, takes disk->lock. Something has changed that held writes wait for:
 * a path, a setting, the time that an issuer or the disk has patience for. It is
 * in held.c because disk.c calls it: fence.c calls disk.c, and calls go in no circle.
 */
void mpio_fence_kick(struct mpio_disk *disk);

/*
 * Process context (mpio_session_stop()), no locks held; sleeps up to some seconds,
 * in which sibling logins are tried. The session goes away. Writes that are held of
 * it stay with their disks; no new ones come.
 */
void mpio_fence_exit(struct mpio_session *sess);

#endif
