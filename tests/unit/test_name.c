// SPDX-License-Identifier: GPL-2.0
/*
 * Names and portals. Failing means: what a user types or a target sends leads
 * to another place than it says.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/name.h"

static const struct {
	const char *name, *why;	/* NULL: good */
} names[] = {
	{ "iqn.2001-04.com.example", NULL },
	{ "iqn.2001-04.com.example:storage:diskarrays-sn-a8675309", NULL },
	{ "iqn.2001-04.com.example:", NULL },
	{ "iqn.2001-04.x", NULL },
	{ "iqn.2001-04.com.example:\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe",
	  NULL },
	{ "eui.02004567A425678D", NULL },
	{ "naa.52004567BA64678D", NULL },
	{ "naa.62004567BA64678D0123456789ABCDEF", NULL },
	{ "", "must begin with" },
	{ "iqn", "must begin with" },
	{ "IQN.2001-04.com.example", "must begin with" },
	{ "iqn.", "looks like" },
	{ "iqn.2001-04.", "looks like" },
	{ "iqn.2001.com.example", "date" },
	{ "iqn.201-044.com.example", "date" },
	{ "iqn.2001-13.com.example", "month" },
	{ "iqn.2001-00.com.example", "month" },
	{ "iqn.2001-04.com..example", "empty part" },
	{ "iqn.2001-04..com", "empty part" },
	{ "iqn.2001-04.com.:x", "empty part" },
	{ "iqn.2001-04.com.", "empty part" },
	{ "iqn.2001-04.:x", "reversed domain" },
	{ "iqn.2001-04.com.Example", "lower case" },
	{ "iqn.2001-04.com.example:a b", "only letters" },
	{ "iqn.2001-04.com.example:a_b", "only letters" },
	{ "iqn.2001-04.com.example:\xff", "only letters" },
	{ "iqn.2001-04.com.example:\xc3", "only letters" },
	{ "iqn.2001-04.com.example:\xe2\x82", "only letters" },
	{ "iqn.2001-04.com.example:\xe2\x82g", "only letters" },
	{ "iqn.2001-04.com.example:\xc0\x80", "only letters" },
	{ "iqn.2001-04.com.example:\xed\xa0\x80", "only letters" },
	{ "eui.", "16 hex digits" },
	{ "eui.02004567A425678", "16 hex digits" },
	{ "eui.02004567A425678G", "16 hex digits" },
	{ "eui.02004567A425678D02004567A425678D", "16 hex digits" },
	{ "naa.52004567BA64678", "16 or 32" },
	{ "naa.52004567BA64678Z", "16 or 32" },
};

static void test_names(void)
{
	char out[MPIO_ISCSI_NAME_MAX + 1], big[225];
	const char *why = NULL;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i].name);
		char *s = unit_exact(names[i].name, len);

		ret = mpio_name_check(s, len, &why);
		check(names[i].why ? ret == -EINVAL &&
		      unit_says(why, names[i].why) : !ret, names[i].name);
		free(s);
	}
	memset(big, 'a', sizeof(big));
	memcpy(big, "iqn.2001-04.", 12);
	check(!mpio_name_check(big, 223, &why), "name of 223 bytes");
	check(mpio_name_check(big, 224, &why) == -EINVAL &&
	      unit_says(why, "223") &&
	      mpio_name_normalize(big, 224, out, &why) == -EINVAL,
	      "name of 224 bytes");
	check(!mpio_name_normalize("IQN.2001-04.Com.EXAMPLE:A", 25, out,
				   &why) &&
	      !strcmp(out, "iqn.2001-04.com.example:a"), "case is lowered");
	strcpy(out, "kept");
	check(mpio_name_normalize("disk", 4, out, &why) == -EINVAL &&
	      !strcmp(out, "kept"), "output untouched on failure");
}

