/* SPDX-License-Identifier: GPL-2.0 */
/* What to do with a command that did not simply succeed. */
#ifndef _MPIO_ACTION_H
#define _MPIO_ACTION_H

struct mpio_path;
struct mpio_task;

enum mpio_action {
	MPIO_ACTION_RETURN,	/* sc->result is set: give it back */
	MPIO_ACTION_RETARGET,	/* another path, or the same one later */
};

/*
 * Process context. @task was answered with an error, or aborted, on @path.
 * Sets the command's result for MPIO_ACTION_RETURN; takes note of what the
 * answer says about the path, the LU and the target.
 */
enum mpio_action mpio_action_for(struct mpio_task *task,
				 struct mpio_path *path);

#endif
