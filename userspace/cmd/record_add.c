// SPDX-License-Identifier: GPL-2.0
/* record add, connect: records without a session, sessions from a record */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/auth.h"
#include "flow/connect.h"
#include "flow/session.h"
#include "flow/show.h"
#include "module/kernel.h"
#include "store/config.h"
#include "store/match.h"
#include "store/portal.h"
#include "store/record_key.h"
#include "store/settings.h"

struct add_options {
	struct strlist portals;
	struct strlist set;
	struct auth_options auth;
	int multipath;
	int startup;
	const char *source;
	const char *iface;
	bool if_missing;
	bool force;
};

static const struct option add_options[] = {
	{ "portal", OPT_LIST, offsetof(struct add_options, portals),
	  "ADDR[:PORT]",
	  "through this portal (repeatable; default: all that are known)" },
	{ "multipath", OPT_TRISTATE, offsetof(struct add_options, multipath),
	  "yes|no", "allow several sessions, merge the paths of a disk" },
	{ "startup", OPT_CHOICE, offsetof(struct add_options, startup),
	  "automatic|onboot|manual", "when restore brings it up",
	  record_key_startup_words },
	AUTH_OPTIONS(add_options, auth),
	KEY_OPTIONS(add_options, auth),
	{ "initiator-portal", OPT_STRING, offsetof(struct add_options, source),
	  "ADDR", "connect from this local address" },
	{ "iface", OPT_STRING, offsetof(struct add_options, iface), "NAME",
	  "connect through this network interface" },
	{ "set", OPT_LIST, offsetof(struct add_options, set), "KEY=VALUE",
	  "any other key of a record (repeatable)" },
	{ "if-missing", OPT_FLAG, offsetof(struct add_options, if_missing),
	  NULL, "leave portals alone that have such a record already" },
	{ "force", OPT_FLAG, offsetof(struct add_options, force), NULL,
	  "set times that are far too short, too" },
	{}
};

/* What all new records of one command have in common. */
struct adding {
	const struct add_options *o;
	struct record template;
	struct auth auth;
	struct mpio_portal *portal;
	size_t portals;
	struct record_list stored;
	struct session_list live;
};

static int take_options(struct adding *a)
{
	const struct add_options *o = a->o;
	struct login *login = &a->template.login;
	int ret = record_key_options(&a->template, &o->set, o->force, o->source,
				     o->iface);

	if (ret)
		return ret;
	if (o->multipath != -1)
		login->multipath = o->multipath;
	if (o->startup != -1)
		a->template.startup = o->startup;
	return 0;
}

static int find_portals(struct adding *a)
{
	const struct strlist *given = &a->o->portals;
	struct portal_list known;
	size_t i;
	int ret;

	if (!given->count) {
		ret = portal_load_all(&known);
		if (!ret)
			a->portals = portal_target_portals(&known,
							   a->template.login.target,
							   &a->portal);
		portal_list_free(&known);
		a->template.login.discovered = a->portals > 0;
		if (!ret && !a->portals)
			ret = because(CODE_NOT_FOUND,
				      "the target is not known: give --portal");
		return ret;
	}
	a->portal = xcalloc(given->count, sizeof(*a->portal));
	for (i = 0; i < given->count; i++)
		if (address_given_portal(given->item[i], &a->portal[a->portals++]))
			return CODE_INVALID;
	return 0;
}

static int prepare(struct adding *a, const char *target)
{
	struct login *login = &a->template.login;
	int ret;

	record_init(&a->template);
	ret = address_parse_name(target, login->target);
	if (!ret)
		ret = take_options(a);
	if (!ret && !login->initiator[0])
		ret = config_initiator(login->initiator);
	if (!ret)
		ret = auth_take(&a->o->auth, login->initiator, &a->auth);
	if (!ret && a->auth.type != MPIO_AUTH_NONE) {
		login->auth = a->auth.type;
		memcpy(login->user, a->auth.user, sizeof(login->user));
		memcpy(login->user_in, a->auth.user_in,
		       sizeof(login->user_in));
		memcpy(login->key, a->auth.key, sizeof(login->key));
		memcpy(login->key_in, a->auth.key_in, sizeof(login->key_in));
	}
	if (!ret)
		ret = find_portals(a);
	if (!ret && a->portals > 1 && !login->multipath)
		ret = because(CODE_INVALID,
			      "several sessions to one target need --multipath");
	return ret;
}

/* The record that goes the same way already, or NULL. */
static const struct record *same_way(const struct adding *a,
				     const struct record *record)
{
	const struct record *r;
	size_t i;

	for (i = 0; i < a->stored.count; i++) {
		r = &a->stored.item[i];
		if (!r->damage && record_same_way(r, record))
			return r;
	}
	return NULL;
}

/* Must the ISID be chosen, or was it given? */
static bool has_isid(const struct record *record)
{
	static const uint8_t none[MPIO_ISID_LEN];

	return memcmp(record->login.isid, none, sizeof(none));
}

static int add_one(struct adding *a, const struct mpio_portal *portal)
{
	struct secrets own = auth_own_secrets(&a->auth);
	struct record record = a->template;
	const struct record *there;
	int ret = 0;

	mpio_host_format(portal, record.host);
	record.port = portal->port;
	there = a->o->if_missing ? same_way(a, &record) : NULL;
	if (!there && !has_isid(&record))
		ret = connect_isid_choose_beside(record.login.target, &a->live,
						 &a->stored, record.login.isid);
	if (!there && !ret)
		ret = record_beside(&record, &a->stored);
	if (!there && !ret)
		ret = record_new_id(&record);
	if (!there && !ret)
		ret = record_check(&record, &own);
	if (!there && !ret)
		ret = record_save(&record, &own);
	model_secrets_wipe(&own);
	if (ret)
		return ret;
	print_row();
	print_str("RecordIdentifier", "RECORD", there ? there->id : record.id);
	show_record(there ? there : &record);
	return 0;
}

