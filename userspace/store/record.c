// SPDX-License-Identifier: GPL-2.0
/* The record store: files, their secrets, and what makes a record valid. */
#include "store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "module/ids.h"
#include "proto/chap.h"
#include "store/config.h"
#include "store/kv.h"
#include "store/record_key.h"
#include "store/secret.h"
#include "store/settings.h"
#include "store/undo.h"

#define RECORD_DIR	CONFIG_DIR "/records"
#define SUFFIX		".conf"
#define SECRET_OUT	"%s.chap"
#define SECRET_IN	"%s.mutual"
#define MAX_BURST	16777215

void record_init(struct record *record)
{
	memset(record, 0, sizeof(*record));
	model_login_init(&record->login);
	record->port = RECORD_PORT;
}

void record_free(struct record *record)
{
	model_login_free(&record->login);
	strlist_free(&record->unknown);
	strlist_free(&record->unusable);
	free(record->damage);
	memset(record, 0, sizeof(*record));
}

void record_list_free(struct record_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		record_free(&list->item[i]);
	free(list->item);
	memset(list, 0, sizeof(*list));
}

char *record_path(const char *id)
{
	return file_root_path(RECORD_DIR "/%s" SUFFIX, id);
}

static void damage(struct record *record)
{
	free(record->damage);
	record->damage = xstrdup(why());
}

static uint32_t or_usual(uint32_t value, uint32_t usual)
{
	return value == UNSET ? usual : value;
}

/* What the kernel would refuse, and so `restore` after the next start. */
static int check_values(const struct record *record)
{
	const struct login *l = &record->login;
	const uint32_t *set = l->settings.value;
	static const uint8_t none[MPIO_ISID_LEN];
	struct mpio_portal portal;

	if (l->first_burst != UNSET &&
	    l->first_burst > or_usual(l->max_burst, MAX_BURST))
		return because(CODE_INVALID,
			       "FirstBurstLength must not exceed MaxBurstLength");
	if (or_usual(set[MPIO_TA_RECONNECT_DELAY_MIN], 100) >
	    or_usual(set[MPIO_TA_RECONNECT_DELAY_MAX], 5000))
		return because(CODE_INVALID,
			       "ReconnectDelayMin must not exceed ReconnectDelayMax");
	if (!memcmp(l->isid, none, sizeof(none)))
		return because(CODE_INVALID, "it has no ISID");
	if (l->isid[0] >> 6 == 3)
		return because(CODE_INVALID,
			       "an ISID that begins with c to f is reserved");
	if (record_portal(record, &portal))
		return CODE_INVALID;
	if (l->source.ss_family && portal.family != MPIO_FAMILY_NAME &&
	    (l->source.ss_family == AF_INET) !=
	    (portal.family == MPIO_FAMILY_IPV4))
		return because(CODE_INVALID,
			       "InitiatorPortalAddress and TargetPortalAddress must both be IPv4 or both IPv6");
	return 0;
}

static void fill_record(struct record *record, const struct kv *kv)
{
	char *line;
	bool known;
	size_t i;

	for (i = 0; i < kv->count && !record->damage; i++) {
		if (!strcmp(kv->pair[i].key, "Version"))
			continue;
		if (record_key_set(record, kv->pair[i].key, kv->pair[i].value,
				   &known)) {
			record->damage = xasprintf("%s: %s", kv->pair[i].key,
						   why());
		} else if (!known && kv->edited) {
			record->damage = xasprintf("it was edited, and there is no key %s",
						   kv->pair[i].key);
		} else if (!known) {
			line = xasprintf("%s=%s", kv->pair[i].key,
					 kv->pair[i].value);
			strlist_add(&record->unknown, line);
			free(line);
		}
	}
	record->edited = kv->edited;
	if (!record->damage && (!record->login.target[0] || !record->host[0]))
		record->damage = xstrdup("it names no target or no portal");
	if (!record->damage && kv->edited && check_values(record))
		damage(record);
}

static bool is_id(const char *name, size_t len)
{
	return len == RECORD_ID_LEN &&
	       strspn(name, "0123456789abcdef") >= len;
}

void record_read(struct record *record, const char *path)
{
	struct kv kv;

	if (kv_load(path, &kv)) {
		damage(record);
		return;
	}
	fill_record(record, &kv);
	kv_free(&kv);
}

