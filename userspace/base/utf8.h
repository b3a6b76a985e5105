/* SPDX-License-Identifier: GPL-2.0 */
/* Text that others wrote, on its way to a terminal. */
#ifndef _ISCSICTL_UTF8_H
#define _ISCSICTL_UTF8_H

#include <stdbool.h>

/* Length of the UTF-8 character at @s, 0 when it is none. */
unsigned int utf8_length(const unsigned char *s);
/* Is the character at @s, of @len bytes, one that controls a terminal? */
bool utf8_is_control(const unsigned char *s, unsigned int len);
/*
 * Puts '?' for all that controls a terminal or is no UTF-8, in place; line
 * ends stay if @lines.
 */
void utf8_clean(char *text, bool lines);

#endif /* _ISCSICTL_UTF8_H */
