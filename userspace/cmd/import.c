// SPDX-License-Identifier: GPL-2.0
/*
 * import open-iscsi: node and discovery records of open-iscsi become records
 * and portals. What is here already stays as it is; with --takeover its running
 * sessions become ours, too. export: our records.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/connect.h"
#include "flow/show.h"
#include "openiscsi/openiscsi.h"
#include "openiscsi/takeover.h"
#include "store/config.h"
#include "store/portal.h"
#include "store/record.h"

#define TREE_DEPTH	4
#define SESSIONS_MAX	32

struct import_options {
	bool takeover;
};

static const struct option import_options[] = {
	{ "takeover", OPT_FLAG, offsetof(struct import_options, takeover),
	  NULL, "then make its running sessions ours, one by one" },
	{}
};

struct import {
	bool dry_run, takeover;
	struct record_list stored;
	struct portal_list portals;
	struct strlist files;
};

/* A folder that is not there is no error; one that cannot be read to its end is. */
static int find_files(const char *dir, int depth, struct strlist *files)
{
	struct dirent *entry;
	struct stat st;
	DIR *d = opendir(dir);
	int ret = 0;
	char *path;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		       because_errno(errno, "cannot read %s", dir);
	while (errno = 0, entry = readdir(d)) {
		if (entry->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s", dir, entry->d_name);
		if (!lstat(path, &st) && S_ISREG(st.st_mode))
			strlist_add(files, path);
		else if (depth && S_ISDIR(st.st_mode))
			ret = first_code(ret, find_files(path, depth - 1,
							 files));
		free(path);
	}
	if (errno)
		ret = because_errno(errno, "cannot read %s", dir);
	closedir(d);
	return ret;
}

/* What was changed there and can not be here is told, key by key. */
static int take_keys(const struct source *s, struct record *record,
		     struct secrets *secrets, struct strlist *lost)
{
	enum taken taken;
	char *line;
	size_t i;
	int ret;

	memset(secrets, 0, sizeof(*secrets));
	for (i = 0; i < s->keys.count; i++) {
		ret = openiscsi_set(record, secrets, s->keys.item[i],
				    s->values.item[i], false, &taken);
		if (ret) {
			line = xstrdup(why());
			because(ret, "%s: %s", s->keys.item[i], line);
			free(line);
			return ret;
		}
		if (taken != TAKEN_NOTHING && taken != TAKEN_UNKNOWN)
			continue;
		line = xasprintf("%s=%s", s->keys.item[i], s->values.item[i]);
		strlist_add(lost, line);
		free(line);
	}
	return 0;
}

/*
 * CHAP is there in full or not at all. open-iscsi does CHAP whenever there is
 * a password, whatever authmethod says.
 */
static int check_chap(uint32_t *auth, const struct secrets *secrets)
{
	if (*auth == MPIO_AUTH_NONE && !secrets->out_len)
		return 0;
	if (!secrets->out_len)
		return because(CODE_INVALID, "CHAP without a password");
	*auth = secrets->in_len ? MPIO_AUTH_CHAP_MUTUAL : MPIO_AUTH_CHAP;
	return 0;
}

static int take_node(const struct source *s, struct record *record,
		     struct secrets *secrets, struct strlist *lost)
{
	const char *transport = openiscsi_source_get(s, "iface.transport_name");
	const char *port = openiscsi_source_get(s, "node.conn[0].port");
	struct mpio_portal at;
	int ret;

	record_init(record);
	if (*transport && strcmp(transport, "tcp"))
		return because(CODE_UNSUPPORTED,
			       "transport %s has no equivalent", transport);
	ret = address_parse_name(openiscsi_source_get(s, "node.name"), record->login.target);
	if (!ret)
		ret = address_parse_portal(openiscsi_source_get(s, "node.conn[0].address"), &at);
	if (ret)
		return ret;
	mpio_host_format(&at, record->host);
	record->port = *port ? atoi(port) : 3260;
	record->login.discovered = !strcmp(openiscsi_source_get(s, "node.discovery_type"),
					   "send_targets");
	ret = take_keys(s, record, secrets, lost);
	if (!ret)
		ret = check_chap(&record->login.auth, secrets);
	if (!ret && !record->login.initiator[0])
		ret = config_initiator(record->login.initiator);
	if (record->login.auth != MPIO_AUTH_NONE && !record->login.user[0])
		copy_text(record->login.user, sizeof(record->login.user),
			  record->login.initiator);
	return ret;
}

static bool is_stored(const struct import *im, const struct record *record)
{
	size_t i;

	for (i = 0; i < im->stored.count; i++)
		if (record_same_way(&im->stored.item[i], record))
			return true;
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

/* The next file may be about the same node, or want another ISID. */
static void remember(struct import *im, const struct record *record)
{
	struct record_list *list = &im->stored;

	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	list->item[list->count++] = *record;
}

static int save_node(struct import *im, struct record *record,
		     const struct secrets *secrets, int count)
{
	struct session_list none = {};
	int i, ret = 0;

	for (i = 0; i < count && !ret; i++) {
		ret = connect_isid_choose_beside(record->login.target, &none,
						 &im->stored, record->login.isid);
		if (!ret)
			ret = record_new_id(record);
		if (!ret && !im->dry_run)
			ret = record_save(record, secrets);
		if (!ret)
			remember(im, record);
	}
	return ret;
}

/* "KEY=VALUE" that the record is named by, as the node was. */
static bool names_way(const char *lost)
{
	return !strncmp(lost, "node.conn[0].address=", 21) ||
	       !strncmp(lost, "node.conn[0].port=", 18);
}

static int import_node(struct import *im, const char *path,
		       const struct source *s)
{
	struct secrets secrets = {};
	struct strlist lost = {};
	struct record record;
	int ret, count;
	size_t i;

	ret = take_node(s, &record, &secrets, &lost);
	for (i = 0; i < lost.count && !ret; i++)
		if (!names_way(lost.item[i]))
			note("%s: %s has no equivalent", path, lost.item[i]);
	strlist_free(&lost);
	if (ret)
		return failed(ret, "%s is not imported", path);
	count = atoi(openiscsi_source_get(s, "node.session.nr_sessions"));
	count = count < 1 ? 1 : count > SESSIONS_MAX ? SESSIONS_MAX : count;
	record.login.multipath = count > 1 ||
				 has_siblings(im, record.login.target);
	if (is_stored(im, &record)) {
		say("record", record.login.target, record.host, record.port,
		    "there already");
		return 0;
	}
	ret = save_node(im, &record, &secrets, count);
	model_secrets_wipe(&secrets);
	if (ret)
		return failed(ret, "%s is not imported", path);
	say("record", record.login.target, record.host, record.port,
	    im->dry_run ? "would be imported" : "imported");
	return 0;
}

static int take_portal(const struct source *s, struct portal *portal,
		       struct secrets *secrets)
{
	const char *port = openiscsi_source_get(s, "discovery.sendtargets.port");
	const char *key, *rest;
	size_t i;
	int ret;

	portal_init(portal);
	ret = address_parse_portal(openiscsi_source_get(s, "discovery.sendtargets.address"),
				   &portal->portal);
	for (i = 0; i < s->keys.count && !ret; i++) {
		key = s->keys.item[i];
		if (!openiscsi_auth_key(key, "discovery.sendtargets", &rest) ||
		    !strcmp(rest, "chap_algs"))
			continue;
		ret = openiscsi_set_auth(rest, openiscsi_source_get(s, key),
					 &portal->auth, portal->user,
					 portal->user_in, secrets);
	}
	if (!ret)
		ret = check_chap(&portal->auth, secrets);
	if (!ret && portal->auth && !portal->user[0])
		ret = config_initiator(portal->user);
	if (ret)
		return ret;
	portal->portal.port = *port ? atoi(port) : 3260;
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
	model_secrets_wipe(&secrets);
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

	ret = openiscsi_source_read(path, &s);
	if (ret)
		return failed(ret, "%s is not imported", path);
	if (*openiscsi_source_get(&s, "node.name"))
		ret = import_node(im, path, &s);
	else if (*openiscsi_source_get(&s, "discovery.sendtargets.address"))
		ret = import_portal(im, path, &s);
	openiscsi_source_free(&s);
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
		dir = file_root_path("%s", dirs[i]);
		ret = first_code(ret, find_files(dir, TREE_DEPTH, &im->files));
		free(dir);
	}
	if (ret)
		return failed(ret, "nothing is imported");
	print_open(PRINT_TABLE);
	for (i = 0; i < im->files.count; i++)
		ret = first_code(ret, import_file(im, im->files.item[i]));
	if (im->takeover && im->files.count)
		ret = first_code(ret, takeover_all(&im->stored, im->dry_run));
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
	struct import im = {
		.dry_run = options_given()->dry_run, .takeover = o->takeover,
	};
	int ret;

	(void)operands;
	ret = file_lock_store();
	if (ret)
		return failed(ret, "cannot import");
	ret = record_load_all(&im.stored);
	if (!ret)
		ret = portal_load_all(&im.portals);
	if (ret)
		failed(ret, "cannot import");
	else
		ret = import_all(&im);
	file_unlock_store();
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
	ret = record_load_all(&stored);
	if (ret)
		return failed(ret, "cannot export");
	print_open(PRINT_SHOW);
	for (i = 0; i < stored.count; i++) {
		if (stored.item[i].damage)
			continue;
		print_row();
		print_str("RecordIdentifier", NULL, stored.item[i].id);
		show_record(&stored.item[i]);
	}
	print_close();
	record_complain(&stored);
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
