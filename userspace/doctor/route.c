// SPDX-License-Identifier: GPL-2.0
/* The route to each portal, and the state of the interface it goes through. */
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "doctor/check.h"
#include "doctor/subject.h"

static const char how_route[] = "ip route get";
static const char how_link[] = "/sys/class/net";

/* The first value of @name in what "ip -json route get" says. */
static void take(const char *json, const char *name, char *to, size_t size)
{
	struct strlist values = {};

	to[0] = '\0';
	if (!json_strings(json, name, &values, NULL) && values.count)
		copy_text(to, size, values.item[0]);
	strlist_free(&values);
}

/* Fills in how @w goes; false with why() when there is no way. */
static bool look_up(struct way *w)
{
	char to[ADDRESS_TEXT], from[ADDRESS_TEXT], *out = NULL;
	const char *argv[12] = { "ip", "-json", "route", "get", to };
	size_t n = 5;

	address_text(&w->login.portal, to);
	to[strcspn(to, "%")] = '\0';
	address_text(&w->login.source, from);
	if (*from) {
		argv[n++] = "from";
		argv[n++] = from;
	}
	if (w->login.iface[0]) {
		argv[n++] = "oif";
		argv[n++] = w->login.iface;
	}
	if (child_run(argv, NULL, &out))
		return false;
	take(out, "dev", w->through, sizeof(w->through));
	take(out, "prefsrc", w->from, sizeof(w->from));
	if (!w->from[0])
		copy_text(w->from, sizeof(w->from), from);
	take(out, "gateway", w->gateway, sizeof(w->gateway));
	free(out);
	return true;
}

static void tell_missing(struct subject *sub, const struct way *w)
{
	char from[ADDRESS_TEXT];

	address_text(&w->login.source, from);
	finding_add(&sub->findings, FINDING_FAULT, w->text, how_route,
		    "there is no way to it%s%s%s%s: %s",
		    *from ? " from " : "", from,
		    w->login.iface[0] ? " through " : "", w->login.iface,
		    why());
	if (*from)
		finding_mend(&sub->findings, "ip addr show: the address %s "
			     "must be up on this host",
			     from);
	else
		finding_mend(&sub->findings, "ip link set %s up, and an "
			     "address of the portal's network on it: ip addr add",
			     w->login.iface[0] ? w->login.iface : "INTERFACE");
}

static void tell_link(struct subject *sub, const struct way *w)
{
	char state[32], carrier[8];

	subject_line(state, sizeof(state), "/sys/class/net/%s/operstate",
		     w->through);
	subject_line(carrier, sizeof(carrier), "/sys/class/net/%s/carrier",
		     w->through);
	if (!strcmp(state, "down") || !strcmp(state, "lowerlayerdown") ||
	    !strcmp(carrier, "0")) {
		finding_add(&sub->findings, FINDING_FAULT, w->through,
			    how_link, "the interface to %s is %s", w->text,
			    *carrier == '0' ? "without a carrier" : state);
		finding_mend(&sub->findings, "ip link set %s up; if it is, "
			     "check the cable and the switch",
			     w->through);
		return;
	}
	finding_add(&sub->findings, FINDING_OK, w->text, how_route,
		    "goes through %s%s%s%s%s", w->through,
		    w->from[0] ? " from " : "", w->from,
		    w->gateway[0] ? " by the gateway " : "", w->gateway);
}

void route_check(struct subject *sub)
{
	struct way *w;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (!w->login.portal.ss_family)
			continue;
		if (look_up(w)) {
			tell_link(sub, w);
		} else if (strstr(why(), "No such file")) {
			finding_add(&sub->findings, FINDING_NOTE, w->text,
				    how_route, "not measured: %s", why());
			finding_mend(&sub->findings, "apt install iproute2");
		} else {
			tell_missing(sub, w);
		}
	}
}
