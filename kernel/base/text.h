/* SPDX-License-Identifier: GPL-2.0 */
/* Words for what people read. */
#ifndef _MPIO_BASE_TEXT_H
#define _MPIO_BASE_TEXT_H

/* Any context. Words for an errno a socket returned. */
const char *mpio_errno_text(int err);

#endif
