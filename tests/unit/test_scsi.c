// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI parsers and builders. Failing means: one logical unit is taken for
 * another, or a lying length is believed.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/scsi.h"

static void test_cdbs(void)
{
	static const u8 want[][16] = {
		{ 0 },
		{ 0x12, 0, 0, 0, 96 },
		{ 0x12, 1, 0x83, 0x0f, 0xff },
		{ 0xa0, 0, 0, 0, 0, 0, 0, 1, 0, 8 },
		{ 0x25 },
		{ 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32 },
		{ 0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 4, 0 },
		{ 0xa3, 0x2a, 0, 0, 0, 0, 0, 0, 4, 0 },
		{ 0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8 },
	};
	static const u32 lens[] = { 6, 6, 6, 12, 10, 16, 12, 12, 12 };
	static const char *const descs[] = {
		"TEST UNIT READY", "INQUIRY", "INQUIRY of a VPD page",
		"REPORT LUNS", "READ CAPACITY(10)",
		"READ CAPACITY(16)", "REPORT TARGET PORT GROUPS",
		"REPORT TARGET PORT GROUPS, extended",
		"SET TARGET PORT GROUPS",
	};
	u8 cdb[ARRAY_SIZE(want)][16];
	u32 len[ARRAY_SIZE(want)];
	unsigned int i;
	u8 data[8];

	memset(cdb, 0xff, sizeof(cdb));
	len[0] = mpio_cdb_test_unit_ready(cdb[0]);
	len[1] = mpio_cdb_inquiry(cdb[1], 96);
	len[2] = mpio_cdb_vpd(cdb[2], 0x83, 4095);
	len[3] = mpio_cdb_report_luns(cdb[3], 0x10008);
	len[4] = mpio_cdb_read_capacity10(cdb[4]);
	len[5] = mpio_cdb_read_capacity16(cdb[5], 32);
	len[6] = mpio_cdb_rtpg(cdb[6], 1024, false);
	len[7] = mpio_cdb_rtpg(cdb[7], 1024, true);
	len[8] = mpio_cdb_stpg(cdb[8], 8);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		check(len[i] == lens[i] && !memcmp(cdb[i], want[i], 16),
		      descs[i]);
	check(mpio_stpg_data(data, 8, 0, 0x102) == 8 &&
	      !memcmp(data, "\0\0\0\0\0\0\1\2", 8) &&
	      !mpio_stpg_data(data, 7, 0, 1), "data of SET TARGET PORT GROUPS");
}

static const struct {
	const char *desc;
	u8 data[32];
	u32 len;
	int ret;
	struct mpio_sense want;
} senses[] = {
	{ "fixed", { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 1 }, 18, 0,
	  { 6, 0x29, 1, false, false, 0 } },
	{ "fixed with information", { 0xf0, 0, 3, 0, 1, 2, 3, 10, 0, 0, 0, 0,
	  0x11, 0 }, 18, 0, { 3, 0x11, 0, false, true, 0x10203 } },
	{ "fixed, deferred", { 0x71, 0, 4, 0, 0, 0, 0, 10 }, 18, 0,
	  { 4, 0, 0, true, false, 0 } },
	{ "fixed, cut after the key", { 0x70, 0, 5 }, 3, 0, { .key = 5 } },
	{ "fixed, length lies upwards", { 0x70, 0, 5, 0, 0, 0, 0, 255, 0, 0,
	  0, 0, 0x20 }, 13, 0, { .key = 5, .asc = 0x20 } },
	{ "fixed, length is short", { 0x70, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	  0x20, 1 }, 18, 0, { .key = 5 } },
	{ "fixed, too short", { 0x70, 0 }, 2, -EINVAL, { 0 } },
	{ "descriptor", { 0x72, 6, 0x3f, 0x0e, 0, 0, 0, 0 }, 8, 0,
	  { 6, 0x3f, 0x0e, false, false, 0 } },
	{ "descriptor with information", { 0x72, 3, 0x11, 0, 0, 0, 0, 16,
	  2, 2, 0, 0, 0, 10, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 2 }, 24, 0,
	  { 3, 0x11, 0, false, true, 0x0100000000000002ULL } },
	{ "information that is not valid", { 0x73, 3, 0x11, 0, 0, 0, 0, 12,
	  0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2 }, 20, 0,
	  { 3, 0x11, 0, true, false, 0 } },
	{ "descriptor cut", { 0x72, 3, 0x11, 0, 0, 0, 0, 255, 0, 10, 0x80 },
	  11, 0, { .key = 3, .asc = 0x11 } },
	{ "descriptor, four bytes", { 0x72, 3, 0x11, 7 }, 4, 0,
	  { .key = 3, .asc = 0x11, .ascq = 7 } },
	{ "descriptor, too short", { 0x72, 3, 0x11 }, 3, -EINVAL, { 0 } },
	{ "no sense format", { 0x00, 1, 2, 3 }, 4, -EINVAL, { 0 } },
	{ "nothing", { 0 }, 0, -EINVAL, { 0 } },
};

