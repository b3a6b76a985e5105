// SPDX-License-Identifier: GPL-2.0
/*
 * Objects to attributes. Secrets have no attribute to go out in.
 *
 * What a spinlock protects is put into the message under that lock: it is
 * copying into memory that is there already, so nothing is copied twice.
 */
#include "netlink/fill.h"

#include <linux/blkdev.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "base/event.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/fence.h"
#include "multipath/marginal.h"
#include "multipath/notify.h"
#include "multipath/path.h"
#include "multipath/policy.h"
#include "proto/quirk.h"
#include "session/session.h"

bool mpio_net_sees(const struct net *net, const struct mpio_session *sess)
{
	return net_eq(net, &init_net) || net_eq(net, sess->net);
}

bool mpio_net_sees_disk(const struct net *net, struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	bool sees = net_eq(net, &init_net);
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count && !sees; i++)
		sees = mpio_net_sees(net, set->path[i]->sess);
	rcu_read_unlock();
	return sees;
}

int mpio_fill_settings(struct sk_buff *skb, int attr,
		       const struct mpio_settings *settings)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = MPIO_TA_UNSPEC + 1; i <= MPIO_TA_MAX; i++) {
		if (nla_put_u32(skb, i, READ_ONCE(settings->v[i]))) {
			nla_nest_cancel(skb, nest);
			return -EMSGSIZE;
		}
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* Text of an optional attribute: absent when empty. */
static int mpio_fill_text(struct sk_buff *skb, int attr, const char *text)
{
	return text[0] ? nla_put_string(skb, attr, text) : 0;
}

static int mpio_fill_flag(struct sk_buff *skb, int attr, bool flag)
{
	return flag ? nla_put_flag(skb, attr) : 0;
}

/* Constant while the session lives. */
static int mpio_fill_config(struct sk_buff *skb,
			    const struct mpio_session *sess)
{
	const struct mpio_session_config *cfg = &sess->cfg;

	if (nla_put_u32(skb, MPIO_SA_ID, sess->id) ||
	    nla_put_u64_64bit(skb, MPIO_SA_INSTANCE, mpio_instance,
			      MPIO_SA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_SA_UNIQUE, sess->unique,
			      MPIO_SA_PAD) ||
	    nla_put_string(skb, MPIO_SA_TARGET_NAME, cfg->target_name) ||
	    nla_put_string(skb, MPIO_SA_INITIATOR_NAME, cfg->initiator_name) ||
	    mpio_fill_sockaddr(skb, MPIO_SA_PORTAL, &cfg->portal) ||
	    mpio_fill_sockaddr(skb, MPIO_SA_SOURCE, &cfg->source) ||
	    mpio_fill_text(skb, MPIO_SA_IFACE, cfg->iface) ||
	    nla_put(skb, MPIO_SA_ISID, MPIO_ISID_LEN, cfg->isid) ||
	    mpio_fill_flag(skb, MPIO_SA_MULTIPATH, cfg->multipath) ||
	    mpio_fill_flag(skb, MPIO_SA_DISCOVERED, cfg->discovered) ||
	    mpio_fill_flag(skb, MPIO_SA_NO_SCAN, cfg->no_scan) ||
	    nla_put_u32(skb, MPIO_SA_AUTH, cfg->auth) ||
	    mpio_fill_text(skb, MPIO_SA_CHAP_USER, cfg->chap_user) ||
	    mpio_fill_text(skb, MPIO_SA_CHAP_USER_IN, cfg->chap_user_in) ||
	    mpio_fill_text(skb, MPIO_SA_CHAP_KEY, cfg->chap_key) ||
	    mpio_fill_text(skb, MPIO_SA_CHAP_KEY_IN, cfg->chap_key_in) ||
	    nla_put_u32(skb, MPIO_SA_HEADER_DIGEST, cfg->header_digest) ||
	    nla_put_u32(skb, MPIO_SA_DATA_DIGEST, cfg->data_digest) ||
	    nla_put_u32(skb, MPIO_SA_INITIAL_R2T, cfg->initial_r2t) ||
	    nla_put_u32(skb, MPIO_SA_IMMEDIATE_DATA, cfg->immediate_data) ||
	    nla_put_u32(skb, MPIO_SA_FIRST_BURST, cfg->first_burst) ||
	    nla_put_u32(skb, MPIO_SA_MAX_BURST, cfg->max_burst) ||
	    nla_put_u32(skb, MPIO_SA_MAX_RECV_DSL, cfg->max_recv_dsl) ||
	    nla_put_u32(skb, MPIO_SA_MAX_R2T, cfg->max_r2t) ||
	    nla_put_u32(skb, MPIO_SA_POLICY, cfg->policy))
		return -EMSGSIZE;
	return mpio_fill_settings(skb, MPIO_SA_SETTINGS, &sess->settings);
}

/* sess->lock held and state LOGGED_IN, so that no login writes these. */
static int mpio_fill_negotiated(struct sk_buff *skb,
				const struct mpio_session *sess)
{
	const struct mpio_params *p = &sess->conn.params;
	struct nlattr *nest = nla_nest_start(skb, MPIO_SA_NEGOTIATED);

	lockdep_assert_held(&sess->lock);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, MPIO_NA_HEADER_DIGEST, p->header_digest) ||
	    nla_put_u32(skb, MPIO_NA_DATA_DIGEST, p->data_digest) ||
	    nla_put_u32(skb, MPIO_NA_INITIAL_R2T, p->initial_r2t) ||
	    nla_put_u32(skb, MPIO_NA_IMMEDIATE_DATA, p->immediate_data) ||
	    nla_put_u32(skb, MPIO_NA_FIRST_BURST, p->first_burst) ||
	    nla_put_u32(skb, MPIO_NA_MAX_BURST, p->max_burst) ||
	    nla_put_u32(skb, MPIO_NA_MAX_RECV_DSL, p->max_recv_dsl) ||
	    nla_put_u32(skb, MPIO_NA_MAX_XMIT_DSL, p->max_xmit_dsl) ||
	    nla_put_u32(skb, MPIO_NA_MAX_R2T, p->max_outstanding_r2t) ||
	    nla_put_u32(skb, MPIO_NA_TIME2WAIT, p->time2wait) ||
	    nla_put_u32(skb, MPIO_NA_TIME2RETAIN, p->time2retain) ||
	    nla_put_u32(skb, MPIO_NA_ERL, p->erl) ||
	    nla_put_u32(skb, MPIO_NA_MAX_CONNECTIONS, p->max_connections) ||
	    nla_put_u32(skb, MPIO_NA_CHAP_ALG, sess->chap_alg))
		return -EMSGSIZE;	/* the session's nest is cancelled */
	nla_nest_end(skb, nest);
	return 0;
}

