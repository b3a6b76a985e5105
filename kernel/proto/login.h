/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The login phase of RFC 7143 6.3 as a machine without a socket: the caller
 * sends what mpio_login_build() makes and hands what comes back to
 * mpio_login_parse(). The caller bounds the time, the machine the number of
 * exchanges. One machine serves one connection attempt.
 *
 *	mpio_login_init(l, &cfg);
 *	do {
 *		mpio_login_build(l, &req, data, cap, &len);
 *		send(req, data, len); receive(rsp, rdata, rlen);
 *		mpio_pdu_check(rsp, MPIO_PHASE_LOGIN, PDU_LOGIN_DSL, ...);
 *		step = mpio_login_parse(l, rsp, rdata, rlen);
 *	} while (step == MPIO_LOGIN_SEND);
 */
#ifndef MPIO_PROTO_LOGIN_H
#define MPIO_PROTO_LOGIN_H

#include "chap.h"
#include "keys.h"
#include "name.h"
#include "pdu.h"

#define MPIO_LOGIN_RX_MAX	16384	/* joined text of the target */
#define MPIO_LOGIN_TX_MAX	12288	/* joined text of ours */
#define MPIO_LOGIN_WHY_MAX	191
#define MPIO_LOGIN_EXCHANGES	64	/* then the target is playing games */

enum mpio_login_step {
	MPIO_LOGIN_SEND,	/* build and send the next request */
	MPIO_LOGIN_DONE,	/* full feature phase */
	MPIO_LOGIN_REDIRECT,	/* go to l->redirect, 11.13.5 class 1 */
	MPIO_LOGIN_FAILED	/* l->fail, l->permanent, l->why */
};

/* Same numbers as enum mpio_auth of the netlink ABI. */
enum mpio_login_auth {
	MPIO_LOGIN_AUTH_NONE,
	MPIO_LOGIN_AUTH_CHAP,
	MPIO_LOGIN_AUTH_MUTUAL
};

enum mpio_login_fail {
	MPIO_FAIL_NONE,
	MPIO_FAIL_PROTOCOL,	/* the target broke RFC 7143 */
	MPIO_FAIL_NEGOTIATION,	/* its values and ours do not meet */
	MPIO_FAIL_AUTH,		/* we are refused, or it did not prove itself */
	MPIO_FAIL_FORBIDDEN,	/* this initiator may not use this target */
	MPIO_FAIL_NOT_FOUND,	/* no such target here */
	MPIO_FAIL_VERSION,
	MPIO_FAIL_REFUSED,	/* other initiator errors, class 2 */
	MPIO_FAIL_BUSY,		/* target errors, class 3: try later */
	MPIO_FAIL_TPGT,		/* another portal group than expected */
	MPIO_FAIL_LOCAL		/* our side: hash failed, buffer too small */
};

/*
 * Ways to log in that a target turned out not to stand. A login that fails is
 * worth another try at once without what it may have failed for. Same bits as
 * enum mpio_avoid_bit of the netlink ABI.
 */
enum mpio_avoid {
	MPIO_NO_CHAP_LISTS = 0x1,	/* CHAP_A=5 alone */
	MPIO_NO_LEVEL = 0x2,		/* no iSCSIProtocolLevel */
	MPIO_NO_SECURITY = 0x4,		/* no security stage without CHAP */
	MPIO_NO_NO_DIGEST = 0x8		/* CRC32C offered behind None */
};

/* Pointers stay the caller's and must live as long as the machine. */
struct mpio_login_config {
	const char *initiator_name;
	const char *initiator_alias;	/* or NULL */
	const char *target_name;	/* NULL: Discovery session */
	u8 isid[6];
	u16 tsih;			/* 0: new session */
	u16 cid;
	u32 itt;			/* any but PDU_TAG_NONE */
	u32 cmdsn;			/* first CmdSN of the session */
	s32 tpgt;			/* expected, or -1 */
	enum mpio_login_auth auth;
	struct mpio_chap_config chap;	/* used unless auth is none */
	struct mpio_offers offers;
	u32 avoid;			/* enum mpio_avoid, of this target */
};

