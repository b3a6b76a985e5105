/* SPDX-License-Identifier: GPL-2.0 */
/* Desired beside actual: which live session is the one of a record. */
#ifndef _ISCSICTL_MATCH_H
#define _ISCSICTL_MATCH_H

#include "store/record.h"

enum record_status {
	RECORD_CONNECTED,
	RECORD_CONNECTING,
	RECORD_MISSING,
	RECORD_FAILED,
};

/* The session with the record's target and ISID, or NULL. */
const struct session *match_record_session(const struct record *record,
					   const struct session_list *live);
enum record_status match_record_status(const struct record *record,
				       const struct session *session);
const char *match_record_status_name(enum record_status status);

/* Records that restore sessions over the same way as others. */
struct duplicates {
	size_t others;
	bool first;	/* of them in the list: to tell of them once */
};

/*
 * For each record of @list how many others have its target, portal, local
 * address and interface. The caller frees the array.
 */
struct duplicates *match_record_duplicates(const struct record_list *list);

/* Where a session talks to, or would: after a redirect not its portal. */
const struct sockaddr_storage *match_session_remote(const struct session *session);

/*
 * Makes @login ready to be added for @record: resolves the portal and loads
 * the secrets. The caller wipes @secrets and frees login->records.
 */
int match_record_login(const struct record *record, struct login *login,
		       struct secrets *secrets);

#endif /* _ISCSICTL_MATCH_H */
