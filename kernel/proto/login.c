// SPDX-License-Identifier: GPL-2.0
/*
 * Login phase, RFC 7143 6.3, 11.12, 11.13 and 12. See login.h.
 *
 * Each exchange has a function that takes the target's text once it is whole
 * (C bit) and prepares the next request: take_auth_method, take_challenge,
 * take_verdict, take_operational.
 */
#include "login.h"
#include "quirk.h"

static enum mpio_login_step fail(struct mpio_login *l,
				 enum mpio_login_fail code, const char *why)
{
	struct mpio_say s;

	l->fail = code;
	l->permanent = code == MPIO_FAIL_AUTH || code == MPIO_FAIL_VERSION ||
		       code == MPIO_FAIL_FORBIDDEN ||
		       code == MPIO_FAIL_NOT_FOUND;
	l->take = NULL;
	mpio_say_init(&s, l->why, sizeof(l->why));
	mpio_say(&s, why);
	return MPIO_LOGIN_FAILED;
}

/* The same with the pair that is to blame. */
static enum mpio_login_step fail_pair(struct mpio_login *l,
				      enum mpio_login_fail code,
				      const char *why,
				      const struct mpio_pair *p)
{
	struct mpio_say s = { l->why, sizeof(l->why), 0 };

	fail(l, code, why);
	s.len = strlen(l->why);
	mpio_say(&s, ": ");
	mpio_say_peer(&s, p->key, p->key_len);
	mpio_say(&s, "=");
	/* a challenge tells nobody anything */
	mpio_say_peer(&s, p->value, p->value_len > 64 ? 64 : p->value_len);
	return MPIO_LOGIN_FAILED;
}

/* Class of a negative errno of chap.c or keys.c. */
static enum mpio_login_fail fail_code(int err)
{
	switch (err) {
	case -EPROTO:
		return MPIO_FAIL_PROTOCOL;
	case -EACCES:
		return MPIO_FAIL_AUTH;
	case -EOPNOTSUPP:
		return MPIO_FAIL_NEGOTIATION;
	default:
		return MPIO_FAIL_LOCAL;
	}
}

/* Status-Class and Status-Detail, 11.13.5. */
static const struct {
	u16 status;
	enum mpio_login_fail fail;
	bool permanent;
	const char *why;
} statuses[] = {
	{ PDU_LOGIN_INITIATOR_ERROR, MPIO_FAIL_REFUSED, false,
	  "the target reports an initiator error" },
	{ PDU_LOGIN_AUTH_FAILED, MPIO_FAIL_AUTH, true,
	  "the target refuses our authentication" },
	{ PDU_LOGIN_FORBIDDEN, MPIO_FAIL_FORBIDDEN, true,
	  "this initiator may not use the target" },
	{ PDU_LOGIN_NOT_FOUND, MPIO_FAIL_NOT_FOUND, true,
	  "no target of that name at this portal" },
	{ PDU_LOGIN_REMOVED, MPIO_FAIL_NOT_FOUND, true,
	  "the target has been removed" },
	{ PDU_LOGIN_BAD_VERSION, MPIO_FAIL_VERSION, true,
	  "the target does not speak this version of iSCSI" },
	{ PDU_LOGIN_TOO_MANY, MPIO_FAIL_BUSY, false,
	  "too many connections for this session" },
	{ PDU_LOGIN_MISSING_FIELD, MPIO_FAIL_REFUSED, true,
	  "the target misses a parameter" },
	{ PDU_LOGIN_CANT_INCLUDE, MPIO_FAIL_REFUSED, false,
	  "the session cannot span to this portal" },
	{ PDU_LOGIN_BAD_SESSION_TYPE, MPIO_FAIL_REFUSED, true,
	  "the target does not offer this type of session" },
	{ PDU_LOGIN_NO_SESSION, MPIO_FAIL_REFUSED, false,
	  "the target knows no such session" },
	{ PDU_LOGIN_BAD_REQUEST, MPIO_FAIL_REFUSED, false,
	  "the target calls our request invalid during login" },
	{ PDU_LOGIN_TARGET_ERROR, MPIO_FAIL_BUSY, false,
	  "the target reports an error of its own" },
	{ PDU_LOGIN_UNAVAILABLE, MPIO_FAIL_BUSY, false,
	  "the target is not operational now" },
	{ PDU_LOGIN_NO_RESOURCES, MPIO_FAIL_BUSY, false,
	  "the target is out of resources" },
};

