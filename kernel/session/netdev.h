/* SPDX-License-Identifier: GPL-2.0 */
/* What happens to this host's interfaces and addresses, told to sessions. */
#ifndef _MPIO_NETDEV_H
#define _MPIO_NETDEV_H

#include <linux/types.h>

struct mpio_session;
struct net;
struct socket;

/* Process context, may sleep. exit: no notifier and no work runs any more. */
int mpio_netdev_init(void);
void mpio_netdev_exit(void);

/* Any context. Has every session's interface and address looked at. */
void mpio_netdev_check(void);

/* Any context. How often an interface or address came back in @net so far. */
u32 mpio_netdev_gains(struct net *net);

/*
 * Process context (login). Notes which interface and address @sock uses; what
 * happened to them before is for mpio_netdev_check() to find, once logged in.
 */
void mpio_netdev_note(struct mpio_session *sess, struct socket *sock);

#endif
