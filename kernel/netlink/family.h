/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family and its events. */
#ifndef _MPIO_NETLINK_H
#define _MPIO_NETLINK_H

#include <uapi/linux/iscsi_mpio.h>

struct mpio_head;
struct mpio_path;
struct mpio_session;

int mpio_netlink_init(void);
void mpio_netlink_exit(void);

/* Any context, locks allowed. Events to the multicast group. */
void mpio_notify_session(struct mpio_session *sess, enum mpio_event event);
void mpio_notify_path(struct mpio_path *path, enum mpio_event event);
void mpio_notify_head(struct mpio_head *head, enum mpio_event event);

#endif
