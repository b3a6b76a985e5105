/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPIO_COMPAT_LINUX_BLK_MQ_H
#define _MPIO_COMPAT_LINUX_BLK_MQ_H

#include_next <linux/blk-mq.h>

#ifndef HAVE_BLK_MQ_ALLOC_DISK_LIMITS
#undef blk_mq_alloc_disk
#define blk_mq_alloc_disk(set, limits, data)				\
({									\
	static struct lock_class_key __key;				\
									\
	(void)(limits);							\
	__blk_mq_alloc_disk(set, data, &__key);				\
})
#endif

#endif
