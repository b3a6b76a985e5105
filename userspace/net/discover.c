// SPDX-License-Identifier: GPL-2.0
/* The machines of proto/ on a socket: login, SendTargets, logout. */
#include "net/discover.h"

#include <net/if.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/args.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "net/isns.h"
#include "net/ping.h"
#include "net/wire.h"
#include "proto/sendtargets.h"
#include "store/record.h"

#define TIMEOUT_MS	15000
#define TOLD_MS		2000	/* to ask beside a login that goes on */
#define PROBE_CONNECT_MS 2000	/* one SYN that is lost is sent again after 1 s */
#define PROBE_LOGIN_MS	3000
#define REDIRECTS_MAX	8
#define ANSWER_MAX	(16U << 20)	/* all targets of one portal */
#define ISID_RANDOM	0x80
#define FIRST_ITT	1
#define FIRST_CMDSN	1

/* One visit to one address. */
struct visit {
	const struct portal *portal;
	const char *target;		/* NULL: ask for all targets */
	struct wire wire;
	struct mpio_login_config config;
	struct mpio_login login;
	struct mpio_sendtargets ask;
	uint8_t *data;			/* one data segment */
	uint8_t *answer;
	struct discover_probe *probe;	/* wants to know how it went, or NULL */
};

static int hash(void *priv, unsigned int alg, const struct mpio_iov *iov,
		unsigned int n, u8 *out)
{
	union {
		struct md5_ctx md5;
		struct sha1_ctx sha1;
		struct sha256_ctx sha256;
		struct sha3_256_ctx sha3;
	} ctx;
	static const struct {
		unsigned int alg;
		const struct nettle_hash *type;
	} algs[] = {
		{ MPIO_CHAP_MD5, &nettle_md5 },
		{ MPIO_CHAP_SHA1, &nettle_sha1 },
		{ MPIO_CHAP_SHA256, &nettle_sha256 },
		{ MPIO_CHAP_SHA3_256, &nettle_sha3_256 },
	};
	unsigned int i, j;

	(void)priv;
	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		if (algs[i].alg != alg)
			continue;
		algs[i].type->init(&ctx);
		for (j = 0; j < n; j++)
			algs[i].type->update(&ctx, iov[j].len, iov[j].base);
		algs[i].type->digest(&ctx, algs[i].type->digest_size, out);
		explicit_bzero(&ctx, sizeof(ctx));
		return 0;
	}
	return -ENOENT;
}

static const struct mpio_hash_ops hash_ops = { .hash = hash };

static u8 digest_offer(uint32_t wanted)
{
	return wanted != UNSET && wanted ? MPIO_OFFER_PREFER :
	       MPIO_OFFER_NONE;
}

static int configure(struct visit *v, const struct secrets *secrets,
		     const char *initiator, uint32_t avoid)
{
	struct mpio_login_config *c = &v->config;
	const struct portal *p = v->portal;
	const char *reason = NULL;
	int ret;

	memset(c, 0, sizeof(*c));
	c->initiator_name = initiator;
	c->target_name = v->target;
	ret = file_random_bytes(c->isid, sizeof(c->isid));
	c->isid[0] = ISID_RANDOM;
	c->itt = FIRST_ITT;
	c->cmdsn = FIRST_CMDSN;
	c->tpgt = -1;
	c->avoid = avoid;
	c->auth = (enum mpio_login_auth)p->auth;
	mpio_offers_default(&c->offers);
	c->offers.header_digest = digest_offer(p->header_digest);
	c->offers.data_digest = digest_offer(p->data_digest);
	c->chap = (struct mpio_chap_config){
		.name = p->user,
		.secret = secrets->out,
		.secret_len = secrets->out_len,
		.mutual = p->auth == MPIO_AUTH_CHAP_MUTUAL,
		.name_in = p->user_in[0] ? p->user_in : NULL,
		.secret_in = secrets->in,
		.secret_in_len = secrets->in_len,
		.algs = MPIO_CHAP_ALL,
		.ops = &hash_ops,
	};
	if (!ret)
		ret = file_random_bytes(c->chap.random, sizeof(c->chap.random));
	if (!ret && mpio_login_init(&v->login, c, &reason))
		ret = because(CODE_INVALID, "%s", reason);
	return ret;
}

