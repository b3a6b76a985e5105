// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations. Failing means: a host that was shut out registers
 * itself again, or one that was not is taken for shut out.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/reserve.h"

static const u8 list[MPIO_PR_OUT_LEN] = {
	0, 0, 0, 0, 0, 0, 0xab, 0xc1, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 0, 0, 0, MPIO_PR_APTPL | MPIO_PR_ALL_TG_PT,
};

static void test_out(void)
{
	static const u8 want[16] = { 0x5f, 4, 0x05, 0, 0, 0, 0, 0, 24 };
	struct mpio_pr_out out = { .action = 99 };
	u8 cdb[16], data[MPIO_PR_OUT_LEN];
	u8 *exact = unit_exact(list, sizeof(list));

	check(mpio_pr_out_parse(want, exact, 23, &out) == -EINVAL &&
	      out.action == 99, "a parameter list that is too short");
	check(!mpio_pr_out_parse(want, exact, 24, &out) &&
	      out.action == MPIO_PR_PREEMPT && out.scope_type == 0x05 &&
	      out.key == 0xabc1 && out.new_key == 0x0102030405060708 &&
	      out.flags == (MPIO_PR_APTPL | MPIO_PR_ALL_TG_PT),
	      "keys, type and flags of PERSISTENT RESERVE OUT");
	memset(cdb, 0xff, sizeof(cdb));
	memset(data, 0xff, sizeof(data));
	check(mpio_pr_out_build(cdb, data, &out) == 10 &&
	      !memcmp(cdb, want, 16) && !memcmp(data, list, sizeof(data)),
	      "what was parsed is built the same");
	cdb[0] = 0x5e;
	check(mpio_pr_out_parse(cdb, exact, 24, &out) == -EINVAL,
	      "another command");
	free(exact);
}

static void test_move(void)
{
	static const u8 cdb[16] = { 0x5f, 7 };
	u8 data[MPIO_PR_OUT_LEN] = {
		0, 0, 0, 0, 0, 0, 0xab, 0xc1, 1, 2, 3, 4, 5, 6, 7, 8,
		0, 0x03, 0, 2, 0, 0, 0, 0,
	};
	u8 built[16], list2[MPIO_PR_OUT_LEN];
	struct mpio_pr_out out = {};

	check(!mpio_pr_out_parse(cdb, data, 24, &out) && out.unregisters &&
	      out.flags == MPIO_PR_APTPL && out.key == 0xabc1,
	      "REGISTER AND MOVE has its flags elsewhere");
	mpio_pr_out_build(built, list2, &out);
	check(list2[17] == 3 && !list2[20], "and they are built there");
	data[17] = 0;
	data[20] = 0xff;
	check(!mpio_pr_out_parse(cdb, data, 24, &out) && !out.unregisters &&
	      !out.flags, "the length of its TransportID is none of them");
}

static void test_in(void)
{
	static const u8 want[][16] = {
		{ 0x5e, 0, 0, 0, 0, 0, 0, 0x10, 0x08 },
		{ 0x5e, 1, 0, 0, 0, 0, 0, 0, 24 },
		{ 0x5e, 2, 0, 0, 0, 0, 0, 0, 8 },
		{ 0x5e, 3, 0, 0, 0, 0, 0, 0x10, 0 },
	};
	u8 cdb[4][16];

	memset(cdb, 0xff, sizeof(cdb));
	check(mpio_cdb_pr_read_keys(cdb[0], 0x1008) == 10 &&
	      !memcmp(cdb[0], want[0], 16), "READ KEYS");
	check(mpio_cdb_pr_read_reservation(cdb[1], 24) == 10 &&
	      !memcmp(cdb[1], want[1], 16), "READ RESERVATION");
	check(mpio_cdb_pr_capabilities(cdb[2], 8) == 10 &&
	      !memcmp(cdb[2], want[2], 16), "REPORT CAPABILITIES");
	check(mpio_cdb_pr_full_status(cdb[3], 4096) == 10 &&
	      !memcmp(cdb[3], want[3], 16), "READ FULL STATUS");
}

