/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Logical units: what a session shows, how that becomes paths, disks and SCSI
 * devices, and how it goes away again.
 */
#ifndef _MPIO_SCAN_H
#define _MPIO_SCAN_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct mpio_session;

/* sess->scan_work */
void mpio_scan_work(struct work_struct *work);

/*
 * Process context, may sleep for I/O. Looks for one LUN only, if the session is
 * logged in; a disk that was deleted by hand comes back.
 */
void mpio_scan_lun(struct mpio_session *sess, u64 lun);

/* Process context. Is a disk in use whose last path this session is? */
bool mpio_scan_session_busy(struct mpio_session *sess);

/* Process context. I/O to disks only this session serves no longer waits. */
void mpio_scan_kill_disks(struct mpio_session *sess);

/* Process context, may sleep for I/O. Disks that only this session serves. */
void mpio_scan_remove_disks(struct mpio_session *sess);

/* Process context. The session is stopped: its paths go. */
void mpio_scan_remove_paths(struct mpio_session *sess);

#endif
