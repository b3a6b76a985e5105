// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps: objects by ascending number.
 *
 * The core calls again and again with a fresh message until nothing is added.
 * In between no lock and no reference is kept, only the number to go on with,
 * so an object that comes or goes meanwhile is reported or not, and no other
 * is lost or doubled. Numbers are never used twice.
 */
#include "netlink/fill.h"

#include <linux/mutex.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "netlink/parse.h"
#include "netlink/request.h"
#include "session/session.h"

/* Room for one object with long names; callers must read 8 KiB at once. */
#define MPIO_DUMP_ROOM		SKB_WITH_OVERHEAD(8192UL)
#define MPIO_DISK_BATCH		32

/* In netlink_callback.ctx. */
struct mpio_dump {
	u32 next;		/* first number not reported yet */
	u32 next_path;		/* the same within session @next */
	u32 session, disk;	/* wanted, 0: all */
};

static struct mpio_dump *mpio_dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct mpio_dump) > sizeof(cb->ctx));
	return (struct mpio_dump *)cb->ctx;
}

static u32 mpio_dump_filter(const struct netlink_callback *cb, int type)
{
	const struct nlattr *attr = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, type);

	return attr ? nla_get_u32(attr) : 0;
}

int mpio_dump_start(struct netlink_callback *cb)
{
	struct mpio_dump *dump = mpio_dump_of(cb);

	dump->session = mpio_dump_filter(cb, MPIO_A_SESSION_ID);
	dump->disk = mpio_dump_filter(cb, MPIO_A_DISK_ID);
	cb->min_dump_alloc = MPIO_DUMP_ROOM;
	return 0;
}

static void *mpio_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
			   u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   mpio_request_family(), NLM_F_MULTI, cmd);
}

/* What a dump callback returns when an object had no room. */
static int mpio_dump_full(const struct sk_buff *skb,
			  struct netlink_callback *cb)
{
	return skb->len ? skb->len :
		mpio_refuse(cb->extack, NULL, -EMSGSIZE,
			    "an object does not fit in a message");
}

/* First session with number @from or above that @net sees, referenced. */
static struct mpio_session *mpio_dump_session_from(const struct net *net,
						   u32 from)
{
	struct mpio_session *sess, *found = NULL;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(sess, &mpio_sessions, node) {
		if (sess->id < from || !mpio_net_sees(net, sess))
			continue;
		found = mpio_session_get(sess);
		break;
	}
	mutex_unlock(&mpio_registry_mutex);
	return found;
}

static int mpio_dump_session(struct sk_buff *skb, struct netlink_callback *cb,
			     struct mpio_session *sess)
{
	bool first = !skb->len;
	void *hdr = mpio_dump_put(skb, cb, MPIO_CMD_SESSION_GET);

	if (!hdr || mpio_fill_session(skb, sess, first)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int mpio_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct mpio_dump *dump = mpio_dump_of(cb);
	struct mpio_session *sess;

	while ((sess = mpio_dump_session_from(net, dump->next))) {
		u32 id = sess->id;
		int err = 0;

		if (!dump->session || dump->session == id)
			err = mpio_dump_session(skb, cb, sess);
		mpio_session_put(sess);
		if (err)
			return mpio_dump_full(skb, cb);
		dump->next = id + 1;
	}
	return skb->len;
}

static int mpio_dump_path(struct sk_buff *skb, struct netlink_callback *cb,
			  struct mpio_path *path)
{
	void *hdr = mpio_dump_put(skb, cb, MPIO_CMD_PATH_GET);

