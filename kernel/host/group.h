/* SPDX-License-Identifier: GPL-2.0 */
/* How sessions join groups and leave them; see multipath/group.h. */
#ifndef _MPIO_GROUP_H
#define _MPIO_GROUP_H

struct mpio_group;
struct mpio_disk;
struct mpio_session;

/*
 * Process context, may sleep, registry mutex held. Puts the session in the group
 * of its target name, else in a new one. 0, -ENOMEM, or what scsi_add_host() says.
 */
int mpio_group_join(struct mpio_session *sess);

/* Process context, may sleep. The session's paths are gone already. */
void mpio_group_leave(struct mpio_session *sess);

/*
 * Process context, may sleep; takes the registry mutex. The disk, which has no
 * device any more, is not found from now on. If it was the last of a group
 * without sessions, that is returned for mpio_group_remove_host(); else NULL.
 */
struct mpio_group *mpio_group_remove_disk(struct mpio_disk *disk);

/*
 * Process context, may sleep; no locks held, as it waits for those who use files
 * of the host. @group: of the above, whose reference it takes, or NULL.
 */
void mpio_group_remove_host(struct mpio_group *group);
/* Any context. The same, soon: for scans, which may run in a file of a host. */
void mpio_group_remove_host_later(struct mpio_group *group);

#endif
