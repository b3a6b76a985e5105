// SPDX-License-Identifier: GPL-2.0
/* One counter for all: changes are rare, commands are many. */
#include "base/change.h"

atomic_t mpio_select_gen = ATOMIC_INIT(0);

void mpio_select_changed(void)
{
	smp_mb__before_atomic();	/* the change comes first */
	atomic_inc(&mpio_select_gen);
}
