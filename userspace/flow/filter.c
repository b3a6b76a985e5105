// SPDX-License-Identifier: GPL-2.0
/* One table: how a value is read, and which sessions it holds for. */
#include "flow/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "flow/session.h"
#include "module/ids.h"
#include "module/kernel.h"

struct only_filter {
	struct session_filter filter;
};

const struct option filter_options[] = {
	FILTER_OPTIONS(only_filter, filter),
	{}
};

/* A value as it was understood; @text stays the user's. */
struct value {
	const char *text;
	char name[MPIO_NAME_MAX + 1];
	int64_t number;
	uint8_t isid[MPIO_ISID_LEN];
	struct sockaddr_storage address[ADDRESSES_MAX];
	size_t addresses;
};

struct criterion {
	const char *option;
	size_t offset;
	int (*read)(struct value *v);
	bool (*holds)(const struct value *v, const struct session *s);
	bool must_exist;
};

static int read_text(struct value *v)
{
	(void)v;
	return 0;
}

static int read_name(struct value *v)
{
	return address_parse_name(v->text, v->name);
}

static int read_portal(struct value *v)
{
	struct mpio_portal portal;
	int ret = address_parse_portal(v->text, &portal);

	return ret ? ret : address_resolve_portal(&portal, v->address, &v->addresses);
}

static int read_address(struct value *v)
{
	v->addresses = 1;
	return address_parse(v->text, &v->address[0]);
}

static int read_isid(struct value *v)
{
	return ids_isid_parse(v->text, v->isid);
}

static int read_tsih(struct value *v)
{
	char *end;

	v->number = strtol(v->text, &end, 16);
	if (*end || strlen(v->text) > 4)
		return because(CODE_INVALID,
			       "a TSIH is up to 4 hexadecimal digits");
	return 0;
}

static int read_port(struct value *v)
{
	return args_number(v->text, 1, 65535, &v->number);
}

static int read_count(struct value *v)
{
	return args_number(v->text, 0, 65535, &v->number);
}

static bool is_node(const struct value *v, const struct session *s)
{
	return !mpio_name_compare(v->name, s->login.target);
}

static bool is_initiator(const struct value *v, const struct session *s)
{
	return !mpio_name_compare(v->name, s->login.initiator);
}

static bool is_portal(const struct value *v, const struct session *s)
{
	size_t i;

	for (i = 0; i < v->addresses; i++)
		if (address_same(&v->address[i], &s->login.portal))
			return true;
	return false;
}

/* The address bound to, or the one the kernel has chosen. */
static bool is_source(const struct value *v, const struct session *s)
{
	char want[ADDRESS_TEXT], is[ADDRESS_TEXT];

	address_text(&v->address[0], want);
	address_text(s->login.source.ss_family ? &s->login.source : &s->local,
		     is);
	return !strcmp(want, is);
}

static bool is_disk(const struct value *v, const struct session *s)
{
	return session_has_disk(s, v->text);
}

static bool is_connection(const struct value *v, const struct session *s)
{
	char text[CONNECTION_ID_LEN + 1];

	ids_connection_text(s, text);
	return !strcasecmp(text, v->text);
}

static bool is_tsih(const struct value *v, const struct session *s)
{
	return s->tsih == v->number;
}

static bool is_isid(const struct value *v, const struct session *s)
{
	return !memcmp(s->login.isid, v->isid, MPIO_ISID_LEN);
}

static bool is_source_port(const struct value *v, const struct session *s)
{
	return s->local.ss_family && address_port(&s->local) == v->number;
}

static bool is_iface(const struct value *v, const struct session *s)
{
	return !strcmp(s->login.iface, v->text);
}

static bool is_count(const struct value *v, const struct session *s)
{
	return (s->state == MPIO_SESSION_LOGGED_IN) == v->number;
}

#define CRITERION(option, member, read, holds, ...) \
	{ option, offsetof(struct session_filter, member), read, holds, \
	  __VA_ARGS__ }

