/* SPDX-License-Identifier: GPL-2.0 */
/* Events to the multicast group of the generic netlink family. */
#ifndef _MPIO_EVENT_H
#define _MPIO_EVENT_H

#include <linux/socket.h>
#include <linux/types.h>

#include <uapi/linux/iscsi_mpio.h>

struct genl_family;
struct net;
struct sk_buff;

extern u64 mpio_instance;	/* of the module, drawn when it is loaded */

/* Process context. From init to exit events are sent. */
void mpio_events_init(const struct genl_family *family);
void mpio_events_exit(void);

/*
 * Any context, under rcu_read_lock(), locks allowed. @fill puts the nest of
 * @object; both go together. @net: of the object, NULL: none is left.
 */
void mpio_event(struct net *net, enum mpio_event event,
		int (*fill)(struct sk_buff *skb, const void *object),
		const void *object);

/*
 * Any context. @text is an array of @size bytes that may change meanwhile.
 * -EMSGSIZE when there is no room.
 */
int mpio_event_text(struct sk_buff *skb, int attr, const char *text,
		    size_t size);

/* Any context. -EMSGSIZE when there is no room; nothing if ss_family is 0. */
int mpio_fill_sockaddr(struct sk_buff *skb, int attr,
		       const struct sockaddr_storage *ss);

#endif
