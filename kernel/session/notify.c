// SPDX-License-Identifier: GPL-2.0
/* Events about sessions. */
#include "session/notify.h"

#include <linux/rcupdate.h>
#include <net/netlink.h>

#include "base/event.h"
#include "session/session.h"

/* The list ends with an empty one; freed after a grace period. */
static int mpio_event_records(struct sk_buff *skb,
			      const struct mpio_session *sess)
{
	char (*record)[MPIO_RECORD_MAX + 1] = READ_ONCE(sess->records);

	for (; record && (*record)[0]; record++)
		if (nla_put_string(skb, MPIO_SA_RECORD, *record))
			break;		/* the rest: SESSION_GET */
	return 0;
}

static int mpio_event_fill_session(struct sk_buff *skb, const void *object)
{
	const struct mpio_session *sess = object;
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_SESSION);

	if (!nest || nla_put_u32(skb, MPIO_SA_ID, sess->id) ||
	    nla_put_u64_64bit(skb, MPIO_SA_INSTANCE, mpio_instance,
			      MPIO_SA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_SA_UNIQUE, sess->unique,
			      MPIO_SA_PAD) ||
	    nla_put_u32(skb, MPIO_SA_STATE, mpio_session_state(sess)) ||
	    nla_put_string(skb, MPIO_SA_TARGET_NAME, sess->cfg.target_name) ||
	    mpio_fill_sockaddr(skb, MPIO_SA_PORTAL, &sess->cfg.portal) ||
	    mpio_event_text(skb, MPIO_SA_LAST_ERROR, sess->last_error,
			    sizeof(sess->last_error)) ||
	    nla_put_u32(skb, MPIO_SA_LAST_ERROR_CODE,
			READ_ONCE(sess->last_error_code)) ||
	    nla_put_u32(skb, MPIO_SA_RECONNECTS,
			READ_ONCE(sess->reconnects)) ||
	    (READ_ONCE(sess->scanned) && nla_put_flag(skb, MPIO_SA_SCANNED)) ||
	    mpio_event_records(skb, sess))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

void mpio_notify_session(struct mpio_session *sess, enum mpio_event event)
{
	rcu_read_lock();
	mpio_event(sess->net, event, mpio_event_fill_session, sess);
	rcu_read_unlock();
}
