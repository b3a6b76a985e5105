/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket of generic netlink, for libiscsi-mpio. There are two of it: genl.c on
 * libnl, and boot/genl.c on libmnl, which is smaller in an initramfs.
 */
#ifndef _ISCSICTL_GENL_H
#define _ISCSICTL_GENL_H

#include <stdint.h>

struct genl;
struct nlmsghdr;

/* What returns an int returns 0 or a negative errno. */
int genl_open(struct genl **genl);
void genl_close(struct genl *genl);	/* NULL is fine */
int genl_fd(const struct genl *genl);

/* The number of a family, 0 if the kernel has none of that name. */
uint16_t genl_resolve(struct genl *genl, const char *family);

int genl_join(struct genl *genl, const char *family, const char *group);
/* Fills in sequence number and port. */
int genl_send(struct genl *genl, struct nlmsghdr *hdr);
/* Waits for one datagram and calls @take for each message of it. */
int genl_receive(struct genl *genl,
		 void (*take)(const struct nlmsghdr *hdr, void *arg),
		 void *arg);

#endif /* _ISCSICTL_GENL_H */
