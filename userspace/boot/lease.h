/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a DHCP lease behind the initramfs: systemd-networkd takes the
 * device over, or a timer of systemd renews the lease by iscsi-mpio-boot. The
 * address stays in either case: the root file system is behind it.
 */
#ifndef _BOOT_LEASE_H
#define _BOOT_LEASE_H

#include "boot/dhcp.h"

/* Notes the lease in /run, which goes over to the real root, with @count. */
void lease_note_all(const struct dhcp *dhcp, size_t count);

/*
 * Has networkd keep what is on device @name, @lease: take up DHCP by the same
 * client identifier.
 */
void lease_note_network(const char *name, bool lease);

/* Renews what is noted and not networkd's; an exit code (error.h). */
int boot_renew(void);

#endif /* _BOOT_LEASE_H */
