/* SPDX-License-Identifier: GPL-2.0 */
/* Which load balance policy a disk has. */
#ifndef _MPIO_POLICY_H
#define _MPIO_POLICY_H

#include <uapi/linux/iscsi_mpio.h>

struct mpio_disk;
struct mpio_target_policy;

/*
 * Process context, takes mpio_policy_lock. The policy of the disk, else of its target,
 * else the default, else the one that its access states ask for; @source says
 * which: 3, 2, 1 or 0.
 */
enum mpio_policy mpio_policy_resolve(struct mpio_disk *disk,
				     unsigned int *source);

/*
 * Process context, may sleep; any mutex may be held. Works out the policy in force
 * for the disk again.
 */
void mpio_policy_update(struct mpio_disk *disk);

/*
 * Process context. Policy of a target in two steps, of which only the first
 * can fail (NULL); what is not applied is freed with kfree(). mpio_policy_apply()
 * takes the registry mutex.
 */
struct mpio_target_policy *mpio_policy_prepare(const char *target,
					       enum mpio_policy policy);
void mpio_policy_apply(struct mpio_target_policy *policy);

/* Process context; takes the registry mutex. 0 or -ENOMEM. */
int mpio_policy_set_target(const char *target, enum mpio_policy policy);
void mpio_policy_set_default(enum mpio_policy policy);
enum mpio_policy mpio_policy_default(void);

/* Process context: forgets what was set for targets. */
void mpio_policy_exit(void);

#endif
