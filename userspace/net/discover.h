/* SPDX-License-Identifier: GPL-2.0 */
/* SendTargets discovery through one portal. */
#ifndef _ISCSICTL_DISCOVER_H
#define _ISCSICTL_DISCOVER_H

#include "store/portal.h"

struct record;

/*
 * Asks @portal (address, source, CHAP names and digests of it) and replaces
 * its targets with the answer. 0 or a code with a reason; then the targets
 * are untouched.
 */
int discover(struct portal *portal, const struct secrets *secrets,
	     const char *initiator);

/*
 * Logs in once as @record would, with @secrets, and out again, beside whatever
 * runs: no disk comes of it. 0, or the code and reason of the refusal.
 */
int discover_login(const struct record *record, const struct secrets *secrets);

/*
 * Asks the portal of @login, without authentication and for 2 s at most, for its
 * targets: is that of @login among them? 0 with @told set, or a code: it does
 * not say.
 */
int discover_target_told(const struct login *login, bool *told);

#endif /* _ISCSICTL_DISCOVER_H */
