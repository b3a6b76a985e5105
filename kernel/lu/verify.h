/* SPDX-License-Identifier: GPL-2.0 */
/* Which paths may carry I/O: each is looked at before it does. */
#ifndef _MPIO_VERIFY_H
#define _MPIO_VERIFY_H

#include <linux/types.h>

struct mpio_lu;
struct mpio_path;
struct work_struct;

/*
 * Process context. What @lu, found at the end of @path by a probe begun when
 * the path had @gen, means for the path: fit for I/O, fenced, or to be
 * looked at again.
 */
void mpio_verify_apply(struct mpio_path *path, const struct mpio_lu *lu,
		       u32 gen);

/* sess->verify_work: paths that are not ready, or not optimized, are looked at. */
void mpio_probe_verify_work(struct work_struct *work);

#endif
