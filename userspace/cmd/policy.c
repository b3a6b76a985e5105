// SPDX-License-Identifier: GPL-2.0
/* policy get, policy set: disk > target > default > by ALUA */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/disk.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/policy.h"
#include "module/kernel.h"
#include "store/config.h"

struct policy_options {
	const char *disk;
	const char *node;
	bool is_default;
};

static const struct option policy_options[] = {
	{ "disk", OPT_STRING, offsetof(struct policy_options, disk), "DISK",
	  "of this disk" },
	{ "node", OPT_STRING, offsetof(struct policy_options, node), "IQN",
	  "of all disks of this target" },
	{ "default", OPT_FLAG, offsetof(struct policy_options, is_default),
	  NULL, "where nothing else is said" },
	{}
};

static int print_policies(const struct policy_options *o)
{
	struct disk_list disks = {};
	char whole[64] = "";
	struct disk *d;
	size_t i;
	int ret = kernel_get_disks(&disks);

	if (ret)
		return ret;
	if (o->disk)
		disk_whole(o->disk, whole, sizeof(whole));
	print_open(PRINT_TABLE);
	for (i = 0; i < disks.count; i++) {
		d = &disks.item[i];
		if ((o->disk && strcmp(whole, d->name)) ||
		    (o->node && mpio_name_compare(o->node, d->target)))
			continue;
		print_row();
		print_str("Disk", "DISK", d->name);
		print_str("LoadBalancePolicy", "POLICY",
			  model_policy_name(d->policy));
		print_str("PolicySource", "FROM",
			  model_policy_source_name(d->policy_source));
		print_u64("Paths", "PATHS", d->paths);
		print_u64("PathsReady", "READY", d->paths_ready);
		print_str("TargetNodeAddress", "TARGET", d->target);
		print_str("WWID", "WWID", d->wwid);
		print_u64("Size", NULL, d->size);
	}
	print_close();
	model_disk_list_free(&disks);
	return 0;
}

static int print_default(void)
{
	struct info info;
	int ret = kernel_get_info(&info);

	if (ret)
		return ret;
	print_open(PRINT_TABLE);
	print_row();
	print_str("LoadBalancePolicy", "POLICY", model_policy_name(info.policy));
	print_close();
	return 0;
}

static int policy_get(const struct strlist *operands, const void *options)
{
	const struct policy_options *o = options;
	int ret = kernel_open();

	(void)operands;
	if (!ret)
		ret = o->is_default ? print_default() : print_policies(o);
	return ret ? failed(ret, "cannot get the policy") : 0;
}

/* "sda", "/dev/sda", any link to it or to a partition of it. */
static int find_disk(const char *name, struct disk *found)
{
	struct disk_list disks = {};
	char whole[64];
	size_t i;
	int ret = kernel_get_disks(&disks);

	memset(found, 0, sizeof(*found));
	disk_whole(name, whole, sizeof(whole));
	for (i = 0; i < disks.count; i++)
		if (!strcmp(disks.item[i].name, whole))
			*found = disks.item[i];
	model_disk_list_free(&disks);
	if (!ret && !found->id)
		ret = because(CODE_NOT_FOUND, "%s is not a disk of ours",
			      name);
	return ret;
}

/* Stores the disk's policy under its world-wide name, as other names may change. */
static int store_disk(const struct disk *disk, uint32_t policy)
{
	int ret;

	if (!disk->wwid[0]) {
		note("disk %s has no world-wide name: its policy ends with it",
		     disk->name);
		return 0;
	}
	ret = config_store_disk(disk->wwid, policy);
	if (!ret && !options_given()->json && !options_given()->dry_run)
		printf("changed: disk %s, and stored for %s\n", disk->name,
		       disk->wwid);
	return ret;
}

static int store(const char *target, uint32_t policy)
{
	struct login blank;

	model_login_init(&blank);
	return config_store(target, &blank.settings, policy);
}

static int set_policy(const struct policy_options *o, uint32_t policy)
{
	char target[MPIO_NAME_MAX + 1];
	struct disk disk = {};
	int ret;

	if (!!o->disk + !!o->node + o->is_default != 1)
		return because(CODE_INVALID,
			       "give one of --disk, --node and --default");
	if (o->node && address_parse_name(o->node, target))
		return CODE_INVALID;
	ret = kernel_open();
	if (!ret && o->disk)
		ret = find_disk(o->disk, &disk);
	if (!ret)
		ret = kernel_set_policy(policy, disk.id,
					o->node ? target : NULL);
	if (ret)
		return ret;
	if (o->disk)
		return store_disk(&disk, policy);
	return store(o->node ? target : NULL, policy);
}

static int policy_set(const struct strlist *operands, const void *options)
{
	uint32_t policy;
	int ret;

	ret = model_policy_parse(operands->item[0], &policy);
	if (!ret)
		ret = set_policy(options, policy);
	return ret ? failed(ret, "cannot set policy %s", operands->item[0]) :
	       0;
}

/*
 * Applies the stored policies to the disks that are there; udev has this run for each
 * new disk.
 */
static int apply(const char *name)
{
	struct strlist names = {};
	int ret;

	if (!config_has_disks())
		return 0;
	ret = kernel_open_loaded();
	if (ret)
		return ret == CODE_UNSUPPORTED ? 0 : ret;
	if (name)
		strlist_add(&names, disk_name(name));
	ret = policy_apply_stored(name ? &names : NULL);
	strlist_free(&names);
	return ret;
}

struct apply_options {
	const char *disk;
};

static const struct option apply_options[] = {
	{ "disk", OPT_STRING, offsetof(struct apply_options, disk), "DISK",
	  "to this disk alone" },
	{}
};

static int policy_apply(const struct strlist *operands, const void *options)
{
	const struct apply_options *o = options;
	int ret = apply(o->disk);

	(void)operands;
	return ret ? failed(ret, "cannot apply policies") : 0;
}

const struct command policy_commands[] = {
	{ "policy", "get", "", 0, 0, policy_options,
	  sizeof(struct policy_options), policy_get,
	  "show which path selection is in force",
	  .columns = "DISK POLICY FROM PATHS READY TARGET" },
	{ "policy", "set", "POLICY", 1, 1, policy_options,
	  sizeof(struct policy_options), policy_set,
	  "FOO, RR, RRWS, LQD, WP, LB, latency or unset" },
	{ "policy", "apply", "", 0, 0, apply_options,
	  sizeof(struct apply_options), policy_apply,
	  "give disks the policies that are stored for them" },
	{}
};
