/* SPDX-License-Identifier: GPL-2.0 */
/* Assertions about locks that lockdep does not see. */
#ifndef _MPIO_ASSERT_H
#define _MPIO_ASSERT_H

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/kconfig.h>

/*
 * Any context. The lock bit @nr of @flags is set. A bit has no holder, so this
 * finds a caller that forgot the lock, not one that relies on another's. Kernels
 * without lockdep do not look.
 */
#define mpio_assert_bit_held(nr, flags) \
	WARN_ON_ONCE(IS_ENABLED(CONFIG_LOCKDEP) && !test_bit(nr, flags))

#endif
