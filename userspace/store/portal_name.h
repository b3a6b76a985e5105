/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel knows a portal by address only. Under /run the tool remembers
 * by which name a session's portal was given, so that register can store it.
 */
#ifndef _ISCSICTL_PORTAL_NAME_H
#define _ISCSICTL_PORTAL_NAME_H

#include "module/model.h"
#include "proto/name.h"

void portal_name_save(const struct session *session,
		      const struct mpio_portal *portal);
/* @host holds MPIO_HOST_MAX + 1 bytes: the name given, else the address. */
void portal_name_load(const struct session *session, char *host);
void portal_name_remove(const struct session *session);

#endif /* _ISCSICTL_PORTAL_NAME_H */
