/* SPDX-License-Identifier: GPL-2.0 */
/* Asymmetric logical unit access (SPC-5 5.17): what target port groups may. */
#ifndef _MPIO_ALUA_H
#define _MPIO_ALUA_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_lu;
struct mpio_path;
struct mpio_probe;
struct mpio_session;

/* INQUIRY byte 5, TPGS: the initiator's business; alone: and nobody else's */
#define MPIO_TPGS_EXPLICIT	2

/* While a port group is in transition its state is asked for this often. */
#define MPIO_ALUA_POLL_MS	200

/*
 * Process context, sleeps for the answer. REPORT TARGET PORT GROUPS: what
 * probe->lu says of all port groups and of the one we came in by. 0, also for a LU
 * that does not know the command; -errno when it knows it and does not answer.
 */
int mpio_alua_ask(struct mpio_session *sess, struct mpio_probe *probe, u64 lun);

/*
 * Process context. @lu was asked through one path of @disk: its other
 * paths follow, each by its port group.
 */
void mpio_alua_share(struct mpio_disk *disk, const struct mpio_path *asked,
		     const struct mpio_lu *lu);

/*
 * Process context, sleeps for the answer. Where the target leaves it to the
 * initiator and no path of the disk is in the best state, has the port group of
 * @path (just asked, @probe->lu) made active/optimized; the preferred one,
 * too, if it was us who left it. True: the states have changed, or are about
 * to: ask again.
 */
bool mpio_alua_activate(struct mpio_path *path, struct mpio_probe *probe);

/*
 * Any context. The path carries I/O, but a worse one than there could be: its
 * port group should be activated, and now it may.
 */
bool mpio_alua_wanted(const struct mpio_path *path);

/* Any context. It is our business, and no port group is in the best state. */
bool mpio_alua_may_activate(const struct mpio_path *path);

#endif
