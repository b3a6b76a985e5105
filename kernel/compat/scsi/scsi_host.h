/* SPDX-License-Identifier: GPL-2.0 */
/* Names of 7.2 for what older kernels call otherwise. */
#ifndef _MPIO_COMPAT_SCSI_HOST_H
#define _MPIO_COMPAT_SCSI_HOST_H

#include_next <scsi/scsi_host.h>

#ifdef HAVE_SCSI_QC_STATUS
typedef enum scsi_qc_status mpio_qc_status;
#else
typedef int mpio_qc_status;
#endif

#ifndef HAVE_SDEV_INIT
#define sdev_init	slave_alloc
#define sdev_destroy	slave_destroy
#endif

/* Arguments of the hook that is called once INQUIRY is known. */
#if defined(HAVE_SDEV_CONFIGURE)
#define MPIO_SDEV_CONFIGURE_ARGS \
	struct scsi_device *sdev, struct queue_limits *lim
#elif defined(HAVE_DEVICE_CONFIGURE)
#define sdev_configure	device_configure
#define MPIO_SDEV_CONFIGURE_ARGS \
	struct scsi_device *sdev, struct queue_limits *lim
#else
#define sdev_configure	slave_configure
#define MPIO_SDEV_CONFIGURE_ARGS \
	struct scsi_device *sdev
#endif

#ifndef HAVE_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action	blk_eh_timer_return
#define SCSI_EH_RESET_TIMER	BLK_EH_RESET_TIMER
#endif

#endif
