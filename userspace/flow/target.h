/* SPDX-License-Identifier: GPL-2.0 */
/* Targets as users see them. */
#ifndef _ISCSICTL_TARGET_H
#define _ISCSICTL_TARGET_H

struct known_target;

/* One row for a target at one portal. */
void target_portal_print(const struct known_target *target);

#endif /* _ISCSICTL_TARGET_H */
