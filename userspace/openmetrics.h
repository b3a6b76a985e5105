/* SPDX-License-Identifier: GPL-2.0 */
/* Counters and states as OpenMetrics 1.0 text, for Prometheus. */
#ifndef _ISCSICTL_OPENMETRICS_H
#define _ISCSICTL_OPENMETRICS_H

#include "model.h"

/* Asks for the sessions itself. Returns 0 or a code with a reason. */
int openmetrics_print(const struct info *info, const struct disk_list *disks,
		      const struct path_list *paths);

#endif /* _ISCSICTL_OPENMETRICS_H */
