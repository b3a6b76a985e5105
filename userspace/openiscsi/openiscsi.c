// SPDX-License-Identifier: GPL-2.0
/*
 * Reads open-iscsi's files. One table says which key of ours each of its keys becomes,
 * or that it becomes none.
 */
#include "openiscsi/openiscsi.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "proto/chap.h"
#include "store/config.h"
#include "store/record_key.h"

#define NODE_AUTH	"node.session"
#define USUAL_PATIENCE	120	/* s */

/* A key of open-iscsi, our key, open-iscsi's default, and seconds to ms. */
static const struct mapping {
	const char *key, *ours, *usual;
	unsigned int scale;
} mappings[] = {
	{ "node.startup", "Startup", "", 0 },
	{ "iface.net_ifacename", "InitiatorInterface", "", 0 },
	{ "iface.ipaddress", "InitiatorPortalAddress", "", 0 },
	{ "iface.initiatorname", "InitiatorNodeAddress", "", 0 },
	{ "node.session.iscsi.InitialR2T", "InitialR2T", "No", 0 },
	{ "node.session.iscsi.ImmediateData", "ImmediateData", "Yes", 0 },
	{ "node.session.iscsi.FirstBurstLength", "FirstBurstLength",
	  "262144", 0 },
	{ "node.session.iscsi.MaxBurstLength", "MaxBurstLength", "16776192",
	  0 },
	{ "node.session.iscsi.MaxOutstandingR2T", "MaxOutstandingR2T", "1",
	  0 },
	{ "node.conn[0].iscsi.MaxRecvDataSegmentLength",
	  "MaxRecvDataSegmentLength", "262144", 0 },
	{ "node.session.queue_depth", "QueueDepth", "32", 0 },
	{ "node.session.timeo.replacement_timeout", "NoPathTimeout", "120",
	  1000 },
	{ "node.conn[0].timeo.login_timeout", "LoginTimeout", "15", 1000 },
	{ "node.conn[0].timeo.noop_out_interval", "NopInterval", "5", 1000 },
	{ "node.conn[0].timeo.noop_out_timeout", "NopTimeout", "5", 1000 },
	{ "node.session.err_timeo.abort_timeout", "TmfTimeout", "15", 1000 },
	{}
};

/*
 * Keys that name the record, or mean nothing to this initiator. @refused: why
 * another value than the usual one cannot be had, where that would matter.
 */
static const struct nothing {
	const char *key, *usual;	/* usual NULL: any value will do */
	const char *refused;
} nothings[] = {
	{ "node.name", NULL },
	{ "node.tpgt", NULL },
	{ "node.leading_login", "No" },
	{ "node.discovery_address", NULL },
	{ "node.discovery_port", NULL },
	{ "node.discovery_type", NULL },
	{ "node.session.nr_sessions", NULL },
	{ "node.session.initial_cmdsn", "0" },
	{ "node.session.initial_login_retry_max", NULL },
	{ "node.session.reopen_max", "0" },
	{ "node.session.xmit_thread_priority", NULL },
	{ "node.session.cmds_max", "128" },
	{ "node.session.auth.chap_algs", NULL },
	{ "node.session.err_timeo.lu_reset_timeout", "30" },
	{ "node.session.err_timeo.tgt_reset_timeout", "30" },
	{ "node.session.err_timeo.host_reset_timeout", "60" },
	{ "node.session.iscsi.FastAbort", "Yes" },
	{ "node.session.iscsi.DefaultTime2Retain", "0" },
	{ "node.session.iscsi.DefaultTime2Wait", "2" },
	{ "node.session.iscsi.MaxConnections", "1",
	  "a session has one connection: more of them are more sessions" },
	{ "node.session.iscsi.ERL", "0", "recovery is of level 0" },
	{ "node.conn[0].address", "",
	  "it names the record: make another one with -p" },
	{ "node.conn[0].port", "",
	  "it names the record: make another one with -p" },
	{ "node.conn[0].startup", NULL },
	{ "node.conn[0].tcp.window_size", "524288" },
	{ "node.conn[0].tcp.type_of_service", "0" },
	{ "node.conn[0].timeo.logout_timeout", "15" },
	{ "node.conn[0].timeo.auth_timeout", "45" },
	{ "node.conn[0].iscsi.MaxXmitDataSegmentLength", "0" },
	{ "node.conn[0].iscsi.IFMarker", "No", "there are no markers" },
	{ "node.conn[0].iscsi.OFMarker", "No", "there are no markers" },
	{ "iface.iscsi_ifacename", NULL },
	{ "iface.transport_name", "tcp", "only tcp is there" },
	{ "iface.hwaddress", "",
	  "bind to a network device by its name (iface.net_ifacename)" },
	{ "iface.prefix_len", "0" },
	{ "iface.bootproto", "" }, { "iface.subnet_mask", "" },
	{ "iface.gateway", "" }, { "iface.dhcp_alt_client_id", "" },
	{ "iface.ipv6_autocfg", "" }, { "iface.linklocal_autocfg", "" },
	{ "iface.router_autocfg", "" }, { "iface.ipv6_linklocal", "" },
	{ "iface.ipv6_router", "" }, { "iface.state", "" },
	{ "iface.vlan_id", "0" }, { "iface.vlan_priority", "0" },
	{ "iface.vlan_state", "" }, { "iface.iface_num", "0" },
	{ "iface.mtu", "0" }, { "iface.port", "0" },
	{}
};

