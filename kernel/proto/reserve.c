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
#define SA_READ_FULL_STATUS		3
#define PROTOCOL_ISCSI			5
#define FORMAT_WITH_ISID		1	/* of an iSCSI TransportID */
#define MOVE_UNREG			0x02	/* byte 17 of its list */
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
	out->unregisters = false;
	out->flags = data[20];
	if (out->action == MPIO_PR_REGISTER_MOVE) {
		/* SPC-5 table 242: byte 20 is a length there. */
		out->unregisters = data[17] & MOVE_UNREG;
		out->flags = data[17] & MPIO_PR_APTPL;
	}
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
	if (out->action == MPIO_PR_REGISTER_MOVE)
		data[17] = out->flags | (out->unregisters ? MOVE_UNREG : 0);
	else
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

u32 mpio_cdb_pr_full_status(u8 *cdb, u16 len)
{
	return pr_in(cdb, SA_READ_FULL_STATUS, len);
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

int mpio_pr_status_parse(const u8 *data, u32 len, struct mpio_pr_status *st)
{
	u32 additional;

	if (len < 8)
		return -EINVAL;
	additional = mpio_get32(data + 4);
	st->generation = mpio_get32(data);
	st->data = data + 8;
	st->len = additional > len - 8 ? len - 8 : additional;
	st->cut = st->len < additional;
	return 0;
}

static bool pr_hex(u8 c, u8 *digit)
{
	if (c >= '0' && c <= '9')
		*digit = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		*digit = (c | 0x20) - 'a' + 10;
	else
		return false;
	return true;
}

/* SPC-5 7.6.4.6: name, and with the ISID ",i,0x" and its digits after it. */
static void pr_transport_id(const u8 *id, u32 len,
			    struct mpio_pr_registrant *reg)
{
	static const char mark[] = ",i,0x";
	const u32 tail = sizeof(mark) - 1 + 2 * sizeof(reg->isid);
	const u8 *name = id + 4, *end;
	u8 high = 0, low = 0;
	u32 n, i;

	if (len < 4 || (id[0] & 0x0f) != PROTOCOL_ISCSI)
		return;
	n = mpio_get16(id + 2);
	if (n > len - 4)
		n = len - 4;
	end = memchr(name, 0, n);
	if (end)
		n = (u32)(end - name);
	if (id[0] >> 6 == FORMAT_WITH_ISID) {
		if (n <= tail ||
		    memcmp(name + n - tail, mark, sizeof(mark) - 1))
			return;
		for (i = 0; i < sizeof(reg->isid); i++) {
			const u8 *hex = name + n - 2 * sizeof(reg->isid) + 2 * i;

			if (!pr_hex(hex[0], &high) || !pr_hex(hex[1], &low))
				return;
			reg->isid[i] = (u8)(high << 4 | low);
		}
		reg->has_isid = true;
		n -= tail;
	}
	reg->name = name;
	reg->name_len = n;
}

bool mpio_pr_status_next(struct mpio_pr_status *st,
			 struct mpio_pr_registrant *reg)
{
	const u8 *d = st->data;
	u32 id_len;

	if (st->len < 24)
		return false;
	id_len = mpio_get32(d + 20);
	if (id_len > st->len - 24)
		return false;
	memset(reg, 0, sizeof(*reg));
	reg->key = mpio_get64(d);
	reg->holder = d[12] & 0x01;
	reg->scope_type = d[13];
	reg->port = mpio_get16(d + 18);
	pr_transport_id(d + 24, id_len, reg);
	st->data += 24 + id_len;
	st->len -= 24 + id_len;
	return true;
}

static u8 pr_lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool mpio_pr_registrant_is(const struct mpio_pr_registrant *reg,
			   const char *name, const u8 *isid)
{
	u32 i;

	if (!reg->name || strlen(name) != reg->name_len)
		return false;
	for (i = 0; i < reg->name_len; i++)
		if (pr_lower(reg->name[i]) != pr_lower((u8)name[i]))
			return false;
	return !reg->has_isid || !memcmp(reg->isid, isid, sizeof(reg->isid));
}

int mpio_pr_persists_parse(const u8 *data, u32 len, bool *persists)
{
	if (len < 8 || mpio_get16(data) < 8)
		return -EINVAL;
	*persists = data[3] & 0x01;
	return 0;
}