static void test_senses(void)
{
	static const u8 seg[] = { 0, 2, 0x70, 0 };
	const u8 *p;
	unsigned int i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(senses); i++) {
		u8 *data = unit_exact(senses[i].data, senses[i].len);
		struct mpio_sense s = { 0 };
		int ret = mpio_sense_parse(data, senses[i].len, &s);

		check(ret == senses[i].ret && s.key == senses[i].want.key &&
		      s.asc == senses[i].want.asc &&
		      s.ascq == senses[i].want.ascq &&
		      s.deferred == senses[i].want.deferred &&
		      s.has_info == senses[i].want.has_info &&
		      s.info == senses[i].want.info, senses[i].desc);
		free(data);
	}
	check(!mpio_sense_segment(seg, 4, &p, &n) && n == 2 && p == seg + 2,
	      "sense segment");
	check(!mpio_sense_segment(seg, 0, &p, &n) && !n, "no sense segment");
	check(mpio_sense_segment(seg, 1, &p, &n) == -EINVAL &&
	      mpio_sense_segment(seg, 3, &p, &n) == -EINVAL,
	      "sense longer than its segment");
}

static void test_inquiries(void)
{
	u8 data[40] = { 0x20, 0x80, 6, 2, 31, 0x31, 0, 2 };
	struct mpio_inquiry inq;
	u8 *cut;

	memcpy(data + 8, "LIO-ORG d\1sk            4.0 ", 28);
	check(!mpio_inquiry_parse(data, 40, &inq) && inq.qualifier == 1 &&
	      !inq.type && inq.tpgs == 3 && inq.removable && inq.cmdque &&
	      inq.protect && inq.version == 6 &&
	      !strcmp(inq.vendor, "LIO-ORG") &&
	      !strcmp(inq.product, "d?sk") && !strcmp(inq.revision, "4.0"),
	      "INQUIRY");
	cut = unit_exact(data, 10);
	check(!mpio_inquiry_parse(cut, 10, &inq) &&
	      !strcmp(inq.vendor, "LI") && !inq.product[0], "INQUIRY cut");
	free(cut);
	data[4] = 0;
	check(!mpio_inquiry_parse(data, 40, &inq) && !inq.tpgs &&
	      !inq.vendor[0] && mpio_inquiry_parse(data, 4, &inq) == -EINVAL,
	      "INQUIRY of five bytes");
}

static void test_pages(void)
{
	static const u8 list[] = { 0, 0, 0, 3, 0, 0x80, 0x83, 0xb0 };
	static const u8 serial[] = { 0, 0x80, 0, 8, ' ', 0, 'a', ' ', 'b', 7,
				     ' ', 0 };
	static const u8 blank[] = { 0, 0x80, 0, 2, ' ', ' ' };
	u8 big[4 + 300] = { 0, 0x80, 1, 44 };
	char out[MPIO_SERIAL_MAX + 1];

	check(!mpio_vpd_serial(serial, 12, out) && !strcmp(out, "a b?"),
	      "serial number");
	check(!mpio_vpd_serial(blank, 6, out) && !out[0] &&
	      mpio_vpd_serial(list, 8, out) == -EINVAL, "blank serial number");
	memset(big + 4, 'x', 300);
	check(!mpio_vpd_serial(big, sizeof(big), out) && strlen(out) == 251,
	      "serial number of 300 bytes");
}

#define NAA6	1, 3, 0, 16, 0x60, 1, 0x40, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, \
		11, 12
#define NAA5	1, 3, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7
#define NAA3	1, 3, 0, 8, 0x30, 1, 2, 3, 4, 5, 6, 7
#define EUI	1, 2, 0, 8, 0, 0x25, 0x38, 1, 2, 3, 4, 5
#define T10	2, 1, 0, 12, 'L', 'I', 'O', '-', 'O', 'R', 'G', ' ', 'd', '1', \
		' ', 0
#define NAME	3, 8, 0, 12, 'i', 'q', 'n', '.', '2', '0', '0', '1', '-', \
		'0', '4', 0
#define PORT	1, 0x14, 0, 4, 0, 0, 0, 9
#define GROUP	1, 0x15, 0, 4, 0, 0, 1, 2
#define VENDOR	1, 0, 0, 2, 1, 2

