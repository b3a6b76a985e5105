/* SPDX-License-Identifier: GPL-2.0 */
/* Commands that leave their path, wait for one, or end without an answer. */
#ifndef _MPIO_PARK_H
#define _MPIO_PARK_H

struct mpio_task;

/*
 * Any context, no spinlock of ours held (scsi_done() may submit the next command).
 * Gives a SCSI command back with a host byte, for want of an answer of a target.
 */
void mpio_task_fail(struct mpio_task *task, int host_byte);

/*
 * The same contexts. Gives a SCSI command back as done that has nothing left to do:
 * its bios have been put on the shelf.
 */
void mpio_task_empty(struct mpio_task *task);

/* Any context, by the task's owner. The task waits until mpio_task_unpark(). */
void mpio_task_park(struct mpio_task *task);

/*
 * Any context, by the task's owner. The time for which the task was parked does not
 * count for the midlayer's limit on repeating its command.
 */
void mpio_task_unpark(struct mpio_task *task);

/* Any context, under any lock. The task leaves its path: path->inflight counts down. */
void mpio_task_put_path(struct mpio_task *task);

#endif
