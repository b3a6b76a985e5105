/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only header of this directory that knows where it is compiled. The rest
 * is plain C over the caller's buffers: no allocation, locks, printing, time
 * or sockets, so that the module, the tool, the unit tests and the fuzzers
 * run the very same protocol code.
 */
#ifndef MPIO_PROTO_ENV_H
#define MPIO_PROTO_ENV_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#else

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;

#ifndef __force
#define __force
#endif
/* As in the kernel: the message may be left out. */
#undef static_assert
#define static_assert(cond, ...) _Static_assert(cond, #cond)
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef fallthrough
#define fallthrough __attribute__((__fallthrough__))
#endif

static inline u16 be16_to_cpu(__be16 v)
{
	return be16toh((__force u16)v);
}

static inline u32 be32_to_cpu(__be32 v)
{
	return be32toh((__force u32)v);
}

static inline __be16 cpu_to_be16(u16 v)
{
	return (__force __be16)htobe16(v);
}

static inline __be32 cpu_to_be32(u32 v)
{
	return (__force __be32)htobe32(v);
}

static inline void memzero_explicit(void *p, size_t len)
{
	memset(p, 0, len);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

#endif /* __KERNEL__ */

/* Big endian numbers at any alignment. */
static inline u16 mpio_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 mpio_get24(const u8 *p)
{
	return (u32)p[0] << 16 | (u32)p[1] << 8 | p[2];
}

static inline u32 mpio_get32(const u8 *p)
{
	return (u32)p[0] << 24 | mpio_get24(p + 1);
}

static inline u64 mpio_get64(const u8 *p)
{
	return (u64)mpio_get32(p) << 32 | mpio_get32(p + 4);
}

static inline void mpio_put16(u8 *p, u16 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static inline void mpio_put24(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 16);
	mpio_put16(p + 1, (u16)v);
}

static inline void mpio_put32(u8 *p, u32 v)
{
	mpio_put16(p, (u16)(v >> 16));
	mpio_put16(p + 2, (u16)v);
}

static inline void mpio_put64(u8 *p, u64 v)
{
	mpio_put32(p, (u32)(v >> 32));
	mpio_put32(p + 4, (u32)v);
}

#endif /* MPIO_PROTO_ENV_H */
