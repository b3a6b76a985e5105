// SPDX-License-Identifier: GPL-2.0
/* LOGICAL UNIT RESET, and what it does to commands under way. */
#include "multipath/reset.h"

#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

#include "conn/conn.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

static const struct mpio_disk *mpio_tmf_disk(const struct mpio_task *task)
{
	const struct mpio_path *path = READ_ONCE(task->path);

	return path ? path->disk : task->sc->device->hostdata;
}

bool mpio_tmf_was_reset(const struct mpio_task *task)
{
	return ktime_before(task->start,
			    READ_ONCE(mpio_tmf_disk(task)->was_reset));
}

bool mpio_tmf_may_be_reset(const struct mpio_task *task)
{
	return atomic_read(&mpio_tmf_disk(task)->resets) ||
	       mpio_tmf_was_reset(task);
}

bool mpio_tmf_is_unfinished(const struct mpio_disk *disk)
{
	return atomic_read(&disk->resets) || READ_ONCE(disk->reset_lost);
}

bool mpio_tmf_is_why(const struct mpio_path *path, const struct mpio_task *task)
{
	return mpio_tmf_was_reset(task) ||
	       ktime_before(task->start, READ_ONCE(path->was_reset));
}

void mpio_tmf_lu_is_reset(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	atomic_inc(&disk->resets);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		WRITE_ONCE(set->path[i]->reset_notice, true);
	rcu_read_unlock();
}

/* Every path may have had commands at the LU that was reset. */
static void mpio_tmf_look_for_victims(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++) {
		struct mpio_session *sess = set->path[i]->sess;
		struct mpio_conn *conn = &sess->conn;

		/* Tasks of a dead connection are taken off it as it is. */
		if (mpio_session_state(sess) != MPIO_SESSION_LOGGED_IN)
			continue;
		set_bit(MPIO_CONN_LU_WAS_RESET, &conn->flags);
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
		mpio_conn_kick(conn);
	}
	rcu_read_unlock();
}

void mpio_tmf_reset_over(struct mpio_path *path, enum mpio_reset_end end,
			 unsigned long asked)
{
	struct mpio_disk *disk = path->disk;
	unsigned long lost = READ_ONCE(disk->reset_lost);
	u32 drain = mpio_setting(path->sess, MPIO_TA_FENCE_TIMEOUT);

	switch (end) {
	case MPIO_RESET_DONE:
		/*
		 * A lost reset may still have reached the target after this one was
		 * sent, unless FenceTimeout had passed by then.
		 */
		if (lost && time_after(asked, lost + msecs_to_jiffies(drain)))
			cmpxchg(&disk->reset_lost, lost, 0);
		fallthrough;
	case MPIO_RESET_UNSURE:
		WRITE_ONCE(disk->was_reset, ktime_get());
		break;
	case MPIO_RESET_LOST:
		WRITE_ONCE(disk->reset_lost, jiffies | 1);
		break;
	case MPIO_RESET_REFUSED:
		break;
	}
	/* Before commands that the reset has taken along are aborted. */
	atomic_dec(&disk->resets);
	if (end == MPIO_RESET_DONE || end == MPIO_RESET_UNSURE)
		mpio_tmf_look_for_victims(disk);
}

int mpio_tmf_reset_lu(struct mpio_path *path)
{
	struct mpio_session *sess = path->sess;
	struct mpio_task *task = &sess->reset_task;
	enum mpio_reset_end end = MPIO_RESET_DONE;
	unsigned long asked = jiffies;
	int err;

	mutex_lock(&sess->reset_mutex);
	mpio_task_init_internal(task, MPIO_TASK_TMF, NULL, NULL, 0);
	task->tmf_function = PDU_TMF_LU_RESET;
	task->tmf_ref_itt = PDU_TAG_NONE;
	task->tmf_ref_cmdsn = 0;
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	atomic_inc(&path->disk->resets);
	err = mpio_session_exec(sess, task, MPIO_SLOT_RESET,
				mpio_setting(sess, MPIO_TA_TMF_TIMEOUT));
	if (err) {
		/* What was never sent takes no command along. */
		end = err != -ENOTCONN ||
		      test_bit(MPIO_TASK_WAS_SENT, &task->flags) ?
		      MPIO_RESET_LOST : MPIO_RESET_REFUSED;
	} else if (task->response != PDU_TMF_RSP_COMPLETE) {
		end = MPIO_RESET_REFUSED;
		err = -EIO;
	}
	mpio_tmf_reset_over(path, end, asked);
	mutex_unlock(&sess->reset_mutex);
	return err;
}
