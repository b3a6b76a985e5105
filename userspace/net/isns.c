// SPDX-License-Identifier: GPL-2.0
/*
 * One DevAttrQry: nodes of type target as the key, their portal groups as the
 * attributes wanted. An answer may come in many PDUs (RFC 4171 5.1).
 */
#include "net/isns.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/args.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "net/wire.h"

#define TIMEOUT_MS	15000
#define ANSWER_MAX	(16U << 20)
#define HEADER_LEN	12
#define ATTR_LEN	8
#define VERSION		1
#define XID		1

enum function {				/* RFC 4171 5 */
	DEV_ATTR_QRY = 0x0002,
	DEV_ATTR_QRY_RSP = 0x8002,
};

enum flag {				/* RFC 4171 5.1.4 */
	FLAG_CLIENT = 0x8000,
	FLAG_LAST = 0x0800,
	FLAG_FIRST = 0x0400,
};

enum {					/* RFC 4171 6.1 */
	TAG_DELIMITER = 0,
	TAG_ISCSI_NAME = 32,
	TAG_NODE_TYPE = 33,
	TAG_PG_NAME = 48,
	TAG_PG_ADDRESS = 49,
	TAG_PG_PORT = 50,
	TAG_PG_TAG = 51,
};

#define NODE_TYPE_TARGET 1

struct message {
	uint8_t *data;
	uint32_t len;
};

/* A portal group while its attributes come in. */
struct group {
	char name[MPIO_NAME_MAX + 1];
	struct mpio_portal at;
	bool has_address;
	bool no_access;
};

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return ntohs(value);
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

/* @m has room; @len is what the value takes without padding. */
static void put_attr(struct message *m, uint32_t tag, const void *value,
		     uint32_t len)
{
	uint32_t padded = (len + 3) & ~3U;

	put32(m->data + m->len, tag);
	put32(m->data + m->len + 4, padded);
	memset(m->data + m->len + ATTR_LEN, 0, padded);
	if (len)
		memcpy(m->data + m->len + ATTR_LEN, value, len);
	m->len += ATTR_LEN + padded;
}

static int send_query(struct wire *wire, const char *initiator)
{
	uint8_t data[HEADER_LEN + 8 * ATTR_LEN + MPIO_NAME_MAX + 16] = {};
	struct message m = { data, HEADER_LEN };
	uint8_t type[4];

	put32(type, NODE_TYPE_TARGET);
	put_attr(&m, TAG_ISCSI_NAME, initiator, strlen(initiator) + 1);
	put_attr(&m, TAG_NODE_TYPE, type, sizeof(type));
	put_attr(&m, TAG_DELIMITER, NULL, 0);
	put_attr(&m, TAG_PG_NAME, NULL, 0);
	put_attr(&m, TAG_PG_ADDRESS, NULL, 0);
	put_attr(&m, TAG_PG_PORT, NULL, 0);
	put_attr(&m, TAG_PG_TAG, NULL, 0);
	put16(data, VERSION);
	put16(data + 2, DEV_ATTR_QRY);
	put16(data + 4, m.len - HEADER_LEN);
	put16(data + 6, FLAG_CLIENT | FLAG_FIRST | FLAG_LAST);
	put16(data + 8, XID);
	return wire_send_bytes(wire, data, m.len);
}

static int broken(const char *what)
{
	return because(CODE_INTERNAL, "the server broke RFC 4171: %s", what);
}

/* One PDU of the answer, appended to @m. */
static int receive_pdu(struct wire *wire, struct message *m, uint16_t seq,
		       bool *last)
{
	uint8_t header[HEADER_LEN];
	uint16_t len, flags;
	int ret;

	ret = wire_receive_bytes(wire, header, sizeof(header));
	if (ret)
		return ret;
	len = get16(header + 4);
	flags = get16(header + 6);
	if (get16(header) != VERSION)
		return broken("its version is not 1");
	if (get16(header + 2) != DEV_ATTR_QRY_RSP ||
	    get16(header + 8) != XID)
		return broken("it answers another question");
	if (get16(header + 10) != seq || !(flags & FLAG_FIRST) != !!seq)
		return broken("a part of its answer is missing");
	if (len % 4 || m->len + len > ANSWER_MAX)
		return broken("the length of its answer");
	m->data = xrealloc(m->data, m->len + len + 1, 1);
	*last = flags & FLAG_LAST;
	ret = wire_receive_bytes(wire, m->data + m->len, len);
	m->len += len;
	m->data[m->len] = '\0';	/* a name may come without its NUL */
	return ret;
}

