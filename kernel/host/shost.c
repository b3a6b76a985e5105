// SPDX-License-Identifier: GPL-2.0
/*
 * The face to the SCSI midlayer: one Scsi_Host per mpio_host, one device per LU.
 *
 * The midlayer's own means of recovery stay asleep: a command that times out
 * gets more time here while the driver deals with it (progress, then ABORT
 * TASK, then the path), and ALUA is the driver's business too.
 */
#include "host/shost.h"

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_proto.h>
#include <scsi/scsi_tcq.h>

#include "conn/task.h"
#include "host/link.h"
#include "host/polling.h"
#include "host/sysfs.h"
#include "lu/reserve.h"
#include "multipath/finish.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/legacy.h"
#include "multipath/path.h"
#include "multipath/reset.h"
#include "multipath/sleep.h"
#include "session/session.h"
#include "session/transport.h"

/* Older kernels do not know it. */
#define MPIO_WRITE_ATOMIC_16	0x9c

#define MPIO_HOST_DRAIN_MS	10

static struct device *mpio_root;
static unsigned int mpio_root_refs;	/* while there is no host */

/* -------------------------------------------------------------- commands */

/* Is a READ of this length by address, so that it leaves no trace? SPC-5 */
static bool mpio_type_by_address(u8 type, u8 opcode)
{
	switch (type) {
	case TYPE_TAPE:
	case TYPE_PRINTER:
	case TYPE_SCANNER:
	case TYPE_MEDIUM_CHANGER:
		return false;
	case TYPE_PROCESSOR:
		return opcode != READ_6;	/* RECEIVE */
	default:
		return true;
	}
}

/*
 * Issued by the midlayer and by tools, harmless when they run twice. READs are
 * so only where blocks have addresses: a tape is at another one afterwards.
 */
static bool mpio_opcode_repeatable(u8 opcode, u8 type)
{
	switch (opcode) {
	case TEST_UNIT_READY:
	case REQUEST_SENSE:
	case INQUIRY:
	case MODE_SENSE:
	case MODE_SENSE_10:
	case READ_CAPACITY:
	case SERVICE_ACTION_IN_16:
	case REPORT_LUNS:
	case MAINTENANCE_IN:
	case PERSISTENT_RESERVE_IN:
	case LOG_SENSE:
		return true;
	case SYNCHRONIZE_CACHE:
	case SYNCHRONIZE_CACHE_16:
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
		return mpio_type_by_address(type, opcode);
	default:
		return false;
	}
}

/*
 * Commands that the block layer could have sent as well: writing the same once
 * more changes nothing as long as the fence keeps the first one from being late.
 * Whoever drives a disk by SG_IO, as QEMU does, sends no others to write.
 */
static bool mpio_command_writes(const struct scsi_cmnd *sc)
{
	switch (sc->cmnd[0]) {
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16:
	case WRITE_VERIFY:
	case WRITE_VERIFY_12:
	case WRITE_VERIFY_16:
	case WRITE_SAME:
	case WRITE_SAME_16:
	case MPIO_WRITE_ATOMIC_16:
	case UNMAP:
	case ZBC_OUT:
		return true;
	case VARIABLE_LENGTH_CMD:
		switch (mpio_get16(sc->cmnd + 8)) {
		case WRITE_32:
		case WRITE_VERIFY_32:
		case WRITE_SAME_32:
			return true;
		}
		return false;
	default:
		return false;
	}
}

static bool mpio_command_once(struct scsi_cmnd *sc)
{
	u8 type = sc->device->type;

	switch (sc->cmnd[0]) {
	case COMPARE_AND_WRITE:
	case EXTENDED_COPY:
		return true;
	}
	if (!blk_rq_is_passthrough(scsi_cmd_to_rq(sc)) ||
	    mpio_opcode_repeatable(sc->cmnd[0], type))
		return false;
	return !mpio_type_is_direct(type) ||
	       !mpio_command_writes(sc);
}

static mpio_qc_status mpio_queuecommand(struct Scsi_Host *shost,
					struct scsi_cmnd *sc)
{
	struct mpio_task *task = scsi_cmd_priv(sc);
	struct mpio_disk *disk = sc->device->hostdata;

