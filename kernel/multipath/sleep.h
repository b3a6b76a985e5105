/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sleep of the machine, suspend and hibernation.
 *
 * A command that waits for a path keeps a machine from sleeping, and that in
 * the worst of places: the process that waits for it cannot be frozen, which
 * the kernel gives up after 20 s, or the queue of its disk is drained, which
 * takes until NoPathTimeout, while the network cards sleep that a path would
 * need. So such commands are looked for before either. If one does not end within
 * MPIO_SLEEP_PATIENCE the machine stays awake, and the kernel log says why.
 */
#ifndef _MPIO_SLEEP_H
#define _MPIO_SLEEP_H

struct device;

/* Process context, may sleep; once each. 0 or -errno. */
int mpio_sleep_init(void);
void mpio_sleep_exit(void);

/*
 * Process context. @dev is a parent of all disks: it is asked before any device
 * is put to sleep, when processes have been frozen.
 */
void mpio_sleep_watch(struct device *dev);

#endif