void record_salvage(struct record *record, const char *path)
{
	struct lines lines = {};
	char *text, *key, *value, *line;
	bool known;
	size_t len;

	record_read(record, path);
	if (!record->damage || file_read(path, &text, &len))
		return;
	strlist_free(&record->unknown);
	lines.next = text;
	while (config_lines_next(&lines, &key, &value)) {
		if (!strcmp(key, "Version") || !strcmp(key, "Checksum"))
			continue;
		if (!record_key_set(record, key, value, &known) && known)
			continue;
		line = xasprintf("%s=%s", key, value);
		strlist_add(&record->unusable, line);
		free(line);
	}
	if (lines.stray)
		strlist_add(&record->unusable, lines.stray);
	free(text);
}

static void load_one(struct record_list *list, const char *dir,
		     const char *name)
{
	size_t len = strlen(name) - strlen(SUFFIX);
	struct record *record;
	char *path;

	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	record = &list->item[list->count];
	record_init(record);
	snprintf(record->id, sizeof(record->id), "%.*s",
		 (int)(len < RECORD_ID_LEN ? len : RECORD_ID_LEN), name);
	path = xasprintf("%s/%s", dir, name);
	if (!is_id(name, len)) {
		because(CODE_STORE, "%s is not the name of a record", name);
		damage(record);
	} else {
		record_read(record, path);
	}
	list->damaged += !!record->damage;
	list->count++;
	free(path);
}

int record_load_all(struct record_list *list)
{
	char *dir = file_root_path(RECORD_DIR);
	struct strlist names = {};
	size_t i;
	int ret;

	memset(list, 0, sizeof(*list));
	ret = file_list_dir(dir, SUFFIX, &names);
	for (i = 0; i < names.count; i++)
		load_one(list, dir, names.item[i]);
	strlist_free(&names);
	free(dir);
	return ret;
}

void record_complain(const struct record_list *list)
{
	const struct record *record;
	const char *line;
	size_t i, j;

	for (i = 0; i < list->count; i++) {
		record = &list->item[i];
		if (record->damage)
			note("record %s is corrupt: %s", record->id,
			     record->damage);
		else if (record->edited)
			note("record %s was edited by hand, and is valid: "
			     "iscsictl record repair %s ends this line",
			     record->id, record->id);
		for (j = 0; j < record->unknown.count; j++) {
			line = record->unknown.item[j];
			note("record %s: unknown key \"%.*s\" is kept but not used",
			     record->id, (int)strcspn(line, "="), line);
		}
	}
}

struct record *record_exact(const struct record_list *list, const char *id)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!strcasecmp(list->item[i].id, id))
			return &list->item[i];
	return NULL;
}

int record_find(const struct record_list *list, const char *id,
		struct record **found)
{
	size_t i, hits = 0, len = strlen(id);

	*found = record_exact(list, id);
	if (*found)
		return 0;
	if (ids_is_number(id))
		return because(CODE_NOT_FOUND,
			       "there is no such record, and a number names only sessions");
	for (i = 0; i < list->count && len; i++)
		if (!strncasecmp(list->item[i].id, id, len)) {
			*found = &list->item[i];
			hits++;
		}
	if (hits == 1 && len >= ID_PREFIX_MIN)
		return 0;
	*found = NULL;
	if (!hits)
		return because(CODE_NOT_FOUND, "there is no such record");
	if (hits > 1)
		return because(CODE_INVALID,
			       "%zu records begin like this, give more digits",
			       hits);
	return because(CODE_INVALID, "give at least %d digits of a record",
		       ID_PREFIX_MIN);
}

int record_beside(const struct record *record,
		  const struct record_list *stored)
{
	const struct record *r;
	size_t i;

	for (i = 0; i < stored->count; i++) {
		r = &stored->item[i];
		if (r->damage || !strcmp(r->id, record->id) ||
		    mpio_name_compare(r->login.target, record->login.target))
			continue;
		if (!memcmp(r->login.isid, record->login.isid, MPIO_ISID_LEN))
			return because(CODE_EXISTS,
				       "record %s restores this session already",
				       r->id);
		if (!record->login.multipath || !r->login.multipath)
			return because(CODE_EXISTS,
				       "record %s restores a session to %s already and %s is without --multipath",
				       r->id, r->login.target,
				       r->login.multipath ? "this one" : "it");
	}
	return 0;
}

int record_new_id(struct record *record)
{
	uint32_t random;
	char *path;
	bool taken;
	int ret;

	do {
		ret = file_random_bytes(&random, sizeof(random));
		if (ret)
			return ret;
		snprintf(record->id, sizeof(record->id), "%08x", random);
		/* All digits would be a session's number. */
		taken = ids_is_number(record->id);
		if (taken)
			continue;
		path = record_path(record->id);
		taken = !access(path, F_OK);
		free(path);
	} while (taken);
	return 0;
}

