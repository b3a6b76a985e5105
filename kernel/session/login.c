// SPDX-License-Identifier: GPL-2.0
/*
 * Login, as a straight line: connect, exchange PDUs until the machine in
 * proto/ says it is done, follow redirects. One deadline covers it all.
 *
 * The disk may be what memory is freed to, so a few machines are kept in store
 * for all sessions. They are taken when the portal has answered: one that does
 * not keeps nobody waiting.
 */
#include "session/login.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/mempool.h>
#include <linux/net.h>
#include <linux/random.h>
#include <net/sock.h>

#include "base/auth.h"
#include "base/text.h"
#include "conn/conn.h"
#include "session/netdev.h"
#include "session/secrets.h"
#include "session/session.h"

#define MPIO_REDIRECTS		8
#define MPIO_FIRST_CMDSN	1
#define MPIO_CONNECT_MS		1000U	/* a SYN and one repetition */
#define MPIO_LOGINS_KEPT	8	/* that go on when memory is short */

static mempool_t *mpio_login_pool;

/* What a failed login means for the exit code of the tool. */
static const enum mpio_error mpio_login_errors[] = {
	[MPIO_FAIL_NONE]	= MPIO_ERROR_OTHER,
	[MPIO_FAIL_PROTOCOL]	= MPIO_ERROR_PROTOCOL,
	[MPIO_FAIL_NEGOTIATION]	= MPIO_ERROR_LOGIN,
	[MPIO_FAIL_AUTH]	= MPIO_ERROR_AUTH,
	[MPIO_FAIL_FORBIDDEN]	= MPIO_ERROR_AUTH,
	[MPIO_FAIL_NOT_FOUND]	= MPIO_ERROR_NOT_FOUND,
	[MPIO_FAIL_VERSION]	= MPIO_ERROR_LOGIN,
	[MPIO_FAIL_REFUSED]	= MPIO_ERROR_LOGIN,
	[MPIO_FAIL_BUSY]	= MPIO_ERROR_AGAIN,
	[MPIO_FAIL_TPGT]	= MPIO_ERROR_LOGIN,
	[MPIO_FAIL_LOCAL]	= MPIO_ERROR_OTHER,
};

static void mpio_login_offers(const struct mpio_session *sess,
			      struct mpio_offers *o)
{
	const struct mpio_session_config *c = &sess->cfg;

	mpio_offers_default(o);
	/* None alone: targets there are that prefer CRC32C, and some lack it. */
	o->header_digest = c->header_digest ? MPIO_OFFER_CRC32C :
					      MPIO_OFFER_NONE;
	o->data_digest = c->data_digest ? MPIO_OFFER_CRC32C : MPIO_OFFER_NONE;
	o->initial_r2t = c->initial_r2t;
	o->immediate_data = c->immediate_data;
	o->first_burst = c->first_burst;
	o->max_burst = c->max_burst;
	o->max_recv_dsl = c->max_recv_dsl;
	/* No, RFC 7143 13.18 and 13.19: it is the target that decides. */
	o->data_pdu_in_order = false;
	o->data_sequence_in_order = false;
	o->max_outstanding_r2t = min_t(u32, c->max_r2t, MPIO_MAX_R2T);
	o->protocol_level = sess->level_1 ? 0 : MPIO_LEVEL_QUERY;
}

static void mpio_login_configure(struct mpio_session *sess, u32 avoid,
				 struct mpio_login_config *lc)
{
	const struct mpio_session_config *c = &sess->cfg;
	struct mpio_secrets *secrets = &sess->login_secrets;
	struct mpio_chap_config *chap = &lc->chap;

	/* They may be changed while this login is under way. */
	mpio_session_get_secrets(sess, secrets);
	memset(lc, 0, sizeof(*lc));
	lc->initiator_name = c->initiator_name;
	lc->target_name = c->target_name;
	memcpy(lc->isid, c->isid, sizeof(lc->isid));
	lc->cid = 0;
	lc->itt = get_random_u32() & 0x7fffffff;
	lc->cmdsn = MPIO_FIRST_CMDSN;
	lc->tpgt = c->tpgt;
	lc->auth = (enum mpio_login_auth)c->auth;
	chap->name = c->chap_user;
	chap->secret = secrets->out;
	chap->secret_len = secrets->out_len;
	chap->mutual = c->auth == MPIO_AUTH_MODE_MUTUAL;
	chap->name_in = c->chap_user_in[0] ? c->chap_user_in : NULL;
	chap->secret_in = secrets->in;
	chap->secret_in_len = secrets->in_len;
	chap->algs = mpio_auth_algs(sess->hashes);
	chap->ops = &mpio_auth_hash_ops;
	chap->hash_priv = sess->hashes;
	get_random_bytes(chap->random, sizeof(chap->random));
	lc->avoid = avoid;
	mpio_login_offers(sess, &lc->offers);
}

