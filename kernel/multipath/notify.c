// SPDX-License-Identifier: GPL-2.0
/* Events about paths and disks. */
#include "multipath/notify.h"

#include <linux/rcupdate.h>
#include <net/netlink.h>

#include "base/event.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

static int mpio_event_fill_path(struct sk_buff *skb, const void *object)
{
	const struct mpio_path *path = object;
	const struct mpio_session *sess = path->sess;
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_PATH);

	if (!nest || nla_put_u32(skb, MPIO_PA_ID, path->id) ||
	    nla_put_string(skb, MPIO_PA_KEY, path->key) ||
	    nla_put_u32(skb, MPIO_PA_SESSION_ID, sess->id) ||
	    nla_put_u32(skb, MPIO_PA_DISK_ID, path->disk->id) ||
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

void mpio_notify_path(struct mpio_path *path, enum mpio_event event)
{
	rcu_read_lock();
	mpio_event(path->sess->net, event, mpio_event_fill_path, path);
	rcu_read_unlock();
}

int mpio_fill_clash(struct sk_buff *skb, const struct mpio_disk *disk)
{
	u32 clash = READ_ONCE(disk->identity.clash);

	BUILD_BUG_ON((int)MPIO_CLASH_SIZE != (int)MPIO_UNIT_SIZE ||
		     (int)MPIO_CLASH_NOTHING != (int)MPIO_UNIT_SAME);
	if (clash && (nla_put_u32(skb, MPIO_DA_CLASH, clash) ||
		      nla_put_u32(skb, MPIO_DA_CLASH_BY,
				  READ_ONCE(disk->identity.why))))
		return -EMSGSIZE;
	return 0;
}

static int mpio_event_fill_disk(struct sk_buff *skb, const void *object)
{
	const struct mpio_disk *disk = object;
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_DISK);

	if (!nest || nla_put_u32(skb, MPIO_DA_ID, disk->id) ||
	    nla_put_string(skb, MPIO_DA_TARGET_NAME, disk->target_name) ||
	    nla_put_u64_64bit(skb, MPIO_DA_SIZE, READ_ONCE(disk->unit.size),
			      MPIO_DA_PAD) ||
	    nla_put_u32(skb, MPIO_DA_PARKED, mpio_shelf_waiting(disk)) ||
	    (READ_ONCE(disk->failfast) && nla_put_flag(skb, MPIO_DA_FAILED)) ||
	    mpio_fill_clash(skb, disk))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

void mpio_notify_disk(struct mpio_disk *disk, enum mpio_event event)
{
	const struct mpio_path_set *set;
	struct net *net = NULL;		/* no path is left to tell */

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	if (set && set->count)
		net = set->path[0]->sess->net;
	mpio_event(net, event, mpio_event_fill_disk, disk);
	rcu_read_unlock();
}
