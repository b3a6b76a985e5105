/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of /etc/fstab and /etc/crypttab that are on disks of ours. What lacks
 * _netdev among them is remembered in a file, as a generator of systemd that
 * orders it behind the network runs before there is any disk to look at.
 */
#ifndef _ISCSICTL_MOUNTS_H
#define _ISCSICTL_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

struct mount_line {
	const char *file;	/* "fstab" or "crypttab" */
	char *what, *where;	/* as they are written there */
	char disk[32];		/* the disk of ours below, or "" */
	bool present;		/* there is such a device now */
	bool netdev;		/* it says so itself */
	bool early;		/* the initramfs brings its disk */
	bool noted;		/* it is in the file */
};

struct mount_list {
	struct mount_line *item;
	size_t count;
};

/* 0 or an exit code with why(). mounts_free() in either case. */
int mounts_find(struct mount_list *list);
void mounts_free(struct mount_list *list);

/* Would systemd wait for it before there is a network? */
bool mounts_local(const struct mount_line *line);
/* Brings the file up to date; it is written only if that changes something. */
int mounts_store(const struct mount_list *list);

#endif /* _ISCSICTL_MOUNTS_H */
