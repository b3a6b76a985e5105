// SPDX-License-Identifier: GPL-2.0
/* Attributes of sessions, paths, disks and settings as tables. */
#include "module/attr.h"

#include <netinet/in.h>
#include <string.h>

#include "base/memory.h"
#include "base/strlist.h"

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
	ROW(MPIO_SA_AVOID, KIND_U32, login, avoid),
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
	ROW(MPIO_SA_REDIRECT, KIND_STRING, session, redirect),
	ROW(MPIO_SA_SCANNED, KIND_FLAG, session, scanned),
	ROW(MPIO_SA_SCAN_PENDING, KIND_FLAG, session, scan_pending),
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
	ROW(MPIO_DA_CLASH, KIND_U32, disk, clash),
	ROW(MPIO_DA_CLASH_BY, KIND_U32, disk, clash_by),
	ROW(MPIO_DA_HELD, KIND_U32, disk, held),
	ROW(MPIO_DA_GHOSTS, KIND_U32, disk, ghosts),
	ROW(MPIO_DA_GHOST, KIND_STRING, disk, ghost),
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

static void put_row(struct impio_values *to, const struct row *row,
		    const void *from)
{
	const void *p = (const char *)from + row->offset;
	size_t len;

	switch (row->kind) {
	case KIND_U32:
		if (*(const uint32_t *)p != UNSET)
			impio_put_number(to, row->attr, *(const uint32_t *)p);
		break;
	case KIND_STRING:
		if (*(const char *)p)
			impio_put_text(to, row->attr, p);
		break;
	case KIND_FLAG:
		if (*(const bool *)p)
			impio_put_flag(to, row->attr);
		break;
	case KIND_ADDRESS:
		len = address_length(p);
		if (len)
			impio_put_bytes(to, row->attr, p, len);
		break;
	default:
		impio_put_bytes(to, row->attr, p, row->size);
	}
}

static void get_row(const struct impio_object *o, const struct row *row,
		    void *to)
{
	void *p = (char *)to + row->offset;
	const char *text;
	const void *bytes;
	uint64_t number;
	size_t len;

	switch (row->kind) {
	case KIND_U32:
		if (!impio_number(o, row->attr, &number))
			*(uint32_t *)p = number;
		break;
	case KIND_U64:
		impio_number(o, row->attr, p);
		break;
	case KIND_STRING:
		text = impio_text(o, row->attr, 0);
		if (text)
			copy_text(p, row->size, text);
		break;
	case KIND_FLAG:
		*(bool *)p = !impio_number(o, row->attr, &number);
		break;
	case KIND_ADDRESS:
	case KIND_BYTES:
		bytes = impio_bytes(o, row->attr, &len);
		if (bytes)
			memcpy(p, bytes, len < row->size ? len : row->size);
		break;
	}
}

static void get_rows(const struct impio_object *o, const struct row *row,
		     void *to)
{
	for (; row->size; row++)
		get_row(o, row, to);
}

static void get_numbers(const struct impio_object *o, uint32_t *value,
			unsigned int max)
{
	uint64_t number;
	unsigned int i;

	for (i = 0; i <= max; i++)
		value[i] = impio_number(o, i, &number) ? UNSET : number;
}

void attr_put_numbers(struct impio_values *to, const struct settings *settings)
{
	unsigned int i;

	for (i = 1; i <= MPIO_TA_MAX; i++)
		if (settings->value[i] != UNSET)
			impio_put_number(to, i, settings->value[i]);
}

void attr_put_settings(struct impio_values *to, int attr,
		       const struct settings *settings)
{
	struct impio_values *numbers = impio_values_new();

	attr_put_numbers(numbers, settings);
	impio_put_nest(to, attr, impio_values_object(numbers));
	impio_values_free(numbers);
}

/* What the session's paths have from the start: @attr of the LUNs of @map. */
static void put_paths(struct impio_values *to, const struct lun_map *map,
		      int attr)
{
	const struct lun_range *r;
	struct impio_values *path;
	size_t i;

	for (i = 0; i < map->count; i++) {
		r = &map->item[i];
		path = impio_values_new();
		impio_put_number64(path, MPIO_PA_LUN, r->first);
		impio_put_number64(path, MPIO_PA_LUN_LAST, r->last);
		impio_put_number(path, attr, r->value);
		impio_put_nest(to, MPIO_SA_PATH, impio_values_object(path));
		impio_values_free(path);
	}
}

