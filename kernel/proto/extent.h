/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which bytes of a buffer have been dealt with, when a target may name them in
 * any order (DataPDUInOrder or DataSequenceInOrder No, RFC 7143 13.18, 13.19):
 * a sorted list of extents with gaps between them, no byte in two of them.
 *
 * The lists of many buffers share one pool. A list is the number of its first
 * extent, 0 while it is empty; numbers are good for one pool only.
 */
#ifndef MPIO_PROTO_EXTENT_H
#define MPIO_PROTO_EXTENT_H

#include "env.h"

struct mpio_extent {
	u32 start, end;		/* bytes [start, end) */
	u16 next;		/* 0: the last one */
};

struct mpio_extents {
	struct mpio_extent *pool;	/* number 0 is not used */
	u16 free;
};

/* @count: of the elements of @pool, at least 1. Forgets every list. */
void mpio_extents_init(struct mpio_extents *x, struct mpio_extent *pool,
		       u16 count);

/**
 * mpio_extents_add - bytes [@start, @end) are being dealt with
 * @x: the pool
 * @list: of the buffer
 * @start: less than @end
 * @end: first byte behind them
 *
 * Return: 0; -EEXIST if some of them were before; -ENOSPC if the gaps of all
 * lists together are more than the pool has room for. @list is touched with 0
 * only.
 */
int mpio_extents_add(struct mpio_extents *x, u16 *list, u32 start, u32 end);

/* Exactly the first @len bytes, and no gap? */
bool mpio_extents_are(const struct mpio_extents *x, u16 list, u32 len);

/* The buffer is done with; its extents are free again. */
void mpio_extents_clear(struct mpio_extents *x, u16 *list);

#endif /* MPIO_PROTO_EXTENT_H */