/* sess->lock held. */
static int mpio_fill_login(struct sk_buff *skb,
			   const struct mpio_session *sess)
{
	s64 up = ktime_ms_delta(ktime_get_boottime(), sess->connected);

	lockdep_assert_held(&sess->lock);
	if (nla_put_u32(skb, MPIO_SA_TSIH, sess->tsih) ||
	    nla_put_u32(skb, MPIO_SA_TPGT, sess->tpgt) ||
	    nla_put_u64_64bit(skb, MPIO_SA_CONNECTED_MS, max_t(s64, up, 0),
			      MPIO_SA_PAD) ||
	    mpio_fill_sockaddr(skb, MPIO_SA_LOCAL, &sess->local) ||
	    mpio_fill_sockaddr(skb, MPIO_SA_REMOTE, &sess->remote) ||
	    mpio_fill_flag(skb, MPIO_SA_SCANNED, sess->scanned) ||
	    mpio_fill_flag(skb, MPIO_SA_SCAN_PENDING,
			   sess->scans_ordered != sess->scans_done))
		return -EMSGSIZE;
	return mpio_fill_negotiated(skb, sess);
}

static int mpio_fill_state(struct sk_buff *skb, struct mpio_session *sess)
{
	int err = -EMSGSIZE;

	spin_lock_irq(&sess->lock);
	if (nla_put_u32(skb, MPIO_SA_STATE, sess->state) ||
	    nla_put_string(skb, MPIO_SA_LAST_ERROR, sess->last_error) ||
	    nla_put_u32(skb, MPIO_SA_LAST_ERROR_CODE, sess->last_error_code) ||
	    nla_put_u32(skb, MPIO_SA_RECONNECTS, sess->reconnects))
		goto out;
	err = 0;
	if (sess->state == MPIO_SESSION_LOGGED_IN)
		err = mpio_fill_login(skb, sess);
	else if (sess->cfg.tpgt >= 0)
		err = nla_put_u32(skb, MPIO_SA_TPGT, sess->cfg.tpgt);
out:
	spin_unlock_irq(&sess->lock);
	return err;
}

