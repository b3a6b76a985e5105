/* SPDX-License-Identifier: GPL-2.0 */
/* Desired beside actual: which live session is the one of a record. */
#ifndef _ISCSICTL_MATCH_H
#define _ISCSICTL_MATCH_H

#include "record.h"

enum record_status {
	RECORD_CONNECTED,
	RECORD_CONNECTING,
	RECORD_MISSING,
	RECORD_FAILED,
};

/* The session with the record's target and ISID, or NULL. */
const struct session *record_session(const struct record *record,
				     const struct session_list *live);
enum record_status record_status(const struct record *record,
				 const struct session *session);
const char *record_status_name(enum record_status status);

/*
 * Makes @login ready to be added for @record: resolves the portal and loads
 * the secrets. The caller wipes @secrets and frees login->records.
 */
int record_login(const struct record *record, struct login *login,
		 struct secrets *secrets);

#endif /* _ISCSICTL_MATCH_H */
