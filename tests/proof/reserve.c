// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations: what is asked for and what the target answers.
 * WITH: reserve.c
 * EVA: proof_status -eva-slevel 2000
 */
#include "proof.h"
#include "proto/reserve.h"

/* 0 to 28 bytes with any CDB */
void proof_out(void)
{
	struct mpio_pr_out out;
	const u8 *data;
	u8 buf[28], cdb[16], built[16], list[MPIO_PR_OUT_LEN];
	u32 len;

	ANY(cdb);
	ANY_INPUT(buf, data, len, 0);
	if (!mpio_pr_out_parse(cdb, data, len, &out))
		mpio_pr_out_build(built, list, &out);
}

/* 0 to 40 bytes */
void proof_keys(void)
{
	struct mpio_pr_keys keys;
	const u8 *data;
	u8 buf[40];
	u32 len;
	u64 key;

	ANY(key);
	ANY_INPUT(buf, data, len, 0);
	if (!mpio_pr_keys_parse(data, len, &keys))
		mpio_pr_keys_matching(&keys, key);
}

/* 0 to 24 bytes */
void proof_reservation(void)
{
	struct mpio_pr_reservation res;
	const u8 *data;
	bool persists;
	u8 buf[24];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_pr_reservation_parse(data, len, &res);
	mpio_pr_persists_parse(data, len, &persists);
}

/* 0 to 36 bytes, READ FULL STATUS */
void proof_status(void)
{
	struct mpio_pr_registrant reg;
	struct mpio_pr_status status;
	const u8 *data;
	u8 buf[36];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	if (mpio_pr_status_parse(data, len, &status))
		return;
	if (mpio_pr_status_next(&status, &reg) && reg.name)
		Frama_C_show_each_name(reg.name[0]);
}
