// SPDX-License-Identifier: GPL-2.0
#include "base/setting.h"

#include <linux/cache.h>
#include <linux/init.h>

#define DAY_MS	(24 * 3600 * 1000)

/* Not const: policies of 6.1 take no const range. */
struct mpio_setting_rule mpio_setting_rules[__MPIO_TA_MAX] __ro_after_init = {
	[MPIO_TA_NOP_INTERVAL]	= { 5000, { 0, DAY_MS } },
	[MPIO_TA_NOP_TIMEOUT]	= { 5000, { 50, DAY_MS } },
	[MPIO_TA_LOGIN_TIMEOUT]	= { 15000, { 100, DAY_MS } },
	[MPIO_TA_RECONNECT_DELAY_MIN] = { 100, { 10, DAY_MS } },
	[MPIO_TA_RECONNECT_DELAY_MAX] = { 5000, { 10, DAY_MS } },
	[MPIO_TA_NO_PATH_TIMEOUT] = { 120000, { 0, MPIO_FOREVER } },
	[MPIO_TA_TMF_TIMEOUT]	= { 10000, { 100, DAY_MS } },
	[MPIO_TA_FENCE_MODE]	= { MPIO_FENCE_AUTO, { 0, __MPIO_FENCE_MAX - 1 } },
	[MPIO_TA_FENCE_TIMEOUT]	= { 10000, { 0, DAY_MS } },
	[MPIO_TA_QUEUE_DEPTH]	= { 128, { 1, 1024 } },
	[MPIO_TA_MARGINAL_HOLD_DOWN] = { 10000, { 0, DAY_MS } },
	[MPIO_TA_PROCESSOR]	= { MPIO_ANY_PROCESSOR, { 0, MPIO_ANY_PROCESSOR } },
	[MPIO_TA_DSCP]		= { 0, { 0, 63 } },
	[MPIO_TA_CONGESTION_CONTROL] = { MPIO_CONGESTION_DEFAULT,
					 { 0, __MPIO_CONGESTION_MAX - 1 } },
	[MPIO_TA_PATH_VERIFY_PERIOD] = { 5000, { 100, DAY_MS } },
	[MPIO_TA_MARGINAL_RANK]	= { MPIO_MARGINAL_ACCESS,
				    { 0, __MPIO_MARGINAL_MAX - 1 } },
	[MPIO_TA_SAME_UNIT]	= { 0, { 0, 1 } },
};

struct mpio_settings mpio_default_settings;

void __init mpio_settings_init(void)
{
	unsigned int i;

	for (i = 1; i < __MPIO_TA_MAX; i++)
		mpio_default_settings.v[i] = mpio_setting_rules[i].def;
}
