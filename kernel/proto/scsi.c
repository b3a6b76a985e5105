// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI data in and commands out. See scsi.h.
 */
#include "scsi.h"
#include "pdu.h"

/* Operation codes and service actions, SPC-5 and SBC-4. */
#define OP_TEST_UNIT_READY	0x00
#define OP_INQUIRY		0x12
#define OP_READ_CAPACITY10	0x25
#define OP_SERVICE_ACTION_IN16	0x9e
#define OP_REPORT_LUNS		0xa0
#define OP_MAINTENANCE_IN	0xa3
#define OP_MAINTENANCE_OUT	0xa4
#define SA_READ_CAPACITY16	0x10
#define SA_TARGET_PORT_GROUPS	0x0a	/* in both maintenance commands */

static u8 *cdb_start(u8 *cdb, u8 op)
{
	memset(cdb, 0, 16);
	cdb[0] = op;
	return cdb;
}

u32 mpio_cdb_test_unit_ready(u8 *cdb)
{
	cdb_start(cdb, OP_TEST_UNIT_READY);
	return 6;
}

u32 mpio_cdb_inquiry(u8 *cdb, u16 len)
{
	mpio_put16(cdb_start(cdb, OP_INQUIRY) + 3, len);
	return 6;
}

u32 mpio_cdb_vpd(u8 *cdb, u8 page, u16 len)
{
	mpio_cdb_inquiry(cdb, len);
	cdb[1] = 1;	/* EVPD */
	cdb[2] = page;
	return 6;
}

u32 mpio_cdb_report_luns(u8 *cdb, u32 len)
{
	mpio_put32(cdb_start(cdb, OP_REPORT_LUNS) + 6, len);
	return 12;
}

u32 mpio_cdb_read_capacity10(u8 *cdb)
{
	cdb_start(cdb, OP_READ_CAPACITY10);
	return 10;
}

u32 mpio_cdb_read_capacity16(u8 *cdb, u32 len)
{
	cdb_start(cdb, OP_SERVICE_ACTION_IN16)[1] = SA_READ_CAPACITY16;
	mpio_put32(cdb + 10, len);
	return 16;
}

u32 mpio_cdb_rtpg(u8 *cdb, u32 len, bool extended)
{
	cdb_start(cdb, OP_MAINTENANCE_IN)[1] =
		(u8)((extended ? 0x20 : 0) | SA_TARGET_PORT_GROUPS);
	mpio_put32(cdb + 6, len);
	return 12;
}

u32 mpio_cdb_stpg(u8 *cdb, u32 len)
{
	cdb_start(cdb, OP_MAINTENANCE_OUT)[1] = SA_TARGET_PORT_GROUPS;
	mpio_put32(cdb + 6, len);
	return 12;
}

u32 mpio_stpg_data(u8 *data, u32 cap, u8 state, u16 tpg)
{
	if (cap < 8)
		return 0;
	memset(data, 0, 8);
	data[4] = state & 0x0f;
	mpio_put16(data + 6, tpg);
	return 8;
}

/* SPC-5 4.5.3 */
static int sense_fixed(const u8 *data, u32 len, struct mpio_sense *s)
{
	if (len < 3)
		return -EINVAL;
	/* additional length counts from byte 8; bytes beyond it are void */
	if (len >= 8 && len > 8U + data[7])
		len = 8U + data[7];
	s->key = data[2] & 0x0f;
	if (len >= 13)
		s->asc = data[12];
	if (len >= 14)
		s->ascq = data[13];
	if ((data[0] & 0x80) && len >= 7) {
		s->has_info = true;
		s->info = mpio_get32(data + 3);
	}
	return 0;
}

/* SPC-5 4.5.2 */
static int sense_descriptors(const u8 *data, u32 len, struct mpio_sense *s)
{
	u32 pos;

	if (len < 4)
		return -EINVAL;
	s->key = data[1] & 0x0f;
	s->asc = data[2];
	s->ascq = data[3];
	if (len < 8)
		return 0;
	if (len > 8U + data[7])
		len = 8U + data[7];
	for (pos = 8; pos + 2 <= len; pos += 2U + data[pos + 1]) {
		/* information descriptor with its VALID bit */
		if (data[pos] != 0 || data[pos + 1] != 10 || pos + 12 > len ||
		    !(data[pos + 2] & 0x80))
			continue;
		s->has_info = true;
		s->info = mpio_get64(data + pos + 4);
		break;
	}
	return 0;
}

