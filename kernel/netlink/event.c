// SPDX-License-Identifier: GPL-2.0
/*
 * Events to the multicast group.
 *
 * They are sent from any context, also with the locks of the object held, so
 * nothing here takes one: words are read as they are, texts are copied and
 * terminated. An event tells that something happened and to which object; a
 * text may be that of the change after it.
 */
#include "netlink/family.h"

#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "multipath/head.h"
#include "multipath/path.h"
#include "netlink/fill.h"
#include "session/session.h"

static bool mpio_events_on;

void mpio_events_init(void)
{
	WRITE_ONCE(mpio_events_on, true);
}

/* The number of the group belongs to somebody else once we are gone. */
void mpio_events_exit(void)
{
	WRITE_ONCE(mpio_events_on, false);
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
static bool mpio_event_wanted(struct net *net)
{
	if (!READ_ONCE(mpio_events_on))
		return false;
	if (genl_has_listeners(&mpio_genl_family, &init_net, 0))
		return true;
	return mpio_event_allowed(net) &&
	       genl_has_listeners(&mpio_genl_family, net, 0);
}

static struct sk_buff *mpio_event_new(enum mpio_event event, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &mpio_genl_family, 0, MPIO_CMD_EVENT);
	if (!*hdr || nla_put_u32(skb, MPIO_A_EVENT, event) ||
	    nla_put_u64_64bit(skb, MPIO_A_TIME, ktime_get_real_ns(),
			      MPIO_A_PAD)) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void mpio_event_send(struct sk_buff *skb, struct net *net)
{
	if (mpio_event_allowed(net) && !net_eq(net, &init_net)) {
		struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

		if (copy)
			genlmsg_multicast_netns(&mpio_genl_family, net, copy,
						0, 0, GFP_ATOMIC);
	}
	genlmsg_multicast(&mpio_genl_family, skb, 0, 0, GFP_ATOMIC);
}

/* @text is an array of @size bytes that may change meanwhile. */
static int mpio_event_text(struct sk_buff *skb, int attr, const char *text,
			   size_t size)
{
	char copy[MPIO_ERROR_MAX + 1];

	size = min(size, sizeof(copy));
	memcpy(copy, text, size);
	copy[size - 1] = '\0';
	return nla_put_string(skb, attr, copy);
}

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

static int mpio_event_fill_path(struct sk_buff *skb, const void *object)
{
	const struct mpio_path *path = object;
	const struct mpio_session *sess = path->sess;
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_PATH);

	if (!nest || nla_put_u32(skb, MPIO_PA_ID, path->id) ||
	    nla_put_string(skb, MPIO_PA_KEY, path->key) ||
	    nla_put_u32(skb, MPIO_PA_SESSION_ID, sess->id) ||
	    nla_put_u32(skb, MPIO_PA_DISK_ID, path->head->id) ||
	    nla_put_u64_64bit(skb, MPIO_PA_LUN, path->lun, MPIO_PA_PAD) ||
	    nla_put_u32(skb, MPIO_PA_STATE, READ_ONCE(path->state)) ||
	    nla_put_u32(skb, MPIO_PA_ALUA_STATE, READ_ONCE(path->alua_state)) ||
	    mpio_event_text(skb, MPIO_PA_REASON, path->reason,
			    sizeof(path->reason)) ||
	    nla_put_string(skb, MPIO_PA_TARGET_NAME, sess->cfg.target_name) ||
	    mpio_fill_sockaddr(skb, MPIO_PA_PORTAL, &sess->cfg.portal))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int mpio_event_fill_disk(struct sk_buff *skb, const void *object)
{
	const struct mpio_head *head = object;
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_DISK);

	if (!nest || nla_put_u32(skb, MPIO_DA_ID, head->id) ||
	    nla_put_string(skb, MPIO_DA_TARGET_NAME, head->target_name) ||
	    nla_put_u64_64bit(skb, MPIO_DA_SIZE, READ_ONCE(head->unit.size),
			      MPIO_DA_PAD) ||
	    nla_put_u32(skb, MPIO_DA_PARKED, READ_ONCE(head->nparked)) ||
	    (READ_ONCE(head->failfast) && nla_put_flag(skb, MPIO_DA_FAILED)) ||
	    mpio_fill_clash(skb, head))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* @fill puts the nest of @object; both go together. */
static void mpio_event(struct net *net, enum mpio_event event,
		       int (*fill)(struct sk_buff *skb, const void *object),
		       const void *object)
{
	struct sk_buff *skb;
	void *hdr;

	if (!mpio_event_wanted(net))
		return;
	skb = mpio_event_new(event, &hdr);
	if (!skb)
		return;
	if (fill(skb, object)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	mpio_event_send(skb, net);
}

void mpio_notify_session(struct mpio_session *sess, enum mpio_event event)
{
	rcu_read_lock();
	mpio_event(sess->net, event, mpio_event_fill_session, sess);
	rcu_read_unlock();
}

void mpio_notify_path(struct mpio_path *path, enum mpio_event event)
{
	rcu_read_lock();
	mpio_event(path->sess->net, event, mpio_event_fill_path, path);
	rcu_read_unlock();
}

void mpio_notify_head(struct mpio_head *head, enum mpio_event event)
{
	const struct mpio_path_set *set;
	struct net *net = NULL;		/* no path is left to tell */

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	if (set && set->count)
		net = set->path[0]->sess->net;
	mpio_event(net, event, mpio_event_fill_disk, head);
	rcu_read_unlock();
}
