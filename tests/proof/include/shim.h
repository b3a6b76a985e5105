/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read before all else: what Frama-C's own headers do not declare, and with
 * their bodies those functions that end where they find something. What it says
 * of these by itself holds for whole buffers only.
 */
#ifndef PROOF_SHIM_H
#define PROOF_SHIM_H

#include <stdint.h>
#include <string.h>

static inline uint16_t be16toh(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

static inline uint32_t be32toh(uint32_t v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static inline uint16_t htobe16(uint16_t v)
{
	return be16toh(v);
}

static inline uint32_t htobe32(uint32_t v)
{
	return be32toh(v);
}

static inline void *proof_memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == (unsigned char)c)
			return (void *)(p + i);
	return NULL;
}

static inline int proof_memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

#define memchr proof_memchr
#define memcmp proof_memcmp

#endif
