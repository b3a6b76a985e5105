// SPDX-License-Identifier: GPL-2.0
/* The last answers to READ CAPACITY and MODE SENSE. See recall.h. */
#include "multipath/recall.h"

#include <linux/scatterlist.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "conn/task.h"
#include "multipath/disk.h"

bool mpio_recall_asks(const u8 *cdb)
{
	switch (cdb[0]) {
	case READ_CAPACITY:
	case MODE_SENSE:
	case MODE_SENSE_10:
		return true;
	case SERVICE_ACTION_IN_16:
		return (cdb[1] & 0x1f) == SAI_READ_CAPACITY_16;
	default:
		return false;
	}
}

static bool mpio_recall_is(const struct mpio_recall *r,
			   const struct mpio_task *task)
{
	return r->len && !memcmp(r->cdb, task->cdb,
				 min_t(u32, task->cdb_len, MPIO_RECALL_CDB));
}

/* disk->lock held. The entry for this question; else a free one, or the last. */
static struct mpio_recall *mpio_recall_find(struct mpio_disk *disk,
					    const struct mpio_task *task)
{
	struct mpio_recall *r = disk->recall;

	lockdep_assert_held(&disk->lock);
	while (r < &disk->recall[MPIO_RECALLS - 1] && r->len &&
	       !mpio_recall_is(r, task))
		r++;
	return r;
}

void mpio_recall_keep(struct mpio_task *task)
{
	struct mpio_disk *disk = task->sc->device->hostdata;
	u32 len = task->data_len - min(task->residual, task->data_len);
	u8 data[MPIO_RECALL_BYTES];
	struct mpio_recall *r;
	unsigned long flags;

	if (!len || len > sizeof(data) || !task->read)
		return;
	len = sg_copy_to_buffer(task->sgl, sg_nents(task->sgl), data, len);
	spin_lock_irqsave(&disk->lock, flags);
	r = mpio_recall_find(disk, task);
	memset(r->cdb, 0, sizeof(r->cdb));
	memcpy(r->cdb, task->cdb, min_t(u32, task->cdb_len, sizeof(r->cdb)));
	memcpy(r->data, data, len);
	r->len = len;
	spin_unlock_irqrestore(&disk->lock, flags);
}

bool mpio_recall_answer(struct mpio_disk *disk, struct mpio_task *task)
{
	struct scsi_cmnd *sc = task->sc;
	struct mpio_recall r;
	unsigned long flags;
	u32 len;

	spin_lock_irqsave(&disk->lock, flags);
	r = *mpio_recall_find(disk, task);
	spin_unlock_irqrestore(&disk->lock, flags);
	if (!mpio_recall_is(&r, task) || !task->read)
		return false;
	len = sg_copy_from_buffer(task->sgl, sg_nents(task->sgl), r.data,
				  min_t(u32, r.len, task->data_len));
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_set_resid(sc, task->data_len - len);
	sc->result = SAM_STAT_GOOD;
	scsi_done(sc);
	return true;
}
