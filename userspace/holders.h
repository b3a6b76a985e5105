/* SPDX-License-Identifier: GPL-2.0 */
/* Who uses a disk: for the sentence that refuses to take it away. */
#ifndef _ISCSICTL_HOLDERS_H
#define _ISCSICTL_HOLDERS_H

#include "error.h"

/* Adds "/mnt (mounted sda1)", "swap on sda2", "dm-0 (holds sda)", ... */
void holders_find(const char *disk, struct strlist *holders);

/*
 * Adds mount points of /etc/fstab that are on @disk, or on what is stacked upon
 * it, and lack _netdev, though they are mounted at every start.
 */
void mounts_local(const char *disk, struct strlist *points);

#endif /* _ISCSICTL_HOLDERS_H */