static enum mpio_login_step fail_status(struct mpio_login *l)
{
	const u16 status = (u16)(l->status_class << 8 | l->status_detail);
	/* unknown details act like the first of their class */
	enum mpio_login_fail code = l->status_class == 2 ? MPIO_FAIL_REFUSED :
				    l->status_class == 3 ? MPIO_FAIL_BUSY :
				    MPIO_FAIL_PROTOCOL;
	const char *why = "the target refuses the login";
	struct mpio_say s = { l->why, sizeof(l->why), 0 };
	bool permanent = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status != status)
			continue;
		code = statuses[i].fail;
		permanent = statuses[i].permanent;
		why = statuses[i].why;
	}
	/* 6.3.1: refused before we offered any way to authenticate */
	if (code == MPIO_FAIL_AUTH && l->cfg->auth == MPIO_LOGIN_AUTH_NONE)
		why = "the target demands authentication (CHAP)";
	fail(l, code, why);
	l->permanent = permanent;
	s.len = strlen(l->why);
	mpio_say(&s, " (login status 0x");
	mpio_say_hex(&s, status, 4);
	mpio_say(&s, ")");
	return MPIO_LOGIN_FAILED;
}

/* 11.13.5 class 1: the text names where to go. */
static enum mpio_login_step take_redirect(struct mpio_login *l, const u8 *data,
					  u32 len)
{
	const char *why = "the target redirects to nowhere";
	struct mpio_text t;
	struct mpio_pair p;

	mpio_text_init(&t, data, len);
	while (mpio_text_next(&t, &p, &why) == 1) {
		if (!mpio_pair_is(&p, "TargetAddress"))
			continue;
		if (mpio_portal_parse(p.value, p.value_len, &l->redirect,
				      &why))
			return fail_pair(l, MPIO_FAIL_PROTOCOL, why, &p);
		l->redirect_permanent = l->status_detail == 2;
		l->take = NULL;
		return MPIO_LOGIN_REDIRECT;
	}
	return fail(l, MPIO_FAIL_PROTOCOL, why);
}

/* Nothing to say yet in the next request. */
static void request_start(struct mpio_login *l)
{
	mpio_textbuf_init(&l->tx, l->tx_buf, sizeof(l->tx_buf));
	l->tx_off = 0;
	l->transit = false;
}

static enum mpio_login_step request_ready(struct mpio_login *l, bool transit)
{
	if (l->tx.overflow)
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "the target asks for more answers than fit");
	l->transit = transit;
	return MPIO_LOGIN_SEND;
}

/* Does the target insist on CRC32C where None was offered alone? */
static bool digest_forced(const struct mpio_login *l, const struct mpio_pair *p)
{
	if (l->stage != PDU_STAGE_OPERATIONAL)
		return false;
	return (mpio_pair_is(p, "HeaderDigest") &&
		l->cfg->offers.header_digest == MPIO_OFFER_NONE) ||
	       (mpio_pair_is(p, "DataDigest") &&
		l->cfg->offers.data_digest == MPIO_OFFER_NONE);
}

/* Sort out one pair; false when the login failed. */
static bool take_pair(struct mpio_login *l, const struct mpio_pair *p)
{
	const bool security = l->stage == PDU_STAGE_SECURITY;
	const char *why = "";
	int ret;

	if (mpio_pair_is(p, "AuthMethod")) {
		if (security && !l->auth_method.value) {
			l->auth_method = *p;
			return true;
		}
		/* None where none is wanted: said late, and no more than that */
		if (!security && l->cfg->auth == MPIO_LOGIN_AUTH_NONE &&
		    mpio_value_is(p, "None")) {
			mpio_quirks_note(&l->nego.quirks, MPIO_ODD_AUTH_STAGE);
			return true;
		}
		fail_pair(l, MPIO_FAIL_PROTOCOL,
			  "the target sent a key twice or in the wrong stage",
			  p);
		return false;
	}
	ret = mpio_chap_key(&l->chap_keys, p, &why);
	if (ret > 0 && !security) {
		why = "the target sent a key of another stage";
		ret = -EPROTO;
	}
	if (!ret)
		ret = mpio_nego_take(&l->nego, p, security, &l->tx, &why);
	if (ret >= 0)
		return true;
	fail_pair(l, fail_code(ret), why, p);
	l->digest_forced = digest_forced(l, p);
	return false;
}

