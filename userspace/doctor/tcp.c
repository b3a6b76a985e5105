// SPDX-License-Identifier: GPL-2.0
/*
 * What TCP knows of the connection of each session: round trips and segments sent
 * again, asked of the kernel's sock_diag(7).
 */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor/check.h"
#include "doctor/subject.h"

#define ANSWER_MS	1000
#define LOSS_PERMILLE	10	/* of segments sent again: worth a word */
#define LOSS_MIN	20
#define RTT_US		20000

static const char how[] = "tcp_info of the connection";

static void fill(struct inet_diag_sockid *id, const struct session *s)
{
	const struct sockaddr_in *l4 = (const void *)&s->local;
	const struct sockaddr_in *r4 = (const void *)match_session_remote(s);
	const struct sockaddr_in6 *l6 = (const void *)l4, *r6 = (const void *)r4;

	id->idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (s->local.ss_family == AF_INET) {
		id->idiag_sport = l4->sin_port;
		id->idiag_dport = r4->sin_port;
		id->idiag_src[0] = l4->sin_addr.s_addr;
		id->idiag_dst[0] = r4->sin_addr.s_addr;
		return;
	}
	id->idiag_sport = l6->sin6_port;
	id->idiag_dport = r6->sin6_port;
	memcpy(id->idiag_src, &l6->sin6_addr, sizeof(id->idiag_src));
	memcpy(id->idiag_dst, &r6->sin6_addr, sizeof(id->idiag_dst));
	id->idiag_if = r6->sin6_scope_id;
}

static bool take(const char *text, size_t len, struct tcp_info *info)
{
	const struct nlmsghdr *h = (const void *)text;
	const struct inet_diag_msg *msg;
	const struct rtattr *a;
	size_t remaining;

	if (!NLMSG_OK(h, len) || h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return false;
	msg = NLMSG_DATA(h);
	remaining = h->nlmsg_len - NLMSG_LENGTH(sizeof(*msg));
	for (a = (const void *)(msg + 1); RTA_OK(a, remaining);
	     a = RTA_NEXT(a, remaining)) {
		if (a->rta_type != INET_DIAG_INFO)
			continue;
		memset(info, 0, sizeof(*info));
		memcpy(info, RTA_DATA(a), RTA_PAYLOAD(a) < sizeof(*info) ?
		       RTA_PAYLOAD(a) : sizeof(*info));
		return true;
	}
	return false;
}

static bool ask(const struct session *s, struct tcp_info *info)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 req;
	} question = {
		.head = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.req = {
			.sdiag_family = s->local.ss_family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1),
			.idiag_states = -1,
		},
	};
	char answer[8192] __attribute__((aligned(8)));
	struct pollfd fd = { -1, POLLIN, 0 };
	ssize_t len = -1;

	fill(&question.req.id, s);
	fd.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd.fd < 0)
		return false;
	if (send(fd.fd, &question, sizeof(question), 0) > 0 &&
	    poll(&fd, 1, ANSWER_MS) > 0)
		len = recv(fd.fd, answer, sizeof(answer), 0);
	close(fd.fd);
	return len > 0 && take(answer, len, info);
}

static void tell(struct subject *sub, const struct session *s)
{
	struct finding_list *list = &sub->findings;
	char about[ADDRESS_TEXT];
	struct tcp_info info;
	uint64_t permille;

	address_port_text(match_session_remote(s), about);
	if (!ask(s, &info)) {
		finding_add(list, FINDING_NOTE, about, how,
			    "not measured: the kernel does not tell of the "
			    "connection (module tcp_diag)");
		finding_mend(list, "modprobe tcp_diag");
		return;
	}
	permille = info.tcpi_segs_out ? info.tcpi_total_retrans * 1000ULL /
		   info.tcpi_segs_out : 0;
	if (info.tcpi_total_retrans >= LOSS_MIN && permille >= LOSS_PERMILLE) {
		finding_add(list, FINDING_FAULT, about, how,
			    "%u of %u segments were sent again (%.1f %%): "
			    "the network loses packets",
			    info.tcpi_total_retrans, info.tcpi_segs_out,
			    permille / 10.0);
		finding_mend(list, "ip -s -s link; ethtool -S INTERFACE; "
			     "look at the counters of the switch");
	} else if (info.tcpi_rtt > RTT_US) {
		finding_add(list, FINDING_NOTE, about, how,
			    "a round trip takes %.1f ms", info.tcpi_rtt / 1e3);
		finding_mend(list, "look for a shorter way, or for queues on "
			     "this one: tracepath");
	} else {
		finding_add(list, FINDING_OK, about, how,
			    "a round trip takes %.2f ms; %u of %u segments were sent again",
			    info.tcpi_rtt / 1e3, info.tcpi_total_retrans,
			    info.tcpi_segs_out);
	}
}

void tcp_check(struct subject *sub)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < sub->live.count; i++) {
		s = &sub->live.item[i];
		if (s->state == MPIO_SESSION_LOGGED_IN &&
		    s->local.ss_family && subject_has_session(sub, s))
			tell(sub, s);
	}
}
