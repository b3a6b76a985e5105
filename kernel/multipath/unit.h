/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lu/, which asks units about themselves, keeps in a disk and in its paths, and
 * the operations by which multipath/ calls it.
 */
#ifndef _MPIO_MULTIPATH_UNIT_H
#define _MPIO_MULTIPATH_UNIT_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <uapi/linux/iscsi_mpio.h>

#include "proto/identity.h"

struct mpio_disk;
struct mpio_path;
struct mpio_task;

/* Sense data of TEST UNIT READY; key 0: the unit is ready. */
struct mpio_unready {
	u8 key, asc, ascq;
};

/* Of a disk; written under mpio_identity_mutex, READ_ONCE. */
struct mpio_identity {
	struct hlist_node node;		/* the same mutex; by designator */
	u32 clash;			/* id of the other disk, 0: none */
	enum mpio_unit_difference why;
	bool told;
};

#define MPIO_STRAYS	8

/* Persistent reservations. Of a disk. */
struct mpio_reserve {
	struct list_head queue;		/* PR OUT tasks; disk->lock */
	struct work_struct work;	/* mpio_probe_wq, with a reference */
	struct mutex mutex;		/* one changes registrations at a time */
	u64 key;			/* registered, 0: none; disk->lock */
	u64 next_key;			/* perhaps it is this one; mutex */
	u8 flags;			/* of the REGISTER; mutex */
	u32 holder;			/* path id, 0: not known; disk->lock */
	u8 type;			/* of what it holds; WRITE_ONCE */
	u32 pin;			/* see holder.c; 0: none; WRITE_ONCE */
	bool legacy;			/* a RESERVE(6) may hold; disk->lock */
	bool lost;			/* its key was removed by somebody; disk->lock */
	bool no_status;			/* has no READ FULL STATUS; mutex */
	bool confirmed;			/* at @generation all was well; mutex */
	u32 generation;			/* PRGENERATION, with ours since; mutex */
	u32 unchecked;			/* of paths that were removed; disk->lock */
	bool strays;			/* such may be registered still; disk->lock */
	/* The last of these, the n-th at n - 1, modulo; disk->lock */
	u8 stray[MPIO_STRAYS][MPIO_ISID_LEN];
	u32 strays_seen;
};

/*
 * A registration of its nexus. Of a path. A writer holds reserve.mutex of its disk,
 * then disk->lock.
 */
struct mpio_registration {
	u64 key;	/* at the target, as far as is known; 0: none */
	bool sure;	/* since verify_gen last changed; disk->lock */
	bool maybe;	/* a REGISTER was lost on its way; reserve.mutex */
	bool unchecked;	/* added on nobody's word so far; reserve.mutex */
	bool stale;	/* its nexus may have what the disk has not; disk->lock */
	bool absorbs;	/* unit attentions that we have caused; WRITE_ONCE */
	bool done;	/* by the REGISTER at hand; reserve.mutex */
	u64 before;	/* and what it replaced; reserve.mutex */
	u32 refusals;	/* of restoring it, one after the other; disk->lock */
	u32 refused_gen;	/* path->verify_gen at the last; disk->lock */
	unsigned long retry_at;	/* jiffies of the next try; disk->lock */
};

struct mpio_unit_ops {
	/* Once for each disk: its part of it. */
	void (*init)(struct mpio_disk *disk);
	/* Process context. A path is about to join its disk, or has left it. */
	void (*joins)(struct mpio_path *path);
	void (*removed)(struct mpio_path *path);
	/* Any context. A path that was ready is so no more. */
	void (*path_lost)(struct mpio_disk *disk);
	/*
	 * Process context. NoPathTimeout is over: commands may take paths on which
	 * the unit is not ready, some of them a moment later. False: there are none.
	 */
	bool (*admit)(struct mpio_disk *disk);
	/*
	 * Any context, under rcu_read_lock(), while reserve.pin is set. Where a
	 * command goes that selection has sent to @path (or NULL). NULL: nowhere
	 * now.
	 */
	struct mpio_path *(*route)(struct mpio_disk *disk,
				   const struct mpio_task *task,
				   struct mpio_path *path);
	/*
	 * Any context. Takes a PERSISTENT RESERVE OUT: the caller owned the task
	 * and has lost it afterwards.
	 */
	void (*reserve)(struct mpio_disk *disk, struct mpio_task *task);
	/*
	 * Process context. A command was told RESERVATION CONFLICT. True: on
	 * another path, which is taken from now on, it may be done.
	 */
	bool (*conflict)(struct mpio_path *path);
	/* Any context. The target says that registrations are gone. */
	void (*unregistered)(struct mpio_path *path);
};

#endif
