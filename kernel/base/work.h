/* SPDX-License-Identifier: GPL-2.0 */
/* Workqueues, one for each kind of waiting, and whether the machine goes down. */
#ifndef _MPIO_WORK_H
#define _MPIO_WORK_H

#include <linux/types.h>
#include <linux/workqueue.h>

extern struct workqueue_struct *mpio_io_wq;
extern struct workqueue_struct *mpio_recover_wq;
extern struct workqueue_struct *mpio_login_wq;
extern struct workqueue_struct *mpio_probe_wq;
extern struct workqueue_struct *mpio_scan_wq;
extern struct workqueue_struct *mpio_driver_wq;
extern struct workqueue_struct *mpio_submit_wq;

/* Process context, may sleep; once. 0 or -ENOMEM. */
int mpio_work_init(void);
/* Process context, may sleep. What is queued runs before. */
void mpio_work_exit(void);

/* Any context. The machine goes down: nothing waits for a path any more. */
bool mpio_shutting_down(void);
/* Process context. From now on it does. */
void mpio_shut_down(void);

/* Any context. The machine is going to sleep, sleeps or has not yet woken up. */
bool mpio_asleep(void);
/* Process context. */
void mpio_fall_asleep(bool asleep);

#endif
