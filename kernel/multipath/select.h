/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which path a command takes.
 *
 * Runs for every command on every CPU, so what does not change from one
 * command to the next is worked out once and kept with the disk's set of
 * paths: which of them the policy may choose from now.
 */
#ifndef _MPIO_SELECT_H
#define _MPIO_SELECT_H

#include <linux/atomic.h>
#include <linux/types.h>

#include <uapi/linux/iscsi_mpio.h>

struct mpio_disk;
struct mpio_path;
struct mpio_path_set;

/* Paths of a set that are remembered: as many as a word has bits. */
#define MPIO_CHOICE_PATHS	BITS_PER_LONG

struct mpio_choice {
	u32 gen;		/* of mpio_select_gen, when it was made */
	unsigned long mask;	/* paths to choose from */
	unsigned long bound;	/* of these, paths bound to a processor */
	unsigned long until;	/* jiffies, if @ends */
	bool ends;
	unsigned long making;	/* bit 0: somebody makes a new one */
};

/* Process context. For a set that nobody can see yet. */
void mpio_choice_init(struct mpio_choice *choice);

/*
 * Any context, takes no lock; under rcu_read_lock(). The path that the next command
 * takes, NULL when no path of @set is usable. @set is the disk's present set, or
 * NULL if it has none.
 */
struct mpio_path *mpio_select_path(struct mpio_disk *disk,
				   struct mpio_path_set *set);
/*
 * The same contexts. The best path other than @path for a command that has failed
 * there; @path itself if no other is usable and has its unit ready.
 */
struct mpio_path *mpio_select_other(struct mpio_disk *disk,
				    const struct mpio_path_set *set,
				    struct mpio_path *path);

#endif
