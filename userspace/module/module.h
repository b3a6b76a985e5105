/* SPDX-License-Identifier: GPL-2.0 */
/* Loading iscsi_mpio.ko, or saying why it cannot be loaded. */
#ifndef _ISCSICTL_MODULE_H
#define _ISCSICTL_MODULE_H

int module_load(void);

#endif /* _ISCSICTL_MODULE_H */