const char *openiscsi_source_get(const struct source *s, const char *key)
{
	size_t i;

	for (i = 0; i < s->keys.count; i++)
		if (!strcmp(s->keys.item[i], key) &&
		    strcmp(s->values.item[i], "<empty>") &&
		    strcmp(s->values.item[i], "default"))
			return s->values.item[i];
	return "";
}

void openiscsi_source_free(struct source *s)
{
	size_t i;

	for (i = 0; i < s->values.count; i++)
		explicit_bzero(s->values.item[i], strlen(s->values.item[i]));
	strlist_free(&s->keys);
	strlist_free(&s->values);
}

int openiscsi_source_read(const char *path, struct source *s)
{
	struct lines lines;
	char *text, *key, *value;
	size_t len;
	int ret;

	prctl(PR_SET_DUMPABLE, 0);	/* it may hold a secret */
	memset(s, 0, sizeof(*s));
	ret = file_read(path, &text, &len);
	if (ret)
		return because_errno(-ret, "cannot read %s", path);
	lines = (struct lines){ text };
	while (config_lines_next(&lines, &key, &value)) {
		strlist_add(&s->keys, key);
		strlist_add(&s->values, value);
	}
	explicit_bzero(text, len);
	free(text);
	return 0;
}

static int set_mapped(struct record *record, const struct mapping *m,
		      const char *value)
{
	long number = atol(value);
	char *pair;
	int ret;

	/* There 0 switches these off, and more than 8 we do not offer. */
	if (!number && (!strcmp(m->ours, "NopTimeout") ||
			!strcmp(m->ours, "LoginTimeout") ||
			!strcmp(m->ours, "TmfTimeout")))
		return 0;
	if (!strcmp(m->ours, "MaxOutstandingR2T") && number > 8)
		value = "8";
	if (m->scale && number <= 0 && !strcmp(m->ours, "NoPathTimeout"))
		pair = xasprintf("%s=%s", m->ours,
				 *value == '-' ? "infinite" : "0");
	else if (m->scale)
		pair = xasprintf("%s=%ld", m->ours, number * m->scale);
	else
		pair = xasprintf("%s=%s", m->ours, value);
	ret = record_key_assign(record, pair, true);
	free(pair);
	return ret;
}

/* What follows @key in multipath.conf, the last time, without quotes; "" without. */
static void multipath_value(const char *text, const char *key, char value[64])
{
	const char *line, *end;
	size_t len;

	value[0] = '\0';
	for (line = text; line; line = end) {
		char name[32], rest[64];

		end = strchr(line, '\n');
		end = end ? end + 1 : NULL;
		if (sscanf(line, " %31[a-z_]%*[ \t\"]%63[^\"#!\n]", name,
			   rest) < 2 || strcmp(name, key))
			continue;
		len = strlen(rest);
		while (len && isspace((unsigned char)rest[len - 1]))
			rest[--len] = '\0';
		copy_text(value, 64, rest);
	}
}

/*
 * Beside dm-multipath that is the time until a path's commands go to another,
 * and a few seconds; how long they wait for any path is said in multipath.conf.
 * Without that file less than the usual time is not taken over: nothing would be
 * gained here but errors. False: it is not.
 */
