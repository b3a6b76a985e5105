// SPDX-License-Identifier: GPL-2.0
/* genl.h on libmnl; the family's numbers are asked for here. */
#include "lib/genl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/message.h"

#define RECEIVE_SIZE	65536
#define EVENT_BUFFER	(1 << 20)

struct genl {
	struct mnl_socket *sock;
	uint32_t seq;
	char buf[RECEIVE_SIZE];
};

/* What the controller says of a family. */
struct family {
	uint32_t seq;
	const char *group;	/* wanted */
	uint32_t group_id;	/* 0: there is none */
	uint16_t id;
	bool done;
};

int genl_open(struct genl **genl)
{
	struct genl *g = calloc(1, sizeof(*g));
	int on = 1, ret;

	*genl = NULL;
	if (!g)
		return -ENOMEM;
	g->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!g->sock || mnl_socket_bind(g->sock, 0, MNL_SOCKET_AUTOPID)) {
		ret = -errno;
		genl_close(g);
		return ret;
	}
	mnl_socket_setsockopt(g->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(g->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	*genl = g;
	return 0;
}

void genl_close(struct genl *genl)
{
	if (!genl)
		return;
	if (genl->sock)
		mnl_socket_close(genl->sock);
	free(genl);
}

int genl_fd(const struct genl *genl)
{
	return mnl_socket_get_fd(genl->sock);
}

int genl_send(struct genl *genl, struct nlmsghdr *hdr)
{
	hdr->nlmsg_seq = ++genl->seq;
	hdr->nlmsg_pid = mnl_socket_get_portid(genl->sock);
	if (mnl_socket_sendto(genl->sock, hdr, hdr->nlmsg_len) < 0)
		return -errno;
	return 0;
}

int genl_receive(struct genl *genl,
		 void (*take)(const struct nlmsghdr *hdr, void *arg),
		 void *arg)
{
	const struct nlmsghdr *hdr;
	ssize_t n;
	int rest;

	do {
		n = mnl_socket_recvfrom(genl->sock, genl->buf,
					sizeof(genl->buf));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	rest = n;
	for (hdr = (void *)genl->buf; mnl_nlmsg_ok(hdr, rest);
	     hdr = mnl_nlmsg_next(hdr, &rest))
		take(hdr, arg);
	return 0;
}

static void take_groups(const struct nlattr *groups, struct family *f)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1], *a;
	const char *name;

	mnl_attr_for_each_nested(a, groups) {
		message_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, a);
		if (!tb[CTRL_ATTR_MCAST_GRP_NAME] ||
		    !tb[CTRL_ATTR_MCAST_GRP_ID])
			continue;
		name = mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]);
		if (f->group && !strcmp(name, f->group))
			f->group_id = message_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
}

static void take_family(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct family *f = arg;

	if (hdr->nlmsg_seq != f->seq)
		return;
	if (hdr->nlmsg_type == NLMSG_ERROR) {
		f->done = true;
		return;
	}
	if (mnl_nlmsg_get_payload_len(hdr) < sizeof(struct genlmsghdr))
		return;
	message_parse(tb, CTRL_ATTR_MAX,
		      mnl_nlmsg_get_payload_offset(hdr, GENL_HDRLEN),
		      mnl_nlmsg_get_payload_len(hdr) - GENL_HDRLEN);
	if (tb[CTRL_ATTR_FAMILY_ID])
		f->id = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		take_groups(tb[CTRL_ATTR_MCAST_GROUPS], f);
}

static int ask_controller(struct genl *genl, const char *name,
			  struct family *f)
{
	const struct genlmsghdr head = { .cmd = CTRL_CMD_GETFAMILY,
					 .version = 1 };
	uint32_t buf[256];
	struct message msg;
	int ret;

	message_init(&msg, buf, sizeof(buf), GENL_ID_CTRL,
		     NLM_F_REQUEST | NLM_F_ACK, &head, sizeof(head));
	message_put_string(&msg, CTRL_ATTR_FAMILY_NAME, name);
	ret = msg.full ? -EMSGSIZE : genl_send(genl, msg.head);
	f->seq = genl->seq;
	while (!ret && !f->done)
		ret = genl_receive(genl, take_family, f);
	return ret;
}

uint16_t genl_resolve(struct genl *genl, const char *family)
{
	struct family f = {};

	return ask_controller(genl, family, &f) ? 0 : f.id;
}

int genl_join(struct genl *genl, const char *family, const char *group)
{
	int size = EVENT_BUFFER, ret;
	struct family f = { .group = group };

	ret = ask_controller(genl, family, &f);
	if (ret)
		return ret;
	if (!f.group_id)
		return -ENOENT;
	setsockopt(genl_fd(genl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_setsockopt(genl->sock, NETLINK_ADD_MEMBERSHIP,
				  &f.group_id, sizeof(f.group_id)))
		return -errno;
	return 0;
}
