// SPDX-License-Identifier: GPL-2.0
/* Netlink attributes of sessions, paths, disks and settings as tables. */
#include "attr.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

enum kind {
	KIND_U32,
	KIND_U64,
	KIND_STRING,
	KIND_FLAG,
	KIND_ADDRESS,
	KIND_BYTES,
};

struct row {
	uint16_t attr;
	uint16_t kind;
	size_t offset;
	size_t size;
};

#define ROW(attr, kind, type, member) \
	{ attr, kind, offsetof(struct type, member), \
	  sizeof(((struct type *)0)->member) }

static const struct row login_rows[] = {
	ROW(MPIO_SA_TARGET_NAME, KIND_STRING, login, target),
	ROW(MPIO_SA_INITIATOR_NAME, KIND_STRING, login, initiator),
	ROW(MPIO_SA_PORTAL, KIND_ADDRESS, login, portal),
	ROW(MPIO_SA_SOURCE, KIND_ADDRESS, login, source),
	ROW(MPIO_SA_IFACE, KIND_STRING, login, iface),
	ROW(MPIO_SA_ISID, KIND_BYTES, login, isid),
	ROW(MPIO_SA_MULTIPATH, KIND_FLAG, login, multipath),
	ROW(MPIO_SA_DISCOVERED, KIND_FLAG, login, discovered),
	ROW(MPIO_SA_NO_SCAN, KIND_FLAG, login, no_scan),
	ROW(MPIO_SA_AUTH, KIND_U32, login, auth),
	ROW(MPIO_SA_CHAP_USER, KIND_STRING, login, user),
	ROW(MPIO_SA_CHAP_USER_IN, KIND_STRING, login, user_in),
	ROW(MPIO_SA_CHAP_KEY, KIND_STRING, login, key),
	ROW(MPIO_SA_CHAP_KEY_IN, KIND_STRING, login, key_in),
	ROW(MPIO_SA_HEADER_DIGEST, KIND_U32, login, header_digest),
	ROW(MPIO_SA_DATA_DIGEST, KIND_U32, login, data_digest),
	ROW(MPIO_SA_INITIAL_R2T, KIND_U32, login, initial_r2t),
	ROW(MPIO_SA_IMMEDIATE_DATA, KIND_U32, login, immediate_data),
	ROW(MPIO_SA_FIRST_BURST, KIND_U32, login, first_burst),
	ROW(MPIO_SA_MAX_BURST, KIND_U32, login, max_burst),
	ROW(MPIO_SA_MAX_RECV_DSL, KIND_U32, login, max_recv_dsl),
	ROW(MPIO_SA_MAX_R2T, KIND_U32, login, max_r2t),
	ROW(MPIO_SA_POLICY, KIND_U32, login, policy),
	{}
};

static const struct row session_rows[] = {
	ROW(MPIO_SA_ID, KIND_U32, session, id),
	ROW(MPIO_SA_INSTANCE, KIND_U64, session, instance),
	ROW(MPIO_SA_UNIQUE, KIND_U64, session, unique),
	ROW(MPIO_SA_STATE, KIND_U32, session, state),
	ROW(MPIO_SA_TSIH, KIND_U32, session, tsih),
	ROW(MPIO_SA_TPGT, KIND_U32, session, tpgt),
	ROW(MPIO_SA_LAST_ERROR, KIND_STRING, session, last_error),
	ROW(MPIO_SA_LAST_ERROR_CODE, KIND_U32, session, last_error_code),
	ROW(MPIO_SA_RECONNECTS, KIND_U32, session, reconnects),
	ROW(MPIO_SA_CONNECTED_MS, KIND_U64, session, connected_ms),
	ROW(MPIO_SA_LOCAL, KIND_ADDRESS, session, local),
	ROW(MPIO_SA_REMOTE, KIND_ADDRESS, session, remote),
	ROW(MPIO_SA_SCANNED, KIND_FLAG, session, scanned),
	ROW(MPIO_SA_HOST, KIND_U32, session, host),
	{}
};

