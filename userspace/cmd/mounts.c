// SPDX-License-Identifier: GPL-2.0
/* mounts: lines of /etc/fstab and /etc/crypttab on disks of ours */
#include <stdlib.h>

#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/mounts.h"

struct mounts_options {
	bool store;
};

static const struct option mounts_options[] = {
	{ "store", OPT_FLAG, offsetof(struct mounts_options, store), NULL,
	  "remember them for the next start, print nothing" },
	{}
};

static void print_line(const struct mount_line *m)
{
	print_row();
	print_str("File", NULL, m->file);
	print_str("Where", "WHERE", m->where);
	print_str("What", "WHAT", m->what);
	print_str("Disk", "DISK", m->disk);
	print_bool("NetDev", "_NETDEV", m->netdev);
	print_str("Order", "ORDER", m->early ? "initramfs" :
		  m->netdev ? "network" :
		  mounts_local(m) ? "network (no _netdev)" : "local");
}

static int mounts(const struct strlist *operands, const void *options)
{
	const struct mounts_options *o = options;
	struct mount_list list;
	size_t i;
	int ret;

	(void)operands;
	ret = mounts_find(&list);
	if (!ret && o->store && !options_given()->dry_run)
		ret = mounts_store(&list);
	if (!ret && !o->store) {
		print_open(PRINT_TABLE);
		for (i = 0; i < list.count; i++)
			if (list.item[i].disk[0] || list.item[i].noted)
				print_line(&list.item[i]);
		print_close();
	}
	mounts_free(&list);
	return ret ? failed(ret, "cannot remember the mounts") : 0;
}

const struct command mounts_commands[] = {
	{ NULL, "mounts", "", 0, 0, mounts_options,
	  sizeof(struct mounts_options), mounts,
	  "tell which lines of fstab and crypttab are on our disks" },
	{}
};
