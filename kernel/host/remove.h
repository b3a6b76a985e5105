/* SPDX-License-Identifier: GPL-2.0 */
/* How sessions go, and disks and paths with them. */
#ifndef _MPIO_REMOVE_H
#define _MPIO_REMOVE_H

#include <linux/types.h>

struct mpio_session;

/*
 * Process context, may sleep up to TmfTimeout. Takes the session down; its
 * paths go, and disks whose last path it was. Without @force refuses with
 * -EBUSY when such a disk is in use, and changes nothing. -ENODEV: somebody
 * else is deleting it.
 */
int mpio_session_del(struct mpio_session *sess, bool force, const char **why);

#endif
