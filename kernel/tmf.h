/* SPDX-License-Identifier: GPL-2.0 */
/* Task management, RFC 7143 11.5. */
#ifndef _MPIO_TMF_H
#define _MPIO_TMF_H

struct mpio_path;

/*
 * Process context, may sleep up to TmfTimeout. LOGICAL UNIT RESET through a
 * path. 0, or -errno when the target did not do it.
 */
int mpio_tmf_reset_lu(struct mpio_path *path);

#endif
