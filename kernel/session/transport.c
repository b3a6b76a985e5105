// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as the SCSI transport class of iSCSI shows them: iscsi_host,
 * iscsi_session and iscsi_connection in /sys/class, where libvirt, OpenStack,
 * Kubernetes, lsblk and others look for a session, its host and its disks.
 *
 * A session is a device below its host. A disk belongs to no
 * session; each one that reaches it leads there by a link (host/link.c).
 *
 * The class only shows: its work items are never queued, and every order that
 * its netlink socket could pass on is refused, so that iscsid, which knows no
 * transport of this name, has no say. Secrets are not asked for and not shown.
 *
 * Whoever reads an attribute may look at the session, as its removal waits for
 * readers; they take sess->lock and nothing that is held while it is removed.
 */
#include "session/transport.h"

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_transport.h>
#include <scsi/scsi_transport_iscsi.h>

#include "session/session.h"

/* Of hosts that are not in the class: they can be scanned all the same. */
static struct scsi_transport_template mpio_plain_template;

static struct scsi_transport_template *mpio_template = &mpio_plain_template;
static atomic_t mpio_session_last_id = ATOMIC_INIT(0);	/* without the class */

struct scsi_transport_template *mpio_transport_template(void)
{
	return mpio_template;
}

#if IS_ENABLED(CONFIG_SCSI_ISCSI_ATTRS)

static bool mpio_in_class = true;
module_param_named(transport_class, mpio_in_class, bool, 0444);
MODULE_PARM_DESC(transport_class,
		 "Show sessions in /sys/class/iscsi_session for programs that look there (default: Y)");

/* -------------------------------------------------------- what is shown */

static struct mpio_session *mpio_cls_session(struct iscsi_cls_session *cls)
{
	return *(struct mpio_session **)cls->dd_data;
}

static umode_t mpio_attr_is_visible(int type, int param)
{
	if (type == ISCSI_HOST_PARAM)
		return param == ISCSI_HOST_PARAM_NETDEV_NAME ||
		       param == ISCSI_HOST_PARAM_IPADDRESS ||
		       param == ISCSI_HOST_PARAM_INITIATOR_NAME ? 0444 : 0;
	if (type != ISCSI_PARAM)
		return 0;
	switch (param) {
	case ISCSI_PARAM_MAX_RECV_DLENGTH:
	case ISCSI_PARAM_MAX_XMIT_DLENGTH:
	case ISCSI_PARAM_HDRDGST_EN:
	case ISCSI_PARAM_DATADGST_EN:
	case ISCSI_PARAM_CONN_ADDRESS:
	case ISCSI_PARAM_CONN_PORT:
	case ISCSI_PARAM_LOCAL_IPADDR:
	case ISCSI_PARAM_LOCAL_PORT:
	case ISCSI_PARAM_EXP_STATSN:
	case ISCSI_PARAM_PERSISTENT_ADDRESS:
	case ISCSI_PARAM_PERSISTENT_PORT:
	case ISCSI_PARAM_PING_TMO:
	case ISCSI_PARAM_RECV_TMO:
	case ISCSI_PARAM_INITIAL_R2T_EN:
	case ISCSI_PARAM_MAX_R2T:
	case ISCSI_PARAM_IMM_DATA_EN:
	case ISCSI_PARAM_FIRST_BURST:
	case ISCSI_PARAM_MAX_BURST:
	case ISCSI_PARAM_PDU_INORDER_EN:
	case ISCSI_PARAM_DATASEQ_INORDER_EN:
	case ISCSI_PARAM_ERL:
	case ISCSI_PARAM_TARGET_NAME:
	case ISCSI_PARAM_TARGET_ALIAS:
	case ISCSI_PARAM_TPGT:
	case ISCSI_PARAM_ABORT_TMO:
	case ISCSI_PARAM_LU_RESET_TMO:
	case ISCSI_PARAM_TGT_RESET_TMO:
	case ISCSI_PARAM_IFACE_NAME:
	case ISCSI_PARAM_INITIATOR_NAME:
	case ISCSI_PARAM_ISID:
	case ISCSI_PARAM_DEF_TIME2WAIT:
	case ISCSI_PARAM_DEF_TIME2RETAIN:
		return 0444;
	default:
		return 0;	/* user names and passwords, among others */
	}
}

