// SPDX-License-Identifier: GPL-2.0
/* One xarray entry a LUN, weight and preference packed into it. */
#include "base/path_config.h"

#include <linux/slab.h>
#include <linux/xarray.h>

#define MPIO_WEIGHT_DEFAULT	1

struct mpio_path_configs {
	struct xarray by_lun;	/* its own lock */
};

struct mpio_path_configs *mpio_path_configs_alloc(void)
{
	struct mpio_path_configs *configs = kmalloc(sizeof(*configs), GFP_KERNEL);

	if (configs)
		xa_init(&configs->by_lun);
	return configs;
}

void mpio_path_configs_free(struct mpio_path_configs *configs)
{
	if (configs)
		xa_destroy(&configs->by_lun);
	kfree(configs);
}

struct mpio_path_config mpio_path_config_get(struct mpio_path_configs *configs,
					     u64 lun)
{
	struct mpio_path_config config = { .weight = MPIO_WEIGHT_DEFAULT };
	void *entry = xa_load(&configs->by_lun, lun);

	if (entry) {
		config.weight = xa_to_value(entry) >> 1;
		config.preferred = xa_to_value(entry) & 1;
	}
	return config;
}

int mpio_path_config_set(struct mpio_path_configs *configs, u64 lun,
			 struct mpio_path_config config)
{
	unsigned long value = (unsigned long)config.weight << 1 | config.preferred;

	return xa_err(xa_store(&configs->by_lun, lun, xa_mk_value(value),
			       GFP_KERNEL));
}
