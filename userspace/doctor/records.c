// SPDX-License-Identifier: GPL-2.0
/* What is stored beside what runs. */
#include <stdlib.h>

#include "doctor/check.h"
#include "doctor/subject.h"

static const char how[] = "records in /etc/iscsi-mpio beside the sessions of the module";

static void tell(struct subject *sub, const struct record *r)
{
	const struct session *s = match_record_session(r, &sub->live);
	struct finding_list *list = &sub->findings;

	switch (match_record_status(r, s)) {
	case RECORD_CONNECTED:
		finding_add(list, FINDING_OK, r->id, how,
			    "%s at %s runs as session %u", r->login.target,
			    r->host, s->id);
		break;
	case RECORD_MISSING:
		if (r->startup == STARTUP_MANUAL) {
			finding_add(list, FINDING_OK, r->id, how,
				    "%s at %s is not connected, and nobody "
				    "asked for it (Startup=manual)",
				    r->login.target, r->host);
			break;
		}
		finding_add(list, FINDING_FAULT, r->id, how,
			    "%s at %s is to run and does not",
			    r->login.target, r->host);
		finding_mend(list, "iscsictl restore");
		break;
	default:
		finding_add(list, FINDING_FAULT, r->id, how,
			    "%s at %s is not logged in: %s", r->login.target,
			    r->host, s && s->last_error[0] ? s->last_error :
			    "it has not said why");
		finding_mend(list, "mend what the other lines say; then iscsictl restore");
	}
}

static void tell_twice(struct subject *sub)
{
	struct duplicates *d = match_record_duplicates(&sub->stored);
	size_t i;

	for (i = 0; i < sub->stored.count; i++) {
		const struct record *r = &sub->stored.item[i];

		if (!d[i].first || !d[i].others ||
		    !subject_has_record(sub, r))
			continue;
		finding_add(&sub->findings, FINDING_NOTE, r->id, how,
			    "%zu more records go the same way to %s",
			    d[i].others, r->login.target);
		finding_mend(&sub->findings, "iscsictl record list, then "
			     "iscsictl unregister ID");
	}
	free(d);
}

static void tell_unregistered(struct subject *sub)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < sub->live.count; i++) {
		char text[ADDRESS_TEXT];

		s = &sub->live.item[i];
		if (s->login.records.count || !subject_has_session(sub, s))
			continue;
		address_port_text(&s->login.portal, text);
		finding_add(&sub->findings, FINDING_NOTE, text, how,
			    "session %u is not registered: it does not come "
			    "back after a reboot",
			    s->id);
		finding_mend(&sub->findings, "iscsictl register %u", s->id);
	}
}

void records_check(struct subject *sub)
{
	const struct record *r;
	size_t i;

	for (i = 0; i < sub->stored.count; i++) {
		r = &sub->stored.item[i];
		if (r->damage) {
			finding_add(&sub->findings, FINDING_FAULT, r->id, how,
				    "the record cannot be read: %s",
				    r->damage);
			finding_mend(&sub->findings, "iscsictl record undo, "
				     "or edit %s/records/%s.conf",
				     "/etc/iscsi-mpio", r->id);
		} else if (subject_has_record(sub, r)) {
			tell(sub, r);
		}
	}
	tell_twice(sub);
	tell_unregistered(sub);
}