static bool patience(const char *value, char pair[64])
{
	char *path = file_root_path("/etc/multipath.conf"), *text = NULL;
	char retry[64], interval[64], features[64];
	size_t len;

	if (file_read(path, &text, &len)) {
		free(path);
		return *value == '-' || atol(value) >= USUAL_PATIENCE;
	}
	free(path);
	multipath_value(text, "no_path_retry", retry);
	multipath_value(text, "polling_interval", interval);
	multipath_value(text, "features", features);
	free(text);
	/* The old way to say it; the new one goes before it. */
	if (!*retry && strstr(features, "queue_if_no_path"))
		copy_text(retry, sizeof(retry), "queue");
	if (!strcmp(retry, "queue"))
		snprintf(pair, 64, "NoPathTimeout=infinite");
	else if (!strcmp(retry, "fail"))
		snprintf(pair, 64, "NoPathTimeout=0");
	else if (atol(retry) > 0)
		snprintf(pair, 64, "NoPathTimeout=%ld", 1000 * atol(retry) *
			 (atol(interval) > 0 ? atol(interval) : 5));
	else
		return false;
	return true;
}

static int set_secret(const char *text, uint8_t *out, uint32_t *len)
{
	const char *reason = NULL;

	*len = 0;
	if (!*text)
		return 0;
	if (mpio_secret_parse(text, strlen(text), out, len, &reason))
		return because(CODE_INVALID, "%s", reason);
	return 0;
}

bool openiscsi_auth_key(const char *key, const char *prefix, const char **rest)
{
	size_t len = strlen(prefix);

	*rest = key + len + strlen(".auth.");
	return !strncmp(key, prefix, len) &&
	       !strncmp(key + len, ".auth.", strlen(".auth."));
}

int openiscsi_set_auth(const char *rest, const char *value, uint32_t *auth,
		       char *user, char *user_in, struct secrets *secrets)
{
	uint32_t chap = secrets->in_len ? MPIO_AUTH_CHAP_MUTUAL :
			MPIO_AUTH_CHAP;
	int ret = 0;

	if (!strcmp(rest, "authmethod")) {
		*auth = strcasecmp(value, "CHAP") ? MPIO_AUTH_NONE : chap;
	} else if (!strcmp(rest, "username")) {
		if (!copy_text(user, MPIO_USER_MAX + 1, value))
			ret = because(CODE_INVALID, "the name is too long");
	} else if (!strcmp(rest, "username_in")) {
		if (!copy_text(user_in, MPIO_USER_MAX + 1, value))
			ret = because(CODE_INVALID, "the name is too long");
	} else if (!strcmp(rest, "password")) {
		ret = set_secret(value, secrets->out, &secrets->out_len);
	} else if (!strcmp(rest, "password_in")) {
		ret = set_secret(value, secrets->in, &secrets->in_len);
		if (!ret && secrets->in_len && *auth == MPIO_AUTH_CHAP)
			*auth = MPIO_AUTH_CHAP_MUTUAL;
	} else {
		ret = because(CODE_INVALID, "there is no such key");
	}
	return ret;
}

/* Keys whose value is not simply copied. */
static bool set_special(struct login *login, const char *key,
			const char *value)
{
	uint32_t digest = strncasecmp(value, "CRC32C", 6) ?
			  MPIO_DIGEST_NONE : MPIO_DIGEST_CRC32C;

	if (!strcmp(key, "node.conn[0].iscsi.HeaderDigest"))
		login->header_digest = digest;
	else if (!strcmp(key, "node.conn[0].iscsi.DataDigest"))
		login->data_digest = digest;
	else if (!strcmp(key, "node.session.scan"))
		login->no_scan = !strcasecmp(value, "manual");
	else
		return false;
	return true;
}

int openiscsi_set(struct record *record, struct secrets *secrets,
		  const char *key, const char *value, bool explicit,
		  enum taken *taken)
{
	struct login *login = &record->login;
	const struct nothing *n;
	const struct mapping *m;
	const char *rest;

	*taken = TAKEN_SET;
	if (!strcmp(value, "<empty>") || !strcmp(value, "default"))
		value = "";
	for (n = nothings; n->key; n++) {
		if (strcmp(n->key, key))
			continue;
		*taken = !n->usual || !strcasecmp(n->usual, value) ||
			 !*value ? TAKEN_USUAL : TAKEN_NOTHING;
		if (explicit && *taken == TAKEN_NOTHING && n->refused)
			return because(CODE_INVALID, "%s", n->refused);
		return 0;
	}
	if (openiscsi_auth_key(key, NODE_AUTH, &rest))
		return openiscsi_set_auth(rest, value, &login->auth,
					  login->user, login->user_in,
					  secrets);
	if (set_special(login, key, value))
		return 0;
	for (m = mappings; m->key; m++) {
		if (strcmp(m->key, key))
			continue;
		if (!*value || (!explicit && !strcasecmp(value, m->usual))) {
			*taken = TAKEN_USUAL;
			return 0;
		}
		if (!explicit && !strcmp(m->ours, "NoPathTimeout")) {
			char pair[64] = "";

			if (!patience(value, pair)) {
				*taken = TAKEN_NOTHING;
				return 0;
			}
			if (*pair)
				return record_key_assign(record, pair, true);
		}
		return set_mapped(record, m, value);
	}
	*taken = TAKEN_UNKNOWN;
	return 0;
}

