/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the fence share: fence.c, fence_reset.c and ghost.c. */
#ifndef _MPIO_HELD_H
#define _MPIO_HELD_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct mpio_disk;
struct mpio_held;

/* Bits of mpio_held.flags */
enum mpio_held_flag {
	HELD_NET_OVER	= 1 << 0,	/* the network has nothing of it */
	HELD_LOGIN	= 1 << 1,	/* a login has ended its nexus */
	HELD_CLOSING	= 1 << 2,	/* the target may be closing the nexus */
	HELD_LOGOUT	= 1 << 3,	/* it does, as after our Logout */
	HELD_SIBLING	= 1 << 4,	/* a login is about to be tried */
	HELD_ASKED	= 1 << 5,	/* the reset on its way is for this write */
	HELD_BARRED	= 1 << 6,	/* never sent: waits for ghosts */
	HELD_MIXED	= 1 << 7,	/* of a ghost: sent to several TPGs */
	HELD_DENIED	= 1 << 8,	/* perhaps it is with another's reset */
};

/* What is known of targets whose units have such INQUIRY data. */
struct mpio_fence_target {
	const char *vendor, *product;	/* NULL: any */
	/* The target ends a nexus and all its commands before it answers a login. */
	bool login_ends;
	/*
	 * A reset does not wait for commands of a connection that the target is
	 * closing itself: for so long they may take after it was lost, ms; or 0.
	 */
	u32 settle_ms;
};

/*
 * Any context. With what is known by now: a login that was not answered leaves the
 * target closing the session by itself, like a Logout. Not of what is barred.
 */
u16 mpio_held_flags(const struct mpio_held *held);

/* One run of fence.work: what it finds, and when the next is due. */
struct mpio_fence_look {
	unsigned long now;
	u32 patience;		/* of the disk, ms */
	bool refused;		/* no living path takes a reset */
	struct list_head go, fail;	/* tasks */
	struct list_head ended;		/* ghosts */
	unsigned int ghosts;		/* of those in @fail, that were sent */
	bool ask;
	long delay;		/* jiffies to the next look */
};

static inline void mpio_fence_look_again(struct mpio_fence_look *look,
					 unsigned long at)
{
	look->delay = min(look->delay, max_t(long, at - look->now, 1));
}

/*
 * Any context, takes no lock. Has the disk living paths, and has the target refused a
 * reset over each of them?
 */
bool mpio_fence_refused(struct mpio_disk *disk);

/* The rest: in the disk's fence work only, no locks held. */

/*
 * A reset is wanted for all that has HELD_ASKED, and none is on its way. Sends one;
 * if that cannot be, clears HELD_ASKED and notes in @look when to try again.
 */
void mpio_fence_ask(struct mpio_disk *disk, struct mpio_fence_look *look);

/* A reset is on its way. Gives it up when it is not answered in time. */
void mpio_fence_watch(struct mpio_disk *disk, struct mpio_fence_look *look);

/*
 * The reset has been answered, or its connection has died. Moves the writes and
 * ghosts that it has ended to @look.
 */
void mpio_fence_take_answer(struct mpio_disk *disk,
			    struct mpio_fence_look *look);

#endif