/* ---------------------------------------------------------- blocking I/O */

static int mpio_login_xfer(struct mpio_conn *conn, bool send, void *data,
			   size_t len, unsigned long deadline)
{
	struct kvec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	struct sock *sk = conn->sock->sk;
	long rest = deadline - jiffies;
	int n;

	if (rest <= 0)
		return -ETIMEDOUT;
	if (!len)
		return 0;
	if (send) {
		sk->sk_sndtimeo = rest;
		n = kernel_sendmsg(conn->sock, &msg, &iov, 1, len);
	} else {
		sk->sk_rcvtimeo = rest;
		n = kernel_recvmsg(conn->sock, &msg, &iov, 1, len,
				   MSG_WAITALL);
	}
	if (n == -EAGAIN ||
	    (n >= 0 && n < len && time_after_eq(jiffies, deadline)))
		return -ETIMEDOUT;
	if (n < 0)
		return n;
	return n == len ? 0 : -ECONNRESET;
}

/*
 * Whether the old session is at its end is not known from here on: LIO ends it as
 * soon as it knows who we are, which may be in the security stage
 * (iscsi_target_do_authentication()).
 */
static void mpio_login_asks(struct mpio_session *sess)
{
	if (!mpio_login_may_end_old(sess->login))
		return;
	WRITE_ONCE(sess->login_out, true);
	/* Pairs with mpio_fence_work(): it sees that, or a time before this. */
	smp_mb();
	WRITE_ONCE(sess->login_asked, jiffies | 1);
}

static void mpio_login_unanswered(struct mpio_session *sess)
{
	if (!mpio_login_may_end_old(sess->login))
		return;
	spin_lock_irq(&sess->lock);
	sess->login_lost_gen = sess->login_gen;
	WRITE_ONCE(sess->login_lost, jiffies | 1);
	spin_unlock_irq(&sess->lock);
}

/* How long a login may take: of all, and once it is asked for in earnest. */
struct mpio_login_limit {
	unsigned long deadline;
	unsigned long patience;			/* jiffies; 0: no longer */
	const struct mpio_session *other;	/* while it lives */
};

/* The first byte of the answer, for which that of a busy target is waited. */
static void mpio_login_await(struct mpio_session *sess,
			     struct mpio_login_limit *limit)
{
	struct socket *sock = sess->conn.sock;
	unsigned long begun = jiffies;
	struct msghdr msg = {};
	struct kvec iov;
	u8 byte;

	sock->sk->sk_rcvtimeo = HZ;
	do {
		iov.iov_base = &byte;
		iov.iov_len = sizeof(byte);
	} while (kernel_recvmsg(sock, &msg, &iov, 1, sizeof(byte),
				MSG_PEEK) == -EAGAIN &&
		 time_before(jiffies, begun + limit->patience) &&
		 mpio_session_state(limit->other) == MPIO_SESSION_LOGGED_IN);
	limit->deadline += jiffies - begun;
}

/* Sends one Login Request and receives the response, its data in conn->rx.buf. */
static int mpio_login_exchange(struct mpio_session *sess,
			       struct mpio_login_limit *limit, u32 *len)
{
	struct mpio_conn *conn = &sess->conn;
	struct mpio_login *l = sess->login;
	struct pdu_bhs *bhs = &conn->rx.bhs;
	u8 *data = conn->tx.buf;
	struct pdu_login_req req;
	const char *why;
	int err;

	err = mpio_login_build(l, &req, data, MPIO_TXBUF_SIZE, len);
	if (err)
		return err;
	mpio_login_asks(sess);
	err = mpio_login_xfer(conn, true, &req, sizeof(req), limit->deadline);
	if (!err)
		err = mpio_login_xfer(conn, true, data,
				      *len + mpio_pdu_pad(*len),
				      limit->deadline);
	if (!err && limit->patience)
		mpio_login_await(sess, limit);
	if (!err)
		err = mpio_login_xfer(conn, false, bhs, sizeof(*bhs),
				      limit->deadline);
	if (err)
		return err;
	if (mpio_pdu_check(bhs, MPIO_PHASE_LOGIN, PDU_LOGIN_DSL,
			   sizeof(conn->rx.ahs), &why)) {
		strscpy(l->why, why, sizeof(l->why));
		return mpio_pdu_opcode(bhs) == PDU_OP_REJECT ? -ECOMM : -EPROTO;
	}
	*len = mpio_pdu_dlength(bhs);
	err = mpio_login_xfer(conn, false, conn->rx.ahs,
			      mpio_pdu_ahslength(bhs), limit->deadline);
	if (!err)
		err = mpio_login_xfer(conn, false, conn->rx.buf,
				      *len + mpio_pdu_pad(*len),
				      limit->deadline);
	return err;
}

