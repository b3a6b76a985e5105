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
 * Any context, takes disk->lock. May a RESERVE or RELEASE go to the target? Both
 * concern one nexus, so not if the disk has several paths; except to release what
 * was reserved while it had one.
 */
bool mpio_legacy_granted(struct mpio_disk *disk, u8 opcode);

#endif
