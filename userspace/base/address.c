// SPDX-License-Identifier: GPL-2.0
/* Names, portals, addresses: syntax by proto/name.c, DNS by the resolver. */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/resolver.h"
#include "base/strlist.h"

int address_parse_name(const char *text, char *out)
{
	const char *reason = NULL;

	if (mpio_name_take(text, strlen(text), out, &reason))
		return because(CODE_INVALID, "%s", reason);
	return 0;
}

bool address_name_listed(const struct strlist *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!mpio_name_compare(list->item[i], name))
			return true;
	return false;
}

static bool has_blank(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

/* Says what is wrong with @text, which people write for an address; or NULL. */
static const char *slip_of(const char *text)
{
	const char *comma = strchr(text, ',');

	if (has_blank(text))
		return "an address must not hold blanks or control characters";
	if (!strncasecmp(text, "iqn.", 4) || !strncasecmp(text, "eui.", 4) ||
	    !strncasecmp(text, "naa.", 4))
		return "that is a target's name, where an address belongs";
	if (strstr(text, "://"))
		return "an address is no URL: leave out what ends in ://";
	if (strchr(text, '/'))
		return "an address must not hold slashes";
	if (comma && strpbrk(comma, ".:"))
		return "each portal is given by itself, not after a comma";
	return NULL;
}

int address_parse_portal(const char *text, struct mpio_portal *portal)
{
	const char *reason = NULL, *slip;

	if (!mpio_portal_parse(text, strlen(text), portal, &reason))
		return 0;
	slip = slip_of(text);
	return because(CODE_INVALID, "%s", slip ? slip : reason);
}

int address_given_portal(const char *text, struct mpio_portal *portal)
{
	const char *last = strrchr(text, ':');
	int ret = address_parse_portal(text, portal);

	if (!ret && portal->family == MPIO_FAMILY_IPV6 && !portal->has_port &&
	    text[0] != '[' && (!strcmp(last, ":3260") || !strcmp(last, ":860")))
		note("%s is an address without a port: for one write [%.*s]%s",
		     text, (int)(last - text), text, last);
	return ret;
}

static int scope_parse(const char *scope, uint32_t *id)
{
	char *end;

	*id = 0;
	if (!*scope)
		return 0;
	*id = if_nametoindex(scope);
	if (!*id)
		*id = strtoul(scope, &end, 10);
	if (!*id)
		return because(CODE_TRANSPORT,
			       "there is no network interface \"%s\"", scope);
	return 0;
}

static int fixed(const struct mpio_portal *portal,
		 struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (portal->family == MPIO_FAMILY_IPV4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(portal->port);
		memcpy(&in->sin_addr, portal->addr, 4);
		return 0;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(portal->port);
	memcpy(&in6->sin6_addr, portal->addr, 16);
	return scope_parse(portal->scope, &in6->sin6_scope_id);
}

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)address)->sin_port = htons(port);
}

int address_resolve_portal(const struct mpio_portal *portal,
			   struct sockaddr_storage *list, size_t *count)
{
	struct addrinfo *all, *ai;
	int ret;

	*count = 0;
	if (portal->family != MPIO_FAMILY_NAME) {
		*count = 1;
		return fixed(portal, list);
	}
	ret = resolver_ask(portal->host, &all);
	if (ret == EAI_INPROGRESS)
		return because(CODE_TRANSPORT,
			       "cannot resolve %s: no name server has answered yet",
			       portal->host);
	if (ret)
		return because(CODE_TRANSPORT, "cannot resolve %s: %s",
			       portal->host, gai_strerror(ret));
	for (ai = all; ai && *count < ADDRESSES_MAX; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memset(&list[*count], 0, sizeof(*list));
		memcpy(&list[*count], ai->ai_addr, ai->ai_addrlen);
		set_port(&list[(*count)++], portal->port);
	}
	freeaddrinfo(all);
	if (*count)
		return 0;
	return because(CODE_TRANSPORT, "%s has no address", portal->host);
}

int address_parse(const char *text, struct sockaddr_storage *address)
{
	struct mpio_portal portal;

	if (address_parse_portal(text, &portal))
		return CODE_INVALID;
	if (portal.family == MPIO_FAMILY_NAME || portal.has_port)
		return because(CODE_INVALID,
			       "\"%s\" is not an IP address without port",
			       text);
	portal.port = 0;
	return fixed(&portal, address);
}

socklen_t address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	       address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : 0;
}

uint16_t address_port(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)address)->sin6_port);
	return ntohs(((struct sockaddr_in *)address)->sin_port);
}

const char *address_text(const struct sockaddr_storage *address, char *text)
{
	text[0] = '\0';
	if (address_length(address))
		getnameinfo((const struct sockaddr *)address,
			    address_length(address), text, ADDRESS_TEXT, NULL,
			    0, NI_NUMERICHOST);
	return text;
}

const char *address_port_text(const struct sockaddr_storage *address,
			      char *text)
{
	char host[ADDRESS_TEXT];
	bool v6 = address->ss_family == AF_INET6;

	text[0] = '\0';
	address_text(address, host);
	if (*host)
		snprintf(text, ADDRESS_TEXT, "%s%.64s%s:%u", v6 ? "[" : "",
			 host, v6 ? "]" : "", address_port(address));
	return text;
}

bool address_same(const struct sockaddr_storage *a,
		  const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	if (a->ss_family == AF_INET6)
		return a6->sin6_port == b6->sin6_port &&
		       a6->sin6_scope_id == b6->sin6_scope_id &&
		       !memcmp(&a6->sin6_addr, &b6->sin6_addr,
			       sizeof(a6->sin6_addr));
	return true;
}