static const struct {
	const char *text, *canonical, *host;
	enum mpio_family family;
} portals[] = {
	{ "192.0.2.1", "192.0.2.1:3260", "192.0.2.1", MPIO_FAMILY_IPV4 },
	{ "192.0.2.1:860", "192.0.2.1:860", "192.0.2.1", MPIO_FAMILY_IPV4 },
	{ "192.0.2.1:3260,1", "192.0.2.1:3260,1", "192.0.2.1",
	  MPIO_FAMILY_IPV4 },
	{ "192.0.2.1,65535", "192.0.2.1:3260,65535", "192.0.2.1",
	  MPIO_FAMILY_IPV4 },
	{ "[2001:db8::1]:3260,2", "[2001:db8::1]:3260,2", "2001:db8::1",
	  MPIO_FAMILY_IPV6 },
	{ "[1080:0:0:0:8:800:200C:417A],65", "[1080::8:800:200c:417a]:3260,65",
	  "1080::8:800:200c:417a", MPIO_FAMILY_IPV6 },
	{ "fe80::1%eth0", "[fe80::1%eth0]:3260", "fe80::1%eth0",
	  MPIO_FAMILY_IPV6 },
	{ "[fe80::1%eth0]:3261", "[fe80::1%eth0]:3261", "fe80::1%eth0",
	  MPIO_FAMILY_IPV6 },
	{ "::", "[::]:3260", "::", MPIO_FAMILY_IPV6 },
	{ "::1", "[::1]:3260", "::1", MPIO_FAMILY_IPV6 },
	{ "1::", "[1::]:3260", "1::", MPIO_FAMILY_IPV6 },
	{ "1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:3260", "1:2:3:4:5:6:7:8",
	  MPIO_FAMILY_IPV6 },
	{ "1:0:0:4:0:0:0:8", "[1:0:0:4::8]:3260", "1:0:0:4::8",
	  MPIO_FAMILY_IPV6 },
	{ "1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]:3260", "1:2:3:4:5:6:7:0",
	  MPIO_FAMILY_IPV6 },
	{ "2001:0db8:00a0:0ff0::", "[2001:db8:a0:ff0::]:3260",
	  "2001:db8:a0:ff0::", MPIO_FAMILY_IPV6 },
	{ "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:3260", "::ffff:192.0.2.1",
	  MPIO_FAMILY_IPV6 },
	{ "64:ff9b::192.0.2.33", "[64:ff9b::c000:221]:3260",
	  "64:ff9b::c000:221", MPIO_FAMILY_IPV6 },
	{ "storage.example", "storage.example:3260", "storage.example",
	  MPIO_FAMILY_NAME },
	{ "Storage_1.example.:860,7", "Storage_1.example.:860,7",
	  "Storage_1.example.", MPIO_FAMILY_NAME },
	{ "nas", "nas:3260", "nas", MPIO_FAMILY_NAME },
	{ "1and1.example", "1and1.example:3260", "1and1.example",
	  MPIO_FAMILY_NAME },
};

static const struct {
	const char *text, *why;
} bad_portals[] = {
	{ "", "empty" },
	{ ",1", "empty" },
	{ ":3260", "empty" },
	{ "[]:3260", "empty" },
	{ "192.0.2.1:0", "port" },
	{ "192.0.2.1:65536", "port" },
	{ "192.0.2.1:", "port" },
	{ "192.0.2.1:123456", "port" },
	{ "192.0.2.1:iscsi", "port" },
	{ "[::1]3260", "port" },
	{ "192.0.2.1,65536", "group tag" },
	{ "192.0.2.1,", "group tag" },
	{ "192.0.2.1,1,2", "group tag" },
	{ "192.0.2", "IPv4" },
	{ "192.0.2.256", "IPv4" },
	{ "192.0.2.01", "IPv4" },
	{ "192.0.2.1.5", "IPv4" },
	{ "1234", "IPv4" },
	{ "[::1", "without ']'" },
	{ "[192.0.2.1]", "IPv6" },
	{ "[host]", "IPv6" },
	{ "1:2:3:4:5:6:7", "IPv6" },
	{ "1:2:3:4:5:6:7:8:9", "IPv6" },
	{ "1:2:3:4:5:6:7:8::", "IPv6" },
	{ "1::2::3", "IPv6" },
	{ ":::", "IPv6" },
	{ "1:2:", "IPv6" },
	{ "1::2:", "IPv6" },
	{ ":1:2:3:4:5:6:7", "IPv6" },
	{ "12345::", "IPv6" },
	{ "1:2:3:4:5:6:7:192.0.2.1", "IPv6" },
	{ "g::1", "IPv6" },
	{ "fe80::1%", "scope" },
	{ "fe80::1%eth 0", "scope" },
	{ "fe80::1%averylonginterface", "scope" },
	{ "-host", "host name" },
	{ "host-", "host name" },
	{ "a-.b", "host name" },
	{ "a..b", "host name" },
	{ ".a", "host name" },
	{ "host/x", "host name" },
	{ "ho st", "host name" },
};

