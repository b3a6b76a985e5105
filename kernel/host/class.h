/* SPDX-License-Identifier: GPL-2.0 */
/* Hosts in the SCSI transport class of iSCSI. */
#ifndef _MPIO_HOST_CLASS_H
#define _MPIO_HOST_CLASS_H

/* Process context, before the first host and after the last. 0 or -ENOMEM. */
int mpio_class_init(void);
void mpio_class_exit(void);

#endif
