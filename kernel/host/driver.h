/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of a device's driver (sd): to take a new device, and to look at its size
 * again. The driver reads from the disk for that, and waits as long as the disk has no
 * path or its unit is stuck. So calls are made in works of mpio_driver_wq; a scan
 * waits for them for a while at most, with no lock held that another path or disk
 * needs.
 */
#ifndef _MPIO_DRIVER_H
#define _MPIO_DRIVER_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_driver_call;
struct mpio_session;
struct scsi_device;

/* Process context, may sleep. To be run or freed; or NULL. */
struct mpio_driver_call *mpio_driver_call_alloc(struct mpio_disk *disk);
void mpio_driver_call_free(struct mpio_driver_call *call);

/*
 * Process context. A driver is looked for, links get their names, and an event
 * tells of the disk. @sdev is that of the disk, referenced. Takes over @call.
 */
void mpio_driver_attach(struct mpio_driver_call *call,
			struct scsi_device *sdev);

/*
 * Process context, takes host->mutex. The unit has that many bytes: if the disk shows
 * another number, its driver looks again.
 */
void mpio_driver_follow(struct mpio_disk *disk, u64 size);

/*
 * Process context, sleeps; ->scanning held. Until drivers are through with the
 * disks of the session, or have had MPIO_DRIVER_MS for it.
 */
void mpio_driver_wait(struct mpio_session *sess);

#endif
