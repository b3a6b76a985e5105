// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what firmware has put into sysfs. A row of the table is a file there, the kind
 * of its value, and where that goes.
 */
#include "host/firmware.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX_LEN 1024

enum kind {
	KIND_TEXT,	/* char array, printable bytes only */
	KIND_NAME,	/* iSCSI name */
	KIND_IP,	/* struct firmware_ip; all zero is none */
	KIND_MAC,
	KIND_NUMBER,	/* u32 within 0..max */
	KIND_MASK,	/* dotted netmask as prefix length */
};

struct row {
	const char *attr;
	enum kind kind;
	size_t offset, size;
	uint32_t max;
};

#define ROW(type, attr, kind, member, ...) \
	{ attr, kind, offsetof(struct type, member), \
	  sizeof(((struct type *)0)->member), __VA_ARGS__ }

static const struct row initiator_rows[] = {
	ROW(firmware, "initiator-name", KIND_NAME, initiator),
	{}
};

static const struct row nic_rows[] = {
	ROW(firmware_nic, "index", KIND_NUMBER, index, 255),
	ROW(firmware_nic, "flags", KIND_NUMBER, flags, 255),
	ROW(firmware_nic, "mac", KIND_MAC, mac),
	ROW(firmware_nic, "ip-addr", KIND_IP, ip),
	ROW(firmware_nic, "prefix-len", KIND_NUMBER, prefix, 128),
	ROW(firmware_nic, "subnet-mask", KIND_MASK, prefix),
	ROW(firmware_nic, "gateway", KIND_IP, gateway),
	ROW(firmware_nic, "primary-dns", KIND_IP, dns[0]),
	ROW(firmware_nic, "secondary-dns", KIND_IP, dns[1]),
	ROW(firmware_nic, "dhcp", KIND_IP, dhcp),
	ROW(firmware_nic, "vlan", KIND_NUMBER, vlan, 4094),
	ROW(firmware_nic, "origin", KIND_NUMBER, origin, 255),
	ROW(firmware_nic, "hostname", KIND_TEXT, hostname),
	{}
};

static const struct row target_rows[] = {
	ROW(firmware_target, "flags", KIND_NUMBER, flags, 255),
	ROW(firmware_target, "ip-addr", KIND_IP, ip),
	ROW(firmware_target, "port", KIND_NUMBER, port, 65535),
	ROW(firmware_target, "nic-assoc", KIND_NUMBER, nic, 255),
	ROW(firmware_target, "chap-type", KIND_NUMBER, chap, FIRMWARE_CHAP_MUTUAL),
	ROW(firmware_target, "lun", KIND_TEXT, lun),
	ROW(firmware_target, "target-name", KIND_NAME, name),
	ROW(firmware_target, "chap-name", KIND_TEXT, user),
	ROW(firmware_target, "chap-secret", KIND_TEXT, secret),
	ROW(firmware_target, "rev-chap-name", KIND_TEXT, user_in),
	ROW(firmware_target, "rev-chap-name-secret", KIND_TEXT, secret_in),
	{}
};

static int bad(const char **why, const char *sentence)
{
	*why = sentence;
	return -EINVAL;
}

static int take_text(char *at, size_t size, const char *text, size_t len,
		     const char **why)
{
	size_t i;

	if (len >= size)
		return bad(why, "the text is too long");
	for (i = 0; i < len; i++)
		if ((uint8_t)text[i] < ' ' || text[i] == 0x7f)
			return bad(why, "the text holds control characters");
	memcpy(at, text, len);
	at[len] = '\0';
	return 0;
}

static int take_number(uint32_t *at, const char *text, size_t len,
		       uint32_t max, const char **why)
{
	uint32_t value = 0;
	size_t i;

	if (!len || len > 9)
		return bad(why, "this is not a number that fits here");
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return bad(why, "this is not a number");
		value = value * 10 + (text[i] - '0');
	}
	if (value > max)
		return bad(why, "the number is too large");
	*at = value;
	return 0;
}

