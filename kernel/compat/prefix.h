/* SPDX-License-Identifier: GPL-2.0 */
/* Included before everything else: how our messages begin. */
#ifndef _MPIO_COMPAT_PREFIX_H
#define _MPIO_COMPAT_PREFIX_H

#define pr_fmt(fmt) "iscsi_mpio: " fmt

#endif
