/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions of a running open-iscsi become ours, one by one: ours logs in as a
 * further path, what is in use moves, the session of open-iscsi logs out.
 */
#ifndef _ISCSICTL_TAKEOVER_H
#define _ISCSICTL_TAKEOVER_H

#include "store/record.h"

/*
 * All their sessions for which @stored has a record; a row for each on the
 * present table. With @dry_run only says what could be done. A session that
 * is refused is told and the others go on; returns the first code.
 */
int takeover_all(const struct record_list *stored, bool dry_run);

#endif /* _ISCSICTL_TAKEOVER_H */
