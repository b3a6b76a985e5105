/* SPDX-License-Identifier: GPL-2.0 */
/* Attribute tables: one row moves one attribute to or from a structure. */
#ifndef _ISCSICTL_ATTR_H
#define _ISCSICTL_ATTR_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct message;
struct nlattr;

/* Only what SESSION_ADD accepts; unset values are left out. */
void attr_put_login(struct message *msg, const struct login *login,
		    const struct secrets *secrets);
void attr_put_settings(struct message *msg, int type,
		       const struct settings *settings);

/* What @nest does not say is 0, "" or UNSET. */
void attr_get_session(const struct nlattr *nest, struct session *session);
void attr_get_path(const struct nlattr *nest, struct path *path);
void attr_get_disk(const struct nlattr *nest, struct disk *disk);
void attr_get_info(const struct nlattr *nest, struct info *info);
void attr_get_settings(const struct nlattr *nest, struct settings *settings);

#endif /* _ISCSICTL_ATTR_H */