static const struct {
	const char *desc;
	u8 data[32];
	u32 len;
	int err;
	u32 reported, count, matching;	/* of key 2 */
} keys[] = {
	{ "no keys", { 0, 0, 0, 7 }, 8 },
	{ "three keys, two of them equal",
	  { 0, 0, 0, 7, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 2,
	    0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2 },
	  32, 0, 3, 3, 2 },
	{ "more keys than there was room for",
	  { 0, 0, 0, 7, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 2 },
	  16, 0, 512, 1, 1 },
	{ "a key cut in two is none",
	  { 0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 2,
	    0, 0, 0, 0, 0, 0, 0 }, 23, 0, 2, 1, 1 },
	{ "bytes after the list are not of it",
	  { 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1,
	    0, 0, 0, 0, 0, 0, 0, 2 }, 24, 0, 1, 1, 0 },
	{ "half a header", { 0, 0, 0, 7 }, 7, -EINVAL },
};

static void test_keys_in(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		struct mpio_pr_keys k = { .generation = 99 };
		u8 *exact = unit_exact(keys[i].data, keys[i].len);
		int err = mpio_pr_keys_parse(exact, keys[i].len, &k);

		if (keys[i].err)
			check(err == keys[i].err && k.generation == 99,
			      keys[i].desc);
		else
			check(!err && k.generation == 7 &&
			      k.reported == keys[i].reported &&
			      k.count == keys[i].count &&
			      mpio_pr_keys_matching(&k, 2) == keys[i].matching,
			      keys[i].desc);
		free(exact);
	}
}

/* READ FULL STATUS: a descriptor at @at with this TransportID; its length. */
static u32 describe(u8 *at, u64 key, u8 format, const char *id)
{
	u32 n = ((u32)strlen(id) + 4) & ~3U;	/* with its end, padded */

	memset(at, 0, 28 + n);
	mpio_put64(at, key);
	at[12] = 1;
	at[13] = 0x05;
	mpio_put16(at + 18, 2);
	mpio_put32(at + 20, 4 + n);
	at[24] = (u8)(format << 6 | 5);
	mpio_put16(at + 26, (u16)n);
	memcpy(at + 28, id, strlen(id));
	return 28 + n;
}

static const struct {
	const char *desc;
	u8 format;
	const char *id;
	bool named, isid, matches;
} nexuses[] = {
	{ "our own nexus", 1, "iqn.x:n,i,0x80aabbccdd01", true, true, true },
	{ "in capitals", 1, "IQN.X:N,i,0x80AABBCCDD01", true, true, true },
	{ "another session of ours", 1, "iqn.x:n,i,0x80aabbccdd02", true, true },
	{ "another host", 1, "iqn.x:m,i,0x80aabbccdd01", true, true },
	{ "a longer name", 1, "iqn.x:nn,i,0x80aabbccdd01", true, true },
	{ "any session of ours", 0, "iqn.x:n", true, false, true },
	{ "a name that only looks so", 0, "iqn.x:n,i,0x80aabbccdd01", true },
	{ "an ISID cut short", 1, "iqn.x:n,i,0x80aabbccdd" },
	{ "an ISID that is no number", 1, "iqn.x:n,i,0x80aabbccdg01" },
	{ "an ISID without a name", 1, ",i,0x80aabbccdd01" },
	{ "no mark before the ISID", 1, "iqn.x:n,t,0x80aabbccdd01" },
};

