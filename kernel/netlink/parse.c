// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the netlink interface: types and bounds by policy, what depends
 * on other attributes by hand.
 *
 * Whoever asks the core for the policies (CTRL_CMD_GETPOLICY) reads every bound
 * there, and a value beyond one is refused with that part of the policy, from
 * which programs make their sentence. What a policy cannot say is refused with
 * a sentence here; those are constants, as the core reads them after the
 * operation returned.
 */
#include "netlink/parse.h"

#include <linux/cache.h>
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "base/logon_key.h"
#include "conn/conn.h"
#include "proto/chap.h"
#include "proto/name.h"

#define MPIO_SETTING(what_)						\
	[what_] = NLA_POLICY_FULL_RANGE(NLA_U32,			\
					&mpio_setting_rules[what_].range)

const struct nla_policy mpio_setting_policy[MPIO_TA_MAX + 1] = {
	MPIO_SETTING(MPIO_TA_NOP_INTERVAL),
	MPIO_SETTING(MPIO_TA_NOP_TIMEOUT),
	MPIO_SETTING(MPIO_TA_LOGIN_TIMEOUT),
	MPIO_SETTING(MPIO_TA_RECONNECT_DELAY_MIN),
	MPIO_SETTING(MPIO_TA_RECONNECT_DELAY_MAX),
	MPIO_SETTING(MPIO_TA_NO_PATH_TIMEOUT),
	MPIO_SETTING(MPIO_TA_TMF_TIMEOUT),
	MPIO_SETTING(MPIO_TA_FENCE_MODE),
	MPIO_SETTING(MPIO_TA_FENCE_TIMEOUT),
	MPIO_SETTING(MPIO_TA_QUEUE_DEPTH),
	MPIO_SETTING(MPIO_TA_MARGINAL_HOLD_DOWN),
	MPIO_SETTING(MPIO_TA_PROCESSOR),
	MPIO_SETTING(MPIO_TA_DSCP),
	MPIO_SETTING(MPIO_TA_CONGESTION_CONTROL),
	MPIO_SETTING(MPIO_TA_PATH_VERIFY_PERIOD),
	MPIO_SETTING(MPIO_TA_MARGINAL_RANK),
	MPIO_SETTING(MPIO_TA_SAME_UNIT),
};

/* RFC 7143, 13.12 to 13.14, and 13.9. Not const: 6.1 would not take them. */
static struct netlink_range_validation mpio_length_range __ro_after_init = {
	.min = 512, .max = 0xffffff,
};

static struct netlink_range_validation mpio_tag_range __ro_after_init = {
	.max = 0xffff,
};

static struct netlink_range_validation mpio_weight_range __ro_after_init = {
	.max = MPIO_WEIGHT_MAX,
};

#define MPIO_TEXT(max_)		{ .type = NLA_NUL_STRING, .len = (max_) }
#define MPIO_SECRET		NLA_POLICY_RANGE(NLA_BINARY, MPIO_SECRET_MIN, \
						 MPIO_SECRET_MAX)
#define MPIO_ADDRESS		NLA_POLICY_RANGE(NLA_BINARY,		\
					sizeof(struct sockaddr_in),	\
					sizeof(struct sockaddr_in6))

static const struct nla_policy mpio_path_config_policy[MPIO_PA_MAX + 1] = {
	[MPIO_PA_LUN]		= { .type = NLA_U64 },
	[MPIO_PA_LUN_LAST]	= { .type = NLA_U64 },
	[MPIO_PA_PREFERRED]	= NLA_POLICY_MAX(NLA_U32, 1),
	[MPIO_PA_WEIGHT]	= NLA_POLICY_FULL_RANGE(NLA_U32,
							&mpio_weight_range),
};

