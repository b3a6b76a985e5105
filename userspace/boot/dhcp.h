/* SPDX-License-Identifier: GPL-2.0 */
/* DHCP (RFC 2131) as far as a boot needs it: one lease, not renewed. */
#ifndef _BOOT_DHCP_H
#define _BOOT_DHCP_H

#include "boot/bootline.h"

#define DHCP_ROOT_MAX	255

struct dhcp_lease {
	struct firmware_ip ip, gateway, server;
	struct firmware_ip dns[2];
	uint32_t prefix;
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

#define DHCP_MESSAGE_MAX	1500

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
};

/*
 * Composes a DISCOVER, or a REQUEST of @lease. @out has DHCP_MESSAGE_MAX
 * bytes. Returns the length.
 */
size_t dhcp_build(uint8_t *out, enum dhcp_type type, uint32_t xid,
		  const uint8_t *mac, const struct dhcp_lease *lease);
/*
 * Reads an answer to @xid of @mac. Returns its type, or -EINVAL when it is
 * none; @lease is then untouched.
 */
int dhcp_parse(const uint8_t *message, size_t len, uint32_t xid,
	       const uint8_t *mac, struct dhcp_lease *lease);

#endif /* _BOOT_DHCP_H */
