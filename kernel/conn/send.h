/* SPDX-License-Identifier: GPL-2.0 */
/* Digests, as send.c and receive.c reckon them. */
#ifndef _MPIO_SEND_H
#define _MPIO_SEND_H

#include <linux/types.h>

/* CRC32C of RFC 7143 13.1 over one piece: seed, update, what goes out. */
#define MPIO_CRC_SEED	(~0U)
__le32 mpio_crc_final(u32 crc);

#endif