static int save_secret(const char *fmt, const char *id, const uint8_t *secret,
		       uint32_t len)
{
	char name[RECORD_ID_LEN + 16];

	if (!len)
		return 0;
	snprintf(name, sizeof(name), fmt, id);
	return secret_store(name, secret, len);
}

int record_save(const struct record *record, const struct secrets *secrets)
{
	struct strlist lines = {};
	char *path;
	size_t i;
	int ret;

	if (would("store record %s of %s at %s", record->id,
		  record->login.target, record->host))
		return 0;
	ret = undo_keep(record->id);
	if (ret)
		return ret;
	if (secrets)
		ret = save_secret(SECRET_OUT, record->id, secrets->out,
				  secrets->out_len);
	if (secrets && !ret)
		ret = save_secret(SECRET_IN, record->id, secrets->in,
				  secrets->in_len);
	if (ret)
		return ret;
	record_key_lines(record, &lines);
	for (i = 0; i < record->unknown.count; i++)
		strlist_add(&lines, record->unknown.item[i]);
	path = record_path(record->id);
	ret = kv_save(path, "iscsi-mpio record", &lines);
	free(path);
	return ret;
}

int record_remove(const char *id)
{
	char name[RECORD_ID_LEN + 16], *path;
	int ret;

	if (would("remove record %s", id))
		return 0;
	ret = undo_keep(id);
	if (ret)
		return ret;
	path = record_path(id);
	ret = file_remove(path);
	free(path);
	if (ret)
		return ret;
	snprintf(name, sizeof(name), SECRET_OUT, id);
	ret = secret_forget(name);
	snprintf(name, sizeof(name), SECRET_IN, id);
	return first_code(ret, secret_forget(name));
}

static int load_secret(const char *fmt, const char *id, uint8_t *secret,
		       uint32_t *len)
{
	char name[RECORD_ID_LEN + 16];

	if (*len)
		return 0;	/* it is given */
	snprintf(name, sizeof(name), fmt, id);
	return secret_load(name, secret, len);
}

/* Adds what is stored to what @secrets has. */
static int add_secrets(const struct record *record, struct secrets *secrets)
{
	const struct login *login = &record->login;
	int ret = 0;

	if (login->auth == MPIO_AUTH_NONE)
		return 0;
	if (!login->key[0]) {
		ret = load_secret(SECRET_OUT, record->id, secrets->out,
				  &secrets->out_len);
		if (!ret && !secrets->out_len)
			ret = because(CODE_AUTH,
				      "its CHAP secret is not stored: record set --chap-secret-file stores it");
	}
	if (ret || login->auth != MPIO_AUTH_CHAP_MUTUAL || login->key_in[0])
		return ret;
	ret = load_secret(SECRET_IN, record->id, secrets->in,
			  &secrets->in_len);
	if (!ret)
		ret = load_secret(SECRET_INITIATOR, record->id, secrets->in,
				  &secrets->in_len);
	if (!ret && !secrets->in_len)
		ret = because(CODE_AUTH,
			      "no secret for mutual CHAP is stored: run iscsictl chap set-secret");
	return ret;
}

int record_secrets(const struct record *record, struct secrets *secrets)
{
	memset(secrets, 0, sizeof(*secrets));
	return add_secrets(record, secrets);
}

static int check_auth(const struct record *record,
		      const struct secrets *given)
{
	struct secrets all = {};
	int ret;

	if (record->login.auth == MPIO_AUTH_NONE)
		return 0;
	if (!record->login.user[0])
		return because(CODE_INVALID,
			       "CHAP needs a name: set ChapUsername, too");
	if (given)
		all = *given;
	ret = add_secrets(record, &all);
	if (!ret && all.in_len && all.in_len == all.out_len &&
	    mpio_equal_ct(all.in, all.out, all.in_len))
		ret = because(CODE_INVALID,
			      "mutual CHAP needs two different secrets");
	model_secrets_wipe(&all);
	return ret;
}

int record_check(const struct record *record, const struct secrets *given)
{
	int ret = check_values(record);

	return ret ? ret : check_auth(record, given);
}

bool record_same_source(const struct login *a, const struct login *b)
{
	return !strcmp(a->iface, b->iface) &&
	       address_same(&a->source, &b->source);
}

bool record_same_way(const struct record *a, const struct record *b)
{
	return a->port == b->port && !strcmp(a->host, b->host) &&
	       !mpio_name_compare(a->login.target, b->login.target) &&
	       record_same_source(&a->login, &b->login);
}

int record_portal(const struct record *record, struct mpio_portal *portal)
{
	int ret = address_parse_portal(record->host, portal);

	portal->port = record->port;
	portal->has_port = true;
	return ret;
}