/* All pairs of a whole text. Answers due are in l->tx afterwards. */
static bool take_text(struct mpio_login *l)
{
	const struct mpio_params *params = &l->nego.params;
	const char *why = "";
	struct mpio_text t;
	struct mpio_pair p;
	int ret;

	request_start(l);
	memset(&l->chap_keys, 0, sizeof(l->chap_keys));
	memset(&l->auth_method, 0, sizeof(l->auth_method));
	l->nego.final = l->rsp_transit && l->stage == PDU_STAGE_OPERATIONAL;
	mpio_text_init(&t, l->rx.buf, l->rx.len);
	while ((ret = mpio_text_next(&t, &p, &why)) == 1)
		if (!take_pair(l, &p))
			return false;
	if (ret < 0) {
		fail(l, MPIO_FAIL_PROTOCOL, why);
		return false;
	}
	/* 6.3.1: no secrets to another portal group than the one meant */
	if (l->cfg->tpgt >= 0 && (l->nego.quirks.key[MPIO_K_TPGT] ||
				  (params->tpgt >= 0 &&
				   params->tpgt != l->cfg->tpgt))) {
		fail(l, MPIO_FAIL_TPGT,
		     "the portal belongs to another target portal group");
		return false;
	}
	return true;
}

/* What had to be left out for this target to take us. */
static void note_avoided(struct mpio_login *l)
{
	const struct mpio_login_config *cfg = l->cfg;
	struct mpio_quirks *q = &l->nego.quirks;

	if ((cfg->avoid & MPIO_NO_CHAP_LISTS) &&
	    cfg->auth != MPIO_LOGIN_AUTH_NONE)
		mpio_quirks_note(q, MPIO_ODD_CHAP_LISTS);
	if ((cfg->avoid & MPIO_NO_LEVEL) && cfg->offers.protocol_level)
		mpio_quirks_note(q, MPIO_ODD_LEVEL);
	if ((cfg->avoid & MPIO_NO_SECURITY) &&
	    cfg->auth == MPIO_LOGIN_AUTH_NONE)
		mpio_quirks_note(q, MPIO_ODD_SECURITY);
	if (cfg->avoid & MPIO_NO_NO_DIGEST)
		mpio_quirks_note(q, MPIO_ODD_DIGEST);
}

static enum mpio_login_step login_done(struct mpio_login *l, u16 tsih)
{
	const char *why = "";
	int err;

	err = mpio_nego_finish(&l->nego, &why);
	if (err)
		return fail(l, fail_code(err), why);
	if (l->cfg->tsih && tsih != l->cfg->tsih)
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "the target gave no usable session handle (TSIH)");
	/* We name sessions by their ISID, also to end an old one. */
	if (!tsih)
		mpio_quirks_note(&l->nego.quirks, MPIO_ODD_TSIH);
	if (!l->nego.discovery && l->nego.params.tpgt < 0)
		mpio_quirks_note(&l->nego.quirks, MPIO_ODD_NO_TPGT);
	note_avoided(l);
	l->params = l->nego.params;
	l->quirks = l->nego.quirks;
	l->tsih = tsih;
	l->take = NULL;
	return MPIO_LOGIN_DONE;
}

/* LoginOperationalNegotiation, 6.3.3. */
static enum mpio_login_step take_operational(struct mpio_login *l)
{
	if (!take_text(l))
		return MPIO_LOGIN_FAILED;
	if (l->rsp_transit)
		return login_done(l, l->tsih);
	return request_ready(l, true);
}

static enum mpio_login_step start_operational(struct mpio_login *l)
{
	l->stage = PDU_STAGE_OPERATIONAL;
	l->next = PDU_STAGE_FULL;
	l->take = take_operational;
	/* answers to a response that closed the stage have no place any more */
	request_start(l);
	mpio_nego_offer(&l->nego, &l->tx);
	return request_ready(l, true);
}

