// SPDX-License-Identifier: GPL-2.0
/* The keys of a record: one table writes, reads, sets and prints. */
#include "store/record_key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/lun_map.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "module/ids.h"
#include "store/kv.h"
#include "store/settings.h"

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

const struct choice record_key_startup_words[] = {
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
	KEY("Startup", "STARTUP", KIND_WORD, startup, record_key_startup_words),
	{}
};

static const char *word_of(const struct choice *words, uint32_t value)
{
	for (; words->word; words++)
		if ((uint32_t)words->value == value)
			return words->word;
	return "unknown";
}

const char *record_key_startup_name(uint32_t startup)
{
	return word_of(record_key_startup_words, startup);
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
		ret = args_choice(word, words, &bit);
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
		ids_isid_text(at, text);
		return text;
	case KIND_BOOL:
		return *(const bool *)at ? "Yes" : "No";
	case KIND_YES_NO:
		return number == UNSET ? NULL : number ? "Yes" : "No";
	case KIND_WORD:
		return word_of(key->words, number);
	case KIND_POLICY:
		return number == UNSET ? NULL : model_policy_name(number);
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
	int ret = address_parse_portal(value, &portal);

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
				  RECORD_PORT : UNSET;
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
		return address_parse_name(value, at);
	case KIND_HOST:
		return host_value(at, value);
	case KIND_ADDRESS:
		if (*value)
			return address_parse(value, at);
		memset(at, 0, key->size);
		return 0;
	case KIND_ISID:
		return ids_isid_parse(value, at);
	case KIND_POLICY:
		return model_policy_parse(value, at);
	case KIND_AVOID:
		return avoid_parse(value, key->words, at);
	case KIND_WEIGHTS:
		return lun_value(LUN_WEIGHTS, at, value);
	case KIND_PREFERRED:
		return lun_value(LUN_PREFERRED, at, value);
	case KIND_NUMBER:
		ret = args_number(value, key->min, key->max, &number);
		if (!ret)
			*(uint32_t *)at = number;
		return ret;
	default:
		ret = args_choice(value, key->words ? key->words : bool_words,
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

bool record_key_value(const struct record *record, const char *name, char *text)
{
	const struct key *key = find_key(name);
	unsigned int attr = settings_find(name);
	const char *value = NULL;
	char buffer[256];
	uint32_t number;

	if (key) {
		value = value_text(key, record, buffer);
	} else if (attr) {
		number = record->login.settings.value[attr];
		if (number != UNSET)
			value = settings_text(attr, number, buffer);
	}
	return value && copy_text(text, sizeof(buffer), value);
}

int record_key_set(struct record *record, const char *name, const char *value,
		   bool *known)
{
	const struct key *key = find_key(name);
	unsigned int attr = settings_find(name);

	*known = key || attr;
	if (key)
		return set_value(key, record, value);
	return attr ? settings_parse(&record->login.settings, attr, value) : 0;
}

int record_key_assign(struct record *record, const char *pair, bool force)
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
	ret = record_key_set(record, name, equals + 1, &known);
	if (known && !ret && !force && settings_find(name))
		ret = settings_too_low(&record->login.settings,
				       settings_find(name));
	if (known)
		return ret;
	for (key = keys; key->name; key++)
		args_nearest_offer(&near, key->name);
	return because(CODE_INVALID, "records have no key \"%s\"%s", name,
		       args_nearest_text(&near));
}

int record_key_options(struct record *record, const struct strlist *pairs,
		       bool force, const char *source, const char *iface)
{
	struct login *login = &record->login;
	size_t i;
	int ret;

	for (i = 0; i < pairs->count; i++) {
		ret = record_key_assign(record, pairs->item[i], force);
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

void record_key_lines(const struct record *record, struct strlist *lines)
{
	const struct key *key;
	const char *value;
	unsigned int i;
	char text[256];
	uint32_t number;

	for (key = keys; key->name; key++) {
		value = value_text(key, record, text);
		if (value)
			kv_put(lines, key->name, "%s", value);
	}
	for (i = 1; i <= MPIO_TA_MAX; i++) {
		number = record->login.settings.value[i];
		if (number != UNSET)
			kv_put(lines, settings_name(i), "%s",
			       settings_text(i, number, text));
	}
}

bool record_key_at(const struct record *record, size_t index,
		   struct record_property *to)
{
	const struct key *key = &keys[index];
	const char *value;

	if (!key->name)
		return false;
	value = value_text(key, record, to->buffer);
	to->name = key->name;
	to->heading = key->heading;
	to->words = key->words;
	to->is_number = key->kind == KIND_NUMBER;
	to->is_bool = key->kind == KIND_BOOL || key->kind == KIND_YES_NO;
	to->given = value || (key->kind != KIND_YES_NO && !to->is_number);
	to->text = value ? value : "";
	return true;
}
