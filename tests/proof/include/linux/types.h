/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel/proto/env.h needs of this header, for Frama-C's own libc. */
#ifndef PROOF_LINUX_TYPES_H
#define PROOF_LINUX_TYPES_H

#include <stdint.h>

typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int32_t __s32;
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint64_t __be64;

#endif
