/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that survive a power cut: a change is the old content or the new one,
 * and it is on the disk when the call returns 0. All paths honour --root, or
 * ISCSICTL_ROOT without it.
 */
#ifndef _ISCSICTL_FILE_H
#define _ISCSICTL_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strlist.h"

#define CONFIG_DIR "/etc/iscsi-mpio"

/* Path below --root; the caller frees it. */
char *file_root_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whole file, NUL terminated, at most 16 MiB. 0 or a negative errno. */
int file_read(const char *path, char **text, size_t *len);
/* Creates the directory of @path if need be. 0 or a code with a reason. */
int file_write(const char *path, const char *text, size_t len, mode_t mode);
int file_remove(const char *path);
/* Names in a directory that end in @suffix, sorted; none if it is absent. */
int file_list_dir(const char *path, const char *suffix, struct strlist *names);
/* mkdir -p, with @mode for the last one. */
int file_make_dir(const char *path, mode_t mode);

/* One tool at a time changes what is stored; waits up to 30 s. */
int file_lock_store(void);
void file_unlock_store(void);

int file_random_bytes(void *to, size_t len);
/* CRC-32C of what records hold, to notice damage. */
uint32_t file_checksum(const char *text, size_t len);

#endif /* _ISCSICTL_FILE_H */
