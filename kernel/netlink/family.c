// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: requests that change something or ask for one
 * object. Dumps, events, parsing and filling live in the other files.
 *
 * Each request is checked as a whole before its first effect. The core holds
 * no lock of ours; requests that replace a part of what is there take
 * mpio_change_mutex.
 */
#include "netlink/family.h"

#include <linux/module.h>
#include <linux/mutex.h>
#include <net/genetlink.h>

#include "base/auth.h"
#include "base/event.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "multipath/policy.h"
#include "netlink/fill.h"
#include "netlink/parse.h"
#include "netlink/request.h"
#include "session/session.h"

static struct mpio_path *mpio_request_path(struct genl_info *info)
{
	struct mpio_path *path;
	int err;

	err = mpio_need(info, MPIO_A_PATH_ID, "give the path number");
	if (err)
		return ERR_PTR(err);
	path = mpio_path_find(nla_get_u32(info->attrs[MPIO_A_PATH_ID]));
	if (path && mpio_net_sees(genl_info_net(info), path->sess))
		return path;
	if (path)
		mpio_path_put(path);
	return ERR_PTR(mpio_refuse(info->extack, info->attrs[MPIO_A_PATH_ID],
				   -ENOENT, "no path has this number"));
}

static struct mpio_disk *mpio_find_disk(u32 id)
{
	struct mpio_disk *disk, *found = NULL;
	struct mpio_host *host;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(host, &mpio_hosts, node) {
		mutex_lock(&host->mutex);
		list_for_each_entry(disk, &host->disks, host_node)
			if (disk->id == id)
				found = mpio_disk_get(disk);
		mutex_unlock(&host->mutex);
		if (found)
			break;
	}
	mutex_unlock(&mpio_registry_mutex);
	return found;
}

static struct mpio_disk *mpio_request_disk(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[MPIO_A_DISK_ID];
	struct mpio_disk *disk = mpio_find_disk(nla_get_u32(attr));

	if (disk && mpio_net_sees_disk(genl_info_net(info), disk))
		return disk;
	if (disk)
		mpio_disk_put(disk);
	return ERR_PTR(mpio_refuse(info->extack, attr, -ENOENT,
				   "no disk has this number"));
}

static u32 mpio_count_sessions(const struct net *net)
{
	struct mpio_session *sess;
	u32 n = 0;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(sess, &mpio_sessions, node)
		n += mpio_net_sees(net, sess);
	mutex_unlock(&mpio_registry_mutex);
	return n;
}