	task->kind = MPIO_TASK_SCSI;
	task->flags = mpio_command_once(sc) ? BIT(MPIO_TASK_ONCE) : 0;
	if (unlikely(blk_rq_is_passthrough(scsi_cmd_to_rq(sc))) &&
	    mpio_disk_is_direct(disk) && mpio_recall_asks(sc->cmnd)) {
		task->flags |= BIT(MPIO_TASK_RECALL);
		task->ended = mpio_recall_keep;
	}
	task->sc = sc;
	task->path = NULL;
	task->lu_reset = &disk->was_reset;
	task->slot = scsi_cmd_to_rq(sc)->tag;
	task->cdb = sc->cmnd;
	task->cdb_len = sc->cmd_len;
	task->data_len = scsi_bufflen(sc);
	task->sgl = scsi_sglist(sc);
	task->write = task->data_len && sc->sc_data_direction == DMA_TO_DEVICE;
	task->read = task->data_len && sc->sc_data_direction == DMA_FROM_DEVICE;
	task->sense = sc->sense_buffer;
	task->progress = 0;
	task->progress_seen = 0;
	task->losses = 0;
	task->lost_once = false;
	task->retargets = 0;
	task->avoid = 0;
	mpio_task_rewind(task);
	if (unlikely(sc->cmnd[0] == PERSISTENT_RESERVE_OUT)) {
		set_bit(MPIO_TASK_RESERVE, &task->flags);
		mpio_reserve_note_issuer(task);
		mpio_reserve_submit(disk, task);
	} else if (unlikely(mpio_legacy_is(sc->cmnd[0])) &&
		   !mpio_legacy_granted(disk, sc->cmnd[0])) {
		/* INVALID COMMAND OPERATION CODE */
		scsi_build_sense(sc, 0, ILLEGAL_REQUEST, 0x20, 0);
		scsi_done(sc);
	} else {
		mpio_disk_submit(disk, task);
	}
	return 0;
}

static int mpio_init_cmd_priv(struct Scsi_Host *shost, struct scsi_cmnd *sc)
{
	struct mpio_task *task = scsi_cmd_priv(sc);

	memset(task, 0, sizeof(*task));
	task->ops = &mpio_command_ops;
	return 0;
}

/*
 * Was the task sent, perhaps to another path, less than three quarters of its timeout
 * ago? The block layer's timer does not start anew when a task is retargeted, and may
 * be a little early.
 */
static bool mpio_task_is_young(const struct mpio_task *task,
			       struct scsi_cmnd *sc)
{
	s64 ms = ktime_ms_delta(ktime_get(), READ_ONCE(task->start));

	return ms < jiffies_to_msecs(scsi_cmd_to_rq(sc)->timeout) / 4 * 3;
}

/*
 * The timeout of a pass-through command is its sender's choice. Of others it says
 * whether their device is being deleted meanwhile, which nothing else tells.
 */
static void mpio_eh_timed_out_parked(struct mpio_disk *disk,
				     struct mpio_task *task)
{
	if (blk_rq_is_passthrough(scsi_cmd_to_rq(task->sc))) {
		set_bit(MPIO_TASK_ABORT, &task->flags);
		mpio_fence_kick(disk);
	} else if (!mpio_disk_is_deleted(task)) {
		return;
	}
	mpio_disk_kick(disk);
}

/*
 * The block layer's timer is over. The task may be finished at this very
 * moment: only its flags and counters are touched, and the path it points to
 * stays in memory for this RCU section if the pointer is still there.
 */
static enum scsi_timeout_action mpio_eh_timed_out(struct scsi_cmnd *sc)
{
	struct mpio_task *task = scsi_cmd_priv(sc);
	struct mpio_disk *disk = sc->device->hostdata;
	u32 progress = READ_ONCE(task->progress);
	struct mpio_path *path;