/* The classes the kernel gives the same refusals. */
static int login_code(enum mpio_login_fail fail)
{
	switch (fail) {
	case MPIO_FAIL_AUTH:
	case MPIO_FAIL_FORBIDDEN:
		return CODE_AUTH;
	case MPIO_FAIL_NOT_FOUND:
		return CODE_NOT_FOUND;
	case MPIO_FAIL_PROTOCOL:
		return CODE_INTERNAL;
	case MPIO_FAIL_LOCAL:
		return CODE_ERROR;
	case MPIO_FAIL_BUSY:
		return CODE_AGAIN;
	default:
		return CODE_LOGIN;
	}
}

static int login(struct visit *v, enum mpio_login_step *step)
{
	struct pdu_login_req req;
	struct pdu_bhs bhs;
	u32 len;
	int ret;

	do {
		if (mpio_login_build(&v->login, &req, v->data, PDU_LOGIN_DSL,
				     &len))
			return because(CODE_INTERNAL,
				       "no login request is due");
		ret = wire_send(&v->wire, &req, v->data, len);
		if (!ret)
			ret = wire_receive(&v->wire, &bhs, MPIO_PHASE_LOGIN,
					   v->data, PDU_LOGIN_DSL, &len);
		if (ret)
			return ret;
		*step = mpio_login_parse(&v->login,
					 (const struct pdu_login_rsp *)&bhs,
					 v->data, len);
	} while (*step == MPIO_LOGIN_SEND);
	if (*step == MPIO_LOGIN_FAILED)
		return because(login_code(v->login.fail), "%s", v->login.why);
	v->wire.header_digest = v->login.params.header_digest;
	v->wire.data_digest = v->login.params.data_digest;
	return 0;
}

static int receive_answer(struct visit *v, struct pdu_bhs *bhs, u32 *len)
{
	int ret;

	do {
		*len = 0;
		ret = wire_receive(&v->wire, bhs, MPIO_PHASE_FULL, v->data,
				   v->config.offers.max_recv_dsl, len);
	} while (!ret && mpio_pdu_opcode(bhs) == PDU_OP_NOP_IN);
	return ret;
}

static int send_targets(struct visit *v)
{
	enum mpio_sendtargets_step step;
	struct pdu_text_req req;
	struct pdu_bhs bhs;
	u8 text[64];
	u32 len;
	int ret;

	mpio_sendtargets_init(&v->ask, &v->login, v->answer, ANSWER_MAX);
	do {
		mpio_sendtargets_build(&v->ask, &req, text, &len);
		ret = wire_send(&v->wire, &req, text, len);
		if (!ret)
			ret = receive_answer(v, &bhs, &len);
		if (ret)
			return ret;
		step = mpio_sendtargets_parse(&v->ask, &bhs, v->data, len);
	} while (step == MPIO_SENDTARGETS_SEND);
	if (step == MPIO_SENDTARGETS_FAILED)
		return because(CODE_INTERNAL, "%s", v->ask.why);
	return 0;
}

/* A polite end; what the target says to it does not matter. */
static void logout(struct visit *v)
{
	struct pdu_logout_req req;
	struct pdu_bhs bhs;
	u32 len;

	mpio_sendtargets_logout(&v->ask, &req);
	if (!wire_send(&v->wire, &req, NULL, 0))
		receive_answer(v, &bhs, &len);
}

static bool link_local(const struct mpio_portal *p)
{
	return p->family == MPIO_FAMILY_IPV6 && p->addr[0] == 0xfe &&
	       (p->addr[1] & 0xc0) == 0x80;
}

