// SPDX-License-Identifier: GPL-2.0
/* The record store: one table of keys writes, reads, sets and prints. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "address.h"
#include "args.h"
#include "config.h"
#include "file.h"
#include "ids.h"
#include "kv.h"
#include "print.h"
#include "proto/chap.h"
#include "secret.h"
#include "settings.h"
#include "undo.h"

#define RECORD_DIR	CONFIG_DIR "/records"
#define SUFFIX		".conf"
#define SECRET_OUT	"%s.chap"
#define SECRET_IN	"%s.mutual"
#define PORT_DEFAULT	3260
#define FIRST_BURST	262144	/* what the kernel offers if nothing is said */
#define MAX_BURST	16777215

enum kind {
	KIND_TEXT,	/* char array */
	KIND_NAME,	/* iSCSI name */
	KIND_HOST,	/* name or address of the portal */
	KIND_ADDRESS,	/* sockaddr_storage without port */
	KIND_ISID,
	KIND_BOOL,	/* bool */
	KIND_YES_NO,	/* u32, UNSET is left out */
	KIND_NUMBER,	/* u32, UNSET is left out */
	KIND_WORD,	/* u32 of choices */
	KIND_POLICY,	/* u32 */
	KIND_AVOID,	/* u32, bits of avoid_words; none or UNSET: left out */
	KIND_WEIGHTS,	/* text of a lun_map */
	KIND_PREFERRED,	/* the same */
};

struct key {
	const char *name;
	const char *heading;
	enum kind kind;
	size_t offset, size;
	const struct choice *words;
	int64_t min, max;
};

const struct choice startup_words[] = {
	{ "automatic", STARTUP_AUTOMATIC },
	{ "onboot", STARTUP_ONBOOT },
	{ "manual", STARTUP_MANUAL },
	{}
};

static const struct choice avoid_words[] = {
	{ "ChapLists", MPIO_AVOID_CHAP_LISTS },
	{ "ProtocolLevel", MPIO_AVOID_LEVEL },
	{ "SecurityStage", MPIO_AVOID_SECURITY },
	{ "NoDigest", MPIO_AVOID_NO_DIGEST },
	{}
};

static const struct choice auth_words[] = {
	{ "NONE", MPIO_AUTH_NONE },
	{ "ONEWAYCHAP", MPIO_AUTH_CHAP },
	{ "MUTUALCHAP", MPIO_AUTH_CHAP_MUTUAL },
	{ "oneway", MPIO_AUTH_CHAP },
	{ "mutual", MPIO_AUTH_CHAP_MUTUAL },
	{}
};

static const struct choice bool_words[] = {
	{ "Yes", 1 }, { "No", 0 }, { "true", 1 }, { "false", 0 },
	{ "on", 1 }, { "off", 0 }, { "1", 1 }, { "0", 0 },
	{ "CRC32C", 1 }, { "None", 0 }, {}
};

#define KEY(name, heading, kind, member, ...) \
	{ name, heading, kind, offsetof(struct record, member), \
	  sizeof(((struct record *)0)->member), __VA_ARGS__ }

