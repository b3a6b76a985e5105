/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The owner of a connection, its session, as the connection knows it: what it
 * is told. Nothing here sleeps.
 */
#ifndef _MPIO_OWNER_H
#define _MPIO_OWNER_H

#include <linux/stdarg.h>
#include <linux/types.h>

#include <uapi/linux/iscsi_mpio.h>

#include "proto/keys.h"

struct mpio_conn;

/* What is known of the old I_T nexus when a connection is lost. */
enum mpio_loss {
	MPIO_LOSS_SILENT,	/* nothing */
	MPIO_LOSS_STUCK,	/* the target's TCP lives, and nothing comes */
	MPIO_LOSS_RESET,	/* RST, from whomever */
	MPIO_LOSS_CLOSED,	/* FIN: the target has closed it */
	MPIO_LOSS_ANSWERED,		/* the target has confirmed our Logout */
	MPIO_LOSS_LOGGED_OUT,	/* and closed the connection after that */
};

struct mpio_conn_ops {
	/*
	 * Any context. The connection is of no use any more; only the first to
	 * say so is heard. Without @fmt the last note says why.
	 */
	__printf(4, 0)
	void (*lost)(struct mpio_conn *conn, enum mpio_error code,
		     enum mpio_loss loss, const char *fmt, va_list args);
	/* Any context. Something is wrong, or was ordered: for people. */
	__printf(3, 0)
	void (*note)(struct mpio_conn *conn, enum mpio_error code,
		     const char *fmt, va_list args);
	/* Any context. The target does what it must not, and is let. */
	void (*odd)(struct mpio_conn *conn, enum mpio_odd odd);
	/* Any context. LUs may have come or gone. */
	void (*lus_changed)(struct mpio_conn *conn);
	/* Any context. Deadlines are to be looked at in @delay jiffies. */
	void (*watch)(struct mpio_conn *conn, unsigned long delay);
	/* Any context. The target orders a wait before the next login. */
	void (*wait)(struct mpio_conn *conn, u32 seconds);
	/* Process context. A login on its way is of no use any more. */
	bool (*cancelled)(struct mpio_conn *conn);
};

/* Any context. The operations of these names, without va_list. */
__printf(3, 4)
void mpio_conn_note(struct mpio_conn *conn, enum mpio_error code,
		    const char *fmt, ...);
__printf(3, 4)
void mpio_conn_fail(struct mpio_conn *conn, enum mpio_error code,
		    const char *fmt, ...);
/* The same as a loss of the transport, with what is known of the old nexus. */
__printf(3, 4)
void mpio_conn_lose(struct mpio_conn *conn, enum mpio_loss loss,
		    const char *fmt, ...);

#endif
