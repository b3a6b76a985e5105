/* SPDX-License-Identifier: GPL-2.0 */
/* LOGICAL UNIT RESET, RFC 7143 11.5. */
#ifndef _MPIO_RESET_H
#define _MPIO_RESET_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_task;

/*
 * Process context, may sleep up to TmfTimeout. LOGICAL UNIT RESET through a
 * path. 0, or -errno when the target did not do it.
 */
int mpio_tmf_reset_lu(struct mpio_path *path);

/*
 * Any context. The LU is about to be reset without anybody having asked for it:
 * what it says of that on any path is no news.
 */
void mpio_tmf_lu_is_reset(struct mpio_disk *disk);

/*
 * Any context. The LU has answered that it was reset: what was under way to it
 * through any session is over, and repeated where it may be.
 */
void mpio_tmf_lu_was_reset(struct mpio_disk *disk);

/* Any context. May the last reset of its LU have taken the command along? */
bool mpio_tmf_was_reset(const struct mpio_task *task);
/* Any context. The same, or one that is on its way. */
bool mpio_tmf_may_be_reset(const struct mpio_task *task);

#endif
