// SPDX-License-Identifier: GPL-2.0
/*
 * What targets say of persistent reservations, and the parameter lists that
 * programs send through the disk: every parser on the same bytes.
 */
#include "fuzz.h"
#include "../../kernel/proto/reserve.h"

static void in(const u8 *data, u32 len)
{
	struct mpio_pr_reservation res = { .key = 1 };
	struct mpio_pr_keys keys;
	bool persists;

	if (!mpio_pr_keys_parse(data, len, &keys)) {
		must(keys.count <= keys.reported &&
		     8 + 8 * (u64)keys.count <= len);
		must(mpio_pr_keys_matching(&keys, 0) <= keys.count);
	}
	if (mpio_pr_reservation_parse(data, len, &res))
		must(res.key == 1);
	else
		must(res.held || (!res.key && !res.scope_type));
	mpio_pr_persists_parse(data, len, &persists);
}

static void out(const u8 *data, u32 len)
{
	struct mpio_pr_out a, b;
	u8 cdb[16], list[MPIO_PR_OUT_LEN];

	if (len < 16 || mpio_pr_out_parse(data, data + 16, len - 16, &a))
		return;
	mpio_pr_out_build(cdb, list, &a);
	must(!mpio_pr_out_parse(cdb, list, sizeof(list), &b));
	must(a.action == b.action && a.scope_type == b.scope_type &&
	     a.key == b.key && a.new_key == b.new_key &&
	     a.flags == b.flags && a.unregisters == b.unregisters);
}

static void status(const u8 *data, u32 len)
{
	static const u8 isid[6] = { 0x80, 1, 2, 3, 4, 5 };
	struct mpio_pr_registrant reg;
	struct mpio_pr_status st;
	u32 n = 0;

	if (mpio_pr_status_parse(data, len, &st))
		return;
	must(st.len <= len - 8);
	while (mpio_pr_status_next(&st, &reg)) {
		must(st.data + st.len <= data + len);
		must(!reg.name || (reg.name >= data && reg.name_len <= len &&
				   reg.name + reg.name_len <= data + len));
		mpio_pr_registrant_is(&reg, "iqn.2026-11.org.test:n", isid);
		must(++n <= len / 24);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	u32 len;
	u8 *copy = feed_copy(&f, size, &len);

	in(copy, len);
	out(copy, len);
	status(copy, len);
	free(copy);
	return 0;
}
