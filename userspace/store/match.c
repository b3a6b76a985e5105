// SPDX-License-Identifier: GPL-2.0
/* Records and the sessions that fulfil them. */
#include "store/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/strlist.h"

const struct session *match_record_session(const struct record *record,
					   const struct session_list *live)
{
	const struct session *s;
	size_t i;

	for (i = 0; i < live->count && !record->damage; i++) {
		s = &live->item[i];
		if (!mpio_name_compare(s->login.target, record->login.target) &&
		    !memcmp(s->login.isid, record->login.isid, MPIO_ISID_LEN))
			return s;
	}
	return NULL;
}

enum record_status match_record_status(const struct record *record,
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

const char *match_record_status_name(enum record_status status)
{
	static const char *const names[] = {
		[RECORD_CONNECTED] = "connected",
		[RECORD_CONNECTING] = "connecting",
		[RECORD_MISSING] = "missing",
		[RECORD_FAILED] = "failed",
	};

	return names[status];
}

static int by_way(const void *a, const void *b, void *list)
{
	const struct record *items = ((struct record_list *)list)->item;
	const struct record *x = &items[*(const size_t *)a];
	const struct record *y = &items[*(const size_t *)b];
	int ret;

	ret = mpio_name_compare(x->login.target, y->login.target);
	if (!ret)
		ret = strcmp(x->host, y->host);
	if (!ret)
		ret = (x->port > y->port) - (x->port < y->port);
	if (!ret)
		ret = strcmp(x->login.iface, y->login.iface);
	if (!ret)
		ret = memcmp(&x->login.source, &y->login.source,
			     sizeof(x->login.source));
	return ret;
}

/* The run order[from..to) has one way. */
static void mark_duplicates(struct duplicates *duplicates,
			    const size_t *order, size_t from,
			    size_t to)
{
	size_t i, first = order[from];

	for (i = from; i < to; i++) {
		duplicates[order[i]].others = to - from - 1;
		first = order[i] < first ? order[i] : first;
	}
	duplicates[first].first = true;
}

struct duplicates *match_record_duplicates(const struct record_list *list)
{
	struct duplicates *duplicates = xcalloc(list->count + 1, sizeof(*duplicates));
	size_t *order = xcalloc(list->count + 1, sizeof(*order));
	size_t i, from = 0, count = 0;

	for (i = 0; i < list->count; i++)
		if (!list->item[i].damage)
			order[count++] = i;
	qsort_r(order, count, sizeof(*order), by_way, (void *)list);
	for (i = 1; i <= count; i++) {
		if (i < count && !by_way(&order[from], &order[i],
					 (void *)list))
			continue;
		mark_duplicates(duplicates, order, from, i);
		from = i;
	}
	free(order);
	return duplicates;
}

const struct sockaddr_storage *match_session_remote(const struct session *session)
{
	return session->remote.ss_family ? &session->remote :
	       &session->login.portal;
}

int match_record_login(const struct record *record, struct login *login,
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
		ret = address_resolve_portal(&portal, address, &count);
	if (ret)
		return ret;
	login->portal = address[0];
	strlist_add(&login->records, record->id);
	return record_secrets(record, secrets);
}
