// SPDX-License-Identifier: GPL-2.0
/*
 * What processes send by netlink (netlink/parse.c as it is in the module): a
 * session to be added or changed, a path, settings. Whatever they say:
 *
 *  - nothing is read beyond an attribute (ASan), and nothing is leaked (LSan);
 *  - a refusal has a sentence, and leaves what is changed in place as it was;
 *  - what is taken is within the bounds that the rest of the module counts on:
 *    texts end, numbers are in their ranges, addresses are of one host, a
 *    session has at most so many records and LUNs;
 *  - no secret is left in the request.
 *
 * The input is attributes: type (NEST: what follows are attributes themselves),
 * length, value. LIE is followed by what the length is said to be besides.
 * mutants.py shows that it notices when the code does not do so.
 */
#include "engine/netlink.h"
#include "fuzz.h"

#include "netlink/parse.h"

#define NEST	0x80
#define LIE	0x40
#define LONG	0xff	/* a length of two more bytes */

/* --------------------------------------------------- what the module calls */

const char *mpio_fuzz_key_why = "there is no such logon key";

int mpio_congestion_need(u32 congestion)
{
	must(congestion < __MPIO_CONGESTION_MAX);
	return congestion == MPIO_CONGESTION_BBR ? -ENOENT : 0;
}

/* There is one key, "a:b", with a secret of twelve bytes. */
int mpio_logon_key_read(const char *description, u8 *secret, u16 *len,
			const char **why)
{
	must(strlen(description) <= MPIO_KEY_MAX);
	if (strcmp(description, "a:b")) {
		*why = mpio_fuzz_key_why;
		return -ENOKEY;
	}
	memset(secret, 'k', MPIO_SECRET_MIN);
	*len = MPIO_SECRET_MIN;
	return 0;
}

/* Which LUNs have been spoken of: so many that it is no list. */
#define SLOTS	0x10000

struct mpio_path_configs {
	u32 count, run;
};

static struct slot {
	u32 run;
	u64 lun;
	struct mpio_path_config config;
} slots[SLOTS];

static struct slot *slot_of(struct mpio_path_configs *configs, u64 lun)
{
	u32 i = (u32)(lun * 0x9e3779b97f4a7c15ULL >> 48);

	while (slots[i].run == configs->run && slots[i].lun != lun)
		i = (i + 1) % SLOTS;
	return &slots[i];
}

struct mpio_path_config mpio_path_config_get(struct mpio_path_configs *configs,
					     u64 lun)
{
	struct slot *slot = slot_of(configs, lun);

	return slot->run == configs->run ? slot->config :
		(struct mpio_path_config){ .weight = 1 };
}

int mpio_path_config_set(struct mpio_path_configs *configs, u64 lun,
			 struct mpio_path_config config)
{
	must(++configs->count <= 2 * MPIO_CONFIG_LUNS);
	must(config.weight <= MPIO_WEIGHT_MAX);
	*slot_of(configs, lun) = (struct slot){ configs->run, lun, config };
	return 0;
}

/* ------------------------------------------------------------- the request */

struct out {
	u8 *buf;
	u32 len, room;
};

static u8 *put(struct out *out, u32 n)
{
	u32 pad = NLA_ALIGN(n);

	if (pad > out->room - out->len)
		return NULL;
	out->len += pad;
	return out->buf + out->len - pad;
}

