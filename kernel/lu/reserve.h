/* SPDX-License-Identifier: GPL-2.0 */
/* PERSISTENT RESERVE OUT of a disk; see reserve.c. */
#ifndef _MPIO_RESERVE_H
#define _MPIO_RESERVE_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_task;

/* Once for each disk. */
void mpio_reserve_init(struct mpio_disk *disk);

/*
 * Any context. Takes a PERSISTENT RESERVE OUT, which ends by itself when all
 * nexuses that it concerns have answered. The caller owned the task and has
 * lost it afterwards.
 */
void mpio_reserve_submit(struct mpio_disk *disk, struct mpio_task *task);

/* Any context, for a task that is about to be submitted. */
void mpio_reserve_note_issuer(struct mpio_task *task);

#endif
