/* SPDX-License-Identifier: GPL-2.0 */
/* What a disk and its paths ask about their unit. */
#ifndef _MPIO_LU_UNIT_H
#define _MPIO_LU_UNIT_H

#include "multipath/unit.h"

/* Of each disk. */
extern const struct mpio_unit_ops mpio_lu_unit_ops;

#endif
