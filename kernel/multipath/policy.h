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
 * Process context, may sleep; takes last_word, then mpio_policy_lock. Works out the
 * policy in force for the disk again.
 */
void mpio_policy_update(struct mpio_disk *disk);

/*
 * Process context. Sets the policy of a target in two steps, of which only the first
 * can fail (NULL); what is not applied is freed with kfree().
 */
struct mpio_target_policy *mpio_policy_prepare(const char *target,
					       enum mpio_policy policy);
/*
 * The second step: takes the registry mutex, mpio_policy_lock, host->mutex, then
 * last_word.
 */
void mpio_policy_apply(struct mpio_target_policy *policy);

/* Both steps, with the same locks. 0 or -ENOMEM. */
int mpio_policy_set_target(const char *target, enum mpio_policy policy);
/*
 * Process context, takes the registry mutex, host->mutex, last_word, then
 * mpio_policy_lock. The policy of disks for whose target none is set.
 */
void mpio_policy_set_default(enum mpio_policy policy);
/* Any context, takes no lock. */
enum mpio_policy mpio_policy_default(void);

/* Process context: forgets what was set for targets. */
void mpio_policy_exit(void);

#endif
