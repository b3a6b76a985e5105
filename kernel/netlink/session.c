// SPDX-License-Identifier: GPL-2.0
/* Netlink requests about one session: add, delete, get, set, scan. */

#include "base/event.h"
#include "host/add.h"
#include "host/remove.h"
#include "multipath/policy.h"
#include "netlink/fill.h"
#include "netlink/parse.h"
#include "netlink/request.h"
#include "session/secrets.h"
#include "session/session.h"
#include <linux/slab.h>
#include <net/genetlink.h>

/* A session with all its lists; more would not fit a nest. */
#define MPIO_REPLY_MAX		32768

/*
 * Takes over the list. Events read the old one without a lock, so it goes
 * after a grace period.
 */
static void mpio_session_replace_records(struct mpio_session *sess,
					 struct mpio_records *records)
{
	char (*old)[MPIO_RECORD_MAX + 1];

	spin_lock_irq(&sess->lock);
	old = sess->records;
	sess->nrecords = records->count;
	/* The list is complete before a reader can find it. */
	smp_store_release(&sess->records, records->id);
	spin_unlock_irq(&sess->lock);
	records->id = NULL;
	if (old)
		synchronize_rcu();
	kfree(old);
}

static int mpio_fill_added(struct sk_buff *skb, const struct mpio_session *sess)
{
	struct nlattr *nest;

	if (nla_put_u32(skb, MPIO_A_SESSION_ID, sess->id))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, MPIO_A_SESSION);
	if (!nest || nla_put_u32(skb, MPIO_SA_ID, sess->id) ||
	    nla_put_u64_64bit(skb, MPIO_SA_INSTANCE, mpio_instance,
			      MPIO_SA_PAD) ||
	    nla_put_u64_64bit(skb, MPIO_SA_UNIQUE, sess->unique, MPIO_SA_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Parses, adds and fills the reply @skb, which has room for it. */
static int mpio_add_request(struct genl_info *info, struct sk_buff *skb,
			    struct mpio_session_request *req)
{
	struct nlattr *nest = info->attrs[MPIO_A_SESSION];
	const char *why = "the session could not be added";
	struct mpio_session *sess;
	int err;

	mutex_lock(&mpio_registry_mutex);
	req->settings = mpio_default_settings;
	mutex_unlock(&mpio_registry_mutex);
	err = mpio_parse_session(nest, req, info->extack);
	if (err)
		return err;
	sess = mpio_session_add(genl_info_net(info), &req->cfg, &req->settings,
				req->configs, &why);
	if (IS_ERR(sess))
		return mpio_refuse(info->extack, NULL, PTR_ERR(sess), why);
	req->configs = NULL;
	if (req->records.id)
		mpio_session_replace_records(sess, &req->records);
	err = mpio_fill_added(skb, sess);
	mpio_session_put(sess);
	return err;
}

/* Of a session to add or to change, or NULL. */
static const struct nlattr *mpio_request_settings(struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[MPIO_A_SESSION];

	return nest ? nla_find_nested(nest, MPIO_SA_SETTINGS) : NULL;
}

int mpio_nl_session_add(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_session_request *req;
	struct sk_buff *skb;
	void *hdr;
	int err;

	err = mpio_need(info, MPIO_A_SESSION, "describe the session to add");
	if (err)
		return err;
	/* At boot a disk is worth more than its congestion control. */
	mpio_provide_settings(mpio_request_settings(info), NULL);
	skb = mpio_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (req)
		req->configs = mpio_path_configs_alloc();
	if (skb && req && req->configs)
		err = mpio_add_request(info, skb, req);
	else
		err = mpio_refuse_memory(info->extack);
	mpio_wipe_secrets(info->attrs[MPIO_A_SESSION]);
	if (req) {
		mpio_path_configs_free(req->configs);
		kfree(req->records.id);
	}
	kfree_sensitive(req);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return mpio_reply_end(info, skb, hdr, 0);
}

int mpio_nl_session_del(struct sk_buff *request, struct genl_info *info)
{
	const char *why = "the session could not be deleted";
	struct mpio_session *sess = mpio_request_session(info);
	int err;

	if (IS_ERR(sess))
		return PTR_ERR(sess);
	err = mpio_session_del(sess, info->attrs[MPIO_A_FORCE], &why);
	if (err)
		mpio_refuse(info->extack, info->attrs[MPIO_A_SESSION_ID], err,
			    why);
	mpio_session_put(sess);
	return err;
}

static int mpio_reply_session(struct genl_info *info, struct mpio_session *sess)
{
	size_t room = GENLMSG_DEFAULT_SIZE;
	struct sk_buff *skb;
	void *hdr;
	int err;

	for (;; room = MPIO_REPLY_MAX) {
		skb = mpio_reply_new(info, room, &hdr);
		if (!skb)
			return -ENOMEM;
		err = mpio_fill_session(skb, sess, room == MPIO_REPLY_MAX);
		if (!err || room == MPIO_REPLY_MAX)
			return mpio_reply_end(info, skb, hdr, err);
		nlmsg_free(skb);
	}
}

int mpio_nl_session_get(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_session *sess = mpio_request_session(info);
	int err;

	if (IS_ERR(sess))
		return PTR_ERR(sess);
	err = mpio_reply_session(info, sess);
	mpio_session_put(sess);
	return err;
}

/* What SESSION_SET wants changed. */
struct mpio_session_change {
	bool has_settings, has_records, has_policy, has_portal, has_secrets;
	bool kick;
	struct sockaddr_storage portal;
	const char *redirect;		/* of the request, or NULL */
	struct mpio_settings settings;
	struct mpio_records records;
	enum mpio_policy policy;
	struct mpio_target_policy *target;	/* of the policy, or NULL */
	struct mpio_secrets secrets;
};

/* @chg->settings and ->secrets are those of the session now. */
static int mpio_parse_change(struct genl_info *info,
			     const struct mpio_session *sess,
			     struct mpio_session_change *chg)
{
	const struct nlattr *nest = info->attrs[MPIO_A_SESSION];
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr *tb[MPIO_SA_MAX + 1] = {};
	int err = 0;

	chg->kick = info->attrs[MPIO_A_KICK];
	if (nest)
		err = nla_parse_nested(tb, MPIO_SA_MAX, nest,
				       mpio_session_set_policy, extack);
	if (err)
		return err;
	chg->has_settings = tb[MPIO_SA_SETTINGS];
	chg->has_records = tb[MPIO_SA_RECORD];
	chg->has_policy = tb[MPIO_SA_POLICY];
	chg->has_portal = tb[MPIO_SA_PORTAL];
	if (tb[MPIO_SA_REDIRECT] && chg->has_portal)
		chg->redirect = nla_data(tb[MPIO_SA_REDIRECT]);
	chg->has_secrets = tb[MPIO_SA_CHAP_SECRET] ||
			   tb[MPIO_SA_CHAP_SECRET_IN];
	if (!chg->has_settings && !chg->has_records && !chg->has_policy &&
	    !chg->has_portal && !chg->has_secrets && !chg->kick)
		return mpio_refuse(extack, NULL, -EINVAL,
				   "say what to change in the session");
	if (chg->has_settings)
		err = mpio_parse_settings(tb[MPIO_SA_SETTINGS], &chg->settings,
					  extack);
	if (!err && chg->has_portal)
		err = mpio_parse_portal(tb[MPIO_SA_PORTAL], &chg->portal,
					extack);
	if (chg->has_policy)
		chg->policy = nla_get_u32(tb[MPIO_SA_POLICY]);
	if (!err && chg->has_secrets)
		err = mpio_parse_secrets(tb, &sess->cfg, &chg->secrets,
					 extack);
	if (!err && chg->has_records)
		err = mpio_parse_records(nest, &chg->records, extack);
	return err;
}

/* All of the change that can fail. What it prepares belongs to @chg then. */
static int mpio_prepare_change(struct genl_info *info,
			       struct mpio_session *sess,
			       struct mpio_session_change *chg)
{
	const char *why = "";
	int err;

	err = mpio_parse_change(info, sess, chg);
	if (err)
		return err;
	if (chg->has_policy) {
		chg->target = mpio_policy_prepare(sess->cfg.target_name,
						  chg->policy);
		if (!chg->target)
			return mpio_refuse_memory(info->extack);
	}
	/* The last one: it checks and sets in one. */
	if (!chg->has_portal)
		return 0;
	err = mpio_session_set_portal(sess, &chg->portal, chg->redirect, &why);
	return err ? mpio_refuse(info->extack, NULL, err, why) : 0;
}

/* mpio_change_mutex held. */
static int mpio_change_session(struct genl_info *info,
			       struct mpio_session *sess)
{
	struct mpio_session_change chg = { .settings = sess->settings };
	int err;

	lockdep_assert_held(&mpio_change_mutex);
	mpio_session_get_secrets(sess, &chg.secrets);
	err = mpio_prepare_change(info, sess, &chg);
	if (err) {
		kfree(chg.records.id);
		kfree(chg.target);
		goto wipe;
	}
	if (chg.has_policy)
		mpio_policy_apply(chg.target);
	if (chg.has_settings)
		mpio_session_apply_settings(sess, &chg.settings);
	if (chg.has_secrets)
		mpio_session_set_secrets(sess, &chg.secrets);
	if (chg.has_records)
		mpio_session_replace_records(sess, &chg.records);
	if (chg.kick)
		mpio_session_kick(sess);
wipe:
	memzero_explicit(&chg.secrets, sizeof(chg.secrets));
	return err;
}

int mpio_nl_session_set(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_session *sess = mpio_request_session(info);
	int err;

	if (IS_ERR(sess))
		return PTR_ERR(sess);
	err = mpio_provide_settings(mpio_request_settings(info), info->extack);
	if (err)
		goto put;
	mutex_lock(&mpio_change_mutex);
	err = mpio_change_session(info, sess);
	mutex_unlock(&mpio_change_mutex);
put:
	if (info->attrs[MPIO_A_SESSION])
		mpio_wipe_secrets(info->attrs[MPIO_A_SESSION]);
	mpio_session_put(sess);
	return err;
}

int mpio_nl_session_scan(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_session *sess = mpio_request_session(info);
	int err = 0;

	if (IS_ERR(sess))
		return PTR_ERR(sess);
	if (!mpio_session_order_scan(sess))
		err = mpio_refuse(info->extack, info->attrs[MPIO_A_SESSION_ID],
				  -ENOTCONN,
				  "the session is not logged in, it is scanned when it is");
	mpio_session_put(sess);
	return err;
}
