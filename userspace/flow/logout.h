/* SPDX-License-Identifier: GPL-2.0 */
/* Ending one session, with regard for who uses its disks. */
#ifndef _ISCSICTL_LOGOUT_H
#define _ISCSICTL_LOGOUT_H

#include "module/model.h"

/* Between two looks at a disk that udev holds, and how many of them. */
#define LOGOUT_PAUSE_NS		50000000
#define LOGOUT_TRIES		300

/*
 * Why @disk cannot lose its last path; returns CODE_BUSY. *passing: held by
 * nobody but udev, or somebody who is gone already.
 */
int logout_busy(const char *disk, bool *passing);

/*
 * The same for nodes other than a block device, which the kernel does not count:
 * 0 when none of @disk is open. Walks over all processes.
 */
int logout_check_nodes(const struct disk *disk, bool *passing);

/*
 * Removes session @id; @session is what is known of it or NULL. Waits for
 * udev to let go of a disk. 0, or a code with a reason.
 */
int logout_session(const struct session *session, uint32_t id, bool force);

#endif /* _ISCSICTL_LOGOUT_H */
