// SPDX-License-Identifier: GPL-2.0
/*
 * netlink-abuse [-n MESSAGES] [-s SEED] [-u UID] [-U]: sends messages to the
 * iscsi_mpio family that no tool would send.
 *
 * What there is to send is read from the kernel (CTRL_CMD_GETPOLICY): each
 * operation with each attribute of its policies, nested ones included, right,
 * too short, too long, doubled, of unknown types, with lying lengths and cut
 * off; dumps that are closed half-way. Every request has to be answered within
 * 10 s. Sessions that come of it are deleted again.
 *
 * -u UID gives up root first, -U enters a user and network namespace of its
 * own: then every answer has to be a refusal.
 *
 * Prints a sum; status 0 when all was answered as it should be, and every
 * refusal of the module said why.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/iscsi_mpio.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_POLICIES	32
#define MAX_ATTRS	64
#define MAX_OPS		32
#define MAX_SESSIONS	8
#define ANSWER_MS	10000
#define BUF		65536
#define MAX_ERRNO	256

struct attr {
	uint32_t type;		/* enum netlink_attribute_type, 0: none */
	int nested;		/* policy, or -1 */
};

static struct attr policies[MAX_POLICIES][MAX_ATTRS];
static int op_policy[MAX_OPS];	/* policy of an operation + 1, 0: none */
static uint16_t family_id;

static struct mnl_socket *sock;
static uint32_t seq;
static uint64_t rng = 1;
static bool refused_only;	/* nothing may be carried out */

static struct {
	unsigned long sent, ok, refused, silent, silent_ours, dumps, resolved;
	unsigned long silent_with[MAX_ERRNO];
} sum;
static bool for_us;	/* the message had all that the family needs to see it */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void give_up(const char *why)
{
	fprintf(stderr, "netlink-abuse: message %lu: %s\n", sum.sent, why);
	exit(1);
}

/* xorshift64* */
static uint32_t rnd(uint32_t below)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return (uint32_t)((rng * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *s = mnl_socket_open(NETLINK_GENERIC);
	int one = 1;

	if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink socket");
	mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &one, sizeof(one));
	return s;
}

static ssize_t wait_answer(struct mnl_socket *s, char *buf)
{
	struct pollfd p = { .fd = mnl_socket_get_fd(s), .events = POLLIN };

	if (poll(&p, 1, ANSWER_MS) <= 0)
		give_up("no answer within 10 s");
	return recv(p.fd, buf, BUF, 0);
}

/* --- what the kernel says there is */

static int take_attr_policy(const struct nlattr *nest, struct attr *a)
{
	const struct nlattr *nla;

	a->nested = -1;
	mnl_attr_for_each_nested(nla, nest) {
		switch (mnl_attr_get_type(nla)) {
		case NL_POLICY_TYPE_ATTR_TYPE:
			a->type = mnl_attr_get_u32(nla);
			break;
		case NL_POLICY_TYPE_ATTR_POLICY_IDX:
			a->nested = mnl_attr_get_u32(nla);
			break;
		}
	}
	return MNL_CB_OK;
}

static int take_policy(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *nla, *one, *two;

	(void)data;
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		uint16_t what = mnl_attr_get_type(nla);

		if (what != CTRL_ATTR_POLICY && what != CTRL_ATTR_OP_POLICY)
			continue;
		mnl_attr_for_each_nested(one, nla) {
			uint16_t index = mnl_attr_get_type(one);

			mnl_attr_for_each_nested(two, one) {
				uint16_t t = mnl_attr_get_type(two);

				if (what == CTRL_ATTR_OP_POLICY &&
				    index < MAX_OPS)
					op_policy[index] =
						mnl_attr_get_u32(two) + 1;
				else if (what == CTRL_ATTR_POLICY &&
					 index < MAX_POLICIES && t < MAX_ATTRS)
					take_attr_policy(two,
							 &policies[index][t]);
			}
		}
	}
	return MNL_CB_OK;
}

static int take_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *nla;

	(void)data;
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(nla) == CTRL_ATTR_FAMILY_ID)
			family_id = mnl_attr_get_u16(nla);
	return MNL_CB_OK;
}

static int ask_controller(uint8_t cmd, uint16_t flags, mnl_cb_t take)
{
	char buf[BUF] = "";
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	struct mnl_socket *s = open_socket();
	int ret = 1;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MPIO_GENL_NAME);
	if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		die("send");
	while (ret > 0) {
		ssize_t n = wait_answer(s, buf);

		ret = n < 0 ? -1 : mnl_cb_run(buf, n, 0, 0, take, NULL);
		if (!(flags & NLM_F_DUMP))
			break;
	}
	mnl_socket_close(s);
	return ret;
}

