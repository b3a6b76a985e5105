// SPDX-License-Identifier: GPL-2.0
/*
 * Logins of our own over each way, all at the same time: connect, login, and
 * pings whose size shows what the path does to large packets.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "doctor/arp.h"
#include "doctor/beside.h"
#include "doctor/check.h"
#include "doctor/subject.h"
#include "store/config.h"

#define PROBES_MS	8000	/* for all of them */
#define PING_MS		1000	/* a lost packet is sent again after 0.2 s */
#define SMALLER_MS	600
#define HEADERS_V4	40	/* of IP and TCP */
#define HEADERS_V6	60
#define ARP_MS		500
#define ROUTE_ERROR	"oute to host"	/* of EHOSTUNREACH */
#define SLOW_CONNECT_US	50000
#define SLOW_LOGIN_US	1000000

static const char how_connect[] = "TCP connect";
static const char how_arp[] = "TCP connect, and ARP on the link";
static const char how_login[] = "a login of our own beside what runs";

/* MTUs of links and tunnels, largest first. */
static const uint32_t mtus[] = { 8000, 4000, 1500, 1400, 1280, 576 };

/* Which of the smaller packets come through? */
static uint32_t carried(const struct way *w, uint32_t mtu)
{
	bool v6 = w->login.portal.ss_family == AF_INET6;
	size_t i;

	for (i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
		struct discover_probe probe = {
			.mss = mtus[i] - (v6 ? HEADERS_V6 : HEADERS_V4),
			.ping_ms = SMALLER_MS,
		};

		if (mtu && mtus[i] >= mtu)
			continue;
		if (!discover_probe(&w->login, &w->secrets, &probe) &&
		    probe.pinged)
			return mtus[i];
	}
	return 0;
}

static void work(void *result, const void *arg)
{
	const struct way *w = arg;
	const struct timespec again = { 0, 200000000 };
	struct login login = w->login;
	struct reach *r = result;

	r->tried = w->secret_known;
	r->probe.ping_ms = PING_MS;
	if (!r->tried) {	/* how far one comes without it */
		login.target[0] = '\0';
		login.auth = MPIO_AUTH_NONE;
	}
	r->code = discover_probe(&login, &w->secrets, &r->probe);
	/* A neighbour that was away until now is asked for once more. */
	if (r->code == CODE_TRANSPORT && !r->probe.connected &&
	    strstr(why(), ROUTE_ERROR)) {
		nanosleep(&again, NULL);
		r->code = discover_probe(&login, &w->secrets, &r->probe);
	}
	copy_text(r->why, sizeof(r->why), r->code ? why() : "");
	if (r->probe.pinged)
		r->carried = r->probe.mtu;
	else if (r->code == CODE_PDU_TIMEOUT && r->probe.logged_in)
		r->carried = carried(w, r->probe.mtu);
}

static void probe_all(struct subject *sub)
{
	struct beside *b = xcalloc(sub->ways + 1, sizeof(*b));
	bool *begun = xcalloc(sub->ways + 1, sizeof(*begun));
	long long end = clock_now() + PROBES_MS;
	struct way *w;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (w->login.portal.ss_family && w->login.initiator[0])
			begun[i] = beside_begin(&b[i], sizeof(w->reach), work,
						w);
	}
	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (begun[i] && beside_end(&b[i], end, &w->reach))
			w->reach.done = true;
	}
	free(begun);
	free(b);
}

/* Does the next host on the way answer on the link itself? */
static enum arp_answer neighbour(const struct way *w)
{
	const struct sockaddr_in *to = (const void *)&w->login.portal;
	struct sockaddr_storage gateway;

	if (!w->through[0] || to->sin_family != AF_INET)
		return ARP_UNKNOWN;
	if (w->gateway[0]) {
		if (address_parse(w->gateway, &gateway) ||
		    gateway.ss_family != AF_INET)
			return ARP_UNKNOWN;
		to = (const void *)&gateway;
	}
	return arp_ask(w->through, to->sin_addr.s_addr, ARP_MS);
}

static void tell_silent(struct subject *sub, const struct way *w)
{
	struct finding_list *list = &sub->findings;
	enum arp_answer answer = neighbour(w);

	if (answer == ARP_UNKNOWN) {
		finding_add(list, FINDING_FAULT, w->text, how_connect,
			    "the portal is silent: it is down, or a firewall "
			    "on the way drops TCP port %u",
			    address_port(&w->login.portal));
		finding_mend(list, "let TCP port %u pass, at the target, "
			     "too; then iscsictl doctor --portal %s",
			     address_port(&w->login.portal), w->text);
	} else if (answer == ARP_ANSWERS) {
		finding_add(list, FINDING_FAULT, w->text,
			    how_arp,
			    "a firewall drops TCP port %u: %s answers on the "
			    "link, and connecting gets no answer",
			    address_port(&w->login.portal),
			    w->gateway[0] ? "the gateway" : "the host");
		finding_mend(list, "nft list ruleset, here and at the "
			     "target: let TCP port %u pass",
			     address_port(&w->login.portal));
	} else {
		finding_add(list, FINDING_FAULT, w->text,
			    how_arp,
			    "no host answers for %s on the link of %s: it is "
			    "down, or the cable is in another network",
			    w->gateway[0] ? "the gateway" : "this address",
			    w->through);
		finding_mend(list, "ip link show %s; check the cable, the "
			     "switch's VLAN and the portal's address",
			     w->through);
	}
}

