/* SPDX-License-Identifier: GPL-2.0 */
/* Events about sessions. */
#ifndef _MPIO_SESSION_NOTIFY_H
#define _MPIO_SESSION_NOTIFY_H

#include <uapi/linux/iscsi_mpio.h>

struct mpio_session;

/* Any context, locks allowed. */
void mpio_notify_session(struct mpio_session *sess, enum mpio_event event);

#endif
