/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readiness: does a logical unit, asked through a path, say that it is ready?
 *
 * A path that leads to the right unit carries I/O only while TEST UNIT READY
 * succeeds there. The passive port of an array without ALUA says so, and one
 * whose backend has gone. It stands by meanwhile, and is asked again each
 * PathVerifyPeriod by one command.
 *
 * A unit that no path finds ready has no path. After NoPathTimeout its disk is
 * admitted to the paths that stand by: what the unit says goes up then, word for
 * word. One that has no medium, or no disk yet, is admitted at once: its driver
 * knows what to do about that.
 */
#ifndef _MPIO_READY_H
#define _MPIO_READY_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_lu;
struct mpio_path;
struct mpio_probe;
struct mpio_session;

/*
 * Process context, sleeps for the answer. TEST UNIT READY; what it says of
 * probe->lu. 0, or -errno: -ENOTCONN, -ETIMEDOUT, -EBUSY when the unit does not
 * get to it.
 */
int mpio_ready_ask(struct mpio_session *sess, struct mpio_probe *probe,
		   u64 lun);

/*
 * Process context. What @lu says through @path, of a disk. True: it is not ready,
 * and the path has to stand by.
 */
bool mpio_ready_check(struct mpio_path *path, const struct mpio_lu *lu);

/* Process context. @path is ready: nobody else is admitted without being so. */
void mpio_ready_served(struct mpio_path *path);

/*
 * Process context, verify_work; sleeps for the answer. Asks a path that stands by
 * the one question that tells whether it still has to. True: it has.
 */
bool mpio_ready_same(struct mpio_path *path, struct mpio_probe *probe);

/*
 * Process context. NoPathTimeout is over: commands may take paths on which the
 * unit is not ready. False: there are none.
 */
bool mpio_ready_admit(struct mpio_disk *disk);

/* Any context, process or under RCU. Has verify_work a reason to look at it? */
bool mpio_ready_due(const struct mpio_path *path);
/*
 * Any context. When verify_work has to run next for the sake of a path of the
 * session, if @next (jiffies) is not earlier.
 */
unsigned long mpio_ready_next(struct mpio_session *sess, unsigned long next);

/* Any context. A path was lost: those that stand by are asked at once. */
void mpio_ready_path_lost(struct mpio_disk *disk);

#endif
