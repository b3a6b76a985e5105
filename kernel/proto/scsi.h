/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parsers of what logical units answer and builders of what they are asked.
 * Every parser takes the bytes really received, believes no length in them
 * and leaves its output untouched on failure (-EINVAL unless said otherwise).
 */
#ifndef MPIO_PROTO_SCSI_H
#define MPIO_PROTO_SCSI_H

#include "env.h"

/* CDB builders; @cdb has 16 bytes and is cleared. They return its length. */
u32 mpio_cdb_test_unit_ready(u8 *cdb);
u32 mpio_cdb_inquiry(u8 *cdb, u16 len);
u32 mpio_cdb_vpd(u8 *cdb, u8 page, u16 len);
u32 mpio_cdb_report_luns(u8 *cdb, u32 len);
u32 mpio_cdb_read_capacity10(u8 *cdb);			/* answers 8 bytes */
u32 mpio_cdb_read_capacity16(u8 *cdb, u32 len);		/* answers 32 */
/* @extended: with the header that carries the implicit transition time */
u32 mpio_cdb_rtpg(u8 *cdb, u32 len, bool extended);
/* parameter data of SET TARGET PORT GROUPS is 4 + 4 * groups bytes */
u32 mpio_cdb_stpg(u8 *cdb, u32 len);
u32 mpio_stpg_data(u8 *data, u32 cap, u8 state, u16 tpg);

/* Sense data, SPC-5 4.5, fixed and descriptor format. */
struct mpio_sense {
	u8 key;
	u8 asc;
	u8 ascq;
	bool deferred;
	bool has_info;
	u64 info;
};

int mpio_sense_parse(const u8 *data, u32 len, struct mpio_sense *s);

/*
 * The data segment of a SCSI Response or SCSI async event: a 16 bit
 * SenseLength before the sense data, RFC 7143 11.4.7. On success @sense
 * points into @data. An absent segment gives 0 with *sense_len == 0.
 */
int mpio_sense_segment(const u8 *data, u32 len, const u8 **sense,
		       u32 *sense_len);

/* Standard INQUIRY data, SPC-5 6.6.2. */
struct mpio_inquiry {
	u8 qualifier;		/* 0: there is a LU; 1, 3: none here */
	u8 type;
	u8 version;
	u8 tpgs;		/* 0 none, 1 implicit, 2 explicit, 3 both */
	bool removable;
	bool cmdque;
	bool protect;
	char vendor[9];		/* printable, trailing blanks removed */
	char product[17];
	char revision[5];
};

int mpio_inquiry_parse(const u8 *data, u32 len, struct mpio_inquiry *inq);

#define MPIO_SERIAL_MAX		251

/* VPD page 80: text without blanks at either end into @out (MAX + 1 bytes). */
int mpio_vpd_serial(const u8 *data, u32 len, char *out);

/* Designators of VPD page 83, SPC-5 7.8.6. */
#define MPIO_DESIG_VENDOR	0
#define MPIO_DESIG_T10		1
#define MPIO_DESIG_EUI64	2
#define MPIO_DESIG_NAA		3
#define MPIO_DESIG_REL_PORT	4
#define MPIO_DESIG_TPG		5
#define MPIO_DESIG_LU_GROUP	6
#define MPIO_DESIG_MD5		7
#define MPIO_DESIG_SCSI_NAME	8
#define MPIO_ASSOC_LU		0
#define MPIO_ASSOC_PORT		1
#define MPIO_ASSOC_DEVICE	2

struct mpio_designator {
	u8 code_set;		/* 1 binary, 2 ASCII, 3 UTF-8 */
	u8 assoc;
	u8 type;
	u8 len;
	const u8 *data;
};

struct mpio_designator_iter {
	const u8 *data;
	u32 len;
	u32 pos;
};

/* 0, or -EINVAL when @data is no page 83. */
int mpio_designator_first(struct mpio_designator_iter *it, const u8 *data,
			  u32 len);
