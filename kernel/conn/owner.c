// SPDX-License-Identifier: GPL-2.0
/* Calls of a connection to its session, without va_list. */
#include "conn/owner.h"

#include "conn/conn.h"

void mpio_conn_note(struct mpio_conn *conn, enum mpio_error code,
		    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	conn->ops->note(conn, code, fmt, args);
	va_end(args);
}

void mpio_conn_fail(struct mpio_conn *conn, enum mpio_error code,
		    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	conn->ops->lost(conn, code, MPIO_LOSS_SILENT, fmt, args);
	va_end(args);
}

void mpio_conn_lose(struct mpio_conn *conn, enum mpio_loss loss,
		    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	conn->ops->lost(conn, MPIO_ERROR_TRANSPORT, loss, fmt, args);
	va_end(args);
}