static int take_ip(struct firmware_ip *at, const char *text, size_t len,
		   const char **why)
{
	static const uint8_t zero[16];
	struct mpio_portal portal;

	if (mpio_portal_parse(text, len, &portal, why))
		return -EINVAL;
	if (portal.family == MPIO_FAMILY_NAME || portal.has_port ||
	    portal.tpgt >= 0 || portal.scope[0])
		return bad(why, "this is not an IP address");
	memset(at, 0, sizeof(*at));
	at->v6 = portal.family == MPIO_FAMILY_IPV6;
	memcpy(at->addr, portal.addr, at->v6 ? 16 : 4);
	at->present = memcmp(at->addr, zero, sizeof(zero));
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int take_mac(struct firmware_nic *nic, const char *text, size_t len,
		    const char **why)
{
	uint8_t mac[FIRMWARE_MAC_LEN];
	int i, high, low;

	if (len != 3 * FIRMWARE_MAC_LEN - 1)
		return bad(why, "this is not a MAC address");
	for (i = 0; i < FIRMWARE_MAC_LEN; i++) {
		high = hex_digit(text[3 * i]);
		low = hex_digit(text[3 * i + 1]);
		if (high < 0 || low < 0 ||
		    (i < FIRMWARE_MAC_LEN - 1 && text[3 * i + 2] != ':'))
			return bad(why, "this is not a MAC address");
		mac[i] = high << 4 | low;
	}
	memcpy(nic->mac, mac, sizeof(mac));
	nic->has_mac = true;
	return 0;
}

static int take_mask(uint32_t *prefix, const char *text, size_t len,
		     const char **why)
{
	struct firmware_ip mask;
	uint32_t bits, n = 0;

	if (take_ip(&mask, text, len, why))
		return -EINVAL;
	bits = mpio_get32(mask.addr);
	while (n < 32 && bits & 0x80000000U >> n)
		n++;
	if (mask.v6 || (n < 32 && bits << n))
		return bad(why, "this is not a netmask");
	if (n)
		*prefix = n;
	return 0;
}

static int take(const struct row *row, void *object, const char *text,
		size_t len, const char **why)
{
	char name[MPIO_ISCSI_NAME_MAX + 1];
	void *at = (char *)object + row->offset;

	switch (row->kind) {
	case KIND_TEXT:
		return take_text(at, row->size, text, len, why);
	case KIND_NAME:
		if (!len)	/* the firmware left it out */
			return 0;
		if (len > MPIO_ISCSI_NAME_MAX)
			return bad(why, "the name is too long");
		if (mpio_name_take(text, len, name, why))
			return -EINVAL;
		memcpy(at, name, strlen(name) + 1);
		return 0;
	case KIND_IP:
		return take_ip(at, text, len, why);
	case KIND_MAC:
		return take_mac(object, text, len, why);
	case KIND_NUMBER:
		return take_number(at, text, len, row->max, why);
	case KIND_MASK:
		return take_mask(at, text, len, why);
	}
	return 0;
}

/* The digit behind @kind in @object, or -1 when it is another object. */
static int object_number(const char *object, const char *kind)
{
	size_t len = strlen(kind);

	if (strncmp(object, kind, len) || object[len] < '0' ||
	    object[len] >= '0' + FIRMWARE_OBJECTS_MAX || object[len + 1])
		return -1;
	return object[len] - '0';
}

/* The rows of an object and where its values go; marks it as present. */
static const struct row *find_object(struct firmware *ibft, const char *object,
				     void **at)
{
	int n = object_number(object, "ethernet");

	if (n >= 0) {
		ibft->nic[n].present = true;
		*at = &ibft->nic[n];
		return nic_rows;
	}
	n = object_number(object, "target");
	if (n >= 0) {
		ibft->target[n].present = true;
		*at = &ibft->target[n];
		return target_rows;
	}
	*at = ibft;
	return strcmp(object, "initiator") ? NULL : initiator_rows;
}

int firmware_set(struct firmware *ibft, const char *object, const char *attr,
		 const char *text, size_t len, const char **why)
{
	const struct row *row;
	void *at;

	while (len && (text[len - 1] == '\n' || !text[len - 1]))
		len--;
	row = find_object(ibft, object, &at);
	for (; row && row->attr; row++)
		if (!strcmp(row->attr, attr))
			return take(row, at, text, len, why);
	return 0;
}

int firmware_check(const struct firmware_target *t, const char **why)
{
	*why = "the table does not describe this target";
	if (!t->present || !(t->flags & FIRMWARE_FLAG_VALID))
		return -ENOENT;
	if (!t->name[0])
		return bad(why, "it has no target name");
	if (!t->ip.present)
		return bad(why, "it has no target address");
	if (t->chap != FIRMWARE_CHAP_NONE && (!t->user[0] || !t->secret[0]))
		return bad(why, "it wants CHAP without a name or a secret");
	if (t->chap == FIRMWARE_CHAP_MUTUAL && !t->secret_in[0])
		return bad(why, "it wants mutual CHAP without a secret");
	return 0;
}

void firmware_portal(const struct firmware_target *t, struct mpio_portal *portal)
{
	memset(portal, 0, sizeof(*portal));
	portal->family = t->ip.v6 ? MPIO_FAMILY_IPV6 : MPIO_FAMILY_IPV4;
	memcpy(portal->addr, t->ip.addr, sizeof(portal->addr));
	portal->port = t->port ? t->port : 3260;
	portal->has_port = true;
	portal->tpgt = -1;
	mpio_host_format(portal, portal->host);
}

const struct firmware_nic *firmware_nic_of(const struct firmware *ibft,
					   const struct firmware_target *t)
{
	int i;

	for (i = 0; i < FIRMWARE_OBJECTS_MAX; i++)
		if (ibft->nic[i].present && ibft->nic[i].index == t->nic &&
		    ibft->nic[i].flags & FIRMWARE_FLAG_VALID)
			return &ibft->nic[i];
	return NULL;
}

static bool is_object(const char *name)
{
	return !strcmp(name, "initiator") ||
	       object_number(name, "ethernet") >= 0 ||
	       object_number(name, "target") >= 0;
}

/* Content of a file, at most FILE_MAX_LEN bytes; negative when it fails. */
static ssize_t read_at(int dir, const char *name, char *text)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, FILE_MAX_LEN);
	close(fd);
	return n;
}

