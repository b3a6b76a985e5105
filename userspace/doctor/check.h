/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checks of the doctor, one file each. A check adds findings to those of the
 * subject: at least one for each thing that it has looked at, also if that is sound,
 * or one that says that it could not be measured.
 */
#ifndef _ISCSICTL_CHECK_H
#define _ISCSICTL_CHECK_H

struct subject;

void versions_check(struct subject *subject);
void names_check(struct subject *subject);
void records_check(struct subject *subject);
void sessions_check(struct subject *subject);
void route_check(struct subject *subject);
void subnets_check(struct subject *subject);
/* Logs in over each way; the checks below use what came of it. */
void reach_check(struct subject *subject);
void mtu_check(struct subject *subject);
void tcp_check(struct subject *subject);
void negotiated_check(struct subject *subject);
void disks_check(struct subject *subject);
void units_check(struct subject *subject);
void boot_check(struct subject *subject);
void others_check(struct subject *subject);

#endif /* _ISCSICTL_CHECK_H */
