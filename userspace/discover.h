/* SPDX-License-Identifier: GPL-2.0 */
/* SendTargets discovery through one portal. */
#ifndef _ISCSICTL_DISCOVER_H
#define _ISCSICTL_DISCOVER_H

#include "portal.h"

/*
 * Asks @portal (address, source, CHAP names and digests of it) and replaces
 * its targets with the answer. 0 or a code with a reason; then the targets
 * are untouched.
 */
int discover(struct portal *portal, const struct secrets *secrets,
	     const char *initiator);

#endif /* _ISCSICTL_DISCOVER_H */