/* The answer to CHAP_N and CHAP_R. */
static enum mpio_login_step take_verdict(struct mpio_login *l)
{
	const struct mpio_chap_keys *k = &l->chap_keys;
	const char *why = "";
	int err;

	if (!take_text(l))
		return MPIO_LOGIN_FAILED;
	if (l->auth_method.value || k->a.value || k->i.value || k->c.value ||
	    (l->authenticated && (k->n.value || k->r.value)))
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "the target begins authentication anew");
	if (l->cfg->auth == MPIO_LOGIN_AUTH_MUTUAL && !l->authenticated &&
	    (k->n.value || k->r.value || l->rsp_transit)) {
		err = mpio_chap_verify(&l->chap, k, &why);
		if (err)
			return fail(l, fail_code(err), why);
		l->authenticated = true;
	}
	if (l->rsp_transit)
		return start_operational(l);
	return request_ready(l, true);
}

/* The answer to CHAP_A. */
static enum mpio_login_step take_challenge(struct mpio_login *l)
{
	const char *why = "";
	int err;

	if (!take_text(l))
		return MPIO_LOGIN_FAILED;
	if (l->chap_keys.a.value &&
	    mpio_value_is(&l->chap_keys.a, "Reject"))
		return fail(l, MPIO_FAIL_AUTH,
			    "the target accepts none of our CHAP algorithms");
	if (l->auth_method.value)
		return fail_pair(l, MPIO_FAIL_PROTOCOL,
				 "the target sent a key twice",
				 &l->auth_method);
	err = mpio_chap_respond(&l->chap, &l->chap_keys, &l->tx, &why);
	if (err)
		return fail(l, fail_code(err), why);
	l->listed = false;
	l->chap_alg = l->chap.alg;
	l->take = take_verdict;
	return request_ready(l, true);
}

/* The answer to AuthMethod=CHAP. */
static enum mpio_login_step take_chap_chosen(struct mpio_login *l)
{
	const u32 algs = l->chap_config.algs & MPIO_CHAP_ALL;
	const u32 md5 = MPIO_CHAP_BIT(MPIO_CHAP_MD5);

	if (!mpio_value_is(&l->auth_method, "CHAP"))
		return fail_pair(l, MPIO_FAIL_AUTH,
				 "the target does not accept CHAP",
				 &l->auth_method);
	l->listed = (algs & md5) && algs != md5;
	mpio_chap_offer(&l->chap, &l->tx);
	l->take = take_challenge;
	return request_ready(l, false);
}

/* The answer to AuthMethod, 12.1. */
static enum mpio_login_step take_auth_method(struct mpio_login *l)
{
	const bool none = l->cfg->auth == MPIO_LOGIN_AUTH_NONE;

	if (!take_text(l))
		return MPIO_LOGIN_FAILED;
	if (!l->auth_method.value && !none)
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "the target did not answer AuthMethod");
	if (l->chap_keys.a.value || l->chap_keys.i.value ||
	    l->chap_keys.c.value || l->chap_keys.n.value ||
	    l->chap_keys.r.value)
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "the target sent CHAP keys before their turn");
	if (!none)
		return take_chap_chosen(l);
	if (l->auth_method.value && !mpio_value_is(&l->auth_method, "None"))
		return fail_pair(l, MPIO_FAIL_AUTH,
				 "the target demands authentication",
				 &l->auth_method);
	if (l->rsp_transit)
		return start_operational(l);
	return request_ready(l, true);
}