const struct nla_policy mpio_session_add_policy[MPIO_SA_MAX + 1] = {
	[MPIO_SA_TARGET_NAME]	 = MPIO_TEXT(MPIO_NAME_MAX),
	[MPIO_SA_INITIATOR_NAME] = MPIO_TEXT(MPIO_NAME_MAX),
	[MPIO_SA_PORTAL]	 = MPIO_ADDRESS,
	[MPIO_SA_SOURCE]	 = MPIO_ADDRESS,
	[MPIO_SA_IFACE]		 = MPIO_TEXT(MPIO_IFACE_MAX),
	[MPIO_SA_ISID]		 = NLA_POLICY_EXACT_LEN(MPIO_ISID_LEN),
	[MPIO_SA_TPGT]		 = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &mpio_tag_range),
	[MPIO_SA_MULTIPATH]	 = { .type = NLA_FLAG },
	[MPIO_SA_DISCOVERED]	 = { .type = NLA_FLAG },
	[MPIO_SA_NO_SCAN]	 = { .type = NLA_FLAG },
	[MPIO_SA_AUTH]		 = NLA_POLICY_MAX(NLA_U32, MPIO_AUTH_CHAP_MUTUAL),
	[MPIO_SA_CHAP_USER]	 = MPIO_TEXT(MPIO_USER_MAX),
	[MPIO_SA_CHAP_SECRET]	 = MPIO_SECRET,
	[MPIO_SA_CHAP_USER_IN]	 = MPIO_TEXT(MPIO_USER_MAX),
	[MPIO_SA_CHAP_SECRET_IN] = MPIO_SECRET,
	[MPIO_SA_HEADER_DIGEST]	 = NLA_POLICY_MAX(NLA_U32, MPIO_DIGEST_CRC32C),
	[MPIO_SA_DATA_DIGEST]	 = NLA_POLICY_MAX(NLA_U32, MPIO_DIGEST_CRC32C),
	[MPIO_SA_INITIAL_R2T]	 = NLA_POLICY_MAX(NLA_U32, 1),
	[MPIO_SA_IMMEDIATE_DATA] = NLA_POLICY_MAX(NLA_U32, 1),
	[MPIO_SA_FIRST_BURST]	 = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &mpio_length_range),
	[MPIO_SA_MAX_BURST]	 = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &mpio_length_range),
	[MPIO_SA_MAX_RECV_DSL]	 = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &mpio_length_range),
	[MPIO_SA_MAX_R2T]	 = NLA_POLICY_RANGE(NLA_U32, 1, MPIO_MAX_R2T),
	[MPIO_SA_SETTINGS]	 = NLA_POLICY_NESTED(mpio_setting_policy),
	[MPIO_SA_RECORD]	 = MPIO_TEXT(MPIO_RECORD_MAX),
	[MPIO_SA_POLICY]	 = NLA_POLICY_MAX(NLA_U32, __MPIO_POLICY_MAX - 1),
	[MPIO_SA_CHAP_KEY]	 = MPIO_TEXT(MPIO_KEY_MAX),
	[MPIO_SA_CHAP_KEY_IN]	 = MPIO_TEXT(MPIO_KEY_MAX),
	[MPIO_SA_PATH]		 = NLA_POLICY_NESTED(mpio_path_config_policy),
	[MPIO_SA_AVOID]		 = NLA_POLICY_MAX(NLA_U32, MPIO_AVOID_ALL),
};

const struct nla_policy mpio_session_set_policy[MPIO_SA_MAX + 1] = {
	[MPIO_SA_PORTAL]	 = MPIO_ADDRESS,
	[MPIO_SA_REDIRECT]	 = MPIO_TEXT(MPIO_PORTAL_TEXT_MAX),
	[MPIO_SA_SETTINGS]	 = NLA_POLICY_NESTED(mpio_setting_policy),
	[MPIO_SA_RECORD]	 = MPIO_TEXT(MPIO_RECORD_MAX),
	[MPIO_SA_POLICY]	 = NLA_POLICY_MAX(NLA_U32, __MPIO_POLICY_MAX - 1),
	[MPIO_SA_CHAP_SECRET]	 = MPIO_SECRET,
	[MPIO_SA_CHAP_SECRET_IN] = MPIO_SECRET,
};

const struct nla_policy mpio_path_set_policy[MPIO_PA_MAX + 1] = {
	[MPIO_PA_PREFERRED]	= NLA_POLICY_MAX(NLA_U32, 1),
	[MPIO_PA_WEIGHT]	= NLA_POLICY_FULL_RANGE(NLA_U32,
							&mpio_weight_range),
	[MPIO_PA_ENABLED]	= NLA_POLICY_MAX(NLA_U32, 1),
};