int mpio_transport_show_addr(char *buf, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return sysfs_emit(buf, "%pI6\n",
				  &((struct sockaddr_in6 *)addr)->sin6_addr);
	if (addr->ss_family == AF_INET)
		return sysfs_emit(buf, "%pI4\n",
				  &((struct sockaddr_in *)addr)->sin_addr);
	return -ENOTCONN;
}

static int mpio_show_port(char *buf, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return sysfs_emit(buf, "%u\n",
				  ntohs(((struct sockaddr_in6 *)addr)->sin6_port));
	if (addr->ss_family == AF_INET)
		return sysfs_emit(buf, "%u\n",
				  ntohs(((struct sockaddr_in *)addr)->sin_port));
	return -ENOTCONN;
}

static int mpio_show_seconds(char *buf, struct mpio_session *sess,
			     enum mpio_setting_attr what)
{
	return sysfs_emit(buf, "%u\n",
			  DIV_ROUND_UP(mpio_setting(sess, what), 1000));
}

/* Parameters of the login; of a session not LOGGED_IN those that it will offer. */
static void mpio_show_params(struct mpio_session *sess, struct mpio_params *p)
{
	const struct mpio_session_config *cfg = &sess->cfg;

	spin_lock_irq(&sess->lock);
	if (sess->state == MPIO_SESSION_LOGGED_IN) {
		*p = sess->conn.params;
		spin_unlock_irq(&sess->lock);
		return;
	}
	spin_unlock_irq(&sess->lock);
	mpio_params_default(p);
	p->header_digest = cfg->header_digest;
	p->data_digest = cfg->data_digest;
	p->initial_r2t = cfg->initial_r2t;
	p->immediate_data = cfg->immediate_data;
	p->first_burst = cfg->first_burst;
	p->max_burst = cfg->max_burst;
	p->max_recv_dsl = cfg->max_recv_dsl;
	p->max_outstanding_r2t = cfg->max_r2t;
}

static int mpio_show_negotiated(struct mpio_session *sess,
				enum iscsi_param param, char *buf)
{
	struct mpio_params p;
	unsigned int value;

	mpio_show_params(sess, &p);
	switch (param) {
	case ISCSI_PARAM_INITIAL_R2T_EN:
		value = p.initial_r2t;
		break;
	case ISCSI_PARAM_MAX_R2T:
		value = p.max_outstanding_r2t;
		break;
	case ISCSI_PARAM_IMM_DATA_EN:
		value = p.immediate_data;
		break;
	case ISCSI_PARAM_FIRST_BURST:
		value = p.first_burst;
		break;
	case ISCSI_PARAM_MAX_BURST:
		value = p.max_burst;
		break;
	case ISCSI_PARAM_PDU_INORDER_EN:
		value = p.data_pdu_in_order;
		break;
	case ISCSI_PARAM_DATASEQ_INORDER_EN:
		value = p.data_sequence_in_order;
		break;
	case ISCSI_PARAM_ERL:
		value = p.erl;
		break;
	case ISCSI_PARAM_MAX_RECV_DLENGTH:
		value = p.max_recv_dsl;
		break;
	case ISCSI_PARAM_MAX_XMIT_DLENGTH:
		value = p.max_xmit_dsl;
		break;
	case ISCSI_PARAM_HDRDGST_EN:
		value = p.header_digest;
		break;
	case ISCSI_PARAM_DATADGST_EN:
		value = p.data_digest;
		break;
	case ISCSI_PARAM_DEF_TIME2WAIT:
		value = p.time2wait;
		break;
	case ISCSI_PARAM_DEF_TIME2RETAIN:
		value = p.time2retain;
		break;
	case ISCSI_PARAM_TARGET_ALIAS:
		return sysfs_emit(buf, "%s\n", p.target_alias);
	default:
		return -ENODATA;
	}
	return sysfs_emit(buf, "%u\n", value);
}

