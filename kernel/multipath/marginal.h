/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marginal paths: those that are lost again and again, that take many times as
 * long as the others, or that do not serve their commands, rest for
 * MarginalHoldDown; each rest soon after the last one is twice as long. A resting
 * path stays ready: it is chosen when there is no better one, so that resting
 * never costs a disk its last path.
 */
#ifndef _MPIO_MARGINAL_H
#define _MPIO_MARGINAL_H

#include <linux/jiffies.h>

#include "multipath/path.h"

struct mpio_session;

/* Weights of answers for which a path is to blame; see marginal.c. */
#define MPIO_BLAME_SERIOUS	16	/* it cannot serve its unit */
#define MPIO_BLAME_PASSING	3

/*
 * Any context, no locks held. The path is to blame for what became of a command;
 * so many times within a minute of each other and it rests.
 */
void mpio_marginal_error(struct mpio_path *path, u32 weight);
/* The same contexts. A command on @path was never answered: the path rests at once. */
void mpio_marginal_mute(struct mpio_path *path);

/* Any context, no locks held. Resting is switched off: one that rests does not. */
void mpio_marginal_forget(struct mpio_path *path);

/* Any context, no locks held. The connection under @path was lost. */
void mpio_marginal_lost(struct mpio_path *path);

/*
 * Process context; nop_work of the session. Looks whether rests are over and
 * whether a path takes far longer than the other paths of its disk.
 */
void mpio_marginal_watch(struct mpio_session *sess);

/* Any context. Milliseconds that @path still rests, or 0. */
u32 mpio_marginal_rest_ms(const struct mpio_path *path);

/* Any context, under rcu_read_lock() or with a reference. */
static inline bool mpio_path_resting(const struct mpio_path *path)
{
	return unlikely(READ_ONCE(path->marginal.rest_why)) &&
	       time_before(jiffies, READ_ONCE(path->marginal.rest_until));
}

#endif
