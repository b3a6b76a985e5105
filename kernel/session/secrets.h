/* SPDX-License-Identifier: GPL-2.0 */
/* The CHAP secrets of a session. */
#ifndef _MPIO_SECRETS_H
#define _MPIO_SECRETS_H

struct mpio_secrets;
struct mpio_session;

/*
 * Process context, takes sess->lock. The CHAP secrets of logins to come; the present
 * login and its connection keep what they have. A caller that reads, changes and sets
 * them keeps others from doing so meanwhile: netlink/session.c does it under
 * mpio_change_mutex.
 */
void mpio_session_get_secrets(struct mpio_session *sess,
			      struct mpio_secrets *secrets);
void mpio_session_set_secrets(struct mpio_session *sess,
			      const struct mpio_secrets *secrets);

#endif
