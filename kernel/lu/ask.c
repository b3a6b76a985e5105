// SPDX-License-Identifier: GPL-2.0
/* Commands of our own to a logical unit, through one path, one at a time. */
#include "lu/ask.h"

#include <linux/delay.h>
#include <linux/slab.h>

#include "multipath/disk.h"
#include "multipath/disposition.h"
#include "multipath/path.h"
#include "proto/reserve.h"
#include "session/session.h"

#define MPIO_PROBE_TRIES	16	/* unit attentions come in bunches */

int mpio_probe_init(struct mpio_probe *probe, unsigned int slot)
{
	probe->slot = slot;
	probe->timeout_ms = MPIO_PROBE_TIMEOUT_MS;
	init_completion(&probe->task.done);
	probe->buf = kmalloc(MPIO_PROBE_BUF, GFP_KERNEL);
	return probe->buf ? 0 : -ENOMEM;
}

/* One command, once. SAM status, or -errno. */
static int mpio_probe_once(struct mpio_session *sess, struct mpio_probe *probe,
			   u64 lun, u32 cdb_len, void *buf, u32 len)
{
	struct mpio_task *task = &probe->task;
	int err;

	mpio_task_init_internal(task, MPIO_TASK_INTERNAL, &probe->sg, buf, len);
	task->cdb = probe->cdb;
	task->cdb_len = cdb_len;
	task->read = len && !probe->write;
	task->write = len && probe->write;
	task->sense = probe->sense_data;
	mpio_lun_encode(lun, task->lun);
	task->path = probe->path;
	if (probe->path)
		task->lu_reset = &probe->path->disk->was_reset;
	err = mpio_session_exec(sess, task, probe->slot, probe->timeout_ms);
	if (err)
		return err;
	if (task->response != PDU_RSP_COMPLETED)
		return -EIO;
	return task->status;
}

/*
 * INQUIRY data or reported LUNs have changed (SPC-5 table 49): the unit may be
 * another one now, or have moved. I/O on its way has not heard of it and never
 * will. True: the command is not for a unit that nobody has looked at.
 */
static bool mpio_probe_exchanged(struct mpio_probe *probe)
{
	const struct mpio_sense *s = &probe->sense;

	if (!probe->of || s->asc != 0x3f || (s->ascq != 0x03 && s->ascq != 0x0e))
		return false;
	mpio_path_reverify(probe->of, "the logical unit says it changed");
	return probe->write;
}

/*
 * One command, until it is neither a unit attention nor a busy LU that
 * answers. Bytes received, or -errno: -EIO with probe->sense for a CHECK
 * CONDITION.
 */
static int mpio_probe_run(struct mpio_session *sess, struct mpio_probe *probe,
			  u64 lun, u32 cdb_len, void *buf, u32 len)
{
	struct mpio_task *task = &probe->task;
	unsigned int i;

	for (i = 0; i < MPIO_PROBE_TRIES; i++) {
		int status = mpio_probe_once(sess, probe, lun, cdb_len, buf,
					     len);

		switch (status) {
		case SAM_STAT_GOOD:
			return task->data_len - task->residual;
		case SAM_STAT_CHECK_CONDITION:
			if (mpio_sense_parse(task->sense, task->sense_len,
					     &probe->sense))
				memset(&probe->sense, 0, sizeof(probe->sense));
			if (probe->sense.key == UNIT_ATTENTION) {
				mpio_attentions_add(&probe->lu.attentions,
						    probe->sense.asc,
						    probe->sense.ascq);
				if (probe->of)
					mpio_decide_own_reset(probe->of,
							      &probe->sense);
				/* Said once: what we know may be old now. */
				if (!mpio_pr_is_notice(probe->sense.key,
						       probe->sense.asc,
						       probe->sense.ascq))
					probe->changed = true;
				if (mpio_probe_exchanged(probe))
					return -EIO;
				continue;
			}
			return -EIO;
		case SAM_STAT_BUSY:
		case SAM_STAT_TASK_SET_FULL:
			msleep(MPIO_PROBE_BUSY_MS);
			continue;
		default:
			return status < 0 ? status : -EBUSY;
		}
	}
	return -EBUSY;
}

int mpio_probe_read(struct mpio_session *sess, struct mpio_probe *probe,
		    u64 lun, u32 cdb_len, void *buf, u32 len)
{
	return mpio_probe_run(sess, probe, lun, cdb_len, buf, len);
}

int mpio_probe_ask(struct mpio_path *path, struct mpio_probe *probe,
		   u32 cdb_len, void *buf, u32 len)
{
	struct mpio_path *of = probe->of;
	int ret;

	probe->of = path;
	ret = mpio_probe_run(path->sess, probe, path->lun, cdb_len, buf, len);
	probe->of = of;
	return ret;
}

int mpio_probe_write(struct mpio_session *sess, struct mpio_probe *probe,
		     u64 lun, u32 cdb_len, void *buf, u32 len)
{
	int ret;

	probe->write = true;
	ret = mpio_probe_run(sess, probe, lun, cdb_len, buf, len);
	probe->write = false;
	return ret;
}
