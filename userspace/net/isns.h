/* SPDX-License-Identifier: GPL-2.0 */
/* Asking an iSNS server (RFC 4171) for the targets it knows. */
#ifndef _ISCSICTL_ISNS_H
#define _ISCSICTL_ISNS_H

#include "store/portal.h"

#define ISNS_PORT 3205

/*
 * Replaces portal->target by the targets that the server at portal->portal
 * lets @initiator see, at most until --timeout (15 s). 0 or a code with a
 * reason; nothing is changed then.
 */
int isns_query(struct portal *portal, const char *initiator);

#endif /* _ISCSICTL_ISNS_H */
