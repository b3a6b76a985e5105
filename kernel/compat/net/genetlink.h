/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_NET_GENETLINK_H
#define _MPIO_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

/* Older kernels: groups have the flags of operations. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

#endif
