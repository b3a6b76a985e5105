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
 * targets. 0 with @told saying whether the target of @login is among them, or a code
 * if the portal does not answer that.
 */
int discover_target_told(const struct login *login, bool *told);

/* How far a login came, and how long it took. */
struct discover_probe {
	uint16_t mss;		/* asked: segments no larger, 0: as TCP has it */
	uint32_t ping_ms;	/* asked: so long for pings, 0: none */
	bool connected, logged_in, pinged;
	uint32_t connect_us, login_us, ping_us;
	uint32_t mtu;		/* of the path as the kernel knows it, 0: unknown */
	uint32_t ping_bytes;	/* of data in each ping */
	uint32_t level;		/* iSCSIProtocolLevel, RFC 7144: 2 and more */
};

/*
 * Logs in once at the portal of @login, beside whatever runs, and out again: to
 * its target, which is then pinged, or for discovery when it names none. Each
 * stage has 3 s at most. 0 or the code of what went wrong; what went well before
 * that is in @probe. With an MSS asked for, the target sends no larger
 * segments, either.
 */
int discover_probe(const struct login *login, const struct secrets *secrets,
		   struct discover_probe *probe);

#endif /* _ISCSICTL_DISCOVER_H */
