/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nexus of a disk that holds its reservation, where not every nexus may do
 * what the holder may. See holder.c.
 */
#ifndef _MPIO_HOLDER_H
#define _MPIO_HOLDER_H

#include <linux/types.h>

#include "lu/registration.h"

struct mpio_disk;
struct mpio_path;
struct mpio_probe;
struct mpio_task;

#define MPIO_HOLDER_SOMEBODY	U32_MAX	/* one of our paths holds it */

/*
 * Any context, under rcu_read_lock(), while reserve.pin is set. Where a command
 * goes that selection has sent to @path (or NULL). NULL: nowhere now.
 */
struct mpio_path *mpio_holder_route(struct mpio_disk *disk,
				    const struct mpio_task *task,
				    struct mpio_path *path);

/*
 * Process context. The path was told RESERVATION CONFLICT. True: by the holder's
 * path, which is taken from now on, the command may be done.
 */
bool mpio_holder_conflict(struct mpio_path *path);

/* disk->lock held. A second path comes: what a RESERVE(6) holds is the first's. */
void mpio_holder_pin_legacy(struct mpio_disk *disk);

/* -------------------------- process context, with reserve.mutex held */

/* Path number @id (0: none) holds a reservation of this scope and type. */
void mpio_holder_set(struct mpio_disk *disk, u32 id, u8 scope_type);

/*
 * Sleeps for answers. A path that is registered is about to carry I/O: takes the
 * reservation over if its holder cannot. 0; -ENOTCONN; -EAGAIN: not yet; other
 * -errno: the target refuses.
 */
int mpio_holder_settle(struct mpio_path *path, struct mpio_probe *probe);

/*
 * Sleeps for the answer. Makes the reservation that of @path: PREEMPT of our own
 * key, which costs the other nexuses their registration.
 */
enum mpio_pr_answer mpio_holder_move(struct mpio_path *path,
				     struct mpio_probe *probe, u64 key,
				     u8 scope_type);

/* Only @path has its registration for sure. */
void mpio_holder_reverify_others(struct mpio_disk *disk, struct mpio_path *path);

/*
 * Sleeps. No new command takes another path than @path until it is registered.
 * False: old ones do not end in time.
 */
bool mpio_holder_stop_others(struct mpio_disk *disk, struct mpio_path *path);

#endif