int openiscsi_defaults(struct record *record, struct secrets *secrets)
{
	char *path = file_root_path(OPENISCSI_CONF);
	enum taken taken;
	struct source s;
	size_t i;
	int ret;

	ret = openiscsi_source_read(path, &s);
	free(path);
	if (ret)
		return 0;	/* there is none, or nobody may read it */
	for (i = 0; i < s.keys.count && !ret; i++) {
		if (!strncmp(s.keys.item[i], "node.", 5))
			ret = openiscsi_set(record, secrets, s.keys.item[i],
					    s.values.item[i], false, &taken);
		if (ret)
			note("%s in %s is not taken: %s", s.keys.item[i],
			     OPENISCSI_CONF, why());
	}
	openiscsi_source_free(&s);
	if (record->login.auth != MPIO_AUTH_NONE && !secrets->out_len)
		record->login.auth = MPIO_AUTH_NONE;
	return ret;
}

static const char *or_empty(const char *text)
{
	return *text ? text : "<empty>";
}

void openiscsi_print(const struct record *record, int32_t tpgt,
		     const char *iface)
{
	const struct login *login = &record->login;
	const struct mapping *m;
	char value[256];

	printf("node.name = %s\n", login->target);
	printf("node.tpgt = %d\n", tpgt);
	printf("node.conn[0].address = %s\n", record->host);
	printf("node.conn[0].port = %u\n", record->port);
	printf("iface.iscsi_ifacename = %s\n", iface);
	printf("iface.transport_name = tcp\n");
	printf("node.discovery_type = %s\n",
	       login->discovered ? "send_targets" : "static");
	printf("node.session.scan = %s\n",
	       login->no_scan ? "manual" : "auto");
	printf("node.session.auth.authmethod = %s\n",
	       login->auth == MPIO_AUTH_NONE ? "None" : "CHAP");
	printf("node.session.auth.username = %s\n", or_empty(login->user));
	printf("node.session.auth.password = ********\n");
	printf("node.session.auth.username_in = %s\n",
	       or_empty(login->user_in));
	printf("node.session.auth.password_in = ********\n");
	printf("node.conn[0].iscsi.HeaderDigest = %s\n",
	       login->header_digest == 1 ? "CRC32C" : "None");
	printf("node.conn[0].iscsi.DataDigest = %s\n",
	       login->data_digest == 1 ? "CRC32C" : "None");
	for (m = mappings; m->key; m++) {
		if (!record_key_value(record, m->ours, value))
			copy_text(value, sizeof(value), or_empty(m->usual));
		else if (m->scale && !strcmp(value, "infinite"))
			copy_text(value, sizeof(value), "-1");
		else if (m->scale)
			snprintf(value, sizeof(value), "%ld",
				 (atol(value) + m->scale - 1) / m->scale);
		printf("%s = %s\n", m->key, value);
	}
}

int openiscsi_iface(const char *name, struct login *login)
{
	struct source s;
	const char *netdev;
	char *path;
	int ret = 0;

	if (!strcmp(name, "default"))
		return 0;
	if (strchr(name, '/'))
		return because(CODE_INVALID,
			       "the name of an interface has no slash");
	path = file_root_path(OPENISCSI_IFACES "/%s", name);
	if (!openiscsi_source_read(path, &s)) {
		netdev = openiscsi_source_get(&s, "iface.net_ifacename");
		if (*netdev && !copy_text(login->iface, sizeof(login->iface),
					  netdev))
			ret = because(CODE_INVALID,
				      "%s: net_ifacename is too long", path);
		if (!ret && *openiscsi_source_get(&s, "iface.ipaddress"))
			ret = address_parse(openiscsi_source_get(&s, "iface.ipaddress"),
					    &login->source);
		if (!ret && *openiscsi_source_get(&s, "iface.initiatorname"))
			ret = address_parse_name(openiscsi_source_get(&s, "iface.initiatorname"),
						 login->initiator);
		openiscsi_source_free(&s);
	} else if (!copy_text(login->iface, sizeof(login->iface), name)) {
		ret = because(CODE_INVALID,
			      "an interface name has at most %d characters",
			      MPIO_IFACE_MAX);
	}
	free(path);
	return ret;
}
