// SPDX-License-Identifier: GPL-2.0
/*
 * DHCP messages. Failing means: a machine gets no address, or one that nobody
 * meant for it.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../userspace/boot/dhcp.h"

#define XID 0x12345678U

static const uint8_t mac[FIRMWARE_MAC_LEN] = { 0x52, 0x54, 0, 1, 2, 3 };

/* An answer with these options behind the header; returns its length. */
static size_t answer(uint8_t *out, const void *options, size_t len)
{
	dhcp_message_build(out, DHCP_DISCOVER, XID, mac, NULL);
	out[0] = 2;
	mpio_put32(out + 16, 0x0a090101);
	memcpy(out + 240, options, len);
	return 240 + len;
}

static int parse(const void *options, size_t len, struct dhcp_lease *lease)
{
	uint8_t message[DHCP_MESSAGE_MAX] = {};
	size_t size = answer(message, options, len);
	uint8_t *copy = unit_exact(message, size);
	int ret = dhcp_message_parse(copy, size, XID, mac, lease);

	free(copy);
	return ret;
}

#define PARSE(text, lease) parse(text, sizeof(text) - 1, lease)
#define SERVER "\066\004\012\011\001\002"
#define OFFER "\065\001\002"

static void test_offer(void)
{
	struct dhcp_lease lease = {};

	check(PARSE("\000\000" OFFER SERVER "\001\004\377\377\377\200"
		    "\003\010\012\011\001\376\012\011\001\375"
		    "\006\010\012\011\001\065\012\011\001\066"
		    "\021\014iscsi:a::::i\377junk", &lease) == DHCP_OFFER,
	      "offer");
	check(lease.prefix == 25 && lease.gateway.addr[3] == 254 &&
	      lease.dns[1].addr[3] == 0x36 && lease.server.addr[3] == 2 &&
	      lease.ip.addr[3] == 1, "addresses of an offer");
	check(!strcmp(lease.root_path, "iscsi:a::::i"), "root path");
	check(PARSE(OFFER SERVER "\021\004ab\0c", &lease) == DHCP_OFFER &&
	      !strcmp(lease.root_path, "ab") && lease.prefix == 24 &&
	      !lease.gateway.present, "root path that counts its NUL, no end");
	check(PARSE(OFFER SERVER "\063\004\0\0\0\170", &lease) == DHCP_OFFER &&
	      lease.seconds == 120, "two minutes");
	check(PARSE("\065\001\006", &lease) == DHCP_NAK, "NAK");
	check(PARSE("\065\001\005" SERVER "\377", &lease) == DHCP_ACK, "ACK");
}

static void test_hostile(void)
{
	struct dhcp_lease lease = {}, before;
	uint8_t message[DHCP_MESSAGE_MAX] = {};
	size_t len, i;

	before = lease;
	check(PARSE(OFFER, &lease) == -EINVAL, "offer of no server");
	check(PARSE(SERVER, &lease) == -EINVAL, "no type");
	check(PARSE(OFFER SERVER "\001", &lease) == -EINVAL,
	      "option without a length");
	check(PARSE(OFFER SERVER "\001\004\377", &lease) == -EINVAL,
	      "option that goes on behind the end");
	check(PARSE("\065\000" SERVER "\377", &lease) == -EINVAL,
	      "type of no length");
	check(!memcmp(&before, &lease, sizeof(lease)),
	      "none of them left anything");
	check(PARSE(OFFER SERVER "\001\003\377\377\377\003\003\1\1\1"
		    "\006\001\1\377", &lease) == DHCP_OFFER &&
	      !lease.gateway.present && !lease.dns[0].present &&
	      lease.prefix == 24, "options of a wrong length are passed over");
	len = answer(message, OFFER SERVER "\377", 10);
	check(dhcp_message_parse(message, len, XID + 1, mac, &lease) == -EINVAL,
	      "answer to somebody else's question");
	message[28]++;
	check(dhcp_message_parse(message, len, XID, mac, &lease) == -EINVAL,
	      "answer to another device");
	message[28]--;
	for (i = 0; i < 240; i++) {
		uint8_t *copy = unit_exact(message, i);

		if (dhcp_message_parse(copy, i, XID, mac, &lease) != -EINVAL)
			check(false, "cut header");
		free(copy);
	}
	message[0] = 1;
	check(dhcp_message_parse(message, len, XID, mac, &lease) == -EINVAL,
	      "a question is no answer");
}

static void test_build(void)
{
	struct dhcp_lease lease = {
		.ip = { true, false, { 10, 9, 1, 1 } },
		.server = { true, false, { 10, 9, 1, 2 } },
	};
	uint8_t message[DHCP_MESSAGE_MAX];

	check(dhcp_message_build(message, DHCP_DISCOVER, XID, mac, NULL) >= 300 &&
	      message[10] == 0x80 && mpio_get32(message + 4) == XID &&
	      !memcmp(message + 28, mac, sizeof(mac)), "DISCOVER");
	dhcp_message_build(message, DHCP_REQUEST, XID, mac, &lease);
	check(!memcmp(message + 249, "\075\007\001", 3) &&
	      !memcmp(message + 252, mac, sizeof(mac)),
	      "the client's identifier is its MAC address");
	check(!memcmp(message + 258, "\062\004\012\011\001\001" SERVER "\377",
		      13), "REQUEST names address and server");
	check(mpio_get32(message + 12) == 0, "and not as one that is had");
	dhcp_message_build(message, DHCP_RENEW, XID, mac, &lease);
	check(message[240] == 53 && message[242] == 3 && message[10] == 0 &&
	      mpio_get32(message + 12) == 0x0a090101 && message[258] == 0xff,
	      "one that renews has its address in ciaddr alone");
}

void test_dhcp(void)
{
	test_offer();
	test_hostile();
	test_build();
}