int mpio_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		int err, const char *why)
{
	NL_SET_BAD_ATTR(extack, attr);
	/* As NL_SET_ERR_MSG(), which takes no sentence out of a table. */
	do_trace_netlink_extack(why);
	if (extack)
		extack->_msg = why;
	return err;
}

int mpio_refuse_memory(struct netlink_ext_ack *extack)
{
	return mpio_refuse(extack, NULL, -ENOMEM,
			   "out of memory, nothing was changed");
}

int mpio_provide_settings(const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u32 value;

	attr = nest ? nla_find_nested(nest, MPIO_TA_CONGESTION_CONTROL) : NULL;
	if (!attr || nla_len(attr) != sizeof(value))
		return 0;
	value = nla_get_u32(attr);
	if (value >= __MPIO_CONGESTION_MAX || !mpio_congestion_need(value))
		return 0;
	return mpio_refuse(extack, attr, -EOPNOTSUPP,
			   "this kernel has no such congestion control");
}

int mpio_parse_settings(const struct nlattr *nest,
			struct mpio_settings *settings,
			struct netlink_ext_ack *extack)
{
	struct mpio_settings new = *settings;
	struct nlattr *tb[MPIO_TA_MAX + 1];
	unsigned int i;
	int err;

	err = nla_parse_nested(tb, MPIO_TA_MAX, nest, mpio_setting_policy,
			       extack);
	if (err)
		return err;
	for (i = MPIO_TA_UNSPEC + 1; i <= MPIO_TA_MAX; i++)
		if (tb[i])
			new.v[i] = nla_get_u32(tb[i]);
	if (new.v[MPIO_TA_RECONNECT_DELAY_MIN] >
	    new.v[MPIO_TA_RECONNECT_DELAY_MAX])
		return mpio_refuse(extack, tb[MPIO_TA_RECONNECT_DELAY_MIN] ?:
				   tb[MPIO_TA_RECONNECT_DELAY_MAX], -EINVAL,
				   "ReconnectDelayMin must not exceed ReconnectDelayMax");
	*settings = new;
	return 0;
}

/* No control characters into @out, which has room for what the policy lets in. */
static int mpio_parse_text(const struct nlattr *attr, char *out,
			   struct netlink_ext_ack *extack)
{
	const char *text = nla_data(attr);
	u32 len = strnlen(text, nla_len(attr));
	u32 i;

	if (len + 1 != nla_len(attr))
		return mpio_refuse(extack, attr, -EINVAL,
				   "a text must end with its first NUL");
	for (i = 0; i < len; i++)
		if ((u8)text[i] < ' ' || text[i] == 0x7f)
			return mpio_refuse(extack, attr, -EINVAL,
					   "a text must not hold control characters");
	memcpy(out, text, len + 1);
	return 0;
}

int mpio_parse_name(const struct nlattr *attr, char *out,
		    struct netlink_ext_ack *extack)
{
	const char *why = "not an iSCSI name";
	int err;

	err = mpio_parse_text(attr, out, extack);
	if (err)
		return err;
	if (mpio_name_check(out, strlen(out), &why))
		return mpio_refuse(extack, attr, -EINVAL, why);
	return 0;
}

static int mpio_check_record(const struct nlattr *attr,
			     struct netlink_ext_ack *extack)
{
	const char *id;

	for (id = nla_data(attr); *id; id++)
		if (!isascii(*id) || (!isalnum(*id) && *id != '-' && *id != '_'))
			return mpio_refuse(extack, attr, -EINVAL,
					   "a record identifier is made of letters, digits, - and _");
	return 0;
}

