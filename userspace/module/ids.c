// SPDX-License-Identifier: GPL-2.0
/* Text forms of identifiers. */
#include "module/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_DIGITS	9	/* as many a session number has at most */

void ids_session_text(const struct session *session, char *text)
{
	snprintf(text, SESSION_ID_LEN + 1, "%016" PRIx64 "-%016" PRIx64,
		 session->instance, session->unique);
}

void ids_connection_text(const struct session *session, char *text)
{
	snprintf(text, CONNECTION_ID_LEN + 1, "%016" PRIx64 "-%x",
		 session->instance, session->id);
}

void ids_isid_text(const uint8_t *isid, char *text)
{
	int i;

	for (i = 0; i < MPIO_ISID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", isid[i]);
}

int ids_isid_parse(const char *text, uint8_t *isid)
{
	unsigned int byte;
	int i;

	if (strlen(text) != 2 * MPIO_ISID_LEN ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * MPIO_ISID_LEN)
		return because(CODE_INVALID,
			       "an ISID is 12 hexadecimal digits");
	for (i = 0; i < MPIO_ISID_LEN; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		isid[i] = byte;
	}
	return 0;
}

bool ids_is_number(const char *id)
{
	return *id && strlen(id) <= NUMBER_DIGITS &&
	       strspn(id, "0123456789") == strlen(id);
}

static int no_session(void)
{
	return because(CODE_NO_SESSION, "there is no such session");
}

static int session_numbered(const struct session_list *list, const char *id,
			    const struct session **found)
{
	*found = model_session_by_number(list, strtoul(id, NULL, 10));
	return *found ? 0 : no_session();
}

/* How many begin like @id; *found is the last of them. */
static size_t count_prefix(const struct session_list *list, const char *id,
			   const struct session **found)
{
	size_t i, hits = 0, len = strlen(id);
	char text[SESSION_ID_LEN + 1];

	*found = NULL;
	for (i = 0; i < list->count && len && len <= SESSION_ID_LEN; i++) {
		ids_session_text(&list->item[i], text);
		if (strncasecmp(text, id, len))
			continue;
		*found = &list->item[i];
		hits++;
	}
	return hits;
}

int ids_session_find(const struct session_list *list, const char *id,
		     const struct session **found)
{
	size_t hits;

	if (ids_is_number(id))
		return session_numbered(list, id, found);
	hits = count_prefix(list, id, found);
	if (hits == 1 && strlen(id) >= ID_PREFIX_MIN)
		return 0;
	*found = NULL;
	if (!hits)
		return no_session();
	if (hits > 1)
		return because(CODE_INVALID,
			       "%zu sessions begin like this, give more digits",
			       hits);
	return because(CODE_INVALID,
		       "give its number or at least %d digits of its identifier",
		       ID_PREFIX_MIN);
}

int ids_session_exact(const struct session_list *list, const char *id,
		      const struct session **found)
{
	if (ids_is_number(id))
		return session_numbered(list, id, found);
	if (!count_prefix(list, id, found))
		return no_session();
	if (strlen(id) == SESSION_ID_LEN)
		return 0;
	*found = NULL;
	return because(CODE_INVALID,
		       "here only the number or all %d characters of a session's identifier do",
		       SESSION_ID_LEN);
}
