// SPDX-License-Identifier: GPL-2.0
/* DHCP messages: plain C, no sockets; what comes in may be hostile. */
#include "boot/dhcp.h"

#define HEADER_LEN	240	/* RFC 2131 2, with the magic cookie */
#define AT_XID		4
#define AT_FLAGS	10
#define AT_CIADDR	12
#define AT_YIADDR	16
#define AT_CHADDR	28
#define AT_COOKIE	236
#define COOKIE		0x63825363U
#define OP_REQUEST	1
#define OP_REPLY	2
#define ETHERNET	1
#define BROADCAST	0x8000
#define MIN_LEN		300	/* RFC 1542 2.1 */

/* Options of RFC 2132. */
enum {
	OPT_PAD = 0,
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_ROOT_PATH = 17,
	OPT_WANTED_IP = 50,
	OPT_SECONDS = 51,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_WANTED_OPTIONS = 55,
	OPT_CLIENT = 61,
	OPT_END = 255,
};

size_t dhcp_message_build(uint8_t *out, enum dhcp_type type, uint32_t xid,
			  const uint8_t *mac, const struct dhcp_lease *lease)
{
	static const uint8_t wanted[] = { OPT_WANTED_OPTIONS, 4, OPT_MASK,
					  OPT_ROUTER, OPT_DNS, OPT_ROOT_PATH };
	static const uint8_t client[] = { OPT_CLIENT, 1 + FIRMWARE_MAC_LEN,
					  ETHERNET };
	uint8_t *p = out + HEADER_LEN;

	memset(out, 0, MIN_LEN);
	out[0] = OP_REQUEST;
	out[1] = ETHERNET;
	out[2] = FIRMWARE_MAC_LEN;
	mpio_put32(out + AT_XID, xid);
	/* We have no address to send to yet. */
	if (type == DHCP_RENEW)
		memcpy(out + AT_CIADDR, lease->ip.addr, 4);
	else
		mpio_put16(out + AT_FLAGS, BROADCAST);
	memcpy(out + AT_CHADDR, mac, FIRMWARE_MAC_LEN);
	mpio_put32(out + AT_COOKIE, COOKIE);
	*p++ = OPT_TYPE;
	*p++ = 1;
	*p++ = type == DHCP_RENEW ? DHCP_REQUEST : type;
	memcpy(p, wanted, sizeof(wanted));
	p += sizeof(wanted);
	memcpy(p, client, sizeof(client));
	p += sizeof(client);
	memcpy(p, mac, FIRMWARE_MAC_LEN);
	p += FIRMWARE_MAC_LEN;
	if (type == DHCP_REQUEST) {
		*p++ = OPT_WANTED_IP;
		*p++ = 4;
		memcpy(p, lease->ip.addr, 4);
		p += 4;
		*p++ = OPT_SERVER;
		*p++ = 4;
		memcpy(p, lease->server.addr, 4);
		p += 4;
	}
	*p++ = OPT_END;
	return p - out < MIN_LEN ? MIN_LEN : (size_t)(p - out);
}

static void set_ip(struct firmware_ip *ip, const uint8_t *from)
{
	memset(ip, 0, sizeof(*ip));
	memcpy(ip->addr, from, 4);
	ip->present = mpio_get32(from);
}

static void take_root_path(struct dhcp_lease *lease, const uint8_t *text,
			   uint8_t len)
{
	uint8_t i;

	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			len = i;	/* some servers count the NUL, too */
	memcpy(lease->root_path, text, len);
	lease->root_path[len] = '\0';
}

static void take_option(struct dhcp_lease *lease, int *type, uint8_t option,
			const uint8_t *value, uint8_t len)
{
	uint32_t mask;

	switch (option) {
	case OPT_TYPE:
		if (len == 1)
			*type = value[0];
		break;
	case OPT_MASK:
		if (len != 4)
			break;
		lease->prefix = 0;
		for (mask = mpio_get32(value); mask & 0x80000000U; mask <<= 1)
			lease->prefix++;
		break;
	case OPT_ROUTER:
		if (len >= 4)
			set_ip(&lease->gateway, value);
		break;
	case OPT_DNS:
		if (len >= 4)
			set_ip(&lease->dns[0], value);
		if (len >= 8)
			set_ip(&lease->dns[1], value + 4);
		break;
	case OPT_SERVER:
		if (len == 4)
			set_ip(&lease->server, value);
		break;
	case OPT_SECONDS:
		if (len == 4)
			lease->seconds = mpio_get32(value);
		break;
	case OPT_ROOT_PATH:
		take_root_path(lease, value, len);
		break;
	}
}

int dhcp_message_parse(const uint8_t *message, size_t len, uint32_t xid,
		       const uint8_t *mac, struct dhcp_lease *lease)
{
	struct dhcp_lease found = { .prefix = 24 };
	size_t at = HEADER_LEN;
	int type = -EINVAL;
	uint8_t size;

	if (len < HEADER_LEN || message[0] != OP_REPLY ||
	    mpio_get32(message + AT_XID) != xid ||
	    mpio_get32(message + AT_COOKIE) != COOKIE ||
	    memcmp(message + AT_CHADDR, mac, FIRMWARE_MAC_LEN))
		return -EINVAL;
	set_ip(&found.ip, message + AT_YIADDR);
	while (at < len && message[at] != OPT_END) {
		if (message[at] == OPT_PAD) {
			at++;
			continue;
		}
		if (at + 2 > len)
			return -EINVAL;
		size = message[at + 1];
		if (at + 2 + size > len)
			return -EINVAL;
		take_option(&found, &type, message[at], message + at + 2,
			    size);
		at += 2 + size;
	}
	if (type == DHCP_OFFER || type == DHCP_ACK) {
		if (!found.ip.present || !found.server.present)
			return -EINVAL;
		*lease = found;
	}
	return type;
}
