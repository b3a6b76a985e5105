/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters and states as OpenMetrics 1.0 text, or as the text format 0.0.4 of
 * Prometheus, which the textfile collector of its node_exporter reads.
 */
#ifndef _ISCSICTL_OPENMETRICS_H
#define _ISCSICTL_OPENMETRICS_H

#include "module/model.h"

/*
 * Asks for the sessions itself; @classic: 0.0.4. Returns 0 or a code with a
 * reason.
 */
int openmetrics_print(const struct info *info, const struct disk_list *disks,
		      const struct path_list *paths, bool classic);

#endif /* _ISCSICTL_OPENMETRICS_H */