/* The number of the family changes when the module is loaded again. */
static void resolve(void)
{
	unsigned int tries = 0;

	while (ask_controller(CTRL_CMD_GETFAMILY, 0, take_family) < 0)
		if (++tries > 2000)
			die(MPIO_GENL_NAME);
		else
			usleep(5000);
	sum.resolved++;
}

/* --- messages */

static size_t random_value(uint32_t type, uint8_t *to)
{
	static const uint32_t edges[] = { 0, 1, 2, 0xff, 0x7fffffff, 0x80000000,
					  0xfffffffe, 0xffffffff, 16777216 };
	static const char *const texts[] = {
		"iqn.2026-11.org.test:abuse", "iqn.2026-11.org.test:other",
		"", "x", "iqn.", "IQN.2026-11.ORG:X", "eui.0123456789abcdef",
		"lo", "../../etc/passwd", "%s%n", "\x7f\x01", "\xff\xfe",
	};
	uint32_t v = rnd(4) ? edges[rnd(9)] : rnd(0xffffffff);
	struct sockaddr_in sin = {
		.sin_family = rnd(8) ? AF_INET : (sa_family_t)rnd(40),
		.sin_port = htons(rnd(4) ? 9 : 0),
		.sin_addr = { .s_addr = htonl(rnd(8) ? 0x7f000001 :
						       rnd(0xffffffff)) },
	};
	size_t n;

	switch (type) {
	case NL_ATTR_TYPE_FLAG:
		return 0;
	case NL_ATTR_TYPE_STRING:
	case NL_ATTR_TYPE_NUL_STRING:
		if (!rnd(8)) {
			n = rnd(400);
			memset(to, 'a' + rnd(26), n);
			to[n] = 0;
			return n + rnd(2);
		}
		strcpy((char *)to, texts[rnd(sizeof(texts) / sizeof(*texts))]);
		return strlen((char *)to) + 1;
	case NL_ATTR_TYPE_BINARY:
		if (!rnd(3)) {
			memcpy(to, &sin, sizeof(sin));
			return sizeof(sin);
		}
		n = rnd(3) ? 6 + 10 * rnd(2) : rnd(300);
		memset(to, 0x40 + rnd(0x40), n);
		return n;
	default:
		memcpy(to, &v, sizeof(v));
		memset(to + 4, 0, 4);
		return type == NL_ATTR_TYPE_U64 ? 8 :
		       type == NL_ATTR_TYPE_U16 ? 2 :
		       type == NL_ATTR_TYPE_U8 ? 1 : 4;
	}
}

static bool room(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len < BUF / 4;
}

static void put_attrs(struct nlmsghdr *nlh, int policy, unsigned int depth);

static void put_attr(struct nlmsghdr *nlh, int policy, unsigned int type,
		     unsigned int depth)
{
	const struct attr *a = &policies[policy][type];
	uint8_t value[1024];
	struct nlattr *nest;
	size_t len;

	if (a->nested >= 0 && a->nested < MAX_POLICIES && depth < 8 &&
	    rnd(16)) {
		nest = mnl_attr_nest_start(nlh, type);
		put_attrs(nlh, a->nested, depth + 1);
		mnl_attr_nest_end(nlh, nest);
		if (!rnd(12))		/* without the flag */
			nest->nla_type &= ~NLA_F_NESTED;
		return;
	}
	len = random_value(a->type, value);
	if (!rnd(12))
		len = rnd(12);		/* whatever the type */
	mnl_attr_put(nlh, type | (rnd(40) ? 0 : NLA_F_NESTED) |
		     (rnd(60) ? 0 : NLA_F_NET_BYTEORDER), len, value);
}

static void put_attrs(struct nlmsghdr *nlh, int policy, unsigned int depth)
{
	unsigned int type, skip = rnd(5), n;
	uint32_t junk[16] = { 0 };

	for (type = 0; type < MAX_ATTRS && room(nlh); type++) {
		if (!policies[policy][type].type || (skip && rnd(5) < skip))
			continue;
		for (n = rnd(24) ? 1 : rnd(20); n && room(nlh); n--)
			put_attr(nlh, policy, type, depth);
	}
	if (!rnd(10))		/* unknown ones */
		mnl_attr_put(nlh, rnd(2) ? rnd(0x4000) : rnd(MAX_ATTRS),
			     4 * rnd(16), junk);
}

