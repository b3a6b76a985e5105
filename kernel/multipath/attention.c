// SPDX-License-Identifier: GPL-2.0
/* Unit attentions for the drivers of tapes, changers and the like. */
#include "multipath/attention.h"

#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_common.h>
#include <scsi/scsi_proto.h>

#include "conn/task.h"
#include "multipath/disk.h"
#include "multipath/path.h"

void mpio_attentions_add(struct mpio_attentions *to, u8 asc, u8 ascq)
{
	unsigned int i;

	for (i = 0; i < to->count; i++)
		if (to->item[i].asc == asc && to->item[i].ascq == ascq)
			return;
	if (to->count == MPIO_ATTENTIONS)
		return;
	to->item[to->count].asc = asc;
	to->item[to->count].ascq = ascq;
	WRITE_ONCE(to->count, to->count + 1);
}

void mpio_attentions_owe(struct mpio_path *path,
			 const struct mpio_attentions *heard)
{
	struct mpio_disk *disk = path->disk;
	unsigned long flags;
	unsigned int i;

	/* The first user of a new device needs not be told of changes. */
	if (mpio_disk_is_direct(disk) || !READ_ONCE(disk->sdev))
		return;
	spin_lock_irqsave(&disk->lock, flags);
	for (i = 0; i < heard->count; i++)
		mpio_attentions_add(&disk->attentions, heard->item[i].asc,
				    heard->item[i].ascq);
	spin_unlock_irqrestore(&disk->lock, flags);
}

/* SAM-6 5.14: these do not report them. */
static bool mpio_attention_passes(u8 opcode)
{
	return opcode == INQUIRY || opcode == REPORT_LUNS ||
	       opcode == REQUEST_SENSE;
}

bool mpio_attentions_tell(struct mpio_disk *disk, struct mpio_task *task)
{
	struct mpio_attentions *a = &disk->attentions;
	u8 asc = 0, ascq = 0;
	unsigned long flags;
	bool due;

	if (mpio_attention_passes(task->cdb[0]))
		return false;
	spin_lock_irqsave(&disk->lock, flags);
	due = a->count;
	if (due) {
		asc = a->item[0].asc;
		ascq = a->item[0].ascq;
		WRITE_ONCE(a->count, a->count - 1);
		memmove(a->item, a->item + 1, a->count * sizeof(a->item[0]));
	}
	spin_unlock_irqrestore(&disk->lock, flags);
	if (!due)
		return false;
	WRITE_ONCE(task->state, MPIO_TASK_IDLE);
	scsi_set_resid(task->sc, task->data_len);
	scsi_build_sense(task->sc, 0, UNIT_ATTENTION, asc, ascq);
	scsi_done(task->sc);
	return true;
}