/* @text was checked when it was set. */
static void put_lun_text(struct impio_values *to, const char *text,
			 enum lun_text kind, int attr)
{
	struct lun_map map;

	if (!lun_map_parse(text, kind, &map))
		put_paths(to, &map, attr);
	lun_map_free(&map);
}

void attr_put_login(struct impio_values *to, const struct login *login,
		    const struct secrets *secrets)
{
	const struct row *row;
	size_t i;

	for (row = login_rows; row->size; row++)
		put_row(to, row, login);
	for (i = 0; i < login->records.count; i++)
		impio_put_text(to, MPIO_SA_RECORD, login->records.item[i]);
	if (secrets->out_len)
		impio_put_bytes(to, MPIO_SA_CHAP_SECRET, secrets->out,
				secrets->out_len);
	if (secrets->in_len)
		impio_put_bytes(to, MPIO_SA_CHAP_SECRET_IN, secrets->in,
				secrets->in_len);
	put_lun_text(to, login->path_weights, LUN_WEIGHTS, MPIO_PA_WEIGHT);
	put_lun_text(to, login->preferred_paths, LUN_PREFERRED,
		     MPIO_PA_PREFERRED);
	attr_put_settings(to, MPIO_SA_SETTINGS, &login->settings);
}

/* All texts of an attribute but empty ones. */
static void get_texts(const struct impio_object *o, int attr,
		      struct strlist *list)
{
	const char *text;
	unsigned int i;

	for (i = 0; (text = impio_text(o, attr, i)); i++)
		if (*text)
			strlist_add(list, text);
}

static void get_transitions(const struct impio_object *o,
			    struct session *session)
{
	const struct impio_object *nest;
	size_t count = 0, i;

	while (impio_nest(o, MPIO_SA_TRANSITION, count))
		count++;
	session->transition = xcalloc(count, sizeof(*session->transition));
	session->transitions = count;
	for (i = 0; i < count; i++) {
		nest = impio_nest(o, MPIO_SA_TRANSITION, i);
		get_rows(nest, transition_rows, &session->transition[i]);
	}
}

void attr_get_session(const struct impio_object *o, struct session *session)
{
	memset(session, 0, sizeof(*session));
	model_login_init(&session->login);
	get_rows(o, login_rows, &session->login);
	get_rows(o, session_rows, session);
	get_numbers(impio_nest(o, MPIO_SA_NEGOTIATED, 0),
		    session->negotiated.value, MPIO_NA_MAX);
	attr_get_settings(impio_nest(o, MPIO_SA_SETTINGS, 0),
			  &session->login.settings);
	get_texts(o, MPIO_SA_RECORD, &session->login.records);
	get_texts(o, MPIO_SA_DISK, &session->disks);
	get_texts(o, MPIO_SA_QUIRK, &session->quirks);
	get_transitions(o, session);
}

void attr_get_path(const struct impio_object *o, struct path *path)
{
	memset(path, 0, sizeof(*path));
	path->alua_state = MPIO_ALUA_NONE;
	get_rows(o, path_rows, path);
}

void attr_get_disk(const struct impio_object *o, struct disk *disk)
{
	memset(disk, 0, sizeof(*disk));
	get_rows(o, disk_rows, disk);
}

void attr_get_info(const struct impio_object *o, struct info *info)
{
	memset(info, 0, sizeof(*info));
	get_rows(o, info_rows, info);
}

void attr_get_settings(const struct impio_object *o, struct settings *settings)
{
	get_numbers(o, settings->value, MPIO_TA_MAX);
}

void attr_get_event(const struct impio_object *o, struct event *event)
{
	const struct impio_object *nest;
	uint64_t type = 0;

	memset(event, 0, sizeof(*event));
	impio_number(o, MPIO_A_EVENT, &type);
	event->type = type;
	impio_number(o, MPIO_A_TIME, &event->time);
	nest = impio_nest(o, MPIO_A_SESSION, 0);
	event->has_session = nest;
	if (nest)
		attr_get_session(nest, &event->session);
	nest = impio_nest(o, MPIO_A_PATH, 0);
	event->has_path = nest;
	if (nest)
		attr_get_path(nest, &event->path);
	nest = impio_nest(o, MPIO_A_DISK, 0);
	event->has_disk = nest;
	if (nest)
		attr_get_disk(nest, &event->disk);
}
