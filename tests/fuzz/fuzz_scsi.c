// SPDX-License-Identifier: GPL-2.0
/*
 * Every SCSI parser on the same bytes; the first one chooses nothing, so that
 * one corpus serves all.
 */
#include "fuzz.h"
#include "../../kernel/proto/identity.h"
#include "../../kernel/proto/scsi.h"

static void identities(const u8 *data, u32 len)
{
	char text[MPIO_LU_ID_TEXT_MAX + 1], serial[MPIO_SERIAL_MAX + 1];
	struct mpio_inquiry inq;
	struct mpio_lu_id id;
	struct mpio_vpd83 v;

	if (!mpio_vpd83_parse(data, len, &v)) {
		must(mpio_lu_id_format(&v.id, text) == strlen(text));
		must((v.id.type != MPIO_LU_ID_NONE) ==
		     mpio_lu_id_equal(&v.id, &v.id));
		must(!mpio_lu_id_worldwide(&v.id) ||
		     v.id.type != MPIO_LU_ID_NONE);
	}
	if (mpio_inquiry_parse(data, len, &inq))
		return;
	must(strlen(inq.vendor) <= 8 && strlen(inq.product) <= 16 &&
	     strlen(inq.revision) <= 4);
	if (!mpio_vpd_serial(data, len, serial)) {
		mpio_lu_id_serial(&id, &inq, serial);
		must(mpio_lu_id_format(&id, text) == strlen(text));
	}
}

static void lists(const u8 *data, u32 len)
{
	struct mpio_tpg_iter it;
	struct mpio_luns l;
	struct mpio_tpg g;
	u32 i, n = 0;

	if (!mpio_luns_parse(data, len, &l)) {
		must(l.count <= l.reported && 8 + 8 * (u64)l.count <= len);
		for (i = 0; i < l.count; i++)
			mpio_luns_get(&l, i);
	}
	if (mpio_tpg_first(&it, data, len))
		return;
	while (mpio_tpg_next(&it, &g) == 1) {
		must(++n <= len / 8);
		for (i = 0; i < g.port_count; i++)
			mpio_tpg_port(&g, (u8)i);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	struct mpio_capacity c;
	struct mpio_sense s;
	const u8 *sense;
	u32 len, n;
	u8 *copy = feed_copy(&f, size, &len);

	identities(copy, len);
	lists(copy, len);
	if (!mpio_sense_segment(copy, len, &sense, &n)) {
		must(sense >= copy && sense + n <= copy + len);
		mpio_sense_parse(sense, n, &s);
	}
	mpio_sense_parse(copy, len, &s);
	mpio_capacity10_parse(copy, len, &c);
	mpio_capacity16_parse(copy, len, &c);
	free(copy);
	return 0;
}
