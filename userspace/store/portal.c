// SPDX-License-Identifier: GPL-2.0
/* The store of portals and of the targets behind them. */
#include "store/portal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/args.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "store/kv.h"
#include "store/secret.h"

#define PORTAL_DIR	CONFIG_DIR "/portals"
#define SUFFIX		".conf"
#define STATIC_FILE	"static"

void portal_init(struct portal *portal)
{
	memset(portal, 0, sizeof(*portal));
	portal->header_digest = UNSET;
	portal->data_digest = UNSET;
}

void portal_free(struct portal *portal)
{
	free(portal->file);
	free(portal->target);
}

void portal_list_free(struct portal_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		portal_free(&list->item[i]);
	free(list->item);
	memset(list, 0, sizeof(*list));
}

void portal_add_target(struct portal *portal, const char *name,
		       const struct mpio_portal *at)
{
	struct known_target *target;

	/* Grows by doubling: an answer may name thousands of targets. */
	if (!(portal->targets & (portal->targets - 1)))
		portal->target = xrealloc(portal->target,
					  portal->targets ?
					  portal->targets * 2 : 1,
					  sizeof(*portal->target));
	target = &portal->target[portal->targets++];
	memset(target, 0, sizeof(*target));
	copy_text(target->name, sizeof(target->name), name);
	target->portal = *at;
}

void portal_name(struct portal *portal)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1], *to;
	const char *s;

	mpio_portal_format(&portal->portal, false, text);
	portal->file = xcalloc(1, 3 * strlen(text) + 1);
	to = portal->file;
	for (s = text; *s; s++) {
		if (isalnum((unsigned char)*s) || *s == '.' || *s == '-')
			*to++ = *s;
		else
			to += sprintf(to, "_%02x", (unsigned char)*s);
	}
}

void portal_name_static(struct portal *portal)
{
	portal->file = xstrdup(STATIC_FILE);
	portal->is_static = true;
}

static char *portal_path(const struct portal *portal)
{
	return file_root_path(PORTAL_DIR "/%s" SUFFIX, portal->file);
}

static void put_yes_no(struct strlist *lines, const char *key, uint32_t value)
{
	if (value != UNSET)
		kv_put(lines, key, "%s", value ? "Yes" : "No");
}

static void put_text(struct strlist *lines, const char *key, const char *text)
{
	if (*text)
		kv_put(lines, key, "%s", text);
}

static void put_portal(const struct portal *portal, struct strlist *lines)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	size_t i;

	if (!portal->is_static) {
		mpio_host_format(&portal->portal, text);
		kv_put(lines, "TargetPortalAddress", "%s", text);
		kv_put(lines, "TargetPortalPortNumber", "%u",
		       portal->portal.port);
		put_text(lines, "InitiatorPortalAddress",
			 address_text(&portal->source, text));
		put_text(lines, "InitiatorInterface", portal->iface);
		put_yes_no(lines, "IsHeaderDigest", portal->header_digest);
		put_yes_no(lines, "IsDataDigest", portal->data_digest);
		if (portal->isns)
			kv_put(lines, "Protocol", "iSNS");
		kv_put(lines, "AuthenticationType", "%s",
		       model_auth_name(portal->auth));
		put_text(lines, "ChapUsername", portal->user);
		put_text(lines, "TargetChapUsername", portal->user_in);
	}
	for (i = 0; i < portal->targets; i++) {
		mpio_portal_format(&portal->target[i].portal, true, text);
		kv_put(lines, "Target", "%s %s", portal->target[i].name, text);
	}
}

static int save_secret(const struct portal *portal, const char *suffix,
		       const uint8_t *secret, uint32_t len)
{
	char *name;
	int ret;

	if (!len)
		return 0;
	name = xasprintf("portal-%s.%s", portal->file, suffix);
	ret = secret_store(name, secret, len);
	free(name);
	return ret;
}

static int forget_secret(const struct portal *portal, const char *suffix)
{
	char *name = xasprintf("portal-%s.%s", portal->file, suffix);
	int ret = secret_forget(name);

	free(name);
	return ret;
}

/* What was stored for a way to authenticate that is not used any more. */
static int forget_unused(const struct portal *portal)
{
	int ret = 0;

	if (portal->auth == MPIO_AUTH_NONE)
		ret = forget_secret(portal, "chap");
	if (!ret && portal->auth != MPIO_AUTH_CHAP_MUTUAL)
		ret = forget_secret(portal, "mutual");
	return ret;
}