/* Attributes until the input, or @end of it, is over. */
static void build(struct feed *f, struct out *out, size_t end, u32 depth)
{
	while (f->rest > end && f->rest) {
		u8 op = feed_byte(f), lie = op & LIE ? feed_byte(f) : 0;
		u32 len = feed_byte(f), at = out->len, real;
		struct nlattr nla = { .nla_type = op & 0x3f };
		u8 *value;

		if (len == LONG)
			len = feed_byte(f) << 8 | feed_byte(f);
		if (len > f->rest)
			len = f->rest;
		if (!put(out, NLA_HDRLEN))
			return;
		if (op & NEST) {
			nla.nla_type |= NLA_F_NESTED;
			if (depth < 3)
				build(f, out, f->rest - len, depth + 1);
			real = out->len - at;
		} else {
			value = put(out, len);
			if (!value)
				len = 0;
			else
				memcpy(value, f->p, len);
			f->p += len;
			f->rest -= len;
			real = NLA_HDRLEN + len;
		}
		nla.nla_len = real + lie;
		memcpy(out->buf + at, &nla, sizeof(nla));
	}
}

/* A nest that ASan sees the end of. */
static struct nlattr *request(struct feed *f)
{
	static u8 buf[0x8000] __attribute__((aligned(4)));
	struct out out = { buf, NLA_HDRLEN, sizeof(buf) };
	struct nlattr *nest;

	memset(buf, 0, sizeof(buf));
	build(f, &out, 0, 0);
	nest = malloc(out.len);
	must(nest);
	memcpy(nest, buf, out.len);
	nest->nla_type = 1 | NLA_F_NESTED;
	nest->nla_len = out.len;
	return nest;
}

/* --------------------------------------------------------- what must hold */

static bool text_ok(const char *text, size_t size)
{
	size_t i, len = strnlen(text, size);

	for (i = 0; i < len; i++)
		if ((u8)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return len < size;
}

static void check_settings(const struct mpio_settings *s)
{
	u32 i;

	for (i = 1; i < __MPIO_TA_MAX; i++)
		must(s->v[i] >= mpio_setting_rules[i].range.min &&
		     s->v[i] <= mpio_setting_rules[i].range.max);
	must(s->v[MPIO_TA_RECONNECT_DELAY_MIN] <=
	     s->v[MPIO_TA_RECONNECT_DELAY_MAX]);
}

static void check_records(const struct mpio_records *records)
{
	const char *id;
	u32 i;

	must(!records->count == !records->id);
	must(records->count <= MPIO_RECORDS_MAX);
	for (i = 0; i < records->count; i++) {
		must(records->id[i][0]);
		for (id = records->id[i]; *id; id++) {
			must(id < records->id[i] + MPIO_RECORD_MAX);
			must(isalnum((u8)*id) || *id == '-' || *id == '_');
		}
	}
	must(!records->id || !records->id[records->count][0]);
}

static void check_address(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;

	if (ss->ss_family == AF_INET) {
		must(in->sin_addr.s_addr && in->sin_addr.s_addr != 0xffffffff);
		must(!ipv4_is_multicast(in->sin_addr.s_addr));
		return;
	}
	must(ss->ss_family == AF_INET6);
	must(!IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
	     !IN6_IS_ADDR_MULTICAST(&in6->sin6_addr) &&
	     !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr));
	must(!IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) || in6->sin6_scope_id);
}

static bool secret_ok(u16 len)
{
	return len >= MPIO_SECRET_MIN && len <= MPIO_SECRET_MAX;
}

static void check_auth(const struct mpio_session_config *cfg)
{
	must(text_ok(cfg->chap_user, sizeof(cfg->chap_user)) &&
	     text_ok(cfg->chap_user_in, sizeof(cfg->chap_user_in)) &&
	     text_ok(cfg->chap_key, sizeof(cfg->chap_key)) &&
	     text_ok(cfg->chap_key_in, sizeof(cfg->chap_key_in)));
	must(cfg->auth <= MPIO_AUTH_MODE_MUTUAL);
	if (cfg->auth == MPIO_AUTH_MODE_NONE)
		must(!cfg->chap_secret_len && !cfg->chap_user[0]);
	else
		must(secret_ok(cfg->chap_secret_len) && cfg->chap_user[0]);
	if (cfg->auth != MPIO_AUTH_MODE_MUTUAL) {
		must(!cfg->chap_secret_in_len && !cfg->chap_user_in[0]);
		return;
	}
	must(secret_ok(cfg->chap_secret_in_len));
	must(cfg->chap_secret_len != cfg->chap_secret_in_len ||
	     memcmp(cfg->chap_secret, cfg->chap_secret_in,
		    cfg->chap_secret_len));
}

