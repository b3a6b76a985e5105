// SPDX-License-Identifier: GPL-2.0
/* Who is there: all sessions, and how the last reference to one goes. */
#include "session/session.h"

#include <linux/slab.h>

#include "base/auth.h"
#include "base/path_config.h"

/* mpio_sessions, mpio_hosts, defaults, and who is attached to which host */
DEFINE_MUTEX(mpio_registry_mutex);
LIST_HEAD(mpio_sessions);
DEFINE_SPINLOCK(mpio_sessions_lock);

static void mpio_session_release(struct kref *ref)
{
	struct mpio_session *sess = container_of(ref, struct mpio_session, ref);

	/* A late timeout may have kicked it; there is nothing for it to do. */
	if (sess->conn.ops)
		cancel_work_sync(&sess->conn.io_work);
	mpio_conn_exit(&sess->conn);
	mpio_auth_free(sess->hashes);
	sess->ops->free(sess);
	kfree(sess->records);
	mpio_path_configs_free(sess->configs);
	memzero_explicit(&sess->cfg, sizeof(sess->cfg));
	memzero_explicit(&sess->login_secrets, sizeof(sess->login_secrets));
	kfree_rcu(sess, rcu);
}

void mpio_session_put(struct mpio_session *sess)
{
	might_sleep();
	kref_put(&sess->ref, mpio_session_release);
}

struct mpio_session *mpio_session_after(struct mpio_session *prev)
{
	struct mpio_session *sess = prev;

	spin_lock(&mpio_sessions_lock);
	/* @prev was removed from the list meanwhile: begin with the first session. */
	if (!prev || list_empty(&prev->node))
		sess = list_entry(&mpio_sessions, struct mpio_session, node);
	sess = list_next_entry(sess, node);
	if (list_entry_is_head(sess, &mpio_sessions, node))
		sess = NULL;
	else
		mpio_session_get(sess);
	spin_unlock(&mpio_sessions_lock);
	if (prev)
		mpio_session_put(prev);
	return sess;
}

struct mpio_session *mpio_session_find(u32 id)
{
	struct mpio_session *sess;

	mutex_lock(&mpio_registry_mutex);
	list_for_each_entry(sess, &mpio_sessions, node) {
		if (sess->id == id) {
			mpio_session_get(sess);
			mutex_unlock(&mpio_registry_mutex);
			return sess;
		}
	}
	mutex_unlock(&mpio_registry_mutex);
	return NULL;
}
