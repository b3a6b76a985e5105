/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking logical units who and how they are, with commands of our own. No
 * memory is allocated but by mpio_probe_report_luns().
 */
#ifndef _MPIO_PROBE_H
#define _MPIO_PROBE_H

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

/* What a LU says of itself through one session. */
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

/* What it takes to ask; one user at a time. */
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
};

/* Process context. 0 or -ENOMEM. */
int mpio_probe_init(struct mpio_probe *probe, unsigned int slot);

/*
 * Process context, sleeps for the answer. Runs the command in probe->cdb until
 * it is neither a unit attention nor a busy LU that answers. Bytes received
 * (0 for a write), or -errno: -EIO with probe->sense for a CHECK CONDITION.
 */
int mpio_probe_read(struct mpio_session *sess, struct mpio_probe *probe,
		    u64 lun, u32 cdb_len, void *buf, u32 len);
int mpio_probe_write(struct mpio_session *sess, struct mpio_probe *probe,
		     u64 lun, u32 cdb_len, void *buf, u32 len);

/*
 * Process context, sleeps for answers. Fills probe->lu.
 * -ENODEV: no LU there (any more); -ENOTCONN: the connection went away;
 * other -errno: it did not answer properly.
 */
int mpio_probe_lu(struct mpio_session *sess, struct mpio_probe *probe,
		  u64 lun);

/*
 * Process context, sleeps for the answer. REPORT LUNS into probe->buf or, when
 * that is too small, into *@big (to be freed with kfree()); @luns points
 * there. 0: these are all LUNs; -EOPNOTSUPP: the target does not know the
 * command; other -errno: nothing can be said about LUNs that are not there.
 */
int mpio_probe_report_luns(struct mpio_session *sess, struct mpio_probe *probe,
			   u8 **big, struct mpio_luns *luns);

/*
 * Process context. What @lu, found at the end of @path by a probe begun when
 * the path had @doubts, means for the path: fit for I/O, fenced, or to be
 * looked at again.
 */
void mpio_probe_judge(struct mpio_path *path, const struct mpio_lu *lu,
		      u32 doubts);

/* sess->verify_work: paths that are not ready, or not optimized, are looked at. */
void mpio_probe_verify_work(struct work_struct *work);

#endif
