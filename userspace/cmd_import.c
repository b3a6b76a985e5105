// SPDX-License-Identifier: GPL-2.0
/*
 * import open-iscsi: node and discovery records of open-iscsi become records
 * and portals. What is here already stays as it is. export: our records.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "address.h"
#include "cmd.h"
#include "config.h"
#include "connect.h"
#include "file.h"
#include "portal.h"
#include "print.h"
#include "proto/chap.h"
#include "record.h"
#include "settings.h"

#define TREE_DEPTH	4
#define SESSIONS_MAX	32

struct import_options {
	bool dry_run;
};

static const struct option import_options[] = {
	{ "dry-run", OPT_FLAG, offsetof(struct import_options, dry_run),
	  NULL, "tell what would be done" },
	{}
};

/* One file of theirs. */
struct source {
	struct strlist keys, values;
};

struct import {
	bool dry_run;
	struct record_list stored;
	struct portal_list portals;
	struct strlist files;
};

/* Their key, ours, what it is unless somebody changed it, seconds to ms. */
static const struct mapping {
	const char *theirs, *ours, *usual;
	unsigned int scale;
} mappings[] = {
	{ "node.startup", "Startup", "", 0 },
	{ "iface.net_ifacename", "InitiatorInterface", "", 0 },
	{ "iface.ipaddress", "InitiatorPortalAddress", "", 0 },
	{ "iface.initiatorname", "InitiatorNodeAddress", "", 0 },
	{ "node.session.auth.username", "ChapUsername", "", 0 },
	{ "node.session.auth.username_in", "TargetChapUsername", "", 0 },
	{ "node.session.iscsi.InitialR2T", "InitialR2T", "No", 0 },
	{ "node.session.iscsi.ImmediateData", "ImmediateData", "Yes", 0 },
	{ "node.session.iscsi.FirstBurstLength", "FirstBurstLength",
	  "262144", 0 },
	{ "node.session.iscsi.MaxBurstLength", "MaxBurstLength", "16776192",
	  0 },
	{ "node.conn[0].iscsi.MaxRecvDataSegmentLength",
	  "MaxRecvDataSegmentLength", "262144", 0 },
	{ "node.session.queue_depth", "QueueDepth", "32", 0 },
	{ "node.session.timeo.replacement_timeout", "NoPathTimeout", "120",
	  1000 },
	{ "node.conn[0].timeo.login_timeout", "LoginTimeout", "15", 1000 },
	{ "node.conn[0].timeo.noop_out_interval", "NopInterval", "5", 1000 },
	{ "node.conn[0].timeo.noop_out_timeout", "NopTimeout", "5", 1000 },
	{}
};

static const char *get(const struct source *s, const char *key)
{
	size_t i;

	for (i = 0; i < s->keys.count; i++)
		if (!strcmp(s->keys.item[i], key) &&
		    strcmp(s->values.item[i], "<empty>") &&
		    strcmp(s->values.item[i], "default"))
			return s->values.item[i];
	return "";
}

static void source_free(struct source *s)
{
	size_t i;

	for (i = 0; i < s->values.count; i++)
		explicit_bzero(s->values.item[i], strlen(s->values.item[i]));
	strlist_free(&s->keys);
	strlist_free(&s->values);
}

static int source_read(const char *path, struct source *s)
{
	struct lines lines;
	char *text, *key, *value;
	size_t len;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = file_read(path, &text, &len);
	if (ret)
		return because_errno(-ret, "cannot read %s", path);
	lines.next = text;
	while (lines_next(&lines, &key, &value)) {
		strlist_add(&s->keys, key);
		strlist_add(&s->values, value);
	}
	explicit_bzero(text, len);
	free(text);
	return 0;
}

static void find_files(const char *dir, int depth, struct strlist *files)
{
	struct dirent *entry;
	struct stat st;
	DIR *d = opendir(dir);
	char *path;

	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s", dir, entry->d_name);
		if (!stat(path, &st) && S_ISREG(st.st_mode))
			strlist_add(files, path);
		else if (depth && S_ISDIR(st.st_mode))
			find_files(path, depth - 1, files);
		free(path);
	}
	if (d)
		closedir(d);
}

static int take_mapping(const struct source *s, const struct mapping *m,
			struct record *record)
{
	const char *value = get(s, m->theirs);
	char *pair;
	int ret;

	if (!*value || !strcasecmp(value, m->usual))
		return 0;
	if (m->scale && atol(value) <= 0 && !strcmp(m->ours, "NoPathTimeout"))
		pair = xasprintf("%s=%s", m->ours,
				 *value == '-' ? "infinite" : "0");
	else if (m->scale)
		pair = xasprintf("%s=%ld", m->ours, atol(value) * m->scale);
	else
		pair = xasprintf("%s=%s", m->ours, value);
	ret = record_assign(record, pair);
	free(pair);
	return ret;
}