	if (READ_ONCE(task->state) == MPIO_TASK_PARKED) {
		mpio_eh_timed_out_parked(disk, task);
		return SCSI_EH_RESET_TIMER;
	}
	if (progress != task->progress_seen || mpio_task_is_young(task, sc)) {
		task->progress_seen = progress;
		return SCSI_EH_RESET_TIMER;
	}
	rcu_read_lock();
	path = READ_ONCE(task->path);
	if (path) {
		struct mpio_conn *conn = &path->sess->conn;

		set_bit(MPIO_TASK_OVERTIME, &task->flags);
		set_bit(MPIO_TASK_ABORT, &task->flags);
		smp_mb__before_atomic();	/* see mpio_conn_abort_tasks() */
		set_bit(MPIO_CONN_ABORTS, &conn->flags);
		mpio_conn_kick(conn);
	}
	rcu_read_unlock();
	return SCSI_EH_RESET_TIMER;
}

/* ------------------------------------------- resets ordered from outside */

/* Orders come for devices that are just being removed, too. */
static struct mpio_disk *mpio_shost_disk(struct scsi_device *sdev)
{
	struct mpio_disk *disk;

	rcu_read_lock();
	disk = READ_ONCE(sdev->hostdata);
	if (disk && !kref_get_unless_zero(&disk->ref))
		disk = NULL;
	rcu_read_unlock();
	return disk;
}

/* SG_SCSI_RESET comes without a task: scsi_cmd_priv() is not to be touched. */
static int mpio_eh_device_reset(struct scsi_cmnd *sc)
{
	struct mpio_disk *disk = mpio_shost_disk(sc->device);
	struct mpio_path *path;
	int err = -ENODEV;

	if (!disk)
		return FAILED;
	path = mpio_disk_any_path(disk);
	if (path) {
		err = mpio_tmf_reset_lu(path);
		mpio_path_put(path);
	}
	mpio_disk_put(disk);
	return err ? FAILED : SUCCESS;
}

/* New connections for all sessions that serve the host. */
static int mpio_eh_host_reset(struct scsi_cmnd *sc)
{
	struct mpio_disk *disk = mpio_shost_disk(sc->device);
	struct mpio_member *member;

	if (!disk)
		return FAILED;
	mutex_lock(&disk->host->mutex);
	list_for_each_entry(member, &disk->host->members, node)
		mpio_session_fail(member->sess, MPIO_ERROR_ADMIN, "host reset");
	mutex_unlock(&disk->host->mutex);
	mpio_disk_put(disk);
	return SUCCESS;
}

/* --------------------------------------------------------------- devices */

/* Only the driver itself adds devices: it hands over the disk, referenced. */
static int mpio_sdev_init(struct scsi_device *sdev)
{
	return sdev->hostdata ? 0 : -ENXIO;
}

static int mpio_sdev_configure(MPIO_SDEV_CONFIGURE_ARGS)
{
	struct mpio_disk *disk = sdev->hostdata;
	const struct mpio_path_set *set;
	unsigned int i;
	u32 depth = 1;

	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		depth = max(depth, mpio_setting(set->path[i]->sess,
						MPIO_TA_QUEUE_DEPTH));
	rcu_read_unlock();
	scsi_change_queue_depth(sdev, depth);
	/* TPGS: no scsi_dh_alua, it would ask any path and believe it. */
	if (sdev->inquiry_len > 5)
		sdev->inquiry[5] &= ~0x30;
	return 0;
}

static void mpio_sdev_destroy(struct scsi_device *sdev)
{
	struct mpio_disk *disk = sdev->hostdata;

	WRITE_ONCE(sdev->hostdata, NULL);
	if (disk) {
		mutex_lock(&disk->host->mutex);
		mpio_unlink_disk(disk);
		mutex_unlock(&disk->host->mutex);
		WRITE_ONCE(disk->sdevs_destroyed, disk->sdevs_destroyed + 1);
		mpio_disk_put(disk);	/* that of mpio_scan_add_device() */
	}
}

