/* SPDX-License-Identifier: GPL-2.0 */
/* RESERVE and RELEASE of SPC-2, which know no keys. */
#ifndef _MPIO_LEGACY_H
#define _MPIO_LEGACY_H

#include <linux/types.h>

struct mpio_disk;

/* Operation codes, SPC-2 annex; names in scsi_proto.h have changed. */
#define MPIO_OP_RESERVE_6	0x16
#define MPIO_OP_RELEASE_6	0x17
#define MPIO_OP_RESERVE_10	0x56
#define MPIO_OP_RELEASE_10	0x57

/* Any context. */
bool mpio_legacy_is(u8 opcode);
/*
 * Any context. May such a command go to the target? They reserve for one nexus,
 * so not on a disk with several paths, but to release what it got with one.
 */
bool mpio_legacy_granted(struct mpio_disk *disk, u8 opcode);

#endif