static int mpio_fill_info(struct sk_buff *skb, const struct net *net,
			  const struct mpio_hashes *hashes)
{
	struct nlattr *nest = nla_nest_start(skb, MPIO_A_INFO);

	if (!nest ||
	    nla_put_u64_64bit(skb, MPIO_IA_INSTANCE, mpio_instance,
			      MPIO_IA_PAD) ||
	    nla_put_string(skb, MPIO_IA_VERSION, MPIO_VERSION) ||
	    nla_put_u32(skb, MPIO_IA_ABI, MPIO_GENL_VERSION) ||
	    nla_put_u32(skb, MPIO_IA_SESSIONS, mpio_count_sessions(net)) ||
	    nla_put_u32(skb, MPIO_IA_CHAP_ALGS, mpio_auth_algs(hashes)) ||
	    nla_put_u32(skb, MPIO_IA_POLICY, mpio_policy_default()))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int mpio_nl_info_get(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_hashes *hashes;
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = mpio_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return -ENOMEM;
	/* What this kernel can compute is seen by trying. */
	hashes = mpio_auth_alloc();
	if (!hashes) {
		nlmsg_free(skb);
		return mpio_refuse_memory(info->extack);
	}
	err = mpio_fill_info(skb, genl_info_net(info), hashes);
	mpio_auth_free(hashes);
	return mpio_reply_end(info, skb, hdr, err);
}

static int mpio_parse_path(struct genl_info *info, struct nlattr **tb)
{
	int err;

	err = mpio_need(info, MPIO_A_PATH, "say what to change in the path");
	if (!err)
		err = nla_parse_nested(tb, MPIO_PA_MAX,
				       info->attrs[MPIO_A_PATH],
				       mpio_path_set_policy, info->extack);
	if (!err && !tb[MPIO_PA_ENABLED] && !tb[MPIO_PA_PREFERRED] &&
	    !tb[MPIO_PA_WEIGHT])
		err = mpio_refuse(info->extack, info->attrs[MPIO_A_PATH],
				  -EINVAL, "say what to change in the path");
	return err;
}

/* mpio_change_mutex held. What can fail comes first. */
static int mpio_change_path(struct mpio_path *path, struct nlattr *const *tb,
			    struct netlink_ext_ack *extack)
{
	struct mpio_path_configs *configs = path->sess->configs;
	struct mpio_path_config config = mpio_path_config_get(configs, path->lun);
	struct mpio_disk *disk = path->disk;
	bool enabled, fenced;

	lockdep_assert_held(&mpio_change_mutex);
	mpio_parse_path_config(tb, &config);
	if ((tb[MPIO_PA_WEIGHT] || tb[MPIO_PA_PREFERRED]) &&
	    mpio_path_config_set(configs, path->lun, config))
		return mpio_refuse_memory(extack);

	spin_lock_irq(&disk->lock);
	WRITE_ONCE(path->weight, config.weight);
	WRITE_ONCE(path->preferred, config.preferred);
	enabled = !path->disabled;
	fenced = path->state == MPIO_PATH_FENCED;
	spin_unlock_irq(&disk->lock);

	/* Reinstating a fenced path has it looked at again. */
	if (tb[MPIO_PA_ENABLED] &&
	    (fenced || nla_get_u32(tb[MPIO_PA_ENABLED]) != enabled))
		mpio_path_set_disabled(path,
				       !nla_get_u32(tb[MPIO_PA_ENABLED]));
	mpio_policy_update(disk);
	mpio_disk_update(disk);
	return 0;
}

static int mpio_nl_path_set(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *tb[MPIO_PA_MAX + 1];
	struct mpio_path *path;
	int err;

	err = mpio_parse_path(info, tb);
	if (err)
		return err;
	path = mpio_request_path(info);
	if (IS_ERR(path))
		return PTR_ERR(path);
	mutex_lock(&mpio_change_mutex);
	err = mpio_change_path(path, tb, info->extack);
	mutex_unlock(&mpio_change_mutex);
	mpio_path_put(path);
	return err;
}

static int mpio_set_disk_policy(struct genl_info *info, enum mpio_policy policy)
{
	struct mpio_disk *disk = mpio_request_disk(info);

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	WRITE_ONCE(disk->disk_policy, policy);
	mpio_policy_update(disk);
	mpio_disk_put(disk);
	return 0;
}

static int mpio_set_target_policy(struct genl_info *info,
				  enum mpio_policy policy)
{
	char target[MPIO_NAME_MAX + 1];
	int err;

	err = mpio_parse_name(info->attrs[MPIO_A_TARGET], target,
			      info->extack);
	if (!err && mpio_policy_set_target(target, policy))
		err = mpio_refuse_memory(info->extack);
	return err;
}

static int mpio_nl_policy_set(struct sk_buff *request, struct genl_info *info)
{
	enum mpio_policy policy;
	int err;

	err = mpio_need(info, MPIO_A_POLICY, "give the policy");
	if (err)
		return err;
	policy = nla_get_u32(info->attrs[MPIO_A_POLICY]);
	if (info->attrs[MPIO_A_DISK_ID] && info->attrs[MPIO_A_TARGET])
		return mpio_refuse(info->extack, info->attrs[MPIO_A_TARGET],
				   -EINVAL,
				   "name a disk or a target, not both");
	if (info->attrs[MPIO_A_DISK_ID])
		return mpio_set_disk_policy(info, policy);
	if (info->attrs[MPIO_A_TARGET])
		return mpio_set_target_policy(info, policy);
	mpio_policy_set_default(policy);
	return 0;
}

static int mpio_nl_setting_get(struct sk_buff *request, struct genl_info *info)
{
	struct mpio_settings settings;
	struct sk_buff *skb;
	void *hdr;

	mutex_lock(&mpio_registry_mutex);
	settings = mpio_default_settings;
	mutex_unlock(&mpio_registry_mutex);
	skb = mpio_reply_new(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return -ENOMEM;
	return mpio_reply_end(info, skb, hdr,
			      mpio_fill_settings(skb, MPIO_A_SETTINGS,
						 &settings));
}

static int mpio_nl_setting_set(struct sk_buff *request, struct genl_info *info)
{
	int err;

	err = mpio_need(info, MPIO_A_SETTINGS, "give the settings to change");
	if (err)
		return err;
	err = mpio_provide_settings(info->attrs[MPIO_A_SETTINGS], info->extack);
	if (err)
		return err;
	mutex_lock(&mpio_registry_mutex);
	err = mpio_parse_settings(info->attrs[MPIO_A_SETTINGS],
				  &mpio_default_settings, info->extack);
	mutex_unlock(&mpio_registry_mutex);
	return err;
}

static const struct nla_policy mpio_session_id_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SESSION_ID]	= { .type = NLA_U32 },
};

static const struct nla_policy mpio_add_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SESSION]	= NLA_POLICY_NESTED(mpio_session_add_policy),
};

static const struct nla_policy mpio_del_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SESSION_ID]	= { .type = NLA_U32 },
	[MPIO_A_FORCE]		= { .type = NLA_FLAG },
};

