// SPDX-License-Identifier: GPL-2.0
/*
 * What targets get wrong and are let pass: noted for each session, and told
 * once. The table of it is in proto/quirk.c.
 */
#include "proto/quirk.h"
#include "session/session.h"

void mpio_session_note_quirks(struct mpio_session *sess,
			      const struct mpio_quirks *quirks)
{
	char text[MPIO_QUIRK_TEXT_MAX + 1];
	struct mpio_quirks news = *quirks;
	unsigned long flags;
	u32 at = 0, i;

	spin_lock_irqsave(&sess->lock, flags);
	news.odd &= ~sess->quirks.odd;
	for (i = 0; i < MPIO_K_COUNT; i++)
		news.key[i] &= ~sess->quirks.key[i];
	mpio_quirks_add(&sess->quirks, quirks);
	spin_unlock_irqrestore(&sess->lock, flags);
	while (mpio_quirk_next(&news, &at, text))
		pr_info_ratelimited("session %u: %s: %s [MPIO0014]\n", sess->id,
				    sess->cfg.target_name, text);
}

void mpio_session_note_odd(struct mpio_session *sess, enum mpio_odd odd)
{
	struct mpio_quirks quirks = {};

	if (READ_ONCE(sess->quirks.odd) & (1U << odd))
		return;
	mpio_quirks_note(&quirks, odd);
	mpio_session_note_quirks(sess, &quirks);
}
