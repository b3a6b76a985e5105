// SPDX-License-Identifier: GPL-2.0
/*
 * A rule of udev calls for it when a disk comes, and so does who has brought the
 * disk: where udev is not there, or is late, the disk has its policy as well.
 */
#include "flow/policy.h"

#include "module/kernel.h"
#include "store/config.h"

static int apply_to(const struct disk *disk)
{
	uint32_t policy;
	int ret;

	ret = disk->wwid[0] ? config_load_disk(disk->wwid, &policy) : 0;
	if (ret || !disk->wwid[0] || policy == UNSET)
		return ret;
	return kernel_set_policy(policy, disk->id, NULL);
}

int policy_apply_stored(const struct strlist *names)
{
	struct disk_list disks = {};
	size_t i;
	int ret;

	if ((names && !names->count) || !config_has_disks())
		return 0;
	ret = kernel_get_disks(&disks);
	for (i = 0; i < disks.count && !ret; i++)
		if (!names || strlist_has(names, disks.item[i].name))
			ret = apply_to(&disks.item[i]);
	model_disk_list_free(&disks);
	return ret;
}
