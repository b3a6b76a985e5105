// SPDX-License-Identifier: GPL-2.0
/*
 * A file for each lease, "ADDRESS SERVER MAC SECONDS"; a drop-in for the timer,
 * which fires after half of the shortest lease (RFC 2131 4.4.5: T1); a file for
 * networkd for each device.
 */
#include "boot/lease.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define LEASES		"/run/iscsi-mpio/leases"
#define TIMER		"/run/systemd/system/iscsi-mpio-lease.timer.d/lease.conf"
#define NETWORK		"/run/systemd/network/10-iscsi-mpio-%s.network"
#define RENEW_SECONDS	4
#define SHORTEST	10	/* seconds between two tries, not less */
#define LINE_LEN	128

static void put(char *path, char *text)
{
	if (file_write(path, text, strlen(text), 0644))
		note("%s: %s", path, why());
	free(path);
	free(text);
}

void lease_note_network(const char *name, bool lease)
{
	put(file_root_path(NETWORK, name),
	    xasprintf("# Of iscsi-mpio-boot: the root file system is behind it.\n"
		      "[Match]\nName=%s\n\n"
		      "[Network]\nKeepConfiguration=yes\n%s", name,
		      lease ? "DHCP=ipv4\n\n[DHCPv4]\nClientIdentifier=mac\n" :
		      ""));
}

void lease_note_all(const struct dhcp *dhcp, size_t count)
{
	char ip[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN];
	uint32_t shortest = 0, seconds;
	const uint8_t *mac;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!dhcp[i].bound || !dhcp[i].lease.seconds)
			continue;
		seconds = dhcp[i].lease.seconds;
		if (!shortest || seconds < shortest)
			shortest = seconds;
		mac = dhcp[i].mac;
		inet_ntop(AF_INET, dhcp[i].lease.ip.addr, ip, sizeof(ip));
		inet_ntop(AF_INET, dhcp[i].lease.server.addr, server,
			  sizeof(server));
		put(file_root_path(LEASES "/%s", dhcp[i].name),
		    xasprintf("%s %s %02x:%02x:%02x:%02x:%02x:%02x %u\n", ip,
			      server, mac[0], mac[1], mac[2], mac[3], mac[4],
			      mac[5], seconds));
	}
	if (!shortest || shortest == UINT32_MAX)	/* for ever */
		return;
	seconds = shortest / 2 > SHORTEST ? shortest / 2 : SHORTEST;
	put(file_root_path(TIMER), xasprintf("[Timer]\nOnActiveSec=%us\n"
					     "OnUnitInactiveSec=%us\n",
					     seconds, seconds));
}

static int read_lease(const char *name, struct dhcp *dhcp)
{
	char *path = file_root_path(LEASES "/%s", name), *text;
	char ip[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN];
	uint8_t *m = dhcp->mac;
	size_t len;
	int n;

	if (file_read(path, &text, &len)) {
		free(path);
		return -1;
	}
	free(path);
	n = sscanf(text, "%15s %15s %hhx:%hhx:%hhx:%hhx:%hhx:%hhx %u", ip,
		   server, &m[0], &m[1], &m[2], &m[3], &m[4], &m[5],
		   &dhcp->lease.seconds);
	free(text);
	if (n != 9 || inet_pton(AF_INET, ip, dhcp->lease.ip.addr) != 1 ||
	    inet_pton(AF_INET, server, dhcp->lease.server.addr) != 1)
		return -1;
	copy_text(dhcp->name, sizeof(dhcp->name), name);
	return 0;
}

/* networkd writes what it leases by the index of the device. */
static bool is_networkds(const char *name)
{
	char *path = file_root_path("/run/systemd/netif/leases/%u",
				    if_nametoindex(name));
	bool existed = !access(path, F_OK);

	free(path);
	return existed;
}

static int renew(const char *name)
{
	struct dhcp dhcp = {};
	int ret;

	if (read_lease(name, &dhcp))
		return because(CODE_STORE, "its lease cannot be read");
	if (is_networkds(name))
		return 0;
	ret = dhcp_renew(&dhcp, RENEW_SECONDS);
	if (ret == -EPERM)
		return because(CODE_TRANSPORT,
			       "the DHCP server gives this address to somebody else; it stays, as the root file system is behind it");
	return ret ? because(CODE_TRANSPORT, "no DHCP server has answered") : 0;
}

int boot_renew(void)
{
	char *path = file_root_path(LEASES);
	DIR *dir = opendir(path);
	struct dirent *e;
	int ret = 0, one;

	free(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) > BOOT_IFNAME_MAX)
			continue;
		one = renew(e->d_name);
		if (one)
			failed(one, "lease of %s", e->d_name);
		ret = first_code(ret, one);
	}
	if (dir)
		closedir(dir);
	return ret;
}
