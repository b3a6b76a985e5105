/* SPDX-License-Identifier: GPL-2.0 */
/* Names of what is sent, and what the kernel's policy refused, for people. */
#ifndef _IMPIO_BOUNDS_H
#define _IMPIO_BOUNDS_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

/* Of enum mpio_setting_attr, as records, commands and manuals have it. */
const char *bounds_setting_name(unsigned int attr);

/*
 * Names the attribute @at bytes into the @len bytes of @attributes that were
 * asked with, and the bounds which @policy (NLMSGERR_ATTR_POLICY) has for it.
 * False, and @text as it was, if there is no name for it or no bound: then the
 * kernel's own message has to do.
 */
bool bounds_sentence(const void *attributes, size_t len, size_t at,
		     const struct nlattr *policy, char *text, size_t size);

#endif /* _IMPIO_BOUNDS_H */
