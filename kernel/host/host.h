/* SPDX-License-Identifier: GPL-2.0 */
/* The SCSI host of a group. */
#ifndef _MPIO_HOST_H
#define _MPIO_HOST_H

struct Scsi_Host;
struct mpio_group;

int mpio_host_init(void);
/* Process context, may sleep; no session is left. Waits until no host is, either. */
void mpio_host_drain(void);
void mpio_host_exit(void);

/* Process context, may sleep. NULL: no memory. */
struct Scsi_Host *mpio_host_alloc(struct mpio_group *group);
/* Process context, may sleep. 0 or -errno. */
int mpio_host_add(struct Scsi_Host *host);

#endif
