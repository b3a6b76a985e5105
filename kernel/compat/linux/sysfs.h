/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_LINUX_SYSFS_H
#define _MPIO_COMPAT_LINUX_SYSFS_H

#include_next <linux/sysfs.h>

/* Older kernels: a binary attribute is not constant for those who read it. */
#ifdef HAVE_CONST_BIN_ATTRIBUTE
#define MPIO_BIN_ATTRIBUTE	const struct bin_attribute
#else
#define MPIO_BIN_ATTRIBUTE	struct bin_attribute
#endif

#endif