static const struct key keys[] = {
	KEY("TargetNodeAddress", "TARGET", KIND_NAME, login.target),
	KEY("TargetPortalAddress", "PORTAL", KIND_HOST, host),
	KEY("TargetPortalPortNumber", "PORT", KIND_NUMBER, port, NULL, 1,
	    65535),
	KEY("InitiatorNodeAddress", NULL, KIND_NAME, login.initiator),
	KEY("InitiatorPortalAddress", NULL, KIND_ADDRESS, login.source),
	KEY("InitiatorInterface", NULL, KIND_TEXT, login.iface),
	KEY("ISID", "ISID", KIND_ISID, login.isid),
	KEY("IsMultipathEnabled", "MULTIPATH", KIND_BOOL, login.multipath),
	KEY("IsDiscovered", NULL, KIND_BOOL, login.discovered),
	KEY("NoScan", NULL, KIND_BOOL, login.no_scan),
	KEY("AuthenticationType", "AUTH", KIND_WORD, login.auth, auth_words),
	KEY("ChapUsername", NULL, KIND_TEXT, login.user),
	KEY("TargetChapUsername", NULL, KIND_TEXT, login.user_in),
	KEY("ChapKey", NULL, KIND_TEXT, login.key),
	KEY("TargetChapKey", NULL, KIND_TEXT, login.key_in),
	KEY("IsHeaderDigest", NULL, KIND_YES_NO, login.header_digest),
	KEY("IsDataDigest", NULL, KIND_YES_NO, login.data_digest),
	KEY("InitialR2T", NULL, KIND_YES_NO, login.initial_r2t),
	KEY("ImmediateData", NULL, KIND_YES_NO, login.immediate_data),
	KEY("FirstBurstLength", NULL, KIND_NUMBER, login.first_burst, NULL,
	    512, 16777215),
	KEY("MaxBurstLength", NULL, KIND_NUMBER, login.max_burst, NULL, 512,
	    16777215),
	KEY("MaxRecvDataSegmentLength", NULL, KIND_NUMBER, login.max_recv_dsl,
	    NULL, 512, 16777215),
	KEY("MaxOutstandingR2T", NULL, KIND_NUMBER, login.max_r2t, NULL, 1,
	    8),
	KEY("LoadBalancePolicy", NULL, KIND_POLICY, login.policy),
	KEY("LoginAvoids", NULL, KIND_AVOID, login.avoid, avoid_words),
	KEY("PathWeights", NULL, KIND_WEIGHTS, login.path_weights),
	KEY("PreferredPaths", NULL, KIND_PREFERRED, login.preferred_paths),
	KEY("Startup", "STARTUP", KIND_WORD, startup, startup_words),
	{}
};

static const char *word_of(const struct choice *words, uint32_t value)
{
	for (; words->word; words++)
		if ((uint32_t)words->value == value)
			return words->word;
	return "unknown";
}

const char *startup_name(uint32_t startup)
{
	return word_of(startup_words, startup);
}

void record_init(struct record *record)
{
	memset(record, 0, sizeof(*record));
	login_init(&record->login);
	record->port = PORT_DEFAULT;
}