static struct scsi_host_template mpio_shost_template = {
	.module			= THIS_MODULE,
	.name			= "iSCSI multipath initiator",
	.proc_name		= "iscsi_mpio",
	.queuecommand		= mpio_queuecommand,
	.cmd_size		= sizeof(struct mpio_task),
	.init_cmd_priv		= mpio_init_cmd_priv,
	.map_queues		= mpio_map_queues,
	.mq_poll		= mpio_mq_poll,
	.eh_timed_out		= mpio_eh_timed_out,
	.eh_device_reset_handler = mpio_eh_device_reset,
	.eh_host_reset_handler	= mpio_eh_host_reset,
	.change_queue_depth	= scsi_change_queue_depth,
	.sdev_init		= mpio_sdev_init,
	.sdev_configure		= mpio_sdev_configure,
	.sdev_destroy		= mpio_sdev_destroy,
	.shost_groups		= mpio_shost_groups,
	.sdev_groups		= mpio_sdev_groups,
	.can_queue		= MPIO_CAN_QUEUE,
	.cmd_per_lun		= 128,
	.sg_tablesize		= SG_MAX_SEGMENTS,
	.max_sectors		= 0xffff,
	.max_segment_size	= 1024 * 1024,
	.this_id		= -1,
	.track_queue_depth	= 1,
	.host_tagset		= 1,
	.skip_settle_delay	= 1,
};

struct Scsi_Host *mpio_shost_alloc(struct mpio_host *host)
{
	struct Scsi_Host *shost = scsi_host_alloc(&mpio_shost_template,
						  sizeof(host));

	if (!shost)
		return NULL;
	*(struct mpio_host **)shost_priv(shost) = host;
	mpio_poll_setup(shost);
	shost->transportt = mpio_transport_template();
	shost->max_lun = U64_MAX;
	shost->max_id = 64;
	shost->max_cmd_len = sizeof(((struct scsi_cmnd *)0)->cmnd);
	return shost;
}

/*
 * Whether queues share their tags is told to them when the second one comes and
 * when the last but one goes, and for that the block layer waits until the other has
 * no command under way: for a disk without a path as long as it has none, while
 * no disk of the host can be added or removed. So each host has one queue besides,
 * that of a disk which is never added: what comes and goes is never the second.
 */
static int mpio_shost_add_spare(struct mpio_host *host)
{
	struct gendisk *spare;

	spare = blk_mq_alloc_disk(&host->shost->tag_set, NULL, NULL);
	if (IS_ERR(spare))
		return PTR_ERR(spare);
	host->spare = spare;
	return 0;
}

int mpio_shost_add(struct mpio_host *host)
{
	struct blk_mq_tag_set *set = &host->shost->tag_set;
	int err = scsi_add_host(host->shost, mpio_root);

	if (err)
		return err;
	/*
	 * All before there is a device. The array orders its I/O: an elevator
	 * before that only costs.
	 */
	set->flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	/*
	 * Without this flag a processor that goes offline (all but one do before
	 * the machine sleeps) waits for the commands of its hardware queue, also
	 * for those that wait for a path. Drivers need that if their interrupt goes
	 * with the processor; the answers to our commands come over the network.
	 */
	set->flags |= BLK_MQ_F_STACKING;
	err = mpio_shost_add_spare(host);
	if (err)
		scsi_remove_host(host->shost);
	return err;
}

void mpio_shost_remove(struct mpio_host *host)
{
	put_disk(host->spare);
	scsi_remove_host(host->shost);
}

int mpio_shost_init(void)
{
	mpio_root = root_device_register("iscsi_mpio");
	if (IS_ERR(mpio_root))
		return PTR_ERR(mpio_root);
	mpio_root_refs = kref_read(&mpio_root->kobj.kref);
	mpio_sleep_watch(mpio_root);
	return 0;
}

/*
 * Each host refers to the root until it is freed. Whoever has found one by its
 * number, in /proc/scsi/scsi, may still be in here or on the way to its template,
 * and holds no reference to the module. Nothing tells when they are through:
 * whatever that were would be code of the module itself.
 */
void mpio_shost_drain(void)
{
	while (kref_read(&mpio_root->kobj.kref) > mpio_root_refs)
		msleep(MPIO_HOST_DRAIN_MS);
}

void mpio_shost_exit(void)
{
	root_device_unregister(mpio_root);
}
