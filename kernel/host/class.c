// SPDX-License-Identifier: GPL-2.0
/*
 * Hosts as the SCSI transport class of iSCSI wants them: what they show there,
 * and scans that are ordered by their "scan" file.
 */
#include "host/class.h"

#include <linux/rculist.h>
#include <linux/sysfs.h>
#include <linux/wait_bit.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "host/scan.h"
#include "multipath/host.h"
#include "session/session.h"
#include "session/transport.h"

#define MPIO_ORDER_MS	30000	/* that a scan is waited for */

/* The first of the sessions that serve the host speaks for it. */
static int mpio_get_host_param(struct Scsi_Host *shost,
			       enum iscsi_host_param param, char *buf)
{
	struct mpio_host *host = *(struct mpio_host **)shost_priv(shost);
	struct sockaddr_storage local = {};
	char iface[MPIO_IFACE_MAX + 1] = "";
	struct mpio_member *member;

	if (param == ISCSI_HOST_PARAM_INITIATOR_NAME)
		return sysfs_emit(buf, "%s\n", host->initiator_name);
	rcu_read_lock();
	member = list_first_or_null_rcu(&host->members, struct mpio_member,
					node);
	if (member) {
		spin_lock_irq(&member->sess->lock);
		local = member->sess->local;
		spin_unlock_irq(&member->sess->lock);
		strscpy(iface, member->sess->cfg.iface, sizeof(iface));
	}
	rcu_read_unlock();
	/* For none, all drivers of the class say "(null)", and vdsm compares. */
	if (param == ISCSI_HOST_PARAM_NETDEV_NAME)
		return sysfs_emit(buf, "%s\n", *iface ? iface : "(null)");
	return mpio_transport_show_addr(buf, &local);
}

static bool mpio_order_is_over(struct mpio_session *sess)
{
	bool over;

	spin_lock_irq(&sess->lock);
	over = sess->scans_ordered == sess->scans_done ||
	       sess->state != MPIO_SESSION_LOGGED_IN || sess->removing;
	spin_unlock_irq(&sess->lock);
	return over;
}

/*
 * The session of the host with the lowest number above @after, referenced. Not
 * by mpio_registry_mutex: who holds it may wait for writers of "scan" to leave.
 */
static struct mpio_session *mpio_order_next(const struct mpio_host *host,
					    u32 after)
{
	struct mpio_session *sess, *found = NULL;

	spin_lock(&mpio_sessions_lock);
	list_for_each_entry(sess, &mpio_sessions, node) {
		if (sess->id > after && READ_ONCE(sess->host) == host) {
			found = mpio_session_get(sess);
			break;
		}
	}
	spin_unlock(&mpio_sessions_lock);
	return found;
}

/*
 * Waits until all sessions of the host have scanned, as the program that ordered it
 * looks for disks next; for MPIO_ORDER_MS at most, since sessions scan side by side.
 * A session that is removed meanwhile is not waited for: it leaves LOGGED_IN.
 */
static void mpio_order_wait(const struct mpio_host *host)
{
	unsigned long end = jiffies + msecs_to_jiffies(MPIO_ORDER_MS);
	struct mpio_session *sess;
	long rest;
	u32 after;

	for (after = 0; (sess = mpio_order_next(host, after)); ) {
		after = sess->id;
		rest = end - jiffies;
		if (rest > 0 && !fatal_signal_pending(current))
			wait_var_event_timeout(&sess->state,
					       mpio_order_is_over(sess), rest);
		mpio_session_put(sess);
	}
}

/* What was written to the "scan" file of a host, or SCAN_WILD_CARD for it. */
static int mpio_scan_host(struct Scsi_Host *shost, uint channel, uint id,
			  u64 lun)
{
	struct mpio_host *host = *(struct mpio_host **)shost_priv(shost);
	struct mpio_session *sess;
	u32 after;

	if ((channel && channel != SCAN_WILD_CARD) ||
	    (id && id != SCAN_WILD_CARD))
		return 0;
	for (after = 0; (sess = mpio_order_next(host, after)); ) {
		after = sess->id;
		if (lun == SCAN_WILD_CARD)
			mpio_session_order_scan(sess);
		else
			mpio_scan_lun(sess, lun);
		mpio_session_put(sess);
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	if (lun == SCAN_WILD_CARD)
		mpio_order_wait(host);
	return 0;
}

static const struct mpio_transport_ops mpio_class_ops = {
	.scan		= mpio_scan_host,
	.get_host_param	= mpio_get_host_param,
};

int mpio_class_init(void)
{
	return mpio_transport_init(&mpio_class_ops);
}

void mpio_class_exit(void)
{
	mpio_transport_exit();
}