static const struct criterion criteria[] = {
	CRITERION("node", nodes, read_name, is_node),
	CRITERION("portal", portals, read_portal, is_portal),
	CRITERION("disk", disks, read_text, is_disk),
	CRITERION("connection", connections, read_text, is_connection, true),
	CRITERION("target-side", target_sides, read_tsih, is_tsih),
	CRITERION("initiator-side", initiator_sides, read_isid, is_isid),
	CRITERION("initiator", initiators, read_name, is_initiator),
	CRITERION("initiator-portal", sources, read_address, is_source),
	CRITERION("initiator-port", source_ports, read_port, is_source_port),
	CRITERION("iface", ifaces, read_text, is_iface),
	CRITERION("connections", counts, read_count, is_count),
	{}
};

static const struct strlist *values_of(const struct session_filter *filter,
				       const struct criterion *c)
{
	return (const void *)((const char *)filter + c->offset);
}

bool filter_any(const struct session_filter *filter)
{
	const struct criterion *c;

	for (c = criteria; c->option; c++)
		if (values_of(filter, c)->count)
			return true;
	return filter->sessions.count;
}

/* Narrows @pass to the sessions @c holds for. */
static int narrow(const struct criterion *c, const struct strlist *values,
		  const struct session_list *live, bool *pass)
{
	bool *any = xcalloc(live->count + 1, sizeof(*any)), found;
	struct value v;
	size_t i, j;
	int ret = 0;

	for (i = 0; i < values->count && !ret; i++) {
		memset(&v, 0, sizeof(v));
		v.text = values->item[i];
		ret = c->read(&v);
		found = false;
		for (j = 0; j < live->count && !ret; j++) {
			if (!c->holds(&v, &live->item[j]))
				continue;
			any[j] = true;
			found = true;
		}
		if (!ret && !found && c->must_exist && pass)
			ret = because(CODE_NO_SESSION, "there is no such %s",
				      c->option);
		if (ret)
			failed(ret, "--%s %s", c->option, v.text);
	}
	for (j = 0; j < live->count; j++)
		pass[j] &= any[j];
	free(any);
	return ret;
}

static int narrow_named(const struct strlist *ids,
			const struct session_list *live, bool *pass)
{
	bool *any = xcalloc(live->count + 1, sizeof(*any));
	const struct session *s;
	size_t i;
	int ret = 0;

	for (i = 0; i < ids->count && !ret; i++) {
		ret = ids_session_find(live, ids->item[i], &s);
		if (ret)
			failed(ret, "session %s", ids->item[i]);
		else
			any[s - live->item] = true;
	}
	for (i = 0; i < live->count; i++)
		pass[i] &= any[i];
	free(any);
	return ret;
}

int filter_check(const struct session_filter *filter)
{
	const struct session_list none = {};
	const struct criterion *c;
	int ret = 0;

	for (c = criteria; c->option && !ret; c++)
		ret = narrow(c, values_of(filter, c), &none, NULL);
	return ret;
}

int filter_sessions(const struct session_filter *filter,
		    const struct session_list *live, bool **pass)
{
	const struct criterion *c;
	size_t i;
	int ret = 0;

	*pass = xcalloc(live->count + 1, sizeof(**pass));
	for (i = 0; i < live->count; i++)
		(*pass)[i] = true;
	if (filter->sessions.count)
		ret = narrow_named(&filter->sessions, live, *pass);
	for (c = criteria; c->option && !ret; c++)
		if (values_of(filter, c)->count)
			ret = narrow(c, values_of(filter, c), live, *pass);
	if (ret) {
		free(*pass);
		*pass = NULL;
	}
	return ret;
}

int filter_live(const struct session_filter *filter, const char *what,
		struct session_list *live, bool **pass)
{
	int ret;

	memset(live, 0, sizeof(*live));
	*pass = NULL;
	ret = filter_check(filter);
	if (ret)
		return ret;
	ret = kernel_open();
	if (!ret)
		ret = kernel_get_sessions(live);
	if (ret)
		return failed(ret, "%s", what);
	return filter_sessions(filter, live, pass);
}
