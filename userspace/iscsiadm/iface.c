// SPDX-License-Identifier: GPL-2.0
/*
 * iscsiadm -m iface. What a way is bound to - a network device, an address, a
 * name of the initiator - has a name, and a file of open-iscsi's form, which
 * its own tools read as well. Records hold what it says: which name that was is
 * looked up when it is shown.
 */
#include "base/memory.h"
#include "base/strlist.h"
#include "iscsiadm/iscsiadm.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/file.h"
#include "openiscsi/openiscsi.h"
#include "store/config.h"
#include "store/record.h"

static const char *const keys[] = {
	"iface.iscsi_ifacename", "iface.net_ifacename", "iface.ipaddress",
	"iface.hwaddress", "iface.transport_name", "iface.initiatorname",
};

static char *iface_path(const char *name)
{
	return file_root_path(OPENISCSI_IFACES "/%s", name);
}

static bool is_key(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

int iscsiadm_ifaces(struct strlist *names)
{
	char *dir = file_root_path(OPENISCSI_IFACES);
	struct strlist all = {};
	int ret = file_list_dir(dir, "", &all);
	size_t i;

	for (i = 0; i < all.count && !ret; i++)
		if (all.item[i][0] != '.' && strcmp(all.item[i], "iface.example"))
			strlist_add(names, all.item[i]);
	strlist_free(&all);
	free(dir);
	return ret;
}

static bool exists(const char *name)
{
	struct strlist names = {};
	bool found;

	iscsiadm_ifaces(&names);
	found = strlist_has(&names, name);
	strlist_free(&names);
	return found;
}

/* What the interface says nothing of is as it is without. */
static bool same_binding(const struct login *login, const struct login *iface)
{
	char own[MPIO_NAME_MAX + 1] = "";

	if (!iface->initiator[0])
		config_initiator_known(own);
	return record_same_source(login, iface) &&
	       (!login->initiator[0] ||
		!mpio_name_compare(login->initiator, iface->initiator[0] ?
				   iface->initiator : own));
}

bool iscsiadm_iface_fits(const struct login *login, const char *name)
{
	struct login iface;

	model_login_init(&iface);
	return !openiscsi_iface(name, &iface) && same_binding(login, &iface);
}

void iscsiadm_nodes_of_iface(const char *name)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1], before[MPIO_PORTAL_TEXT_MAX + 1];
	char last[MPIO_NAME_MAX + 1] = "";
	struct record_list stored = {};
	const struct record *r;
	struct mpio_portal at;
	size_t i;

	if (record_load_all(&stored))
		return;
	for (i = 0; i < stored.count; i++) {
		r = &stored.item[i];
		if (r->damage || record_portal(r, &at) ||
		    !iscsiadm_iface_fits(&r->login, name))
			continue;
		mpio_portal_format(&at, false, text);
		if (mpio_name_compare(last, r->login.target))
			printf("\tTarget: %s\n", r->login.target);
		else if (!strcmp(text, before))
			continue;	/* one way, several sessions */
		copy_text(last, sizeof(last), r->login.target);
		copy_text(before, sizeof(before), text);
		printf("\t\tPortal: %s,%d\n", text, at.tpgt);
	}
	record_list_free(&stored);
}

const char *iscsiadm_iface_name(const struct login *login)
{
	static char found[NAME_MAX + 1];
	struct strlist names = {};
	size_t i;

	copy_text(found, sizeof(found), login->iface[0] ? login->iface :
		  "default");
	if (iscsiadm_iface_fits(login, "default"))
		return found;
	iscsiadm_ifaces(&names);
	for (i = 0; i < names.count; i++) {
		if (!iscsiadm_iface_fits(login, names.item[i]))
			continue;
		copy_text(found, sizeof(found), names.item[i]);
		break;
	}
	strlist_free(&names);
	return found;
}

static const char *or_empty(const char *text)
{
	return *text ? text : "<empty>";
}