/* ----------------------------------------------------------- one portal */

static void mpio_login_note(struct mpio_session *sess, int err,
			    const char *when)
{
	enum mpio_error code = MPIO_ERROR_TRANSPORT;

	if (err == -ERESTART)
		return;
	if (!when && (err == -EPROTO || err == -ECOMM)) {
		mpio_session_note_error(sess, MPIO_ERROR_PROTOCOL, "login: %s",
					sess->login->why);
		return;
	}
	if (err == -ETIMEDOUT)
		code = when ? MPIO_ERROR_CONNECT_TIMEOUT :
			      MPIO_ERROR_PDU_TIMEOUT;
	mpio_session_note_error(sess, code, "%s %pISpc: %s",
				when ? when : "login at", &sess->remote,
				mpio_errno_text(err));
}

static void mpio_login_note_refusal(struct mpio_session *sess)
{
	struct mpio_login *l = sess->login;
	enum mpio_error code = MPIO_ERROR_OTHER;

	if (l->fail < ARRAY_SIZE(mpio_login_errors))
		code = mpio_login_errors[l->fail];
	mpio_session_note_error(sess, code, "login at %pISpc: %s",
				&sess->remote, l->why);
}

/*
 * A path that was good once is tried anew before TCP repeats its SYN ever
 * later: who waits for it sees it healed within ReconnectDelayMax.
 */
static unsigned long mpio_login_connect_by(struct mpio_session *sess,
					   unsigned long deadline)
{
	u32 ms = max(mpio_setting(sess, MPIO_TA_RECONNECT_DELAY_MAX),
		     MPIO_CONNECT_MS);
	unsigned long soon = jiffies + msecs_to_jiffies(ms);

	return sess->was_up && time_before(soon, deadline) ? soon : deadline;
}

/*
 * Connects to portal @to with source and interface of session @from, and sets
 * @deadline of the login. An error is noted in @sess if @from is that session itself:
 * what is wrong with a sibling's portal says nothing of its own.
 */
static int mpio_login_begin(struct mpio_session *sess,
			    const struct mpio_login_config *lc,
			    const struct sockaddr_storage *to,
			    const struct mpio_session_config *from,
			    unsigned long *deadline)
{
	bool own = from == &sess->cfg;
	const struct mpio_conn_source source = {
		.net = sess->net,
		.addr = &from->source,
		.iface = from->iface,
		.own = own,
	};
	unsigned long waits;
	const char *why = "";
	int err;

	if (own) {
		spin_lock_irq(&sess->lock);
		sess->remote = *to;
		spin_unlock_irq(&sess->lock);
	}
	err = mpio_conn_open(&sess->conn, to, &source,
			     mpio_login_connect_by(sess, *deadline));
	if (err) {
		if (own)
			mpio_login_note(sess, err, "connecting to");
		return err;
	}
	/* Waiting for one of those in store is no fault of the target. */
	waits = jiffies;
	if (!sess->login)
		sess->login = mempool_alloc(mpio_login_pool, GFP_NOIO);
	*deadline += jiffies - waits;
	err = mpio_login_init(sess->login, lc, &why);
	if (err && own)
		mpio_session_note_error(sess, MPIO_ERROR_OTHER, "login: %s",
					why);
	return err;
}

/*
 * The machine runs; @step says how it ended when 0. Who waits for the session
 * takes a noted error for the end of this login, so it is for the caller, who
 * may try another way, to note one.
 */
static int mpio_login_talk(struct mpio_session *sess,
			   struct mpio_login_limit *limit,
			   enum mpio_login_step *step)
{
	unsigned long asked = READ_ONCE(sess->login_asked);
	struct mpio_conn *conn = &sess->conn;
	struct mpio_login *l = sess->login;
	struct pdu_login_rsp *rsp;
	u32 len;
	int err;

	do {
		err = mpio_login_exchange(sess, limit, &len);
		if (err) {
			mpio_login_unanswered(sess);
			return err;
		}
		rsp = (struct pdu_login_rsp *)&conn->rx.bhs;
		*step = mpio_login_parse(l, rsp, conn->rx.buf, len);
	} while (*step == MPIO_LOGIN_SEND);
	/* The login was refused, so the target closes no old session for it any more. */
	if (*step != MPIO_LOGIN_DONE)
		WRITE_ONCE(sess->login_asked, asked);
	return 0;
}

