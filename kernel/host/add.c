// SPDX-License-Identifier: GPL-2.0
/*
 * Adding a session: gives it a host, an object in sysfs (and with that its number),
 * and lists it in the registry, upon which its first login begins.
 */
#include "host/add.h"

#include "base/auth.h"
#include "host/attach.h"
#include "host/nexus.h"
#include "multipath/host.h"
#include "proto/name.h"
#include "session/notify.h"
#include "session/session.h"
#include "session/transport.h"

/*
 * Registry mutex held. Refuses a session beside another to the same target unless both
 * are multipath and their ISIDs differ.
 */
static int mpio_session_check_others(const struct mpio_session *sess,
				     const char **why)
{
	const struct mpio_session_config *a = &sess->cfg;
	struct mpio_session *other;

	lockdep_assert_held(&mpio_registry_mutex);
	list_for_each_entry(other, &mpio_sessions, node) {
		const struct mpio_session_config *b = &other->cfg;

		if (mpio_name_compare(a->target_name, b->target_name) ||
		    mpio_name_compare(a->initiator_name, b->initiator_name))
			continue;
		if (!a->multipath || !b->multipath) {
			*why = "a session to this target exists, and not both are multipath";
			return -EEXIST;
		}
		if (!memcmp(a->isid, b->isid, sizeof(a->isid)) &&
		    other->net == sess->net) {
			*why = "a session to this target has the same ISID";
			return -EEXIST;
		}
	}
	return 0;
}

/* Gives the session, which nobody can find yet, its host, number and processor. */
static int mpio_session_attach(struct mpio_session *sess,
			       const char **why)
{
	int err;

	mutex_lock(&mpio_registry_mutex);
	err = mpio_session_check_others(sess, why);
	if (!err)
		err = mpio_host_attach(sess);
	mutex_unlock(&mpio_registry_mutex);
	if (err)
		return err;
	err = mpio_transport_add(sess, sess->host->shost);
	if (err) {
		mpio_host_detach(sess);
		return err;
	}
	sess->conn.id = sess->id;
	sess->unique = (u64)mpio_get32(sess->cfg.isid) << 32 | sess->id;
	mpio_session_place(sess);
	return 0;
}

/*
 * Registry mutex held, and mpio_sessions_lock. Sessions are listed by ascending
 * number, as dumps go through them.
 */
static void mpio_session_list(struct mpio_session *sess)
{
	struct mpio_session *last;

	lockdep_assert_held(&mpio_registry_mutex);
	lockdep_assert_held(&mpio_sessions_lock);
	list_for_each_entry_reverse(last, &mpio_sessions, node)
		if (last->id < sess->id)
			break;
	list_add(&sess->node, &last->node);
}

/*
 * Lists the session, so that others find it; refuses if another session to the
 * target, which it may not stand beside, has been listed meanwhile.
 */
static int mpio_session_publish(struct mpio_session *sess, const char **why)
{
	int err;

	mutex_lock(&mpio_registry_mutex);
	err = mpio_session_check_others(sess, why);
	if (!err) {
		spin_lock(&mpio_sessions_lock);
		mpio_session_list(sess);
		spin_unlock(&mpio_sessions_lock);
		mpio_session_get(sess);
		/* Before anybody can find and delete it. */
		queue_delayed_work(mpio_login_wq, &sess->connect_work, 0);
	}
	mutex_unlock(&mpio_registry_mutex);
	if (err) {
		mpio_transport_del(sess);
		mpio_host_detach(sess);
	}
	return err;
}

struct mpio_session *mpio_session_add(struct net *net,
				      const struct mpio_session_config *cfg,
				      const struct mpio_settings *settings,
				      struct mpio_path_configs *configs,
				      const char **why)
{
	struct mpio_session *sess = mpio_session_alloc(net, cfg, settings,
						       &mpio_nexus_ops);
	int err = -ENOMEM;

	*why = "out of memory, nothing was changed";
	if (!sess)
		return ERR_PTR(err);
	if (cfg->auth != MPIO_AUTH_MODE_NONE && !mpio_auth_algs(sess->hashes)) {
		*why = "this kernel offers no hash for CHAP";
		err = -ENOENT;
		goto put;
	}
	err = mpio_session_attach(sess, why);
	if (err)
		goto put;
	sess->configs = configs;
	err = mpio_session_publish(sess, why);
	if (err) {
		sess->configs = NULL;	/* the caller's */
		goto put;
	}
	mpio_nexus_ops.added(sess);
	mpio_notify_session(sess, MPIO_EVENT_SESSION_ADDED);
	return sess;

put:
	mpio_session_put(sess);
	return ERR_PTR(err);
}
