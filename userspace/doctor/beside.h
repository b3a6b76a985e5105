/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that may hang, in a process of its own: a login at a dead portal, a
 * command of a disk without a path. Many go on at the same time.
 */
#ifndef _ISCSICTL_BESIDE_H
#define _ISCSICTL_BESIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct beside {
	pid_t pid;
	void *shared;		/* what the work leaves behind */
	size_t size;
};

/*
 * Begins work(@result, @arg), where @result is zeroed memory of @size bytes that
 * beside_end() hands over. False when there is no process to be had.
 */
bool beside_begin(struct beside *b, size_t size,
		  void (*work)(void *result, const void *arg), const void *arg);
/*
 * Waits for the process until @deadline (ms of clock_now()), then kills it. True with
 * the result in @to when the process has ended by itself.
 */
bool beside_end(struct beside *b, long long deadline, void *to);

#endif /* _ISCSICTL_BESIDE_H */