static void test_portals(void)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	struct mpio_portal p, q;
	const char *why = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(portals); i++) {
		size_t len = strlen(portals[i].text);
		char *s = unit_exact(portals[i].text, len);
		int ret = mpio_portal_parse(s, len, &p, &why);

		check(!ret && p.family == portals[i].family &&
		      mpio_portal_format(&p, true, text) == strlen(text) &&
		      !strcmp(text, portals[i].canonical) &&
		      !strcmp(p.host, portals[i].host) &&
		      !mpio_portal_parse(text, strlen(text), &q, &why) &&
		      mpio_portal_equal(&p, &q) && p.tpgt == q.tpgt,
		      portals[i].text);
		free(s);
	}
	for (i = 0; i < ARRAY_SIZE(bad_portals); i++) {
		size_t len = strlen(bad_portals[i].text);
		char *s = unit_exact(bad_portals[i].text, len);

		check(mpio_portal_parse(s, len, &p, &why) == -EINVAL &&
		      unit_says(why, bad_portals[i].why),
		      bad_portals[i].text);
		free(s);
	}
}

static void test_equal(void)
{
	static const struct {
		const char *desc, *a, *b;
		bool equal;
	} pairs[] = {
		{ "default port", "192.0.2.1", "192.0.2.1:3260,5", true },
		{ "other port", "192.0.2.1", "192.0.2.1:860", false },
		{ "other address", "192.0.2.1", "192.0.2.2", false },
		{ "IPv6 spelt otherwise", "[::1]", "0:0:0:0:0:0:0:1", true },
		{ "other scope", "fe80::1%a", "fe80::1%b", false },
		{ "other family", "192.0.2.1", "::ffff:192.0.2.1", false },
		{ "case of a host name", "NAS.example", "nas.EXAMPLE", true },
		{ "host name that goes on", "nas", "nas2", false },
	};
	struct mpio_portal a, b;
	const char *why;
	char big[300];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		mpio_portal_parse(pairs[i].a, strlen(pairs[i].a), &a, &why);
		mpio_portal_parse(pairs[i].b, strlen(pairs[i].b), &b, &why);
		check(mpio_portal_equal(&a, &b) == pairs[i].equal,
		      pairs[i].desc);
	}
	for (i = 0; i < sizeof(big); i++)
		big[i] = i % 64 == 63 ? '.' : 'a';
	check(!mpio_portal_parse(big, 253, &a, &why) &&
	      mpio_portal_parse(big, 254, &a, &why) == -EINVAL &&
	      unit_says(why, "253"), "host name of 253 characters");
	memset(big, 'a', sizeof(big));
	check(!mpio_portal_parse(big, 63, &a, &why) &&
	      mpio_portal_parse(big, 64, &a, &why) == -EINVAL &&
	      unit_says(why, "63"), "label of 63 characters");
	mpio_portal_parse("192.0.2.1,9", 11, &a, &why);
	mpio_portal_format(&a, false, big);
	check(!strcmp(big, "192.0.2.1:3260") && a.port == 3260 &&
	      !a.has_port, "without group tag");
}

void test_name(void)
{
	test_names();
	test_portals();
	test_equal();
}