static int mpio_fill_host(struct sk_buff *skb, struct mpio_session *sess)
{
	int err = 0;

	mutex_lock(&mpio_registry_mutex);
	if (sess->host && sess->host->shost)
		err = nla_put_u32(skb, MPIO_SA_HOST,
				  sess->host->shost->host_no);
	mutex_unlock(&mpio_registry_mutex);
	return err;
}

/* What the target got wrong, and what it is spared for that. */
static int mpio_fill_quirks(struct sk_buff *skb, struct mpio_session *sess)
{
	char text[MPIO_QUIRK_TEXT_MAX + 1];
	struct mpio_quirks quirks;
	u32 at = 0, avoid;
	int err;

	spin_lock_irq(&sess->lock);
	quirks = sess->quirks;
	avoid = sess->avoid;
	err = mpio_fill_text(skb, MPIO_SA_REDIRECT, sess->redirect);
	spin_unlock_irq(&sess->lock);
	if (!err)
		err = nla_put_u32(skb, MPIO_SA_AVOID, avoid);
	while (!err && mpio_quirk_next(&quirks, &at, text))
		err = nla_put_string(skb, MPIO_SA_QUIRK, text);
	return err;
}

static int mpio_fill_records(struct sk_buff *skb, struct mpio_session *sess)
{
	int err = 0;
	u32 i;

	spin_lock_irq(&sess->lock);
	for (i = 0; i < sess->nrecords && !err; i++)
		err = nla_put_string(skb, MPIO_SA_RECORD, sess->records[i]);
	spin_unlock_irq(&sess->lock);
	return err;
}

/* host->mutex of the disk held. "" while there is no block device. */
static void mpio_disk_name(struct mpio_disk *disk, char *name)
{
	struct gendisk *gendisk = mpio_disk_gendisk(disk);

	lockdep_assert_held(&disk->host->mutex);
	name[0] = '\0';
	if (!gendisk)
		return;
	strscpy(name, gendisk->disk_name, DISK_NAME_LEN);
	put_device(disk_to_dev(gendisk));
}

static void mpio_disk_name_lock(struct mpio_disk *disk, char *name)
{
	mutex_lock(&disk->host->mutex);
	mpio_disk_name(disk, name);
	mutex_unlock(&disk->host->mutex);
}

static int mpio_fill_disk_names(struct sk_buff *skb, struct mpio_session *sess)
{
	struct mpio_path *path = NULL;
	char name[DISK_NAME_LEN];
	int err;

	while ((path = mpio_path_next(sess, path))) {
		mpio_disk_name_lock(path->disk, name);
		err = mpio_fill_text(skb, MPIO_SA_DISK, name);
		if (err) {
			mpio_path_put(path);
			return err;
		}
	}
	return 0;
}

static int mpio_fill_transition(struct sk_buff *skb,
				const struct mpio_transition *tr)
{
	struct nlattr *nest = nla_nest_start(skb, MPIO_SA_TRANSITION);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, MPIO_XA_TIME, tr->time_ns, MPIO_XA_PAD) ||
	    nla_put_u32(skb, MPIO_XA_STATE, tr->state) ||
	    nla_put_string(skb, MPIO_XA_REASON, tr->reason)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int mpio_fill_transitions(struct sk_buff *skb,
				 struct mpio_session *sess)
{
	const struct mpio_transition *tr;
	int err = 0;
	u32 i;

	spin_lock_irq(&sess->lock);
	i = sess->transitions - min_t(u32, sess->transitions,
				      MPIO_TRANSITIONS);
	while (i != sess->transitions && !err) {
		tr = &sess->transition[i++ % MPIO_TRANSITIONS];
		err = mpio_fill_transition(skb, tr);
	}
	spin_unlock_irq(&sess->lock);
	return err;
}

int mpio_fill_session(struct sk_buff *skb, struct mpio_session *sess, bool cut)
{
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_SESSION);
	int err;

	if (!nest)
		return -EMSGSIZE;
	err = mpio_fill_config(skb, sess);
	if (!err)
		err = mpio_fill_state(skb, sess);
	if (!err)
		err = mpio_fill_host(skb, sess);
	if (err)
		goto cancel;
	err = mpio_fill_records(skb, sess);
	if (!err)
		err = mpio_fill_quirks(skb, sess);
	if (!err)
		err = mpio_fill_disk_names(skb, sess);
	if (!err)
		err = mpio_fill_transitions(skb, sess);
	if (err && !cut)
		goto cancel;
	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return err;
}