int mpio_parse_records(const struct nlattr *nest, struct mpio_records *records,
		       struct netlink_ext_ack *extack)
{
	char (*id)[MPIO_RECORD_MAX + 1];
	const struct nlattr *attr;
	u32 n = 0;
	int rem, err = 0;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) == MPIO_SA_RECORD && ++n > MPIO_RECORDS_MAX)
			return mpio_refuse(extack, attr, -EINVAL,
					   "a session stands for at most 256 records");
	id = kcalloc(n + 1, sizeof(*id), GFP_KERNEL);
	if (!id)
		return mpio_refuse_memory(extack);
	n = 0;
	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != MPIO_SA_RECORD)
			continue;
		err = mpio_parse_text(attr, id[n], extack);
		if (!err)
			err = mpio_check_record(attr, extack);
		if (err)
			break;
		if (id[n][0])		/* an empty one clears the list */
			n++;
	}
	if (err || !n) {
		kfree(id);
		id = NULL;
	}
	if (err)
		return err;
	records->id = id;
	records->count = n;
	return 0;
}

void mpio_parse_path_config(struct nlattr *const *tb,
			    struct mpio_path_config *config)
{
	if (tb[MPIO_PA_PREFERRED])
		config->preferred = nla_get_u32(tb[MPIO_PA_PREFERRED]);
	if (tb[MPIO_PA_WEIGHT])
		config->weight = nla_get_u32(tb[MPIO_PA_WEIGHT]);
}

/* One MPIO_SA_PATH; @rest: of how many LUNs may still be spoken. */
static int mpio_parse_lun_configs(const struct nlattr *nest,
				  struct mpio_path_configs *configs, u32 *rest,
				  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[MPIO_PA_MAX + 1];
	u64 lun, last;
	int err;

	err = nla_parse_nested(tb, MPIO_PA_MAX, nest, mpio_path_config_policy, extack);
	if (err)
		return err;
	if (!tb[MPIO_PA_LUN])
		return mpio_refuse(extack, nest, -EINVAL,
				   "say which LUN the path leads to");
	lun = nla_get_u64(tb[MPIO_PA_LUN]);
	last = tb[MPIO_PA_LUN_LAST] ? nla_get_u64(tb[MPIO_PA_LUN_LAST]) : lun;
	if (last < lun)
		return mpio_refuse(extack, tb[MPIO_PA_LUN_LAST], -EINVAL,
				   "the last LUN must not be before the first");
	if (last > ULONG_MAX || last - lun >= *rest)
		return mpio_refuse(extack, nest, -EINVAL,
				   "a session has paths to at most 16384 LUNs");
	*rest -= last - lun + 1;
	do {
		struct mpio_path_config config = mpio_path_config_get(configs, lun);

		mpio_parse_path_config(tb, &config);
		if (mpio_path_config_set(configs, lun, config))
			return mpio_refuse_memory(extack);
	} while (lun++ < last);
	return 0;
}

static int mpio_parse_path_configs(const struct nlattr *nest,
				   struct mpio_path_configs *configs,
				   struct netlink_ext_ack *extack)
{
	u32 rest = 2 * MPIO_CONFIG_LUNS;	/* of weight, and of preference */
	const struct nlattr *attr;
	int rem, err = 0;

	BUILD_BUG_ON(MPIO_CONFIG_LUNS != 16384);	/* the sentences say so */
	nla_for_each_nested(attr, nest, rem) {
		if (!err && nla_type(attr) == MPIO_SA_PATH)
			err = mpio_parse_lun_configs(attr, configs, &rest,
						     extack);
	}
	return err;
}

static int mpio_parse_in(const struct nlattr *attr, struct sockaddr_in *to,
			 struct netlink_ext_ack *extack)
{
	struct sockaddr_in sin;

	memcpy(&sin, nla_data(attr), sizeof(sin));
	if (sin.sin_addr.s_addr == htonl(INADDR_ANY) ||
	    ipv4_is_multicast(sin.sin_addr.s_addr) ||
	    ipv4_is_lbcast(sin.sin_addr.s_addr))
		return mpio_refuse(extack, attr, -EINVAL,
				   "the address must be that of one host");
	to->sin_family = AF_INET;
	to->sin_port = sin.sin_port;
	to->sin_addr = sin.sin_addr;
	return 0;
}

