/* SPDX-License-Identifier: GPL-2.0 */
/* Objects as the netlink interface reports them. */
#ifndef _MPIO_NETLINK_FILL_H
#define _MPIO_NETLINK_FILL_H

#include <linux/socket.h>
#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_session;
struct mpio_settings;
struct net;
struct netlink_callback;
struct sk_buff;

/* Any context. Nest @attr of MPIO_TA_*. */
int mpio_fill_settings(struct sk_buff *skb, int attr,
		       const struct mpio_settings *settings);

/*
 * Process context, may sleep; takes the registry mutex, host->mutex, then
 * sess->lock. One nest; -EMSGSIZE with nothing added when there is no room for it. With @cut
 * lists end where the room does, and only an empty message can fail.
 */
int mpio_fill_session(struct sk_buff *skb, struct mpio_session *sess, bool cut);

/* Process context, may sleep; takes host->mutex, then disk->lock. */
int mpio_fill_path(struct sk_buff *skb, struct mpio_path *path);
int mpio_fill_disk(struct sk_buff *skb, struct mpio_disk *disk);

/*
 * Is this an object of @net? Everything is of the initial namespace. The
 * second: any context.
 */
bool mpio_net_sees(const struct net *net, const struct mpio_session *sess);
bool mpio_net_sees_disk(const struct net *net, struct mpio_disk *disk);

/* Callbacks of the core; start picks the filters out of the request. */
int mpio_dump_start(struct netlink_callback *cb);
int mpio_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb);
int mpio_dump_paths(struct sk_buff *skb, struct netlink_callback *cb);
int mpio_dump_disks(struct sk_buff *skb, struct netlink_callback *cb);

#endif