/* The kernel resolves no names: somebody has to say the address. */
static int mpio_login_redirect_name(struct mpio_session *sess,
				    struct sockaddr_storage *to)
{
	char name[MPIO_PORTAL_TEXT_MAX + 1];
	int err;

	mpio_portal_format(&sess->login->redirect, false, name);
	err = mpio_session_redirect(sess, name, to);
	if (err)
		mpio_session_note_error(sess, MPIO_ERROR_TRANSPORT,
					"redirected to '%.120s', which is no address: iscsictl restore resolves it",
					name);
	return err;
}

static int mpio_login_redirect(struct mpio_session *sess,
			       struct sockaddr_storage *to)
{
	const struct mpio_portal *p = &sess->login->redirect;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *in = (struct sockaddr_in *)to;
	u32 scope = in6->sin6_scope_id;

	if (p->family == MPIO_FAMILY_NAME)
		return mpio_login_redirect_name(sess, to);
	if (to->ss_family != AF_INET6)
		scope = 0;
	memset(to, 0, sizeof(*to));
	if (p->family == MPIO_FAMILY_IPV4) {
		in->sin_family = AF_INET;
		in->sin_port = cpu_to_be16(p->port);
		memcpy(&in->sin_addr, p->addr, sizeof(in->sin_addr));
	} else {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = cpu_to_be16(p->port);
		memcpy(&in6->sin6_addr, p->addr, sizeof(in6->sin6_addr));
		/* A zone means nothing to the target: ours is meant. */
		in6->sin6_scope_id = scope;
	}
	return 0;
}

/*
 * Is trying again of no use? A target that is being set up, at boot or after a
 * restart, is not there yet, or does not know us, our secret or whom to ask
 * for it yet: that may change. So whoever was let in once is not stopped.
 */
static bool mpio_login_permanent(const struct mpio_session *sess)
{
	const struct mpio_login *l = sess->login;

	if (l->fail == MPIO_FAIL_NOT_FOUND || sess->was_up)
		return false;
	return l->permanent;
}

static int mpio_login_finish(struct mpio_session *sess)
{
	struct mpio_conn *conn = &sess->conn;
	struct mpio_login *l = sess->login;

	/* Few targets want it, so few sessions pay for it. */
	if (!conn->extent && !(l->params.data_pdu_in_order &&
			       l->params.data_sequence_in_order)) {
		conn->extent = kvcalloc(MPIO_EXTENTS, sizeof(*conn->extent),
					GFP_NOIO);
		if (!conn->extent) {
			mpio_session_note_error(sess, MPIO_ERROR_NOMEM,
						"login: out of memory");
			return -ENOMEM;
		}
	}
	conn->params = l->params;
	/* LIO logs an error for each key that it does not know: once will do. */
	sess->level_1 = l->params.protocol_level < MPIO_LEVEL_QUERY;
	conn->cmdsn = MPIO_FIRST_CMDSN;
	conn->exp_statsn = l->exp_statsn;
	conn->window = l->window;
	conn->cid = 0;
	mpio_netdev_note(sess, conn->sock);
	spin_lock_irq(&sess->lock);
	sess->tsih = l->tsih;
	sess->chap_alg = l->chap_alg;
	sess->avoid = l->cfg->avoid;
	if (l->params.tpgt >= 0) {
		sess->tpgt = l->params.tpgt;
		sess->tpgt_told = true;
	}
	spin_unlock_irq(&sess->lock);
	mpio_session_note_quirks(sess, &l->quirks);
	return 0;
}

/* No secret stays in what is given back. */
static void mpio_login_done(struct mpio_session *sess)
{
	memzero_explicit(&sess->login_secrets, sizeof(sess->login_secrets));
	if (!sess->login)
		return;
	mpio_login_clear(sess->login);
	mempool_free(sess->login, mpio_login_pool);
	sess->login = NULL;
}

/* A login, which may take several tries: where the next goes, what it leaves out. */
struct mpio_login_try {
	struct sockaddr_storage to;
	unsigned long deadline;
	unsigned int redirects;
	u32 avoid;
};

/* The target wants us elsewhere: 0 to go there. */
static int mpio_login_follow(struct mpio_session *sess,
			     struct mpio_login_try *try)
{
	if (++try->redirects > MPIO_REDIRECTS) {
		mpio_session_note_error(sess, MPIO_ERROR_LOGIN,
					"redirected %u times in a row",
					try->redirects);
		return -ELOOP;
	}
	return mpio_login_redirect(sess, &try->to);
}

