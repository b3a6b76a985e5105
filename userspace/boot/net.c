// SPDX-License-Identifier: GPL-2.0
/* rtnetlink: links as events, addresses and routes as single requests. */
#include "boot/net.h"

#include <dirent.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "boot/dhcp.h"
#include "boot/lease.h"
#include "lib/message.h"

#define MESSAGE_SIZE	1024
#define CARRIER_MS	5000	/* a link that negotiates longer comes later */
#define DHCP_SECONDS	60

static struct mnl_socket *open_route(unsigned int groups)
{
	struct mnl_socket *sk = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (sk && mnl_socket_bind(sk, groups, MNL_SOCKET_AUTOPID)) {
		mnl_socket_close(sk);
		sk = NULL;
	}
	return sk;
}

/* 0 or a negative errno, of the socket or of the answer. */
static int converse(struct mnl_socket *sk, const struct message *msg)
{
	uint32_t answer[2048];
	ssize_t n;
	int ret;

	if (msg->full || mnl_socket_sendto(sk, msg->head,
					   msg->head->nlmsg_len) < 0)
		return msg->full ? -EMSGSIZE : -errno;
	do {
		n = mnl_socket_recvfrom(sk, answer, sizeof(answer));
		ret = n < 0 ? -1 : mnl_cb_run(answer, n, 0,
					      mnl_socket_get_portid(sk), NULL,
					      NULL);
	} while (ret == MNL_CB_OK);
	return ret < 0 ? -errno : 0;
}

/* Sends and waits for the answer; EEXIST is what was wanted. */
static int ask(const struct message *msg, const char *what)
{
	struct mnl_socket *sk = open_route(0);
	int ret = sk ? converse(sk, msg) : -errno;

	if (sk)
		mnl_socket_close(sk);
	if (!ret || ret == -EEXIST)
		return 0;
	return because(CODE_TRANSPORT, "cannot %s: %s", what, strerror(-ret));
}

/* The one message under way. */
static struct message *message(int type, int flags, const void *head,
			       size_t len)
{
	static uint32_t buffer[MESSAGE_SIZE / sizeof(uint32_t)];
	static struct message msg;

	message_init(&msg, buffer, sizeof(buffer), type,
		     NLM_F_REQUEST | NLM_F_ACK | flags, head, len);
	return &msg;
}

static int set_up(const char *name, uint32_t mtu)
{
	struct ifinfomsg info = {
		.ifi_index = if_nametoindex(name),
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct message *msg = message(RTM_NEWLINK, 0, &info, sizeof(info));

	if (mtu)
		message_put_u32(msg, IFLA_MTU, mtu);
	return ask(msg, "bring the device up");
}

static int add_vlan(const char *name, const char *device, uint16_t id)
{
	struct ifinfomsg info = {};
	struct nlattr *link, *data;
	struct message *msg;

	if (if_nametoindex(name))
		return 0;
	msg = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info,
		      sizeof(info));
	message_put_string(msg, IFLA_IFNAME, name);
	message_put_u32(msg, IFLA_LINK, if_nametoindex(device));
	link = message_nest(msg, IFLA_LINKINFO);
	message_put_string(msg, IFLA_INFO_KIND, "vlan");
	data = message_nest(msg, IFLA_INFO_DATA);
	message_put(msg, IFLA_VLAN_ID, &id, sizeof(id));
	message_nest_end(msg, data);
	message_nest_end(msg, link);
	return ask(msg, "add the VLAN");
}

static int add_route(const char *name, const struct firmware_ip *gateway)
{
	struct rtmsg rt = {
		.rtm_family = gateway->v6 ? AF_INET6 : AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct message *msg = message(RTM_NEWROUTE, NLM_F_CREATE, &rt,
				      sizeof(rt));

	message_put(msg, RTA_GATEWAY, gateway->addr, gateway->v6 ? 16 : 4);
	message_put_u32(msg, RTA_OIF, if_nametoindex(name));
	return ask(msg, "add the default route");
}

int net_address(const char *name, const struct firmware_ip *ip, uint32_t prefix,
		const struct firmware_ip *gateway)
{
	struct ifaddrmsg addr = {
		.ifa_family = ip->v6 ? AF_INET6 : AF_INET,
		.ifa_prefixlen = prefix,
		.ifa_flags = ip->v6 ? IFA_F_NODAD : 0,
		.ifa_index = if_nametoindex(name),
	};
	size_t len = ip->v6 ? 16 : 4;
	struct message *msg;
	uint8_t all[4];
	int ret;

	msg = message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &addr,
		      sizeof(addr));
	message_put(msg, IFA_LOCAL, ip->addr, len);
	message_put(msg, IFA_ADDRESS, ip->addr, len);
	if (!ip->v6 && prefix < 31) {
		mpio_put32(all, mpio_get32(ip->addr) | 0xffffffffU >> prefix);
		message_put(msg, IFA_BROADCAST, all, sizeof(all));
	}
	ret = ask(msg, "set the address");
	if (!ret && gateway->present)
		ret = add_route(name, gateway);
	return ret;
}