static void check_config(const struct mpio_session_config *cfg)
{
	const struct sockaddr_in *portal = (const void *)&cfg->portal;
	const struct sockaddr_in *source = (const void *)&cfg->source;
	const char *why;

	must(text_ok(cfg->target_name, sizeof(cfg->target_name)) &&
	     !mpio_name_check(cfg->target_name, strlen(cfg->target_name), &why));
	must(text_ok(cfg->initiator_name, sizeof(cfg->initiator_name)) &&
	     !mpio_name_check(cfg->initiator_name,
			      strlen(cfg->initiator_name), &why));
	must(text_ok(cfg->iface, sizeof(cfg->iface)));
	must(!cfg->iface[0] || dev_valid_name(cfg->iface));
	check_address(&cfg->portal);
	must(portal->sin_port);
	if (cfg->source.ss_family) {
		check_address(&cfg->source);
		must(cfg->source.ss_family == cfg->portal.ss_family &&
		     !source->sin_port);
	}
	must(cfg->isid[0] >> 6 != 3);
	must(cfg->first_burst >= 512 && cfg->first_burst <= cfg->max_burst &&
	     cfg->max_burst <= 0xffffff);
	must(cfg->max_recv_dsl >= 512 && cfg->max_recv_dsl <= 0xffffff);
	must(cfg->max_r2t >= 1 && cfg->max_r2t <= MPIO_MAX_R2T);
	must(cfg->tpgt >= -1 && cfg->tpgt <= 0xffff);
	must(cfg->policy < __MPIO_POLICY_MAX && cfg->avoid <= MPIO_AVOID_ALL);
	check_auth(cfg);
}

static void must_be_wiped(struct nlattr *nest)
{
	struct nlattr *attr;
	int rem, i;

	mpio_wipe_secrets(nest);
	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) == MPIO_SA_CHAP_SECRET ||
		    nla_type(attr) == MPIO_SA_CHAP_SECRET_IN)
			for (i = 0; i < nla_len(attr); i++)
				must(!((u8 *)nla_data(attr))[i]);
}

/* Of one that is there twice the last counts. */
static void check_texts(const struct nlattr *nest)
{
	struct nlattr *tb[MPIO_SA_MAX + 1];
	int i;

	must(!nla_parse_nested(tb, MPIO_SA_MAX, nest, mpio_session_add_policy,
			       NULL));
	for (i = 1; i <= MPIO_SA_MAX; i++)
		if (tb[i] && mpio_session_add_policy[i].type == NLA_NUL_STRING)
			must(strnlen(nla_data(tb[i]), nla_len(tb[i])) + 1 ==
			     (size_t)nla_len(tb[i]));
}

/* What is wrong is named, but where it is that something is not there. */
static void say_if(int err, const struct netlink_ext_ack *extack)
{
	must(err <= 0);
	if (!err)
		return;
	must_say(extack->_msg);
	must(extack->bad_attr || strstr(extack->_msg, "give ") ||
	     strstr(extack->_msg, "chap") ||
	     strstr(extack->_msg, "authentication"));
}

/* ----------------------------------------------------------- the requests */

static void add(struct nlattr *nest)
{
	static u32 run;
	struct mpio_path_configs configs = { .run = ++run };
	struct mpio_session_request *req = calloc(1, sizeof(*req));
	struct netlink_ext_ack extack = {};
	int err;

	must(req);
	req->settings = mpio_default_settings;
	req->configs = &configs;
	mpio_provide_settings(nla_find_nested(nest, MPIO_SA_SETTINGS), NULL);
	err = mpio_parse_session(nest, req, &extack);
	say_if(err, &extack);
	if (!err) {
		check_config(&req->cfg);
		check_texts(nest);
	}
	check_settings(&req->settings);
	check_records(&req->records);
	must_be_wiped(nest);
	free(req->records.id);
	free(req);
}

