/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_LINUX_HIGHMEM_H
#define _MPIO_COMPAT_LINUX_HIGHMEM_H

#include_next <linux/highmem.h>

/* Gone from kernels where the pages of a segment are always one array. */
#ifndef nth_page
#define nth_page(page, n)	((page) + (n))
#endif

#endif
