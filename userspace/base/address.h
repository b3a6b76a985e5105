/* SPDX-License-Identifier: GPL-2.0 */
/* Portals and addresses as people write them and as sockets want them. */
#ifndef _ISCSICTL_ADDRESS_H
#define _ISCSICTL_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/strlist.h"
#include "proto/name.h"

#define ADDRESS_TEXT	80		/* "[address%scope]:port" */
#define ADDRESSES_MAX	16		/* of one DNS name */

/* A name as it may be used, byte for byte into @out (MPIO_NAME_MAX + 1). */
int address_parse_name(const char *text, char *out);
/* Is the name one of @list, as names are compared? */
bool address_name_listed(const struct strlist *list, const char *name);
int address_parse_portal(const char *text, struct mpio_portal *portal);
/* The same for what a user gives; tells of a port that was taken for a part. */
int address_given_portal(const char *text, struct mpio_portal *portal);
/* Addresses of a portal, at most ADDRESSES_MAX of them. */
int address_resolve_portal(const struct mpio_portal *portal,
			   struct sockaddr_storage *list, size_t *count);
/* An address without port to bind to. */
int address_parse(const char *text, struct sockaddr_storage *address);

socklen_t address_length(const struct sockaddr_storage *address);
uint16_t address_port(const struct sockaddr_storage *address);
/* "" for no address; @text holds ADDRESS_TEXT bytes. */
const char *address_text(const struct sockaddr_storage *address, char *text);
const char *address_port_text(const struct sockaddr_storage *address,
			      char *text);
bool address_same(const struct sockaddr_storage *a,
		  const struct sockaddr_storage *b);

#endif /* _ISCSICTL_ADDRESS_H */
