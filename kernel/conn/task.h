/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One command on its way: a SCSI command of the midlayer, or one of our own.
 *
 * A task has exactly one owner at any time: its issuer (idle), a disk (parked,
 * held by the fence, or in the hands of reserve.work) or a connection. Only the
 * owner touches the task; others may set bits in ->flags. While a connection owns
 * it that is whoever owns the connection: io_work, a helper, or mpio_conn_close()
 * at the end; see conn.h.
 */
#ifndef _MPIO_TASK_H
#define _MPIO_TASK_H

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#include "conn/sg.h"

struct mpio_conn;
struct mpio_path;
struct mpio_session;
struct mpio_task;
struct scsi_cmnd;
struct task_struct;

/*
 * SCSI commands of a host. Each has a request of about 1 KiB from the beginning,
 * and many arrays show a target for each volume. It is what four paths with a
 * window of 96 carry, or three disks with 128 commands each.
 */
#define MPIO_CAN_QUEUE		384
#define MPIO_MAX_R2T		8	/* MaxOutstandingR2T we offer */
#define MPIO_SENSE_MAX		96
#define MPIO_CDB_MAX		260	/* RFC 7143 11.2.2.3, extended CDB */

enum mpio_task_kind {
	MPIO_TASK_SCSI,		/* task->sc is the midlayer's command */
	MPIO_TASK_INTERNAL,	/* a SCSI command of ours, cdb[] and buf */
	MPIO_TASK_NOP,		/* NOP-Out that wants an answer */
	MPIO_TASK_TMF,		/* task management */
	MPIO_TASK_LOGOUT,
	MPIO_TASK_TEXT,		/* Text Request without keys */
};

enum mpio_task_state {
	MPIO_TASK_IDLE,		/* owned by its issuer */
	MPIO_TASK_PARKED,	/* owned by the disk */
	MPIO_TASK_SUBMITTED,	/* on conn->submit */
	MPIO_TASK_PENDING,	/* on conn->pending or conn->immediate */
	MPIO_TASK_SENT,		/* in the ITT table */
};

/* Bits of mpio_task.flags; set atomically from outside the owner. */
enum mpio_task_flag {
	MPIO_TASK_ABORT,	/* its time is over: get rid of it */
	MPIO_TASK_QUERIED,	/* the target was asked whether it has it */
	MPIO_TASK_ABORTING,	/* ABORT TASK is on its way */
	MPIO_TASK_ONCE,		/* must not run twice */
	MPIO_TASK_RESPONDED,	/* SCSI Response seen, Data-Out unfinished */
	MPIO_TASK_WAS_SENT,	/* its connection died after it was sent */
	MPIO_TASK_RESERVE,	/* goes by lu/reserve.c */
	MPIO_TASK_LOST,		/* and may have run, on a path that died */
	MPIO_TASK_OVERTIME,	/* the block layer's timer is over */
	MPIO_TASK_RECALL,	/* its answer is kept: ->ended, recall.h */
	MPIO_TASK_UNKNOWN,	/* the target says that it has no such task */
};

struct mpio_r2t {
	u32 ttt;
	u32 offset;		/* next byte to send */
	u32 remaining;
	u32 datasn;
};

/* What the fence knows of a task that it holds; see multipath/fence.c. */
struct mpio_held {
	struct mpio_session *sess;	/* it was sent through, referenced */
	struct mpio_path *path;		/* and over; referenced, or NULL */
	unsigned long since;		/* jiffies, when that was lost */
	u16 tpgt;			/* of the nexus then */
	u16 flags;
};

/* Of a SCSI command. Each takes the task over from the connection. */
struct mpio_task_ops {
	/*
	 * As mpio_task_finish(): also in softirq, within the socket's callback. The
	 * command is complete, or was aborted.
	 */
	void (*done)(struct mpio_task *task);
	/*
	 * Process context (recover_work or a removal), no locks held. The connection
	 * died under the command; MPIO_TASK_WAS_SENT says whether it was sent.
	 */
	void (*lost)(struct mpio_task *task);
};

