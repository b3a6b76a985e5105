/* SPDX-License-Identifier: GPL-2.0 */
/* The Scsi_Host of a struct mpio_host. */
#ifndef _MPIO_SHOST_H
#define _MPIO_SHOST_H

struct Scsi_Host;
struct mpio_host;

int mpio_shost_init(void);
/* Process context, may sleep; no session is left. Waits until no host is, either. */
void mpio_shost_drain(void);
void mpio_shost_exit(void);

/* Process context, may sleep. NULL: no memory. */
struct Scsi_Host *mpio_shost_alloc(struct mpio_host *host);
/* Process context, may sleep. 0, or -errno and it is as after the next one. */
int mpio_shost_add(struct mpio_host *host);
/* Process context, may sleep; once. No disk has a device of it any more. */
void mpio_shost_remove(struct mpio_host *host);

#endif
