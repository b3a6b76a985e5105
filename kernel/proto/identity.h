/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Are two logical units one? A designator alone does not say so: some are made
 * of target and LUN number, some are copied along with what they name.
 */
#ifndef MPIO_PROTO_IDENTITY_H
#define MPIO_PROTO_IDENTITY_H

#include "env.h"
#include "scsi.h"

/* What a logical unit says of itself that does not change in its life. */
struct mpio_unit {
	struct mpio_lu_id id;
	char serial[MPIO_SERIAL_MAX + 1];	/* page 80; "" if it has none */
	char vendor[9];
	char product[17];
	u8 type;				/* peripheral device type */
	u64 size;				/* bytes, 0 unknown; may change */
};

/* What tells two units apart; the first one that does. */
enum mpio_unit_difference {
	MPIO_UNIT_SAME,
	MPIO_UNIT_DESIGNATOR,
	MPIO_UNIT_TYPE,
	MPIO_UNIT_VENDOR,
	MPIO_UNIT_PRODUCT,
	MPIO_UNIT_SERIAL,
	MPIO_UNIT_SIZE,		/* nothing else: may be one that was resized */
};

/*
 * The revision does not count: a firmware upgrade changes it on one controller
 * after the other. Nor does a size that one of them does not tell. Two units
 * without a designator are compared by the rest.
 */
enum mpio_unit_difference mpio_unit_compare(const struct mpio_unit *a,
					    const struct mpio_unit *b);

/* "another serial number", for a sentence; MPIO_UNIT_SAME: "nothing". */
const char *mpio_unit_difference_name(enum mpio_unit_difference difference);

/*
 * May units of different targets that have this identity be taken for one?
 * Not what is assigned locally (NAA 3), has no company in it (an OUI of 0) or
 * is text made up by the target: T10 vendor identification, an EUI-64 spelt in
 * hex digits, a serial number; SPC-5 7.8.6.
 */
bool mpio_lu_id_worldwide(const struct mpio_lu_id *id);

#endif /* MPIO_PROTO_IDENTITY_H */
