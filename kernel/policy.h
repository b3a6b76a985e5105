/* SPDX-License-Identifier: GPL-2.0 */
/* Which path a command takes. */
#ifndef _MPIO_POLICY_H
#define _MPIO_POLICY_H

#include <uapi/linux/iscsi_mpio.h>

struct mpio_head;
struct mpio_path;
struct mpio_path_set;

/*
 * Any context, under rcu_read_lock(). NULL when no path of @set is usable.
 * @set must be the head's present one.
 */
struct mpio_path *mpio_policy_select(struct mpio_head *head,
				     const struct mpio_path_set *set);

/* Process context: precedence disk > target > default > by ALUA. */
enum mpio_policy mpio_policy_resolve(struct mpio_head *head,
				     unsigned int *source);

/* Process context; takes the registry mutex. Empty target: the default. */
int mpio_policy_set_target(const char *target, enum mpio_policy policy);
void mpio_policy_set_default(enum mpio_policy policy);
enum mpio_policy mpio_policy_default(void);

/* Process context: forgets what was set for targets. */
void mpio_policy_exit(void);

#endif
