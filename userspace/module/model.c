// SPDX-License-Identifier: GPL-2.0
/* Names of the kernel's enumerations, life of the tool's structures. */
#include "module/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strlist.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *const session_states[] = {
	[MPIO_SESSION_CONNECTING] = "connecting",
	[MPIO_SESSION_LOGGED_IN] = "logged-in",
	[MPIO_SESSION_RECOVERING] = "recovering",
	[MPIO_SESSION_STOPPED] = "stopped",
	[MPIO_SESSION_DELETING] = "deleting",
};

static const char *const path_states[] = {
	[MPIO_PATH_RECOVERING] = "recovering",
	[MPIO_PATH_READY] = "ready",
	[MPIO_PATH_STANDBY] = "standby",
	[MPIO_PATH_FENCED] = "fenced",
	[MPIO_PATH_DISABLED] = "disabled",
};

static const char *const alua_states[] = {
	[MPIO_ALUA_OPTIMIZED] = "optimized",
	[MPIO_ALUA_NONOPTIMIZED] = "non-optimized",
	[MPIO_ALUA_STANDBY] = "standby",
	[MPIO_ALUA_UNAVAILABLE] = "unavailable",
	[MPIO_ALUA_LBA_DEPENDENT] = "lba-dependent",
	[MPIO_ALUA_OFFLINE] = "offline",
	[MPIO_ALUA_TRANSITIONING] = "transitioning",
};

static const char *const policies[] = {
	[MPIO_POLICY_UNSET] = "unset",
	[MPIO_POLICY_FOO] = "FOO",
	[MPIO_POLICY_RR] = "RR",
	[MPIO_POLICY_RRWS] = "RRWS",
	[MPIO_POLICY_LQD] = "LQD",
	[MPIO_POLICY_WP] = "WP",
	[MPIO_POLICY_LB] = "LB",
	[MPIO_POLICY_LATENCY] = "latency",
};

static const char *const policy_sources[] = {
	"alua", "default", "target", "disk"
};

static const char *const auths[] = {
	[MPIO_AUTH_NONE] = "NONE",
	[MPIO_AUTH_CHAP] = "ONEWAYCHAP",
	[MPIO_AUTH_CHAP_MUTUAL] = "MUTUALCHAP",
};

static const char *const events[] = {
	[MPIO_EVENT_SESSION_ADDED] = "session-added",
	[MPIO_EVENT_SESSION_STATE] = "session-state",
	[MPIO_EVENT_SESSION_DELETED] = "session-deleted",
	[MPIO_EVENT_SESSION_SCANNED] = "session-scanned",
	[MPIO_EVENT_LOGIN_FAILED] = "login-failed",
	[MPIO_EVENT_PATH_ADDED] = "path-added",
	[MPIO_EVENT_PATH_STATE] = "path-state",
	[MPIO_EVENT_PATH_DELETED] = "path-deleted",
	[MPIO_EVENT_DISK_ADDED] = "disk-added",
	[MPIO_EVENT_DISK_DELETED] = "disk-deleted",
	[MPIO_EVENT_DISK_NO_PATH] = "disk-no-path",
	[MPIO_EVENT_DISK_FAILED] = "disk-failed",
	[MPIO_EVENT_DISK_RECOVERED] = "disk-recovered",
	[MPIO_EVENT_DISK_CLASH] = "disk-clash",
};

static const char *const clashes[] = {
	[MPIO_CLASH_NOTHING] = "and nothing tells which is which",
	[MPIO_CLASH_TYPE] = "and another device type",
	[MPIO_CLASH_VENDOR] = "and another vendor",
	[MPIO_CLASH_PRODUCT] = "and another product name",
	[MPIO_CLASH_SERIAL] = "and another unit serial number",
	[MPIO_CLASH_SIZE] = "and another size",
};

static const char *word(const char *const *table, size_t count, uint32_t i)
{
	return i < count && table[i] ? table[i] : "unknown";
}

const char *model_session_state_name(uint32_t state)
{
	return word(session_states, ARRAY_SIZE(session_states), state);
}

const char *model_path_state_name(uint32_t state)
{
	return word(path_states, ARRAY_SIZE(path_states), state);
}

const char *model_alua_state_name(uint32_t state)
{
	if (state == MPIO_ALUA_NONE)
		return "none";
	return word(alua_states, ARRAY_SIZE(alua_states), state);
}

const char *model_policy_name(uint32_t policy)
{
	return word(policies, ARRAY_SIZE(policies), policy);
}

const char *model_policy_source_name(uint32_t source)
{
	return word(policy_sources, ARRAY_SIZE(policy_sources), source);
}

const char *model_auth_name(uint32_t auth)
{
	return word(auths, ARRAY_SIZE(auths), auth);
}

const char *model_event_name(uint32_t event)
{
	return word(events, ARRAY_SIZE(events), event);
}

const char *model_clash_text(const struct disk *disk, const struct disk_list *list,
			     char *text)
{
	const struct disk *other = model_disk_by_number(list, disk->clash);
	char number[24];

	text[0] = '\0';
	if (!disk->clash)
		return text;
	snprintf(number, sizeof(number), "disk %u", disk->clash);
	snprintf(text, CLASH_TEXT, "%s has the same designator, %s",
		 other && other->name[0] ? other->name : number,
		 word(clashes, ARRAY_SIZE(clashes), disk->clash_by));
	return text;
}

int model_policy_parse(const char *text, uint32_t *policy)
{
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcasecmp(text, policies[i]) ||
		    (text[0] == (char)('0' + i) && !text[1] && i &&
		     i <= MPIO_POLICY_LB)) {	/* as mpclaim counts them */
			*policy = i;
			return 0;
		}
	return because(CODE_INVALID,
		       "\"%s\" is none of FOO, RR, RRWS, LQD, WP, LB, latency, unset",
		       text);
}

void model_secrets_wipe(struct secrets *secrets)
{
	explicit_bzero(secrets, sizeof(*secrets));
}

void model_login_init(struct login *login)
{
	unsigned int i;

	memset(login, 0, sizeof(*login));
	login->header_digest = UNSET;
	login->data_digest = UNSET;
	login->initial_r2t = UNSET;
	login->immediate_data = UNSET;
	login->first_burst = UNSET;
	login->max_burst = UNSET;
	login->max_recv_dsl = UNSET;
	login->max_r2t = UNSET;
	login->policy = UNSET;
	login->avoid = UNSET;
	for (i = 0; i <= MPIO_TA_MAX; i++)
		login->settings.value[i] = UNSET;
}

void model_login_free(struct login *login)
{
	strlist_free(&login->records);
}

void model_session_list_free(struct session_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		model_login_free(&list->item[i].login);
		strlist_free(&list->item[i].disks);
		strlist_free(&list->item[i].quirks);
		free(list->item[i].transition);
	}
	free(list->item);
	memset(list, 0, sizeof(*list));
}

void model_path_list_free(struct path_list *list)
{
	free(list->item);
	memset(list, 0, sizeof(*list));
}

void model_disk_list_free(struct disk_list *list)
{
	free(list->item);
	memset(list, 0, sizeof(*list));
}

const struct session *model_session_by_number(const struct session_list *list,
					      uint32_t id)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->item[i].id == id)
			return &list->item[i];
	return NULL;
}

const struct disk *model_disk_by_number(const struct disk_list *list, uint32_t id)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->item[i].id == id)
			return &list->item[i];
	return NULL;
}