/* 1 with a designator, 0 at the end, -EINVAL when the page lies. */
int mpio_designator_next(struct mpio_designator_iter *it,
			 struct mpio_designator *d);

/* Identity of a logical unit. */
#define MPIO_LU_ID_MAX		255
#define MPIO_LU_ID_NONE		0xff	/* type when there is no identity */
#define MPIO_LU_ID_SERIAL	0xfe	/* made of vendor, product, page 80 */
#define MPIO_LU_ID_TEXT_MAX	(5 + 2 * MPIO_LU_ID_MAX)

struct mpio_lu_id {
	u8 type;		/* MPIO_DESIG_*, or one of the above */
	u8 code_set;
	u8 len;
	u8 bytes[MPIO_LU_ID_MAX];
};

/* What page 83 says of the LU and of the port it was asked through. */
struct mpio_vpd83 {
	struct mpio_lu_id id;	/* best: NAA 6, 5/2/3, EUI-64, name, T10 */
	bool has_tpg;
	bool has_rel_port;
	u16 tpg;
	u16 rel_port;
};

/* 0 even when no usable designator is there (id.type says so). */
int mpio_vpd83_parse(const u8 *data, u32 len, struct mpio_vpd83 *out);

/* The fall-back: vendor, product and serial; NONE if the serial is empty. */
void mpio_lu_id_serial(struct mpio_lu_id *id, const struct mpio_inquiry *inq,
		       const char *serial);

/* Identities without type never equal anything. */
bool mpio_lu_id_equal(const struct mpio_lu_id *a, const struct mpio_lu_id *b);

/*
 * "naa.6001405...", "eui.0025385...", "t10.LIO-ORG ...", the SCSI name string
 * itself, "serial...."; "" when there is none. @out has
 * MPIO_LU_ID_TEXT_MAX + 1 bytes. Returns the length.
 */
u32 mpio_lu_id_format(const struct mpio_lu_id *id, char *out);

/* REPORT LUNS, SPC-5 6.33. */
struct mpio_luns {
	const u8 *data;
	u32 count;		/* entries present in the bytes received */
	u32 reported;		/* entries the target says there are */
};

int mpio_luns_parse(const u8 *data, u32 len, struct mpio_luns *l);
/* Entry @i < count as Linux's number (see mpio_lun_decode()). */
u64 mpio_luns_get(const struct mpio_luns *l, u32 i);

/* READ CAPACITY, SBC-4 5.15, 5.16. */
struct mpio_capacity {
	u64 last_lba;
	u32 block_size;
	u8 prot_type;		/* 0 none, 1 ... 3 */
	u8 physical_exp;	/* log2 of logical per physical block */
	u16 lowest_aligned;
	bool lbpme;
	bool lbprz;
};

/* -ERANGE: too large for the 10 byte command, ask READ CAPACITY(16). */
int mpio_capacity10_parse(const u8 *data, u32 len, struct mpio_capacity *c);
int mpio_capacity16_parse(const u8 *data, u32 len, struct mpio_capacity *c);

/* REPORT TARGET PORT GROUPS, SPC-5 6.37. */
struct mpio_tpg {
	bool pref;
	u8 state;		/* enum mpio_alua_state of the netlink ABI */
	u8 supported;		/* bit mask of byte 1 */
	u8 status;
	u16 tpg;
	u8 port_count;		/* as reported */
	const u8 *ports;	/* 4 bytes each: reserved, relative port id */
};

struct mpio_tpg_iter {
	const u8 *data;
	u32 len;
	u32 pos;
	u8 transition_secs;	/* 0: not given */
};

int mpio_tpg_first(struct mpio_tpg_iter *it, const u8 *data, u32 len);
/* 1 with a port group, 0 at the end, -EINVAL when the data lies. */
int mpio_tpg_next(struct mpio_tpg_iter *it, struct mpio_tpg *g);

static inline u16 mpio_tpg_port(const struct mpio_tpg *g, u8 i)
{
	return mpio_get16(g->ports + 4 * i + 2);
}

#endif /* MPIO_PROTO_SCSI_H */
