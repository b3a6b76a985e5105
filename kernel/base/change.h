/* SPDX-License-Identifier: GPL-2.0 */
/* Something has changed that the choice of a path depends on. */
#ifndef _MPIO_CHANGE_H
#define _MPIO_CHANGE_H

#include <linux/atomic.h>

extern atomic_t mpio_select_gen;	/* counts changes */

/*
 * Any context. Something has changed that a choice depends on: the state of a
 * session or path, its access state, weight, preference, rest or processor, or
 * the policy of a disk. Call it after the change.
 */
void mpio_select_changed(void);

#endif
