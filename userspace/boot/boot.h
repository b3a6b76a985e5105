/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of iscsi-mpio-boot. Each returns an exit code (error.h). */
#ifndef _BOOT_BOOT_H
#define _BOOT_BOOT_H

#include <stdbool.h>

/* In the initramfs: network, sessions, wait for the first disk. */
int boot_start(void);

/*
 * The sessions alone, in an initramfs whose network and wait for the disk are
 * others' business; root paths of DHCP servers are @path. CODE_AGAIN when a
 * name or a root path is not there yet: to be called again.
 */
int boot_sessions(char **path, int count);

/*
 * At the beginning of a shutdown: from now on commands wait at most
 * @seconds for a path.
 */
int boot_bound(unsigned int seconds);

/* The machine lives on: what boot_bound() has changed is as it was. */
int boot_unbound(void);

/*
 * At the end of a shutdown, @how being reboot, poweroff, halt or kexec: when
 * the root file system's disk is gone, nothing can be read any more that
 * would end this machine, so it is done here, at once. Returns 0 when the
 * root is alive or none of ours.
 */
int boot_last(const char *how, unsigned int seconds);

/* Is the root file system, or /usr, on a disk of ours? */
bool boot_root_is_ours(void);

/*
 * Copies this program and its libraries into a tmpfs at @dir, from where they
 * can be run when the root file system cannot be read. If that is on a disk of
 * ours, what else takes part in the end of a machine is read into memory.
 */
int boot_stay(const char *dir);

/* Runs modprobe(8); a module that is there or built in is fine. */
int boot_modprobe(const char *name);

#endif /* _BOOT_BOOT_H */
