/* SPDX-License-Identifier: GPL-2.0 */
/* Of the C library, what the suites take of it, in a kernel. */
#include "unit-kernel.h"
