/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Weight and preference of a session's paths, by LUN, as configured. It is kept while
 * the session lives, so that a path has it from its first moment, whether the
 * session has just been restored or a LU was away for a while.
 */
#ifndef _MPIO_PATH_CONFIG_H
#define _MPIO_PATH_CONFIG_H

#include <linux/types.h>

struct mpio_path_configs;

#define MPIO_WEIGHT_MAX		65535
#define MPIO_CONFIG_LUNS		16384	/* SAM-5: LUNs of one level */

struct mpio_path_config {
	u32 weight;	/* at most MPIO_WEIGHT_MAX */
	bool preferred;
};

/* Process context. None so far, or NULL. mpio_path_configs_free() takes NULL, too. */
struct mpio_path_configs *mpio_path_configs_alloc(void);
void mpio_path_configs_free(struct mpio_path_configs *configs);

/* Process context. What holds for @lun: the defaults if nothing was said. */
struct mpio_path_config mpio_path_config_get(struct mpio_path_configs *configs,
					     u64 lun);

/* Process context. 0; or -ENOMEM, then nothing was changed. */
int mpio_path_config_set(struct mpio_path_configs *configs, u64 lun,
			 struct mpio_path_config config);

#endif
