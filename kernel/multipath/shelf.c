// SPDX-License-Identifier: GPL-2.0
/* Commands that wait for a path without a tag. See shelf.h. */
#include "multipath/shelf.h"

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <scsi/scsi_cmnd.h>

#include "base/work.h"
#include "conn/task.h"
#include "multipath/disk.h"
#include "multipath/host.h"

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

#ifdef CONFIG_BLK_CGROUP
static void mpio_shelf_move_cgroup(struct bio *from, struct bio *to)
{
	bio_clone_blkg_association(to, from);
	swap(from->bi_blkg, to->bi_blkg);	/* the one that was counted */
#ifdef CONFIG_BLK_CGROUP_IOCOST
	to->bi_iocost_cost = from->bi_iocost_cost;
	from->bi_iocost_cost = 0;
#endif
}
#else
static void mpio_shelf_move_cgroup(struct bio *from, struct bio *to)
{
}
#endif

/*
 * io.latency and io.cost of cgroups count a bio when it is submitted, and learn
 * of its end from bio_endio() alone. This one will be submitted, and counted,
 * once more: without an end for the first time the cgroup would seem to have ever
 * more under way, until it may not send any more. So a bio without data ends in
 * its place; with BLK_STS_AGAIN its time says nothing about the disk.
 */
static void mpio_shelf_uncount(struct bio *bio)
{
	struct bio counted;

	if (!bio_flagged(bio, BIO_QOS_THROTTLED) &&
	    !bio_flagged(bio, BIO_QOS_MERGED))
		return;
	bio_init(&counted, bio->bi_bdev, NULL, 0, bio->bi_opf);
	mpio_shelf_move_cgroup(bio, &counted);
	counted.bi_flags |= bio->bi_flags &
		(BIT(BIO_QOS_THROTTLED) | BIT(BIO_QOS_MERGED));
	counted.bi_status = BLK_STS_AGAIN;
	bio_endio(&counted);
	bio_clear_flag(bio, BIO_QOS_THROTTLED);
	bio_clear_flag(bio, BIO_QOS_MERGED);
}

bool mpio_shelf_take(struct mpio_disk *disk, struct mpio_task *task)
{
	struct request *rq = scsi_cmd_to_rq(task->sc);
	struct bio *bio;

	lockdep_assert_held(&disk->lock);
	if (atomic_read(&disk->host->nparked) < MPIO_SHELF_PARKED ||
	    !mpio_shelf_fits(task))
		return false;
	for (bio = rq->bio; bio; bio = bio->bi_next) {
		/* The bio waits in spite of REQ_NOWAIT, and cannot be polled for. */
		if (bio->bi_opf & REQ_POLLED)
			bio->bi_cookie = BLK_QC_T_NONE;
		bio->bi_opf &= ~(REQ_POLLED | REQ_NOWAIT);
		mpio_shelf_uncount(bio);
	}
	blk_steal_bios(&disk->shelf.bios, rq);
	WRITE_ONCE(disk->shelf.count, disk->shelf.count + 1);
	return true;
}

void mpio_shelf_kick(struct mpio_disk *disk)
{
	if (READ_ONCE(disk->shelf.count))
		queue_work(mpio_submit_wq, &disk->shelf.work);
}

/*
 * Waits for tags. Those are with commands that others see to: on their way, or
 * parked, which is not for all of them.
 */
static void mpio_shelf_work(struct work_struct *work)
{
	struct mpio_disk *disk = container_of(work, struct mpio_disk,
					      shelf.work);
	struct blk_plug plug;
	struct bio_list bios;
	struct bio *bio;

	spin_lock_irq(&disk->lock);
	bios = disk->shelf.bios;
	bio_list_init(&disk->shelf.bios);
	WRITE_ONCE(disk->shelf.count, 0);
	spin_unlock_irq(&disk->lock);
	blk_start_plug(&plug);
	while ((bio = bio_list_pop(&bios)))
		submit_bio_noacct(bio);
	blk_finish_plug(&plug);
}

void mpio_shelf_init(struct mpio_disk *disk)
{
	bio_list_init(&disk->shelf.bios);
	INIT_WORK(&disk->shelf.work, mpio_shelf_work);
}

void mpio_shelf_exit(struct mpio_disk *disk)
{
	cancel_work_sync(&disk->shelf.work);
	mpio_shelf_work(&disk->shelf.work);
}

u32 mpio_shelf_waiting(const struct mpio_disk *disk)
{
	return READ_ONCE(disk->nparked) + READ_ONCE(disk->shelf.count);
}
