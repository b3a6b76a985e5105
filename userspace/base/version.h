/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ISCSICTL_VERSION_H
#define _ISCSICTL_VERSION_H

#define ISCSICTL_VERSION "0.1.0"

#endif /* _ISCSICTL_VERSION_H */
