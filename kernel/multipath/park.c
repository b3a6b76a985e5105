// SPDX-License-Identifier: GPL-2.0
/* Commands that leave their path, wait for one, or end without an answer. */
#include "multipath/park.h"

#include <linux/blk-mq.h>
#include <linux/wait_bit.h>
#include <scsi/scsi_cmnd.h>

#include "conn/task.h"
#include "multipath/path.h"

void mpio_task_put_path(struct mpio_task *task)
{
	struct mpio_path *path = task->path;

	if (!path)
		return;
	rcu_read_lock();	/* whoever waits may free the path */
	/* Before the count drops: see mpio_eh_timed_out(). */
	WRITE_ONCE(task->path, NULL);
	atomic_sub(task->data_len >> 9, &path->queued_blocks);
	/* Orders the store above before whoever waits for zero goes on. */
	if (atomic_dec_and_test(&path->inflight) && READ_ONCE(path->removing))
		wake_up_var(&path->inflight);
	rcu_read_unlock();
}

void mpio_task_park(struct mpio_task *task)
{
	task->parked = jiffies;
	WRITE_ONCE(task->state, MPIO_TASK_PARKED);
}

void mpio_task_unpark(struct mpio_task *task)
{
	if (!blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc)))
		task->sc->jiffies_at_alloc += jiffies - task->parked;
}

void mpio_task_empty(struct mpio_task *task)
{
	struct scsi_cmnd *sc = task->sc;

	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_set_resid(sc, 0);
	sc->result = 0;
	scsi_done(sc);
}

void mpio_task_fail(struct mpio_task *task, int host_byte)
{
	struct scsi_cmnd *sc = task->sc;

	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_set_resid(sc, task->data_len);
	sc->result = host_byte << 16;
	scsi_done(sc);
}
