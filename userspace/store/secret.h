/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP secrets: read from files, stdin or the terminal, kept in
 * /etc/iscsi-mpio/secrets (0700, files 0600), never printed. Callers wipe
 * their copies with explicit_bzero().
 */
#ifndef _ISCSICTL_SECRET_H
#define _ISCSICTL_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/iscsi_mpio.h>

#define SECRET_INITIATOR "initiator"	/* of chap set-secret */

/*
 * @source: file name, "-" for stdin, NULL to ask on the terminal. @what: for
 * the prompt. @out holds MPIO_SECRET_MAX bytes.
 */
int secret_read(const char *source, const char *what, uint8_t *out,
		uint32_t *len);

int secret_store(const char *name, const uint8_t *secret, uint32_t len);
/* From the store or a credential of systemd; *len 0 when there is none. */
int secret_load(const char *name, uint8_t *out, uint32_t *len);
int secret_forget(const char *name);

#endif /* _ISCSICTL_SECRET_H */
