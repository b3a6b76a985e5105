/* SPDX-License-Identifier: GPL-2.0 */
/* DHCP (RFC 2131) as far as a boot needs it: one lease, which can be renewed. */
#ifndef _BOOT_DHCP_H
#define _BOOT_DHCP_H

#include "boot/bootline.h"

#define DHCP_ROOT_MAX	255

struct dhcp_lease {
	struct firmware_ip ip, gateway, server;
	struct firmware_ip dns[2];
	uint32_t prefix;
	uint32_t seconds;			/* option 51, or 0 */
	char root_path[DHCP_ROOT_MAX + 1];	/* option 17, or "" */
};

struct dhcp {
	char name[BOOT_IFNAME_MAX + 1];
	uint8_t mac[FIRMWARE_MAC_LEN];
	bool bound;			/* lease holds what was given */
	struct dhcp_lease lease;
};

/*
 * Asks on all @count devices at once, which must be up, until each has a
 * lease or @seconds are over. Returns how many have one.
 */
size_t dhcp_run(struct dhcp *dhcp, size_t count, unsigned int seconds);

/*
 * Asks the server for the address of @dhcp->lease once more, whose device has
 * it: RENEWING of RFC 2131 4.4.5, then REBINDING, @seconds for each. 0, -EPERM
 * when a server says no, or -ETIMEDOUT; the lease is then as it was.
 */
int dhcp_renew(struct dhcp *dhcp, unsigned int seconds);

#define DHCP_MESSAGE_MAX	1500

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RENEW = 256,	/* a REQUEST by who has the address */
};

/*
 * Composes a DISCOVER, a REQUEST of @lease or one that renews it. @out has
 * DHCP_MESSAGE_MAX bytes. Returns the length. The client's identifier is made of
 * the MAC address (RFC 2132 9.14), as those who take the device over later can.
 */
size_t dhcp_message_build(uint8_t *out, enum dhcp_type type, uint32_t xid,
			  const uint8_t *mac, const struct dhcp_lease *lease);
/*
 * Reads an answer to @xid of @mac. Returns its type, or -EINVAL when it is
 * none; @lease is then untouched.
 */
int dhcp_message_parse(const uint8_t *message, size_t len, uint32_t xid,
		       const uint8_t *mac, struct dhcp_lease *lease);

#endif /* _BOOT_DHCP_H */
