// SPDX-License-Identifier: GPL-2.0
/* What was negotiated, beside what would be better. */
#include <stdio.h>

#include "doctor/check.h"
#include "doctor/subject.h"

#define SEGMENT_MIN	65536
#define BURST_MIN	262144
#define CHAP_MD5	5

static const char how[] = "values of the present login";

static unsigned int notes(struct subject *sub, const struct session *s,
			  const char *about)
{
	const struct negotiated *n = &s->negotiated;
	struct finding_list *list = &sub->findings;
	size_t before = list->count;
	uint32_t value = n->value[MPIO_NA_MAX_XMIT_DSL];

	if (value != UNSET && value < SEGMENT_MIN) {
		finding_add(list, FINDING_NOTE, about, how,
			    "the target takes segments of %u bytes only: "
			    "more headers, more work for large writes",
			    value);
		finding_mend(list, "at the target: MaxRecvDataSegmentLength=262144");
	}
	value = n->value[MPIO_NA_MAX_BURST];
	if (value != UNSET && value < BURST_MIN) {
		finding_add(list, FINDING_NOTE, about, how,
			    "MaxBurstLength is %u: large writes wait for more round trips",
			    value);
		finding_mend(list, "at the target: MaxBurstLength=262144 or more");
	}
	if (n->value[MPIO_NA_IMMEDIATE_DATA] == 0) {
		finding_add(list, FINDING_NOTE, about, how,
			    "ImmediateData=No: each small write waits for "
			    "one more round trip");
		finding_mend(list, "at the target: ImmediateData=Yes");
	}
	if (n->value[MPIO_NA_CHAP_ALG] == CHAP_MD5) {
		finding_add(list, FINDING_NOTE, about, how,
			    "CHAP uses MD5: the target offers none better");
		finding_mend(list, "SHA-256 or SHA3-256 at the target, if it has them");
	}
	return list->count - before;
}

static void tell(struct subject *sub, const struct session *s)
{
	const struct negotiated *n = &s->negotiated;
	char about[ADDRESS_TEXT];

	address_port_text(&s->login.portal, about);
	if (notes(sub, s, about))
		return;
	finding_add(&sub->findings, FINDING_OK, about, how,
		    "segments of %u bytes, bursts of %u, digests %s/%s",
		    n->value[MPIO_NA_MAX_XMIT_DSL],
		    n->value[MPIO_NA_MAX_BURST],
		    n->value[MPIO_NA_HEADER_DIGEST] == 1 ? "CRC32C" : "none",
		    n->value[MPIO_NA_DATA_DIGEST] == 1 ? "CRC32C" : "none");
}

static void tell_level(struct subject *sub)
{
	const struct way *w;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		w = &sub->way[i];
		if (!w->login.target[0] || !w->reach.tried ||
		    !w->reach.probe.logged_in)
			continue;
		finding_add(&sub->findings, FINDING_OK, w->text,
			    "a login of our own", "iSCSIProtocolLevel is %u: %s",
			    w->reach.probe.level, w->reach.probe.level >= 2 ?
			    "the target knows RFC 7144" :
			    "the target does without RFC 7144");
	}
}

void negotiated_check(struct subject *sub)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < sub->live.count; i++) {
		s = &sub->live.item[i];
		if (s->state == MPIO_SESSION_LOGGED_IN &&
		    subject_has_session(sub, s))
			tell(sub, s);
	}
	tell_level(sub);
}
