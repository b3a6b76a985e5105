/* SPDX-License-Identifier: GPL-2.0 */
/* LOGICAL UNIT RESET, RFC 7143 11.5. */
#ifndef _MPIO_RESET_H
#define _MPIO_RESET_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_task;

/*
 * Process context, sleeps for the answer, up to TmfTimeout; takes reset_mutex,
 * sock_mutex, then sess->lock. LOGICAL UNIT RESET through a path. 0, or -errno when the
 * target did not do it.
 */
int mpio_tmf_reset_lu(struct mpio_path *path);

/*
 * Any context, takes no lock. The fence is about to reset the LU: unit attentions
 * that tell of the reset on any path are kept from issuers of commands. Due
 * afterwards: mpio_tmf_reset_over().
 */
void mpio_tmf_lu_is_reset(struct mpio_disk *disk);

/* How a reset ended, as far as we know. */
enum mpio_reset_end {
	MPIO_RESET_DONE,	/* answered: what it took along is over */
	MPIO_RESET_UNSURE,	/* answered, by what may be another LU by now */
	MPIO_RESET_REFUSED,	/* by the target, or it was not sent */
	MPIO_RESET_LOST,	/* not answered: it may be carried out any time */
};

/*
 * Any context, takes no lock. The reset that was sent through @path at @asked
 * (jiffies), or could not be sent, is over. If it was done, or may have been, each
 * session of the disk looks for commands that it has taken along, and aborts them.
 */
void mpio_tmf_reset_over(struct mpio_path *path, enum mpio_reset_end end,
			 unsigned long asked);

/*
 * Any context. May a reset be at work in the target? Commands that it has taken along
 * may still run in the backend while the target answers ABORT TASK for them that
 * there is no such task: LIO does so (core_tmr_drain_state_list()).
 */
bool mpio_tmf_is_unfinished(const struct mpio_disk *disk);

/*
 * Any context. Is a reset why the target has no such task as @task, which was sent
 * over @path? One has ended since: ours, which was answered, or another initiator's,
 * of which a unit attention has told. If none has, one may be at work.
 */
bool mpio_tmf_is_why(const struct mpio_path *path,
		     const struct mpio_task *task);

/* Any context. May the last reset of the task's LU have taken the task along? */
bool mpio_tmf_was_reset(const struct mpio_task *task);
/* Any context. The same, or may a reset do so that is on its way? */
bool mpio_tmf_may_be_reset(const struct mpio_task *task);

#endif
