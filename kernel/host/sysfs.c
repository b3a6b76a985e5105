// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes for people and udev rules, read only: everything that can be
 * changed is changed through netlink.
 *
 * A device's files are gone before its hostdata is, so a disk seen here lives
 * until the function returns; its paths are read under RCU.
 */
#include "host/sysfs.h"

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sysfs.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "multipath/host.h"
#include "multipath/disk.h"
#include "multipath/path.h"
#include "session/session.h"

static const char *const mpio_policy_names[__MPIO_POLICY_MAX] = {
	[MPIO_POLICY_UNSET]	= "unset",
	[MPIO_POLICY_FOO]	= "FOO",
	[MPIO_POLICY_RR]	= "RR",
	[MPIO_POLICY_RRWS]	= "RRWS",
	[MPIO_POLICY_LQD]	= "LQD",
	[MPIO_POLICY_WP]	= "WP",
	[MPIO_POLICY_LB]	= "LB",
	[MPIO_POLICY_LATENCY]	= "latency",
};

static struct mpio_disk *mpio_dev_disk(struct device *dev)
{
	return READ_ONCE(to_scsi_device(dev)->hostdata);
}

/* The part of a text that a reader asks for: @room bytes from @skip on. */
struct mpio_part {
	char *buf;
	size_t len, room;
	loff_t skip;
};

static void mpio_put_line(struct mpio_part *part, const char *line,
			  size_t len)
{
	size_t n;

	if (part->skip >= len) {
		part->skip -= len;
		return;
	}
	n = min_t(size_t, len - part->skip, part->room - part->len);
	memcpy(part->buf + part->len, line + part->skip, n);
	part->len += n;
	part->skip = 0;
}

static void mpio_put_path(struct mpio_part *part,
			  const struct mpio_path *path)
{
	const struct mpio_session_config *cfg = &path->sess->cfg;
	char line[MPIO_ADDRESS_MAX + MPIO_NAME_MAX + 64];
	int len;

	len = scnprintf(line, sizeof(line), "%pISpc %s %llu %s\n",
			&cfg->portal, cfg->target_name, path->lun,
			mpio_path_state_name(READ_ONCE(path->state)));
	mpio_put_line(part, line, len);
}

/*
 * One line for each path: ADDRESS:PORT NAME LUN STATE. Binary, as those of all
 * paths may take more than a page.
 */
static ssize_t mpio_paths_read(struct file *file, struct kobject *kobj,
			       MPIO_BIN_ATTRIBUTE *attr, char *buf,
			       loff_t offset, size_t count)
{
	struct mpio_disk *disk = mpio_dev_disk(kobj_to_dev(kobj));
	struct mpio_part part = {
		.buf = buf,
		.room = count,
		.skip = offset,
	};
	const struct mpio_path_set *set;
	unsigned int i;

	if (!disk)
		return -ENODEV;
	rcu_read_lock();
	set = rcu_dereference(disk->paths);
	for (i = 0; set && i < set->count; i++)
		mpio_put_path(&part, set->path[i]);
	rcu_read_unlock();
	return part.len;
}

static MPIO_BIN_ATTRIBUTE mpio_paths_attr = {
	.attr = { .name = "paths", .mode = 0444 },
	.read = mpio_paths_read,
};

static MPIO_BIN_ATTRIBUTE *mpio_sdev_bin_attrs[] = {
	&mpio_paths_attr,
	NULL
};

/* The load balance policy in force. */
static ssize_t policy_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct mpio_disk *disk = mpio_dev_disk(dev);
	enum mpio_policy policy;

	if (!disk)
		return -ENODEV;
	policy = READ_ONCE(disk->policy);
	return sysfs_emit(buf, "%s\n", policy < __MPIO_POLICY_MAX ?
			  mpio_policy_names[policy] : "unknown");
}
static DEVICE_ATTR_RO(policy);

/* The number by which netlink knows the disk. */
static ssize_t mpio_disk_id_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	struct mpio_disk *disk = mpio_dev_disk(dev);

	return disk ? sysfs_emit(buf, "%u\n", disk->id) : -ENODEV;
}
static DEVICE_ATTR_RO(mpio_disk_id);

static struct attribute *mpio_sdev_attrs[] = {
	&dev_attr_policy.attr,
	&dev_attr_mpio_disk_id.attr,
	NULL
};

static const struct attribute_group mpio_sdev_group = {
	.attrs = mpio_sdev_attrs,
	.bin_attrs = mpio_sdev_bin_attrs,
};

const struct attribute_group *mpio_sdev_groups[] = {
	&mpio_sdev_group,
	NULL
};

static struct mpio_host *mpio_dev_group(struct device *dev)
{
	return *(struct mpio_host **)shost_priv(class_to_shost(dev));
}

static ssize_t target_name_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", mpio_dev_group(dev)->target_name);
}
static DEVICE_ATTR_RO(target_name);

static ssize_t multipath_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", mpio_dev_group(dev)->multipath);
}
static DEVICE_ATTR_RO(multipath);

static struct attribute *mpio_shost_attrs[] = {
	&dev_attr_target_name.attr,
	&dev_attr_multipath.attr,
	NULL
};

static const struct attribute_group mpio_shost_group = {
	.attrs = mpio_shost_attrs,
};

const struct attribute_group *mpio_shost_groups[] = {
	&mpio_shost_group,
	NULL
};
