/* SPDX-License-Identifier: GPL-2.0 */
/* The registration of a disk, given to the nexus of each path before it is used. */
#ifndef _MPIO_RESTORE_H
#define _MPIO_RESTORE_H

#include <linux/types.h>

struct mpio_path;
struct mpio_probe;

/*
 * Process context, sleeps for answers. Gives the nexus of a path, just seen to
 * lead to the right LU, the registration of its disk. 0: it has it, or needs
 * none; -ENOTCONN; -EAGAIN: later; other -errno: the target refuses.
 */
int mpio_registration_restore(struct mpio_path *path,
			      struct mpio_probe *probe);

/*
 * Process context. The target has refused to restore it, and the time for the
 * next try has not come, nor has anything changed.
 */
bool mpio_registration_rests(const struct mpio_path *path);

#endif
