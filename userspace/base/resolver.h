/* SPDX-License-Identifier: GPL-2.0 */
/* Names of hosts, one after the other or beside everything else. */
#ifndef _ISCSICTL_RESOLVER_H
#define _ISCSICTL_RESOLVER_H

#include <stdbool.h>

struct addrinfo;

/*
 * From now on resolver_ask() does not wait: a dead name server holds up nobody
 * whose address is known.
 */
void resolver_beside(bool on);

/*
 * Addresses of @host as getaddrinfo(3) has them, freeaddrinfo() is the caller's;
 * EAI_INPROGRESS when that is not known yet: to be asked again. An answer is
 * given once.
 */
int resolver_ask(const char *host, struct addrinfo **all);

/* Until one of the answers is there, at most @ms. */
void resolver_wait(int ms);

#endif /* _ISCSICTL_RESOLVER_H */
