// SPDX-License-Identifier: GPL-2.0
/* Comparing logical units. See identity.h. */
#include "identity.h"

enum mpio_unit_difference mpio_unit_compare(const struct mpio_unit *a,
					    const struct mpio_unit *b)
{
	bool nameless = a->id.type == MPIO_LU_ID_NONE &&
			b->id.type == MPIO_LU_ID_NONE;

	if (!nameless && !mpio_lu_id_equal(&a->id, &b->id))
		return MPIO_UNIT_DESIGNATOR;
	if (a->type != b->type)
		return MPIO_UNIT_TYPE;
	if (strcmp(a->vendor, b->vendor))
		return MPIO_UNIT_VENDOR;
	if (strcmp(a->product, b->product))
		return MPIO_UNIT_PRODUCT;
	if (strcmp(a->serial, b->serial))
		return MPIO_UNIT_SERIAL;
	if (a->size && b->size && a->size != b->size)
		return MPIO_UNIT_SIZE;
	return MPIO_UNIT_SAME;
}

const char *mpio_unit_difference_name(enum mpio_unit_difference difference)
{
	static const char *const names[] = {
		[MPIO_UNIT_SAME] = "nothing",
		[MPIO_UNIT_DESIGNATOR] = "another designator",
		[MPIO_UNIT_TYPE] = "another device type",
		[MPIO_UNIT_VENDOR] = "another vendor",
		[MPIO_UNIT_PRODUCT] = "another product name",
		[MPIO_UNIT_SERIAL] = "another unit serial number",
		[MPIO_UNIT_SIZE] = "another size",
	};

	return (u32)difference < ARRAY_SIZE(names) ? names[difference] :
						     "unknown";
}

/* @n hex digits from digit @first on; 0 is the high half of byte 0. */
static bool digits_zero(const u8 *bytes, u32 first, u32 n)
{
	for (; n; n--, first++)
		if ((bytes[first / 2] >> (first % 2 ? 0 : 4)) & 0xf)
			return false;
	return true;
}

static bool naa_worldwide(const u8 *bytes, u32 len)
{
	if (len < 8)
		return false;
	switch (bytes[0] >> 4) {
	case 2:		/* 12 bits of the vendor come before the company */
		return !digits_zero(bytes, 4, 6);
	case 5:
	case 6:
		return !digits_zero(bytes, 1, 6);
	default:
		return false;
	}
}

static bool hex_value(u8 c, u8 *value)
{
	if (c >= '0' && c <= '9')
		*value = (u8)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*value = (u8)(c - 'a' + 10);
	else if (c >= 'A' && c <= 'F')
		*value = (u8)(c - 'A' + 10);
	else
		return false;
	return true;
}

static bool eui_worldwide(const u8 *bytes, u32 len)
{
	/* the form of 16 bytes begins with an extension, SPC-5 7.8.6.5.4 */
	u32 company = len == 16 ? 8 : 0;
	bool text = true;
	u8 value;
	u32 i;

	if (len < 8)
		return false;
	for (i = 0; i < len; i++)
		text = text && hex_value(bytes[i], &value);
	return !text && !digits_zero(bytes, 2 * company, 6);
}

/* SCSI name string: "naa." and "eui." are the others in hex; SPC-5 7.8.6.11. */
static bool name_worldwide(const u8 *text, u32 len)
{
	u8 bytes[16] = { 0 };
	u32 i, digits = len - 4;
	u8 value;

	if (len < 4)
		return false;
	if (memcmp(text, "naa.", 4) && memcmp(text, "eui.", 4))
		return true;	/* begins with a target's name */
	if (digits > 2 * sizeof(bytes))
		return false;
	for (i = 0; i < digits; i++) {
		if (!hex_value(text[4 + i], &value))
			return false;
		bytes[i / 2] |= (u8)(i % 2 ? value : value << 4);
	}
	return text[0] == 'n' ? naa_worldwide(bytes, digits / 2) :
				eui_worldwide(bytes, digits / 2);
}

bool mpio_lu_id_worldwide(const struct mpio_lu_id *id)
{
	switch (id->type) {
	case MPIO_DESIG_NAA:
		return naa_worldwide(id->bytes, id->len);
	case MPIO_DESIG_EUI64:
		return eui_worldwide(id->bytes, id->len);
	case MPIO_DESIG_SCSI_NAME:
		return name_worldwide(id->bytes, id->len);
	default:
		return false;
	}
}
