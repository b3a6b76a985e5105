// SPDX-License-Identifier: GPL-2.0
/* What the paths do to large packets, by the pings of reach.c. */
#include <stdio.h>
#include <string.h>

#include "doctor/check.h"
#include "doctor/subject.h"

static const char how[] = "pings of iSCSI (NOP-Out) in a session of our own, "
	"answered with the same data";

static void hole(struct subject *sub, const struct way *w)
{
	struct finding_list *list = &sub->findings;
	const struct reach *r = &w->reach;
	const char *iface = w->through[0] ? w->through : "INTERFACE";

	if (r->carried) {
		finding_add(list, FINDING_FAULT, w->text, how,
			    "large packets vanish: the interface sends up to "
			    "%u bytes, the path carries %u",
			    r->probe.mtu, r->carried);
		finding_mend(list, "ip link set %s mtu %u, or the larger MTU "
			     "at each switch and at the target",
			     iface, r->carried);
		return;
	}
	finding_add(list, FINDING_FAULT, w->text, how,
		    "the target logs us in and then answers no ping of any "
		    "size: data is lost on the way, or it hangs");
	finding_mend(list, "look for a filter of packets on the way and at "
		     "the load of the target");
}

static void tell(struct subject *sub, const struct way *w)
{
	struct finding_list *list = &sub->findings;
	const struct reach *r = &w->reach;

	if (r->probe.pinged)
		finding_add(list, FINDING_OK, w->text, how,
			    "2 pings of %u bytes come back in %.1f ms: the "
			    "path carries its MTU of %u",
			    r->probe.ping_bytes, r->probe.ping_us / 1e3,
			    r->probe.mtu);
	else if (r->code == CODE_PDU_TIMEOUT)
		hole(sub, w);
	else
		finding_add(list, FINDING_NOTE, w->text, how,
			    "not measured: %s", r->tried ? r->why :
			    "without its CHAP secret there is no session");
}

void mtu_check(struct subject *sub)
{
	const struct way *w;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		/* without a login reach.c has said what there is to say */
		if (w->login.target[0] && w->reach.probe.logged_in)
			tell(sub, w);
	}
}