static const struct {
	const char *desc;
	u8 body[80];
	u8 len;
	const char *text;
	int tpg, port;
} ids[] = {
	{ "NAA 6 before all others", { EUI, NAA5, T10, NAA6, NAME }, 76,
	  "naa.60014005010203040506070809""0a0b0c", -1, -1 },
	{ "NAA 5 before EUI-64", { EUI, NAA5 }, 24, "naa.5001020304050607", -1,
	  -1 },
	{ "NAA 3 before EUI-64", { EUI, NAA3 }, 24, "naa.3001020304050607", -1,
	  -1 },
	{ "NAA 5 before NAA 3", { NAA3, NAA5 }, 24, "naa.5001020304050607", -1,
	  -1 },
	{ "EUI-64 before name", { NAME, EUI }, 28, "eui.0025380102030405", -1,
	  -1 },
	{ "name before T10", { T10, NAME }, 32, "iqn.2001-04", -1, -1 },
	{ "T10", { VENDOR, T10 }, 22, "t10.LIO-ORG d1", -1, -1 },
	{ "T10 with the vendor alone", { 2, 1, 0, 10, 'L', 'I', 'O', '-', 'O',
	  'R', 'G', ' ', ' ', ' ' }, 14, "", -1, -1 },
	{ "T10 in binary", { 1, 1, 0, 9, 'L', 'I', 'O', 0, 0, 0, 0, 0, 7 }, 13,
	  "t10.4c494f000000000007", -1, -1 },
	{ "vendor specific is no identity", { VENDOR }, 6, "", -1, -1 },
	{ "port and port group", { PORT, NAA5, GROUP }, 28,
	  "naa.5001020304050607", 0x102, 9 },
	{ "NAA of a port is no identity", { 1, 0x13, 0, 8, 0x50, 1, 2, 3, 4,
	  5, 6, 7 }, 12, "", -1, -1 },
	{ "NAA of zeroes", { 1, 3, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0 }, 12, "", -1,
	  -1 },
	{ "NAA of the wrong length", { 1, 3, 0, 4, 0x60, 1, 2, 3 }, 8, "", -1,
	  -1 },
	{ "NAA of an unknown format", { 1, 3, 0, 8, 0x40, 1, 2, 3, 4, 5, 6,
	  7 }, 12, "", -1, -1 },
	{ "NAA in ASCII", { 2, 3, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7 }, 12, "",
	  -1, -1 },
	{ "EUI of the wrong length", { 1, 2, 0, 4, 1, 2, 3, 4 }, 8, "", -1,
	  -1 },
	{ "NAA 2", { 1, 3, 0, 8, 0x20, 1, 2, 3, 4, 5, 6, 7 }, 12,
	  "naa.2001020304050607", -1, -1 },
	{ "designator longer than the page", { NAA5, 1, 3, 0, 16, 0x60 }, 17,
	  "naa.5001020304050607", -1, -1 },
	{ "empty page", { 0 }, 0, "", -1, -1 },
};

static void test_ids(void)
{
	char text[MPIO_LU_ID_TEXT_MAX + 1];
	struct mpio_lu_id serial;
	struct mpio_inquiry inq = { .vendor = "IBM", .product = "2145" };
	struct mpio_vpd83 v, w;
	char long_serial[252];
	unsigned int i;

	memset(&w, 0, sizeof(w));
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		u8 page[84] = { 0, 0x83, 0, ids[i].len };
		u8 *data;
		bool ok;

		memcpy(page + 4, ids[i].body, 80);
		data = unit_exact(page, 4 + ids[i].len);
		ok = !mpio_vpd83_parse(data, 4 + ids[i].len, &v);
		check(ok && mpio_lu_id_format(&v.id, text) == strlen(text) &&
		      !strcmp(text, ids[i].text) &&
		      v.has_tpg == (ids[i].tpg >= 0) &&
		      (!v.has_tpg || v.tpg == ids[i].tpg) &&
		      v.has_rel_port == (ids[i].port >= 0) &&
		      (!v.has_rel_port || v.rel_port == ids[i].port) &&
		      mpio_lu_id_equal(&v.id, &v.id) == !!text[0] &&
		      !mpio_lu_id_equal(&v.id, &w.id),
		      ids[i].desc);
		w = v;
		free(data);
	}
	check(mpio_vpd83_parse((u8 *)"\0\x80\0\0", 4, &v) == -EINVAL &&
	      mpio_vpd83_parse((u8 *)"\0\x83\0", 3, &v) == -EINVAL,
	      "another page, no page");
	mpio_lu_id_serial(&serial, &inq, "0123");
	mpio_lu_id_format(&serial, text);
	check(!strcmp(text, "serial.IBM/2145/0123"),
	      "identity by serial number");
	mpio_lu_id_serial(&serial, &inq, "");
	check(serial.type == MPIO_LU_ID_NONE &&
	      !mpio_lu_id_format(&serial, text), "no serial number");
	memset(long_serial, 'x', 250);
	strcpy(long_serial + 250, "y");
	mpio_lu_id_serial(&serial, &inq, long_serial);
	check(serial.len <= MPIO_LU_ID_MAX &&
	      serial.bytes[serial.len - 1] == 'y' &&
	      mpio_lu_id_format(&serial, text) == 7U + serial.len,
	      "serial number too long keeps its end");
}

