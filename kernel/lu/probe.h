/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking logical units who and how they are. No memory is allocated but by
 * mpio_probe_report_luns().
 */
#ifndef _MPIO_PROBE_H
#define _MPIO_PROBE_H

#include "lu/ask.h"

/*
 * Process context, sleeps for answers. Fills probe->lu.
 * -ENODEV: no LU there (any more); -ENOTCONN: the connection went away;
 * other -errno: it did not answer properly.
 */
int mpio_probe_lu(struct mpio_session *sess, struct mpio_probe *probe,
		  u64 lun);

/*
 * Process context, sleeps for the answer. REPORT LUNS into probe->buf or, when
 * that is too small, into *@big (to be freed with kfree()); @luns points
 * there. 0: these are all LUNs; -EOPNOTSUPP: the target does not know the
 * command; other -errno: nothing can be said about LUNs that are not there.
 */
int mpio_probe_report_luns(struct mpio_session *sess, struct mpio_probe *probe,
			   u8 **big, struct mpio_luns *luns);

#endif
