/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `record undo` brings back: the records the last command changed or
 * removed, as they were, with their secrets, in /etc/iscsi-mpio/secrets/undo (0700,
 * files 0600). Callers hold the store's lock.
 */
#ifndef _ISCSICTL_UNDO_H
#define _ISCSICTL_UNDO_H

#include "base/error.h"
#include "base/strlist.h"

/*
 * To be called before record @id is changed or removed. The first call of a
 * command forgets what an earlier one has left. Nothing happens for a record
 * that is not there yet. Returns 0 or a code.
 */
int undo_keep(const char *id);

/* Identifiers of what can be brought back; none is no error. */
int undo_list(struct strlist *ids);
/* File of @id as it was; the caller frees it. */
char *undo_path(const char *id);
/* Brings @ids back and keeps instead what is replaced. 0 or a code. */
int undo_take(const struct strlist *ids);
/* Nothing can be brought back any more. */
int undo_forget(void);

#endif /* _ISCSICTL_UNDO_H */
