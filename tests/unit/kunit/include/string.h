/* SPDX-License-Identifier: GPL-2.0 */
/* Of the C library, in a kernel. */
#include <linux/string.h>
