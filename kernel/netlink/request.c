// SPDX-License-Identifier: GPL-2.0
/* What all netlink requests do alike: what they need, find and answer. */
#include "netlink/request.h"

#include <net/genetlink.h>

#include "netlink/fill.h"
#include "netlink/parse.h"
#include "session/session.h"

/* Taken by requests that read, check and replace a part of what is there. */
DEFINE_MUTEX(mpio_change_mutex);

static const struct genl_family *mpio_request_of __ro_after_init;

void __init mpio_request_init(const struct genl_family *family)
{
	mpio_request_of = family;
}

const struct genl_family *mpio_request_family(void)
{
	return mpio_request_of;
}

int mpio_need(struct genl_info *info, int attr, const char *why)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return 0;
	return mpio_refuse(info->extack, NULL, -EINVAL, why);
}

struct sk_buff *mpio_reply_new(struct genl_info *info, size_t room, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(room, GFP_KERNEL);

	if (skb)
		*hdr = genlmsg_put_reply(skb, info, mpio_request_of, 0,
					 info->genlhdr->cmd);
	if (skb && *hdr)
		return skb;
	nlmsg_free(skb);
	mpio_refuse_memory(info->extack);
	return NULL;
}

int mpio_reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
		   int err)
{
	if (err) {
		nlmsg_free(skb);
		return mpio_refuse(info->extack, NULL, err,
				   "the answer does not fit in a message");
	}
	genlmsg_end(skb, hdr);
	err = genlmsg_reply(skb, info);
	if (err)
		mpio_refuse(info->extack, NULL, err,
			    "the answer could not be delivered");
	return err;
}

struct mpio_session *mpio_request_session(struct genl_info *info)
{
	struct mpio_session *sess;
	int err;

	err = mpio_need(info, MPIO_A_SESSION_ID, "give the session number");
	if (err)
		return ERR_PTR(err);
	sess = mpio_session_find(nla_get_u32(info->attrs[MPIO_A_SESSION_ID]));
	if (sess && mpio_net_sees(genl_info_net(info), sess))
		return sess;
	if (sess)
		mpio_session_put(sess);
	return ERR_PTR(mpio_refuse(info->extack,
				   info->attrs[MPIO_A_SESSION_ID], -ENOENT,
				   "no session has this number"));
}
