/* SPDX-License-Identifier: GPL-2.0 */
/* What udev makes of our disks, for those who mount as soon as we return. */
#ifndef _ISCSICTL_LINKS_H
#define _ISCSICTL_LINKS_H

#include <signal.h>

#include "base/error.h"
#include "base/strlist.h"

/*
 * Waits until udev has made the link in /dev/disk/by-path for each path of each
 * disk in @names ("sda") and for their partitions, a few seconds at most; what
 * is late then is told. Returns at once where udev or its rule for our disks is
 * not there, and when @stop is not 0.
 */
void links_wait(const struct strlist *names, const volatile sig_atomic_t *stop);

#endif /* _ISCSICTL_LINKS_H */
