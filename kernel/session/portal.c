// SPDX-License-Identifier: GPL-2.0
/*
 * Where a session logs in. The kernel resolves no names: a portal known by its
 * name may get another address, and a target may redirect to a name. In both
 * cases the tool says the address, and the next login goes there.
 */
#include "session/session.h"

int mpio_session_set_portal(struct mpio_session *sess,
			    const struct sockaddr_storage *to,
			    const char *redirect, const char **why)
{
	const struct mpio_session_config *cfg = &sess->cfg;
	int err = 0;

	if (cfg->source.ss_family && cfg->source.ss_family != to->ss_family) {
		*why = "source and portal must both be ipv4 or both ipv6";
		return -EINVAL;
	}
	spin_lock_irq(&sess->lock);
	if (!redirect)
		sess->cfg.portal = *to;
	else if (!strcmp(redirect, sess->redirect))
		sess->redirect_to = *to;
	else
		err = -ESTALE;
	spin_unlock_irq(&sess->lock);
	if (err)
		*why = "the target does not redirect to that name";
	return err;
}

struct sockaddr_storage mpio_session_portal(struct mpio_session *sess)
{
	struct sockaddr_storage portal;

	spin_lock_irq(&sess->lock);
	portal = sess->cfg.portal;
	spin_unlock_irq(&sess->lock);
	return portal;
}

int mpio_session_redirect(struct mpio_session *sess, const char *name,
			  struct sockaddr_storage *to)
{
	int err = 0;

	spin_lock_irq(&sess->lock);
	if (strcmp(name, sess->redirect)) {
		strscpy(sess->redirect, name, sizeof(sess->redirect));
		sess->redirect_to.ss_family = 0;
	}
	if (sess->redirect_to.ss_family)
		*to = sess->redirect_to;
	else
		err = -EADDRNOTAVAIL;
	spin_unlock_irq(&sess->lock);
	return err;
}
