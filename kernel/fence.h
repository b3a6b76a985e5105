/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fence: a write that may still be on its way to the target over a failed
 * connection is sent again only after the old I_T nexus is known dead.
 */
#ifndef _MPIO_FENCE_H
#define _MPIO_FENCE_H

#include <linux/types.h>

struct mpio_session;
struct mpio_task;

/* Process context, once per session. */
void mpio_fence_init(struct mpio_session *sess);

/*
 * Process context. The session's connection died under @task. True: the fence
 * has taken it and will hand it to its head. False: it may go on at once.
 */
bool mpio_fence_hold(struct mpio_session *sess, struct mpio_task *task);

enum mpio_fence_late {
	MPIO_FENCE_HELD,	/* the fence has it */
	MPIO_FENCE_OVER,	/* nothing to wait for: it may go on */
	MPIO_FENCE_GONE,	/* nobody will ever know; still the caller's */
};

/*
 * Process context. The same for a task whose command was sent by other means
 * during login number @gen to portal group @tpgt, some time ago.
 */
enum mpio_fence_late mpio_fence_hold_late(struct mpio_session *sess,
					  struct mpio_task *task, u32 gen,
					  u16 tpgt);

/* Any context. Does the fence hold anything? */
bool mpio_fence_pending(struct mpio_session *sess);

/*
 * Process context (connect_work, no connection open), sleeps for answers.
 * Tries to have the old nexus ended: a login with its ISID through a living
 * portal of its portal group, or LOGICAL UNIT RESET where that is allowed.
 */
void mpio_fence_try(struct mpio_session *sess);

/* Process context. The old nexus is dead, or patience is over. */
void mpio_fence_release(struct mpio_session *sess, const char *how);

/* Process context. The target has confirmed a Logout of the old nexus. */
void mpio_fence_logged_out(struct mpio_session *sess);

/* Process context. The session has logged in again. */
void mpio_fence_reinstated(struct mpio_session *sess);

/* Process context. What is held for disks that are going away fails. */
void mpio_fence_fail_doomed(struct mpio_session *sess);

/*
 * Process context, sleeps up to FenceTimeout. The session goes away: nothing
 * is held any more when this returns.
 */
void mpio_fence_exit(struct mpio_session *sess, bool logged_out);

#endif
