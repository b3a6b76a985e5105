/* SPDX-License-Identifier: GPL-2.0 */
/* A session as its disks and paths see it. */
#ifndef _MPIO_NEXUS_H
#define _MPIO_NEXUS_H

struct mpio_session_ops;

/* For mpio_session_add(). */
extern const struct mpio_session_ops mpio_nexus_ops;

#endif
