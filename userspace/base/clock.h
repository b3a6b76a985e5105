/* SPDX-License-Identifier: GPL-2.0 */
/* Time for deadlines. */
#ifndef _ISCSICTL_CLOCK_H
#define _ISCSICTL_CLOCK_H

/* Milliseconds of CLOCK_MONOTONIC. */
long long clock_now(void);
/* The same in microseconds. */
long long clock_us(void);

#endif /* _ISCSICTL_CLOCK_H */
