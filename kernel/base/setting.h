/* SPDX-License-Identifier: GPL-2.0 */
/* Settings of sessions: their bounds and defaults. */
#ifndef _MPIO_SETTING_H
#define _MPIO_SETTING_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <net/netlink.h>

#include <uapi/linux/iscsi_mpio.h>

struct mpio_settings {
	u32 v[__MPIO_TA_MAX];	/* by enum mpio_setting_attr */
};

struct mpio_setting_rule {
	u32 def;
	struct netlink_range_validation range;	/* for policies */
};
extern struct mpio_setting_rule mpio_setting_rules[__MPIO_TA_MAX];
extern struct mpio_settings mpio_default_settings;	/* registry mutex */

/* Process context, once. */
void mpio_settings_init(void);

/* Any context. Value of setting @what, milliseconds where it is a time. */
static inline u32 mpio_setting_of(const struct mpio_settings *settings,
				  enum mpio_setting_attr what)
{
	return READ_ONCE(settings->v[what]);
}

#endif
