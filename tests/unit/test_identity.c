// SPDX-License-Identifier: GPL-2.0
/*
 * Comparing logical units. Failing means: two volumes become one disk, or one
 * volume two.
 */
#include "unit.h"
#include "../../kernel/proto/identity.h"

static const struct mpio_unit one = {
	.id = { MPIO_DESIG_NAA, 1, 16, { 0x60, 0x01, 0x40, 0x5d } },
	.serial = "d0-0000-0001",
	.vendor = "LIO-ORG",
	.product = "disk",
	.size = 64 << 20,
};

static void test_compare(void)
{
	struct mpio_unit other = one;

	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_SAME,
	      "equal units are the same");
	other.size = 96 << 20;
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_SIZE &&
	      mpio_unit_compare(&other, &one) == MPIO_UNIT_SIZE,
	      "the size tells them apart");
	other.size = 0;
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_SAME &&
	      mpio_unit_compare(&other, &one) == MPIO_UNIT_SAME,
	      "one that is not told does not");
	other.size = 96 << 20;
	strcpy(other.serial, "d0-0000-0002");
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_SERIAL,
	      "a serial number counts before the size");
	other = one;
	other.serial[0] = '\0';
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_SERIAL,
	      "one has a serial number, the other none");
	strcpy(other.product, "disc");
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_PRODUCT,
	      "the product tells them apart");
	strcpy(other.vendor, "IET");
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_VENDOR,
	      "the vendor tells them apart");
	other.type = 5;
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_TYPE,
	      "the device type tells them apart");
	other.id.bytes[15] = 1;
	check(mpio_unit_compare(&one, &other) == MPIO_UNIT_DESIGNATOR,
	      "the designator tells them apart");
}

static void test_nameless(void)
{
	struct mpio_unit a = one, b = one;

	a.id.type = MPIO_LU_ID_NONE;
	check(mpio_unit_compare(&a, &b) == MPIO_UNIT_DESIGNATOR &&
	      mpio_unit_compare(&b, &a) == MPIO_UNIT_DESIGNATOR,
	      "one has a designator, the other none");
	b.id.type = MPIO_LU_ID_NONE;
	check(mpio_unit_compare(&a, &b) == MPIO_UNIT_SAME,
	      "without designators the rest is compared");
	b.size = 1;
	check(mpio_unit_compare(&a, &b) == MPIO_UNIT_SIZE,
	      "without designators the size counts, too");
}

static void test_names(void)
{
	static const enum mpio_unit_difference all[] = {
		MPIO_UNIT_SAME, MPIO_UNIT_DESIGNATOR, MPIO_UNIT_TYPE,
		MPIO_UNIT_VENDOR, MPIO_UNIT_PRODUCT, MPIO_UNIT_SERIAL,
		MPIO_UNIT_SIZE,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		for (j = 0; j < i; j++)
			check(strcmp(mpio_unit_difference_name(all[i]),
				     mpio_unit_difference_name(all[j])),
			      mpio_unit_difference_name(all[i]));
	check(!strcmp(mpio_unit_difference_name(MPIO_UNIT_SIZE + 1),
		      "unknown"), "a difference that is none");
}

#define NAME(s) { MPIO_DESIG_SCSI_NAME, 3, sizeof(s) - 1, s }

static const struct {
	const char *desc;
	bool worldwide;
	struct mpio_lu_id id;
} ids[] = {
	{ "NAA 6 of LIO", true,
	  { MPIO_DESIG_NAA, 1, 16, { 0x60, 0x01, 0x40, 0x5d, 0xea } } },
	{ "NAA 6 of tgt: no company, target and LUN number", false,
	  { MPIO_DESIG_NAA, 1, 16, { 0x60, 0, 0, 0, 0, 0, 0, 0,
				     0x0e, 0, 0, 0, 0, 1, 0, 1 } } },
	{ "NAA 6: the last bits of the company", true,
	  { MPIO_DESIG_NAA, 1, 16, { 0x60, 0, 0, 0x10 } } },
	{ "NAA 6: the first bits after the company", false,
	  { MPIO_DESIG_NAA, 1, 16, { 0x60, 0, 0, 0x0f } } },
	{ "NAA 5", true,
	  { MPIO_DESIG_NAA, 1, 8, { 0x50, 0x01, 0x02, 0x03 } } },
	{ "NAA 5 without a company", false,
	  { MPIO_DESIG_NAA, 1, 8, { 0x50, 0, 0, 0x0f, 0xff } } },
	{ "NAA 3 is local", false,
	  { MPIO_DESIG_NAA, 1, 8, { 0x30, 0x12, 0x34, 0x56 } } },
	{ "NAA 2", true,
	  { MPIO_DESIG_NAA, 1, 8, { 0x20, 0, 0x00, 0x11, 0x22 } } },
	{ "NAA 2 without a company", false,
	  { MPIO_DESIG_NAA, 1, 8, { 0x2f, 0xff, 0, 0, 0, 0xff } } },
	{ "NAA too short", false,
	  { MPIO_DESIG_NAA, 1, 4, { 0x50, 0x01, 0x02, 0x03 } } },
	{ "EUI-64", true,
	  { MPIO_DESIG_EUI64, 1, 8, { 0, 0x25, 0x38, 1, 2, 3, 4, 5 } } },
	{ "EUI-64 without a company", false,
	  { MPIO_DESIG_EUI64, 1, 8, { 0, 0, 0, 1, 2, 3, 4, 5 } } },
	{ "EUI-64 of SCST: a checksum of its name, in text", false,
	  { MPIO_DESIG_EUI64, 1, 8, "5a3f09be" } },
	{ "EUI-64 of 16 bytes", true,
	  { MPIO_DESIG_EUI64, 1, 16, { 0, 0, 0, 0, 0, 0, 0, 0,
				       0, 0x25, 0x38, 1 } } },
	{ "EUI-64 of 16 bytes without a company", false,
	  { MPIO_DESIG_EUI64, 1, 16, { 1, 2, 3, 4, 5, 6, 7, 8,
				       0, 0, 0, 1 } } },
	{ "EUI-64 too short", false,
	  { MPIO_DESIG_EUI64, 1, 4, { 0, 0x25, 0x38, 1 } } },
	{ "a name under a target's", true, NAME("iqn.2026-11.x:y,L,0x1") },
	{ "a NAA 6 in text", true, NAME("naa.600140500000000000000000000Ab1f0") },
	{ "a NAA 3 in text, as gotgt has it", false,
	  NAME("naa.3000000000000001") },
	{ "a NAA 6 without a company in text", false,
	  NAME("naa.60000000000000000e00000000010001") },
	{ "an EUI-64 in text", true, NAME("eui.0025380102030405") },
	{ "an EUI-64 without a company in text", false,
	  NAME("eui.0000000102030405") },
	{ "a NAA with other digits", false, NAME("naa.6001405x00000000") },
	{ "a NAA with too many digits", false,
	  NAME("naa.600140500000000000000000000000000") },
	{ "a name of three letters", false, NAME("naa") },
	{ "a T10 vendor identification", false,
	  { MPIO_DESIG_T10, 2, 12, "LIO-ORG disk" } },
	{ "a serial number", false, { MPIO_LU_ID_SERIAL, 2, 5, "a/b/1" } },
	{ "nothing", false, { MPIO_LU_ID_NONE } },
};

void test_identity(void)
{
	unsigned int i;

	test_compare();
	test_nameless();
	test_names();
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		check(mpio_lu_id_worldwide(&ids[i].id) == ids[i].worldwide,
		      ids[i].desc);
}