int portal_save(const struct portal *portal, const struct secrets *secrets)
{
	struct strlist lines = {};
	char *path;
	int ret = 0;

	if (secrets)
		ret = save_secret(portal, "chap", secrets->out,
				  secrets->out_len);
	if (secrets && !ret)
		ret = save_secret(portal, "mutual", secrets->in,
				  secrets->in_len);
	if (ret)
		return ret;
	put_portal(portal, &lines);
	path = portal_path(portal);
	ret = kv_save(path, "iscsi-mpio portal", &lines);
	free(path);
	return ret || !secrets ? ret : forget_unused(portal);
}

int portal_forget(const struct portal *portal)
{
	char *path = portal_path(portal);
	int ret = file_remove(path);

	free(path);
	if (ret)
		return ret;
	ret = forget_secret(portal, "chap");
	return first_code(ret, forget_secret(portal, "mutual"));
}

int portal_secrets(const struct portal *portal, struct secrets *secrets)
{
	char *name;
	int ret;

	memset(secrets, 0, sizeof(*secrets));
	if (portal->auth == MPIO_AUTH_NONE)
		return 0;
	name = xasprintf("portal-%s.chap", portal->file);
	ret = secret_load(name, secrets->out, &secrets->out_len);
	free(name);
	if (!ret && !secrets->out_len)
		ret = because(CODE_AUTH, "its CHAP secret is not stored");
	if (ret || portal->auth != MPIO_AUTH_CHAP_MUTUAL)
		return ret;
	name = xasprintf("portal-%s.mutual", portal->file);
	ret = secret_load(name, secrets->in, &secrets->in_len);
	free(name);
	if (!ret && !secrets->in_len)
		ret = secret_load(SECRET_INITIATOR, secrets->in,
				  &secrets->in_len);
	return ret;
}

static int take_target(struct portal *portal, const char *value)
{
	const char *space = strchr(value, ' ');
	char name[MPIO_NAME_MAX + 1];
	struct mpio_portal at;

	if (!space || (size_t)(space - value) > MPIO_NAME_MAX)
		return because(CODE_STORE, "bad Target line");
	copy_text(name, space - value + 1, value);
	if (address_parse_portal(space + 1, &at) || address_parse_name(name, name))
		return CODE_STORE;
	portal_add_target(portal, name, &at);
	return 0;
}

static const struct choice auth_words[] = {
	{ "NONE", MPIO_AUTH_NONE }, { "ONEWAYCHAP", MPIO_AUTH_CHAP },
	{ "MUTUALCHAP", MPIO_AUTH_CHAP_MUTUAL }, {}
};

static const struct choice yes_no_words[] = {
	{ "Yes", 1 }, { "No", 0 }, {}
};

/* One of @words, *@to as it is when there is no such key. */
static int take_word(const struct kv *kv, const char *key,
		     const struct choice *words, uint32_t *to)
{
	const char *text = kv_get(kv, key);
	int value, ret;

	ret = text ? args_choice(text, words, &value) : 0;
	if (text && !ret)
		*to = value;
	return ret ? CODE_STORE : 0;
}