/* disk->lock held. */
static int mpio_fill_path_state(struct sk_buff *skb,
				const struct mpio_path *path)
{
	u32 rest_ms = mpio_marginal_rest_ms(path);

	lockdep_assert_held(&path->disk->lock);
	if (nla_put_u32(skb, MPIO_PA_STATE, path->state) ||
	    nla_put_u32(skb, MPIO_PA_ALUA_STATE, path->alua_state) ||
	    nla_put_u32(skb, MPIO_PA_TPG, path->tpg) ||
	    nla_put_u32(skb, MPIO_PA_PREFERRED, path->preferred) ||
	    nla_put_u32(skb, MPIO_PA_ALUA_PREF, path->alua_pref) ||
	    nla_put_u32(skb, MPIO_PA_WEIGHT, path->weight) ||
	    nla_put_u32(skb, MPIO_PA_ENABLED, !path->disabled) ||
	    nla_put_u32(skb, MPIO_PA_REST_MS, rest_ms) ||
	    mpio_fill_text(skb, MPIO_PA_REASON, path->reason[0] || !rest_ms ?
			   path->reason : path->marginal.rest_why))
		return -EMSGSIZE;
	return 0;
}

static int mpio_fill_path_stats(struct sk_buff *skb,
				const struct mpio_path *path)
{
	struct mpio_path_stats sum;

	mpio_path_read_stats(path, &sum);
	if (nla_put_u32(skb, MPIO_PA_IN_FLIGHT, atomic_read(&path->inflight)) ||
	    nla_put_u32(skb, MPIO_PA_LATENCY_US, READ_ONCE(path->latency_us)) ||
	    nla_put_u64_64bit(skb, MPIO_PA_IOS, sum.ios, MPIO_PA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_PA_BYTES, sum.bytes, MPIO_PA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_PA_ERRORS, sum.errors, MPIO_PA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_PA_FAILOVERS, sum.failovers,
			      MPIO_PA_PAD) ||
	    nla_put(skb, MPIO_PA_LATENCY_COUNTS, sizeof(sum.latency),
		    sum.latency))
		return -EMSGSIZE;
	return 0;
}

int mpio_fill_path(struct sk_buff *skb, struct mpio_path *path)
{
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_PATH);
	struct mpio_disk *disk = path->disk;
	char name[DISK_NAME_LEN];
	int err;

	if (!nest)
		return -EMSGSIZE;
	mpio_disk_name_lock(disk, name);
	if (nla_put_u32(skb, MPIO_PA_ID, path->id) ||
	    nla_put_string(skb, MPIO_PA_KEY, path->key) ||
	    nla_put_u32(skb, MPIO_PA_SESSION_ID, path->sess->id) ||
	    nla_put_u32(skb, MPIO_PA_DISK_ID, disk->id) ||
	    mpio_fill_text(skb, MPIO_PA_DISK, name) ||
	    nla_put_u64_64bit(skb, MPIO_PA_LUN, path->lun, MPIO_PA_PAD) ||
	    nla_put_string(skb, MPIO_PA_TARGET_NAME,
			   path->sess->cfg.target_name) ||
	    mpio_fill_sockaddr(skb, MPIO_PA_PORTAL, &path->sess->cfg.portal))
		goto cancel;
	spin_lock_irq(&disk->lock);
	err = mpio_fill_path_state(skb, path);
	spin_unlock_irq(&disk->lock);
	if (err || mpio_fill_path_stats(skb, path))
		goto cancel;
	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

