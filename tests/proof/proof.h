/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What drivers share. Input lies at the very end of its buffer and each length
 * is looked at by itself, so that the first byte beyond it is out of bounds.
 */
#ifndef PROOF_H
#define PROOF_H

#include <__fc_builtin.h>

#include "proto/env.h"

#define ANY(x)	Frama_C_make_unknown((char *)&(x), sizeof(x))

/* Any length from @min to the size of @buf, any content. */
#define ANY_INPUT(buf, data, len, min)					\
	do {								\
		ANY(buf);						\
		(len) = (u32)Frama_C_interval_split((min), sizeof(buf)); \
		(data) = (const void *)((buf) + sizeof(buf) - (len));	\
	} while (0)

static inline u32 any_below(u32 n)
{
	return (u32)Frama_C_interval(0, (int)n - 1);
}

#endif