static const struct row transition_rows[] = {
	ROW(MPIO_XA_TIME, KIND_U64, transition, time),
	ROW(MPIO_XA_STATE, KIND_U32, transition, state),
	ROW(MPIO_XA_REASON, KIND_STRING, transition, reason),
	{}
};

static const struct row path_rows[] = {
	ROW(MPIO_PA_ID, KIND_U32, path, id),
	ROW(MPIO_PA_KEY, KIND_STRING, path, key),
	ROW(MPIO_PA_SESSION_ID, KIND_U32, path, session_id),
	ROW(MPIO_PA_DISK_ID, KIND_U32, path, disk_id),
	ROW(MPIO_PA_DISK, KIND_STRING, path, disk),
	ROW(MPIO_PA_LUN, KIND_U64, path, lun),
	ROW(MPIO_PA_STATE, KIND_U32, path, state),
	ROW(MPIO_PA_ALUA_STATE, KIND_U32, path, alua_state),
	ROW(MPIO_PA_TPG, KIND_U32, path, tpg),
	ROW(MPIO_PA_PREFERRED, KIND_U32, path, preferred),
	ROW(MPIO_PA_ALUA_PREF, KIND_U32, path, alua_pref),
	ROW(MPIO_PA_WEIGHT, KIND_U32, path, weight),
	ROW(MPIO_PA_ENABLED, KIND_U32, path, enabled),
	ROW(MPIO_PA_IN_FLIGHT, KIND_U32, path, in_flight),
	ROW(MPIO_PA_IOS, KIND_U64, path, ios),
	ROW(MPIO_PA_BYTES, KIND_U64, path, bytes),
	ROW(MPIO_PA_ERRORS, KIND_U64, path, errors),
	ROW(MPIO_PA_FAILOVERS, KIND_U64, path, failovers),
	ROW(MPIO_PA_LATENCY_US, KIND_U32, path, latency_us),
	ROW(MPIO_PA_REASON, KIND_STRING, path, reason),
	ROW(MPIO_PA_REST_MS, KIND_U32, path, rest_ms),
	ROW(MPIO_PA_TARGET_NAME, KIND_STRING, path, target),
	ROW(MPIO_PA_PORTAL, KIND_ADDRESS, path, portal),
	ROW(MPIO_PA_LATENCY_COUNTS, KIND_BYTES, path, latency),
	{}
};

static const struct row disk_rows[] = {
	ROW(MPIO_DA_ID, KIND_U32, disk, id),
	ROW(MPIO_DA_NAME, KIND_STRING, disk, name),
	ROW(MPIO_DA_HCTL, KIND_STRING, disk, hctl),
	ROW(MPIO_DA_WWID, KIND_STRING, disk, wwid),
	ROW(MPIO_DA_SERIAL, KIND_STRING, disk, serial),
	ROW(MPIO_DA_SIZE, KIND_U64, disk, size),
	ROW(MPIO_DA_PATHS, KIND_U32, disk, paths),
	ROW(MPIO_DA_PATHS_READY, KIND_U32, disk, paths_ready),
	ROW(MPIO_DA_POLICY, KIND_U32, disk, policy),
	ROW(MPIO_DA_POLICY_SOURCE, KIND_U32, disk, policy_source),
	ROW(MPIO_DA_OPENERS, KIND_U32, disk, openers),
	ROW(MPIO_DA_PARKED, KIND_U32, disk, parked),
	ROW(MPIO_DA_FAILED, KIND_FLAG, disk, failed),
	ROW(MPIO_DA_TARGET_NAME, KIND_STRING, disk, target),
	ROW(MPIO_DA_FAILOVERS, KIND_U64, disk, failovers),
	ROW(MPIO_DA_REQUEUES, KIND_U64, disk, requeues),
	ROW(MPIO_DA_NO_PATH_ERRORS, KIND_U64, disk, no_path_errors),
	{}
};

static const struct row info_rows[] = {
	ROW(MPIO_IA_INSTANCE, KIND_U64, info, instance),
	ROW(MPIO_IA_VERSION, KIND_STRING, info, version),
	ROW(MPIO_IA_ABI, KIND_U32, info, abi),
	ROW(MPIO_IA_SESSIONS, KIND_U32, info, sessions),
	ROW(MPIO_IA_CHAP_ALGS, KIND_U32, info, chap_algs),
	ROW(MPIO_IA_POLICY, KIND_U32, info, policy),
	{}
};

