// SPDX-License-Identifier: GPL-2.0
/* What a target, a host or a pasted word says must not steer the terminal. */
#include "base/utf8.h"

#include <string.h>

unsigned int utf8_length(const unsigned char *s)
{
	unsigned int i, len;

	if (*s >= 0xc2 && *s < 0xe0)
		len = 2;
	else if (*s >= 0xe0 && *s < 0xf0)
		len = 3;
	else if (*s >= 0xf0 && *s < 0xf5)
		len = 4;
	else
		return *s < 0x80;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* C0, DEL and C1; and the marks that turn the direction of writing. */
bool utf8_is_control(const unsigned char *s, unsigned int len)
{
	if (len == 1)
		return *s < 0x20 || *s == 0x7f;
	if (len == 2)
		return *s == 0xc2 && s[1] < 0xa0;
	return len == 3 && s[0] == 0xe2 &&
	       ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
		(s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

void utf8_clean(char *text, bool lines)
{
	unsigned char *from = (unsigned char *)text, *to = from;
	unsigned int len;

	for (; *from; from += len) {
		len = utf8_length(from);
		if (lines && *from == '\n') {
			*to++ = '\n';
		} else if (!len || utf8_is_control(from, len)) {
			*to++ = '?';
		} else {
			memmove(to, from, len);
			to += len;
		}
		len = len ? len : 1;
	}
	*to = '\0';
}
