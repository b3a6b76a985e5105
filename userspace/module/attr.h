/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures of the tool from and to objects of libiscsi-mpio: one row of a
 * table moves one attribute. Failures of putting are kept by the values.
 */
#ifndef _ISCSICTL_ATTR_H
#define _ISCSICTL_ATTR_H

#include "lib/libiscsi-mpio.h"
#include "module/model.h"

/* Only what SESSION_ADD accepts; unset values are left out. */
void attr_put_login(struct impio_values *to, const struct login *login,
		    const struct secrets *secrets);
/* As a nest, and as they are. */
void attr_put_settings(struct impio_values *to, int attr,
		       const struct settings *settings);
void attr_put_numbers(struct impio_values *to, const struct settings *settings);

/* What is absent in @o becomes 0, empty or UNSET. */
void attr_get_session(const struct impio_object *o, struct session *session);
void attr_get_path(const struct impio_object *o, struct path *path);
void attr_get_disk(const struct impio_object *o, struct disk *disk);
void attr_get_info(const struct impio_object *o, struct info *info);
void attr_get_settings(const struct impio_object *o, struct settings *settings);
void attr_get_event(const struct impio_object *o, struct event *event);

#endif /* _ISCSICTL_ATTR_H */