static void set_secrets(struct nlattr **tb, u8 auth,
			struct netlink_ext_ack *extack)
{
	struct mpio_session_config cfg = { .auth = auth % 3 };
	struct mpio_secrets secrets = { "0123456789ab", "ba9876543210",
					12, auth % 3 == 2 ? 12 : 0 };

	if (auth & 4)
		strcpy(cfg.chap_key, "a:b");
	if (!tb[MPIO_SA_CHAP_SECRET] && !tb[MPIO_SA_CHAP_SECRET_IN])
		return;
	if (mpio_parse_secrets(tb, &cfg, &secrets, extack)) {
		must_say(extack->_msg);
		return;
	}
	must(cfg.auth != MPIO_AUTH_MODE_NONE && secret_ok(secrets.out_len));
	must(!tb[MPIO_SA_CHAP_SECRET] || !cfg.chap_key[0]);
	must((cfg.auth == MPIO_AUTH_MODE_MUTUAL) == !!secrets.in_len);
	if (!secrets.in_len)
		return;
	must(secret_ok(secrets.in_len));
	must(secrets.in_len != secrets.out_len ||
	     memcmp(secrets.in, secrets.out, secrets.in_len));
}

/* As mpio_nl_session_set() does, each part by itself. */
static void change(struct nlattr *nest, u8 auth)
{
	struct mpio_settings settings = mpio_default_settings, was = settings;
	struct nlattr *tb[MPIO_SA_MAX + 1];
	struct sockaddr_storage portal = {};
	struct netlink_ext_ack extack = {};
	struct mpio_records records = {};
	int err = nla_parse_nested(tb, MPIO_SA_MAX, nest,
				   mpio_session_set_policy, &extack);

	if (err)
		return;
	if (tb[MPIO_SA_SETTINGS]) {
		err = mpio_parse_settings(tb[MPIO_SA_SETTINGS], &settings,
					  &extack);
		say_if(err, &extack);
		must(!err || !memcmp(&settings, &was, sizeof(was)));
		check_settings(&settings);
	}
	if (tb[MPIO_SA_RECORD]) {
		say_if(mpio_parse_records(nest, &records, &extack), &extack);
		check_records(&records);
	}
	must(!tb[MPIO_SA_POLICY] ||
	     nla_get_u32(tb[MPIO_SA_POLICY]) < __MPIO_POLICY_MAX);
	if (tb[MPIO_SA_PORTAL] &&
	    !mpio_parse_portal(tb[MPIO_SA_PORTAL], &portal, &extack))
		check_address(&portal);
	set_secrets(tb, auth, &extack);
	must_be_wiped(nest);
	free(records.id);
}

static void set_path(struct nlattr *nest)
{
	struct mpio_path_config config = { .weight = 7 };
	struct netlink_ext_ack extack = {};
	struct nlattr *tb[MPIO_PA_MAX + 1];
	int err = nla_parse_nested(tb, MPIO_PA_MAX, nest, mpio_path_set_policy,
				   &extack);

	if (err)
		return;
	mpio_parse_path_config(tb, &config);
	must(config.weight <= MPIO_WEIGHT_MAX && config.preferred <= 1);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	u8 what = feed_byte(&f);
	struct nlattr *nest = request(&f);

	if (!mpio_default_settings.v[MPIO_TA_NOP_INTERVAL])
		mpio_settings_init();
	switch (what % 4) {
	case 0:
	case 1:
		add(nest);
		break;
	case 2:
		change(nest, what >> 2);
		break;
	default:
		set_path(nest);
	}
	free(nest);
	return 0;
}
