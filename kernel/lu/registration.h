/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registrations of persistent reservations (SPC-5 5.14), which belong to an
 * I_T nexus: each path of a disk has one of its own, and all must be the same.
 */
#ifndef _MPIO_REGISTRATION_H
#define _MPIO_REGISTRATION_H

#include <linux/types.h>

struct mpio_disk;
struct mpio_path;
struct mpio_pr_reservation;
struct mpio_probe;

/* Any context. The target says that registrations are gone: finds out. */
void mpio_registration_reverify(struct mpio_path *path);

/* -------------------------------- for reserve.c: reserve.mutex is held */

enum mpio_pr_answer {
	MPIO_PR_GOOD,
	MPIO_PR_REFUSED,	/* probe->task and ->sense say how */
	MPIO_PR_LATER,		/* not processed: the LU cannot now */
	MPIO_PR_LOST,		/* no answer; probe->task.flags: was it sent? */
};

/* Process context, sleeps. Runs the command in probe->cdb on one path. */
enum mpio_pr_answer mpio_pr_exec(struct mpio_path *path,
				 struct mpio_probe *probe, u32 cdb_len,
				 void *data, u32 len);
/* The same for a REGISTER; notes what the nexus has afterwards. */
enum mpio_pr_answer mpio_pr_register(struct mpio_path *path,
				     struct mpio_probe *probe, u8 action,
				     u64 key, u64 new_key, u8 flags);
/* Any context. Was the last command refused with RESERVATION CONFLICT? */
bool mpio_pr_conflict(const struct mpio_probe *probe);
/* 0 with the number of nexuses that have @key, and PRGENERATION; or -errno. */
int mpio_pr_count(struct mpio_path *path, struct mpio_probe *probe, u64 key,
		  u32 *count, u32 *generation);
int mpio_pr_reservation(struct mpio_path *path, struct mpio_probe *probe,
			struct mpio_pr_reservation *res);

/* The nexus has @key, unless its verify_gen has changed since @gen. */
void mpio_registration_set(struct mpio_path *path, u64 key, u32 gen);
/* We are about to cause unit attentions; or they have been read. */
void mpio_registration_absorb(struct mpio_disk *disk, bool absorbs);
/* The nexus may have lost it. */
void mpio_registration_unsure(struct mpio_path *path);
/* The disk has @key; paths that have not are not sure any more. */
void mpio_registration_commit(struct mpio_disk *disk, u64 key, u8 flags);
/*
 * The disk has no registration any more. What a nexus may still have is removed
 * before it carries I/O. @cleared: the target has removed all there were.
 */
void mpio_registration_drop(struct mpio_disk *disk, bool cleared);
/* A REGISTER for @key was sent and may be executed or not. @adds: even anew. */
void mpio_registration_unchecked(struct mpio_path *path, u64 key, bool adds);
/* Paths that carry I/O without the disk's registration stop until they do. */
void mpio_registration_sweep(struct mpio_disk *disk);

#endif