/*
 * Some targets hang up at a key that they do not know. True: try again at once
 * without one of the keys in question, @try->avoid; sess->avoid remembers it only if
 * that login succeeds.
 */
static bool mpio_login_try_else(const struct mpio_session *sess,
				struct mpio_login_try *try, int err)
{
	const struct mpio_login *l = sess->login;
	bool broke = err == -ECONNRESET || err == -EPIPE || err == -ECOMM;
	u32 bit = 0;

	if (l && (!err || broke) && time_before(jiffies, try->deadline))
		bit = mpio_login_avoid(l, broke, try->avoid);
	try->avoid |= bit;
	return bit;
}

static_assert(MPIO_AVOID_ALL == (MPIO_NO_CHAP_LISTS | MPIO_NO_LEVEL |
				 MPIO_NO_SECURITY | MPIO_NO_NO_DIGEST));
static_assert((int)MPIO_AVOID_CHAP_LISTS == (MPIO_NO_CHAP_LISTS) &&
	      (int)MPIO_AVOID_LEVEL == (MPIO_NO_LEVEL) &&
	      (int)MPIO_AVOID_SECURITY == (MPIO_NO_SECURITY) &&
	      (int)MPIO_AVOID_NO_DIGEST == (MPIO_NO_NO_DIGEST));

static int mpio_login_run(struct mpio_session *sess, bool *permanent)
{
	u32 timeout = mpio_setting(sess, MPIO_TA_LOGIN_TIMEOUT);
	struct mpio_login_try try = {
		.to = mpio_session_portal(sess),
		.deadline = jiffies + msecs_to_jiffies(timeout),
		.avoid = sess->avoid,
	};
	struct mpio_login_limit limit = {};
	enum mpio_login_step step;
	LIST_HEAD(none);
	int err;

	*permanent = false;
	for (;;) {
		limit.deadline = try.deadline;
		mpio_login_configure(sess, try.avoid, &sess->login_config);
		err = mpio_login_begin(sess, &sess->login_config, &try.to,
				       &sess->cfg, &limit.deadline);
		if (err)
			return err;
		err = mpio_login_talk(sess, &limit, &step);
		if (!err && step == MPIO_LOGIN_DONE)
			return mpio_login_finish(sess);
		if (!err && step == MPIO_LOGIN_REDIRECT) {
			err = mpio_login_follow(sess, &try);
			if (err)
				return err;
		} else if (!mpio_login_try_else(sess, &try, err)) {
			break;
		}
		mpio_conn_close(&sess->conn, &none, false);
		mpio_login_done(sess);
	}
	if (err) {
		mpio_login_note(sess, err, NULL);
		return err;
	}
	mpio_login_note_refusal(sess);
	*permanent = mpio_login_permanent(sess);
	return -EACCES;
}

int mpio_login_session(struct mpio_session *sess, bool *permanent)
{
	int err = mpio_login_run(sess, permanent);

	if (err)
		sess->ops->login_failed(sess);
	mpio_login_done(sess);
	return err;
}

int mpio_login_reinstate(struct mpio_session *sess,
			 const struct mpio_session *other, u16 tpgt,
			 u32 timeout_ms, u32 patience_ms)
{
	struct mpio_login_limit limit = {
		.deadline = jiffies + msecs_to_jiffies(timeout_ms),
		.patience = msecs_to_jiffies(patience_ms),
		.other = other,
	};
	struct mpio_login_config *lc = &sess->login_config;
	struct sockaddr_storage to = other->remote;
	enum mpio_login_step step;
	LIST_HEAD(none);
	int err;

	mpio_login_configure(sess, sess->avoid, lc);
	lc->tpgt = tpgt;
	err = mpio_login_begin(sess, lc, &to, &other->cfg, &limit.deadline);
	if (!err)
		err = mpio_login_talk(sess, &limit, &step);
	/* A portal that tells no portal group may be of any: nothing is known then. */
	if (!err && (step != MPIO_LOGIN_DONE ||
		     sess->login->params.tpgt != tpgt))
		err = -EACCES;
	mpio_login_done(sess);
	mpio_conn_close(&sess->conn, &none, false);
	return err;
}

int __init mpio_login_init_pool(void)
{
	mpio_login_pool = mempool_create_kmalloc_pool(MPIO_LOGINS_KEPT,
						      sizeof(struct mpio_login));
	return mpio_login_pool ? 0 : -ENOMEM;
}

void mpio_login_exit_pool(void)
{
	mempool_destroy(mpio_login_pool);
}