static int receive_answer(struct wire *wire, struct message *m)
{
	bool last = false;
	uint16_t seq = 0;
	int ret = 0;

	while (!ret && !last) {
		ret = receive_pdu(wire, m, seq, &last);
		if (!ret && !last && !++seq)
			ret = broken("its answer has no end");
	}
	return ret;
}

static void finish_group(struct portal *found, const struct group *g)
{
	char name[MPIO_NAME_MAX + 1];

	if (!g->name[0] || !g->has_address || g->no_access)
		return;
	if (address_parse_name(g->name, name))
		note("a target with a bad name is left out");
	else
		portal_add_target(found, name, &g->at);
}

/* 16 bytes, IPv4 as ::ffff:a.b.c.d; neither may be unspecified. */
static int take_address(struct group *g, const uint8_t *value, uint32_t len)
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *v4 = value + 12;
	struct in6_addr in6;
	uint16_t port = g->at.port;

	if (len != sizeof(in6))
		return broken("the length of an address");
	memcpy(&in6, value, sizeof(in6));
	if (IN6_IS_ADDR_V4MAPPED(&in6) || IN6_IS_ADDR_V4COMPAT(&in6))
		inet_ntop(AF_INET, v4, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &in6, text, sizeof(text));
	if (address_parse_portal(text, &g->at))
		return CODE_INTERNAL;
	g->at.port = port;
	g->at.has_port = true;
	g->at.tpgt = 1;
	g->has_address = true;
	return 0;
}

static int take_attr(struct portal *found, struct group *g, uint32_t tag,
		     const uint8_t *value, uint32_t len)
{
	switch (tag) {
	case TAG_PG_NAME:
		finish_group(found, g);
		memset(g, 0, sizeof(*g));
		g->at.port = 3260;
		if (len > MPIO_NAME_MAX + 1 + 3)
			return broken("the length of a name");
		copy_text(g->name, len + 1 < sizeof(g->name) ? len + 1 :
			  sizeof(g->name), (const char *)value);
		return 0;
	case TAG_PG_ADDRESS:
		return take_address(g, value, len);
	case TAG_PG_PORT:
		if (len != 4 || !(get32(value) & 0xffff))
			return broken("a port");
		g->at.port = get32(value) & 0xffff;
		return 0;
	case TAG_PG_TAG:	/* without a value there is no access */
		g->no_access = !len;
		if (len == 4)
			g->at.tpgt = get32(value) & 0xffff;
		return 0;
	default:
		return 0;
	}
}

/* Status, the key we sent, a delimiter, then what was found. */
static int take_answer(const struct message *m, struct portal *found)
{
	struct group g = {};
	uint32_t at = 4, tag, len;
	bool behind = false;
	int ret = 0;

	if (m->len < 4)
		return broken("an answer without status");
	if (get32(m->data))
		return because(CODE_NOT_FOUND,
			       "the iSNS server refuses with status %u",
			       get32(m->data));
	while (at < m->len && !ret) {
		if (m->len - at < ATTR_LEN)
			return broken("an attribute is cut short");
		tag = get32(m->data + at);
		len = get32(m->data + at + 4);
		at += ATTR_LEN;
		if (len % 4 || len > m->len - at)
			return broken("the length of an attribute");
		if (tag == TAG_DELIMITER)
			behind = true;
		else if (behind)
			ret = take_attr(found, &g, tag, m->data + at, len);
		at += len;
	}
	if (!ret)
		finish_group(found, &g);
	return ret;
}

static int ask(const struct portal *portal, const char *initiator,
	       const struct sockaddr_storage *to, struct message *m)
{
	struct wire wire = { .fd = -1 };
	int ret;

	wire.deadline = clock_now() + (options_given()->timeout > 0 ?
			options_given()->timeout : TIMEOUT_MS);
	ret = wire_open(&wire, to, &portal->source, portal->iface);
	if (ret)
		return ret;
	ret = send_query(&wire, initiator);
	if (!ret)
		ret = receive_answer(&wire, m);
	wire_close(&wire);
	return ret;
}

int isns_query(struct portal *portal, const char *initiator)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	struct portal found = {};
	struct message m = {};
	size_t i, count;
	int ret;

	ret = address_resolve_portal(&portal->portal, address, &count);
	for (i = 0; i < count; i++) {
		m.len = 0;
		ret = ask(portal, initiator, &address[i], &m);
		if (ret != CODE_TRANSPORT && ret != CODE_CONNECT_TIMEOUT)
			break;
	}
	if (!ret)
		ret = take_answer(&m, &found);
	free(m.data);
	if (ret) {
		free(found.target);
		return ret;
	}
	free(portal->target);
	portal->target = found.target;
	portal->targets = found.targets;
	return 0;
}
