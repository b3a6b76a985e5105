/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does another nexus of ours vouch for a registration? See vouch.c.
 */
#ifndef _MPIO_VOUCH_H
#define _MPIO_VOUCH_H

#include <linux/types.h>

struct mpio_path;
struct mpio_probe;

/*
 * Process context, reserve.mutex held, sleeps for answers through @path. Is a
 * nexus of its disk certainly registered with the disk's key?
 * @self: that of @path certainly has the key, too. 1: yes; 0: none is;
 * -ENOTCONN; -EAGAIN: that cannot be told now; other -errno: the target refuses
 * to say.
 */
int mpio_vouch(struct mpio_path *path, struct mpio_probe *probe, bool self);

/*
 * The same contexts. Does another host use the disk's key, too? 1: yes; 0: no, or
 * the target does not tell; -errno: as above.
 */
int mpio_vouch_shared(struct mpio_path *path, struct mpio_probe *probe);

#endif