static int mpio_get_session_param(struct iscsi_cls_session *cls,
				  enum iscsi_param param, char *buf)
{
	struct mpio_session *sess = mpio_cls_session(cls);
	const struct mpio_session_config *cfg = &sess->cfg;

	switch (param) {
	case ISCSI_PARAM_TARGET_NAME:
		return sysfs_emit(buf, "%s\n", cfg->target_name);
	case ISCSI_PARAM_INITIATOR_NAME:
		return sysfs_emit(buf, "%s\n", cfg->initiator_name);
	case ISCSI_PARAM_TPGT:
		return sysfs_emit(buf, "%d\n", READ_ONCE(sess->tpgt));
	case ISCSI_PARAM_ISID:
		return sysfs_emit(buf, "%*phN\n", MPIO_ISID_LEN, cfg->isid);
	case ISCSI_PARAM_IFACE_NAME:
		return sysfs_emit(buf, "%s\n", *cfg->iface ? cfg->iface :
				  "default");
	case ISCSI_PARAM_ABORT_TMO:
	case ISCSI_PARAM_LU_RESET_TMO:
	case ISCSI_PARAM_TGT_RESET_TMO:
		return mpio_show_seconds(buf, sess, MPIO_TA_TMF_TIMEOUT);
	default:
		return mpio_show_negotiated(sess, param, buf);
	}
}

static int mpio_get_conn_param(struct iscsi_cls_conn *cls,
			       enum iscsi_param param, char *buf)
{
	struct mpio_session *sess = mpio_cls_session(iscsi_conn_to_session(cls));
	struct sockaddr_storage portal, local, remote;

	spin_lock_irq(&sess->lock);
	portal = sess->cfg.portal;
	local = sess->local;
	remote = sess->remote;
	spin_unlock_irq(&sess->lock);
	switch (param) {
	case ISCSI_PARAM_PERSISTENT_ADDRESS:
		return sysfs_emit(buf, "%pISc\n", &portal);
	case ISCSI_PARAM_PERSISTENT_PORT:
		return mpio_show_port(buf, &portal);
	case ISCSI_PARAM_CONN_ADDRESS:
		return mpio_transport_show_addr(buf, &remote);
	case ISCSI_PARAM_CONN_PORT:
		return mpio_show_port(buf, &remote);
	case ISCSI_PARAM_LOCAL_IPADDR:
		return mpio_transport_show_addr(buf, &local);
	case ISCSI_PARAM_LOCAL_PORT:
		return mpio_show_port(buf, &local);
	case ISCSI_PARAM_EXP_STATSN:
		return sysfs_emit(buf, "%u\n", READ_ONCE(sess->conn.exp_statsn));
	case ISCSI_PARAM_PING_TMO:
		return mpio_show_seconds(buf, sess, MPIO_TA_NOP_TIMEOUT);
	case ISCSI_PARAM_RECV_TMO:
		return mpio_show_seconds(buf, sess, MPIO_TA_NOP_INTERVAL);
	default:
		return mpio_show_negotiated(sess, param, buf);
	}
}

/* ------------------------------------------------------ what is refused */

static struct iscsi_cls_session *
mpio_refuse_create_session(struct iscsi_endpoint *ep, u16 cmds_max,
			   u16 qdepth, u32 sn)
{
	return NULL;
}

static void mpio_refuse_destroy_session(struct iscsi_cls_session *cls)
{
}

static struct iscsi_cls_conn *
mpio_refuse_create_conn(struct iscsi_cls_session *cls, u32 cid)
{
	return NULL;
}

static int mpio_refuse_bind_conn(struct iscsi_cls_session *cls,
				 struct iscsi_cls_conn *conn, u64 fd,
				 int is_leading)
{
	return -EOPNOTSUPP;
}