static int mpio_parse_in6(const struct nlattr *attr, struct sockaddr_in6 *to,
			  struct netlink_ext_ack *extack)
{
	struct sockaddr_in6 sin6;
	int type;

	memcpy(&sin6, nla_data(attr), sizeof(sin6));
	type = ipv6_addr_type(&sin6.sin6_addr);
	if (type == IPV6_ADDR_ANY || type & IPV6_ADDR_MULTICAST)
		return mpio_refuse(extack, attr, -EINVAL,
				   "the address must be that of one host");
	if (type & IPV6_ADDR_MAPPED)
		return mpio_refuse(extack, attr, -EINVAL,
				   "give an ipv4 address as such, not mapped into ipv6");
	if (type & IPV6_ADDR_LINKLOCAL && !sin6.sin6_scope_id)
		return mpio_refuse(extack, attr, -EINVAL,
				   "a link-local address needs its interface as scope");
	to->sin6_family = AF_INET6;
	to->sin6_port = sin6.sin6_port;
	to->sin6_addr = sin6.sin6_addr;
	to->sin6_scope_id = sin6.sin6_scope_id;
	return 0;
}

/* @ss is zeroed. Leaves the port to the caller; it is at the same place. */
static int mpio_parse_sockaddr(const struct nlattr *attr,
			       struct sockaddr_storage *ss,
			       struct netlink_ext_ack *extack)
{
	sa_family_t family = 0;

