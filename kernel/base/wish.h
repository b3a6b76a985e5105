/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the administrator wishes of a session's paths, by LUN. It is kept while
 * the session lives, so that a path has it from its first moment, whether the
 * session has just been restored or a LU was away for a while.
 */
#ifndef _MPIO_WISH_H
#define _MPIO_WISH_H

#include <linux/types.h>

struct mpio_wishes;

#define MPIO_WEIGHT_MAX		65535
#define MPIO_WISH_LUNS		16384	/* SAM-5: LUNs of one level */

struct mpio_wish {
	u32 weight;	/* at most MPIO_WEIGHT_MAX */
	bool preferred;
};

/* Process context. None so far, or NULL. mpio_wishes_free() takes NULL, too. */
struct mpio_wishes *mpio_wishes_alloc(void);
void mpio_wishes_free(struct mpio_wishes *wishes);

/* Process context. What holds for @lun: the defaults if nothing was said. */
struct mpio_wish mpio_wish_get(struct mpio_wishes *wishes, u64 lun);

/* Process context. 0; or -ENOMEM, then nothing was changed. */
int mpio_wish_set(struct mpio_wishes *wishes, u64 lun, struct mpio_wish wish);

#endif
