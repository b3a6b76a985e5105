/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions as users see them. */
#ifndef _ISCSICTL_SESSION_H
#define _ISCSICTL_SESSION_H

#include "module/model.h"

/*
 * Record @id stands for the session from now on: a live one may have lost the
 * knowledge that it is registered.
 */
int session_adopt(const struct session *session, const char *id);
/* Is @disk ("sda", "/dev/sda") one of the session's? */
bool session_has_disk(const struct session *session, const char *disk);

#endif /* _ISCSICTL_SESSION_H */
