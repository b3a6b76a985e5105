/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which logical units are one disk. Disks are found here by what their units
 * say of themselves, whatever session, target or host they were met by first.
 *
 * Units of one designator that are not one, as far as anybody can tell, clash:
 * each is a disk of its own and knows of the other.
 */
#ifndef _MPIO_IDENTITY_H
#define _MPIO_IDENTITY_H

#include <linux/types.h>

struct mpio_host;
struct mpio_disk;
struct mpio_lu;
struct mpio_path;
struct mpio_session;

/* Which units are known by which disk. */
extern struct mutex mpio_identity_mutex;

/*
 * Process context, disk->scan_mutex of no disk held. The disk for a LU that
 * @sess shows, new if need be, with a reference. -ENOMEM; -EAGAIN: the paths
 * of a disk that it resembles did not say yet how that disk is now.
 */
struct mpio_disk *mpio_identity_claim(struct mpio_session *sess,
				      const struct mpio_lu *lu);

/* Process context, mpio_identity_mutex held. The disk goes. */
void mpio_identity_forget(struct mpio_disk *disk);

/*
 * Process context, takes mpio_identity_mutex, then host->mutex. Logs a clash of the disk
 * and sends an event, once.
 */
void mpio_identity_warn(struct mpio_disk *disk);

enum mpio_verdict {
	MPIO_VERDICT_FIT,	/* the unit of the disk */
	MPIO_VERDICT_WAIT,	/* other paths have to be asked first; they are */
	MPIO_VERDICT_UNCERTAIN,	/* perhaps, but it is not to be used */
	MPIO_VERDICT_OTHER,	/* another unit, for certain */
};

/*
 * Process context. Is @lu, found at the end of @path, the unit of its disk?
 * A size that differs is believed when all paths that work agree. @why gets a
 * sentence unless it fits.
 */
enum mpio_verdict mpio_identity_check(struct mpio_path *path,
				      const struct mpio_lu *lu,
				      const char **why);

/*
 * Any context. Has the paths of the disk, but for @not, verified if they work
 * and have not answered a probe that began after @since.
 */
void mpio_identity_ask(struct mpio_disk *disk, const struct mpio_path *not,
		       unsigned long since);

/* Any context. The path was asked, and @lu is what answered. */
void mpio_identity_answered(struct mpio_path *path, const struct mpio_lu *lu);

#endif