struct mpio_task {
	const struct mpio_task_ops *ops;	/* of MPIO_TASK_SCSI */
	enum mpio_task_kind kind;
	enum mpio_task_state state;
	unsigned long flags;
	struct llist_node submit_node;	/* conn->submit */
	struct list_head node;		/* conn lists, or disk->parked */
	struct list_head r2t_node;	/* conn->r2t, else empty */
	struct mpio_conn *conn;
	struct mpio_path *path;		/* NULL: addresses no LU */
	const ktime_t *lu_reset;	/* when that was reset; valid with @path */
	struct scsi_cmnd *sc;
	struct task_struct *issuer;	/* of a PR OUT, who waits for it; or NULL */
	u32 itt;
	u16 slot;			/* index in conn->slots, or to begin with */
	u8 lun[8];

	/* what to transfer */
	u8 *cdb;
	u16 cdb_len;
	bool write, read;
	u32 data_len;
	struct scatterlist *sgl;

	/* transmit */
	struct mpio_sg_cursor tx;
	u32 tx_sent;			/* Data-Out bytes sent so far */
	u32 unsolicited_remaining;	/* may still be sent without R2T */
	u32 unsolicited_datasn;
	u32 r2tsn;			/* next expected */
	/*
	 * In order: the offset the next R2T has to ask for. In any order: the end
	 * of the unsolicited data, below which none may ask.
	 */
	u32 r2t_next;
	u8 r2t_first, r2t_count;
	union {
		struct mpio_r2t r2t[MPIO_MAX_R2T];	/* while sent */
		struct mpio_held held;			/* while held */
	};

	/* receive */
	struct mpio_sg_cursor rx;
	u32 received;			/* bytes of Data-In in the buffer */
	u32 exp_datasn;
	u16 extents;			/* received or solicited, in any order */

	/* result */
	u8 response;			/* RFC 7143 11.4.3 or TMF response */
	u8 status;			/* SAM status */
	u8 *sense;			/* MPIO_SENSE_MAX bytes */
	u16 sense_len;
	u32 residual;			/* underflow */
	int error;			/* internal tasks: -errno of the way */

	ktime_t start;			/* handed to a connection */
	u32 progress;			/* counts PDUs sent and received */
	u32 progress_seen;		/* by the last timeout */
	u32 losses;			/* connections that died of it */
	bool lost_once;
	unsigned long first_lost;	/* jiffies, if @lost_once */
	u32 retargets;			/* paths that would not take it */
	u32 avoid;			/* path it failed on last; 0: none */
	unsigned long parked;		/* jiffies, since when it waits */

	/* kinds other than MPIO_TASK_SCSI */
	struct completion done;
	/*
	 * In the context of mpio_task_finish() or mpio_task_lost(). A task of ours:
	 * called instead of completing @done, whatever became of it. A command with
	 * MPIO_TASK_RECALL: called before it is given back, if its status is GOOD.
	 */
	void (*ended)(struct mpio_task *task);
	u8 tmf_function;
	u32 tmf_ref_itt;
	u32 tmf_ref_cmdsn;
	u32 cmdsn;
	u32 ttt;		/* MPIO_TASK_TEXT */
};

/* Any context. Forgets all that an earlier attempt sent or received. */
void mpio_task_rewind(struct mpio_task *task);

/* Process context. Prepares an internal task; @buf may be NULL. */
void mpio_task_init_internal(struct mpio_task *task, enum mpio_task_kind kind,
			     struct scatterlist *sg, void *buf, u32 len);

/*
 * Process context in io_work, no locks held but MPIO_CONN_OWNED; or, for a command
 * answered GOOD, in a helper: softirq, within the socket's callback. Does not
 * sleep. The task is complete, or was aborted: gives it back to its issuer, or a
 * SCSI command to its operations.
 */
void mpio_task_finish(struct mpio_task *task);

/*
 * Process context, no locks held; may sleep. The connection died under the task:
 * gives it back as mpio_task_finish() does, without an answer (-ENOTCONN).
 */
void mpio_task_lost(struct mpio_task *task);

#endif
