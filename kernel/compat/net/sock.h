/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_NET_SOCK_H
#define _MPIO_COMPAT_NET_SOCK_H

#include_next <net/sock.h>

/*
 * Any context, socket not in use yet. Its data is never gathered in the page of
 * the task that sends: that one may be in the middle of filling it for a socket of
 * its own. Older kernels look at ->sk_allocation alone, which may not be one
 * that sleeps.
 */
static inline void mpio_sk_no_task_frag(struct sock *sk)
{
#ifdef HAVE_SK_USE_TASK_FRAG
	sk->sk_use_task_frag = false;
#endif
}

#endif
