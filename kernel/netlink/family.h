/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family. */
#ifndef _MPIO_NETLINK_H
#define _MPIO_NETLINK_H

int mpio_netlink_init(void);
void mpio_netlink_exit(void);

#endif