static int mpio_refuse_start_conn(struct iscsi_cls_conn *conn)
{
	return -EOPNOTSUPP;
}

static void mpio_refuse_stop_conn(struct iscsi_cls_conn *conn, int flag)
{
}

static int mpio_refuse_set_param(struct iscsi_cls_conn *conn,
				 enum iscsi_param param, char *buf, int buflen)
{
	return -EOPNOTSUPP;
}

static int mpio_refuse_send_pdu(struct iscsi_cls_conn *conn,
				struct iscsi_hdr *hdr, char *data,
				u32 data_size)
{
	return -EOPNOTSUPP;
}

/* Netlink has the true ones; the caller has zeroed these. */
static void mpio_no_stats(struct iscsi_cls_conn *conn,
			  struct iscsi_stats *stats)
{
}

/*
 * The name comes after "tcp": open-iscsi reads transports in the order of their names,
 * and stops at the first that it has no template for. Before "tcp" this one would
 * leave open-iscsi without any.
 */
static struct iscsi_transport mpio_transport = {
	.owner			= THIS_MODULE,
	.name			= "tcp_mpio",
	.attr_is_visible	= mpio_attr_is_visible,
	.get_session_param	= mpio_get_session_param,
	.get_conn_param		= mpio_get_conn_param,
	.create_session		= mpio_refuse_create_session,
	.destroy_session	= mpio_refuse_destroy_session,
	.create_conn		= mpio_refuse_create_conn,
	.bind_conn		= mpio_refuse_bind_conn,
	.start_conn		= mpio_refuse_start_conn,
	.stop_conn		= mpio_refuse_stop_conn,
	.set_param		= mpio_refuse_set_param,
	.send_pdu		= mpio_refuse_send_pdu,
	.get_stats		= mpio_no_stats,
};

/* ------------------------------------------------------------- add, remove */

/*
 * The class tells iscsid of each new session, and calls it an error when nobody
 * listens. Somebody does: NULL is as good, but for that line in the log.
 */
static struct socket *mpio_transport_listen(void)
{
	struct sockaddr_nl group = {
		.nl_family = AF_NETLINK,
		.nl_groups = ISCSI_NL_GRP_ISCSID,
	};
	struct socket *sock;

	if (sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_ISCSI,
			     &sock))
		return NULL;
	if (!kernel_bind(sock, (struct sockaddr_unsized *)&group,
			 sizeof(group)))
		return sock;
	sock_release(sock);
	return NULL;
}

static int mpio_transport_add_session(struct iscsi_cls_session *cls)
{
	struct socket *listener = mpio_transport_listen();
	int err = iscsi_add_session(cls, 0);

	if (listener)
		sock_release(listener);
	return err;
}

static void mpio_transport_remove_session(struct iscsi_cls_session *cls)
{
	/* There is no target of its own to unbind, and nobody to tell of it. */
	spin_lock_irq(&cls->lock);
	cls->target_state = ISCSI_SESSION_TARGET_UNBOUND;
	spin_unlock_irq(&cls->lock);
	iscsi_remove_session(cls);
}

static struct kobject *mpio_transport_target(struct iscsi_cls_session *cls)
{
	char name[32];

	snprintf(name, sizeof(name), "target%u:0:0",
		 iscsi_session_to_shost(cls)->host_no);
	return kobject_create_and_add(name, &cls->dev.kobj);
}

int mpio_transport_add(struct mpio_session *sess, struct Scsi_Host *shost)
{
	struct iscsi_cls_session *cls;
	int err = -ENOMEM;

	if (mpio_template == &mpio_plain_template) {
		sess->id = atomic_inc_return(&mpio_session_last_id);
		return 0;
	}
	cls = iscsi_alloc_session(shost, &mpio_transport, sizeof(sess));
	if (!cls)
		return -ENOMEM;
	*(struct mpio_session **)cls->dd_data = sess;
	err = mpio_transport_add_session(cls);
	if (err)
		goto put_session;
	err = -ENOMEM;
	sess->cls_target = mpio_transport_target(cls);
	if (!sess->cls_target)
		goto remove_session;
	sess->cls_conn = iscsi_alloc_conn(cls, 0, 0);
	if (!sess->cls_conn)
		goto del_target;
	err = iscsi_add_conn(sess->cls_conn);
	if (err)
		goto put_conn;
	sess->id = cls->sid;
	sess->cls = cls;
	mpio_transport_apply_settings(sess);
	return 0;

put_conn:
	iscsi_put_conn(sess->cls_conn);
del_target:
	kobject_put(sess->cls_target);
remove_session:
	mpio_transport_remove_session(cls);
put_session:
	put_device(&cls->dev);
	return err;
}

