// SPDX-License-Identifier: GPL-2.0
/*
 * What the sessions went through: lost now, lost again and again, thrown out by
 * somebody with our name, without a logical unit.
 */
#include <string.h>
#include <time.h>

#include "doctor/check.h"
#include "doctor/subject.h"

#define OFTEN		3	/* logins in the time below that did not last */
#define RECENT_S	300
#define SHORT_S		20	/* such a login lasted */

static const char how[] = "transitions of the session";

/*
 * Logins not long ago that were lost soon after; @closed: all of them because the
 * target closed the connection.
 */
static unsigned int short_lived(const struct session *s, bool *closed)
{
	unsigned int count = 0;
	uint64_t in = 0, now = (uint64_t)time(NULL) * 1000000000;
	const struct transition *t;
	size_t i;

	*closed = true;
	for (i = 0; i < s->transitions; i++) {
		t = &s->transition[i];
		if (t->state == MPIO_SESSION_LOGGED_IN) {
			in = t->time;
		} else if (in && t->state == MPIO_SESSION_RECOVERING &&
			   t->time - in < SHORT_S * 1000000000ULL &&
			   now - t->time < RECENT_S * 1000000000ULL) {
			count++;
			in = 0;
			if (!strstr(t->reason, "closed") &&
			    !strstr(t->reason, "reset") &&
			    !strstr(t->reason, "logout"))
				*closed = false;
		}
	}
	return count;
}

static void tell_lost(struct subject *sub, const struct session *s,
		      const char *about)
{
	finding_add(&sub->findings, FINDING_FAULT, about, how,
		    "session %u is %s: %s", s->id,
		    model_session_state_name(s->state), s->last_error[0] ?
		    s->last_error : "it has not said why");
	if (s->last_error_code == MPIO_ERROR_AUTH)
		finding_mend(&sub->findings, "iscsictl record set-secret --node %s",
			     s->login.target);
	else
		finding_mend(&sub->findings, "mend what the other lines say "
			     "of %s; it then comes back by itself",
			     about);
}

static void tell_often(struct subject *sub, const struct session *s,
		       const char *about, unsigned int count, bool closed)
{
	if (closed) {
		finding_add(&sub->findings, FINDING_FAULT, about, how,
			    "the target has thrown session %u out %u times "
			    "soon after its login: as if another host logs "
			    "in with our name %s and ISID",
			    s->id, count, s->login.initiator);
		finding_mend(&sub->findings, "iscsictl initiator set, at "
			     "that host or here (a copy of a machine keeps "
			     "its name); then iscsictl restore");
		return;
	}
	finding_add(&sub->findings, FINDING_FAULT, about, how,
		    "session %u was lost %u times soon after its login: %s",
		    s->id, count, s->last_error);
	finding_mend(&sub->findings, "mend what the other lines say of %s",
		     about);
}

static void tell(struct subject *sub, const struct session *s)
{
	struct finding_list *list = &sub->findings;
	char about[ADDRESS_TEXT];
	unsigned int count;
	bool closed;

	address_port_text(&s->login.portal, about);
	count = short_lived(s, &closed);
	if (count >= OFTEN)
		tell_often(sub, s, about, count, closed);
	if (s->state != MPIO_SESSION_LOGGED_IN) {
		tell_lost(sub, s, about);
		return;
	}
	if (!s->disks.count && s->scanned && !s->login.no_scan) {
		finding_add(list, FINDING_FAULT, about, "REPORT LUNS by the module",
			    "session %u is logged in and the target has no "
			    "logical unit for us",
			    s->id);
		finding_mend(list, "map a LUN to %s at the target; then iscsictl rescan",
			     s->login.initiator);
		return;
	}
	if (count < OFTEN)
		finding_add(list, FINDING_OK, about, how,
			    "session %u is logged in, with %zu disks",
			    s->id, s->disks.count);
}

void sessions_check(struct subject *sub)
{
	size_t i;

	for (i = 0; i < sub->live.count; i++)
		if (subject_has_session(sub, &sub->live.item[i]))
			tell(sub, &sub->live.item[i]);
	if (!sub->ways && sub->target) {
		finding_add(&sub->findings, FINDING_FAULT, sub->target,
			    "sessions, records and what portals told",
			    "nothing is known of this target%s%s",
			    sub->portal ? " at " : "",
			    sub->portal ? sub->portal : "");
		finding_mend(&sub->findings, "iscsictl discover PORTAL");
	} else if (!sub->ways && sub->disk) {
		finding_add(&sub->findings, FINDING_FAULT, sub->disk,
			    "disks of the module",
			    "this disk is none of ours");
		finding_mend(&sub->findings, "iscsictl tree");
	}
}