/* A file of the device's in sysfs: one line, or "". */
static void device_file(const char *name, const char *file, char *line,
			int size)
{
	char path[300];
	FILE *f;

	line[0] = '\0';
	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, file);
	f = fopen(path, "re");
	if (f && fgets(line, size, f))
		line[strcspn(line, "\n")] = '\0';
	if (f)
		fclose(f);
}

static bool device_mac(const char *name, uint8_t *mac)
{
	char line[64];

	device_file(name, "address", line, sizeof(line));
	return sscanf(line, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
		      &mac[2], &mac[3], &mac[4], &mac[5]) == 6;
}

static bool has_carrier(const char *name)
{
	char line[16];

	device_file(name, "carrier", line, sizeof(line));
	return line[0] == '1';
}

static bool is_hardware(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	return !access(path, F_OK);
}

static bool is_taken(const struct bootline *line, const char *name)
{
	size_t i;

	for (i = 0; i < line->nics; i++)
		if (!strcmp(line->nic[i].name, name))
			return true;
	return false;
}

/* Finds the name of a device given by MAC or not at all. */
static void find_name(const struct bootline *line, struct boot_nic *nic)
{
	DIR *dir = opendir("/sys/class/net");
	uint8_t mac[FIRMWARE_MAC_LEN];
	struct dirent *e;

	while (dir && !nic->name[0] && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || !is_hardware(e->d_name) ||
		    is_taken(line, e->d_name))
			continue;
		if (!nic->has_mac || (device_mac(e->d_name, mac) &&
				      !memcmp(mac, nic->mac, sizeof(mac))))
			copy_text(nic->name, sizeof(nic->name), e->d_name);
	}
	if (dir)
		closedir(dir);
}

/* The device a VLAN is on, or the device itself. */
static const char *lower_device(const struct bootline *line, const char *name)
{
	size_t i;

	for (i = 0; i < line->vlans; i++)
		if (!strcmp(line->vlan[i].name, name))
			return line->vlan[i].device;
	return name;
}

static bool is_there(const struct bootline *line, struct boot_nic *nic)
{
	if (!nic->name[0])
		find_name(line, nic);
	return nic->name[0] && if_nametoindex(lower_device(line, nic->name));
}

/* ip=dhcp without a device means every one of them. */
static void add_others(struct bootline *line)
{
	struct boot_nic nic;
	size_t i;

	for (i = 0; i < line->nics; i++)
		if (line->nic[i].any)
			break;
	if (i == line->nics)
		return;
	nic = line->nic[i];
	do {
		nic.name[0] = '\0';
		find_name(line, &nic);
		if (nic.name[0] && line->nics < BOOT_NICS_MAX)
			line->nic[line->nics++] = nic;
	} while (nic.name[0] && line->nics < BOOT_NICS_MAX);
}

static bool all_there(struct bootline *line)
{
	bool all = true;
	size_t i;

	for (i = 0; i < line->nics; i++)
		all &= is_there(line, &line->nic[i]);
	return all;
}

static bool all_carry(struct bootline *line)
{
	size_t i;

	for (i = 0; i < line->nics; i++)
		if (line->nic[i].name[0] && !has_carrier(line->nic[i].name))
			return false;
	return true;
}

/* Until @done says so: looks again after each event of any link. */
static void wait_links(struct bootline *line, struct mnl_socket *events,
		       int ms, bool (*done)(struct bootline *line))
{
	struct pollfd fd = { mnl_socket_get_fd(events), POLLIN, 0 };
	long long limit = clock_now() + ms, rest;
	char drain[8192];

	while (!done(line)) {
		rest = limit - clock_now();
		if (rest <= 0 || poll(&fd, 1, rest) < 0)
			break;
		while (recv(fd.fd, drain, sizeof(drain), MSG_DONTWAIT) > 0)
			;
	}
}

