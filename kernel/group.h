/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A group: one Scsi_Host and the sessions that show the same logical units.
 *
 * Lifetime: kref; held by each session in it and each head. The host is
 * removed when its last session leaves.
 */
#ifndef _MPIO_GROUP_H
#define _MPIO_GROUP_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include <uapi/linux/iscsi_mpio.h>

struct Scsi_Host;
struct mpio_head;
struct mpio_lu_id;
struct mpio_session;

struct mpio_group {
	struct kref ref;
	struct list_head node;		/* mpio_groups; registry mutex */
	struct Scsi_Host *host;
	bool multipath;			/* constant: more sessions may join */
	char target_name[MPIO_NAME_MAX + 1];	/* of the first session */
	struct mutex scan_mutex;	/* devices come and go; outermost */
	struct mutex mutex;		/* heads, sessions */
	struct list_head heads;
	struct list_head sessions;	/* read under RCU, too */
	bool closed;			/* nobody joins any more */
};

extern struct list_head mpio_groups;	/* registry mutex */

/*
 * Process context, may sleep, takes the registry mutex. Puts the session in
 * the group that already shows one of @ids, else in that of its target name,
 * else in a new one. 0, -ENOMEM, or what scsi_add_host() says.
 */
int mpio_group_join(struct mpio_session *sess, const struct mpio_lu_id *ids,
		    unsigned int nids);

/* Process context, may sleep. The session's paths are gone already. */
void mpio_group_leave(struct mpio_session *sess);

void mpio_group_put(struct mpio_group *group);

/*
 * Process context, group->mutex held. The head of a LU that @target shows, not
 * referenced. Identities that are not unique by themselves count only within
 * one target.
 */
struct mpio_head *mpio_group_find_head(struct mpio_group *group,
				       const struct mpio_lu_id *id,
				       const char *target);

#endif
