// SPDX-License-Identifier: GPL-2.0
/* Tasks: their beginnings, and the way back to their issuers. */
#include "conn/task.h"

#include "proto/wire.h"

void mpio_task_rewind(struct mpio_task *task)
{
	INIT_LIST_HEAD(&task->node);
	INIT_LIST_HEAD(&task->r2t_node);
	task->conn = NULL;
	task->itt = PDU_TAG_NONE;
	mpio_sg_start(&task->tx, task->sgl);
	task->tx_sent = 0;
	task->unsolicited_remaining = 0;
	task->unsolicited_datasn = 0;
	task->r2tsn = 0;
	task->r2t_next = 0;
	task->r2t_first = 0;
	task->r2t_count = 0;
	mpio_sg_start(&task->rx, task->sgl);
	task->received = 0;
	task->exp_datasn = 0;
	task->extents = 0;
	task->response = 0;
	task->status = 0;
	task->sense_len = 0;
	task->residual = 0;
	task->error = 0;
	clear_bit(MPIO_TASK_ABORT, &task->flags);
	clear_bit(MPIO_TASK_OVERTIME, &task->flags);
	clear_bit(MPIO_TASK_QUERIED, &task->flags);
	clear_bit(MPIO_TASK_ABORTING, &task->flags);
	clear_bit(MPIO_TASK_RESPONDED, &task->flags);
	clear_bit(MPIO_TASK_UNKNOWN, &task->flags);
}

void mpio_task_init_internal(struct mpio_task *task, enum mpio_task_kind kind,
			     struct scatterlist *sg, void *buf, u32 len)
{
	task->kind = kind;
	task->flags = 0;
	task->sc = NULL;
	task->path = NULL;
	task->read = false;
	task->write = false;
	task->data_len = len;
	task->sgl = NULL;
	task->ended = NULL;
	task->progress = 0;
	memset(task->lun, 0, sizeof(task->lun));
	if (len) {
		sg_init_one(sg, buf, len);
		task->sgl = sg;
	}
	reinit_completion(&task->done);
	mpio_task_rewind(task);
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
}

static void mpio_task_end_internal(struct mpio_task *task)
{
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	if (task->ended)
		task->ended(task);
	else
		complete(&task->done);
}

void mpio_task_finish(struct mpio_task *task)
{
	if (task->kind == MPIO_TASK_SCSI)
		task->ops->done(task);
	else
		mpio_task_end_internal(task);
}

void mpio_task_lost(struct mpio_task *task)
{
	if (task->kind == MPIO_TASK_SCSI) {
		task->ops->lost(task);
		return;
	}
	task->error = -ENOTCONN;
	mpio_task_end_internal(task);
}
