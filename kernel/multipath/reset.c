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
	return READ_ONCE(mpio_tmf_disk(task)->resetting) ||
	       mpio_tmf_was_reset(task);
}

void mpio_tmf_lu_is_reset(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	WRITE_ONCE(disk->resetting, true);
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		WRITE_ONCE(set->path[i]->reset_notice, true);
	rcu_read_unlock();
}

/* Every path may have had commands at the LU that was reset. */
void mpio_tmf_lu_was_reset(struct mpio_disk *disk)
{
	const struct mpio_path_set *set;
	unsigned int i;

	WRITE_ONCE(disk->was_reset, ktime_get());
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

int mpio_tmf_reset_lu(struct mpio_path *path)
{
	struct mpio_session *sess = path->sess;
	struct mpio_task *task = &sess->reset_task;
	int err;

	mutex_lock(&sess->reset_mutex);
	mpio_task_init_internal(task, MPIO_TASK_TMF, NULL, NULL, 0);
	task->tmf_function = PDU_TMF_LU_RESET;
	task->tmf_ref_itt = PDU_TAG_NONE;
	task->tmf_ref_cmdsn = 0;
	memcpy(task->lun, path->lun_wire, sizeof(task->lun));
	WRITE_ONCE(path->disk->resetting, true);
	err = mpio_session_exec(sess, task, MPIO_SLOT_RESET,
				mpio_setting(sess, MPIO_TA_TMF_TIMEOUT));
	/* Perhaps, if the answer was lost. */
	if (err || task->response == PDU_TMF_RSP_COMPLETE)
		mpio_tmf_lu_was_reset(path->disk);
	if (!err && task->response != PDU_TMF_RSP_COMPLETE)
		err = -EIO;
	WRITE_ONCE(path->disk->resetting, false);
	mutex_unlock(&sess->reset_mutex);
	return err;
}
