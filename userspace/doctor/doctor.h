/* SPDX-License-Identifier: GPL-2.0 */
/* All checks, one after the other. */
#ifndef _ISCSICTL_DOCTOR_H
#define _ISCSICTL_DOCTOR_H

struct subject;

/* Runs all checks over what subject_open() has read; adds to subject->findings. */
void doctor(struct subject *subject);

#endif /* _ISCSICTL_DOCTOR_H */
