/* SPDX-License-Identifier: GPL-2.0 */
/* Names of block devices. */
#ifndef _ISCSICTL_DISK_H
#define _ISCSICTL_DISK_H

#include <stddef.h>

/* "sda" of "/dev/sda" or "sda". */
const char *disk_name(const char *disk);
/* The disk @name, a link or a partition leads to; @disk gets its name. */
void disk_whole(const char *name, char *disk, size_t size);

#endif /* _ISCSICTL_DISK_H */
