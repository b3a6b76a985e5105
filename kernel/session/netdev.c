// SPDX-License-Identifier: GPL-2.0
/*
 * Interfaces and addresses of this host.
 *
 * TCP does not mind when the address it speaks from is taken away or its link
 * goes down; it would repeat segments until a NOP-Out times out. Notifiers only
 * queue one work, which compares what is with what sessions need: an event
 * more or less makes no difference, and nothing of ours runs under RTNL.
 */
#include "session/netdev.h"

#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/route.h>
#include <net/sock.h>

#include "session/session.h"

/*
 * Counts interfaces and addresses that came back in a network namespace: sessions in
 * back-off retry at once. What happens in others, those of containers say, is
 * nothing to a session.
 */
struct mpio_netdev_net {
	atomic_t gains;
};

static unsigned int mpio_netdev_net_id;

/* How often connections under way are still to be looked at, and when. */
#define MPIO_NETDEV_LOOKS	3
#define MPIO_NETDEV_LOOK_AFTER	(HZ + HZ / 10)

u32 mpio_netdev_gains(struct net *net)
{
	struct mpio_netdev_net *n = net_generic(net, mpio_netdev_net_id);

	return atomic_read(&n->gains);
}

static bool mpio_netdev_is_ours(struct net *net,
				const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
#if IS_ENABLED(CONFIG_IPV6)
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
#endif

	if (addr->ss_family == AF_INET)
		return inet_addr_type(net, in->sin_addr.s_addr) == RTN_LOCAL;
#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6_addr_v4mapped(&in6->sin6_addr))
		return inet_addr_type(net, in6->sin6_addr.s6_addr32[3]) ==
		       RTN_LOCAL;
	return ipv6_addr_loopback(&in6->sin6_addr) ||
	       ipv6_chk_addr(net, &in6->sin6_addr, NULL, 0);
#else
	return true;
#endif
}

/*
 * Why the session's connection cannot work any more, or NULL. Carrier counts
 * only where another path may take over: a cable can be plugged in again
 * before TCP gives up.
 */
static const char *mpio_netdev_trouble(struct mpio_session *sess)
{
	const char *trouble = NULL;
	struct sockaddr_storage local;
	struct net_device *dev;
	bool was_ours;
	int ifindex;

	spin_lock_irq(&sess->lock);
	local = sess->local;
	ifindex = sess->ifindex;
	was_ours = sess->local_ours;
	spin_unlock_irq(&sess->lock);
	rcu_read_lock();
	dev = ifindex ? dev_get_by_index_rcu(sess->net, ifindex) : NULL;
	if (ifindex && !dev)
		trouble = "its network interface is gone";
	else if (dev && !netif_running(dev))
		trouble = "its network interface is down";
	else if (dev && sess->cfg.multipath && !netif_carrier_ok(dev))
		trouble = "its network interface has no link";
	rcu_read_unlock();
	if (!trouble && was_ours && !mpio_netdev_is_ours(sess->net, &local))
		trouble = "its source address was removed";
	return trouble;
}

static void mpio_netdev_look(struct mpio_session *sess, bool gain)
{
	const char *trouble;

	if (gain)
		atomic_set(&sess->netdev_looks, MPIO_NETDEV_LOOKS);

	switch (mpio_session_state(sess)) {
	case MPIO_SESSION_LOGGED_IN:
		trouble = mpio_netdev_trouble(sess);
		if (trouble)
			mpio_session_fail(sess, MPIO_ERROR_TRANSPORT,
					  "connection lost: %s", trouble);
		break;
	case MPIO_SESSION_CONNECTING:
	case MPIO_SESSION_RECOVERING:
		if (gain)
			mpio_session_retry_now(sess);
		break;
	default:
		break;
	}
}

/*
 * A SYN keeps the source address that the routes gave it; where the way to the
 * portal has just come, none of its repetitions is ever answered. Routes and
 * addresses that have to be checked for duplicates come a little after the event,
 * and no SYN is given up before its time: so there are several looks.
 */
static void mpio_netdev_anew_fn(struct work_struct *work)
{
	struct mpio_session *sess = NULL;
	bool again = false;

	while ((sess = mpio_session_after(sess))) {
		int rest = atomic_dec_if_positive(&sess->netdev_looks);

		if (rest >= 0)
			mpio_conn_reconnect(&sess->conn);
		again = again || rest > 0;
	}
	if (again)
		queue_delayed_work(mpio_recover_wq, to_delayed_work(work),
				   MPIO_NETDEV_LOOK_AFTER);
}

static DECLARE_DELAYED_WORK(mpio_netdev_anew, mpio_netdev_anew_fn);