/* What a session needs, so that some get through. */
static void put_session(struct nlmsghdr *nlh)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr = { .s_addr = htonl(0x7f000001) },
	};
	uint8_t isid[6] = { 0x80, 1, 2, rnd(256), rnd(256), rnd(256) };
	struct nlattr *nest = mnl_attr_nest_start(nlh, MPIO_A_SESSION);

	mnl_attr_put_strz(nlh, MPIO_SA_TARGET_NAME,
			  "iqn.2026-11.org.test:abuse");
	mnl_attr_put_strz(nlh, MPIO_SA_INITIATOR_NAME,
			  "iqn.2026-11.org.test:initiator");
	mnl_attr_put(nlh, MPIO_SA_PORTAL, sizeof(sin), &sin);
	mnl_attr_put(nlh, MPIO_SA_ISID, sizeof(isid), isid);
	mnl_attr_put(nlh, MPIO_SA_MULTIPATH, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
}

/* Lengths that lie: of an attribute, of the message. Returns what to send. */
static size_t spoil(struct nlmsghdr *nlh, char *buf)
{
	size_t len = nlh->nlmsg_len;
	struct nlattr *nla = (struct nlattr *)(buf + NLMSG_HDRLEN +
					       GENL_HDRLEN);

	switch (rnd(12)) {
	case 0:
		if (len > NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN)
			nla->nla_len = rnd(2) ? rnd(8) : rnd(65536);
		break;
	case 1:
		nlh->nlmsg_len = rnd(2) ? rnd(32) : len + rnd(64);
		break;
	case 2:
		len = NLMSG_HDRLEN + rnd(len);
		nlh->nlmsg_len = len;
		break;
	case 3:		/* some byte */
		buf[NLMSG_HDRLEN + rnd(len - NLMSG_HDRLEN)] ^= 1 << rnd(8);
		break;
	}
	return len;
}

static struct nlmsghdr *start(char *buf, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family_id;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = rnd(50) ? 1 : rnd(256);
	return nlh;
}

/* --- answers */

static uint32_t sessions[MAX_SESSIONS];
static unsigned int nsessions;

/*
 * The core refuses without a sentence those who may not (EPERM), what is no
 * operation (EOPNOTSUPP), messages that end before their header does, a second
 * dump (EBUSY) and one of a module that goes (EPROTONOSUPPORT). All others are
 * the module's.
 */
static void check_silence(const struct nlmsgerr *err)
{
	if (err->error == -EPERM || err->error == -EOPNOTSUPP ||
	    err->error == -EBUSY || err->error == -EPROTONOSUPPORT || !for_us)
		return;
	sum.silent_ours++;
	if (sum.silent_ours <= 10)
		fprintf(stderr, "message %lu: error %d without a sentence\n",
			sum.sent, -err->error);
}

static void count_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	/* Behind a lying length the core may find, and confirm, a NOOP. */
	if (!err->error && err->msg.nlmsg_type != family_id)
		return;
	if (!err->error) {
		sum.ok++;
		if (refused_only)
			give_up("a request without the right to it was carried out");
		return;
	}
	sum.refused++;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		return;
	sum.silent++;
	if (err->error > -MAX_ERRNO)
		sum.silent_with[-err->error]++;
	if (err->error == -ENOENT)
		resolve();
	else
		check_silence(err);
}

/* The end of a dump has its error in it. */
static void count_done(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(err->error) || !err->error)
		return;
	sum.refused++;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS)) {
		sum.silent++;
		sum.silent_ours++;
		fprintf(stderr, "dump: error %d without a sentence\n",
			-err->error);
	}
}

static void take_object(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *nla;

	if (refused_only)
		give_up("an object was shown without the right to see it");
	if (genl->cmd != MPIO_CMD_SESSION_ADD)
		return;
	mnl_attr_for_each(nla, nlh, sizeof(*genl))
		if (mnl_attr_get_type(nla) == MPIO_A_SESSION_ID &&
		    nsessions < MAX_SESSIONS)
			sessions[nsessions++] = mnl_attr_get_u32(nla);
}

