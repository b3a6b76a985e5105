// SPDX-License-Identifier: GPL-2.0
/*
 * The CHAP secrets of a session, which may be changed while it runs. sess->lock
 * protects them: a login takes a copy and wipes it.
 */
#include "session/secrets.h"

#include "session/session.h"

void mpio_session_get_secrets(struct mpio_session *sess,
			      struct mpio_secrets *secrets)
{
	const struct mpio_session_config *cfg = &sess->cfg;

	spin_lock_irq(&sess->lock);
	memcpy(secrets->out, cfg->chap_secret, sizeof(secrets->out));
	memcpy(secrets->in, cfg->chap_secret_in, sizeof(secrets->in));
	secrets->out_len = cfg->chap_secret_len;
	secrets->in_len = cfg->chap_secret_in_len;
	spin_unlock_irq(&sess->lock);
}

void mpio_session_set_secrets(struct mpio_session *sess,
			      const struct mpio_secrets *secrets)
{
	struct mpio_session_config *cfg = &sess->cfg;

	spin_lock_irq(&sess->lock);
	memcpy(cfg->chap_secret, secrets->out, sizeof(secrets->out));
	memcpy(cfg->chap_secret_in, secrets->in, sizeof(secrets->in));
	cfg->chap_secret_len = secrets->out_len;
	cfg->chap_secret_in_len = secrets->in_len;
	spin_unlock_irq(&sess->lock);
}
