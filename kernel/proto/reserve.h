/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent reservations, SPC-5 5.14: commands, their parameter lists, and
 * what PERSISTENT RESERVE IN answers. As in scsi.h, a parser takes the bytes
 * really received and leaves its output untouched on failure (-EINVAL).
 */
#ifndef MPIO_PROTO_RESERVE_H
#define MPIO_PROTO_RESERVE_H

#include "env.h"

/* Service actions of PERSISTENT RESERVE OUT, SPC-5 table 228. */
enum mpio_pr_out_action {
	MPIO_PR_REGISTER		= 0,
	MPIO_PR_RESERVE			= 1,
	MPIO_PR_RELEASE			= 2,
	MPIO_PR_CLEAR			= 3,
	MPIO_PR_PREEMPT			= 4,
	MPIO_PR_PREEMPT_ABORT		= 5,
	MPIO_PR_REGISTER_IGNORE		= 6,	/* ... EXISTING KEY */
	MPIO_PR_REGISTER_MOVE		= 7,	/* to another nexus */
};

/* Flags, byte 20 of the basic parameter list. */
#define MPIO_PR_APTPL		0x01	/* persists through power loss */
#define MPIO_PR_ALL_TG_PT	0x04	/* for all target ports */

#define MPIO_PR_OUT_LEN		24	/* the basic parameter list */
#define MPIO_PR_IN_MAX		0xffff	/* allocation length */

/* Types: the lower half of byte 2 of the CDB, SPC-5 table 82. */
enum mpio_pr_type {
	MPIO_PR_WRITE_EXCLUSIVE		= 1,
	MPIO_PR_EXCLUSIVE_ACCESS	= 3,
	MPIO_PR_WRITE_REGISTRANTS	= 5,	/* ... ONLY */
	MPIO_PR_ACCESS_REGISTRANTS	= 6,
	MPIO_PR_WRITE_ALL		= 7,	/* ... REGISTRANTS */
	MPIO_PR_ACCESS_ALL		= 8,
};

struct mpio_pr_out {
	u8 action;		/* enum mpio_pr_out_action, or a later one */
	u8 scope_type;		/* byte 2 of the CDB */
	u8 flags;
	bool unregisters;	/* REGISTER AND MOVE, UNREG */
	u64 key;		/* RESERVATION KEY */
	u64 new_key;		/* SERVICE ACTION RESERVATION KEY */
};

/* @cdb has 10 bytes or more. A list too short to say anything: -EINVAL. */
int mpio_pr_out_parse(const u8 *cdb, const u8 *data, u32 len,
		      struct mpio_pr_out *out);

/*
 * @cdb has 16 bytes and is cleared, @data MPIO_PR_OUT_LEN: the command for
 * @out and its parameter list. Returns the length of the CDB.
 */
u32 mpio_pr_out_build(u8 *cdb, u8 *data, const struct mpio_pr_out *out);

/* Does this sense data say no more than that reservations have changed? */
bool mpio_pr_is_notice(u8 key, u8 asc, u8 ascq);

/* PERSISTENT RESERVE IN. They return the length of the CDB, 16 bytes. */
u32 mpio_cdb_pr_read_keys(u8 *cdb, u16 len);
u32 mpio_cdb_pr_read_reservation(u8 *cdb, u16 len);
u32 mpio_cdb_pr_capabilities(u8 *cdb, u16 len);
u32 mpio_cdb_pr_full_status(u8 *cdb, u16 len);

struct mpio_pr_keys {
	u32 generation;		/* counts changes of registrations */
	u32 reported;		/* keys the target says there are */
	u32 count;		/* of them in the bytes received */
	const u8 *data;
};

int mpio_pr_keys_parse(const u8 *data, u32 len, struct mpio_pr_keys *keys);
/* How many of the keys received are @key: one for each nexus that has it. */
u32 mpio_pr_keys_matching(const struct mpio_pr_keys *keys, u64 key);

struct mpio_pr_reservation {
	bool held;
	u8 scope_type;
	u64 key;		/* of the holder, 0 where all registrants are */
};

int mpio_pr_reservation_parse(const u8 *data, u32 len,
			      struct mpio_pr_reservation *res);

/* READ FULL STATUS, SPC-5 6.16.5: what is left of the list of descriptors. */
struct mpio_pr_status {
	u32 generation;
	bool cut;		/* there is more than was received */
	const u8 *data;
	u32 len;
};

/* One registration. The name points into the data and has no terminator. */
struct mpio_pr_registrant {
	u64 key;
	bool holder;		/* of the reservation */
	u8 scope_type;		/* of that, if @holder */
	u16 port;		/* relative target port identifier */
	const u8 *name;		/* iSCSI name of the initiator; NULL: not iSCSI */
	u32 name_len;
	bool has_isid;		/* else it is any session of that initiator */
	u8 isid[6];
};

int mpio_pr_status_parse(const u8 *data, u32 len, struct mpio_pr_status *st);
/* The next one. False: there is none, or it is cut. */
bool mpio_pr_status_next(struct mpio_pr_status *st,
			 struct mpio_pr_registrant *reg);
/* Is, or may it be, the session of initiator @name with @isid? */
bool mpio_pr_registrant_is(const struct mpio_pr_registrant *reg,
			   const char *name, const u8 *isid);

/* REPORT CAPABILITIES: registrations persist through power loss (PTPL_A). */
int mpio_pr_persists_parse(const u8 *data, u32 len, bool *persists);

#endif /* MPIO_PROTO_RESERVE_H */