	if (!hdr || mpio_fill_path(skb, path)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* First path of @sess with number @from or above, referenced. */
static struct mpio_path *mpio_dump_path_from(struct mpio_session *sess,
					     u32 from)
{
	struct mpio_path *path, *found = NULL;

	spin_lock_irq(&sess->lock);
	list_for_each_entry(path, &sess->paths, sess_node) {
		if (path->id >= from) {
			found = mpio_path_get(path);
			break;
		}
	}
	spin_unlock_irq(&sess->lock);
	return found;
}

/* The paths of one session from dump->next_path on. */
static int mpio_dump_paths_of(struct sk_buff *skb, struct netlink_callback *cb,
			      struct mpio_session *sess)
{
	struct mpio_dump *dump = mpio_dump_of(cb);
	struct mpio_path *path;

	if (dump->session && dump->session != sess->id)
		return 0;
	while ((path = mpio_dump_path_from(sess, dump->next_path))) {
		u32 id = path->id;
		int err = 0;

		if (!dump->disk || dump->disk == path->disk->id)
			err = mpio_dump_path(skb, cb, path);
		mpio_path_put(path);
		if (err)
			return err;
		dump->next_path = id + 1;
	}
	return 0;
}

int mpio_dump_paths(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct mpio_dump *dump = mpio_dump_of(cb);
	struct mpio_session *sess;

	while ((sess = mpio_dump_session_from(net, dump->next))) {
		int err;

		if (sess->id != dump->next) {
			dump->next = sess->id;
			dump->next_path = 0;
		}
		err = mpio_dump_paths_of(skb, cb, sess);
		mpio_session_put(sess);
		if (err)
			return mpio_dump_full(skb, cb);
		dump->next++;
		dump->next_path = 0;
	}
	return skb->len;
}

/* Puts @disk where it belongs; drops the highest number of a full batch. */
static unsigned int mpio_batch_add(struct mpio_disk **batch, unsigned int n,
				   struct mpio_disk *disk)
{
	unsigned int i;

	if (n == MPIO_DISK_BATCH) {
		if (batch[n - 1]->id < disk->id)
			return n;
		mpio_disk_put(batch[--n]);
	}
	for (i = n; i && batch[i - 1]->id > disk->id; i--)
		batch[i] = batch[i - 1];
	batch[i] = mpio_disk_get(disk);
	return n + 1;
}

/*
 * Disks are listed by host, so numbers are in no order; one walk collects
 * the lowest ones from @from on, referenced.
 */
static unsigned int mpio_batch_fill(const struct net *net, u32 from,
				    struct mpio_disk **batch)
{
	struct mpio_host *host;
	struct mpio_disk *disk;
	unsigned int n = 0;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(host, &mpio_hosts, node) {
		mutex_lock(&host->mutex);
		list_for_each_entry(disk, &host->disks, host_node)
			if (disk->id >= from && mpio_net_sees_disk(net, disk))
				n = mpio_batch_add(batch, n, disk);
		mutex_unlock(&host->mutex);
	}
	mutex_unlock(&mpio_registry_mutex);
	return n;
}

static int mpio_dump_disk(struct sk_buff *skb, struct netlink_callback *cb,
			  struct mpio_disk *disk)
{
	void *hdr = mpio_dump_put(skb, cb, MPIO_CMD_DISK_GET);

	if (!hdr || mpio_fill_disk(skb, disk)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* 1 when there may be more, 0 at the end, -EMSGSIZE. */
static int mpio_dump_batch(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mpio_dump *dump = mpio_dump_of(cb);
	struct mpio_disk *batch[MPIO_DISK_BATCH];
	unsigned int i, n;
	int err = 0;

	n = mpio_batch_fill(sock_net(skb->sk), dump->next, batch);
	for (i = 0; i < n; i++) {
		struct mpio_disk *disk = batch[i];

		if (!err && (!dump->disk || dump->disk == disk->id))
			err = mpio_dump_disk(skb, cb, disk);
		if (!err)
			dump->next = disk->id + 1;
		mpio_disk_put(disk);
	}
	return err ? err : n == MPIO_DISK_BATCH;
}

int mpio_dump_disks(struct sk_buff *skb, struct netlink_callback *cb)
{
	int more;

	do {
		more = mpio_dump_batch(skb, cb);
	} while (more > 0);
	return more < 0 ? mpio_dump_full(skb, cb) : skb->len;
}