static const struct nla_policy mpio_set_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SESSION_ID]	= { .type = NLA_U32 },
	[MPIO_A_SESSION]	= NLA_POLICY_NESTED(mpio_session_set_policy),
	[MPIO_A_KICK]		= { .type = NLA_FLAG },
};

static const struct nla_policy mpio_path_get_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SESSION_ID]	= { .type = NLA_U32 },
	[MPIO_A_DISK_ID]	= { .type = NLA_U32 },
};

static const struct nla_policy mpio_path_set_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_PATH_ID]	= { .type = NLA_U32 },
	[MPIO_A_PATH]		= NLA_POLICY_NESTED(mpio_path_set_policy),
};

static const struct nla_policy mpio_disk_get_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_DISK_ID]	= { .type = NLA_U32 },
};

static const struct nla_policy mpio_policy_set_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_DISK_ID]	= { .type = NLA_U32 },
	[MPIO_A_TARGET]		= { .type = NLA_NUL_STRING,
				    .len = MPIO_NAME_MAX },
	[MPIO_A_POLICY]		= NLA_POLICY_MAX(NLA_U32, __MPIO_POLICY_MAX - 1),
};

static const struct nla_policy mpio_setting_op_policy[MPIO_A_MAX + 1] = {
	[MPIO_A_SETTINGS]	= NLA_POLICY_NESTED(mpio_setting_policy),
};

/* CAP_NET_ADMIN in the initial user namespace for each of them, dumps too. */
#define MPIO_OP(cmd_, policy_)						\
	.cmd = cmd_, .flags = GENL_ADMIN_PERM,				\
	.policy = policy_, .maxattr = MPIO_A_MAX

static const struct genl_ops mpio_genl_ops[] = {
	{ .cmd = MPIO_CMD_INFO_GET, .flags = GENL_ADMIN_PERM,
	  .doit = mpio_nl_info_get },
	{ MPIO_OP(MPIO_CMD_SESSION_ADD, mpio_add_op_policy),
	  .doit = mpio_nl_session_add },
	{ MPIO_OP(MPIO_CMD_SESSION_DEL, mpio_del_op_policy),
	  .doit = mpio_nl_session_del },
	{ MPIO_OP(MPIO_CMD_SESSION_GET, mpio_session_id_policy),
	  .doit = mpio_nl_session_get, .start = mpio_dump_start,
	  .dumpit = mpio_dump_sessions },
	{ MPIO_OP(MPIO_CMD_SESSION_SET, mpio_set_op_policy),
	  .doit = mpio_nl_session_set },
	{ MPIO_OP(MPIO_CMD_PATH_GET, mpio_path_get_op_policy),
	  .start = mpio_dump_start, .dumpit = mpio_dump_paths },
	{ MPIO_OP(MPIO_CMD_PATH_SET, mpio_path_set_op_policy),
	  .doit = mpio_nl_path_set },
	{ MPIO_OP(MPIO_CMD_DISK_GET, mpio_disk_get_op_policy),
	  .start = mpio_dump_start, .dumpit = mpio_dump_disks },
	{ MPIO_OP(MPIO_CMD_POLICY_SET, mpio_policy_set_op_policy),
	  .doit = mpio_nl_policy_set },
	{ .cmd = MPIO_CMD_SETTING_GET, .flags = GENL_ADMIN_PERM,
	  .doit = mpio_nl_setting_get },
	{ MPIO_OP(MPIO_CMD_SETTING_SET, mpio_setting_op_policy),
	  .doit = mpio_nl_setting_set },
	{ MPIO_OP(MPIO_CMD_SCAN, mpio_session_id_policy),
	  .doit = mpio_nl_session_scan },
};

/* Listening needs CAP_NET_ADMIN over the namespace; see event.c. */
static const struct genl_multicast_group mpio_genl_groups[] = {
	{ .name = MPIO_GENL_GROUP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family mpio_genl_family __ro_after_init = {
	.name = MPIO_GENL_NAME,
	.version = MPIO_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = mpio_genl_ops,
	.n_ops = ARRAY_SIZE(mpio_genl_ops),
	.mcgrps = mpio_genl_groups,
	.n_mcgrps = ARRAY_SIZE(mpio_genl_groups),
};

int __init mpio_netlink_init(void)
{
	int err;

	mpio_request_init(&mpio_genl_family);
	err = genl_register_family(&mpio_genl_family);
	if (!err)
		mpio_events_init(&mpio_genl_family);
	return err;
}

void mpio_netlink_exit(void)
{
	mpio_events_exit();
	genl_unregister_family(&mpio_genl_family);
}

MODULE_ALIAS_GENL_FAMILY(MPIO_GENL_NAME);