struct mpio_login {
	/* Results. */
	struct mpio_params params;	/* valid after DONE */
	u16 tsih;			/* after DONE */
	u32 exp_statsn;			/* after DONE: next StatSN expected */
	struct mpio_window window;	/* after DONE */
	unsigned int chap_alg;		/* used, 0 without CHAP */
	enum mpio_login_fail fail;
	bool permanent;			/* trying again is of no use */
	struct mpio_quirks quirks;	/* after DONE: what was let pass */
	u8 status_class;		/* of the last response */
	u8 status_detail;
	char why[MPIO_LOGIN_WHY_MAX + 1];
	struct mpio_portal redirect;	/* after REDIRECT */
	bool redirect_permanent;

	/* Private. */
	const struct mpio_login_config *cfg;
	enum mpio_login_step (*take)(struct mpio_login *l);
	u8 stage;			/* CSG */
	u8 next;			/* NSG wanted when transit */
	bool transit;			/* T goes with the last chunk */
	bool started;			/* a response was seen */
	bool digest_forced;		/* CRC32C though None was offered */
	bool req_transit;		/* T of the request that is out */
	bool rsp_transit;		/* T of the response being taken */
	bool rsp_more;			/* C of the last response */
	bool awaiting;			/* a request is out */
	bool authenticated;		/* the target, mutual CHAP */
	bool listed;			/* a list of CHAP_A is being checked */
	u32 exchanges;
	u32 tx_off;			/* bytes of tx already sent */
	u32 sent;			/* bytes of tx in the last request */
	struct mpio_textbuf tx;
	struct mpio_join rx;
	struct mpio_nego nego;
	struct mpio_chap_config chap_config;	/* with what is avoided */
	struct mpio_chap chap;
	struct mpio_chap_keys chap_keys;
	struct mpio_pair auth_method;
	char tx_buf[MPIO_LOGIN_TX_MAX];
	u8 rx_buf[MPIO_LOGIN_RX_MAX];
};

/**
 * mpio_login_init - prepare the first request
 * @l: about 32 KiB; everything is set
 * @cfg: stays the caller's and must live as long as @l
 * @why: sentence when the configuration is refused
 *
 * Return: 0 or -EINVAL.
 */
int mpio_login_init(struct mpio_login *l, const struct mpio_login_config *cfg,
		    const char **why);

/**
 * mpio_login_build - make the next Login Request
 * @l: the machine
 * @bhs: complete header, dlength included
 * @data: data segment; padding is zeroed too, and not counted in @len
 * @cap: room in @data, at least 512 bytes and a multiple of 4; at most
 *	PDU_LOGIN_DSL of it is used
 * @len: bytes of data
 *
 * Return: 0, -EINVAL for a @cap too small or no request due.
 */
int mpio_login_build(struct mpio_login *l, struct pdu_login_req *bhs, u8 *data,
		     u32 cap, u32 *len);

/**
 * mpio_login_parse - take the answer to the request built last
 * @l: the machine
 * @bhs: header that passed mpio_pdu_check() (it is checked again)
 * @data: data segment without padding
 * @len: of @data, at most PDU_LOGIN_DSL
 */
enum mpio_login_step mpio_login_parse(struct mpio_login *l,
				      const struct pdu_login_rsp *bhs,
				      const u8 *data, u32 len);

/**
 * mpio_login_avoid - may another way of logging in do better?
 * @l: a machine that failed, or whose exchange broke off
 * @broke: the target hung up, fell silent or sent no Login Response
 * @avoid: of the configuration @l ran with
 *
 * Never less authentication: a wrong secret is no reason for another way.
 *
 * Return: a bit of enum mpio_avoid to try once more with, or 0.
 */
u32 mpio_login_avoid(const struct mpio_login *l, bool broke, u32 avoid);

/**
 * mpio_login_may_end_old - does the target know who we are?
 * @l: a machine, with the request built last out or answered
 *
 * Only then may it end an older session of ours. A Login Request with AuthMethod or
 * CHAP_A says no more than who we claim to be, and we offer CHAP alone then; nobody
 * has to prove anything where None was offered.
 */
bool mpio_login_may_end_old(const struct mpio_login *l);

/* Wipe what was derived from secrets; the results stay readable. */
void mpio_login_clear(struct mpio_login *l);

#endif /* MPIO_PROTO_LOGIN_H */
