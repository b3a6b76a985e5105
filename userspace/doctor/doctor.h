/* SPDX-License-Identifier: GPL-2.0 */
/* All checks, one after the other. */
#ifndef _ISCSICTL_DOCTOR_H
#define _ISCSICTL_DOCTOR_H

struct subject;

/* Runs them over what subject_open() has read; its findings are the result. */
void doctor(struct subject *subject);

#endif /* _ISCSICTL_DOCTOR_H */