int mpio_sense_parse(const u8 *data, u32 len, struct mpio_sense *out)
{
	struct mpio_sense s;
	int err;

	if (!len)
		return -EINVAL;
	memset(&s, 0, sizeof(s));
	s.deferred = data[0] & 1;
	switch (data[0] & 0x7f) {
	case 0x70:
	case 0x71:
		err = sense_fixed(data, len, &s);
		break;
	case 0x72:
	case 0x73:
		err = sense_descriptors(data, len, &s);
		break;
	default:
		return -EINVAL;
	}
	if (!err)
		*out = s;
	return err;
}

int mpio_sense_segment(const u8 *data, u32 len, const u8 **sense,
		       u32 *sense_len)
{
	u32 n;

	if (!len) {
		*sense = data;
		*sense_len = 0;
		return 0;
	}
	if (len < 2)
		return -EINVAL;
	n = mpio_get16(data);
	if (n > len - 2)
		return -EINVAL;
	*sense = data + 2;
	*sense_len = n;
	return 0;
}

/* Printable text without blanks at its end; absent bytes make it shorter. */
static void inquiry_text(const u8 *data, u32 len, u32 off, u32 n, char *out)
{
	u32 i, end = 0;

	for (i = 0; i < n && off + i < len; i++) {
		u8 c = data[off + i];

		out[i] = c >= ' ' && c <= '~' ? (char)c : c ? '?' : ' ';
		if (out[i] != ' ')
			end = i + 1;
	}
	out[end] = '\0';
}

int mpio_inquiry_parse(const u8 *data, u32 len, struct mpio_inquiry *inq)
{
	if (len < 5)
		return -EINVAL;
	if (len > 5U + data[4])
		len = 5U + data[4];
	memset(inq, 0, sizeof(*inq));
	inq->qualifier = data[0] >> 5;
	inq->type = data[0] & 0x1f;
	inq->removable = data[1] & 0x80;
	inq->version = data[2];
	if (len > 5) {
		inq->tpgs = (data[5] >> 4) & 3;
		inq->protect = data[5] & 1;
	}
	if (len > 7)
		inq->cmdque = data[7] & 2;
	inquiry_text(data, len, 8, 8, inq->vendor);
	inquiry_text(data, len, 16, 16, inq->product);
	inquiry_text(data, len, 32, 4, inq->revision);
	return 0;
}

/* Body of a VPD page, cut to what was received; NULL if it is another. */
static const u8 *vpd_body(const u8 *data, u32 len, u8 page, u32 *body_len)
{
	u32 n;

	if (len < 4 || data[1] != page)
		return NULL;
	n = mpio_get16(data + 2);
	*body_len = n < len - 4 ? n : len - 4;
	return data + 4;
}

int mpio_vpd_serial(const u8 *data, u32 len, char *out)
{
	u32 n, i, end = 0, start = 0;
	const u8 *body = vpd_body(data, len, 0x80, &n);

	if (!body)
		return -EINVAL;
	if (n > MPIO_SERIAL_MAX)
		n = MPIO_SERIAL_MAX;
	while (start < n && (body[start] == ' ' || !body[start]))
		start++;
	for (i = start; i < n; i++) {
		u8 c = body[i];

		out[i - start] = c >= ' ' && c <= '~' ? (char)c :
				 c ? '?' : ' ';
		if (out[i - start] != ' ')
			end = i - start + 1;
	}
	out[end] = '\0';
	return 0;
}

int mpio_designator_first(struct mpio_designator_iter *it, const u8 *data,
			  u32 len)
{
	const u8 *body = vpd_body(data, len, 0x83, &it->len);

	if (!body)
		return -EINVAL;
	it->data = body;
	it->pos = 0;
	return 0;
}

int mpio_designator_next(struct mpio_designator_iter *it,
			 struct mpio_designator *d)
{
	const u8 *p = it->data + it->pos;

	if (it->pos == it->len)
		return 0;
	if (it->len - it->pos < 4 || it->len - it->pos - 4 < p[3])
		return -EINVAL;
	d->code_set = p[0] & 0x0f;
	d->assoc = (p[1] >> 4) & 3;
	d->type = p[1] & 0x0f;
	d->len = p[3];
	d->data = p + 4;
	it->pos += 4U + d->len;
	return 1;
}