	BUILD_BUG_ON(offsetof(struct sockaddr_in, sin_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	if (nla_len(attr) >= sizeof(family))
		memcpy(&family, nla_data(attr), sizeof(family));
	if (family == AF_INET && nla_len(attr) == sizeof(struct sockaddr_in))
		return mpio_parse_in(attr, (struct sockaddr_in *)ss, extack);
	if (family == AF_INET6 && nla_len(attr) == sizeof(struct sockaddr_in6))
		return mpio_parse_in6(attr, (struct sockaddr_in6 *)ss, extack);
	return mpio_refuse(extack, attr, -EINVAL,
			   "an address must be a sockaddr_in or a sockaddr_in6");
}

int mpio_parse_portal(const struct nlattr *attr,
		      struct sockaddr_storage *out,
		      struct netlink_ext_ack *extack)
{
	int err = mpio_parse_sockaddr(attr, out, extack);

	if (!err && !((struct sockaddr_in *)out)->sin_port)
		err = mpio_refuse(extack, attr, -EINVAL,
				  "the portal needs a port between 1 and 65535");
	return err;
}

static int mpio_parse_addresses(struct nlattr *const *tb,
				struct mpio_session_config *cfg,
				struct netlink_ext_ack *extack)
{
	int err;

	err = mpio_parse_portal(tb[MPIO_SA_PORTAL], &cfg->portal, extack);
	if (err)
		return err;
	if (tb[MPIO_SA_SOURCE]) {
		err = mpio_parse_sockaddr(tb[MPIO_SA_SOURCE], &cfg->source,
					  extack);
		if (err)
			return err;
		if (cfg->source.ss_family != cfg->portal.ss_family)
			return mpio_refuse(extack, tb[MPIO_SA_SOURCE], -EINVAL,
					   "source and portal must both be ipv4 or both ipv6");
		if (((struct sockaddr_in *)&cfg->source)->sin_port)
			return mpio_refuse(extack, tb[MPIO_SA_SOURCE], -EINVAL,
					   "the source takes no port, reconnects need a new one");
	}
	if (tb[MPIO_SA_IFACE]) {
		err = mpio_parse_text(tb[MPIO_SA_IFACE], cfg->iface, extack);
		if (err)
			return err;
		if (!dev_valid_name(cfg->iface))
			return mpio_refuse(extack, tb[MPIO_SA_IFACE], -EINVAL,
					   "not a valid interface name");
	}
	return 0;
}

/* What no session can do without. */
static int mpio_check_complete(const struct nlattr *nest, struct nlattr **tb,
			       struct netlink_ext_ack *extack)
{
	static const struct {
		int attr;
		const char *why;
	} needed[] = {
		{ MPIO_SA_TARGET_NAME, "give the name of the target" },
		{ MPIO_SA_INITIATOR_NAME, "give the name of the initiator" },
		{ MPIO_SA_ISID, "give the isid of the session" },
		{ MPIO_SA_PORTAL, "give the portal of the target" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (NL_REQ_ATTR_CHECK(extack, nest, tb, needed[i].attr))
			return mpio_refuse(extack, NULL, -EINVAL,
					   needed[i].why);
	return 0;
}

static int mpio_parse_identity(struct nlattr *const *tb,
			       struct mpio_session_config *cfg,
			       struct netlink_ext_ack *extack)
{
	int err;

	err = mpio_parse_name(tb[MPIO_SA_TARGET_NAME], cfg->target_name,
			      extack);
	if (err)
		return err;
	err = mpio_parse_name(tb[MPIO_SA_INITIATOR_NAME], cfg->initiator_name,
			      extack);
	if (err)
		return err;
	memcpy(cfg->isid, nla_data(tb[MPIO_SA_ISID]), MPIO_ISID_LEN);
	if (cfg->isid[0] >> 6 == 3)	/* RFC 7143 11.12.5 */
		return mpio_refuse(extack, tb[MPIO_SA_ISID], -EINVAL,
				   "isid type 3 is reserved, take 2 (random)");
	cfg->multipath = nla_get_flag(tb[MPIO_SA_MULTIPATH]);
	cfg->discovered = nla_get_flag(tb[MPIO_SA_DISCOVERED]);
	cfg->no_scan = nla_get_flag(tb[MPIO_SA_NO_SCAN]);
	return 0;
}

#define MPIO_NUMBER(attr_, field_, def_) {				\
	.attr = attr_,							\
	.offset = offsetof(struct mpio_session_config, field_),		\
	.size = sizeof_field(struct mpio_session_config, field_),	\
	.def = def_ }

/* Numbers of SESSION_ADD and their defaults; sections are those of RFC 7143. */
static const struct mpio_number {
	u16 attr, offset, size;		/* size 1: bool */
	u32 def;
} mpio_session_numbers[] = {
	MPIO_NUMBER(MPIO_SA_HEADER_DIGEST, header_digest, MPIO_DIGEST_NONE),
	MPIO_NUMBER(MPIO_SA_DATA_DIGEST, data_digest, MPIO_DIGEST_NONE),
	MPIO_NUMBER(MPIO_SA_INITIAL_R2T, initial_r2t, 0),	/* 13.10 */
	MPIO_NUMBER(MPIO_SA_IMMEDIATE_DATA, immediate_data, 1),	/* 13.11 */
	MPIO_NUMBER(MPIO_SA_MAX_RECV_DSL, max_recv_dsl, 262144), /* 13.12 */
	MPIO_NUMBER(MPIO_SA_MAX_BURST, max_burst, 0xffffff),	/* 13.13 */
	MPIO_NUMBER(MPIO_SA_FIRST_BURST, first_burst, 262144),	/* 13.14 */
	MPIO_NUMBER(MPIO_SA_MAX_R2T, max_r2t, MPIO_MAX_R2T),	/* 13.17 */
	MPIO_NUMBER(MPIO_SA_TPGT, tpgt, -1),			/* 13.9 */
	MPIO_NUMBER(MPIO_SA_AUTH, auth, MPIO_AUTH_NONE),
	MPIO_NUMBER(MPIO_SA_POLICY, policy, MPIO_POLICY_UNSET),
	MPIO_NUMBER(MPIO_SA_AVOID, avoid, 0),
};

static int mpio_parse_numbers(struct nlattr *const *tb,
			      struct mpio_session_config *cfg,
			      struct netlink_ext_ack *extack)
{
	const struct mpio_number *number = mpio_session_numbers;
	const struct mpio_number *end = number +
					ARRAY_SIZE(mpio_session_numbers);

	for (; number < end; number++) {
		const struct nlattr *attr = tb[number->attr];
		u32 value = attr ? nla_get_u32(attr) : number->def;

		if (number->size == sizeof(bool))
			*((bool *)cfg + number->offset) = value;
		else
			*(u32 *)((u8 *)cfg + number->offset) = value;
	}
	if (!tb[MPIO_SA_FIRST_BURST])
		cfg->first_burst = min(cfg->first_burst, cfg->max_burst);
	if (cfg->first_burst > cfg->max_burst)
		return mpio_refuse(extack, tb[MPIO_SA_FIRST_BURST], -EINVAL,
				   "FirstBurstLength must not exceed MaxBurstLength");
	return 0;
}

static void mpio_parse_secret(const struct nlattr *attr, u8 *out, u16 *len)
{
	memcpy(out, nla_data(attr), nla_len(attr));
	*len = nla_len(attr);
}

/* The secret @attr names; the name is kept for whoever stores the session. */
static int mpio_parse_key(const struct nlattr *attr, char *description,
			  u8 *out, u16 *len, struct netlink_ext_ack *extack)
{
	const char *why;
	int err = mpio_parse_text(attr, description, extack);

	if (err)
		return err;
	err = mpio_logon_key_read(description, out, len, &why);
	return err ? mpio_refuse(extack, attr, err, why) : 0;
}

/* A secret is given by itself or by the name of its key. */
static bool mpio_has_secret(struct nlattr *const *tb)
{
	return tb[MPIO_SA_CHAP_SECRET] || tb[MPIO_SA_CHAP_KEY];
}

static bool mpio_has_secret_in(struct nlattr *const *tb)
{
	return tb[MPIO_SA_CHAP_SECRET_IN] || tb[MPIO_SA_CHAP_KEY_IN];
}

/* What the chosen kind of authentication needs, and nothing beyond it. */
static int mpio_check_auth(struct nlattr *const *tb, enum mpio_auth_mode auth,
			   struct netlink_ext_ack *extack)
{
	if (auth == MPIO_AUTH_MODE_NONE &&
	    (tb[MPIO_SA_CHAP_USER] || mpio_has_secret(tb)))
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "a chap user or secret needs authentication 1 or 2");
	if (auth != MPIO_AUTH_MODE_MUTUAL &&
	    (tb[MPIO_SA_CHAP_USER_IN] || mpio_has_secret_in(tb)))
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "a user or secret of the target needs mutual authentication");
	if (auth != MPIO_AUTH_MODE_NONE && !tb[MPIO_SA_CHAP_USER])
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "chap needs a user name");
	if (auth != MPIO_AUTH_MODE_NONE && !mpio_has_secret(tb))
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "chap needs a secret");
	if (auth == MPIO_AUTH_MODE_MUTUAL && !mpio_has_secret_in(tb))
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "mutual chap needs the secret of the target");
	if ((tb[MPIO_SA_CHAP_SECRET] && tb[MPIO_SA_CHAP_KEY]) ||
	    (tb[MPIO_SA_CHAP_SECRET_IN] && tb[MPIO_SA_CHAP_KEY_IN]))
		return mpio_refuse(extack, tb[MPIO_SA_AUTH], -EINVAL,
				   "give a chap secret or its logon key, not both");
	return 0;
}

