/* SPDX-License-Identifier: GPL-2.0 */
/* NOP-Out with data, RFC 7143 11.18: what is sent comes back. */
#ifndef _ISCSICTL_PING_H
#define _ISCSICTL_PING_H

#include <stdint.h>

struct mpio_login;
struct wire;

/*
 * Sends two pings at once in a session that @login has opened on @wire and waits
 * for both. Each has *bytes of data, cut to what one call sends at most; a jumbo
 * frame is filled both ways by then. @data has room for what the target may send
 * in one PDU. 0, or a code: CODE_PDU_TIMEOUT if they do not come back.
 */
int ping(struct wire *wire, const struct mpio_login *login, uint8_t *data,
	 uint32_t *bytes);

#endif /* _ISCSICTL_PING_H */
