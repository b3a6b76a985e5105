// SPDX-License-Identifier: GPL-2.0
/* From a line of the kernel's to what is allowed in the name of a link. */
#include "host/bypath.h"

#include <ctype.h>
#include <string.h>

#define ADDRESS_LEN	80
#define NAME_LEN	224

bool bypath_keeps(char c)
{
	return isalnum((unsigned char)c) || c & 0x80 ||
	       (c && strchr("#+-.:=@_", c));
}

/*
 * "[fe80::1%eth0]:3260" becomes "fe80::1_eth0:3260", as other tools name such
 * links; a link name holds what udev allows.
 */
static void make_link_text(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '[' || *text == ']')
			continue;
		*to++ = bypath_keeps(*text) ? *text : '_';
	}
	*to = '\0';
}

bool bypath_next(FILE *paths, char *name)
{
	char address[ADDRESS_LEN], target[NAME_LEN], line[512];
	unsigned long long lun;

	while (fgets(line, sizeof(line), paths)) {
		if (sscanf(line, "%79s %223s %llu", address, target,
			   &lun) != 3)
			continue;
		make_link_text(address);
		make_link_text(target);
		snprintf(name, BYPATH_LEN, "ip-%s-iscsi-%s-lun-%llu", address,
			 target, lun);
		return true;
	}
	return false;
}
