/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_MAIN_H
#define _MPIO_MAIN_H

#include <linux/types.h>

/* Any context. The machine goes down: nothing waits for a path any more. */
bool mpio_shutting_down(void);

#endif