static bool unspecified(const struct mpio_portal *p)
{
	static const u8 zero[16];

	return p->family != MPIO_FAMILY_NAME &&
	       !memcmp(p->addr, zero, p->family == MPIO_FAMILY_IPV4 ? 4 : 16);
}

/* Where to reach @t: as announced, or as asked when that says nothing. */
static struct mpio_portal reach(const struct portal *portal,
				const struct mpio_target *t)
{
	struct mpio_portal at = t->has_portal ? t->portal : portal->portal;

	if (unspecified(&at)) {
		s32 tpgt = at.tpgt;
		u16 port = at.port;

		at = portal->portal;
		at.port = port;
		at.tpgt = tpgt;
	}
	/* A zone is of the host that named it: ours is meant, if we know it. */
	if (link_local(&at) && (!at.scope[0] || portal->portal.scope[0]))
		memcpy(at.scope, portal->portal.scope, sizeof(at.scope));
	return at;
}

/* Is @at the last portal of @name so far, or one of those before it? */
static bool told_already(const struct portal *found, const char *name,
			 const struct mpio_portal *at)
{
	const struct known_target *t;
	size_t i;

	for (i = found->targets; i--;) {
		t = &found->target[i];
		if (strcmp(t->name, name))
			break;
		if (mpio_portal_equal(&t->portal, at))
			return true;
	}
	return false;
}

/* What of the answer cannot be used, and why; the rest is. */
static void skip_bad(unsigned int *rest, const char *text, u32 len,
		     const char *reason)
{
	char told[MPIO_PORTAL_TEXT_MAX + 1];
	struct mpio_say say;

	mpio_say_init(&say, told, sizeof(told));
	mpio_say_peer(&say, text, len);
	verbose("\"%s\" is left out: %s", told, reason);
	++*rest;
}

static void take_target(struct portal *found, const struct portal *portal,
			const struct mpio_target *t, unsigned int *rest)
{
	struct mpio_portal at = reach(portal, t);
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	if (link_local(&at) && at.scope[0] && !if_nametoindex(at.scope)) {
		mpio_portal_format(&at, true, text);
		skip_bad(rest, text, strlen(text),
			 "it is of another host's network interface");
	} else if (!told_already(found, t->name, &at)) {
		portal_add_target(found, t->name, &at);
	}
}

static int take_answer(struct visit *v, struct portal *portal)
{
	struct mpio_target_iter *it = xcalloc(1, sizeof(*it));
	struct mpio_target *t = xcalloc(1, sizeof(*t));
	struct portal found = {};
	const char *reason = NULL;
	unsigned int rest = 0;
	int ret;

	mpio_target_iter_init(it, &v->ask);
	while ((ret = mpio_target_next(it, t, &reason)) > 0) {
		if (ret == 1)
			take_target(&found, portal, t, &rest);
		else
			skip_bad(&rest, it->bad, it->bad_len, it->why);
	}
	if (rest)
		note("%u names or addresses that cannot be used are left out%s",
		     rest, error_verbose ? "" : ", -v names them");
	free(it);
	free(t);
	if (ret < 0) {
		free(found.target);
		return because(CODE_INTERNAL, "%s", reason);
	}
	free(portal->target);
	portal->target = found.target;
	portal->targets = found.targets;
	return 0;
}

/* Begins a stage of a probe, which has so many milliseconds. */
static long long stage(struct visit *v, int ms)
{
	if (v->probe)
		v->wire.deadline = clock_now() + ms;
	return clock_us();
}

/* In the full feature phase of a session, which may ping. */
static int probe_pings(struct visit *v)
{
	struct mpio_params *params = &v->login.params;
	struct discover_probe *p = v->probe;
	long long start = stage(v, p->ping_ms);
	int ret;

	p->ping_bytes = params->max_xmit_dsl < params->max_recv_dsl ?
			params->max_xmit_dsl : params->max_recv_dsl;
	ret = ping(&v->wire, &v->login, v->data, &p->ping_bytes);
	p->ping_us = clock_us() - start;
	p->pinged = !ret;
	return ret;
}

