/* SPDX-License-Identifier: GPL-2.0 */
/* One run of fuzz_receive: what it shares with the target it plays, target.c. */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "../fuzz.h"

#include "base/setting.h"
#include "conn/conn.h"
#include "conn/send.h"

#define COMMANDS	48	/* in one run */
#define TAGS		8
#define R2TS		64	/* R2Ts noted for a command */
#define STREAM		65536
#define SENT		131072	/* bytes of the longest PDU, and more */
#define LEN_MAX		(1 + 255 * 96)	/* of a command */
#define COPIES		64	/* looked after at a time */

/* An R2T the target had a right to send. */
struct asked {
	u32 ttt, offset, len, sent, datasn;
};

/* A command of the midlayer, and what the test knows of it. */
struct command {
	struct mpio_task task;
	struct scsi_cmnd sc;
	struct scatterlist sg[3];
	u8 *buffer;
	u32 itt, len, unsolicited;
	u32 seed;
	u32 out;		/* bytes of a WRITE that have been sent */
	bool busy, write, sent;
	bool answered;		/* the target has said how it ended */
	bool retargeted;
	u8 cdb[32];
	u8 *sense;		/* MPIO_SENSE_MAX, on its own: ASan guards it */
	struct asked asked[R2TS];
	u32 nasked;
	bool came[LEN_MAX];	/* bytes of a READ that the target has brought */
};

/* One run. */
extern struct run {
	struct feed f;
	struct command command[COMMANDS];
	u32 ncommands;
	bool tainted;		/* it has sent bytes of any kind */
	u8 stream[STREAM];	/* the target's bytes, read up to ->at */
	u32 len, at, piece;
	u32 arrived;		/* up to here */
	u32 late;		/* bytes that arrive with the next ones */
	u32 exp_statsn;		/* what was acknowledged so far */
	bool wrong;		/* what is in the stream breaks a rule */
	bool garble;		/* the digests of what is said next */
	bool kicked;		/* io_work is to look */
	u64 now;		/* ns */
	u8 out[SENT];		/* ours, up to a whole PDU */
	u32 out_len;
	u32 room;		/* in the socket */
	bool no_frags;		/* no page to copy to */
	u32 frags_asked;	/* whether they are free */
	/* Copies that the network still has: nobody may write to them. */
	struct { const u8 *at; u32 len, sum; } copy[COPIES];
	u32 ncopies;
	u32 cmdsn;		/* of the next command on the wire */
} t;

extern struct owner {
	struct mpio_settings settings;
	struct mpio_conn conn;
} sess;

/* The byte of the command's data at @offset, never 0. */
u8 pattern(const struct command *c, u32 offset);

/* The command the target may mean by that tag, or NULL. */
struct command *find(u32 itt);

/* Four bytes of the input. */
u32 feed_u32(void);

/* What kind of PDU comes next is up to @what, what is in it to the input. */
void target_says(u8 what);

#endif /* FUZZ_RUN_H */