/* Answers up to the one that ends request @want. */
static void take_answers(char *buf, uint32_t want)
{
	bool done = false;

	while (!done) {
		ssize_t got = wait_answer(sock, buf);
		int n = got < 0 ? 0 : (int)got;
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

		for (; mnl_nlmsg_ok(nlh, n); nlh = mnl_nlmsg_next(nlh, &n)) {
			if (nlh->nlmsg_type == NLMSG_ERROR)
				count_error(nlh);
			else if (nlh->nlmsg_type == NLMSG_DONE)
				count_done(nlh);
			else if (nlh->nlmsg_type > NLMSG_DONE)
				take_object(nlh);
			done |= nlh->nlmsg_seq == want &&
				(nlh->nlmsg_type == NLMSG_ERROR ||
				 nlh->nlmsg_type == NLMSG_DONE);
		}
	}
}

static void delete_sessions(char *buf)
{
	for_us = true;
	while (nsessions) {
		struct nlmsghdr *nlh = start(buf, MPIO_CMD_SESSION_DEL, NLM_F_ACK);

		mnl_attr_put_u32(nlh, MPIO_A_SESSION_ID, sessions[--nsessions]);
		mnl_attr_put(nlh, MPIO_A_FORCE, 0, NULL);
		mnl_socket_sendto(sock, nlh, nlh->nlmsg_len);
		take_answers(buf, seq);
	}
}

/* A dump whose reader goes away after at most one message. */
static void abandon_dump(char *buf, uint8_t cmd)
{
	struct mnl_socket *s = open_socket();
	struct nlmsghdr *nlh = start(buf, cmd, NLM_F_DUMP);

	mnl_socket_sendto(s, nlh, nlh->nlmsg_len);
	if (rnd(2))
		wait_answer(s, buf);
	mnl_socket_close(s);
	sum.dumps++;
}

static void one_message(char *buf)
{
	uint8_t cmd = rnd(30) ? 1 + rnd(MPIO_CMD_MAX) : rnd(256);
	bool dump = !rnd(6);
	struct nlmsghdr *nlh;
	size_t len;

	if (!rnd(100)) {
		abandon_dump(buf, cmd);
		return;
	}
	nlh = start(buf, cmd, NLM_F_ACK | (dump ? NLM_F_DUMP : 0));
	if (cmd == MPIO_CMD_SESSION_ADD && !rnd(20))
		put_session(nlh);
	if (cmd < MAX_OPS && op_policy[cmd])
		put_attrs(nlh, op_policy[cmd] - 1, 0);
	len = spoil(nlh, buf);
	sum.sent++;
	/* What is shorter than its header says is dropped without an answer. */
	if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len) {
		mnl_socket_sendto(sock, nlh, len);
		return;
	}
	/* With another length than the datagram's, the rest is a message, too. */
	for_us = nlh->nlmsg_len == len && len >= NLMSG_HDRLEN + GENL_HDRLEN;
	mnl_socket_sendto(sock, nlh, len);
	take_answers(buf, seq);
	if (nsessions && !rnd(4))
		delete_sessions(buf);
}

int main(int argc, char **argv)
{
	unsigned long count = 10000;
	static char buf[BUF];
	int opt, error, uid = 0;
	bool own_ns = false;

	while ((opt = getopt(argc, argv, "n:s:u:U")) != -1) {
		switch (opt) {
		case 'n':
			count = strtoul(optarg, NULL, 0);
			break;
		case 's':
			rng = strtoull(optarg, NULL, 0) * 2654435761u + 1;
			break;
		case 'u':
			uid = atoi(optarg);
			break;
		case 'U':
			own_ns = true;
			break;
		default:
			return 2;
		}
	}
	resolve();
	/* It may be unloaded at any time, see resolve(). */
	while (ask_controller(CTRL_CMD_GETPOLICY, NLM_F_DUMP, take_policy) < 0)
		resolve();
	refused_only = uid || own_ns;
	if (uid && setresuid(uid, uid, uid))
		die("setresuid");
	if (own_ns && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("unshare");
	sock = open_socket();
	while (sum.sent < count)
		one_message(buf);
	delete_sessions(buf);
	printf("%lu messages, %lu carried out, %lu refused", sum.sent, sum.ok,
	       sum.refused);
	printf(" (%lu without a sentence, %lu of them by the module)",
	       sum.silent, sum.silent_ours);
	for (error = 0; error < MAX_ERRNO; error++)
		if (sum.silent_with[error])
			printf(" %s:%lu", strerrorname_np(error),
			       sum.silent_with[error]);
	printf(", %lu dumps left, resolved %lu times\n", sum.dumps,
	       sum.resolved);
	return sum.silent_ours != 0;
}
