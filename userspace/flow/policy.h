/* SPDX-License-Identifier: GPL-2.0 */
/* Policies that initiator.conf holds for single disks, by their WWID. */
#ifndef _ISCSICTL_POLICY_H
#define _ISCSICTL_POLICY_H

#include "base/strlist.h"

/*
 * Gives the disks @names ("sda"; NULL: all) what is stored for them; needs
 * kernel_open(). 0, or the code of the first that failed, with a reason.
 */
int policy_apply_stored(const struct strlist *names);

#endif /* _ISCSICTL_POLICY_H */