static int read_iface(const char *name, struct source *s)
{
	char *path = iface_path(name);
	int ret = 0;

	memset(s, 0, sizeof(*s));
	if (exists(name))
		ret = openiscsi_source_read(path, s);
	free(path);
	return ret;
}

static int list(void)
{
	struct strlist names = {};
	struct source s;
	size_t i;

	printf("default tcp,<empty>,<empty>,<empty>,<empty>\n");
	iscsiadm_ifaces(&names);
	for (i = 0; i < names.count; i++) {
		if (read_iface(names.item[i], &s))
			continue;
		printf("%s tcp,%s,%s,%s,%s\n", names.item[i],
		       or_empty(openiscsi_source_get(&s, "iface.hwaddress")),
		       or_empty(openiscsi_source_get(&s, "iface.ipaddress")),
		       or_empty(openiscsi_source_get(&s, "iface.net_ifacename")),
		       or_empty(openiscsi_source_get(&s, "iface.initiatorname")));
		openiscsi_source_free(&s);
	}
	strlist_free(&names);
	return 0;
}

static int list_trees(const char *only)
{
	struct strlist names = {};
	size_t i;

	strlist_add(&names, only ? only : "default");
	if (!only)
		iscsiadm_ifaces(&names);
	for (i = 0; i < names.count; i++) {
		printf("Iface: %s\n", names.item[i]);
		iscsiadm_nodes_of_iface(names.item[i]);
	}
	strlist_free(&names);
	return 0;
}

static int show(const char *name)
{
	struct login bound;
	struct source s;
	size_t i;
	int ret;

	model_login_init(&bound);
	ret = openiscsi_iface(name, &bound);
	if (!ret)
		ret = read_iface(name, &s);
	if (ret)
		return failed(ret, "iface %s", name);
	/* A name without a file is that of a device. */
	if (!s.keys.count && bound.iface[0]) {
		strlist_add(&s.keys, "iface.net_ifacename");
		strlist_add(&s.values, bound.iface);
	}
	printf("# BEGIN RECORD iscsi-mpio\niface.iscsi_ifacename = %s\n", name);
	for (i = 1; i < sizeof(keys) / sizeof(keys[0]); i++)
		printf("%s = %s\n", keys[i],
		       strcmp(keys[i], "iface.transport_name") ?
		       or_empty(openiscsi_source_get(&s, keys[i])) : "tcp");
	printf("# END RECORD\n");
	openiscsi_source_free(&s);
	return 0;
}

/* @names and @values go before what @old says. */
static int write_iface(const char *name, const struct source *old,
		       const struct strlist *names,
		       const struct strlist *values)
{
	char *path = iface_path(name), *text, *line;
	const char *value;
	size_t i, j;
	int ret;

	text = xasprintf("# BEGIN RECORD iscsi-mpio\n");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = old ? openiscsi_source_get(old, keys[i]) : "";
		for (j = 0; names && j < names->count; j++)
			if (!strcmp(names->item[j], keys[i]))
				value = values->item[j];
		if (i == 0)
			value = name;
		if (!strcmp(keys[i], "iface.transport_name"))
			value = "tcp";
		if (!*value || !strcmp(value, "<empty>"))
			continue;
		line = xasprintf("%s%s = %s\n", text, keys[i], value);
		free(text);
		text = line;
	}
	line = xasprintf("%s# END RECORD\n", text);
	free(text);
	ret = file_write(path, line, strlen(line), 0600);
	free(line);
	free(path);
	return ret;
}

