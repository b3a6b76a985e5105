/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An object is a netlink attribute that holds others, as it was received or
 * built: a struct impio_object is a struct nlattr, aligned to 4 bytes.
 */
#ifndef _IMPIO_INTERNAL_H
#define _IMPIO_INTERNAL_H

#include <linux/netlink.h>

#include "lib/libiscsi-mpio.h"

struct impio_list {
	struct impio_object **item;
	size_t count, room;
};

struct impio_values {
	struct nlattr *nest;	/* with what has been put so far */
	size_t room;		/* bytes allocated there */
	int err;		/* negative errno of the first failure */
};

/* Adds a copy of @len bytes of attributes. 0, -ENOMEM or -EMSGSIZE. */
int impio_list_add(struct impio_list *list, const void *attributes, size_t len);

#endif /* _IMPIO_INTERNAL_H */
