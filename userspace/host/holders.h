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

/* Is @dev @disk, one of its partitions or what is stacked upon these? */
bool holders_carry(const char *disk, dev_t dev);

/*
 * Does anybody have a node open that is of a SCSI unit and no block device? One
 * walk over all processes tells that none of many units needs one of its own.
 */
bool holders_any_node(void);

/*
 * The same as holders_find() for the unit "host:channel:id:lun" and its other nodes: of a tape, a
 * changer, /dev/sgN. Their drivers tell nobody who has them open.
 */
void holders_find_nodes(const char *hctl, struct strlist *holders);

#endif /* _ISCSICTL_HOLDERS_H */
