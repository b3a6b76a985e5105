/* SPDX-License-Identifier: GPL-2.0 */
/* The last values of many things, each as a line of small bars. */
#ifndef _ISCSICTL_TREND_H
#define _ISCSICTL_TREND_H

#include <stdint.h>

#define TREND_LENGTH	8	/* values that are shown */
#define TREND_TEXT	(3 * TREND_LENGTH + 1)

/* Remembers @value as the newest of thing @id. */
void trend_add(uint32_t id, uint64_t value);
/*
 * The values of @id, oldest first, in proportion to the largest of them: blocks in
 * a terminal of UTF-8, else digits 0 to 7. @text holds TREND_TEXT bytes.
 */
char *trend_text(uint32_t id, char *text);
/* Forgets all of them. */
void trend_end(void);

#endif /* _ISCSICTL_TREND_H */