static void tell_unconnected(struct subject *sub, const struct way *w)
{
	struct finding_list *list = &sub->findings;
	const char *text = w->reach.why;
	enum arp_answer answer = ARP_UNKNOWN;

	if (w->reach.code != CODE_CONNECT_TIMEOUT && !strstr(text, "refuses"))
		answer = neighbour(w);
	if (w->reach.code == CODE_CONNECT_TIMEOUT) {
		tell_silent(sub, w);
	} else if (strstr(text, "refuses")) {
		finding_add(list, FINDING_FAULT, w->text, how_connect,
			    "the connection is refused: nothing listens on "
			    "TCP port %u, or a firewall rejects it",
			    address_port(&w->login.portal));
		finding_mend(list, "start the target there, or let TCP port "
			     "%u pass: nft list ruleset, here and there",
			     address_port(&w->login.portal));
	} else if (answer == ARP_NOBODY) {
		tell_silent(sub, w);
	} else if (answer == ARP_ANSWERS && strstr(text, ROUTE_ERROR)) {
		finding_add(list, FINDING_FAULT, w->text, how_arp,
			    "most likely a firewall rejects TCP port %u by ICMP: the host "
			    "answers on the link, and connecting gets \"%s\"",
			    address_port(&w->login.portal), text);
		finding_mend(list, "let TCP port %u pass: nft list ruleset, at "
			     "the target and on the way",
			     address_port(&w->login.portal));
	} else {
		finding_add(list, FINDING_FAULT, w->text, how_connect,
			    "cannot connect: %s", text);
		finding_mend(list, "ip route get %.*s; a firewall may reject "
			     "it, too: nft list ruleset",
			     (int)(strrchr(w->text, ':') - w->text), w->text);
	}
}

static void tell_refused(struct subject *sub, const struct way *w)
{
	struct finding_list *list = &sub->findings;
	const struct reach *r = &w->reach;

	finding_add(list, FINDING_FAULT, w->text, how_login,
		    "the login to %s fails: %s",
		    w->login.target[0] ? w->login.target : "the portal",
		    r->why);
	if (r->code == CODE_AUTH && w->record)
		finding_mend(list, "iscsictl record set-secret --node %s, if "
			     "the secret is wrong; else add this initiator, "
			     "%s, at the target",
			     w->login.target, w->login.initiator);
	else if (r->code == CODE_AUTH)
		finding_mend(list, "add this initiator, %s, at the target, "
			     "or log in with CHAP",
			     w->login.initiator);
	else if (r->code == CODE_NOT_FOUND)
		finding_mend(list, "iscsictl discover %s; the target may "
			     "have another name now",
			     w->text);
	else
		finding_mend(list, "look at the log of the target");
}

static void tell_reached(struct subject *sub, const struct way *w)
{
	const struct discover_probe *p = &w->reach.probe;
	struct finding_list *list = &sub->findings;

	if (p->connect_us > SLOW_CONNECT_US || p->login_us > SLOW_LOGIN_US) {
		finding_add(list, FINDING_NOTE, w->text, how_login,
			    "it takes long to connect (%.1f ms) or to log in (%.1f ms)",
			    p->connect_us / 1e3, p->login_us / 1e3);
		finding_mend(list, "look at the load of the target and of the network");
		return;
	}
	finding_add(list, FINDING_OK, w->text, how_login,
		    "connects within %.1f ms, logs in within %.1f ms",
		    p->connect_us / 1e3, p->login_us / 1e3);
}

static void tell(struct subject *sub, const struct way *w)
{
	const struct reach *r = &w->reach;
	struct finding_list *list = &sub->findings;

	if (w->unresolved[0])
		return;		/* that of names says it */
	if (!w->login.initiator[0]) {
		finding_add(list, FINDING_NOTE, w->text, how_login,
			    "not measured: this host has no initiator name to log in with");
		finding_mend(list, "iscsictl initiator set");
	} else if (!r->done) {
		finding_add(list, FINDING_NOTE, w->text, how_login,
			    "not measured: the login did not end within %d s",
			    PROBES_MS / 1000);
	} else if (!r->probe.connected) {
		tell_unconnected(sub, w);
	} else if (!r->tried) {
		finding_add(list, FINDING_NOTE, w->text, how_connect,
			    "connects in %.1f ms; a login is not measured: "
			    "its CHAP secret is not stored here",
			    r->probe.connect_us / 1e3);
		finding_mend(list, "iscsictl register %s",
			     w->login.target);
	} else if (!r->probe.logged_in) {
		tell_refused(sub, w);
	} else {
		tell_reached(sub, w);
	}
}

void reach_check(struct subject *sub)
{
	size_t i;

	probe_all(sub);
	for (i = 0; i < sub->ways; i++)
		tell(sub, &sub->way[i]);
}
