// SPDX-License-Identifier: GPL-2.0
/*
 * Node names and portal addresses. See name.h.
 */
#include "name.h"
#include "wire.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Bytes of the UTF-8 sequence at @s, 0 if it is none (RFC 3629 4). */
static u32 utf8_len(const u8 *s, u32 len)
{
	static const struct {
		u8 lo, hi;	/* first byte */
		u8 lo2, hi2;	/* second byte */
		u8 bytes;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (s[0] < forms[i].lo || s[0] > forms[i].hi)
			continue;
		if (len < forms[i].bytes || s[1] < forms[i].lo2 ||
		    s[1] > forms[i].hi2)
			return 0;
		for (n = 2; n < forms[i].bytes; n++)
			if (s[n] < 0x80 || s[n] > 0xbf)
				return 0;
		return forms[i].bytes;
	}
	return 0;
}

/* Control characters of Unicode: C0, DEL, C1. */
static bool is_control(const u8 *s, u32 n)
{
	return s[0] < 0x20 || s[0] == 0x7f ||
	       (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

/* U+00A0, U+1680, U+2000 to 200F, 2028 to 202F, 205F to 206F, U+3000, U+FEFF */
static bool is_blank(const u8 *s, u32 n)
{
	if (n == 2)
		return s[0] == 0xc2 && s[1] == 0xa0;
	if (n != 3)
		return s[0] == ' ';
	switch (s[0] << 8 | s[1]) {
	case 0xe19a:
		return s[2] == 0x80;
	case 0xe280:
		return s[2] <= 0x8f || (s[2] >= 0xa8 && s[2] <= 0xaf);
	case 0xe281:
		return s[2] >= 0x9f && s[2] <= 0xaf;
	case 0xe380:
		return s[2] == 0x80;
	case 0xefbb:
		return s[2] == 0xbf;
	}
	return false;
}

/* Nothing that misleads a terminal, a file name or a line of words. */
static const char *check_name(const char *s, u32 len)
{
	u32 i, n;

	if (!len)
		return "an iSCSI name must not be empty";
	if (len > MPIO_ISCSI_NAME_MAX)
		return "an iSCSI name must not exceed 223 bytes";
	if (s[0] == '-' || s[0] == '.')
		return "an iSCSI name must not begin with '-' or '.'";
	for (i = 0; i < len; i += n) {
		n = (u8)s[i] < 0x80 ? 1 : utf8_len((const u8 *)s + i, len - i);
		if (!n)
			return "an iSCSI name must be UTF-8";
		if (is_control((const u8 *)s + i, n))
			return "an iSCSI name must not hold control characters";
		if (is_blank((const u8 *)s + i, n))
			return "an iSCSI name must not hold blanks";
		if (s[i] == '/' || s[i] == '\\')
			return "an iSCSI name must not hold slashes";
		if (s[i] == '\'' || s[i] == '"' || s[i] == '`' || s[i] == '$')
			return "an iSCSI name must not hold quotes or '$'";
	}
	return NULL;
}

int mpio_name_check(const char *s, u32 len, const char **why)
{
	const char *bad = check_name(s, len);

	if (!bad)
		return 0;
	*why = bad;
	return -EINVAL;
}

int mpio_name_take(const char *s, u32 len, char *out, const char **why)
{
	char name[MPIO_ISCSI_NAME_MAX];

	if (mpio_name_check(s, len, why))
		return -EINVAL;
	memcpy(name, s, len);	/* @out may be @s */
	memcpy(out, name, len);
	out[len] = '\0';
	return 0;
}

static u8 fold(char c)
{
	return is_upper(c) ? c | 0x20 : c;
}

int mpio_name_compare(const char *a, const char *b)
{
	while (*a && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return fold(*a) - fold(*b);
}

/* Decimal number of at most @max with nothing around it, or -1. */
static s32 parse_number(const char *s, u32 len, s32 max)
{
	s32 n = 0;
	u32 i;

	if (!len || len > 5)
		return -1;
	for (i = 0; i < len; i++) {
		if (!is_digit(s[i]))
			return -1;
		n = n * 10 + s[i] - '0';
	}
	return n > max ? -1 : n;
}

static bool parse_ipv4(const char *s, u32 len, u8 *addr)
{
	u32 i, part, start = 0;

	for (part = 0; part < 4; part++) {
		s32 n;

		for (i = start; i < len && s[i] != '.';)
			i++;
		/* "010" is octal to some and decimal to others */
		if (i - start > 1 && s[start] == '0')
			return false;
		n = parse_number(s + start, i - start, 255);
		if (n < 0 || (part < 3) != (i < len))
			return false;
		addr[part] = (u8)n;
		start = i + 1;
	}
	return true;
}

static bool parse_group(const char *s, u32 len, u8 *out)
{
	u32 v = 0, i;

	if (!len || len > 4)
		return false;
	for (i = 0; i < len; i++) {
		if (hex_value(s[i]) < 0)
			return false;
		v = v << 4 | hex_value(s[i]);
	}
	mpio_put16(out, (u16)v);
	return true;
}

/* RFC 4291 2.2, all three forms, without scope */
static bool parse_ipv6(const char *s, u32 len, u8 *addr)
{
	u8 a[16] = { 0 };
	u32 n = 0, gap = 16 + 1, i = 0;	/* bytes so far; where "::" was */

	if (len >= 2 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		i = 2;
	}
	while (i < len) {
		u32 end = i;

		while (end < len && s[end] != ':')
			end++;
		if (end == len && n <= 12 && parse_ipv4(s + i, end - i, a + n)) {
			n += 4;
			break;
		}
		if (n > 14 || !parse_group(s + i, end - i, a + n))
			return false;
		n += 2;
		if (end == len)
			break;
		i = end + 1;
		if (i == len)
			return false;	/* one ':' at the end */
		if (s[i] == ':') {
			if (gap <= 16)
				return false;
			gap = n;
			i++;
		}
	}
	if (gap > 16 ? n != 16 : n > 14)
		return false;
	memset(addr, 0, 16);
	if (gap > 16)
		gap = n;
	memcpy(addr, a, gap);
	memcpy(addr + 16 - (n - gap), a + gap, n - gap);
	return true;
}

static bool parse_scope(const char *s, u32 len, char *scope)
{
	u32 i;

	if (!len || len > MPIO_SCOPE_MAX)
		return false;
	/* names of network interfaces: anything but '/', ':' and blanks */
	for (i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '/' || s[i] == ':' ||
		    s[i] == '%' || s[i] == ']' || s[i] == ',')
			return false;
	memcpy(scope, s, len);
	scope[len] = '\0';
	return true;
}

static const char *parse_ipv6_scope(const char *s, u32 len,
				    struct mpio_portal *p)
{
	const char *percent = memchr(s, '%', len);
	u32 n = percent ? (u32)(percent - s) : len;

	if (!parse_ipv6(s, n, p->addr))
		return "malformed IPv6 address";
	if (percent && !parse_scope(percent + 1, len - n - 1, p->scope))
		return "malformed IPv6 scope behind '%'";
	p->family = MPIO_FAMILY_IPV6;
	return NULL;
}

/* RFC 1123 2.1, with '_' as found in the field */
static const char *parse_dns(const char *s, u32 len, struct mpio_portal *p)
{
	bool number = true;	/* the last label is all digits */
	u32 i, start = 0;

	if (!len || len > MPIO_HOST_MAX)
		return "a host name must have 1 to 253 characters";
	for (i = 0; i < len; i++) {
		char c = s[i];

		if (c == '.') {
			if (i == start || s[i - 1] == '-')
				return "malformed host name";
			start = i + 1;
			if (i + 1 < len)
				number = true;
			continue;
		}
		if (!is_lower(c) && !is_upper(c) && !is_digit(c) &&
		    c != '_' && (c != '-' || i == start))
			return "malformed host name or address";
		if (i - start >= 63)
			return "a part of the host name exceeds 63 characters";
		number = number && is_digit(c);
	}
	if (s[len - 1] == '-')
		return "malformed host name";
	if (number)
		return "malformed IPv4 address";
	p->family = MPIO_FAMILY_NAME;
	return NULL;
}

/* What is before ":PORT", brackets removed. */
static const char *parse_host(const char *s, u32 len, bool bracketed,
			      struct mpio_portal *p)
{
	const char *bad;

	if (!len)
		return "the address is empty";
	if (bracketed || memchr(s, ':', len)) {
		bad = parse_ipv6_scope(s, len, p);
	} else if (parse_ipv4(s, len, p->addr)) {
		p->family = MPIO_FAMILY_IPV4;
		bad = NULL;
	} else {
		bad = parse_dns(s, len, p);
	}
	if (bad)
		return bad;
	if (p->family == MPIO_FAMILY_NAME) {
		memcpy(p->host, s, len);
		p->host[len] = '\0';
	} else {
		mpio_host_format(p, p->host);
	}
	return NULL;
}

/* Find the host in "host[:port]"; @rest: what is behind it. */
static const char *split_host(const char *s, u32 len, u32 *start, u32 *end,
			      u32 *rest)
{
	const char *colon, *close;

	*start = 0;
	if (len && s[0] == '[') {
		close = memchr(s, ']', len);
		if (!close)
			return "'[' without ']' in the address";
		*start = 1;
		*end = (u32)(close - s);
		*rest = *end + 1;
		return NULL;
	}
	*end = len;
	colon = memchr(s, ':', len);
	/* more than one colon and no brackets: an IPv6 address alone */
	if (colon && !memchr(colon + 1, ':', len - (colon + 1 - s)))
		*end = (u32)(colon - s);
	*rest = *end;
	return NULL;
}

static const char *parse_portal(const char *s, u32 len, struct mpio_portal *p)
{
	const char *comma = len ? memchr(s, ',', len) : NULL;
	const char *bad;
	u32 start, end, rest;
	s32 n;

	p->port = PDU_PORT;
	p->tpgt = -1;
	if (comma) {
		n = parse_number(comma + 1, len - (comma + 1 - s), 65535);
		if (n < 0)
			return "the portal group tag must be 0 to 65535";
		p->tpgt = n;
		len = (u32)(comma - s);
	}
	if (!len)
		return "the address is empty";
	bad = split_host(s, len, &start, &end, &rest);
	if (bad)
		return bad;
	if (rest < len) {
		n = s[rest] != ':' ? -1 :
			parse_number(s + rest + 1, len - rest - 1, 65535);
		if (n <= 0)
			return "the port must be 1 to 65535";
		p->port = (u16)n;
		p->has_port = true;
	}
	return parse_host(s + start, end - start, start, p);
}

int mpio_portal_parse(const char *s, u32 len, struct mpio_portal *out,
		      const char **why)
{
	struct mpio_portal p;
	const char *bad;

	memset(&p, 0, sizeof(p));
	bad = parse_portal(s, len, &p);
	if (bad) {
		*why = bad;
		return -EINVAL;
	}
	*out = p;
	return 0;
}

static char *put_number(char *p, u32 n)
{
	u32 div = 10000;

	while (div > 1 && n < div)
		div /= 10;
	for (; div; div /= 10)
		*p++ = (char)('0' + n / div % 10);
	return p;
}

static char *put_string(char *p, const char *s)
{
	size_t len = strlen(s);

	memcpy(p, s, len);
	return p + len;
}

static char *put_ipv4(char *p, const u8 *addr)
{
	u32 i;

	for (i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, addr[i]);
	}
	return p;
}

/* First of the longest run of at least two zero groups, RFC 5952 4.2. */
static u32 longest_gap(const u8 *addr, u32 *run)
{
	u32 best = 8, i, n;

	*run = 1;
	for (i = 0; i < 8; i++) {
		for (n = 0; i + n < 8 && !mpio_get16(addr + 2 * (i + n));)
			n++;
		if (n > *run) {
			*run = n;
			best = i;
		}
	}
	return best;
}

static char *put_ipv6(char *p, const u8 *addr)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const char hex[] = "0123456789abcdef";
	u32 run, gap, i;

	if (!memcmp(addr, mapped, sizeof(mapped)))
		return put_ipv4(put_string(p, "::ffff:"), addr + 12);
	gap = longest_gap(addr, &run);
	for (i = 0; i < 8; i++) {
		u32 v = mpio_get16(addr + 2 * i);
		int shift = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0;

		if (i == gap) {
			p = put_string(p, i ? ":" : "::");
			i += run - 1;
			continue;
		}
		for (; shift >= 0; shift -= 4)
			*p++ = hex[(v >> shift) & 15];
		if (i < 7)
			*p++ = ':';
	}
	return p;
}

u32 mpio_host_format(const struct mpio_portal *p, char *out)
{
	char *end = out;

	if (p->family == MPIO_FAMILY_IPV4) {
		end = put_ipv4(end, p->addr);
	} else if (p->family == MPIO_FAMILY_IPV6) {
		end = put_ipv6(end, p->addr);
		if (p->scope[0]) {
			*end++ = '%';
			end = put_string(end, p->scope);
		}
	} else {
		end = put_string(end, p->host);
	}
	*end = '\0';
	return (u32)(end - out);
}

u32 mpio_portal_format(const struct mpio_portal *p, bool tpgt, char *out)
{
	char *end = out;

	if (p->family == MPIO_FAMILY_IPV6)
		*end++ = '[';
	end += mpio_host_format(p, end);
	if (p->family == MPIO_FAMILY_IPV6)
		*end++ = ']';
	*end++ = ':';
	end = put_number(end, p->port);
	if (tpgt && p->tpgt >= 0) {
		*end++ = ',';
		end = put_number(end, (u32)p->tpgt);
	}
	*end = '\0';
	return (u32)(end - out);
}

bool mpio_portal_equal(const struct mpio_portal *a,
		       const struct mpio_portal *b)
{
	if (a->family != b->family || a->port != b->port)
		return false;
	if (a->family == MPIO_FAMILY_IPV4)
		return !memcmp(a->addr, b->addr, 4);
	if (a->family == MPIO_FAMILY_IPV6)
		return !memcmp(a->addr, b->addr, 16) &&
		       !strcmp(a->scope, b->scope);
	return !mpio_name_compare(a->host, b->host);
}
