// SPDX-License-Identifier: GPL-2.0
#include "lib/genl.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>

#define RECEIVE_SIZE	65536
#define EVENT_BUFFER	(1 << 20)

struct genl {
	struct nl_sock *sock;
};

int genl_open(struct genl **genl)
{
	struct genl *g = calloc(1, sizeof(*g));
	int on = 1, ret;

	*genl = NULL;
	if (!g)
		return -ENOMEM;
	errno = 0;
	g->sock = nl_socket_alloc();
	ret = g->sock ? genl_connect(g->sock) : -NLE_NOMEM;
	if (ret) {
		ret = -(errno ? errno : EIO);
		genl_close(g);
		return ret;
	}
	nl_socket_set_msg_buf_size(g->sock, RECEIVE_SIZE);
	setsockopt(genl_fd(g), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(genl_fd(g), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*genl = g;
	return 0;
}

void genl_close(struct genl *genl)
{
	if (!genl)
		return;
	nl_socket_free(genl->sock);
	free(genl);
}

int genl_fd(const struct genl *genl)
{
	return nl_socket_get_fd(genl->sock);
}

uint16_t genl_resolve(struct genl *genl, const char *family)
{
	int id = genl_ctrl_resolve(genl->sock, family);

	return id > 0 ? id : 0;
}

int genl_join(struct genl *genl, const char *family, const char *group)
{
	int id = genl_ctrl_resolve_grp(genl->sock, family, group);

	if (id < 0)
		return -ENOENT;
	nl_socket_set_buffer_size(genl->sock, EVENT_BUFFER, 0);
	errno = 0;
	return nl_socket_add_membership(genl->sock, id) ?
	       -(errno ? errno : EIO) : 0;
}

int genl_send(struct genl *genl, struct nlmsghdr *hdr)
{
	hdr->nlmsg_seq = nl_socket_use_seq(genl->sock);
	hdr->nlmsg_pid = nl_socket_get_local_port(genl->sock);
	errno = 0;
	if (nl_sendto(genl->sock, hdr, hdr->nlmsg_len) < 0)
		return -(errno ? errno : EIO);
	return 0;
}

int genl_receive(struct genl *genl,
		 void (*take)(const struct nlmsghdr *hdr, void *arg),
		 void *arg)
{
	unsigned char *buf = NULL;
	struct sockaddr_nl from;
	struct nlmsghdr *hdr;
	int rest;

	errno = 0;
	rest = nl_recv(genl->sock, &from, &buf, NULL);
	if (rest < 0)
		return -(errno ? errno : EIO);
	for (hdr = (void *)buf; nlmsg_ok(hdr, rest);
	     hdr = nlmsg_next(hdr, &rest))
		take(hdr, arg);
	free(buf);
	return 0;
}
