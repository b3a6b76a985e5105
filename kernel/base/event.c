// SPDX-License-Identifier: GPL-2.0
/*
 * Events to the multicast group.
 *
 * They are sent from any context, also with the locks of the object held, so
 * nothing here takes one: words are read as they are, texts are copied and
 * terminated. An event tells that something happened and to which object; a
 * text may be that of the change after it.
 */
#include "base/event.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/sock.h>

u64 mpio_instance;

/* The family that events are of, while they are sent. */
static const struct genl_family __rcu *mpio_events_family;

void mpio_events_init(const struct genl_family *family)
{
	rcu_assign_pointer(mpio_events_family, family);
}

/* The number of the group belongs to somebody else once we are gone. */
void mpio_events_exit(void)
{
	RCU_INIT_POINTER(mpio_events_family, NULL);
	synchronize_rcu();
}

/*
 * Whoever owns a user namespace may listen in its network namespaces, but
 * events are for administrators of the machine: those listen in the initial
 * namespace when a session's namespace is not in their hands alone.
 */
static bool mpio_event_allowed(const struct net *net)
{
	return net && net->user_ns == &init_user_ns;
}

/* Under rcu_read_lock(): is there a reason to make an event at all? */
static bool mpio_event_wanted(const struct genl_family *family,
			      struct net *net)
{
	if (!family)
		return false;
	if (genl_has_listeners(family, &init_net, 0))
		return true;
	return mpio_event_allowed(net) && genl_has_listeners(family, net, 0);
}

static struct sk_buff *mpio_event_new(const struct genl_family *family,
				      enum mpio_event event, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, family, 0, MPIO_CMD_EVENT);
	if (!*hdr || nla_put_u32(skb, MPIO_A_EVENT, event) ||
	    nla_put_u64_64bit(skb, MPIO_A_TIME, ktime_get_real_ns(),
			      MPIO_A_PAD)) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* Listeners are to ask anew for what there is: their next recvmsg() fails. */
static void mpio_event_lost(const struct genl_family *family, struct net *net)
{
	if (mpio_event_allowed(net) && !net_eq(net, &init_net))
		genl_set_err(family, net, 0, 0, -ENOBUFS);
	genl_set_err(family, &init_net, 0, 0, -ENOBUFS);
}

static void mpio_event_send(const struct genl_family *family,
			    struct sk_buff *skb, struct net *net)
{
	if (mpio_event_allowed(net) && !net_eq(net, &init_net)) {
		struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

		if (copy)
			genlmsg_multicast_netns(family, net, copy, 0, 0,
						GFP_ATOMIC);
		else
			genl_set_err(family, net, 0, 0, -ENOBUFS);
	}
	genlmsg_multicast(family, skb, 0, 0, GFP_ATOMIC);
}

int mpio_event_text(struct sk_buff *skb, int attr, const char *text,
		    size_t size)
{
	char copy[MPIO_ERROR_MAX + 1];

	size = min(size, sizeof(copy));
	memcpy(copy, text, size);
	copy[size - 1] = '\0';
	return nla_put_string(skb, attr, copy);
}

void mpio_event(struct net *net, enum mpio_event event,
		int (*fill)(struct sk_buff *skb, const void *object),
		const void *object)
{
	const struct genl_family *family = rcu_dereference(mpio_events_family);
	struct sk_buff *skb;
	void *hdr;

	if (!mpio_event_wanted(family, net))
		return;
	skb = mpio_event_new(family, event, &hdr);
	if (!skb || fill(skb, object)) {
		nlmsg_free(skb);
		mpio_event_lost(family, net);
		return;
	}
	genlmsg_end(skb, hdr);
	mpio_event_send(family, skb, net);
}

int mpio_fill_sockaddr(struct sk_buff *skb, int attr,
		       const struct sockaddr_storage *ss)
{
	switch (ss->ss_family) {
	case AF_INET:
		return nla_put(skb, attr, sizeof(struct sockaddr_in), ss);
	case AF_INET6:
		return nla_put(skb, attr, sizeof(struct sockaddr_in6), ss);
	default:
		return 0;
	}
}
