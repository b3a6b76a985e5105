/* SPDX-License-Identifier: GPL-2.0 */
/* Other programs, run to their end. */
#ifndef _ISCSICTL_CHILD_H
#define _ISCSICTL_CHILD_H

#include <stddef.h>

/* A file in memory with @text (NULL: nothing), read from its beginning; or -1. */
int child_memory_file(const char *text);
/* All of it, unless that is more than @max: then nothing. The caller frees. */
char *child_output(int fd, size_t max);

/*
 * Runs @argv, ended by NULL, its file name searched for in PATH. @input is
 * given to it (NULL: nothing), what it prints comes back in *output, which the
 * caller frees (NULL: is dropped). 0, or a code with its first line of
 * complaint as the reason.
 */
int child_run(const char *const *argv, const char *input, char **output);

#endif /* _ISCSICTL_CHILD_H */