void mpio_transport_del(struct mpio_session *sess)
{
	struct iscsi_cls_session *cls = sess->cls;

	if (!cls)
		return;
	spin_lock_irq(&sess->lock);
	sess->cls = NULL;
	spin_unlock_irq(&sess->lock);
	kobject_del(sess->cls_target);
	kobject_put(sess->cls_target);
	iscsi_remove_conn(sess->cls_conn);
	iscsi_put_conn(sess->cls_conn);
	mpio_transport_remove_session(cls);
	put_device(&cls->dev);
}

void mpio_transport_set_state(struct mpio_session *sess)
{
	int session = ISCSI_SESSION_FREE, conn = ISCSI_CONN_DOWN;

	lockdep_assert_held(&sess->lock);
	if (!sess->cls)
		return;
	if (sess->state == MPIO_SESSION_LOGGED_IN) {
		session = ISCSI_SESSION_LOGGED_IN;
		conn = ISCSI_CONN_UP;
	} else if (sess->state == MPIO_SESSION_RECOVERING) {
		session = ISCSI_SESSION_FAILED;
		conn = ISCSI_CONN_FAILED;
	}
	WRITE_ONCE(sess->cls->state, session);
	WRITE_ONCE(sess->cls_conn->state, conn);
}

void mpio_transport_set_scanned(struct mpio_session *sess)
{
	lockdep_assert_held(&sess->lock);
	if (sess->cls)
		WRITE_ONCE(sess->cls->target_state,
			   ISCSI_SESSION_TARGET_SCANNED);
}

void mpio_transport_apply_settings(struct mpio_session *sess)
{
	u32 ms = mpio_setting(sess, MPIO_TA_NO_PATH_TIMEOUT);
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (sess->cls)
		WRITE_ONCE(sess->cls->recovery_tmo, ms == MPIO_FOREVER ? -1 :
			   DIV_ROUND_UP(ms, 1000));
	spin_unlock_irqrestore(&sess->lock, flags);
}

int mpio_transport_init(const struct mpio_transport_ops *ops)
{
	struct scsi_transport_template *template;

	mpio_plain_template.user_scan = ops->scan;
	if (!mpio_in_class)
		return 0;
	mpio_transport.get_host_param = ops->get_host_param;
	template = iscsi_register_transport(&mpio_transport);
	if (!template)
		return -ENOMEM;
	template->user_scan = ops->scan;
	mpio_template = template;
	return 0;
}

void mpio_transport_exit(void)
{
	if (mpio_template != &mpio_plain_template)
		iscsi_unregister_transport(&mpio_transport);
}

#else

int mpio_transport_init(const struct mpio_transport_ops *ops)
{
	mpio_plain_template.user_scan = ops->scan;
	return 0;
}

void mpio_transport_exit(void)
{
}

int mpio_transport_add(struct mpio_session *sess, struct Scsi_Host *shost)
{
	sess->id = atomic_inc_return(&mpio_session_last_id);
	return 0;
}

void mpio_transport_del(struct mpio_session *sess)
{
}

void mpio_transport_set_state(struct mpio_session *sess)
{
	lockdep_assert_held(&sess->lock);
}

void mpio_transport_set_scanned(struct mpio_session *sess)
{
	lockdep_assert_held(&sess->lock);
}

void mpio_transport_apply_settings(struct mpio_session *sess)
{
}

#endif