static bool all_zero(const u8 *p, u32 len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* Length SPC-5 7.8.6.6 wants for a NAA format, 0 if it is no identity. */
static u32 naa_len(u8 naa)
{
	switch (naa) {
	case 6:
		return 16;
	case 5:
	case 3:
	case 2:
		return 8;
	default:
		return 0;
	}
}

/* Text designators are padded with NULs or blanks, SPC-5 7.8.6.11. */
static u32 designator_len(const struct mpio_designator *d)
{
	u32 len = d->len;

	if (d->type != MPIO_DESIG_SCSI_NAME && d->type != MPIO_DESIG_T10)
		return len;
	if (d->type == MPIO_DESIG_T10 && d->code_set == 1)
		return len;
	while (len && (!d->data[len - 1] || d->data[len - 1] == ' '))
		len--;
	return len;
}

/*
 * How well a designator names the LU for the whole world, 0 if it does not.
 * NAA 6, 5, 2, 3, then EUI-64, SCSI name string, T10 vendor identification.
 */
static u32 designator_rank(const struct mpio_designator *d)
{
	u8 naa = d->len ? d->data[0] >> 4 : 0;

	if (d->assoc != MPIO_ASSOC_LU || all_zero(d->data, d->len))
		return 0;
	switch (d->type) {
	case MPIO_DESIG_NAA:
		if (d->code_set != 1 || !naa_len(naa) ||
		    d->len != naa_len(naa))
			return 0;
		return naa == 6 ? 70 : naa == 5 ? 60 : naa == 2 ? 55 : 50;
	case MPIO_DESIG_EUI64:
		if (d->code_set != 1 ||
		    (d->len != 8 && d->len != 12 && d->len != 16))
			return 0;
		return 40 + d->len / 4;
	case MPIO_DESIG_SCSI_NAME:
		return d->code_set == 3 && designator_len(d) > 4 ? 30 : 0;
	case MPIO_DESIG_T10:
		/* the first 8 bytes name the vendor alone */
		return designator_len(d) > 8 ? 20 : 0;
	default:
		return 0;
	}
}

static void lu_id_set(struct mpio_lu_id *id, const struct mpio_designator *d)
{
	id->type = d->type;
	id->code_set = d->code_set;
	id->len = (u8)designator_len(d);
	memcpy(id->bytes, d->data, id->len);
}

int mpio_vpd83_parse(const u8 *data, u32 len, struct mpio_vpd83 *out)
{
	struct mpio_designator_iter it;
	struct mpio_designator d, best_d;
	u32 best = 0;
	int err;

	err = mpio_designator_first(&it, data, len);
	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	out->id.type = MPIO_LU_ID_NONE;
	while (mpio_designator_next(&it, &d) == 1) {
		u32 rank = designator_rank(&d);

		if (rank > best) {
			best = rank;
			best_d = d;
		}
		if (d.assoc != MPIO_ASSOC_PORT || d.len != 4)
			continue;
		if (d.type == MPIO_DESIG_TPG) {
			out->has_tpg = true;
			out->tpg = mpio_get16(d.data + 2);
		} else if (d.type == MPIO_DESIG_REL_PORT) {
			out->has_rel_port = true;
			out->rel_port = mpio_get16(d.data + 2);
		}
	}
	if (best)
		lu_id_set(&out->id, &best_d);
	return 0;
}

void mpio_lu_id_serial(struct mpio_lu_id *id, const struct mpio_inquiry *inq,
		       const char *serial)
{
	const char *const parts[] = { inq->vendor, inq->product, serial };
	u32 i, n, len = 0;

	memset(id, 0, sizeof(*id));
	id->type = MPIO_LU_ID_NONE;
	if (!serial[0])
		return;
	id->type = MPIO_LU_ID_SERIAL;
	id->code_set = 2;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (i)
			id->bytes[len++] = '/';
		n = strlen(parts[i]);
		/* the end of a serial number tells units apart: keep that */
		if (n > MPIO_LU_ID_MAX - 2 - len) {
			memcpy(id->bytes + len,
			       parts[i] + n - (MPIO_LU_ID_MAX - 2 - len),
			       MPIO_LU_ID_MAX - 2 - len);
			n = MPIO_LU_ID_MAX - 2 - len;
		} else {
			memcpy(id->bytes + len, parts[i], n);
		}
		len += n;
	}
	id->len = (u8)len;
}

