// SPDX-License-Identifier: GPL-2.0
#include "base/setting.h"

#include <linux/init.h>

#define DAY_MS	(24 * 3600 * 1000)

const struct mpio_setting_rule mpio_setting_rules[__MPIO_TA_MAX] = {
	[MPIO_TA_NOP_INTERVAL]	= { "NopInterval", 5000, 0, DAY_MS },
	[MPIO_TA_NOP_TIMEOUT]	= { "NopTimeout", 5000, 50, DAY_MS },
	[MPIO_TA_LOGIN_TIMEOUT]	= { "LoginTimeout", 15000, 100, DAY_MS },
	[MPIO_TA_RECONNECT_DELAY_MIN] = { "ReconnectDelayMin", 100, 10, DAY_MS },
	[MPIO_TA_RECONNECT_DELAY_MAX] = { "ReconnectDelayMax", 5000, 10, DAY_MS },
	[MPIO_TA_NO_PATH_TIMEOUT] = { "NoPathTimeout", 120000, 0,
				      MPIO_FOREVER },
	[MPIO_TA_TMF_TIMEOUT]	= { "TmfTimeout", 10000, 100, DAY_MS },
	[MPIO_TA_FENCE_MODE]	= { "FenceMode", MPIO_FENCE_AUTO, 0,
				    __MPIO_FENCE_MAX - 1 },
	[MPIO_TA_FENCE_TIMEOUT]	= { "FenceTimeout", 10000, 0, DAY_MS },
	[MPIO_TA_QUEUE_DEPTH]	= { "QueueDepth", 128, 1, 1024 },
	[MPIO_TA_MARGINAL_HOLD_DOWN] = { "MarginalHoldDown", 10000, 0, DAY_MS },
	[MPIO_TA_PROCESSOR]	= { "Processor", MPIO_ANY_PROCESSOR, 0,
				    MPIO_ANY_PROCESSOR },
	[MPIO_TA_DSCP]		= { "Dscp", 0, 0, 63 },
	[MPIO_TA_CONGESTION_CONTROL] = { "CongestionControl",
					 MPIO_CONGESTION_DEFAULT, 0,
					 __MPIO_CONGESTION_MAX - 1 },
	[MPIO_TA_PATH_VERIFY_PERIOD] = { "PathVerifyPeriod", 5000, 100,
					 DAY_MS },
	[MPIO_TA_MARGINAL_RANK]	= { "MarginalRank", MPIO_MARGINAL_ACCESS, 0,
				    __MPIO_MARGINAL_MAX - 1 },
	[MPIO_TA_SAME_UNIT]	= { "SameUnit", 0, 0, 1 },
};

struct mpio_settings mpio_default_settings;

void __init mpio_settings_init(void)
{
	unsigned int i;

	for (i = 1; i < __MPIO_TA_MAX; i++)
		mpio_default_settings.v[i] = mpio_setting_rules[i].def;
}
