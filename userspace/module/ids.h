/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SessionIdentifier: %016x-%016x, its unique prefixes, session numbers. A word
 * of digits alone is a number and never a prefix.
 */
#ifndef _ISCSICTL_IDS_H
#define _ISCSICTL_IDS_H

#include "module/model.h"

#define SESSION_ID_LEN 33
#define CONNECTION_ID_LEN 27
#define ID_PREFIX_MIN 4		/* digits of a prefix */

/* @text holds SESSION_ID_LEN + 1 bytes. */
void ids_session_text(const struct session *session, char *text);
/* "<left half>-<number>", as Windows; CONNECTION_ID_LEN + 1 bytes. */
void ids_connection_text(const struct session *session, char *text);
/* "40000137" of the wire bytes; @text holds 13 bytes. */
void ids_isid_text(const uint8_t *isid, char *text);
int ids_isid_parse(const char *text, uint8_t *isid);

/* Is it a number, which names a session and nothing else? */
bool ids_is_number(const char *id);

/* The one session @id names; CODE_NO_SESSION when none or several do. */
int ids_session_find(const struct session_list *list, const char *id,
		     const struct session **found);
/* The same for what ends or deletes: a number or all of the identifier. */
int ids_session_exact(const struct session_list *list, const char *id,
		      const struct session **found);

#endif /* _ISCSICTL_IDS_H */
