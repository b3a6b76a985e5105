/* SPDX-License-Identifier: GPL-2.0 */
/* Commands that leave their path, wait for one, or end without an answer. */
#ifndef _MPIO_PARK_H
#define _MPIO_PARK_H

struct mpio_task;

/*
 * Any context. Gives a SCSI command back with a host byte, for want of an
 * answer from a target.
 */
void mpio_task_fail(struct mpio_task *task, int host_byte);

/*
 * Any context. Gives a SCSI command back that has nothing left to do: somebody
 * has taken its bios.
 */
void mpio_task_empty(struct mpio_task *task);

/* Any context, owner. From here until mpio_task_unpark() it waits. */
void mpio_task_park(struct mpio_task *task);

/*
 * Any context, owner. The midlayer limits the time a command may be repeated:
 * the time it had no path to run on does not count.
 */
void mpio_task_unpark(struct mpio_task *task);

/* Any context. The path the task was on loses it. */
void mpio_task_put_path(struct mpio_task *task);

#endif
