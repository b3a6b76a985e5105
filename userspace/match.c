// SPDX-License-Identifier: GPL-2.0
/* Records and the sessions that fulfil them. */
#include "match.h"

#include <string.h>

#include "address.h"

const struct session *record_session(const struct record *record,
				     const struct session_list *live)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < live->count && !record->damage; i++) {
		s = &live->item[i];
		if (!strcmp(s->login.target, record->login.target) &&
		    !memcmp(s->login.isid, record->login.isid, MPIO_ISID_LEN))
			return s;
	}
	return NULL;
}

enum record_status record_status(const struct record *record,
				 const struct session *session)
{
	if (record->damage)
		return RECORD_FAILED;
	if (!session)
		return RECORD_MISSING;
	switch (session->state) {
	case MPIO_SESSION_LOGGED_IN:
		return RECORD_CONNECTED;
	case MPIO_SESSION_STOPPED:
		return RECORD_FAILED;
	case MPIO_SESSION_DELETING:
		return RECORD_MISSING;
	default:
		return RECORD_CONNECTING;
	}
}

const char *record_status_name(enum record_status status)
{
	static const char *const names[] = {
		[RECORD_CONNECTED] = "connected",
		[RECORD_CONNECTING] = "connecting",
		[RECORD_MISSING] = "missing",
		[RECORD_FAILED] = "failed",
	};

	return names[status];
}

int record_login(const struct record *record, struct login *login,
		 struct secrets *secrets)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	struct mpio_portal portal;
	size_t count;
	int ret;

	*login = record->login;
	memset(&login->records, 0, sizeof(login->records));
	memset(secrets, 0, sizeof(*secrets));
	ret = record_portal(record, &portal);
	if (!ret)
		ret = portal_resolve(&portal, address, &count);
	if (ret)
		return ret;
	login->portal = address[0];
	strlist_add(&login->records, record->id);
	return record_secrets(record, secrets);
}
