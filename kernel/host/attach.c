// SPDX-License-Identifier: GPL-2.0
/* Which sessions share a SCSI host: how they are attached to one and detached. */
#include "host/attach.h"

#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "base/work.h"
#include "host/shost.h"
#include "lu/identity.h"
#include "multipath/host.h"
#include "multipath/disk.h"
#include "proto/name.h"
#include "session/session.h"

static void mpio_host_remove_work(struct work_struct *work)
{
	mpio_host_remove(container_of(work, struct mpio_host,
				      remove_work));
}

static struct mpio_host *mpio_host_create(struct mpio_session *sess)
{
	struct mpio_host *host = kzalloc(sizeof(*host), GFP_KERNEL);
	int err;

	if (!host)
		return ERR_PTR(-ENOMEM);
	kref_init(&host->ref);
	mutex_init(&host->mutex);
	INIT_LIST_HEAD(&host->disks);
	INIT_LIST_HEAD(&host->members);
	INIT_WORK(&host->remove_work, mpio_host_remove_work);
	host->multipath = sess->cfg.multipath;
	strscpy(host->target_name, sess->cfg.target_name,
		sizeof(host->target_name));
	strscpy(host->initiator_name, sess->cfg.initiator_name,
		sizeof(host->initiator_name));
	host->shost = mpio_shost_alloc(host);
	if (!host->shost) {
		kfree(host);
		return ERR_PTR(-ENOMEM);
	}
	err = mpio_shost_add(host);
	if (err) {
		mpio_host_put(host);
		return ERR_PTR(err);
	}
	list_add_tail(&host->node, &mpio_hosts);
	return host;
}

/* Registry mutex held. The open host of the session's target, or NULL. */
static struct mpio_host *mpio_host_choose(const struct mpio_session *sess)
{
	struct mpio_host *host;

	lockdep_assert_held(&mpio_registry_mutex);
	if (!sess->cfg.multipath)
		return NULL;
	list_for_each_entry(host, &mpio_hosts, node)
		if (host->multipath &&
		    !mpio_name_compare(host->target_name,
				       sess->cfg.target_name))
			return host;
	return NULL;
}

int mpio_host_attach(struct mpio_session *sess)
{
	struct mpio_host *host;
	unsigned int noio;

	lockdep_assert_held(&mpio_registry_mutex);
	/*
	 * NOIO: processes that remove a session wait for the registry mutex, and may
	 * be what a disk waits for that memory would be freed to.
	 */
	noio = memalloc_noio_save();
	host = mpio_host_choose(sess);
	if (host)
		kref_get(&host->ref);
	else
		host = mpio_host_create(sess);
	memalloc_noio_restore(noio);
	if (IS_ERR(host))
		return PTR_ERR(host);
	host->sessions++;
	WRITE_ONCE(sess->host, host);
	return 0;
}

/* Registry mutex held. True: nobody finds it any more, its host goes. */
static bool mpio_host_close(struct mpio_host *host)
{
	bool empty;

	lockdep_assert_held(&mpio_registry_mutex);
	mutex_lock(&host->mutex);
	empty = list_empty(&host->disks);
	mutex_unlock(&host->mutex);
	if (!empty || host->sessions || list_empty(&host->node))
		return false;
	list_del_init(&host->node);
	return true;
}

void mpio_host_detach(struct mpio_session *sess)
{
	struct mpio_host *host = sess->host;
	bool last;

	if (!host)
		return;
	mutex_lock(&mpio_registry_mutex);
	WRITE_ONCE(sess->host, NULL);	/* it is attached to no other */
	host->sessions--;
	last = mpio_host_close(host);
	mutex_unlock(&mpio_registry_mutex);
	if (last)
		mpio_shost_remove(host);
	mpio_host_put(host);
}

void mpio_host_remove(struct mpio_host *host)
{
	if (!host)
		return;
	mpio_shost_remove(host);
	mpio_host_put(host);
}

void mpio_host_remove_later(struct mpio_host *host)
{
	if (host)
		queue_work(mpio_scan_wq, &host->remove_work);
}

struct mpio_host *mpio_host_remove_disk(struct mpio_disk *disk)
{
	struct mpio_host *host = disk->host;
	bool listed, last;

	mutex_lock(&mpio_registry_mutex);
	mutex_lock(&mpio_identity_mutex);
	mutex_lock(&host->mutex);
	listed = !list_empty(&disk->host_node);
	if (listed) {
		list_del_init(&disk->host_node);
		mpio_identity_forget(disk);
	}
	mutex_unlock(&host->mutex);
	mutex_unlock(&mpio_identity_mutex);
	last = mpio_host_close(host);
	if (last)
		kref_get(&host->ref);
	mutex_unlock(&mpio_registry_mutex);
	if (listed) {
		mpio_fence_kick(disk);		/* its ghosts go as well */
		mpio_disk_put(disk);
	}
	return last ? host : NULL;
}