static int check_value(const char *key, const char *value)
{
	char name[MPIO_NAME_MAX + 1];
	struct sockaddr_storage address;

	if (!is_key(key))
		return because(CODE_INVALID, "Invalid param name.");
	if (!*value || !strcmp(value, "<empty>") || !strcmp(value, "default"))
		return 0;
	if (!strcmp(key, "iface.transport_name") && strcmp(value, "tcp"))
		return because(CODE_UNSUPPORTED, "only tcp is there");
	if (!strcmp(key, "iface.hwaddress"))
		return because(CODE_UNSUPPORTED,
			       "bind to a network device by its name (iface.net_ifacename)");
	if (!strcmp(key, "iface.ipaddress"))
		return address_parse(value, &address);
	if (!strcmp(key, "iface.initiatorname"))
		return address_parse_name(value, name);
	if (!strcmp(key, "iface.net_ifacename") &&
	    strlen(value) > MPIO_IFACE_MAX)
		return because(CODE_INVALID,
			       "an interface name has at most %d characters",
			       MPIO_IFACE_MAX);
	return 0;
}

static int update(const struct adm *a)
{
	struct source old;
	size_t i;
	int ret = 0;

	if (!exists(a->iface)) {
		because(CODE_NOT_FOUND, "there is no such interface");
		return failed(CODE_NOT_FOUND, "Could not update iface %s",
			      a->iface);
	}
	for (i = 0; i < a->names.count && !ret; i++)
		ret = check_value(a->names.item[i], a->values.item[i]);
	if (!ret)
		ret = read_iface(a->iface, &old);
	if (ret)
		return failed(ret, "Could not update iface %s", a->iface);
	ret = write_iface(a->iface, &old, &a->names, &a->values);
	openiscsi_source_free(&old);
	if (ret)
		return failed(ret, "Could not update iface %s", a->iface);
	printf("%s updated.\n", a->iface);
	return 0;
}

/* Records keep what they are bound to; none may be left that has the name. */
static int delete(const struct adm *a)
{
	struct record_list stored = {};
	char *path = iface_path(a->iface);
	size_t i;
	int ret = 0;

	if (!exists(a->iface))
		ret = because(CODE_NOT_FOUND, "there is no such interface");
	if (!ret)
		ret = record_load_all(&stored);
	for (i = 0; i < stored.count && !ret; i++)
		if (!stored.item[i].damage &&
		    iscsiadm_iface_fits(&stored.item[i].login, a->iface) &&
		    !iscsiadm_iface_fits(&stored.item[i].login, "default"))
			ret = record_remove(stored.item[i].id);
	if (!ret)
		ret = file_remove(path);
	record_list_free(&stored);
	free(path);
	if (ret)
		return failed(ret, "Could not delete iface %s", a->iface);
	printf("%s unbound and deleted.\n", a->iface);
	return 0;
}

static int new(const struct adm *a)
{
	int ret = 0;

	if (!exists(a->iface))
		ret = write_iface(a->iface, NULL, NULL, NULL);
	if (ret)
		return failed(ret, "Could not create new interface %s",
			      a->iface);
	printf("New interface %s added\n", a->iface);
	return 0;
}

static int change(const struct adm *a)
{
	int ret = 0;

	if (!a->iface)
		ret = because(CODE_INVALID, "say which with -I");
	else if (!strcmp(a->iface, "default") || !strcmp(a->iface, "iser"))
		ret = because(CODE_INVALID, "that one cannot be changed");
	else if (strchr(a->iface, '/') || a->iface[0] == '.')
		ret = because(CODE_INVALID,
			      "the name of an interface has no slash");
	if (!ret)
		ret = file_lock_store();
	if (ret)
		return failed(ret, "iface");
	if (a->op == ADM_OP_NEW)
		ret = new(a);
	else
		ret = a->op == ADM_OP_UPDATE ? update(a) : delete(a);
	file_unlock_store();
	return ret;
}

int iscsiadm_iface(const struct adm *a)
{
	switch (a->op) {
	case ADM_OP_NEW:
	case ADM_OP_UPDATE:
	case ADM_OP_DELETE:
		return change(a);
	default:
		if (a->print == 1)
			return list_trees(a->iface);
		return a->iface ? show(a->iface) : list();
	}
}
