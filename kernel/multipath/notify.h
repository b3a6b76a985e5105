/* SPDX-License-Identifier: GPL-2.0 */
/* Events about paths and disks. */
#ifndef _MPIO_MULTIPATH_NOTIFY_H
#define _MPIO_MULTIPATH_NOTIFY_H

#include <uapi/linux/iscsi_mpio.h>

struct mpio_disk;
struct mpio_path;
struct sk_buff;

/* Any context, locks allowed. */
void mpio_notify_path(struct mpio_path *path, enum mpio_event event);
void mpio_notify_disk(struct mpio_disk *disk, enum mpio_event event);

/* Any context. -EMSGSIZE when there is no room; nothing without a clash. */
int mpio_fill_clash(struct sk_buff *skb, const struct mpio_disk *disk);

#endif