bool mpio_lu_id_equal(const struct mpio_lu_id *a, const struct mpio_lu_id *b)
{
	return a->type != MPIO_LU_ID_NONE && a->type == b->type &&
	       a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static u32 put_text(char *out, const u8 *s, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		out[i] = s[i] >= ' ' && s[i] <= '~' ? (char)s[i] : '?';
	return len;
}

static u32 put_hex(char *out, const u8 *s, u32 len)
{
	static const char hex[] = "0123456789abcdef";
	u32 i;

	for (i = 0; i < len; i++) {
		out[2 * i] = hex[s[i] >> 4];
		out[2 * i + 1] = hex[s[i] & 15];
	}
	return 2 * len;
}

u32 mpio_lu_id_format(const struct mpio_lu_id *id, char *out)
{
	static const struct {
		u8 type;
		bool text;
		const char *prefix;
	} forms[] = {
		{ MPIO_DESIG_NAA, false, "naa." },
		{ MPIO_DESIG_EUI64, false, "eui." },
		{ MPIO_DESIG_T10, true, "t10." },
		{ MPIO_DESIG_SCSI_NAME, true, "" },
		{ MPIO_LU_ID_SERIAL, true, "serial." },
	};
	u32 i, n = 0;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].type != id->type)
			continue;
		n = strlen(forms[i].prefix);
		memcpy(out, forms[i].prefix, n);
		if (forms[i].text && id->code_set != 1)
			n += put_text(out + n, id->bytes, id->len);
		else
			n += put_hex(out + n, id->bytes, id->len);
		break;
	}
	out[n] = '\0';
	return n;
}

int mpio_luns_parse(const u8 *data, u32 len, struct mpio_luns *l)
{
	u32 present;

	if (len < 8)
		return -EINVAL;
	present = (len - 8) / 8;
	l->reported = mpio_get32(data) / 8;
	l->count = l->reported < present ? l->reported : present;
	l->data = data + 8;
	return 0;
}

u64 mpio_luns_get(const struct mpio_luns *l, u32 i)
{
	return mpio_lun_decode(l->data + 8 * (size_t)i);
}

int mpio_capacity10_parse(const u8 *data, u32 len, struct mpio_capacity *c)
{
	if (len < 8)
		return -EINVAL;
	if (mpio_get32(data) == 0xffffffff)
		return -ERANGE;
	memset(c, 0, sizeof(*c));
	c->last_lba = mpio_get32(data);
	c->block_size = mpio_get32(data + 4);
	return 0;
}

int mpio_capacity16_parse(const u8 *data, u32 len, struct mpio_capacity *c)
{
	if (len < 12)
		return -EINVAL;
	memset(c, 0, sizeof(*c));
	c->last_lba = mpio_get64(data);
	c->block_size = mpio_get32(data + 8);
	if (len < 16)
		return 0;
	if (data[12] & 1)	/* PROT_EN */
		c->prot_type = (u8)(((data[12] >> 1) & 7) + 1);
	c->physical_exp = data[13] & 0x0f;
	c->lowest_aligned = mpio_get16(data + 14) & 0x3fff;
	c->lbpme = data[14] & 0x80;
	c->lbprz = data[14] & 0x40;
	return 0;
}

int mpio_tpg_first(struct mpio_tpg_iter *it, const u8 *data, u32 len)
{
	u32 n;

	if (len < 4)
		return -EINVAL;
	n = mpio_get32(data);
	if (n > len - 4)
		n = len - 4;
	it->data = data + 4;
	it->len = n;
	it->pos = 0;
	it->transition_secs = 0;
	/* extended header, format type 001b; a group has 0 in those bits */
	if (n >= 4 && (it->data[0] & 0x70) == 0x10) {
		it->transition_secs = it->data[1];
		it->pos = 4;
	}
	return 0;
}

int mpio_tpg_next(struct mpio_tpg_iter *it, struct mpio_tpg *g)
{
	const u8 *p = it->data + it->pos;
	const u32 rest = it->len - it->pos;

	if (!rest)
		return 0;
	if (rest < 8 || (rest - 8) / 4 < p[7])
		return -EINVAL;
	g->pref = p[0] & 0x80;
	g->state = p[0] & 0x0f;
	g->supported = p[1];
	g->tpg = mpio_get16(p + 2);
	g->status = p[5];
	g->port_count = p[7];
	g->ports = p + 8;
	it->pos += 8 + 4U * p[7];
	return 1;
}
