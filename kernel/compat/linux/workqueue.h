/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_LINUX_WORKQUEUE_H
#define _MPIO_COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>

/* Older kernels: a queue is per CPU unless it is unbound. */
#ifndef HAVE_WQ_PERCPU
#define WQ_PERCPU	0
#endif

#endif