static void test_luns_capacity(void)
{
	u8 luns[24] = { 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0x41, 1 };
	u8 rc10[8] = { 0, 0, 0x10, 0, 0, 0, 2, 0 };
	u8 rc16[32] = { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0, 3, 0x13, 0xe0,
			5 };
	struct mpio_capacity c;
	struct mpio_luns l;

	check(!mpio_luns_parse(luns, 24, &l) && l.count == 2 &&
	      l.reported == 4 && !mpio_luns_get(&l, 0) &&
	      mpio_luns_get(&l, 1) == 0x4101, "list of LUNs, cut");
	luns[3] = 8;
	check(!mpio_luns_parse(luns, 24, &l) && l.count == 1,
	      "list of LUNs, bytes behind it");
	memset(luns, 0xff, 4);
	check(!mpio_luns_parse(luns, 23, &l) && l.count == 1 &&
	      mpio_luns_parse(luns, 7, &l) == -EINVAL,
	      "list of LUNs, lying length");
	check(!mpio_capacity10_parse(rc10, 8, &c) && c.last_lba == 0x1000 &&
	      c.block_size == 512 &&
	      mpio_capacity10_parse(rc10, 7, &c) == -EINVAL,
	      "READ CAPACITY(10)");
	memset(rc10, 0xff, 4);
	check(mpio_capacity10_parse(rc10, 8, &c) == -ERANGE,
	      "READ CAPACITY(10) of a large LU");
	check(!mpio_capacity16_parse(rc16, 32, &c) &&
	      c.last_lba == 0x100000000ULL && c.block_size == 4096 &&
	      c.prot_type == 2 && c.physical_exp == 3 && c.lbpme && c.lbprz &&
	      c.lowest_aligned == 0x2005, "READ CAPACITY(16)");
	check(!mpio_capacity16_parse(rc16, 12, &c) && !c.lbpme &&
	      mpio_capacity16_parse(rc16, 11, &c) == -EINVAL,
	      "READ CAPACITY(16) of twelve bytes");
}

/* As mpio_alua_parse() walks: 0, -ENOENT, -EINVAL; *g as far as it came. */
static int tpg_find(const u8 *data, u32 len, u16 tpg, struct mpio_tpg *g)
{
	struct mpio_tpg_iter it;
	int ret = mpio_tpg_first(&it, data, len);

	if (ret)
		return ret;
	while ((ret = mpio_tpg_next(&it, g)) == 1)
		if (g->tpg == tpg)
			return 0;
	return ret ? ret : -ENOENT;
}

static void test_groups(void)
{
	static const u8 two[] = {
		0, 0, 0, 28,
		0x80, 0x8f, 0, 1, 0, 2, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2,
		0x02, 0x8f, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3,
	};
	static const u8 extended[] = {
		0, 0, 0, 12, 0x10, 60, 0, 0, 0x0f, 1, 0, 5, 0, 0, 0, 0,
	};
	static const u8 lies[] = {
		0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 2, 0, 0, 0, 200,
		0, 0, 0, 1,
	};
	struct mpio_tpg_iter it;
	struct mpio_tpg g;

	check(!tpg_find(two, sizeof(two), 1, &g) && g.pref && !g.state &&
	      g.supported == 0x8f && g.status == 2 && g.port_count == 2 &&
	      mpio_tpg_port(&g, 0) == 1 && mpio_tpg_port(&g, 1) == 2,
	      "first group");
	check(!tpg_find(two, sizeof(two), 2, &g) && !g.pref &&
	      g.state == 2 && mpio_tpg_port(&g, 0) == 3, "second group");
	check(tpg_find(two, sizeof(two), 3, &g) == -ENOENT &&
	      g.tpg == 2, "no such group");
	check(tpg_find(two, sizeof(two) - 4, 2, &g) == -EINVAL,
	      "group cut");
	check(!mpio_tpg_first(&it, extended, sizeof(extended)) &&
	      it.transition_secs == 60 && mpio_tpg_next(&it, &g) == 1 &&
	      g.state == 15 && g.tpg == 5 && !g.port_count &&
	      !mpio_tpg_next(&it, &g), "extended header");
	check(tpg_find(lies, sizeof(lies), 2, &g) == -EINVAL &&
	      tpg_find(lies, 3, 2, &g) == -EINVAL, "lying port count");
}

void test_scsi(void)
{
	test_cdbs();
	test_senses();
	test_inquiries();
	test_pages();
	test_ids();
	test_luns_capacity();
	test_groups();
}
