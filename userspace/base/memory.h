/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is there, or the program ends. */
#ifndef _ISCSICTL_MEMORY_H
#define _ISCSICTL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Allocation that ends the program (exit 3) instead of failing. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Copies what fits; false when @from had to be cut. */
bool copy_text(char *to, size_t size, const char *from);

#endif /* _ISCSICTL_MEMORY_H */
