/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of nodes (RFC 7143 4.2.7) and addresses of portals (13.8), as typed
 * by people and as sent by targets.
 */
#ifndef MPIO_PROTO_NAME_H
#define MPIO_PROTO_NAME_H

#include "env.h"

#define MPIO_ISCSI_NAME_MAX	223	/* 4.2.7.1, bytes */
#define MPIO_HOST_MAX		253	/* DNS name, or address with scope */
#define MPIO_SCOPE_MAX		15	/* IFNAMSIZ - 1 */
#define MPIO_PORTAL_TEXT_MAX	(MPIO_HOST_MAX + 2 + 6 + 6)

/**
 * mpio_name_check - may this be used as an iSCSI node name?
 * @s: the name, @len bytes
 * @len: of @s
 * @why: sentence when it may not
 *
 * Targets have names that RFC 7143 4.2.7 knows nothing of, and log in by them:
 * capitals, '_', no date, no iqn. at all. Refused is only what is dangerous:
 * control characters, blanks, slashes, quotes, '$', '-' or '.' in front, what
 * is not UTF-8, no bytes at all and more than 223.
 *
 * Return: 0 or -EINVAL.
 */
int mpio_name_check(const char *s, u32 len, const char **why);

/*
 * Check and copy, byte for byte, into @out, which has MPIO_ISCSI_NAME_MAX + 1
 * bytes and may be @s. 0 or -EINVAL, and @out untouched.
 */
int mpio_name_take(const char *s, u32 len, char *out, const char **why);

/*
 * Order of two names as RFC 7143 4.2.7.2 compares them: letters of ASCII count
 * the same in both cases. 0 when they are one name.
 */
int mpio_name_compare(const char *a, const char *b);

enum mpio_family {
	MPIO_FAMILY_NAME,	/* host is a DNS name */
	MPIO_FAMILY_IPV4,
	MPIO_FAMILY_IPV6
};

struct mpio_portal {
	enum mpio_family family;
	u8 addr[16];			/* network order, 4 or 16 bytes */
	u16 port;			/* 3260 if none was given */
	bool has_port;
	s32 tpgt;			/* -1 if none was given */
	char scope[MPIO_SCOPE_MAX + 1];	/* IPv6 zone: "eth0" or "2", or "" */
	char host[MPIO_HOST_MAX + 1];	/* DNS name, or text of the address */
};

/**
 * mpio_portal_parse - ADDR[:PORT][,TPGT]
 * @s: "192.0.2.1", "192.0.2.1:3260", "[fe80::1%eth0]:3260,1", "fe80::1%eth0",
 *	"storage.example:860", ...
 * @len: of @s
 * @out: untouched on failure
 * @why: sentence when refused
 *
 * Return: 0 or -EINVAL.
 */
int mpio_portal_parse(const char *s, u32 len, struct mpio_portal *out,
		      const char **why);

/*
 * Canonical text "192.0.2.1:3260", "[fe80::1%eth0]:3260" (RFC 5952), with
 * ",TPGT" when @tpgt and there is one. @out has MPIO_PORTAL_TEXT_MAX + 1
 * bytes. Returns the length.
 */
u32 mpio_portal_format(const struct mpio_portal *p, bool tpgt, char *out);

/* The address alone: "192.0.2.1", "fe80::1%eth0", "storage.example". */
u32 mpio_host_format(const struct mpio_portal *p, char *out);

/* Same host and port? Neither TPGT nor the way it was written counts. */
bool mpio_portal_equal(const struct mpio_portal *a,
		       const struct mpio_portal *b);

#endif /* MPIO_PROTO_NAME_H */