static void mpio_netdev_work_fn(struct work_struct *work)
{
	struct mpio_session *sess;
	bool any = false;

	spin_lock(&mpio_sessions_lock);
	list_for_each_entry(sess, &mpio_sessions, node) {
		u32 gains = mpio_netdev_gains(sess->net);
		bool gain = sess->netdev_gains != gains;

		sess->netdev_gains = gains;
		mpio_netdev_look(sess, gain);
		any = any || gain;
	}
	spin_unlock(&mpio_sessions_lock);
	if (any)
		queue_delayed_work(mpio_recover_wq, &mpio_netdev_anew,
				   MPIO_NETDEV_LOOK_AFTER);
}

static DECLARE_WORK(mpio_netdev_work, mpio_netdev_work_fn);

void mpio_netdev_check(void)
{
	queue_work(mpio_recover_wq, &mpio_netdev_work);
}

void mpio_netdev_note(struct mpio_session *sess, struct socket *sock)
{
	struct sockaddr_storage local = { };
	struct dst_entry *dst;
	int ifindex = 0;
	bool ours;

	kernel_getsockname(sock, (struct sockaddr *)&local);
	/* An address of a VRF or one that is not here at all stays unwatched. */
	ours = mpio_netdev_is_ours(sess->net, &local);
	rcu_read_lock();
	dst = __sk_dst_get(sock->sk);
	if (dst && dst->dev)
		ifindex = dst->dev->ifindex;
	rcu_read_unlock();
	spin_lock_irq(&sess->lock);
	sess->local = local;
	sess->local_ours = ours;
	sess->ifindex = ifindex;
	spin_unlock_irq(&sess->lock);
}

static int mpio_netdev_note_event(struct net *net, unsigned long event)
{
	struct mpio_netdev_net *n = net_generic(net, mpio_netdev_net_id);

	switch (event) {
	case NETDEV_UP:
	case NETDEV_CHANGE:
		atomic_inc(&n->gains);
		fallthrough;
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
		mpio_netdev_check();
		break;
	default:
		break;
	}
	return NOTIFY_DONE;
}

static int mpio_netdev_event(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	return mpio_netdev_note_event(dev_net(netdev_notifier_info_to_dev(data)),
				      event);
}

/* The chains of addresses know only NETDEV_UP and NETDEV_DOWN. */
static int mpio_inetaddr_event(struct notifier_block *nb, unsigned long event,
			       void *data)
{
	const struct in_ifaddr *ifa = data;

	return mpio_netdev_note_event(dev_net(ifa->ifa_dev->dev), event);
}

static struct notifier_block mpio_netdev_nb = {
	.notifier_call = mpio_netdev_event,
};

static struct notifier_block mpio_inetaddr_nb = {
	.notifier_call = mpio_inetaddr_event,
};

#if IS_ENABLED(CONFIG_IPV6)
static int mpio_inet6addr_event(struct notifier_block *nb, unsigned long event,
				void *data)
{
	const struct inet6_ifaddr *ifa = data;

	return mpio_netdev_note_event(dev_net(ifa->idev->dev), event);
}

static struct notifier_block mpio_inet6addr_nb = {
	.notifier_call = mpio_inet6addr_event,
};
#endif

static struct pernet_operations mpio_netdev_net_ops = {
	.id = &mpio_netdev_net_id,
	.size = sizeof(struct mpio_netdev_net),
};

int mpio_netdev_init(void)
{
	int err = register_pernet_subsys(&mpio_netdev_net_ops);

	if (err)
		return err;
	err = register_netdevice_notifier(&mpio_netdev_nb);
	if (err)
		goto unregister_pernet;
	err = register_inetaddr_notifier(&mpio_inetaddr_nb);
	if (err)
		goto unregister_netdev;
#if IS_ENABLED(CONFIG_IPV6)
	err = register_inet6addr_notifier(&mpio_inet6addr_nb);
	if (err)
		goto unregister_inetaddr;
#endif
	return 0;

#if IS_ENABLED(CONFIG_IPV6)
unregister_inetaddr:
	unregister_inetaddr_notifier(&mpio_inetaddr_nb);
#endif
unregister_netdev:
	unregister_netdevice_notifier(&mpio_netdev_nb);
	cancel_work_sync(&mpio_netdev_work);
	cancel_delayed_work_sync(&mpio_netdev_anew);
unregister_pernet:
	unregister_pernet_subsys(&mpio_netdev_net_ops);
	return err;
}

void mpio_netdev_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	unregister_inet6addr_notifier(&mpio_inet6addr_nb);
#endif
	unregister_inetaddr_notifier(&mpio_inetaddr_nb);
	unregister_netdevice_notifier(&mpio_netdev_nb);
	cancel_work_sync(&mpio_netdev_work);
	cancel_delayed_work_sync(&mpio_netdev_anew);
	unregister_pernet_subsys(&mpio_netdev_net_ops);
}
