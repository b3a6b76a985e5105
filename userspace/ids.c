// SPDX-License-Identifier: GPL-2.0
/* Text forms of identifiers. */
#include "ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void session_id_text(const struct session *session, char *text)
{
	snprintf(text, SESSION_ID_LEN + 1, "%016" PRIx64 "-%016" PRIx64,
		 session->instance, session->unique);
}

void connection_id_text(const struct session *session, char *text)
{
	snprintf(text, CONNECTION_ID_LEN + 1, "%016" PRIx64 "-%x",
		 session->instance, session->id);
}

void isid_text(const uint8_t *isid, char *text)
{
	int i;

	for (i = 0; i < MPIO_ISID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", isid[i]);
}

int isid_parse(const char *text, uint8_t *isid)
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

static bool is_number(const char *id)
{
	return *id >= '1' && *id <= '9' && strlen(id) <= 9 &&
	       strspn(id, "0123456789") == strlen(id);
}

int session_find(const struct session_list *list, const char *id,
		 const struct session **found)
{
	char text[SESSION_ID_LEN + 1], number[12];
	size_t i, hits = 0, len = strlen(id);

	*found = NULL;
	for (i = 0; i < list->count; i++) {
		snprintf(number, sizeof(number), "%u", list->item[i].id);
		if (is_number(id) && !strcmp(number, id)) {
			*found = &list->item[i];
			return 0;
		}
	}
	for (i = 0; i < list->count && len; i++) {
		session_id_text(&list->item[i], text);
		if (len > SESSION_ID_LEN || strncasecmp(text, id, len))
			continue;
		*found = &list->item[i];
		hits++;
	}
	if (hits == 1)
		return 0;
	*found = NULL;
	if (hits)
		return because(CODE_INVALID,
			       "%zu sessions begin like this, give more digits",
			       hits);
	return because(CODE_NO_SESSION, "there is no such session");
}
