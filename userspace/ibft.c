// SPDX-License-Identifier: GPL-2.0
/* Reads /sys/firmware/ibft; an attribute that is absent counts as empty. */
#include "ibft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "address.h"
#include "file.h"
#include "proto/chap.h"

#define IBFT_DIR	"/sys/firmware/ibft"
#define VALUE_MAX	600	/* a secret of 255 bytes as hex fits */

/* Value of one attribute without its line end, "" when it is not there. */
static void value(const char *dir, const char *name, char *text, size_t size)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
	free(path);
}

static uint32_t number(const char *dir, const char *name)
{
	char text[32];

	value(dir, name, text, sizeof(text));
	return strtoul(text, NULL, 0);
}

/* The interface that has hardware address @mac. */
static void interface_of(const char *mac, char *name, size_t size)
{
	char *net = root_path("/sys/class/net"), *dir, text[32];
	struct dirent *entry;
	DIR *d = opendir(net);

	name[0] = '\0';
	while (d && *mac && !*name && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		dir = xasprintf("%s/%s", net, entry->d_name);
		value(dir, "address", text, sizeof(text));
		if (!strcasecmp(text, mac))
			copy_text(name, size, entry->d_name);
		free(dir);
	}
	if (d)
		closedir(d);
	free(net);
}

static void read_nic(const char *dir, struct ibft_nic *nic)
{
	memset(nic, 0, sizeof(*nic));
	nic->index = number(dir, "index");
	nic->flags = number(dir, "flags");
	nic->prefix = number(dir, "prefix-len");
	nic->vlan = number(dir, "vlan");
	value(dir, "mac", nic->mac, sizeof(nic->mac));
	value(dir, "ip-addr", nic->address, sizeof(nic->address));
	value(dir, "gateway", nic->gateway, sizeof(nic->gateway));
	interface_of(nic->mac, nic->name, sizeof(nic->name));
}

static int read_secret(const char *dir, const char *name, uint8_t *out,
		       uint32_t *len)
{
	char text[VALUE_MAX];
	const char *reason = NULL;
	int ret = 0;

	value(dir, name, text, sizeof(text));
	if (*text && mpio_secret_parse(text, strlen(text), out, len, &reason))
		ret = because(CODE_AUTH, "%s of the firmware: %s", name,
			      reason);
	explicit_bzero(text, sizeof(text));
	return ret;
}

/* chap-type: 0 none, 1 CHAP, 2 mutual CHAP. */
static int read_auth(const char *dir, struct ibft_target *t)
{
	uint32_t type = number(dir, "chap-type");
	int ret;

	value(dir, "chap-name", t->user, sizeof(t->user));
	value(dir, "rev-chap-name", t->user_in, sizeof(t->user_in));
	if (!type || !t->user[0])
		return 0;
	t->auth = type == 2 ? MPIO_AUTH_CHAP_MUTUAL : MPIO_AUTH_CHAP;
	ret = read_secret(dir, "chap-secret", t->secrets.out,
			  &t->secrets.out_len);
	if (!ret && type == 2)
		ret = read_secret(dir, "rev-chap-name-secret", t->secrets.in,
				  &t->secrets.in_len);
	if (!ret && (!t->secrets.out_len ||
		     (type == 2 && !t->secrets.in_len)))
		ret = because(CODE_AUTH,
			      "the firmware gives no CHAP secret (only root may read it)");
	return ret;
}

static int read_target(const char *dir, struct ibft_target *t)
{
	char text[MPIO_HOST_MAX + 1];
	uint32_t port;
	int ret;

	memset(t, 0, sizeof(*t));
	t->index = number(dir, "index");
	t->flags = number(dir, "flags");
	t->nic = number(dir, "nic-assoc");
	port = number(dir, "port");
	value(dir, "lun", t->lun, sizeof(t->lun));
	value(dir, "target-name", text, sizeof(text));
	ret = name_parse(text, t->name);
	value(dir, "ip-addr", text, sizeof(text));
	if (!ret)
		ret = portal_parse(text, &t->portal);
	if (ret)
		return ret;
	t->portal.port = port ? port : 3260;
	t->portal.has_port = true;
	return read_auth(dir, t);
}

static int take_entry(struct ibft *ibft, const char *top, const char *name)
{
	char *dir = xasprintf("%s/%s", top, name);
	int ret = 0;

	if (!strncmp(name, "ethernet", 8)) {
		ibft->nic = xrealloc(ibft->nic, ibft->nics + 1,
				     sizeof(*ibft->nic));
		read_nic(dir, &ibft->nic[ibft->nics++]);
	} else if (!strncmp(name, "target", 6)) {
		ibft->target = xrealloc(ibft->target, ibft->targets + 1,
					sizeof(*ibft->target));
		ret = read_target(dir, &ibft->target[ibft->targets++]);
		if (ret) {
			char *reason = xstrdup(why());

			because(ret, "%s: %s", dir, reason);
			free(reason);
		}
	}
	free(dir);
	return ret;
}

int ibft_load(struct ibft *ibft)
{
	char *top = root_path(IBFT_DIR), *dir, text[MPIO_NAME_MAX + 1];
	struct strlist names = {};
	size_t i;
	int ret;

	memset(ibft, 0, sizeof(*ibft));
	ret = dir_list(top, "", &names);
	if (!ret && !names.count)
		ret = because(CODE_NOT_FOUND,
			      "the firmware left no boot table (is module iscsi_ibft loaded?)");
	for (i = 0; i < names.count && !ret; i++)
		ret = take_entry(ibft, top, names.item[i]);
	if (!ret) {
		dir = xasprintf("%s/initiator", top);
		value(dir, "initiator-name", text, sizeof(text));
		if (*text)
			ret = name_parse(text, ibft->initiator);
		free(dir);
	}
	strlist_free(&names);
	free(top);
	if (ret)
		ibft_free(ibft);
	return ret;
}

void ibft_free(struct ibft *ibft)
{
	size_t i;

	for (i = 0; i < ibft->targets; i++)
		secrets_wipe(&ibft->target[i].secrets);
	free(ibft->target);
	free(ibft->nic);
	memset(ibft, 0, sizeof(*ibft));
}

const struct ibft_nic *ibft_nic_of(const struct ibft *ibft,
				   const struct ibft_target *target)
{
	size_t i;

	for (i = 0; i < ibft->nics; i++)
		if (ibft->nic[i].index == target->nic)
			return &ibft->nic[i];
	return NULL;
}
