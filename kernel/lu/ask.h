/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking logical units with commands of our own, one at a time: what it takes, and
 * where the answers go. No memory is allocated meanwhile.
 */
#ifndef _MPIO_ASK_H
#define _MPIO_ASK_H

#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "conn/task.h"
#include "multipath/attention.h"
#include "multipath/unit.h"
#include "proto/identity.h"
#include "proto/scsi.h"
#include "proto/wire.h"

struct mpio_path;
struct mpio_session;

/* What a LU says of a target port group; of so many at most. */
#define MPIO_LU_TPGS	16

struct mpio_lu_tpg {
	u16 tpg;
	u8 state;		/* enum mpio_alua_state */
	bool pref;
};

/* The answers of a LU to one probe, through one session. */
struct mpio_lu {
	u64 lun;
	struct mpio_unit unit;
	struct mpio_inquiry inquiry;
	unsigned long begun;	/* jiffies: nothing of this is older */
	struct mpio_unready unready;
	struct mpio_attentions attentions;	/* told while we asked */
	u8 alua_state;		/* enum mpio_alua_state */
	bool alua_pref;
	u16 tpg;
	u8 ntpgs;
	struct mpio_lu_tpg tpgs[MPIO_LU_TPGS];
};

#define MPIO_PROBE_BUF	4096

/* How long one command may take. */
#define MPIO_PROBE_TIMEOUT_MS	10000
/* Until a busy LU is asked again. */
#define MPIO_PROBE_BUSY_MS	50

/* A command of our own to a unit, with its buffers; one user at a time. */
struct mpio_probe {
	struct mpio_task task;
	struct scatterlist sg;
	u8 cdb[PDU_CDB_LEN];
	u8 sense_data[MPIO_SENSE_MAX];
	struct mpio_sense sense;	/* of the last CHECK CONDITION */
	bool changed;			/* the LU said so while we asked */
	bool write;			/* the command sends its buffer */
	struct mpio_vpd83 vpd83;
	struct mpio_lu lu;
	u8 *buf;			/* MPIO_PROBE_BUF */
	unsigned int slot;
	u32 timeout_ms;			/* for one command */
	struct mpio_path *path;		/* whose LU's reset ends it; or NULL */
	struct mpio_path *of;		/* told that its unit changed; or NULL */
};

/* Process context. 0 or -ENOMEM. */
int mpio_probe_init(struct mpio_probe *probe, unsigned int slot);

/*
 * Process context, sleeps for the answer. Runs the command in probe->cdb until
 * it is neither a unit attention nor a busy LU that answers. Bytes received
 * (0 for a write), or -errno: -EIO with probe->sense for a CHECK CONDITION.
 *
 * A unit attention is told once, and here it is us who hear it: where it says that
 * the unit may be another one now, the path probe->of carries no I/O until it is
 * verified, and what writes is not repeated but ends with that sense.
 */
int mpio_probe_read(struct mpio_session *sess, struct mpio_probe *probe,
		    u64 lun, u32 cdb_len, void *buf, u32 len);
int mpio_probe_write(struct mpio_session *sess, struct mpio_probe *probe,
		     u64 lun, u32 cdb_len, void *buf, u32 len);
/* The same as mpio_probe_read(), of the unit at the end of @path. */
int mpio_probe_ask(struct mpio_path *path, struct mpio_probe *probe,
		   u32 cdb_len, void *buf, u32 len);

#endif
