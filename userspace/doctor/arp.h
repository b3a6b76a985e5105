/* SPDX-License-Identifier: GPL-2.0 */
/* Is there anybody on a link who has this address? */
#ifndef _ISCSICTL_ARP_H
#define _ISCSICTL_ARP_H

#include <stdint.h>

enum arp_answer {
	ARP_NOBODY,
	ARP_ANSWERS,
	ARP_UNKNOWN,	/* cannot be asked: no Ethernet, or not root */
};

/*
 * Asks with ARP (RFC 826) for the IPv4 address @to through @iface, and waits up
 * to @ms. The neighbour table of the kernel is neither used nor changed.
 */
enum arp_answer arp_ask(const char *iface, uint32_t to, int ms);

#endif /* _ISCSICTL_ARP_H */
