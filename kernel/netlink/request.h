/* SPDX-License-Identifier: GPL-2.0 */
/* What the netlink requests share. All of it: process context, may sleep. */
#ifndef _MPIO_NETLINK_REQUEST_H
#define _MPIO_NETLINK_REQUEST_H

#include <linux/mutex.h>
#include <linux/types.h>

struct genl_family;
struct genl_info;
struct mpio_session;
struct sk_buff;

/* Requests that replace a part of what is there. */
extern struct mutex mpio_change_mutex;

/* Once, before the family is registered: it is what replies name. */
void mpio_request_init(const struct genl_family *family);
const struct genl_family *mpio_request_family(void);

/* 0, or -EINVAL and @why when the request lacks attribute @attr. */
int mpio_need(struct genl_info *info, int attr, const char *why);

/*
 * Reply with @room for attributes and its header in place, or NULL and the
 * sentence of -ENOMEM.
 */
struct sk_buff *mpio_reply_new(struct genl_info *info, size_t room, void **hdr);

/* Sends the reply if @err is 0, else frees it: 0 or -errno and its sentence. */
int mpio_reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
		   int err);

/* Session of the request, referenced, or an error with its sentence. */
struct mpio_session *mpio_request_session(struct genl_info *info);

/* session.c */
int mpio_nl_session_add(struct sk_buff *request, struct genl_info *info);
int mpio_nl_session_del(struct sk_buff *request, struct genl_info *info);
int mpio_nl_session_get(struct sk_buff *request, struct genl_info *info);
int mpio_nl_session_set(struct sk_buff *request, struct genl_info *info);
int mpio_nl_session_scan(struct sk_buff *request, struct genl_info *info);

#endif
