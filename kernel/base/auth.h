/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hashes for CHAP. Allocating one may load a module, so it happens when a
 * session is added, never while the disk that holds the module is away.
 */
#ifndef _MPIO_AUTH_H
#define _MPIO_AUTH_H

#include "proto/chap.h"

struct mpio_hashes;

/* Process context, may sleep and load modules. NULL: no memory. */
struct mpio_hashes *mpio_auth_alloc(void);
void mpio_auth_free(struct mpio_hashes *auth);

/* Any context. MPIO_CHAP_BIT()s of the algorithms this kernel has. */
u32 mpio_auth_algs(const struct mpio_hashes *auth);

/* Process context; priv is the struct mpio_hashes. */
extern const struct mpio_hash_ops mpio_auth_hash_ops;

#endif