static int add_all(struct adding *a)
{
	size_t i;
	int ret;

	ret = record_load_all(&a->stored);
	if (!ret && !kernel_open_loaded())
		ret = kernel_get_sessions(&a->live);
	if (ret)
		return ret;
	print_open(PRINT_TABLE);
	for (i = 0; i < a->portals && !ret; i++)
		ret = add_one(a, &a->portal[i]);
	print_close();
	return ret;
}

static int record_add(const struct strlist *operands, const void *options)
{
	struct adding a = { .o = options };
	int ret;

	ret = prepare(&a, operands->item[0]);
	if (!ret)
		ret = file_lock_store();
	if (!ret) {
		ret = add_all(&a);
		file_unlock_store();
	}
	model_secrets_wipe(&a.auth.secrets);
	record_list_free(&a.stored);
	model_session_list_free(&a.live);
	record_free(&a.template);
	free(a.portal);
	return ret ? failed(ret, "cannot add a record of %s",
			    operands->item[0]) : 0;
}

/* Sessions of records that are named, whatever their Startup says. */
struct connecting {
	struct record_list stored;
	struct session_list live;
	struct attempt *attempt;
	struct secrets *secrets;
	uint32_t *id;
	size_t count;
};

/* Of several addresses of a name the first that answers will do. */
static int plan_login(struct attempt *a, const struct record *record,
		      struct secrets *secrets)
{
	struct mpio_portal portal;
	struct settings stored;
	uint32_t policy;
	int ret;

	ret = config_load(record->login.target, &stored, &policy);
	if (!ret)
		ret = match_record_login(record, &a->login, secrets);
	if (ret)
		return ret;
	settings_merge(&a->login.settings, &stored);
	if (a->login.policy == UNSET)
		a->login.policy = policy;
	a->address = xcalloc(ADDRESSES_MAX, sizeof(*a->address));
	a->secrets = secrets;
	ret = record_portal(record, &portal);
	if (!ret)
		ret = address_resolve_portal(&portal, a->address, &a->addresses);
	return ret;
}

static int connect_one(struct connecting *c, const char *name, size_t i)
{
	struct attempt *a = &c->attempt[i];
	const struct session *s;
	struct record *record;
	int ret;

	a->done = true;
	ret = record_find(&c->stored, name, &record);
	if (!ret && record->damage)
		ret = because(CODE_STORE, "it is corrupt: %s", record->damage);
	if (ret)
		return ret;
	s = match_record_session(record, &c->live);
	if (s) {
		c->id[i] = s->id;
		ret = session_adopt(s, record->id);
		if (!ret && s->state == MPIO_SESSION_STOPPED)
			ret = kernel_kick(s->id);
		return ret;
	}
	ret = plan_login(a, record, &c->secrets[i]);
	a->done = ret;
	return ret;
}

static int connect_all(struct connecting *c, const struct strlist *names)
{
	size_t i;
	int ret = 0, one;

	for (i = 0; i < names->count; i++) {
		one = connect_one(c, names->item[i], i);
		if (one)
			failed(one, "cannot connect record %s",
			       names->item[i]);
		ret = first_code(ret, one);
		if (!one && !c->attempt[i].done && options_given()->no_wait)
			connect_attempt_start(&c->attempt[i]);
	}
	if (!options_given()->no_wait)
		connect_attempts_wait(c->attempt, names->count);
	for (i = 0; i < names->count; i++) {
		struct attempt *a = &c->attempt[i];

		if (a->id)
			c->id[i] = a->id;
		if (!a->code)
			continue;
		because(a->code, "%s", a->why);
		ret = first_code(ret, failed(a->code,
					     "cannot connect record %s",
					     names->item[i]));
	}
	return first_code(ret, show_sessions(c->id, names->count));
}

static int record_connect(const struct strlist *operands, const void *options)
{
	struct connecting c = { .count = operands->count };
	size_t i;
	int ret;

	(void)options;
	c.attempt = xcalloc(c.count, sizeof(*c.attempt));
	c.secrets = xcalloc(c.count, sizeof(*c.secrets));
	c.id = xcalloc(c.count, sizeof(*c.id));
	ret = record_load_all(&c.stored);
	if (!ret)
		ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = kernel_get_sessions(&c.live);
	if (ret)
		failed(ret, "cannot connect records");
	else
		ret = connect_all(&c, operands);
	for (i = 0; i < c.count; i++) {
		model_secrets_wipe(&c.secrets[i]);
		if (c.attempt[i].address)
			strlist_free(&c.attempt[i].login.records);
		free(c.attempt[i].address);
	}
	free(c.attempt);
	free(c.secrets);
	free(c.id);
	model_session_list_free(&c.live);
	record_list_free(&c.stored);
	return ret;
}

const struct command record_add_commands[] = {
	{ "record", "add", "IQN", 1, 1, add_options,
	  sizeof(struct add_options), record_add,
	  "store a record without logging in", "NodeAddress",
	  .columns = "RECORD TARGET PORTAL STARTUP" },
	{ "record", "connect", "RECORD...", 1, 1024, NULL, 0, record_connect,
	  "log in as these records say, manual ones, too",
	  "RecordIdentifier", .columns = SESSION_COLUMNS },
	{}
};
