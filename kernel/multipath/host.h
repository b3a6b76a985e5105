/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host: one Scsi_Host, the disks that have their devices on it, and the
 * sessions whose new ones will.
 *
 * A session is attached to one host when it is added, that of another session
 * to the same target if both are multipath: few hosts cost less, and programs
 * look for a session below its host at once. What it shows may have been met before, on
 * the host of another: a disk takes paths of any session, so those are listed
 * beside.
 *
 * Lifetime: kref; held by each session in it and each disk. The host is
 * removed when its last session has left and its last disk has gone.
 */
#ifndef _MPIO_HOST_H
#define _MPIO_HOST_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include <uapi/linux/iscsi_mpio.h>

struct Scsi_Host;
struct gendisk;
struct mpio_disk;
struct mpio_session;

/* A session with paths to disks of the host; host->mutex, read under RCU. */
struct mpio_member {
	struct list_head node;
	struct rcu_head rcu;
	struct mpio_session *sess;	/* referenced by its paths */
	unsigned int paths;
};

struct mpio_host {
	struct kref ref;
	struct list_head node;		/* mpio_hosts; registry mutex */
	struct Scsi_Host *shost;
	struct gendisk *spare;		/* of ->shost: see host/shost.c */
	bool multipath;			/* constant: more sessions may join */
	char target_name[MPIO_NAME_MAX + 1];	/* of the first session */
	char initiator_name[MPIO_NAME_MAX + 1];
	struct mutex mutex;		/* disks and their paths, members */
	struct list_head disks;
	struct list_head members;
	atomic_t nparked;		/* commands, of all disks */
	unsigned int sessions;		/* that joined; registry mutex */
	struct work_struct remove_work;	/* mpio_scan_wq */
};

extern struct list_head mpio_hosts;	/* registry mutex */

void mpio_host_put(struct mpio_host *host);

/* Process context, takes host->mutex. The host gets a reference. */
void mpio_host_add_disk(struct mpio_host *host, struct mpio_disk *disk);

/*
 * Process context, host->mutex held. The session has one more path, or one
 * less, to a disk of the host. 0 or -ENOMEM.
 */
int mpio_host_get_member(struct mpio_host *host, struct mpio_session *sess);
void mpio_host_put_member(struct mpio_host *host, struct mpio_session *sess);

#endif
