/* SPDX-License-Identifier: GPL-2.0 */
/* The login phase, RFC 7143 6.3, over a blocking socket. */
#ifndef _MPIO_LOGIN_H
#define _MPIO_LOGIN_H

#include <linux/types.h>

struct mpio_session;

/*
 * Process context, sleeps up to LoginTimeout. Opens the connection and logs
 * in, redirects followed. On success the connection's counters and params are
 * set and it can be started. On failure the error is noted, the socket is to
 * be closed by the caller, and @permanent says whether trying again is of no
 * use. 0 or -errno.
 */
int mpio_login_session(struct mpio_session *sess, bool *permanent);

/*
 * Process context, sleeps up to @timeout_ms. Logs in as @sess where @other is
 * logged in, and closes the connection again. Once the target has been asked to
 * end the old session it may take @patience_ms to answer, as long as @other
 * lives. 0: portal group @tpgt has let us in, and so ended the nexus that was
 * @sess there. Either way sess->login_out may be set.
 */
int mpio_login_reinstate(struct mpio_session *sess,
			 const struct mpio_session *other, u16 tpgt,
			 u32 timeout_ms, u32 patience_ms);

/* Process context, once: machines that logins run in. 0 or -ENOMEM. */
int mpio_login_init_pool(void);
/* Process context; no session is left. */
void mpio_login_exit_pool(void);

#endif
