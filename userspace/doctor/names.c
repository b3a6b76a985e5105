// SPDX-License-Identifier: GPL-2.0
/* Our own name, and those of portals. */
#include <string.h>

#include "doctor/check.h"
#include "doctor/subject.h"
#include "store/config.h"

static const char how_name[] = "initiator.conf and initiatorname.iscsi";
static const char how_host[] = "getaddrinfo";

static void tell_initiator(struct subject *sub)
{
	char name[MPIO_NAME_MAX + 1] = "";
	const char *file = NULL;

	if (config_initiator_find(name, &file) || !file) {
		finding_add(&sub->findings, FINDING_NOTE, "initiator",
			    how_name,
			    "this host has no initiator name yet: the first "
			    "login makes one");
		finding_mend(&sub->findings, "iscsictl initiator set");
		return;
	}
	finding_add(&sub->findings, FINDING_OK, "initiator", how_name,
		    "%s, of %s", name, file);
}

void names_check(struct subject *sub)
{
	struct mpio_portal portal;
	const struct way *w;
	size_t i;

	tell_initiator(sub);
	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (w->unresolved[0]) {
			finding_add(&sub->findings, FINDING_FAULT, w->text,
				    how_host, "%s", w->unresolved);
			finding_mend(&sub->findings, "getent ahosts %.*s; or "
				     "put the address into /etc/hosts",
				     (int)(strrchr(w->text, ':') - w->text),
				     w->text);
		} else if (!address_parse_portal(w->text, &portal) &&
			   portal.family == MPIO_FAMILY_NAME) {
			char text[ADDRESS_TEXT];

			finding_add(&sub->findings, FINDING_OK, w->text,
				    how_host, "is %s",
				    address_text(&w->login.portal, text));
		}
	}
}