static int mpio_parse_user(const struct nlattr *attr, char *out,
			   struct netlink_ext_ack *extack)
{
	int err = mpio_parse_text(attr, out, extack);

	if (!err && !out[0])
		err = mpio_refuse(extack, attr, -EINVAL,
				  "a chap user name must not be empty");
	return err;
}

static bool mpio_secrets_equal(const struct mpio_secrets *s)
{
	return s->in_len && s->in_len == s->out_len &&
	       mpio_equal_ct(s->in, s->out, s->out_len);
}

int mpio_parse_secrets(struct nlattr *const *tb,
		       const struct mpio_session_config *cfg,
		       struct mpio_secrets *secrets,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *out = tb[MPIO_SA_CHAP_SECRET];
	const struct nlattr *in = tb[MPIO_SA_CHAP_SECRET_IN];

	if (cfg->auth == MPIO_AUTH_MODE_NONE)
		return mpio_refuse(extack, out ?: in, -EINVAL,
				   "the session logs in without chap");
	if (in && cfg->auth != MPIO_AUTH_MODE_MUTUAL)
		return mpio_refuse(extack, in, -EINVAL,
				   "a secret of the target needs mutual authentication");
	if ((out && cfg->chap_key[0]) || (in && cfg->chap_key_in[0]))
		return mpio_refuse(extack, out ?: in, -EINVAL,
				   "the secret comes from a logon key: change that, and add the session anew");
	if (out)
		mpio_parse_secret(out, secrets->out, &secrets->out_len);
	if (in)
		mpio_parse_secret(in, secrets->in, &secrets->in_len);
	if (mpio_secrets_equal(secrets))
		return mpio_refuse(extack, in ?: out, -EINVAL,
				   "the two chap secrets must differ");
	return 0;
}

