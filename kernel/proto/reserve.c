// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations. See reserve.h.
 */
#include "reserve.h"

#define OP_PERSISTENT_RESERVE_IN	0x5e
#define OP_PERSISTENT_RESERVE_OUT	0x5f
#define SA_READ_KEYS			0
#define SA_READ_RESERVATION		1
#define SA_REPORT_CAPABILITIES		2
#define SENSE_UNIT_ATTENTION		6

int mpio_pr_out_parse(const u8 *cdb, const u8 *data, u32 len,
		      struct mpio_pr_out *out)
{
	if (cdb[0] != OP_PERSISTENT_RESERVE_OUT || len < MPIO_PR_OUT_LEN)
		return -EINVAL;
	out->action = cdb[1] & 0x1f;
	out->scope_type = cdb[2];
	out->key = mpio_get64(data);
	out->new_key = mpio_get64(data + 8);
	out->flags = data[20];
	return 0;
}

u32 mpio_pr_out_build(u8 *cdb, u8 *data, const struct mpio_pr_out *out)
{
	memset(cdb, 0, 16);
	cdb[0] = OP_PERSISTENT_RESERVE_OUT;
	cdb[1] = out->action;
	cdb[2] = out->scope_type;
	mpio_put32(cdb + 5, MPIO_PR_OUT_LEN);
	memset(data, 0, MPIO_PR_OUT_LEN);
	mpio_put64(data, out->key);
	mpio_put64(data + 8, out->new_key);
	data[20] = out->flags;
	return 10;
}

/* RESERVATIONS PREEMPTED, RESERVATIONS RELEASED, REGISTRATIONS PREEMPTED */
bool mpio_pr_is_notice(u8 key, u8 asc, u8 ascq)
{
	return key == SENSE_UNIT_ATTENTION && asc == 0x2a && ascq >= 0x03 &&
	       ascq <= 0x05;
}

static u32 pr_in(u8 *cdb, u8 action, u16 len)
{
	memset(cdb, 0, 16);
	cdb[0] = OP_PERSISTENT_RESERVE_IN;
	cdb[1] = action;
	mpio_put16(cdb + 7, len);
	return 10;
}

u32 mpio_cdb_pr_read_keys(u8 *cdb, u16 len)
{
	return pr_in(cdb, SA_READ_KEYS, len);
}

u32 mpio_cdb_pr_read_reservation(u8 *cdb, u16 len)
{
	return pr_in(cdb, SA_READ_RESERVATION, len);
}

u32 mpio_cdb_pr_capabilities(u8 *cdb, u16 len)
{
	return pr_in(cdb, SA_REPORT_CAPABILITIES, len);
}

int mpio_pr_keys_parse(const u8 *data, u32 len, struct mpio_pr_keys *keys)
{
	u32 present;

	if (len < 8)
		return -EINVAL;
	present = (len - 8) / 8;
	keys->generation = mpio_get32(data);
	keys->reported = mpio_get32(data + 4) / 8;
	keys->count = keys->reported < present ? keys->reported : present;
	keys->data = data + 8;
	return 0;
}

u32 mpio_pr_keys_matching(const struct mpio_pr_keys *keys, u64 key)
{
	u32 i, n = 0;

	for (i = 0; i < keys->count; i++)
		n += mpio_get64(keys->data + 8 * (size_t)i) == key;
	return n;
}

int mpio_pr_reservation_parse(const u8 *data, u32 len,
			      struct mpio_pr_reservation *res)
{
	u32 additional;

	if (len < 8)
		return -EINVAL;
	additional = mpio_get32(data + 4);
	if (!additional) {
		memset(res, 0, sizeof(*res));
		return 0;
	}
	if (additional < 16 || len < 24)
		return -EINVAL;
	res->held = true;
	res->key = mpio_get64(data + 8);
	res->scope_type = data[21];
	return 0;
}

int mpio_pr_persists_parse(const u8 *data, u32 len, bool *persists)
{
	if (len < 8 || mpio_get16(data) < 8)
		return -EINVAL;
	*persists = data[3] & 0x01;
	return 0;
}
