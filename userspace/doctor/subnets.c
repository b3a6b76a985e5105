// SPDX-License-Identifier: GPL-2.0
/*
 * Two interfaces with addresses of one subnet: which of them a packet leaves by
 * is not what the address says, and either answers ARP for both.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doctor/check.h"
#include "doctor/subject.h"

static const char how[] = "addresses of the interfaces, sysctl net.ipv4.conf";

static bool ipv4(const struct ifaddrs *a)
{
	return a->ifa_addr && a->ifa_netmask &&
	       a->ifa_addr->sa_family == AF_INET;
}

static uint32_t number(const struct sockaddr *a)
{
	return ((const struct sockaddr_in *)a)->sin_addr.s_addr;
}

static bool in_subnet(const struct ifaddrs *a, uint32_t address)
{
	return !((number(a->ifa_addr) ^ address) & number(a->ifa_netmask));
}

/* The kernel takes the stricter of both for rp_filter and the ARP settings. */
static int setting(const char *iface, const char *name)
{
	char all[16], one[16];
	int x, y;

	subject_line(all, sizeof(all), "/proc/sys/net/ipv4/conf/all/%s", name);
	subject_line(one, sizeof(one), "/proc/sys/net/ipv4/conf/%s/%s", iface,
		     name);
	x = atoi(all);
	y = atoi(one);
	return x > y ? x : y;
}

/* Is a way to a portal in this subnet, bound to neither of the interfaces? */
static const struct way *unbound(const struct subject *sub,
				 const struct ifaddrs *a)
{
	const struct way *w;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (w->login.portal.ss_family == AF_INET &&
		    in_subnet(a, number((const struct sockaddr *)
					&w->login.portal)) &&
		    !w->login.iface[0])
			return w;
	}
	return NULL;
}

static bool used(const struct subject *sub, const struct ifaddrs *a)
{
	const struct sockaddr *to;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		to = (const struct sockaddr *)&sub->way[i].login.portal;
		if (to->sa_family == AF_INET && in_subnet(a, number(to)))
			return true;
	}
	return false;
}

static void tell_settings(struct subject *sub, const struct ifaddrs *a,
			  const struct ifaddrs *b, const char *about)
{
	struct finding_list *list = &sub->findings;
	const char *const name[] = { a->ifa_name, b->ifa_name };
	bool bad = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (setting(name[i], "rp_filter") == 1) {
			finding_add(list, FINDING_FAULT, name[i], how,
				    "rp_filter is strict: answers that come "
				    "in by %s and not by the route are dropped",
				    name[i]);
			finding_mend(list, "sysctl -w "
				     "net.ipv4.conf.all.rp_filter=2 "
				     "net.ipv4.conf.%s.rp_filter=2",
				     name[i]);
			bad = true;
		}
		if (setting(name[i], "arp_ignore") < 1 ||
		    setting(name[i], "arp_announce") < 2) {
			finding_add(list, FINDING_FAULT, name[i], how,
				    "ARP flux: %s answers for the addresses "
				    "of the other interface of this subnet",
				    name[i]);
			finding_mend(list, "sysctl -w "
				     "net.ipv4.conf.%s.arp_ignore=1 "
				     "net.ipv4.conf.%s.arp_announce=2",
				     name[i], name[i]);
			bad = true;
		}
	}
	if (!bad)
		finding_add(list, FINDING_OK, about, how,
			    "two interfaces are in one subnet, and set up for it");
}

static void tell(struct subject *sub, const struct ifaddrs *a,
		 const struct ifaddrs *b)
{
	const struct way *w = unbound(sub, a);
	char about[2 * IF_NAMESIZE + 2];

	snprintf(about, sizeof(about), "%s %s", a->ifa_name, b->ifa_name);
	if (w) {
		finding_add(&sub->findings, FINDING_FAULT, about, how,
			    "both are in the subnet of %s, and the session "
			    "is bound to none: the route alone decides, and "
			    "one cable carries both paths",
			    w->text);
		finding_mend(&sub->findings, "one subnet for each link; or "
			     "iscsictl connect --iface %s and once more --iface %s",
			     a->ifa_name, b->ifa_name);
	}
	tell_settings(sub, a, b, about);
}

void subnets_check(struct subject *sub)
{
	struct ifaddrs *all = NULL, *a, *b;
	bool twice = false;

	if (getifaddrs(&all)) {
		finding_add(&sub->findings, FINDING_NOTE, "", how,
			    "not measured: the addresses cannot be read");
		return;
	}
	for (a = all; a; a = a->ifa_next)
		for (b = a->ifa_next; ipv4(a) && b; b = b->ifa_next)
			if (ipv4(b) && strcmp(a->ifa_name, b->ifa_name) &&
			    in_subnet(a, number(b->ifa_addr)) &&
			    used(sub, a)) {
				tell(sub, a, b);
				twice = true;
			}
	if (!twice && sub->ways)
		finding_add(&sub->findings, FINDING_OK, "", how,
			    "no two interfaces are in the subnet of one portal");
	freeifaddrs(all);
}