static const char *check_config(const struct mpio_login_config *cfg)
{
	const char *why = "";

	if (!cfg->initiator_name ||
	    mpio_name_check(cfg->initiator_name, strlen(cfg->initiator_name),
			    &why))
		return cfg->initiator_name ? why : "no initiator name";
	if (cfg->target_name &&
	    mpio_name_check(cfg->target_name, strlen(cfg->target_name), &why))
		return why;
	if (cfg->initiator_alias &&
	    strlen(cfg->initiator_alias) > MPIO_ALIAS_MAX)
		return "the initiator alias must not exceed 255 bytes";
	if (cfg->itt == PDU_TAG_NONE)
		return "reserved initiator task tag";
	if (cfg->auth > MPIO_LOGIN_AUTH_MUTUAL)
		return "unknown kind of authentication";
	if (cfg->auth != MPIO_LOGIN_AUTH_NONE &&
	    mpio_chap_check(&cfg->chap, &why))
		return why;
	if (cfg->auth != MPIO_LOGIN_AUTH_NONE &&
	    cfg->chap.mutual != (cfg->auth == MPIO_LOGIN_AUTH_MUTUAL))
		return "kind of authentication and CHAP settings disagree";
	return mpio_offers_check(&cfg->offers, &why) ? why : NULL;
}

static void accept_digest(u8 *offer)
{
	if (*offer == MPIO_OFFER_NONE)
		*offer = MPIO_OFFER_ACCEPT;
}

int mpio_login_init(struct mpio_login *l, const struct mpio_login_config *cfg,
		    const char **why)
{
	const char *bad = check_config(cfg);

	if (bad) {
		*why = bad;
		return -EINVAL;
	}
	memset(l, 0, sizeof(*l));
	l->cfg = cfg;
	mpio_nego_init(&l->nego, &cfg->offers, !cfg->target_name);
	l->nego.initiator_name = cfg->initiator_name;
	l->nego.target_name = cfg->target_name;
	if (cfg->avoid & MPIO_NO_LEVEL)
		l->nego.offers.protocol_level = 0;
	if (cfg->avoid & MPIO_NO_NO_DIGEST) {
		accept_digest(&l->nego.offers.header_digest);
		accept_digest(&l->nego.offers.data_digest);
	}
	l->chap_config = cfg->chap;
	if (cfg->avoid & MPIO_NO_CHAP_LISTS)
		l->chap_config.algs &= MPIO_CHAP_BIT(MPIO_CHAP_MD5);
	mpio_chap_init(&l->chap, &l->chap_config);
	mpio_join_init(&l->rx, l->rx_buf, sizeof(l->rx_buf));
	request_start(l);
	mpio_text_put(&l->tx, "InitiatorName", cfg->initiator_name);
	if (cfg->initiator_alias)
		mpio_text_put(&l->tx, "InitiatorAlias", cfg->initiator_alias);
	mpio_text_put(&l->tx, "SessionType",
		      cfg->target_name ? "Normal" : "Discovery");
	if (cfg->target_name)
		mpio_text_put(&l->tx, "TargetName", cfg->target_name);
	if (cfg->auth == MPIO_LOGIN_AUTH_NONE &&
	    (cfg->avoid & MPIO_NO_SECURITY)) {
		l->stage = PDU_STAGE_OPERATIONAL;
		l->next = PDU_STAGE_FULL;
		l->take = take_operational;
		mpio_nego_offer(&l->nego, &l->tx);
		l->transit = true;
	} else {
		l->stage = PDU_STAGE_SECURITY;
		l->next = PDU_STAGE_OPERATIONAL;
		l->take = take_auth_method;
		l->transit = cfg->auth == MPIO_LOGIN_AUTH_NONE;
		mpio_text_put(&l->tx, "AuthMethod",
			      l->transit ? "None" : "CHAP");
	}
	return 0;
}

