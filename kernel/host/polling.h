/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues for polled I/O: who waits for a command (io_uring with IOPOLL) looks
 * for its answer itself, and no interrupt or work item needs to come between.
 * There are none unless the module's parameter poll_queues asks for them.
 */
#ifndef _MPIO_POLLING_H
#define _MPIO_POLLING_H

struct Scsi_Host;

/* Process context, before scsi_add_host(). How many queues, of which kinds. */
void mpio_poll_setup(struct Scsi_Host *shost);

/* Process context; the midlayer's hooks of these names. */
void mpio_map_queues(struct Scsi_Host *shost);
/*
 * A command is waited for in hardware queue @queue, whose device stays while it
 * is. How many were answered, on any connection of the host.
 */
int mpio_mq_poll(struct Scsi_Host *shost, unsigned int queue);

#endif
