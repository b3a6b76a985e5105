/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device-mapper devices on a disk, moved to another disk that is the same
 * logical unit while they are in use.
 */
#ifndef _ISCSICTL_DM_MOVE_H
#define _ISCSICTL_DM_MOVE_H

#include <stdbool.h>

/*
 * Can @disk go, once what stands on it has moved? CODE_BUSY with the names of
 * those that can not: mounts, swap, processes, devices other than linear and
 * striped ones (LVM, partitions mapped by kpartx).
 */
int dm_move_check(const char *disk);

/*
 * Moves what stands on @from, and on its partitions, to @to: commands on their
 * way end first, later ones wait and then go there. *moved becomes true when
 * something may have. 0 or a code with a reason; what has moved before a
 * failure stays where it is, which is the same unit.
 */
int dm_move_disk(const char *from, const char *to, bool *moved);

#endif /* _ISCSICTL_DM_MOVE_H */
