/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes of our SCSI devices and hosts. */
#ifndef _MPIO_SYSFS_H
#define _MPIO_SYSFS_H

struct attribute_group;

/* NULL terminated, for scsi_host_template.sdev_groups and .shost_groups. */
extern const struct attribute_group *mpio_sdev_groups[];
extern const struct attribute_group *mpio_shost_groups[];

#endif
