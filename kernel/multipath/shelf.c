// SPDX-License-Identifier: GPL-2.0
/* Commands that wait for a path without a tag. See shelf.h. */
#include "multipath/shelf.h"

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <scsi/scsi_cmnd.h>

#include "base/work.h"
#include "conn/task.h"
#include "multipath/group.h"
#include "multipath/head.h"

/* Commands of a host that may be parked: three of four tags are for others. */
#define MPIO_SHELF_PARKED	(MPIO_CAN_QUEUE / 4)

/*
 * A request that is nothing but its bios. Others have somebody behind them who
 * counts on that very request: flushes, device-mapper, the order of a zone.
 */
static bool mpio_shelf_fits(const struct mpio_task *task)
{
	struct request *rq = scsi_cmd_to_rq(task->sc);

	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return rq->bio && !rq->end_io && !task->losses &&
		       !blk_queue_is_zoned(rq->q);
	default:
		return false;
	}
}

bool mpio_shelf_take(struct mpio_head *head, struct mpio_task *task)
{
	struct request *rq = scsi_cmd_to_rq(task->sc);
	struct bio *bio;

	lockdep_assert_held(&head->lock);
	if (atomic_read(&head->group->nparked) < MPIO_SHELF_PARKED ||
	    !mpio_shelf_fits(task))
		return false;
	for (bio = rq->bio; bio; bio = bio->bi_next) {
		/* Whoever did not want to wait does so now, and nobody polls. */
		if (bio->bi_opf & REQ_POLLED)
			bio->bi_cookie = BLK_QC_T_NONE;
		bio->bi_opf &= ~(REQ_POLLED | REQ_NOWAIT);
	}
	blk_steal_bios(&head->shelf.bios, rq);
	WRITE_ONCE(head->shelf.count, head->shelf.count + 1);
	return true;
}

void mpio_shelf_kick(struct mpio_head *head)
{
	if (READ_ONCE(head->shelf.count))
		queue_work(mpio_submit_wq, &head->shelf.work);
}

/*
 * Waits for tags. Those are with commands that others see to: on their way, or
 * parked, which is not for all of them.
 */
static void mpio_shelf_work(struct work_struct *work)
{
	struct mpio_head *head = container_of(work, struct mpio_head,
					      shelf.work);
	struct blk_plug plug;
	struct bio_list bios;
	struct bio *bio;

	spin_lock_irq(&head->lock);
	bios = head->shelf.bios;
	bio_list_init(&head->shelf.bios);
	WRITE_ONCE(head->shelf.count, 0);
	spin_unlock_irq(&head->lock);
	blk_start_plug(&plug);
	while ((bio = bio_list_pop(&bios)))
		submit_bio_noacct(bio);
	blk_finish_plug(&plug);
}

void mpio_shelf_init(struct mpio_head *head)
{
	bio_list_init(&head->shelf.bios);
	INIT_WORK(&head->shelf.work, mpio_shelf_work);
}

void mpio_shelf_exit(struct mpio_head *head)
{
	cancel_work_sync(&head->shelf.work);
	mpio_shelf_work(&head->shelf.work);
}
