// SPDX-License-Identifier: GPL-2.0
/*
 * What the events of a session mean for its disks and paths: mpio_nexus_ops, which
 * the session calls when it comes up, goes down, or has new settings.
 */
#include "host/nexus.h"

#include <linux/slab.h>

#include <trace/events/iscsi_mpio.h>

#include "host/scan.h"
#include "lu/probe.h"
#include "lu/ready.h"
#include "lu/verify.h"
#include "multipath/fence.h"
#include "multipath/disk.h"
#include "multipath/marginal.h"
#include "multipath/path.h"
#include "multipath/policy.h"
#include "session/session.h"

static struct mpio_probe *mpio_nexus_probe(unsigned int slot)
{
	struct mpio_probe *probe = kzalloc(sizeof(*probe), GFP_KERNEL);

	if (probe && mpio_probe_init(probe, slot)) {
		kfree(probe);
		probe = NULL;
	}
	return probe;
}

static int mpio_nexus_init(struct mpio_session *sess)
{
	const struct mpio_session_config *cfg = &sess->cfg;

	sess->verify = mpio_nexus_probe(MPIO_SLOT_VERIFY);
	sess->scan = mpio_nexus_probe(MPIO_SLOT_SCAN);
	if (cfg->policy)
		sess->policy = mpio_policy_prepare(cfg->target_name,
						   cfg->policy);
	return sess->verify && sess->scan && (sess->policy || !cfg->policy) ?
		0 : -ENOMEM;
}

static void mpio_nexus_free(struct mpio_session *sess)
{
	if (sess->verify)
		kfree(sess->verify->buf);
	if (sess->scan)
		kfree(sess->scan->buf);
	kfree(sess->verify);
	kfree(sess->scan);
	kfree(sess->policy);
}

static void mpio_nexus_added(struct mpio_session *sess)
{
	if (sess->policy)
		mpio_policy_apply(sess->policy);
	sess->policy = NULL;
}

static void mpio_nexus_down(struct mpio_session *sess)
{
	char reason[sizeof(((struct mpio_path *)0)->reason)];
	struct mpio_path *path = NULL;

	spin_lock_irq(&sess->lock);
	strscpy(reason, sess->last_error, sizeof(reason));
	spin_unlock_irq(&sess->lock);
	while ((path = mpio_path_next(sess, path))) {
		trace_mpio_failover(path->disk->id, path->id,
				    atomic_read(&path->inflight), reason);
		mpio_path_invalidate(path, reason);
		if (!READ_ONCE(sess->removing))
			mpio_marginal_lost(path);
		mpio_disk_update(path->disk);
	}
}

static void mpio_nexus_settings_changed(struct mpio_session *sess)
{
	int cpu = mpio_session_processor(sess);
	struct mpio_path *path = NULL;

	while ((path = mpio_path_next(sess, path))) {
		WRITE_ONCE(path->cpu, cpu);
		if (!mpio_setting(sess, MPIO_TA_MARGINAL_HOLD_DOWN))
			mpio_marginal_forget(path);
		mpio_disk_update(path->disk);
	}
}

const struct mpio_session_ops mpio_nexus_ops = {
	.init			= mpio_nexus_init,
	.free			= mpio_nexus_free,
	.added			= mpio_nexus_added,
	.down			= mpio_nexus_down,
	.closed			= mpio_fence_begin,
	.urgent			= mpio_fence_urgent,
	.before_login		= mpio_fence_try,
	.login_failed		= mpio_fence_login_over,
	.up			= mpio_fence_reinstated,
	.tick			= mpio_marginal_watch,
	.next_look		= mpio_ready_next,
	.settings_changed	= mpio_nexus_settings_changed,
	.stop			= mpio_fence_exit,
	.verify_work		= mpio_probe_verify_work,
	.scan_work		= mpio_scan_work,
};