void record_free(struct record *record)
{
	login_free(&record->login);
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

static const char *avoid_text(uint32_t bits, char *text)
{
	const struct choice *c;

	*text = '\0';
	for (c = avoid_words; bits != UNSET && c->word; c++)
		if (bits & c->value)
			sprintf(text + strlen(text), "%s%s", *text ? "," : "",
				c->word);
	return *text ? text : NULL;
}

static int avoid_parse(const char *value, const struct choice *words,
		       uint32_t *bits)
{
	char word[32];
	size_t len;
	int bit, ret;

	for (*bits = 0; *value; value += len + !!value[len]) {
		len = strcspn(value, ",");
		if (len >= sizeof(word))
			return because(CODE_INVALID, "no such word");
		copy_text(word, len + 1, value);
		ret = parse_choice(word, words, &bit);
		if (ret)
			return ret;
		*bits |= bit;
	}
	return 0;
}

/* Text of a value; NULL when it is not set. @text holds 256 bytes. */
static const char *value_text(const struct key *key,
			      const struct record *record, char *text)
{
	const void *at = (const char *)record + key->offset;
	uint32_t number = key->size == 4 ? *(const uint32_t *)at : 0;

	switch (key->kind) {
	case KIND_TEXT:
	case KIND_NAME:
	case KIND_HOST:
	case KIND_WEIGHTS:
	case KIND_PREFERRED:
		return *(const char *)at ? at : NULL;
	case KIND_ADDRESS:
		address_text(at, text);
		return *text ? text : NULL;
	case KIND_ISID:
		isid_text(at, text);
		return text;
	case KIND_BOOL:
		return *(const bool *)at ? "Yes" : "No";
	case KIND_YES_NO:
		return number == UNSET ? NULL : number ? "Yes" : "No";
	case KIND_WORD:
		return word_of(key->words, number);
	case KIND_POLICY:
		return number == UNSET ? NULL : policy_name(number);
	case KIND_AVOID:
		return avoid_text(number, text);
	default:
		snprintf(text, 16, "%u", number);
		return number == UNSET ? NULL : text;
	}
}

static int plain_text(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return because(CODE_INVALID,
				       "control characters are not allowed");
	return 0;
}

static int text_value(void *at, size_t size, const char *value)
{
	if (strlen(value) >= size)
		return because(CODE_INVALID, "more than %zu characters",
			       size - 1);
	if (plain_text(value))
		return CODE_INVALID;
	copy_text(at, size, value);
	return 0;
}

static int host_value(void *at, const char *value)
{
	struct mpio_portal portal;
	int ret = portal_parse(value, &portal);

	if (!ret && portal.has_port)
		ret = because(CODE_INVALID,
			      "give the port as TargetPortalPortNumber");
	if (!ret)
		mpio_host_format(&portal, at);
	return ret;
}

static int lun_value(enum lun_text kind, void *at, const char *value)
{
	char text[LUN_TEXT_MAX + 1];
	struct lun_map map;
	int ret = lun_map_parse(value, kind, &map);

	if (!ret)
		ret = lun_map_text(&map, text);
	if (!ret)
		memcpy(at, text, sizeof(text));
	lun_map_free(&map);
	return ret;
}

/* "KEY=": as if it had never been said; false when it must be said. */
static bool unset_value(const struct key *key, void *at)
{
	switch (key->kind) {
	case KIND_BOOL:
		*(bool *)at = false;
		return true;
	case KIND_NUMBER:
		*(uint32_t *)at = key->offset == offsetof(struct record, port) ?
				  PORT_DEFAULT : UNSET;
		return true;
	case KIND_YES_NO:
	case KIND_POLICY:
		*(uint32_t *)at = UNSET;
		return true;
	case KIND_WORD:
		*(uint32_t *)at = key->words->value;
		return true;
	default:
		return false;
	}
}

static int set_value(const struct key *key, struct record *record,
		     const char *value)
{
	void *at = (char *)record + key->offset;
	int64_t number;
	int word, ret;

	if (!*value && unset_value(key, at))
		return 0;
	switch (key->kind) {
	case KIND_TEXT:
		return text_value(at, key->size, value);
	case KIND_NAME:
		return name_parse(value, at);
	case KIND_HOST:
		return host_value(at, value);
	case KIND_ADDRESS:
		if (*value)
			return address_parse(value, at);
		memset(at, 0, key->size);
		return 0;
	case KIND_ISID:
		return isid_parse(value, at);
	case KIND_POLICY:
		return policy_parse(value, at);
	case KIND_AVOID:
		return avoid_parse(value, key->words, at);
	case KIND_WEIGHTS:
		return lun_value(LUN_WEIGHTS, at, value);
	case KIND_PREFERRED:
		return lun_value(LUN_PREFERRED, at, value);
	case KIND_NUMBER:
		ret = parse_number(value, key->min, key->max, &number);
		if (!ret)
			*(uint32_t *)at = number;
		return ret;
	default:
		ret = parse_choice(value, key->words ? key->words : bool_words,
				   &word);
		if (!ret && key->kind == KIND_BOOL)
			*(bool *)at = word;
		else if (!ret)
			*(uint32_t *)at = word;
		return ret;
	}
}

static const struct key *find_key(const char *name)
{
	const struct key *key;

	for (key = keys; key->name; key++)
		if (!strcasecmp(key->name, name))
			return key;
	return NULL;
}

bool record_value(const struct record *record, const char *name, char *text)
{
	const struct key *key = find_key(name);
	unsigned int attr = setting_find(name);
	const char *value = NULL;
	char buffer[256];
	uint32_t number;

	if (key) {
		value = value_text(key, record, buffer);
	} else if (attr) {
		number = record->login.settings.value[attr];
		if (number != UNSET)
			value = setting_text(attr, number, buffer);
	}
	return value && copy_text(text, sizeof(buffer), value);
}

static int assign(struct record *record, const char *name, const char *value,
		  bool *known)
{
	const struct key *key = find_key(name);
	unsigned int attr = setting_find(name);

	*known = key || attr;
	if (key)
		return set_value(key, record, value);
	return attr ? setting_parse(&record->login.settings, attr, value) : 0;
}

int record_assign(struct record *record, const char *pair, bool force)
{
	char name[64];
	const char *equals = strchr(pair, '=');
	struct nearest near = { .word = name };
	const struct key *key;
	bool known;
	int ret;

	if (!equals || (size_t)(equals - pair) >= sizeof(name))
		return because(CODE_INVALID, "give KEY=VALUE");
	copy_text(name, equals - pair + 1, pair);
	if (!strcasecmp(name, "Host"))
		return because(CODE_INVALID, "say TargetPortalAddress");
	ret = assign(record, name, equals + 1, &known);
	if (known && !ret && !force && setting_find(name))
		ret = setting_doubt(&record->login.settings,
				    setting_find(name));
	if (known)
		return ret;
	for (key = keys; key->name; key++)
		nearest_offer(&near, key->name);
	return because(CODE_INVALID, "records have no key \"%s\"%s", name,
		       nearest_hint(&near));
}

int record_options(struct record *record, const struct strlist *pairs,
		   bool force, const char *source, const char *iface)
{
	struct login *login = &record->login;
	size_t i;
	int ret;

	for (i = 0; i < pairs->count; i++) {
		ret = record_assign(record, pairs->item[i], force);
		if (ret)
			return ret;
	}
	if (source && address_parse(source, &login->source))
		return CODE_INVALID;
	if (iface && !copy_text(login->iface, sizeof(login->iface), iface))
		return because(CODE_INVALID,
			       "an interface name has at most %d characters",
			       MPIO_IFACE_MAX);
	return 0;
}

char *record_path(const char *id)
{
	return root_path(RECORD_DIR "/%s" SUFFIX, id);
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
		if (assign(record, kv->pair[i].key, kv->pair[i].value,
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
	while (lines_next(&lines, &key, &value)) {
		if (!strcmp(key, "Version") || !strcmp(key, "Checksum"))
			continue;
		if (!assign(record, key, value, &known) && known)
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

int records_load(struct record_list *list)
{
	char *dir = root_path(RECORD_DIR);
	struct strlist names = {};
	size_t i;
	int ret;

	memset(list, 0, sizeof(*list));
	ret = dir_list(dir, SUFFIX, &names);
	for (i = 0; i < names.count; i++)
		load_one(list, dir, names.item[i]);
	strlist_free(&names);
	free(dir);
	return ret;
}

void records_complain(const struct record_list *list)
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
	if (is_number(id))
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
		ret = random_bytes(&random, sizeof(random));
		if (ret)
			return ret;
		snprintf(record->id, sizeof(record->id), "%08x", random);
		/* All digits would be a session's number. */
		taken = is_number(record->id);
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
	const struct key *key;
	char text[256], *path;
	const char *value;
	unsigned int i;
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
	for (key = keys; key->name; key++) {
		value = value_text(key, record, text);
		if (value)
			kv_put(&lines, key->name, "%s", value);
	}
	for (i = 1; i <= MPIO_TA_MAX; i++) {
		uint32_t number = record->login.settings.value[i];

		if (number != UNSET)
			kv_put(&lines, setting_name(i), "%s",
			       setting_text(i, number, text));
	}
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
	secrets_wipe(&all);
	return ret;
}

int record_check(const struct record *record, const struct secrets *given)
{
	int ret = check_values(record);

	return ret ? ret : check_auth(record, given);
}

void record_print(const struct record *record)
{
	const struct key *key;
	const char *value;
	char text[256];

	for (key = keys; key->name; key++) {
		value = value_text(key, record, text);
		if (key->kind == KIND_BOOL)
			print_bool(key->name, key->heading, *value == 'Y');
		else if (key->kind == KIND_YES_NO && value)
			print_bool(key->name, key->heading, *value == 'Y');
		else if (key->kind == KIND_NUMBER && value)
			print_u64(key->name, key->heading,
				  *(const uint32_t *)((const char *)record +
						      key->offset));
		else if (value || (key->kind != KIND_YES_NO &&
				   key->kind != KIND_NUMBER))
			print_str(key->name, key->heading, value ? value : "");
	}
	settings_print(&record->login.settings);
}

bool login_same_source(const struct login *a, const struct login *b)
{
	return !strcmp(a->iface, b->iface) &&
	       address_same(&a->source, &b->source);
}

bool record_same_way(const struct record *a, const struct record *b)
{
	return a->port == b->port && !strcmp(a->host, b->host) &&
	       !mpio_name_compare(a->login.target, b->login.target) &&
	       login_same_source(&a->login, &b->login);
}

int record_portal(const struct record *record, struct mpio_portal *portal)
{
	int ret = portal_parse(record->host, portal);

	portal->port = record->port;
	portal->has_port = true;
	return ret;
}
