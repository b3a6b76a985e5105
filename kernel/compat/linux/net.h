/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_LINUX_NET_H
#define _MPIO_COMPAT_LINUX_NET_H

#include_next <linux/net.h>

#ifndef HAVE_SOCKADDR_UNSIZED
#define sockaddr_unsized	sockaddr
#endif

#endif