int mpio_login_build(struct mpio_login *l, struct pdu_login_req *bhs, u8 *data,
		     u32 cap, u32 *len)
{
	const u32 rest = l->rsp_more ? 0 : l->tx.len - l->tx_off;
	u32 n;

	if (cap > PDU_LOGIN_DSL)
		cap = PDU_LOGIN_DSL;
	if (!l->take || l->awaiting || cap < 512 || cap % 4)
		return -EINVAL;
	n = rest < cap ? rest : cap;
	memset(bhs, 0, sizeof(*bhs));
	bhs->opcode = PDU_OP_LOGIN_REQ | PDU_IMMEDIATE;
	bhs->flags = (u8)(l->stage << 2);
	l->req_transit = l->transit && n == rest && !l->rsp_more;
	if (n < rest)
		bhs->flags |= PDU_LOGIN_CONTINUE;
	else if (l->req_transit)
		bhs->flags |= PDU_LOGIN_TRANSIT | l->next;
	bhs->version_max = PDU_VERSION;
	bhs->version_min = PDU_VERSION;
	mpio_put24(bhs->dlength, n);
	memcpy(bhs->isid, l->cfg->isid, sizeof(bhs->isid));
	bhs->tsih = cpu_to_be16(l->cfg->tsih);
	bhs->itt = cpu_to_be32(l->cfg->itt);
	bhs->cid = cpu_to_be16(l->cfg->cid);
	bhs->cmdsn = cpu_to_be32(l->cfg->cmdsn);
	bhs->exp_statsn = cpu_to_be32(l->exp_statsn);
	memcpy(data, l->tx_buf + l->tx_off, n);
	memset(data + n, 0, mpio_pdu_pad(n));
	l->sent = n;
	l->awaiting = true;
	*len = n;
	return 0;
}

/* Header of a response of any status; NULL when it is in order. */
static const char *check_response(struct mpio_login *l,
				  const struct pdu_login_rsp *bhs, u32 len)
{
	const char *why = NULL;

	if (mpio_pdu_check((const struct pdu_bhs *)bhs, MPIO_PHASE_LOGIN,
			   PDU_LOGIN_DSL, PDU_AHS_MAX, &why))
		return why;
	if (mpio_get24(bhs->dlength) != len)
		return "data segment of another length than its header says";
	if (be32_to_cpu(bhs->itt) != l->cfg->itt)
		return "Login Response with a foreign initiator task tag";
	if (++l->exchanges > MPIO_LOGIN_EXCHANGES)
		return "the login does not come to an end";
	return NULL;
}

/* StatSN, ExpCmdSN and MaxCmdSN, valid in class 0 only (11.13.5). */
static const char *take_numbers(struct mpio_login *l,
				const struct pdu_login_rsp *bhs)
{
	const u32 statsn = be32_to_cpu(bhs->statsn);
	const u32 exp = be32_to_cpu(bhs->exp_cmdsn);
	const u32 max = be32_to_cpu(bhs->max_cmdsn);

	/* Nothing is retransmitted at login: what counts is the last one. */
	if (l->started && statsn != l->exp_statsn)
		mpio_quirks_note(&l->nego.quirks, MPIO_ODD_STATSN);
	l->exp_statsn = statsn + 1;
	if (!l->started) {
		l->window.exp_cmdsn = l->cfg->cmdsn;
		l->window.max_cmdsn = l->cfg->cmdsn - 1;
	}
	l->started = true;
	if (mpio_window_update(&l->window, l->cfg->cmdsn, exp, max) < 0)
		return "the target acknowledges commands never sent";
	return NULL;
}

/* Stage bits against the request they answer, 6.3. */
static const char *check_stage(const struct mpio_login *l, u8 flags)
{
	if (PDU_LOGIN_CSG(flags) != l->stage)
		return "Login Response of another stage";
	if (!(flags & PDU_LOGIN_TRANSIT))
		return NULL;
	if (!l->req_transit)
		return "the target changes stage unasked";
	if (PDU_LOGIN_NSG(flags) != l->next)
		return "the target changes to another stage than asked";
	return NULL;
}

/* Join the text; true when the response is to be taken now. */
static bool join_response(struct mpio_login *l, u8 flags, const u8 *data,
			  u32 len, enum mpio_login_step *step)
{
	const bool more = !l->rsp_more && l->tx_off + l->sent < l->tx.len;
	const char *why = "";

	*step = MPIO_LOGIN_SEND;
	if (more) {	/* 6.2: a request with C is answered by no data */
		if (len || (flags & PDU_LOGIN_CONTINUE)) {
			*step = fail(l, MPIO_FAIL_PROTOCOL,
				     "the target answers an unfinished request");
			return false;
		}
		l->tx_off += l->sent;
		return false;
	}
	if (!l->rsp_more)
		l->rx.len = 0;
	if (mpio_join_add(&l->rx, data, len, &why)) {
		*step = fail(l, MPIO_FAIL_PROTOCOL, why);
		return false;
	}
	l->rsp_more = flags & PDU_LOGIN_CONTINUE;
	return !l->rsp_more;
}

