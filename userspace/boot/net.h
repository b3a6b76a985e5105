/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices in an initramfs, by rtnetlink; nothing stays running. */
#ifndef _BOOT_NET_H
#define _BOOT_NET_H

#include "boot/bootline.h"

/*
 * Waits until the devices of @line are there, brings them up with their
 * addresses and waits until they have a carrier. A device that does not come
 * within @seconds is named on stderr and left out.
 *
 * Devices found by MAC or at will get their names in @line. With DHCP,
 * root paths are added to it when line->dhcp_root. 0 or an exit code with a
 * reason when no device at all could be set up.
 */
int net_start(struct bootline *line, unsigned int seconds);

/* Adds an address to the device and a default route by @gateway if present. */
int net_address(const char *name, const struct firmware_ip *ip, uint32_t prefix,
		const struct firmware_ip *gateway);

#endif /* _BOOT_NET_H */
