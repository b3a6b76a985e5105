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
	     a.key == b.key && a.new_key == b.new_key && a.flags == b.flags);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	u32 len;
	u8 *copy = feed_copy(&f, size, &len);

	in(copy, len);
	out(copy, len);
	free(copy);
	return 0;
}