/*
 * One way of logging in. @redirected: it leads elsewhere; @broke: the portal
 * hung up on the login.
 */
static int visit_once(struct visit *v, const struct sockaddr_storage *to,
		      bool *redirected, bool *broke)
{
	enum mpio_login_step step = MPIO_LOGIN_SEND;
	long long start = stage(v, PROBE_CONNECT_MS);
	int ret;

	ret = wire_open(&v->wire, to, &v->portal->source, v->portal->iface);
	if (ret)
		return ret;
	if (v->probe) {
		v->probe->connected = true;
		v->probe->connect_us = clock_us() - start;
		v->probe->mtu = wire_mtu(&v->wire);
	}
	start = stage(v, PROBE_LOGIN_MS);
	ret = login(v, &step);
	if (v->probe && !ret) {
		v->probe->logged_in = true;
		v->probe->login_us = clock_us() - start;
		v->probe->level = v->login.params.protocol_level;
	}
	*broke = ret == CODE_TRANSPORT;
	*redirected = !ret && step == MPIO_LOGIN_REDIRECT;
	if (!ret && !*redirected && v->target)
		mpio_sendtargets_init(&v->ask, &v->login, v->answer,
				      ANSWER_MAX);
	else if (!ret && !*redirected)
		ret = send_targets(v);
	if (!ret && !*redirected && v->target && v->probe && v->probe->ping_ms)
		ret = probe_pings(v);
	if (!ret && !*redirected)
		logout(v);
	wire_close(&v->wire);
	return ret;
}

/* Some targets hang up at what they do not know: that is left out then. */
static int visit_address(struct visit *v, const struct sockaddr_storage *to,
			 const struct secrets *secrets, const char *initiator,
			 bool *redirected)
{
	char first[sizeof(((struct mpio_login *)0)->why)];
	uint32_t avoid = 0, bit;
	int ret, code = 0;
	bool broke;

	for (;;) {
		broke = false;
		*redirected = false;
		ret = configure(v, secrets, initiator, avoid);
		if (!ret)
			ret = visit_once(v, to, redirected, &broke);
		if (!ret)
			return 0;
		/* LIO hangs up in the security stage, and says why after it */
		if (!code || (code == CODE_TRANSPORT && ret == CODE_AUTH)) {
			code = ret;
			copy_text(first, sizeof(first), why());
		}
		bit = broke || v->login.fail ?
			mpio_login_avoid(&v->login, broke, avoid) : 0;
		if (!bit)
			return because(code, "%s", first);
		verbose("%s: trying without what it may not stand", first);
		avoid |= bit;
	}
}

/* Addresses of one portal in turn. */
static int visit_portal(struct visit *v, const struct mpio_portal *at,
			const struct secrets *secrets, const char *initiator,
			bool *redirected)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	size_t i, count;
	int ret;

	ret = address_resolve_portal(at, address, &count);
	for (i = 0; i < count; i++) {
		ret = visit_address(v, &address[i], secrets, initiator,
				    redirected);
		if (ret != CODE_TRANSPORT && ret != CODE_CONNECT_TIMEOUT)
			break;
	}
	return ret;
}

static struct visit *visit_begin(const struct portal *portal,
				 const char *target)
{
	struct visit *v = xcalloc(1, sizeof(*v));

	v->portal = portal;
	v->target = target;
	v->wire.fd = -1;
	v->wire.deadline = clock_now() + (options_given()->timeout > 0 ?
			   options_given()->timeout : TIMEOUT_MS);
	v->data = xcalloc(1, 262144 + 4);
	v->answer = xcalloc(1, ANSWER_MAX);
	return v;
}

static void visit_end(struct visit *v)
{
	mpio_login_clear(&v->login);
	free(v->answer);
	free(v->data);
	explicit_bzero(v, sizeof(*v));
	free(v);
}

