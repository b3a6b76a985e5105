// SPDX-License-Identifier: GPL-2.0
/* See arp.h. */
#include "doctor/arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

static int open_on(const char *iface, struct ether_arp *ask)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = if_nametoindex(iface),
	};
	struct ifreq req = {};
	int fd;

	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));
	if (fd < 0)
		return -1;
	copy_text(req.ifr_name, sizeof(req.ifr_name), iface);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    ioctl(fd, SIOCGIFHWADDR, &req) ||
	    req.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		close(fd);
		return -1;
	}
	memcpy(ask->arp_sha, req.ifr_hwaddr.sa_data, ETH_ALEN);
	if (!ioctl(fd, SIOCGIFADDR, &req))
		memcpy(ask->arp_spa, &((struct sockaddr_in *)
				       &req.ifr_addr)->sin_addr, 4);
	return fd;
}

static enum arp_answer wait_for(int fd, uint32_t to, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	long long end = clock_now() + ms, remaining;
	struct ether_arp got;

	while ((remaining = end - clock_now()) > 0) {
		if (poll(&p, 1, remaining) < 0 && errno != EINTR)
			break;
		if (!(p.revents & POLLIN) ||
		    recv(fd, &got, sizeof(got), 0) != sizeof(got))
			continue;
		if (got.arp_op == htons(ARPOP_REPLY) &&
		    !memcmp(got.arp_spa, &to, 4))
			return ARP_ANSWERS;
	}
	return ARP_NOBODY;
}

enum arp_answer arp_ask(const char *iface, uint32_t to, int ms)
{
	struct sockaddr_ll everybody = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = if_nametoindex(iface),
		.sll_halen = ETH_ALEN,
		.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct ether_arp ask = {
		.ea_hdr = {
			.ar_hrd = htons(ARPHRD_ETHER),
			.ar_pro = htons(ETH_P_IP),
			.ar_hln = ETH_ALEN,
			.ar_pln = 4,
			.ar_op = htons(ARPOP_REQUEST),
		},
	};
	enum arp_answer answer = ARP_UNKNOWN;
	int fd = open_on(iface, &ask);

	if (fd < 0)
		return ARP_UNKNOWN;
	memcpy(ask.arp_tpa, &to, 4);
	if (sendto(fd, &ask, sizeof(ask), 0, (struct sockaddr *)&everybody,
		   sizeof(everybody)) == sizeof(ask))
		answer = wait_for(fd, to, ms);
	close(fd);
	return answer;
}
