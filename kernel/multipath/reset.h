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
 * what it says of that on any path is no news. mpio_tmf_reset_over() ends it.
 */
void mpio_tmf_lu_is_reset(struct mpio_disk *disk);

/* How a reset ended, as far as we know. */
enum mpio_reset_end {
	MPIO_RESET_DONE,	/* answered: what it took along is over */
	MPIO_RESET_REFUSED,	/* so it was, or it was not sent */
	MPIO_RESET_LOST,	/* not answered: it may be carried out any time */
};

/*
 * Any context. The reset that was sent through @path at @asked (jiffies), or was to
 * be, is over. What it took along through any session is looked for if it was done.
 */
void mpio_tmf_reset_over(struct mpio_path *path, enum mpio_reset_end end,
			 unsigned long asked);

/*
 * Any context. May a reset be at work in the target? It may have taken commands
 * along that are at work in the backend still, while ABORT TASK is answered that
 * there is no such task: LIO does so (core_tmr_drain_state_list()).
 */
bool mpio_tmf_is_unfinished(const struct mpio_disk *disk);

/* Any context. May the last reset of its LU have taken the command along? */
bool mpio_tmf_was_reset(const struct mpio_task *task);
/* Any context. The same, or one that is on its way. */
bool mpio_tmf_may_be_reset(const struct mpio_task *task);

#endif
