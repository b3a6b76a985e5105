// SPDX-License-Identifier: GPL-2.0
/*
 * The dialogue on all devices at once. A UDP socket bound to a device without
 * an address sends from 0.0.0.0, which is what DHCP asks for; answers come as
 * broadcasts. One that renews sends from its address to the server first, then
 * to all.
 */
#include "boot/dhcp.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "boot/net.h"

#define CLIENT_PORT	68
#define SERVER_PORT	67
#define FIRST_MS	1000	/* then doubled: RFC 2131 4.1 */
#define LONGEST_MS	8000

struct dialogue {
	struct dhcp *dhcp;
	int fd;
	uint32_t xid;
	bool offered;
	long long again;	/* when to say it once more */
	long long gap;
};

static int open_socket(const char *name)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(CLIENT_PORT),
	};
	int fd, on = 1;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What cannot be sent now, without a carrier for one, is sent again later. */
static void say(struct dialogue *d)
{
	struct sockaddr_in all = {
		.sin_family = AF_INET,
		.sin_port = htons(SERVER_PORT),
		.sin_addr.s_addr = htonl(INADDR_BROADCAST),
	};
	uint8_t message[DHCP_MESSAGE_MAX];
	size_t len;

	len = dhcp_message_build(message, d->offered ? DHCP_REQUEST : DHCP_DISCOVER,
				 d->xid, d->dhcp->mac, &d->dhcp->lease);
	if (sendto(d->fd, message, len, 0, (struct sockaddr *)&all,
		   sizeof(all)) < 0)
		d->gap = FIRST_MS;
	d->again = clock_now() + d->gap;
	d->gap = d->gap * 2 > LONGEST_MS ? LONGEST_MS : d->gap * 2;
}

static void restart(struct dialogue *d, bool offered)
{
	d->offered = offered;
	d->gap = FIRST_MS;
	say(d);
}

static void hear(struct dialogue *d)
{
	uint8_t message[DHCP_MESSAGE_MAX];
	struct dhcp_lease lease;
	ssize_t len;
	int type;

	while (!d->dhcp->bound) {
		len = recv(d->fd, message, sizeof(message), 0);
		if (len < 0)
			break;
		type = dhcp_message_parse(message, len, d->xid, d->dhcp->mac, &lease);
		if (type == DHCP_OFFER && !d->offered) {
			d->dhcp->lease = lease;
			restart(d, true);
		} else if (type == DHCP_ACK && d->offered) {
			d->dhcp->lease = lease;
			d->dhcp->bound = true;
		} else if (type == DHCP_NAK && d->offered) {
			restart(d, false);
		}
	}
}

/* One wait for all; returns how many are still without a lease. */
static size_t turn(struct dialogue *d, struct pollfd *fds, size_t count,
		   long long limit)
{
	long long next = limit, now = clock_now();
	size_t i, rest = 0;

	for (i = 0; i < count; i++) {
		fds[i].fd = d[i].dhcp->bound ? -1 : d[i].fd;
		fds[i].events = POLLIN;
		if (fds[i].fd < 0)
			continue;
		rest++;
		if (d[i].again <= now)
			say(&d[i]);
		next = d[i].again < next ? d[i].again : next;
	}
	if (!rest)
		return 0;
	if (poll(fds, count, next > now ? next - now : 0) > 0)
		for (i = 0; i < count; i++)
			if (fds[i].revents)
				hear(&d[i]);
	return rest;
}

size_t dhcp_run(struct dhcp *dhcp, size_t count, unsigned int seconds)
{
	long long limit = clock_now() + seconds * 1000LL;
	struct dialogue d[BOOT_NICS_MAX] = {};
	struct pollfd fds[BOOT_NICS_MAX] = {};
	size_t i, bound = 0;

	if (count > BOOT_NICS_MAX)
		count = BOOT_NICS_MAX;
	for (i = 0; i < count; i++) {
		d[i].dhcp = &dhcp[i];
		d[i].gap = FIRST_MS;
		d[i].fd = open_socket(dhcp[i].name);
		file_random_bytes(&d[i].xid, sizeof(d[i].xid));
	}
	while (turn(d, fds, count, limit) && clock_now() < limit)
		;
	for (i = 0; i < count; i++) {
		bound += dhcp[i].bound;
		if (d[i].fd >= 0)
			close(d[i].fd);
	}
	return bound;
}

/* One answer to @xid, @rest ms at most. A type of dhcp_message_parse() or 0. */
static int renew_hear(struct dhcp *dhcp, int fd, uint32_t xid, long long rest,
		      struct dhcp_lease *lease)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	uint8_t message[DHCP_MESSAGE_MAX];
	ssize_t len;

	if (rest <= 0 || poll(&pfd, 1, rest) <= 0)
		return 0;
	len = recv(fd, message, sizeof(message), 0);
	return len < 0 ? 0 : dhcp_message_parse(message, len, xid, dhcp->mac, lease);
}

/* One round, to the server or to all. */
static int renew_round(struct dhcp *dhcp, int fd, bool all, long long limit)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(SERVER_PORT),
	};
	uint8_t message[DHCP_MESSAGE_MAX];
	struct dhcp_lease lease;
	uint32_t xid;
	size_t len;
	int type;

	memcpy(&to.sin_addr, dhcp->lease.server.addr, 4);
	if (all)
		to.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	file_random_bytes(&xid, sizeof(xid));
	len = dhcp_message_build(message, DHCP_RENEW, xid, dhcp->mac, &dhcp->lease);
	if (sendto(fd, message, len, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -ETIMEDOUT;
	while (clock_now() < limit) {
		type = renew_hear(dhcp, fd, xid, limit - clock_now(), &lease);
		if (type == DHCP_NAK)
			return -EPERM;
		if (type != DHCP_ACK)
			continue;
		if (memcmp(lease.ip.addr, dhcp->lease.ip.addr, 4))
			return -EPERM;
		dhcp->lease = lease;
		return 0;
	}
	return -ETIMEDOUT;
}

int dhcp_renew(struct dhcp *dhcp, unsigned int seconds)
{
	int fd = open_socket(dhcp->name), ret;

	if (fd < 0)
		return -ETIMEDOUT;
	ret = renew_round(dhcp, fd, false, clock_now() + seconds * 1000LL);
	if (ret == -ETIMEDOUT)
		ret = renew_round(dhcp, fd, true, clock_now() + seconds * 1000LL);
	close(fd);
	return ret;
}
