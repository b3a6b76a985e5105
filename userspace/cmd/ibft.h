/* SPDX-License-Identifier: GPL-2.0 */
/* Targets the firmware booted from. */
#ifndef _ISCSICTL_IBFT_H
#define _ISCSICTL_IBFT_H

#include <stdbool.h>

/*
 * Logs in to those the firmware has booted from, or to @all it knows of. Prints
 * what failed; returns an exit code.
 */
int ibft_login(bool all);

#endif /* _ISCSICTL_IBFT_H */