static int mpio_fill_identity(struct sk_buff *skb, struct mpio_disk *disk)
{
	char wwid[MPIO_LU_ID_TEXT_MAX + 1];
	const struct mpio_path_set *set;
	u32 i, paths = 0, ready = 0;

	mpio_lu_id_format(&disk->unit.id, wwid);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++, paths++)
		ready += mpio_path_usable(set->path[i]);
	rcu_read_unlock();
	if (nla_put_u32(skb, MPIO_DA_ID, disk->id) ||
	    mpio_fill_text(skb, MPIO_DA_WWID, wwid) ||
	    nla_put_string(skb, MPIO_DA_TARGET_NAME, disk->target_name) ||
	    nla_put_u64_64bit(skb, MPIO_DA_SIZE, READ_ONCE(disk->unit.size),
			      MPIO_DA_PAD) ||
	    nla_put_u32(skb, MPIO_DA_PATHS, paths) ||
	    nla_put_u32(skb, MPIO_DA_PATHS_READY, ready) ||
	    mpio_fill_clash(skb, disk))
		return -EMSGSIZE;
	return 0;
}

static void mpio_disk_serial(struct scsi_device *sdev, char *serial)
{
	const struct scsi_vpd *vpd;

	serial[0] = '\0';
	rcu_read_lock();
	vpd = rcu_dereference(sdev->vpd_pg80);
	if (vpd && mpio_vpd_serial(vpd->data, vpd->len, serial))
		serial[0] = '\0';
	rcu_read_unlock();
}

/* What the SCSI device knows. */
static int mpio_fill_device(struct sk_buff *skb, struct mpio_disk *disk)
{
	char serial[MPIO_SERIAL_MAX + 1], name[DISK_NAME_LEN], hctl[48];
	struct mpio_host *host = disk->host;
	int err = 0;

	mutex_lock(&host->mutex);
	if (!disk->sdev)
		goto unlock;
	mpio_disk_name(disk, name);
	mpio_disk_serial(disk->sdev, serial);
	snprintf(hctl, sizeof(hctl), "%u:%u:%u:%llu",
		 disk->sdev->host->host_no, disk->sdev->channel,
		 disk->sdev->id, disk->sdev->lun);
	if (mpio_fill_text(skb, MPIO_DA_NAME, name) ||
	    nla_put_string(skb, MPIO_DA_HCTL, hctl) ||
	    mpio_fill_text(skb, MPIO_DA_SERIAL, serial) ||
	    nla_put_u32(skb, MPIO_DA_OPENERS, mpio_disk_openers(disk)))
		err = -EMSGSIZE;
unlock:
	mutex_unlock(&host->mutex);
	return err;
}

/* disk->lock held. Why writes wait though a path could carry them. */
static int mpio_fill_fence(struct sk_buff *skb, const struct mpio_disk *disk)
{
	struct mpio_fence_tally tally;

	lockdep_assert_held(&disk->lock);
	mpio_fence_count(disk, &tally);
	if (nla_put_u32(skb, MPIO_DA_HELD, tally.held))
		return -EMSGSIZE;
	if (!tally.ghosts)
		return 0;
	if (nla_put_u32(skb, MPIO_DA_GHOSTS, tally.ghosts) ||
	    nla_put_string(skb, MPIO_DA_GHOST, tally.first->key))
		return -EMSGSIZE;
	return 0;
}

/* disk->lock held. */
static int mpio_fill_disk_state(struct sk_buff *skb,
				const struct mpio_disk *disk)
{
	lockdep_assert_held(&disk->lock);
	if (nla_put_u32(skb, MPIO_DA_PARKED, mpio_shelf_waiting(disk)) ||
	    mpio_fill_flag(skb, MPIO_DA_FAILED, disk->failfast) ||
	    nla_put_u64_64bit(skb, MPIO_DA_FAILOVERS, disk->failovers,
			      MPIO_DA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_DA_REQUEUES, disk->requeues,
			      MPIO_DA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_DA_NO_PATH_ERRORS,
			      disk->no_path_errors, MPIO_DA_PAD))
		return -EMSGSIZE;
	return mpio_fill_fence(skb, disk);
}

int mpio_fill_disk(struct sk_buff *skb, struct mpio_disk *disk)
{
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_DISK);
	unsigned int source;
	int err;

	if (!nest)
		return -EMSGSIZE;
	if (mpio_fill_identity(skb, disk) || mpio_fill_device(skb, disk) ||
	    nla_put_u32(skb, MPIO_DA_POLICY,
			mpio_policy_resolve(disk, &source)) ||
	    nla_put_u32(skb, MPIO_DA_POLICY_SOURCE, source))
		goto cancel;
	spin_lock_irq(&disk->lock);
	err = mpio_fill_disk_state(skb, disk);
	spin_unlock_irq(&disk->lock);
	if (err)
		goto cancel;
	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}
