// SPDX-License-Identifier: GPL-2.0
/* Queues for polled I/O. See polling.h. */
#include "host/polling.h"

#include <linux/blk-mq.h>
#include <linux/cpumask.h>
#include <linux/moduleparam.h>
#include <linux/rculist.h>
#include <scsi/scsi_host.h>

#include "multipath/host.h"
#include "session/session.h"

static unsigned int mpio_poll_queues;
module_param_named(poll_queues, mpio_poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues, "Hardware queues of each host for polled I/O");

void mpio_poll_setup(struct Scsi_Host *shost)
{
	unsigned int cpus = num_online_cpus();

	shost->nr_hw_queues = cpus;
	if (!mpio_poll_queues)
		return;
	shost->nr_hw_queues += min(mpio_poll_queues, cpus);
	shost->nr_maps = HCTX_MAX_TYPES;
}

void mpio_map_queues(struct Scsi_Host *shost)
{
	struct blk_mq_tag_set *set = &shost->tag_set;
	struct blk_mq_queue_map *map = &set->map[HCTX_TYPE_DEFAULT];
	unsigned int polled = 0;

	if (set->nr_maps > HCTX_TYPE_POLL)
		polled = min(mpio_poll_queues, shost->nr_hw_queues / 2);
	map->nr_queues = shost->nr_hw_queues - polled;
	map->queue_offset = 0;
	blk_mq_map_queues(map);
	if (!polled)
		return;
	/* Reads have no queues of their own: they take the default ones. */
	set->map[HCTX_TYPE_READ].nr_queues = 0;
	map = &set->map[HCTX_TYPE_POLL];
	map->nr_queues = polled;
	map->queue_offset = shost->nr_hw_queues - polled;
	blk_mq_map_queues(map);
}

int mpio_mq_poll(struct Scsi_Host *shost, unsigned int queue)
{
	struct mpio_host *host = *(struct mpio_host **)shost_priv(shost);
	struct mpio_member *member;
	int done = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(member, &host->members, node)
		if (mpio_session_state(member->sess) == MPIO_SESSION_LOGGED_IN)
			done += mpio_conn_poll(&member->sess->conn);
	rcu_read_unlock();
	return done;
}
