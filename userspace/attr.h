/* SPDX-License-Identifier: GPL-2.0 */
/* Attribute tables: one row moves one attribute to or from a structure. */
#ifndef _ISCSICTL_ATTR_H
#define _ISCSICTL_ATTR_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct nl_msg;
struct nlattr;

/* Only what SESSION_ADD accepts; unset values are left out. */
int attr_put_login(struct nl_msg *msg, const struct login *login,
		   const struct secrets *secrets);
int attr_put_settings(struct nl_msg *msg, int type,
		      const struct settings *settings);

int attr_get_session(struct nlattr *nest, struct session *session);
int attr_get_path(struct nlattr *nest, struct path *path);
int attr_get_disk(struct nlattr *nest, struct disk *disk);
int attr_get_info(struct nlattr *nest, struct info *info);
int attr_get_settings(struct nlattr *nest, struct settings *settings);

#endif /* _ISCSICTL_ATTR_H */