enum mpio_login_step mpio_login_parse(struct mpio_login *l,
				      const struct pdu_login_rsp *bhs,
				      const u8 *data, u32 len)
{
	enum mpio_login_step step;
	const char *bad;

	if (!l->take || !l->awaiting)
		return fail(l, MPIO_FAIL_PROTOCOL,
			    "Login Response without a request");
	l->awaiting = false;
	bad = check_response(l, bhs, len);
	if (bad)
		return fail(l, MPIO_FAIL_PROTOCOL, bad);
	l->status_class = bhs->status_class;
	l->status_detail = bhs->status_detail;
	if (l->status_class == 1)
		return take_redirect(l, data, len);
	if (l->status_class)
		return fail_status(l);
	if (bhs->version_active != PDU_VERSION)	/* 11.13.2 */
		return fail(l, MPIO_FAIL_VERSION,
			    "the target chose an unknown version of iSCSI");
	bad = take_numbers(l, bhs);
	if (!bad)
		bad = check_stage(l, bhs->flags);
	if (bad)
		return fail(l, MPIO_FAIL_PROTOCOL, bad);
	if (!join_response(l, bhs->flags, data, len, &step))
		return step;
	l->rsp_transit = bhs->flags & PDU_LOGIN_TRANSIT;
	l->tsih = be16_to_cpu(bhs->tsih);
	return l->take(l);
}

/* Refused for what was said, and not for who we are. */
static bool refused_plainly(const struct mpio_login *l)
{
	const u32 status = (u32)l->status_class << 8 | l->status_detail;

	return l->fail == MPIO_FAIL_REFUSED &&
	       (status == PDU_LOGIN_INITIATOR_ERROR ||
		status == PDU_LOGIN_BAD_REQUEST);
}

u32 mpio_login_avoid(const struct mpio_login *l, bool broke, u32 avoid)
{
	const bool md5 = l->chap_config.algs & MPIO_CHAP_BIT(MPIO_CHAP_MD5);
	const bool plain = broke || refused_plainly(l);
	u32 bit = 0;

	if (l->digest_forced)
		bit = MPIO_NO_NO_DIGEST;
	else if (md5 && l->listed && (broke || l->fail == MPIO_FAIL_AUTH ||
				      l->fail == MPIO_FAIL_REFUSED))
		bit = MPIO_NO_CHAP_LISTS;
	/*
	 * The number it chose means another hash to it. Not after 0x0201: that
	 * is a wrong secret, and no reason for less.
	 */
	else if (md5 && l->chap_alg && l->chap_alg != MPIO_CHAP_MD5 &&
		 !broke && l->stage == PDU_STAGE_SECURITY &&
		 l->fail == MPIO_FAIL_REFUSED)
		bit = MPIO_NO_CHAP_LISTS;
	else if (plain && l->stage == PDU_STAGE_SECURITY &&
		 l->cfg->auth == MPIO_LOGIN_AUTH_NONE)
		bit = MPIO_NO_SECURITY;
	else if (plain && l->stage == PDU_STAGE_OPERATIONAL &&
		 l->nego.offers.protocol_level && !l->nego.discovery)
		bit = MPIO_NO_LEVEL;
	/*
	 * gotgt takes SessionType from the operational stage alone, and only
	 * without the security stage is it there.
	 */
	if (!(bit & ~avoid) && broke && l->stage == PDU_STAGE_OPERATIONAL &&
	    l->cfg->auth == MPIO_LOGIN_AUTH_NONE)
		bit = MPIO_NO_SECURITY;
	return bit & ~avoid;
}

bool mpio_login_may_end_old(const struct mpio_login *l)
{
	return l->stage != PDU_STAGE_SECURITY ||
	       l->cfg->auth == MPIO_LOGIN_AUTH_NONE || l->take == take_verdict;
}

void mpio_login_clear(struct mpio_login *l)
{
	mpio_chap_clear(&l->chap);
	memzero_explicit(l->tx_buf, sizeof(l->tx_buf));
	memzero_explicit(l->rx_buf, sizeof(l->rx_buf));
	l->tx.len = 0;
	l->take = NULL;
}
