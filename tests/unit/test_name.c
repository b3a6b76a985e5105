// SPDX-License-Identifier: GPL-2.0
/*
 * Names and portals. Failing means: what a user types or a target sends leads
 * to another place than it says.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/name.h"

/* What targets and people write. Taken means: kept and sent byte for byte. */
static const struct {
	const char *name, *why;	/* NULL: taken */
} names[] = {
	/* as RFC 7143 4.2.7 has them */
	{ "iqn.2001-04.com.example", NULL },
	{ "iqn.2001-04.com.example:storage:diskarrays-sn-a8675309", NULL },
	{ "iqn.2001-04.com.example:", NULL },
	{ "iqn.2001-04.x", NULL },
	{ "iqn.2001-04.com.example:\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe",
	  NULL },
	{ "eui.02004567A425678D", NULL },
	{ "eui.02004567a425678d", NULL },
	{ "naa.52004567BA64678D", NULL },
	{ "naa.62004567BA64678D0123456789ABCDEF", NULL },
	/* as targets have them */
	{ "iqn.2000-01.com.synology:DiskStation4.Target-1.8b9e6ee5d0", NULL },
	{ "iqn.2005-10.org.freenas.ctl:VM_Store", NULL },
	{ "iqn.2003-01.org.linux-iscsi.iron_man.x8664:sn.42f3b0c2", NULL },
	{ "iqn.EMC.0648.SE1F", NULL },
	{ "iqn.1992-04.com.EMC:600009700bc3d6d00002000100000000", NULL },
	{ "iqn.2015-1.org.example:disk", NULL },
	{ "iqn.2001.com.example", NULL },
	{ "iqn.2001-13.com.example", NULL },
	{ "iqn.2001-04.com..example", NULL },
	{ "iqn.2001-04.", NULL },
	{ "iqn.", NULL },
	{ "IQN.2001-04.com.EXAMPLE:A", NULL },
	{ "EUI.02004567A425678D", NULL },
	{ "eui.02004567A425678", NULL },
	{ "naa.52004567BA64678Z", NULL },
	{ "kumo-img37", NULL },
	{ "xxxx-client.000", NULL },
	{ "disk", NULL },
	{ "0", NULL },
	{ "iqn.2001-04.com.example:a+b=c,d;e@f", NULL },
	{ "iqn.2001-04.com.example:[1]{2}(3)#4", NULL },
	{ "iqn.2001-04.com.example:100%", NULL },
	{ "iqn.2001-04.com.example:\xe6\x97\xa5\xe6\x9c\xac", NULL },
	{ "iqn.2001-04.com.example:\xc3\x89", NULL },
	/* what is dangerous */
	{ "", "empty" },
	{ "iqn.2001-04.com.example:a b", "blanks" },
	{ " iqn.2001-04.com.example", "blanks" },
	{ "iqn.2001-04.com.example ", "blanks" },
	{ "iqn.2001-04.com.example:a\xc2\xa0" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\xe3\x80\x80" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\xe2\x80\xae" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\xef\xbb\xbf" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\xe1\x9a\x80" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\xe2\x81\xa0" "b", "blanks" },
	{ "iqn.2001-04.com.example:a\tb", "control" },
	{ "iqn.2001-04.com.example:a\nb", "control" },
	{ "iqn.2001-04.com.example:\x1b[31m", "control" },
	{ "iqn.2001-04.com.example:\x7f", "control" },
	{ "iqn.2001-04.com.example:\xc2\x9b", "control" },
	{ "iqn.2001-04.com.example:../../etc/passwd", "slashes" },
	{ "iqn.2001-04.com.example:a\\b", "slashes" },
	{ "/etc/passwd", "slashes" },
	{ "iqn.2001-04.com.example:$(id)", "quotes" },
	{ "iqn.2001-04.com.example:`id`", "quotes" },
	{ "iqn.2001-04.com.example:a\"b", "quotes" },
	{ "iqn.2001-04.com.example:a'b", "quotes" },
	{ "--force", "begin" },
	{ "..", "begin" },
	{ "iqn.2001-04.com.example:\xff", "UTF-8" },
	{ "iqn.2001-04.com.example:\xc3", "UTF-8" },
	{ "iqn.2001-04.com.example:\xe2\x82", "UTF-8" },
	{ "iqn.2001-04.com.example:\xe2\x82g", "UTF-8" },
	{ "iqn.2001-04.com.example:\xc0\x80", "UTF-8" },
	{ "iqn.2001-04.com.example:\xed\xa0\x80", "UTF-8" },
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

		strcpy(out, "kept");
		ret = mpio_name_take(s, len, out, &why);
		check(names[i].why ? ret == -EINVAL &&
		      unit_says(why, names[i].why) && !strcmp(out, "kept") :
		      !ret && !strcmp(out, names[i].name), names[i].name);
		free(s);
	}
	memset(big, 'a', sizeof(big));
	memcpy(big, "iqn.2001-04.", 12);
	check(!mpio_name_take(big, 223, out, &why) && strlen(out) == 223,
	      "name of 223 bytes");
	check(mpio_name_check(big, 224, &why) == -EINVAL &&
	      unit_says(why, "223"), "name of 224 bytes");
	check(mpio_name_check("a\0b", 3, &why) == -EINVAL, "name with a NUL");
	check(!mpio_name_take(out, 5, out, &why) && !strcmp(out, "iqn.2"),
	      "name onto itself");
}

/* RFC 7143 4.2.7.2: case does not tell names apart, all else does. */
static void test_compare(void)
{
	static const struct {
		const char *a, *b;
		int order;
	} rows[] = {
		{ "iqn.2001-04.com.example:A", "iqn.2001-04.com.example:a", 0 },
		{ "eui.02004567A425678D", "EUI.02004567a425678d", 0 },
		{ "a_b", "A_B", 0 },
		{ "a", "b", -1 },
		{ "B", "a", 1 },
		{ "a", "a1", -1 },
		{ "a-b", "a_b", -1 },
		{ "a[", "a{", -1 },
		{ "a@", "a`", -1 },
		{ "\xc3\x89", "\xc3\xa9", -1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int ab = mpio_name_compare(rows[i].a, rows[i].b);
		int ba = mpio_name_compare(rows[i].b, rows[i].a);

		check((ab > 0) - (ab < 0) == rows[i].order &&
		      (ba > 0) - (ba < 0) == -rows[i].order, rows[i].b);
	}
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
	test_compare();
	test_portals();
	test_equal();
}
