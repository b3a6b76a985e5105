/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a command. */
#ifndef _MPIO_FINISH_H
#define _MPIO_FINISH_H

struct mpio_task_ops;

/*
 * Done: gives the command back to the midlayer, or retargets it when the error
 * table says so. Lost: resubmits it, now or once the old nexus is fenced, or
 * gives it back if it may have run and must not run twice.
 */
extern const struct mpio_task_ops mpio_command_ops;

#endif
