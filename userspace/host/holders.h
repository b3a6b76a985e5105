/* SPDX-License-Identifier: GPL-2.0 */
/* Who uses a disk: for the sentence that refuses to take it away. */
#ifndef _ISCSICTL_HOLDERS_H
#define _ISCSICTL_HOLDERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strlist.h"

/* Adds "/mnt (mounted sda1)", "swap on sda2", "dm-0 (holds sda)", ... */
void holders_find(const char *disk, struct strlist *holders);

/* Is @dev the disk, a partition of it, or a device stacked upon either? */
bool holders_carry(const char *disk, dev_t dev);

/*
 * Has any process a node of a SCSI unit open that is no block device? If not, one walk
 * over the processes is enough for many units: no unit needs holders_find() then.
 */
bool holders_any_node(void);

/*
 * The same as holders_find() for the unit "host:channel:id:lun" and its other nodes: of a tape, a
 * changer, /dev/sgN. Their drivers tell nobody who has them open.
 */
void holders_find_nodes(const char *hctl, struct strlist *holders);

#endif /* _ISCSICTL_HOLDERS_H */