static int take_secret(const char *text, uint8_t *out, uint32_t *len)
{
	const char *reason = NULL;

	if (!*text)
		return 0;
	if (mpio_secret_parse(text, strlen(text), out, len, &reason))
		return because(CODE_INVALID, "%s", reason);
	return 0;
}

/* @prefix: node.session or discovery.sendtargets */
static int take_chap(const struct source *s, const char *prefix,
		     uint32_t *auth, struct secrets *secrets)
{
	char key[96];
	int ret;

	*auth = MPIO_AUTH_NONE;
	memset(secrets, 0, sizeof(*secrets));
	snprintf(key, sizeof(key), "%s.auth.authmethod", prefix);
	if (strcasecmp(get(s, key), "CHAP"))
		return 0;
	snprintf(key, sizeof(key), "%s.auth.password", prefix);
	ret = take_secret(get(s, key), secrets->out, &secrets->out_len);
	snprintf(key, sizeof(key), "%s.auth.password_in", prefix);
	if (!ret)
		ret = take_secret(get(s, key), secrets->in, &secrets->in_len);
	if (!ret && !secrets->out_len)
		ret = because(CODE_INVALID, "CHAP without a password");
	*auth = secrets->in_len ? MPIO_AUTH_CHAP_MUTUAL : MPIO_AUTH_CHAP;
	return ret;
}

static void take_digest(const struct source *s, const char *key,
			uint32_t *digest)
{
	if (!strncasecmp(get(s, key), "CRC32C", 6))
		*digest = MPIO_DIGEST_CRC32C;
}

static int take_node(const struct source *s, struct record *record,
		     struct secrets *secrets)
{
	const char *transport = get(s, "iface.transport_name");
	const char *port = get(s, "node.conn[0].port");
	const struct mapping *m;
	struct mpio_portal at;
	int ret;

	record_init(record);
	if (*transport && strcmp(transport, "tcp"))
		return because(CODE_UNSUPPORTED,
			       "transport %s has no equivalent", transport);
	ret = name_parse(get(s, "node.name"), record->login.target);
	if (!ret)
		ret = portal_parse(get(s, "node.conn[0].address"), &at);
	if (ret)
		return ret;
	mpio_host_format(&at, record->host);
	record->port = *port ? atoi(port) : 3260;
	record->login.discovered = !strcmp(get(s, "node.discovery_type"),
					   "send_targets");
	for (m = mappings; m->theirs && !ret; m++)
		ret = take_mapping(s, m, record);
	take_digest(s, "node.conn[0].iscsi.HeaderDigest",
		    &record->login.header_digest);
	take_digest(s, "node.conn[0].iscsi.DataDigest",
		    &record->login.data_digest);
	if (!ret)
		ret = take_chap(s, "node.session", &record->login.auth,
				secrets);
	if (!ret && !record->login.initiator[0])
		ret = initiator_name(record->login.initiator);
	if (record->login.auth && !record->login.user[0])
		copy_text(record->login.user, sizeof(record->login.user),
			  record->login.initiator);
	return ret;
}

static bool is_stored(const struct import *im, const struct record *record)
{
	const struct record *r;
	size_t i;

	for (i = 0; i < im->stored.count; i++) {
		r = &im->stored.item[i];
		if (!strcmp(r->login.target, record->login.target) &&
		    !strcmp(r->host, record->host) &&
		    r->port == record->port &&
		    !strcmp(r->login.iface, record->login.iface) &&
		    address_same(&r->login.source, &record->login.source))
			return true;
	}
	return false;
}

static void say(const char *what, const char *name, const char *at,
		uint32_t port, const char *result)
{
	print_row();
	print_str("Kind", "KIND", what);
	print_str("TargetNodeAddress", "TARGET", name);
	print_str("TargetPortalAddress", "PORTAL", at);
	print_u64("TargetPortalPortNumber", "PORT", port);
	print_str("Result", "RESULT", result);
}

/* Several portals or sessions of a target are paths of its disks. */
static bool has_siblings(const struct import *im, const char *target)
{
	char *part = xasprintf("/%s/", target);
	size_t i, count = 0;

	for (i = 0; i < im->files.count; i++)
		count += strstr(im->files.item[i], part) &&
			 strstr(im->files.item[i], "/nodes/");
	free(part);
	return count > 1;
}

static int save_node(struct import *im, struct record *record,
		     const struct secrets *secrets, int count)
{
	struct session_list none = {};
	int i, ret = 0;

	for (i = 0; i < count && !ret; i++) {
		ret = isid_choose(record->login.target, &none,
				  record->login.isid);
		if (!ret)
			ret = record_new_id(record);
		if (!ret && !im->dry_run)
			ret = record_save(record, secrets);
	}
	return ret;
}