/* VLANs of the command line, and those a device of the firmware wants. */
static int make_vlan(struct bootline *line, struct boot_nic *nic)
{
	const char *device = lower_device(line, nic->name);
	char name[2 * BOOT_IFNAME_MAX];
	int ret = 0;
	size_t i;

	if (device != nic->name)
		ret = set_up(device, nic->mtu);
	for (i = 0; i < line->vlans && !ret; i++)
		if (!strcmp(line->vlan[i].name, nic->name))
			ret = add_vlan(nic->name, device, line->vlan[i].id);
	if (ret || !nic->vlan)
		return ret;
	snprintf(name, sizeof(name), "%.10s.%u", nic->name, nic->vlan);
	ret = set_up(nic->name, nic->mtu);
	if (!ret)
		ret = add_vlan(name, nic->name, nic->vlan);
	copy_text(nic->name, sizeof(nic->name), name);
	return ret;
}

static int start_nic(struct bootline *line, struct boot_nic *nic)
{
	int ret;

	if (nic->method == BOOT_OFF)
		return 0;
	if (!nic->name[0] || !if_nametoindex(lower_device(line, nic->name)))
		return because(CODE_TRANSPORT, "there is no such device");
	ret = make_vlan(line, nic);
	if (!ret)
		ret = set_up(nic->name, nic->mtu);
	if (!ret && nic->method == BOOT_STATIC)
		ret = net_address(nic->name, &nic->ip, nic->prefix,
				  &nic->gateway);
	if (!ret && nic->method == BOOT_STATIC)
		lease_note_network(nic->name, false);
	return ret;
}

static void take_lease(struct bootline *line, const struct dhcp *dhcp)
{
	const struct dhcp_lease *lease = &dhcp->lease;
	const char *reason;
	int i;

	if (!dhcp->bound) {
		note("%s: no DHCP server has answered", dhcp->name);
		return;
	}
	if (net_address(dhcp->name, &lease->ip, lease->prefix,
			&lease->gateway))
		note("%s: %s", dhcp->name, why());
	for (i = 0; i < 2; i++)
		if (lease->dns[i].present && line->servers < BOOT_DNS_MAX)
			line->dns[line->servers++] = lease->dns[i];
	if (line->dhcp_root && lease->root_path[0] &&
	    bootline_root_path(line, lease->root_path, &reason))
		note("%s: root path of the DHCP server: %s", dhcp->name,
		     reason);
}

static size_t run_dhcp(struct bootline *line)
{
	struct dhcp dhcp[BOOT_NICS_MAX] = {};
	size_t i, count = 0, bound;

	for (i = 0; i < line->nics; i++) {
		if (line->nic[i].method != BOOT_DHCP ||
		    !if_nametoindex(line->nic[i].name))
			continue;
		copy_text(dhcp[count].name, sizeof(dhcp[count].name),
			  line->nic[i].name);
		if (device_mac(dhcp[count].name, dhcp[count].mac))
			count++;
	}
	if (!count)
		return 0;
	bound = dhcp_run(dhcp, count, DHCP_SECONDS);
	for (i = 0; i < count; i++) {
		take_lease(line, &dhcp[i]);
		lease_note_network(dhcp[i].name, true);
	}
	lease_note_all(dhcp, count);
	return bound;
}

/* The resolver of the C library reads it when a portal is a name. */
static void write_resolv_conf(const struct bootline *line)
{
	struct mpio_portal p = { .tpgt = -1 };
	char text[MPIO_HOST_MAX + 1];
	FILE *f;
	size_t i;

	if (!line->servers || !access("/etc/resolv.conf", F_OK))
		return;
	f = fopen("/etc/resolv.conf", "we");
	for (i = 0; f && i < line->servers; i++) {
		p.family = line->dns[i].v6 ? MPIO_FAMILY_IPV6 :
			   MPIO_FAMILY_IPV4;
		memcpy(p.addr, line->dns[i].addr, sizeof(p.addr));
		mpio_host_format(&p, text);
		fprintf(f, "nameserver %s\n", text);
	}
	if (f)
		fclose(f);
}

int net_start(struct bootline *line, unsigned int seconds)
{
	struct mnl_socket *events = open_route(RTMGRP_LINK);
	size_t i, good = 0;

	if (!events)
		return because(CODE_TRANSPORT, "cannot watch network devices");
	wait_links(line, events, seconds * 1000, all_there);
	add_others(line);
	for (i = 0; i < line->nics; i++) {
		if (!start_nic(line, &line->nic[i]))
			good++;
		else
			note("network device %s: %s", line->nic[i].name[0] ?
			     line->nic[i].name : "without a name", why());
	}
	if (good)
		wait_links(line, events, CARRIER_MS, all_carry);
	mnl_socket_close(events);
	run_dhcp(line);
	write_resolv_conf(line);
	if (line->nics && !good)
		return because(CODE_TRANSPORT,
			       "no network device could be set up");
	return 0;
}