static void load_object(int root, const char *object, struct firmware *ibft,
			void (*complain)(const char *file, const char *why))
{
	int fd = openat(root, object, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[FILE_MAX_LEN], file[2 * NAME_MAX + 2];
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const char *why;
	struct dirent *e;
	ssize_t len;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir))) {
		len = e->d_name[0] == '.' ? -1 : read_at(fd, e->d_name, text);
		if (len < 0)
			continue;
		if (!firmware_set(ibft, object, e->d_name, text, len, &why) ||
		    !complain)
			continue;
		snprintf(file, sizeof(file), "%s/%s", object, e->d_name);
		complain(file, why);
	}
	if (dir)
		closedir(dir);
	explicit_bzero(text, sizeof(text));
}

int firmware_load(const char *path, struct firmware *ibft,
		  void (*complain)(const char *file, const char *why))
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int err;

	memset(ibft, 0, sizeof(*ibft));
	if (!dir)
		return -errno;
	while (errno = 0, e = readdir(dir))
		if (is_object(e->d_name))
			load_object(dirfd(dir), e->d_name, ibft, complain);
	err = errno;
	closedir(dir);
	return -err;
}

void firmware_wipe(struct firmware *ibft)
{
	explicit_bzero(ibft, sizeof(*ibft));
}
