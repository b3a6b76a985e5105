// SPDX-License-Identifier: GPL-2.0
/*
 * What a target says of its units.
 * WITH: scsi.c pdu.c
 * EVA: proof_serial -eva-slevel 5000
 * EVA: proof_inquiry -eva-slevel-function inquiry_text:0
 */
#include "proof.h"
#include "proto/scsi.h"

/* 0 to 20 bytes */
void proof_sense(void)
{
	struct mpio_sense s;
	const u8 *data;
	u8 buf[20];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_sense_parse(data, len, &s);
}

/* 0 to 8 bytes */
void proof_sense_segment(void)
{
	const u8 *data, *sense;
	u32 len, n;
	u8 buf[8];

	ANY_INPUT(buf, data, len, 0);
	if (!mpio_sense_segment(data, len, &sense, &n) && n)
		Frama_C_show_each_sense(sense[n - 1]);
}

/* 0 to 40 bytes */
void proof_inquiry(void)
{
	struct mpio_inquiry inq;
	const u8 *data;
	u8 buf[40];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_inquiry_parse(data, len, &inq);
}

/* 0 to 9 bytes */
void proof_serial(void)
{
	char out[MPIO_SERIAL_MAX + 1];
	const u8 *data;
	u8 buf[9];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_vpd_serial(data, len, out);
}

/* 0 to 16 bytes */
void proof_designators(void)
{
	struct mpio_designator_iter it;
	struct mpio_designator d;
	const u8 *data;
	u8 buf[16];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	if (mpio_designator_first(&it, data, len))
		return;
	/*@ split it.len; */
	while (mpio_designator_next(&it, &d) == 1) {
		/*@ split it.pos; */
		if (d.len)
			Frama_C_show_each_designator(d.data[d.len - 1]);
	}
}

/* 0 to 10 bytes */
void proof_identity(void)
{
	char text[MPIO_LU_ID_TEXT_MAX + 1];
	struct mpio_vpd83 vpd;
	const u8 *data;
	u8 buf[10];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	if (!mpio_vpd83_parse(data, len, &vpd))
		mpio_lu_id_format(&vpd.id, text);
}

/* 0 to 40 bytes */
void proof_luns(void)
{
	struct mpio_luns l;
	const u8 *data;
	u8 buf[40];
	u32 len, i;

	ANY_INPUT(buf, data, len, 0);
	if (mpio_luns_parse(data, len, &l))
		return;
	for (i = 0; i < l.count; i++)
		mpio_luns_get(&l, i);
}

/* 0 to 32 bytes */
void proof_capacity(void)
{
	struct mpio_capacity c;
	const u8 *data;
	u8 buf[32];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_capacity10_parse(data, len, &c);
	mpio_capacity16_parse(data, len, &c);
}

/* 0 to 24 bytes */
void proof_groups(void)
{
	struct mpio_tpg_iter it;
	struct mpio_tpg g;
	const u8 *data;
	u8 buf[24];
	u32 len, i;

	ANY_INPUT(buf, data, len, 0);
	if (mpio_tpg_first(&it, data, len))
		return;
	/*@ split it.len; */
	while (mpio_tpg_next(&it, &g) == 1) {
		/*@ split it.pos; */
		for (i = 0; i < g.port_count; i++)
			mpio_tpg_port(&g, (u8)i);
	}
}
