// SPDX-License-Identifier: GPL-2.0
#include "base/text.h"

#include <linux/errno.h>

const char *mpio_errno_text(int err)
{
	switch (err) {
	case -ECONNREFUSED:	return "connection refused";
	case -ECONNRESET:	return "connection closed by the target";
	case -EPIPE:		return "connection closed";
	case -ETIMEDOUT:	return "no answer in time";
	case -EHOSTUNREACH:	return "no route to host";
	case -ENETUNREACH:	return "network unreachable";
	case -EADDRNOTAVAIL:	return "source address not on this host";
	case -ENODEV:		return "no such network interface";
	case -ECANCELED:	return "cancelled";
	case -EACCES:
	case -EPERM:		return "forbidden by a firewall rule";
	case -ENOMEM:
	case -ENOBUFS:		return "out of memory";
	default:		return "network error";
	}
}
