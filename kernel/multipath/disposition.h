/* SPDX-License-Identifier: GPL-2.0 */
/* What to do with a command that did not simply succeed. */
#ifndef _MPIO_DISPOSITION_H
#define _MPIO_DISPOSITION_H

#include <linux/types.h>

struct mpio_path;
struct mpio_sense;
struct mpio_task;

enum mpio_disposition {
	MPIO_DISP_RETURN,	/* sc->result is set: give it back */
	MPIO_DISP_RETARGET,	/* another path, or the same one later */
};

/*
 * Process context. @task was answered with an error, or aborted, on @path.
 * Sets the command's result for MPIO_DISP_RETURN; takes note of what the
 * answer says about the path, the LU and the target.
 */
enum mpio_disposition mpio_decide_for(struct mpio_task *task,
				      struct mpio_path *path);

/*
 * Any context. Is what @path was told a unit attention because of a reset by us?
 * Others' resets are noted, see mpio_tmf_is_why().
 */
bool mpio_decide_own_reset(struct mpio_path *path,
			   const struct mpio_sense *sense);

#endif
