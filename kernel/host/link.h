/* SPDX-License-Identifier: GPL-2.0 */
/* What a session reaches: links in sysfs to disks that it shares. See link.c. */
#ifndef _MPIO_HOST_LINK_H
#define _MPIO_HOST_LINK_H

struct mpio_disk;
struct mpio_path;

/*
 * Process context, may sleep, host->mutex of the disk held. A link below the
 * path's session to the device of its disk, if there is one.
 */
void mpio_link_path(struct mpio_path *path);
void mpio_unlink_path(struct mpio_path *path);
/* The same, of all paths of a disk. */
void mpio_link_disk(struct mpio_disk *disk);
void mpio_unlink_disk(struct mpio_disk *disk);

#endif