static void test_status(void)
{
	static const u8 isid[6] = { 0x80, 0xaa, 0xbb, 0xcc, 0xdd, 0x01 };
	struct mpio_pr_registrant reg;
	struct mpio_pr_status st = {};
	u8 data[256] = {}, *exact;
	unsigned int i;
	u32 n;

	check(mpio_pr_status_parse(data, 7, &st) == -EINVAL && !st.data,
	      "half a header of READ FULL STATUS");
	for (i = 0; i < ARRAY_SIZE(nexuses); i++) {
		n = describe(data + 8, 0xabc1, nexuses[i].format,
			     nexuses[i].id);
		mpio_put32(data, 7);
		mpio_put32(data + 4, n);
		exact = unit_exact(data, 8 + n);
		check(!mpio_pr_status_parse(exact, 8 + n, &st) &&
		      st.generation == 7 && !st.cut &&
		      mpio_pr_status_next(&st, &reg) && reg.key == 0xabc1 &&
		      reg.holder && reg.scope_type == 5 && reg.port == 2 &&
		      !!reg.name == nexuses[i].named &&
		      reg.has_isid == nexuses[i].isid &&
		      mpio_pr_registrant_is(&reg, "iqn.x:n", isid) ==
				nexuses[i].matches &&
		      !mpio_pr_status_next(&st, &reg), nexuses[i].desc);
		free(exact);
	}
	data[8 + 24] = 0x46;		/* SAS */
	exact = unit_exact(data, 8 + n);
	check(!mpio_pr_status_parse(exact, 8 + n, &st) &&
	      mpio_pr_status_next(&st, &reg) && !reg.name,
	      "a registration by another transport");
	free(exact);
	exact = unit_exact(data, 8 + n - 1);
	check(!mpio_pr_status_parse(exact, 8 + n - 1, &st) && st.cut &&
	      !mpio_pr_status_next(&st, &reg), "a descriptor that is cut");
	free(exact);
	mpio_put32(data + 8 + 20, 0xfffffff0);
	exact = unit_exact(data, 8 + n);
	check(!mpio_pr_status_parse(exact, 8 + n, &st) &&
	      !mpio_pr_status_next(&st, &reg), "a length that cannot be");
	free(exact);
}

static const struct {
	const char *desc;
	u8 data[24];
	u32 len;
	int err;
	bool held;
	u8 scope_type;
	u64 key;
} reservations[] = {
	{ "nobody holds one", { 0, 0, 0, 7 }, 8 },
	{ "one is held", { 0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0xab,
	  0xc1, 0, 0, 0, 0, 0, 0x05 }, 24, 0, true, 0x05, 0xabc1 },
	{ "one is held, its description is cut",
	  { 0, 0, 0, 7, 0, 0, 0, 16 }, 23, -EINVAL },
	{ "its description is too short",
	  { 0, 0, 0, 7, 0, 0, 0, 15 }, 24, -EINVAL },
	{ "half a header", { 0 }, 7, -EINVAL },
};

static void test_reservations(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reservations); i++) {
		struct mpio_pr_reservation res = { .scope_type = 99 };
		u8 *exact = unit_exact(reservations[i].data,
				       reservations[i].len);
		int err = mpio_pr_reservation_parse(exact,
						    reservations[i].len, &res);

		if (reservations[i].err)
			check(err == reservations[i].err &&
			      res.scope_type == 99, reservations[i].desc);
		else
			check(!err && res.held == reservations[i].held &&
			      res.scope_type == reservations[i].scope_type &&
			      res.key == reservations[i].key,
			      reservations[i].desc);
		free(exact);
	}
}

static void test_capabilities(void)
{
	static const u8 on[8] = { 0, 8, 0x01, 0x81 };
	static const u8 off[8] = { 0, 8, 0x01, 0x80 };
	static const u8 lie[8] = { 0, 7, 0x01, 0x81 };
	bool persists = false;

	check(!mpio_pr_persists_parse(on, 8, &persists) && persists,
	      "registrations persist through power loss");
	check(mpio_pr_persists_parse(lie, 8, &persists) == -EINVAL && persists,
	      "capabilities shorter than they can be");
	check(mpio_pr_persists_parse(on, 7, &persists) == -EINVAL && persists,
	      "capabilities that are cut");
	check(!mpio_pr_persists_parse(off, 8, &persists) && !persists,
	      "they could, but do not");
}

static void test_notices(void)
{
	check(mpio_pr_is_notice(6, 0x2a, 0x03) &&
	      mpio_pr_is_notice(6, 0x2a, 0x04) &&
	      mpio_pr_is_notice(6, 0x2a, 0x05),
	      "unit attentions about reservations");
	check(!mpio_pr_is_notice(6, 0x2a, 0x02) &&
	      !mpio_pr_is_notice(6, 0x2a, 0x06) &&
	      !mpio_pr_is_notice(6, 0x29, 0x03) &&
	      !mpio_pr_is_notice(5, 0x2a, 0x03),
	      "others are not");
}

void test_reserve(void)
{
	test_out();
	test_move();
	test_in();
	test_status();
	test_keys_in();
	test_reservations();
	test_capabilities();
	test_notices();
}
