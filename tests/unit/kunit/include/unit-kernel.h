/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of tests/unit take from the C library, in a kernel. */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <linux/panic.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define malloc(n)	kmalloc(n, GFP_KERNEL)
#define calloc(n, size)	kcalloc(n, size, GFP_KERNEL)
#define free(p)		kfree(p)
#define abort()		panic("unit tests: abort()")
#define printf(...)	pr_info(__VA_ARGS__)

#endif