static int import_node(struct import *im, const char *path,
		       const struct source *s)
{
	struct secrets secrets = {};
	struct record record;
	int ret, count;

	ret = take_node(s, &record, &secrets);
	if (ret)
		return failed(ret, "%s is not imported", path);
	count = atoi(get(s, "node.session.nr_sessions"));
	count = count < 1 ? 1 : count > SESSIONS_MAX ? SESSIONS_MAX : count;
	record.login.multipath = count > 1 ||
				 has_siblings(im, record.login.target);
	if (is_stored(im, &record)) {
		say("record", record.login.target, record.host, record.port,
		    "there already");
		return 0;
	}
	ret = save_node(im, &record, &secrets, count);
	secrets_wipe(&secrets);
	if (ret)
		return failed(ret, "%s is not imported", path);
	say("record", record.login.target, record.host, record.port,
	    im->dry_run ? "would be imported" : "imported");
	return 0;
}

static int take_portal(const struct source *s, struct portal *portal,
		       struct secrets *secrets)
{
	const char *port = get(s, "discovery.sendtargets.port");
	int ret;

	portal_init(portal);
	ret = portal_parse(get(s, "discovery.sendtargets.address"),
			   &portal->portal);
	if (!ret)
		ret = take_chap(s, "discovery.sendtargets", &portal->auth,
				secrets);
	if (!ret && portal->auth)
		ret = initiator_name(portal->user);
	if (ret)
		return ret;
	portal->portal.port = *port ? atoi(port) : 3260;
	if (*get(s, "discovery.sendtargets.auth.username"))
		copy_text(portal->user, sizeof(portal->user),
			  get(s, "discovery.sendtargets.auth.username"));
	copy_text(portal->user_in, sizeof(portal->user_in),
		  get(s, "discovery.sendtargets.auth.username_in"));
	portal_name(portal);
	return 0;
}

static int import_portal(struct import *im, const char *path,
			 const struct source *s)
{
	struct secrets secrets = {};
	struct portal portal;
	bool there;
	int ret;

	ret = take_portal(s, &portal, &secrets);
	there = !ret && portal_find(&im->portals, &portal.portal);
	if (!ret && !there && !im->dry_run)
		ret = portal_save(&portal, &secrets);
	secrets_wipe(&secrets);
	if (ret)
		failed(ret, "%s is not imported", path);
	else
		say("portal", "", portal.portal.host, portal.portal.port,
		    there ? "there already" : im->dry_run ?
		    "would be imported" : "imported");
	portal_free(&portal);
	return ret;
}

static int import_file(struct import *im, const char *path)
{
	struct source s;
	int ret;

	ret = source_read(path, &s);
	if (ret)
		return failed(ret, "%s is not imported", path);
	if (*get(&s, "node.name"))
		ret = import_node(im, path, &s);
	else if (*get(&s, "discovery.sendtargets.address"))
		ret = import_portal(im, path, &s);
	source_free(&s);
	return ret;
}

static int import_all(struct import *im)
{
	static const char *const dirs[] = {
		"/etc/iscsi/nodes", "/etc/iscsi/send_targets",
		"/var/lib/iscsi/nodes", "/var/lib/iscsi/send_targets",
	};
	char *dir;
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		dir = root_path("%s", dirs[i]);
		find_files(dir, TREE_DEPTH, &im->files);
		free(dir);
	}
	print_open(PRINT_TABLE);
	for (i = 0; i < im->files.count; i++)
		ret = first_code(ret, import_file(im, im->files.item[i]));
	print_close();
	if (im->files.count)
		return ret;
	because(CODE_NOT_FOUND,
		"no records in /etc/iscsi or /var/lib/iscsi");
	return failed(CODE_NOT_FOUND, "nothing to import");
}

static int import_open_iscsi(const struct strlist *operands,
			     const void *options)
{
	const struct import_options *o = options;
	struct import im = { .dry_run = o->dry_run };
	int ret;

	(void)operands;
	ret = store_lock();
	if (ret)
		return failed(ret, "cannot import");
	ret = records_load(&im.stored);
	if (!ret)
		ret = portals_load(&im.portals);
	if (ret)
		failed(ret, "cannot import");
	else
		ret = import_all(&im);
	store_unlock();
	record_list_free(&im.stored);
	portal_list_free(&im.portals);
	strlist_free(&im.files);
	return ret;
}

static int export_records(const struct strlist *operands, const void *options)
{
	struct record_list stored;
	size_t i;
	int ret;

	(void)operands;
	(void)options;
	ret = records_load(&stored);
	if (ret)
		return failed(ret, "cannot export");
	print_open(PRINT_SHOW);
	for (i = 0; i < stored.count; i++) {
		if (stored.item[i].damage)
			continue;
		print_row();
		print_str("RecordIdentifier", NULL, stored.item[i].id);
		record_print(&stored.item[i]);
	}
	print_close();
	records_complain(&stored);
	ret = stored.damaged ? CODE_STORE : 0;
	record_list_free(&stored);
	return ret;
}

const struct command import_commands[] = {
	{ "import", "open-iscsi", "", 0, 0, import_options,
	  sizeof(struct import_options), import_open_iscsi,
	  "take over records of open-iscsi" },
	{ NULL, "export", "", 0, 0, NULL, 0, export_records,
	  "print all that is stored, without secrets" },
	{}
};