/* The portal, or those it sends us to. */
static int visit(struct visit *v, const struct secrets *secrets,
		 const char *initiator)
{
	struct mpio_portal at = v->portal->portal;
	bool redirected = false;
	int hops = 0, ret;

	do {
		ret = visit_portal(v, &at, secrets, initiator, &redirected);
		if (!ret && redirected)
			at = v->login.redirect;
	} while (!ret && redirected && ++hops <= REDIRECTS_MAX);
	if (!ret && redirected)
		ret = because(CODE_LOGIN, "more than %d redirects",
			      REDIRECTS_MAX);
	return ret;
}

int discover(struct portal *portal, const struct secrets *secrets,
	     const char *initiator)
{
	struct visit *v;
	int ret;

	if (portal->isns)
		return isns_query(portal, initiator);
	v = visit_begin(portal, NULL);
	ret = visit(v, secrets, initiator);
	if (!ret)
		ret = take_answer(v, portal);
	visit_end(v);
	return ret;
}

int discover_login(const struct record *record, const struct secrets *secrets)
{
	const struct login *login = &record->login;
	struct portal portal;
	struct visit *v;
	int ret;

	portal_init(&portal);
	ret = record_portal(record, &portal.portal);
	if (ret)
		return ret;
	portal.source = login->source;
	copy_text(portal.iface, sizeof(portal.iface), login->iface);
	portal.header_digest = login->header_digest;
	portal.data_digest = login->data_digest;
	portal.auth = login->auth;
	copy_text(portal.user, sizeof(portal.user), login->user);
	copy_text(portal.user_in, sizeof(portal.user_in), login->user_in);
	v = visit_begin(&portal, login->target);
	ret = visit(v, secrets, login->initiator);
	visit_end(v);
	return ret;
}

/* The portal of a login, to be asked without authentication. */
static int portal_of_login(struct portal *portal, const struct login *login)
{
	char text[ADDRESS_TEXT];

	portal_init(portal);
	portal->source = login->source;
	copy_text(portal->iface, sizeof(portal->iface), login->iface);
	return address_parse_portal(address_port_text(&login->portal, text),
				    &portal->portal);
}

int discover_probe(const struct login *login, const struct secrets *secrets,
		   struct discover_probe *probe)
{
	struct portal portal;
	struct visit *v;
	int ret = portal_of_login(&portal, login);

	if (ret)
		return ret;
	portal.auth = login->auth;
	copy_text(portal.user, sizeof(portal.user), login->user);
	copy_text(portal.user_in, sizeof(portal.user_in), login->user_in);
	v = visit_begin(&portal, login->target[0] ? login->target : NULL);
	v->probe = probe;
	v->wire.mss = probe->mss;
	ret = visit(v, secrets, login->initiator);
	visit_end(v);
	return ret;
}

/* Is @name in the answer? What cannot be used there is no answer either way. */
static int answer_has(struct visit *v, const char *name, bool *has)
{
	struct mpio_target_iter *it = xcalloc(1, sizeof(*it));
	struct mpio_target *t = xcalloc(1, sizeof(*t));
	const char *reason = NULL;
	int ret;

	*has = false;
	mpio_target_iter_init(it, &v->ask);
	while ((ret = mpio_target_next(it, t, &reason)) > 0)
		*has |= ret != 1 || !mpio_name_compare(t->name, name);
	free(it);
	free(t);
	return ret < 0 ? because(CODE_INTERNAL, "%s", reason) : 0;
}

int discover_target_told(const struct login *login, bool *told)
{
	struct secrets none = {};
	struct portal portal;
	struct visit *v;
	int ret = portal_of_login(&portal, login);

	if (ret)
		return ret;
	v = visit_begin(&portal, NULL);
	v->wire.deadline = clock_now() + TOLD_MS;
	ret = visit(v, &none, login->initiator);
	if (!ret)
		ret = answer_has(v, login->target, told);
	visit_end(v);
	return ret;
}
