/* SPDX-License-Identifier: GPL-2.0 */
/* How sessions are attached to hosts and detached; see multipath/host.h. */
#ifndef _MPIO_ATTACH_H
#define _MPIO_ATTACH_H

struct mpio_host;
struct mpio_disk;
struct mpio_session;

/*
 * Process context, may sleep, registry mutex held. Attaches the session to the host
 * of its target name, else in a new one. 0, -ENOMEM, or what scsi_add_host() says.
 */
int mpio_host_attach(struct mpio_session *sess);

/*
 * Process context, may sleep; takes the registry mutex, then host->mutex. The session's
 * paths are gone already. Removes the host if that was its last session or disk.
 */
void mpio_host_detach(struct mpio_session *sess);

/*
 * Process context, may sleep; takes the registry mutex, mpio_identity_mutex,
 * host->mutex, then disk->lock. The disk, which has no device any more, is not found
 * from now on. If it was the last of a host
 * without sessions, that is returned for mpio_host_remove(); else NULL.
 */
struct mpio_host *mpio_host_remove_disk(struct mpio_disk *disk);

/*
 * Process context, may sleep; no locks held, as it waits for those who use files
 * of the host. @host: of the above, whose reference it takes, or NULL.
 */
void mpio_host_remove(struct mpio_host *host);
/* Any context. The same, soon: for scans, which may run in a file of a host. */
void mpio_host_remove_later(struct mpio_host *host);

#endif
