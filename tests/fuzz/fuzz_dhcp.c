// SPDX-License-Identifier: GPL-2.0
/* Answers of DHCP servers, with the fields right that are checked first. */
#include "fuzz.h"
#include "../../userspace/boot/dhcp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const uint8_t mac[FIRMWARE_MAC_LEN];
	struct feed f = { data, size };
	uint8_t header[DHCP_MESSAGE_MAX];
	struct dhcp_lease lease = {};
	u8 *options, *message;
	u32 len;
	int type;

	dhcp_message_build(header, DHCP_DISCOVER, 0, mac, NULL);
	header[0] = 2;
	header[16] = feed_byte(&f);
	options = feed_copy(&f, f.rest, &len);
	message = malloc(240 + len);
	must(message);
	memcpy(message, header, 240);
	memcpy(message + 240, options, len);
	type = dhcp_message_parse(message, 240 + len, 0, mac, &lease);
	if (type == DHCP_OFFER || type == DHCP_ACK)
		must(lease.ip.present && lease.server.present &&
		     lease.prefix <= 32 &&
		     strlen(lease.root_path) <= DHCP_ROOT_MAX);
	free(message);
	free(options);
	return 0;
}