static size_t address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	       address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : 0;
}

static void put_row(struct message *msg, const struct row *row,
		    const void *from)
{
	const void *p = (const char *)from + row->offset;
	size_t len = row->size;

	switch (row->kind) {
	case KIND_U32:
		if (*(const uint32_t *)p == UNSET)
			return;
		break;
	case KIND_STRING:
		if (*(const char *)p)
			message_put_string(msg, row->attr, p);
		return;
	case KIND_FLAG:
		if (*(const bool *)p)
			message_put_flag(msg, row->attr);
		return;
	case KIND_ADDRESS:
		len = address_length(p);
		if (!len)
			return;
		break;
	}
	message_put(msg, row->attr, p, len);
}

static void get_row(const struct nlattr *a, const struct row *row, void *to)
{
	void *p = (char *)to + row->offset;
	size_t len = attr_len(a), n;

	switch (row->kind) {
	case KIND_U32:
		if (len >= sizeof(uint32_t))
			*(uint32_t *)p = attr_u32(a);
		break;
	case KIND_U64:
		if (len >= sizeof(uint64_t))
			*(uint64_t *)p = attr_u64(a);
		break;
	case KIND_STRING:
		n = strnlen(attr_data(a), len);
		n = n < row->size ? n : row->size - 1;
		memcpy(p, attr_data(a), n);
		((char *)p)[n] = '\0';
		break;
	case KIND_FLAG:
		*(bool *)p = true;
		break;
	case KIND_ADDRESS:
	case KIND_BYTES:
		memcpy(p, attr_data(a), len < row->size ? len : row->size);
		break;
	}
}

static void get_rows(const struct nlattr **tb, const struct row *row, void *to)
{
	for (; row->size; row++)
		if (tb[row->attr])
			get_row(tb[row->attr], row, to);
}

static void put_numbers(struct message *msg, int type, const uint32_t *value,
			unsigned int max)
{
	struct nlattr *nest = message_nest(msg, type);
	unsigned int i;

	for (i = 1; i <= max; i++)
		if (value[i] != UNSET)
			message_put_u32(msg, i, value[i]);
	message_nest_end(msg, nest);
}

static void get_numbers(const struct nlattr *nest, uint32_t *value,
			unsigned int max)
{
	const struct nlattr *tb[32];
	unsigned int i;

	for (i = 0; i <= max; i++)
		value[i] = UNSET;
	attrs_parse_nested(tb, max, nest);
	for (i = 1; i <= max; i++)
		if (tb[i] && attr_len(tb[i]) >= sizeof(uint32_t))
			value[i] = attr_u32(tb[i]);
}

void attr_put_settings(struct message *msg, int type,
		       const struct settings *settings)
{
	put_numbers(msg, type, settings->value, MPIO_TA_MAX);
}

static void put_secret(struct message *msg, int type, const uint8_t *secret,
		       uint32_t len)
{
	if (len)
		message_put(msg, type, secret, len);
}

/* What the session's paths have from the start: @attr of the LUNs of @map. */
static void put_paths(struct message *msg, const struct lun_map *map, int attr)
{
	const struct lun_range *r;
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < map->count; i++) {
		r = &map->item[i];
		nest = message_nest(msg, MPIO_SA_PATH);
		message_put(msg, MPIO_PA_LUN, &r->first, sizeof(r->first));
		message_put(msg, MPIO_PA_LUN_LAST, &r->last, sizeof(r->last));
		message_put_u32(msg, attr, r->value);
		message_nest_end(msg, nest);
	}
}

/* @text was checked when it was set. */
static void put_lun_text(struct message *msg, const char *text,
			 enum lun_text kind, int attr)
{
	struct lun_map map;

	if (!lun_map_parse(text, kind, &map))
		put_paths(msg, &map, attr);
	lun_map_free(&map);
}