static int mpio_parse_auth(struct nlattr *const *tb,
			   struct mpio_session_config *cfg,
			   struct netlink_ext_ack *extack)
{
	int err = mpio_check_auth(tb, cfg->auth, extack);

	if (!err && tb[MPIO_SA_CHAP_USER])
		err = mpio_parse_user(tb[MPIO_SA_CHAP_USER], cfg->chap_user,
				      extack);
	if (!err && tb[MPIO_SA_CHAP_USER_IN])
		err = mpio_parse_user(tb[MPIO_SA_CHAP_USER_IN],
				      cfg->chap_user_in, extack);
	if (!err && tb[MPIO_SA_CHAP_SECRET])
		mpio_parse_secret(tb[MPIO_SA_CHAP_SECRET], cfg->chap_secret,
				  &cfg->chap_secret_len);
	if (!err && tb[MPIO_SA_CHAP_SECRET_IN])
		mpio_parse_secret(tb[MPIO_SA_CHAP_SECRET_IN],
				  cfg->chap_secret_in,
				  &cfg->chap_secret_in_len);
	if (!err && tb[MPIO_SA_CHAP_KEY])
		err = mpio_parse_key(tb[MPIO_SA_CHAP_KEY], cfg->chap_key,
				     cfg->chap_secret, &cfg->chap_secret_len,
				     extack);
	if (!err && tb[MPIO_SA_CHAP_KEY_IN])
		err = mpio_parse_key(tb[MPIO_SA_CHAP_KEY_IN], cfg->chap_key_in,
				     cfg->chap_secret_in,
				     &cfg->chap_secret_in_len, extack);
	if (err)
		return err;
	if (cfg->chap_secret_in_len &&
	    cfg->chap_secret_in_len == cfg->chap_secret_len &&
	    mpio_equal_ct(cfg->chap_secret, cfg->chap_secret_in,
			  cfg->chap_secret_len))
		return mpio_refuse(extack, tb[MPIO_SA_CHAP_SECRET_IN], -EINVAL,
				   "the two chap secrets must differ");
	return 0;
}

int mpio_parse_session(const struct nlattr *nest,
		       struct mpio_session_request *req,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[MPIO_SA_MAX + 1];
	int err;

	err = nla_parse_nested(tb, MPIO_SA_MAX, nest, mpio_session_add_policy,
			       extack);
	if (!err)
		err = mpio_check_complete(nest, tb, extack);
	if (!err)
		err = mpio_parse_identity(tb, &req->cfg, extack);
	if (!err)
		err = mpio_parse_addresses(tb, &req->cfg, extack);
	if (!err)
		err = mpio_parse_numbers(tb, &req->cfg, extack);
	if (!err)
		err = mpio_parse_auth(tb, &req->cfg, extack);
	if (!err && tb[MPIO_SA_SETTINGS])
		err = mpio_parse_settings(tb[MPIO_SA_SETTINGS], &req->settings,
					  extack);
	if (!err && tb[MPIO_SA_RECORD])
		err = mpio_parse_records(nest, &req->records, extack);
	if (!err && tb[MPIO_SA_PATH])
		err = mpio_parse_path_configs(nest, req->configs, extack);
	return err;
}

void mpio_wipe_secrets(struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) == MPIO_SA_CHAP_SECRET ||
		    nla_type(attr) == MPIO_SA_CHAP_SECRET_IN)
			memzero_explicit(nla_data(attr), nla_len(attr));
}