/* Keys of what people have edited are right, or they meant something else. */
static int check_keys(const struct kv *kv)
{
	static const char *const keys[] = {
		"Version", "TargetPortalAddress", "TargetPortalPortNumber",
		"InitiatorPortalAddress", "InitiatorInterface",
		"IsHeaderDigest", "IsDataDigest", "Protocol",
		"AuthenticationType", "ChapUsername", "TargetChapUsername",
		"Target",
	};
	size_t i, j;

	for (i = 0; i < kv->count && kv->edited; i++) {
		for (j = 0; j < ARRAY_SIZE(keys); j++)
			if (!strcmp(kv->pair[i].key, keys[j]))
				break;
		if (j == ARRAY_SIZE(keys))
			return because(CODE_STORE,
				       "it was edited, and there is no key %s",
				       kv->pair[i].key);
	}
	return 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int take_portal(struct portal *portal, const struct kv *kv)
{
	const char *host = kv_get(kv, "TargetPortalAddress");
	const char *port = kv_get(kv, "TargetPortalPortNumber");
	const char *source = kv_get(kv, "InitiatorPortalAddress");
	int64_t number;
	size_t i;

	if (check_keys(kv))
		return CODE_STORE;
	if (!portal->is_static) {
		if (!host || !port)
			return because(CODE_STORE, "it names no portal");
		if (address_parse_portal(host, &portal->portal))
			return CODE_STORE;
		if (args_number(port, 1, 65535, &number))
			return CODE_STORE;
		portal->portal.port = number;
		portal->portal.has_port = true;
	}
	portal->isns = !strcmp(or_empty(kv_get(kv, "Protocol")), "iSNS");
	if (source && address_parse(source, &portal->source))
		return CODE_STORE;
	copy_text(portal->iface, sizeof(portal->iface),
		  or_empty(kv_get(kv, "InitiatorInterface")));
	if (take_word(kv, "IsHeaderDigest", yes_no_words,
		      &portal->header_digest) ||
	    take_word(kv, "IsDataDigest", yes_no_words,
		      &portal->data_digest) ||
	    take_word(kv, "AuthenticationType", auth_words, &portal->auth))
		return CODE_STORE;
	copy_text(portal->user, sizeof(portal->user),
		  or_empty(kv_get(kv, "ChapUsername")));
	copy_text(portal->user_in, sizeof(portal->user_in),
		  or_empty(kv_get(kv, "TargetChapUsername")));
	for (i = 0; i < kv->count; i++)
		if (!strcmp(kv->pair[i].key, "Target") &&
		    take_target(portal, kv->pair[i].value))
			return CODE_STORE;
	return 0;
}

static int load_one(struct portal *portal, const char *name)
{
	struct kv kv;
	char *path;
	int ret;

	portal_init(portal);
	portal->file = xstrdup(name);
	portal->file[strlen(name) - strlen(SUFFIX)] = '\0';
	portal->is_static = !strcmp(portal->file, STATIC_FILE);
	path = portal_path(portal);
	ret = kv_load(path, &kv);
	free(path);
	if (ret)
		return ret;
	ret = take_portal(portal, &kv);
	if (!ret && kv.edited)
		verbose("portal file %s was edited by hand, and is valid",
			name);
	kv_free(&kv);
	return ret;
}

int portal_load_all(struct portal_list *list)
{
	char *dir = file_root_path(PORTAL_DIR);
	struct strlist names = {};
	struct portal portal;
	size_t i;
	int ret;

	memset(list, 0, sizeof(*list));
	ret = file_list_dir(dir, SUFFIX, &names);
	for (i = 0; i < names.count; i++) {
		if (load_one(&portal, names.item[i])) {
			note("portal file %s/%s is corrupt: %s", dir,
			     names.item[i], why());
			list->static_damaged |= portal.is_static;
			portal_free(&portal);
			continue;
		}
		list->item = xrealloc(list->item, list->count + 1,
				      sizeof(*list->item));
		list->item[list->count++] = portal;
	}
	strlist_free(&names);
	free(dir);
	return ret;
}

struct portal *portal_find(const struct portal_list *list,
			   const struct mpio_portal *portal)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!list->item[i].is_static &&
		    mpio_portal_equal(&list->item[i].portal, portal))
			return &list->item[i];
	return NULL;
}

void portal_target_spelling(const struct portal_list *list, char *name)
{
	const struct known_target *known, *other = NULL;
	size_t i, j;

	for (i = 0; i < list->count; i++)
		for (j = 0; j < list->item[i].targets; j++) {
			known = &list->item[i].target[j];
			if (mpio_name_compare(known->name, name))
				continue;
			/* what the target says goes before what was typed */
			if (!other || !list->item[i].is_static)
				other = known;
			if (!list->item[i].is_static &&
			    !strcmp(known->name, name))
				return;
		}
	if (other)
		memcpy(name, other->name, sizeof(other->name));
}

size_t portal_target_portals(const struct portal_list *list, const char *target,
			     struct mpio_portal **at)
{
	const struct known_target *known;
	size_t i, j, k, count = 0;

	*at = NULL;
	for (i = 0; i < list->count; i++)
		for (j = 0; j < list->item[i].targets; j++) {
			known = &list->item[i].target[j];
			if (mpio_name_compare(known->name, target))
				continue;
			for (k = 0; k < count; k++)
				if (mpio_portal_equal(&(*at)[k],
						      &known->portal))
					break;
			if (k < count)
				continue;
			*at = xrealloc(*at, count + 1, sizeof(**at));
			(*at)[count++] = known->portal;
		}
	return count;
}