void attr_put_login(struct message *msg, const struct login *login,
		    const struct secrets *secrets)
{
	const struct row *row;
	size_t i;

	for (row = login_rows; row->size; row++)
		put_row(msg, row, login);
	for (i = 0; i < login->records.count; i++)
		message_put_string(msg, MPIO_SA_RECORD,
				   login->records.item[i]);
	put_secret(msg, MPIO_SA_CHAP_SECRET, secrets->out, secrets->out_len);
	put_secret(msg, MPIO_SA_CHAP_SECRET_IN, secrets->in, secrets->in_len);
	put_lun_text(msg, login->path_weights, LUN_WEIGHTS, MPIO_PA_WEIGHT);
	put_lun_text(msg, login->preferred_paths, LUN_PREFERRED,
		     MPIO_PA_PREFERRED);
	attr_put_settings(msg, MPIO_SA_SETTINGS, &login->settings);
}

static void add_string(struct strlist *list, const struct nlattr *a)
{
	char text[256];
	size_t len = strnlen(attr_data(a), attr_len(a));

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	memcpy(text, attr_data(a), len);
	text[len] = '\0';
	strlist_add(list, text);
}

static void add_transition(struct session *session,
			   const struct nlattr *nest)
{
	const struct nlattr *tb[MPIO_XA_MAX + 1];
	struct transition *t;

	attrs_parse_nested(tb, MPIO_XA_MAX, nest);
	session->transition = xrealloc(session->transition,
				       session->transitions + 1, sizeof(*t));
	t = &session->transition[session->transitions++];
	memset(t, 0, sizeof(*t));
	get_rows(tb, transition_rows, t);
}

void attr_get_session(const struct nlattr *nest, struct session *session)
{
	const struct nlattr *tb[MPIO_SA_MAX + 1], *a;
	size_t left = attr_len(nest);
	unsigned int i;

	memset(session, 0, sizeof(*session));
	login_init(&session->login);
	for (i = 0; i <= MPIO_NA_MAX; i++)
		session->negotiated.value[i] = UNSET;
	attrs_parse_nested(tb, MPIO_SA_MAX, nest);
	get_rows(tb, login_rows, &session->login);
	get_rows(tb, session_rows, session);
	if (tb[MPIO_SA_NEGOTIATED])
		get_numbers(tb[MPIO_SA_NEGOTIATED], session->negotiated.value,
			    MPIO_NA_MAX);
	if (tb[MPIO_SA_SETTINGS])
		attr_get_settings(tb[MPIO_SA_SETTINGS],
				  &session->login.settings);
	for (a = attr_data(nest); attr_ok(a, left); a = attr_next(a, &left)) {
		if (attr_type(a) == MPIO_SA_RECORD)
			add_string(&session->login.records, a);
		else if (attr_type(a) == MPIO_SA_DISK)
			add_string(&session->disks, a);
		else if (attr_type(a) == MPIO_SA_TRANSITION)
			add_transition(session, a);
	}
	strlist_remove(&session->login.records, "");
}

void attr_get_path(const struct nlattr *nest, struct path *path)
{
	const struct nlattr *tb[MPIO_PA_MAX + 1];

	memset(path, 0, sizeof(*path));
	path->alua_state = MPIO_ALUA_NONE;
	attrs_parse_nested(tb, MPIO_PA_MAX, nest);
	get_rows(tb, path_rows, path);
}

void attr_get_disk(const struct nlattr *nest, struct disk *disk)
{
	const struct nlattr *tb[MPIO_DA_MAX + 1];

	memset(disk, 0, sizeof(*disk));
	attrs_parse_nested(tb, MPIO_DA_MAX, nest);
	get_rows(tb, disk_rows, disk);
}

void attr_get_info(const struct nlattr *nest, struct info *info)
{
	const struct nlattr *tb[MPIO_IA_MAX + 1];

	memset(info, 0, sizeof(*info));
	attrs_parse_nested(tb, MPIO_IA_MAX, nest);
	get_rows(tb, info_rows, info);
}

void attr_get_settings(const struct nlattr *nest, struct settings *settings)
{
	get_numbers(nest, settings->value, MPIO_TA_MAX);
}
